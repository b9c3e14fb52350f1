"""What the platform tells of a text or a call, word by word and code by code, and what follows for everybody."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import select

from hotline.rules.delivery import CALL_STATUS, MESSAGE_STATUS
from hotline.rules.platform_errors import CODES, CONSEQUENCES, Verdict
from hotline.services.notify import lift_pauses
from hotline.simulator.persona import Persona
from hotline.store import enrolments
from hotline.store.models import (
    Attempt,
    ChannelPause,
    Delivery,
    Enrolment,
    StaffPage,
    StaffTask,
    Subscriber,
    key_ring,
    new_id,
)
from tests.calls.people import ASKS_FOR_JUAN
from tests.calls.stage import CALLER, NUMBER, PUBLIC_URL, Stage
from tests.calls.test_news import juan_is

pytestmark = pytest.mark.server  # whole lines over HTTP

BY_BOTH = replace(ASKS_FOR_JUAN, channel="both")
BY_TEXT = replace(ASKS_FOR_JUAN, channel="text")
NUMBERS = [f"+120255501{n:02}" for n in range(100)]


def signed_up_all(stage: Stage, who: Persona, numbers: Sequence[str], **wishes: object) -> None:
    """The first of these numbers signs up by a call; the others stand in the tables as if they had done the same."""
    stage.signed_up(who, numbers[0])
    with stage.line.database.begin() as db:
        first = db.scalars(select(Enrolment)).one()
        same = {column.key: getattr(first, column.key) for column in Enrolment.__table__.columns}
        for number in numbers[1:]:
            subscriber = enrolments.add_subscriber(db, number, stage.now)
            own = {"id": new_id(), "subscriber_id": subscriber.id, "confirmation_hash": new_id(), "call_id": new_id()}
            db.add(Enrolment(**{**same, **own, **wishes}))


def in_flight(stage: Stage, who: Persona = BY_BOTH, numbers: Sequence[str] = (CALLER,), **wishes: object) -> Stage:
    """News has gone out to these numbers, and nothing more is told of it than that it was taken."""
    signed_up_all(stage, who, numbers, **wishes)
    for number in numbers:
        stage.phone(number).set(delivery="sent")
    juan_is(stage, "Removed")
    stage.look()
    return stage


@pytest.fixture(scope="module")
def flying(fed_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """News is in flight to one subscriber by call and by text, for tests that only look at what moves."""
    folder = tmp_path_factory.mktemp("flying") / "line"
    shutil.copytree(fed_folder, folder)
    stage = Stage(folder)
    yield in_flight(stage)
    stage.close()


@pytest.fixture
def broad(open_stage: Callable[..., Stage]) -> Stage:
    """A line that may send many critical notices at once."""
    return open_stage(HOTLINE_BRAKE_CRITICAL="1000")


def delivery_of(stage: Stage, channel: str, number: str = CALLER) -> Delivery:
    with stage.line.database.read() as db:
        subscriber = enrolments.subscriber_of(db, number)
        assert subscriber is not None
    [delivery] = stage.rows(Delivery, urgency="critical", channel=channel, subscriber_id=subscriber.id)
    assert isinstance(delivery, Delivery)
    return delivery


def attempt_of(stage: Stage, channel: str, number: str = CALLER) -> Attempt:
    [attempt] = stage.rows(Attempt, delivery_id=delivery_of(stage, channel, number).id)
    assert isinstance(attempt, Attempt)
    return attempt


def told(stage: Stage, channel: str, *statuses: str, code: int | None = None, number: str = CALLER) -> None:
    """Signed callbacks about the one attempt on a channel, in this order, each twice."""
    attempt = attempt_of(stage, channel, number)
    where = f"{PUBLIC_URL}/{'voice' if channel == 'voice' else 'sms'}/status/{attempt.token}"
    for status in statuses:
        form = [("AccountSid", stage.settings.account_sid)]
        if code is not None and status in ("failed", "undelivered"):
            form.append(("ErrorCode", str(code)))
        names = ("CallSid", "CallStatus") if channel == "voice" else ("MessageSid", "MessageStatus")
        form += [(names[0], str(attempt.sid)), (names[1], status)]
        stage.platform.exchange.wire.send(where, "POST", sorted(form), voice=channel == "voice")


def state(stage: Stage, channel: str, number: str = CALLER) -> tuple[str, str, str | None]:
    delivery = delivery_of(stage, channel, number)
    return attempt_of(stage, channel, number).status, delivery.status, delivery.reason


def task_kinds(stage: Stage) -> list[str]:
    open_tasks = [task for task in stage.rows(StaffTask) if task.closed_at is None]
    return sorted(task.kind for task in open_tasks if task.enrolment_id or task.kind == "platform_setup")


def test_every_status_of_a_text_is_known_and_moves_its_attempt(flying: Stage) -> None:
    stage = flying
    for word, expected in MESSAGE_STATUS.items():
        before = attempt_of(stage, "text").status
        told(stage, "text", word)
        assert attempt_of(stage, "text").status in (before, expected)


def test_every_status_of_a_call_is_known_and_moves_its_attempt(flying: Stage) -> None:
    stage = flying
    for word, expected in CALL_STATUS.items():
        before = attempt_of(stage, "voice").status
        told(stage, "voice", word)
        assert attempt_of(stage, "voice").status in (before, expected)


def test_a_status_nobody_has_heard_of_is_logged_and_changes_nothing(
    flying: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    before = state(flying, "text"), state(flying, "voice")
    told(flying, "text", "teleported")
    told(flying, "voice", "teleported")
    assert (state(flying, "text"), state(flying, "voice")) == before
    assert "teleported" in capsys.readouterr().out


ENDS = {Verdict.CHANNEL_DEAD, Verdict.HELD_FOR_REVIEW, Verdict.GIVE_UP}
UNKNOWN = 30999
OTHER = {"text": "voice", "voice": "text"}
WALKED = {
    "text": sorted({*CODES, UNKNOWN} - {21220}),  # that one comes where a call is changed that is over
    "voice": sorted({*CODES, UNKNOWN} - {21220, 21610}),
}


def expected_of(channel: str, code: int) -> dict[str, object]:
    meant = CODES.get(code, Verdict.GIVE_UP)
    follows = CONSEQUENCES[meant]
    ended, stopped = meant in ENDS, meant is Verdict.OPTED_OUT
    return {
        "delivery": "dead" if ended else "stopped" if stopped else "trying",
        "reason": meant.value if ended else "opted_out" if stopped else None,
        "other": "trying",
        "tasks": [meant.value] if follows.staff and not follows.pause else [],
        "paused": [channel] if follows.pause else [],
        "texts stopped": stopped,
        "calls stopped": False,
    }


def followed(stage: Stage, channel: str, number: str) -> dict[str, object]:
    delivery = delivery_of(stage, channel, number)
    [subscriber] = stage.rows(Subscriber, id=delivery.subscriber_id)
    return {
        "delivery": delivery.status,
        "reason": delivery.reason,
        "other": delivery_of(stage, OTHER[channel], number).status,
        "tasks": [task.kind for task in stage.rows(StaffTask, enrolment_id=delivery.enrolment_id)],
        "paused": [pause.channel for pause in stage.rows(ChannelPause)],
        "texts stopped": subscriber.texts_stopped_at is not None,
        "calls stopped": subscriber.calls_stopped_at is not None,
    }


@pytest.mark.parametrize(("channel", "last"), [("text", "undelivered"), ("voice", "failed")])
def test_each_code_of_what_did_not_arrive_has_its_consequence_and_the_other_channel_goes_on(
    broad: Stage, channel: str, last: str
) -> None:
    numbers = dict(zip(WALKED[channel], NUMBERS, strict=False))
    in_flight(broad, BY_BOTH, list(numbers.values()))
    for code, number in numbers.items():
        told(broad, channel, last, code=code, number=number)
        assert followed(broad, channel, number) == expected_of(channel, code), code
        assert channel == "voice" or broad.phone(number).ringing()
        lift_pauses(broad.line)


@pytest.mark.parametrize("code", [30032, 30034])
def test_a_broken_registration_pages_staff_once_and_everybody_is_called(
    open_stage: Callable[..., Stage], code: int
) -> None:
    stage = open_stage()
    numbers = NUMBERS[:3]
    signed_up_all(stage, BY_BOTH, numbers)
    for number in numbers:
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


ORDERS = dict(zip(permutations(("queued", "sent", "undelivered", "delivered")), NUMBERS, strict=False))


@pytest.mark.parametrize(
    ("who", "end"), [(BY_BOTH, ("trying", None)), (BY_TEXT, ("told", "delivered"))], ids=["both", "text"]
)
def test_statuses_of_a_text_in_any_order_end_in_the_same_state(
    broad: Stage, who: Persona, end: tuple[str, str | None]
) -> None:
    in_flight(broad, who, list(ORDERS.values()))
    for order, number in ORDERS.items():
        told(broad, "text", *order, code=30005, number=number)
        assert state(broad, "text", number) == ("delivered", *end), order
    assert task_kinds(broad) == []


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


def test_a_fuller_text_says_what_happened_with_the_code_word_first(stage: Stage) -> None:
    signed_up_all(stage, BY_TEXT, NUMBERS[:2], fuller_texts=True)
    with stage.line.database.begin() as db:
        for subscriber in db.scalars(select(Subscriber)):
            subscriber.seal(key_ring(db), "code_word", "maple")
    juan_is(stage, "Removed")
    stage.look()
    plain, fuller = (stage.phone(number).texts[-1] for number in NUMBERS[:2])
    for news in (plain, fuller):
        assert news.startswith("maple: A message you asked for")
        assert "Juan" not in news
    assert "Removed from the country, Mar 10." in fuller
    assert "Removed" not in plain
