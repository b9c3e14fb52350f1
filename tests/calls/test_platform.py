"""What the platform does to us: refusals, silence, lost answers, callbacks in any order, eight copies at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from hotline.store.models import Attempt, Call, CallStep, Delivery, Enrolment, StaffTask, Subscriber
from tests.calls.people import ASKS_FOR_JUAN, SPEAKS
from tests.calls.stage import CALLER, NUMBER, PUBLIC_URL, Stage
from tests.calls.test_news import juan_is

pytestmark = pytest.mark.server  # hundreds of calls over HTTP


def test_eight_copies_of_every_webhook_at_once_have_one_effect(open_stage: Callable[..., Stage]) -> None:
    stage = open_stage(copies=8)
    stage.signed_up(SPEAKS)
    assert len(stage.rows(Enrolment)) == 1
    assert len(stage.rows(Call)) == 2
    [inbound] = [call for call in stage.rows(Call) if call.direction == "in"]
    assert len(stage.rows(CallStep, call_id=inbound.id)) == inbound.steps


def ready(stage: Stage) -> Stage:
    stage.signed_up(ASKS_FOR_JUAN)
    juan_is(stage, "Removed")
    return stage


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (500, 20500), (503, 0)])
def test_a_call_that_was_not_taken_is_placed_again(stage: Stage, status: int, code: int) -> None:
    ready(stage).platform.fail_next("refuse", status=status, code=code)
    stage.look()
    assert stage.phone().ringing() == []
    stage.pass_time(minutes=2, every=timedelta(seconds=30))
    assert len(stage.phone().ringing()) == 1


def test_a_connection_cut_after_accepting_is_looked_up_and_not_placed_twice(stage: Stage) -> None:
    ready(stage).platform.fail_next("cut")
    stage.look()
    stage.pass_time(minutes=8, every=timedelta(seconds=30))
    assert len(stage.phone().ringing()) == 1
    stage.phone().answer().press("4827#").says("has been removed")
    assert [d.status for d in stage.rows(Delivery, urgency="critical")] == ["confirmed"]
    assert len(stage.platform.exchange.calls) == 3  # sign-up, question, notice


def test_a_connection_cut_before_accepting_ends_in_one_call(stage: Stage) -> None:
    ready(stage).platform.fail_next("cut_before")
    stage.look()
    stage.pass_time(minutes=6, every=timedelta(seconds=30))
    assert len(stage.phone().ringing()) == 1
    assert len(stage.platform.exchange.calls) == 3


@pytest.mark.parametrize("code", [21211, 21614, 30006])
def test_a_dead_channel_opens_a_task_and_the_other_goes_on(stage: Stage, code: int) -> None:
    stage.signed_up(replace(ASKS_FOR_JUAN, channel="both"))
    juan_is(stage, "Removed")
    stage.phone().set(delivery="undelivered", error_code=code)
    stage.look()
    states = {d.channel: d.status for d in stage.rows(Delivery, urgency="critical")}
    assert states == {"text": "dead", "voice": "trying"}
    assert [t.kind for t in stage.rows(StaffTask) if t.enrolment_id] == ["channel_dead"]
    assert stage.phone().ringing()


def test_a_blocked_sender_withdraws_texts_and_leaves_calls_alone(stage: Stage) -> None:
    stage.signed_up(replace(ASKS_FOR_JUAN, channel="both"))
    stage.platform.exchange.blocked.add((NUMBER, CALLER))
    juan_is(stage, "Removed")
    stage.look()
    [subscriber] = stage.rows(Subscriber)
    states = {d.channel: d.status for d in stage.rows(Delivery, urgency="critical")}
    assert states == {"text": "stopped", "voice": "trying"}
    assert subscriber.texts_stopped_at is not None
    assert subscriber.calls_stopped_at is None
    texts = len(stage.phone().texts)
    stage.pass_time(hours=3)
    assert len(stage.phone().texts) == texts


@pytest.mark.parametrize("order", list(permutations(("initiated", "ringing", "in-progress", "completed")))[::3])
def test_callbacks_in_any_order_end_in_the_same_state(stage: Stage, order: tuple[str, ...]) -> None:
    ready(stage)
    stage.look()
    [attempt] = [a for a in stage.rows(Attempt) if a.ended_at is None]
    for status in order * 2:
        form = [("CallSid", attempt.sid), ("AccountSid", stage.settings.account_sid), ("CallStatus", status)]
        stage.platform.exchange.wire.send(f"{PUBLIC_URL}/voice/status/{attempt.token}", "POST", form, voice=True)
    [after] = stage.rows(Attempt, id=attempt.id)
    assert after.status == "completed"
    assert [d.status for d in stage.rows(Delivery, urgency="critical")] == ["trying"]


def test_a_replayed_yes_has_no_second_effect(stage: Stage) -> None:
    stage.signed_up(replace(ASKS_FOR_JUAN, channel="text"))
    before = stage.counts()
    message = next(m for m in stage.platform.exchange.messages.values() if m.body.upper() == "YES")
    form = [("MessageSid", message.sid), ("From", CALLER), ("To", NUMBER), ("Body", "YES"), ("SmsStatus", "received")]
    for _ in range(3):
        stage.platform.exchange.wire.send(f"{PUBLIC_URL}/sms/incoming", "POST", form, voice=False)
    assert stage.counts() == before


def test_sixty_random_callers_break_neither_the_line_nor_the_platforms_limits(stage: Stage) -> None:
    dice = random.Random(7)
    for n in range(60):
        call = stage.dial(f"+120255501{n:02d}")
        for _ in range(70):
            if call.ended or (call.waiting_for or {}).get("verb") != "gather":
                break
            act = dice.randrange(4)
            if act == 0:
                call.wait()
            elif act == 1 and "speech" in (call.waiting_for or {}).get("input", ()):
                call.speak(
                    dice.choice(["yes", "no", "Juan & <Ana>", "\u0000\u000b", "one", "operator", "Guatemala", "¡sí!"])
                )
            else:
                call.press("".join(dice.choices("0123456789*#", k=dice.randrange(1, 12))))
        call.hang_up()


def test_the_numbers_and_names_of_callers_stand_nowhere_in_the_database_file(stage: Stage) -> None:
    ready(stage)
    stage.look()
    stage.phone().answer().press("4827#").press("3")
    stage.dial("+12025550151").press("1").press("1").press("1").speak("Zoraida").speak("Quintanilla")
    folder = stage.settings.data_dir
    written = b"".join(path.read_bytes() for path in folder.glob("hotline.db*"))
    assert b"P\xc3\xa9rez Morales" in written  # the search does find what is there
    for secret in ("2025550123", "2025550151", "Zoraida", "Quintanilla", "2, 0, 2", "0, 1, 2, 3", "4827"):
        assert secret.encode() not in written, secret
