"""What the platform left open is looked up, at the platform, until its end is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from hotline.carrier.outbound import Answer
from hotline.carrier.twilio_rest import Seen
from hotline.errors import CarrierRefused, CarrierUncertain
from hotline.rules.delivery import FIRST_LOOK, LAST_LOOK, NEXT_LOOK, AttemptState
from hotline.rules.staff_pages import WORDS, Page
from hotline.services.line import Line
from hotline.services.notify import run_due
from hotline.services.settle import UNCERTAIN_FOR, settle
from hotline.store.models import Attempt
from tests.services.outbox import Outbox, refusing

FIRST, SECOND = "+12025550101", "+12025550102"
MINUTE = timedelta(minutes=1)


@dataclass
class Records:
    """The platform's records: what it has of calls and texts, and what was asked of it."""

    has: list[Seen] = field(default_factory=list)
    refuses: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def look_up_text(self, sid: str) -> Seen:
        self.asked.append(sid)
        if sid in self.refuses:
            raise CarrierRefused(self.refuses[sid], 0)
        return next(seen for seen in self.has if seen.sid == sid)

    look_up_call = look_up_text

    def texts_to(self, to: str, since: datetime) -> Sequence[Seen]:
        self.asked.append(to)
        return [seen for seen in self.has if seen.to == to and (seen.created_at or since) >= since]

    calls_to = texts_to


class Settling(Outbox):
    """An outbox whose platform can be asked again."""

    records: Records

    def settles(self, **span: float) -> int:
        """Time goes by, and what is due to be looked up is."""
        self.goes(**span)
        return settle(self.line)

    def has(self, sid: str, status: str, **more: object) -> None:
        """The platform has a text, created now unless it says otherwise."""
        state = AttemptState(status)
        seen = Seen(sid, to=FIRST, created_at=self.line.clock(), state=state, raw_status=status, error_code=None)
        self.records.has.append(replace(seen, **more))  # type: ignore[arg-type]

    def one(self) -> Attempt:
        [attempt] = self.attempts()
        return attempt


@pytest.fixture
def outbox(line: Line) -> Settling:
    made, records = Outbox.of(line), Records()
    settling = Settling(replace(made.line, carrier=records), made.platform)  # type: ignore[arg-type]
    settling.records = records
    return settling


def news(outbox: Settling, *numbers: str, **wishes: object) -> Settling:
    """News goes out to these numbers."""
    subject = outbox.person()
    for number in numbers or (FIRST,):
        outbox.sign_up(number, subject, **wishes)
    outbox.news(subject)
    run_due(outbox.line)
    return outbox


@pytest.fixture
def sent(outbox: Settling) -> Settling:
    """A text that the platform took, and whose end it never told."""
    return news(outbox)


@pytest.fixture
def cut(outbox: Settling) -> Settling:
    """A text after which the line was cut: it may be on its way."""
    outbox.platform.says = lambda request: Answer(request.key, fault=CarrierUncertain("cut"))
    return news(outbox)


def test_what_has_no_end_after_ten_minutes_is_looked_up_then_every_quarter_of_an_hour(sent: Settling) -> None:
    sid = str(sent.one().sid)
    sent.has(sid, "sent")
    assert sent.settles(minutes=9) == 0
    looks = [sent.settles(minutes=1) for _ in range(40)]
    first, then = FIRST_LOOK // MINUTE, NEXT_LOOK // MINUTE
    assert [minute for minute, looked in enumerate(looks, 10) if looked] == [first, first + then, first + 2 * then]
    assert set(sent.records.asked) == {sid}


def test_an_end_that_a_look_up_finds_is_the_end(sent: Settling) -> None:
    sent.has(str(sent.one().sid), "delivered")
    sent.settles(minutes=10)
    [delivery] = sent.deliveries()
    assert (sent.one().status, delivery.status, delivery.reason) == ("delivered", "told", "delivered")
    assert sent.settles(hours=3) == 0


def test_a_text_that_the_platform_knows_nothing_of_any_more_is_waited_for_no_longer_and_a_person_looks(
    sent: Settling,
) -> None:
    sent.records.refuses[str(sent.one().sid)] = 404
    sent.settles(minutes=10)
    assert sent.one().ended_at is not None
    assert sent.tasks() == ["not_delivered"]
    assert (sent.settles(hours=3), run_due(sent.line).placed) == (0, 0)


def test_a_call_that_the_platform_knows_nothing_of_any_more_is_placed_again(outbox: Settling) -> None:
    news(outbox, texts=False, calls=True)
    outbox.records.refuses[str(outbox.one().sid)] = 404
    outbox.settles(minutes=10)
    outbox.goes(minutes=30)
    run_due(outbox.line)
    assert outbox.platform.called == [FIRST, FIRST]
    assert outbox.tasks() == []


def test_what_has_no_end_after_a_day_is_given_up_and_a_person_looks(sent: Settling) -> None:
    sent.has(str(sent.one().sid), "sent")
    sent.goes(hours=LAST_LOOK / timedelta(hours=1))
    assert sent.settles() == 1
    assert sent.one().ended_at is None
    sent.settles(minutes=16)
    assert sent.one().ended_at is not None
    assert sent.tasks() == ["not_delivered"]
    assert sent.settles(hours=1) == 0


def test_one_look_up_that_is_refused_holds_up_no_other(outbox: Settling) -> None:
    news(outbox, FIRST, SECOND)
    first, second = (str(attempt.sid) for attempt in outbox.attempts())
    outbox.records.refuses[first] = 403
    outbox.has(second, "delivered")
    outbox.settles(minutes=10)
    assert sorted(attempt.status for attempt in outbox.attempts()) == ["accepted", "delivered"]


def test_a_platform_that_is_down_is_asked_once_and_the_others_wait_for_their_turn(outbox: Settling) -> None:
    news(outbox, FIRST, SECOND)
    outbox.records.refuses = {str(attempt.sid): 503 for attempt in outbox.attempts()}
    outbox.settles(minutes=10)
    assert len(outbox.records.asked) == 1
    outbox.settles(minutes=15)
    assert len(outbox.records.asked) == 2


def test_what_may_have_left_and_is_found_is_not_sent_again(cut: Settling) -> None:
    cut.has("S1", "sent")
    cut.settles(minutes=1)
    assert (cut.one().sid, cut.one().status) == ("S1", "sent")
    cut.goes(hours=1)
    assert run_due(cut.line).placed == 0


def test_what_may_have_left_and_is_not_found_is_sent_again_once_the_platform_had_its_time(cut: Settling) -> None:
    cut.platform.says = lambda request: Answer(request.key, sid="S2")
    cut.settles(minutes=1)
    assert cut.one().status == "uncertain"
    cut.settles(minutes=UNCERTAIN_FOR / MINUTE)
    assert cut.one().status == "failed"
    assert run_due(cut.line).placed == 1


NOT_OURS: dict[str, Callable[[Settling], None]] = {
    "a page to staff": lambda box: box.has("S1", "delivered", body=WORDS[Page.FEED_LATE].text),
    "one from long before": lambda box: box.has("S1", "sent", created_at=box.line.clock() - 5 * MINUTE),
    "one from long after": lambda box: box.has("S1", "sent", created_at=box.line.clock() + 5 * MINUTE),
}


@pytest.mark.parametrize("what", NOT_OURS.values(), ids=NOT_OURS)
def test_another_text_to_the_same_number_is_not_taken_for_it(cut: Settling, what: Callable[[Settling], None]) -> None:
    what(cut)
    cut.settles(minutes=1)
    assert (cut.one().sid, cut.one().status) == (None, "uncertain")


def test_of_several_that_it_may_be_the_first_that_no_other_attempt_has_is_taken(outbox: Settling) -> None:
    first, second = outbox.person(), outbox.person()
    for subject in (first, second):
        outbox.sign_up(FIRST, subject)
    outbox.news(first)
    run_due(outbox.line)
    known = str(outbox.one().sid)
    outbox.platform.says = lambda request: Answer(request.key, fault=CarrierUncertain("cut"))
    outbox.news(second)
    run_due(outbox.line)
    at = outbox.line.clock()
    outbox.has("S-late", "sent", created_at=at + timedelta(seconds=9))
    outbox.has(known, "sent")
    outbox.has("S-early", "sent", created_at=at + timedelta(seconds=3))
    outbox.settles(minutes=1)
    assert sorted(str(attempt.sid) for attempt in outbox.attempts()) == sorted([known, "S-early"])


def test_two_that_may_be_one_another_get_one_each(outbox: Settling) -> None:
    outbox.platform.says = lambda request: Answer(request.key, fault=CarrierUncertain("cut"))
    first, second = outbox.person(), outbox.person()
    for subject in (first, second):
        outbox.sign_up(FIRST, subject)
        outbox.news(subject)
    run_due(outbox.line)
    for sid in ("S1", "S2"):
        outbox.has(sid, "sent")
    outbox.settles(minutes=1)
    assert sorted(str(attempt.sid) for attempt in outbox.attempts()) == ["S1", "S2"]


def test_what_was_refused_at_once_is_never_looked_up(outbox: Settling) -> None:
    outbox.platform.says = refusing(400, 21211)
    news(outbox)
    assert outbox.settles(hours=2) == 0
