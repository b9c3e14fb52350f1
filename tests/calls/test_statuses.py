"""What the platform tells of a text or a call, word by word and code by code, and what follows for everybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import select

from hotline.rules.delivery import CALL_STATUS, MESSAGE_STATUS
from hotline.rules.platform_errors import CODES, CONSEQUENCES, Verdict
from hotline.store.models import Attempt, ChannelPause, Delivery, Enrolment, StaffPage, StaffTask, Subscriber, key_ring
from tests.calls.people import ASKS_FOR_JUAN
from tests.calls.stage import CALLER, NUMBER, PUBLIC_URL, Stage
from tests.calls.test_news import juan_is

pytestmark = pytest.mark.server  # whole lines over HTTP

BY_BOTH = replace(ASKS_FOR_JUAN, channel="both")
BY_TEXT = replace(ASKS_FOR_JUAN, channel="text")


def in_flight(stage: Stage, who: object = BY_BOTH, number: str = CALLER) -> Stage:
    """News has gone out to one subscriber, and nothing more is told of it than that it was taken."""
    stage.signed_up(who, number)  # type: ignore[arg-type]
    stage.phone(number).set(delivery="sent")
    juan_is(stage, "Removed")
    stage.look()
    return stage


def attempt_of(stage: Stage, channel: str) -> Attempt:
    [delivery] = stage.rows(Delivery, urgency="critical", channel=channel)
    [attempt] = stage.rows(Attempt, delivery_id=delivery.id)
    return attempt


def told(stage: Stage, channel: str, *statuses: str, code: int | None = None) -> None:
    """Signed callbacks about the one attempt on a channel, in this order, each twice."""
    attempt = attempt_of(stage, channel)
    where = f"{PUBLIC_URL}/{'voice' if channel == 'voice' else 'sms'}/status/{attempt.token}"
    for status in statuses:
        form = [("AccountSid", stage.settings.account_sid)]
        if code is not None and status in ("failed", "undelivered"):
            form.append(("ErrorCode", str(code)))
        names = ("CallSid", "CallStatus") if channel == "voice" else ("MessageSid", "MessageStatus")
        form += [(names[0], str(attempt.sid)), (names[1], status)]
        stage.platform.exchange.wire.send(where, "POST", sorted(form), voice=channel == "voice")


def state(stage: Stage, channel: str) -> tuple[str, str, str | None]:
    [delivery] = stage.rows(Delivery, urgency="critical", channel=channel)
    return attempt_of(stage, channel).status, delivery.status, delivery.reason


def task_kinds(stage: Stage) -> list[str]:
    open_tasks = [task for task in stage.rows(StaffTask) if task.closed_at is None]
    return sorted(task.kind for task in open_tasks if task.enrolment_id or task.kind == "platform_setup")


def test_every_status_of_a_text_is_known_and_moves_its_attempt(stage: Stage) -> None:
    in_flight(stage)
    for word, expected in sorted(MESSAGE_STATUS.items(), key=lambda item: list(MESSAGE_STATUS).index(item[0])):
        before = attempt_of(stage, "text").status
        told(stage, "text", word)
        assert attempt_of(stage, "text").status in (before, expected)


def test_every_status_of_a_call_is_known_and_moves_its_attempt(stage: Stage) -> None:
    in_flight(stage)
    for word, expected in CALL_STATUS.items():
        before = attempt_of(stage, "voice").status
        told(stage, "voice", word)
        assert attempt_of(stage, "voice").status in (before, expected)


def test_a_status_nobody_has_heard_of_is_logged_and_changes_nothing(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    in_flight(stage)
    before = state(stage, "text"), state(stage, "voice")
    told(stage, "text", "teleported")
    told(stage, "voice", "teleported")
    assert (state(stage, "text"), state(stage, "voice")) == before
    assert "teleported" in capsys.readouterr().out


ENDS = {Verdict.CHANNEL_DEAD, Verdict.HELD_FOR_REVIEW, Verdict.GIVE_UP}


@pytest.mark.parametrize("code", sorted({*CODES, 30999} - {21220}))
def test_each_code_of_a_text_that_did_not_arrive_has_its_consequence_and_the_call_goes_on(
    stage: Stage, code: int
) -> None:
    in_flight(stage)
    told(stage, "text", "sent", "undelivered", code=code)
    meant = CODES.get(code, Verdict.GIVE_UP)
    follows = CONSEQUENCES[meant]
    _, text, reason = state(stage, "text")
    assert text == ("dead" if meant in ENDS else "stopped" if meant is Verdict.OPTED_OUT else "trying")
    assert state(stage, "voice")[1] == "trying"
    assert stage.phone().ringing()
    expected = ["platform_setup"] if follows.pause else [meant.value] if follows.staff else []
    assert task_kinds(stage) == expected
    assert reason == (meant.value if meant in ENDS else "opted_out" if meant is Verdict.OPTED_OUT else None)
    [subscriber] = stage.rows(Subscriber)
    assert (subscriber.texts_stopped_at is not None) == (meant is Verdict.OPTED_OUT)
    assert subscriber.calls_stopped_at is None
    assert [p.channel for p in stage.rows(ChannelPause)] == (["text"] if follows.pause else [])


@pytest.mark.parametrize("code", [30032, 30034])
def test_a_broken_registration_pages_staff_once_and_everybody_is_called(
    open_stage: Callable[..., Stage], code: int
) -> None:
    stage = open_stage()
    numbers = [f"+120255501{n}" for n in (41, 42, 43)]
    for number in numbers:
        stage.signed_up(replace(BY_BOTH), number)
        stage.phone(number).set(delivery="undelivered", error_code=code)
    juan_is(stage, "Removed")
    stage.pass_time(minutes=5, every=timedelta(seconds=30))
    assert [p.kind for p in stage.rows(StaffPage)] == ["platform_setup"]
    assert task_kinds(stage).count("platform_setup") == 1
    assert all(stage.phone(number).ringing() for number in numbers)
    texts = len([a for a in stage.rows(Attempt) if a.error_code == code])
    assert texts <= len(numbers)
    stage.pass_time(minutes=5, every=timedelta(minutes=1))
    assert len([a for a in stage.rows(Attempt) if a.error_code == code]) == texts


def test_who_gets_texts_alone_is_reached_by_a_person_while_texts_are_broken(stage: Stage) -> None:
    in_flight(stage, BY_TEXT)
    told(stage, "text", "undelivered", code=30032)
    assert task_kinds(stage) == ["not_delivered", "platform_setup"]


ORDERS = list(permutations(("queued", "sent", "undelivered", "delivered")))


@pytest.mark.parametrize("who", [BY_BOTH, BY_TEXT], ids=["both", "text"])
@pytest.mark.parametrize("order", ORDERS[::5], ids="-".join)
def test_statuses_of_a_text_in_any_order_end_in_the_same_state(
    stage: Stage, order: tuple[str, ...], who: object
) -> None:
    in_flight(stage, who)
    told(stage, "text", *order, code=30005)
    confirmed = ("told", "delivered") if who is BY_TEXT else ("trying", None)
    assert state(stage, "text") == ("delivered", *confirmed)
    assert task_kinds(stage) == []


def test_an_id_that_a_look_up_gave_to_another_call_goes_back_to_its_own(stage: Stage) -> None:
    in_flight(stage)
    own, other = attempt_of(stage, "voice"), attempt_of(stage, "text")
    with stage.line.database.begin() as db:
        wrong, right = db.get_one(Attempt, other.id), db.get_one(Attempt, own.id)
        sid, right.sid, wrong.sid = str(right.sid), None, None
        db.flush()
        wrong.sid = sid
    form = [("CallSid", sid), ("CallStatus", "ringing")]
    stage.platform.exchange.wire.send(f"{PUBLIC_URL}/voice/status/{own.token}", "POST", form, voice=True)
    assert attempt_of(stage, "voice").sid == sid
    assert (attempt_of(stage, "text").sid, attempt_of(stage, "text").status) == (None, "uncertain")


def test_a_text_that_says_wrong_number_stops_calls_too_and_a_person_looks(stage: Stage) -> None:
    in_flight(stage)
    stage.phone().text(NUMBER, "Wrong number!")
    stage.look()
    [subscriber] = stage.rows(Subscriber)
    assert subscriber.texts_stopped_at is not None
    assert subscriber.calls_stopped_at is not None
    assert task_kinds(stage) == ["wrong_person"]
    assert stage.phone().ringing() == []


@pytest.mark.parametrize("allowed", [True, False])
def test_a_fuller_text_says_what_happened_with_the_code_word_first(stage: Stage, allowed: bool) -> None:
    stage.signed_up(BY_TEXT)
    with stage.line.database.begin() as db:
        enrolment = db.scalars(select(Enrolment)).one()
        enrolment.fuller_texts = allowed
        db.get_one(Subscriber, enrolment.subscriber_id).seal(key_ring(db), "code_word", "maple")
    juan_is(stage, "Removed")
    stage.look()
    news = stage.phone().texts[-1]
    assert news.startswith("maple: A message you asked for")
    assert ("Removed from the country, Mar 10." in news) == allowed
    assert "Juan" not in news
