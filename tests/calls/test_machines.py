"""Who takes a call: machine detection before the first word, meanwhile, or never."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from hotline.rules.delivery import Answerer
from hotline.simulator.telephone import LiveCall
from hotline.store.models import Attempt, Delivery
from tests.calls.people import ASKS_FOR_JUAN
from tests.calls.stage import CALLER, PUBLIC_URL, Stage, over_at
from tests.calls.test_news import TELLING, juan_is

pytestmark = pytest.mark.server  # whole calls over HTTP

VOICEMAIL = replace(ASKS_FOR_JUAN, voicemail=True)


@pytest.fixture
def async_stage(open_stage: Callable[..., Stage]) -> Stage:
    return open_stage(HOTLINE_MACHINE_DETECTION="async")


def rings(stage: Stage, voicemail: bool = False) -> Stage:
    """Juan was removed, and his subscriber's phone rings."""
    stage.signed_up(VOICEMAIL if voicemail else ASKS_FOR_JUAN)
    juan_is(stage, "Removed")
    stage.look()
    return stage


def taken_by(stage: Stage, machine: str) -> LiveCall:
    call = stage.phone().answer(machine=machine)
    stage.platform.settle()
    return call.look()


def detected(stage: Stage, answered_by: str) -> None:
    """The platform tells once more who took the call that brought the news."""
    [delivery] = stage.rows(Delivery, urgency="critical")
    [attempt] = stage.rows(Attempt, delivery_id=delivery.id)
    form = [("CallSid", attempt.sid), ("AccountSid", stage.settings.account_sid), ("AnsweredBy", answered_by)]
    stage.platform.exchange.wire.send(f"{PUBLIC_URL}/voice/machine/{attempt.token}", "POST", form, voice=True)
    stage.platform.settle()


def turns(stage: Stage) -> int:
    """How often a call was turned to another document."""
    return sum("Calls/CA" in request.path and ("Url" in dict(request.form)) for request in stage.platform.requests)


def test_a_person_hears_the_first_word_while_it_is_still_found_out_who_answers(async_stage: Stage) -> None:
    rings(async_stage)
    call = taken_by(async_stage, "human").is_at("notify.pin").says("a message you asked for")
    over_at(call.press("4827#").press("2"), "notify.goodbye")


@pytest.mark.parametrize("machine", ["machine_end_beep", "machine_end_silence", "machine_end_other"])
def test_a_machine_gets_the_neutral_voicemail_once_its_greeting_is_over(async_stage: Stage, machine: str) -> None:
    rings(async_stage, voicemail=True)
    call = over_at(taken_by(async_stage, machine), "notify.voicemail")
    call.says("Please call 1; 8, 0, 0")
    for word in TELLING:
        call.never_said(word)
    [delivery] = async_stage.rows(Delivery, urgency="critical")
    assert delivery.status == "trying"
    [attempt] = async_stage.rows(Attempt, delivery_id=delivery.id)
    assert attempt.answered_by == Answerer.MACHINE_READY


def test_however_often_a_machine_is_told_it_gets_one_voicemail(async_stage: Stage) -> None:
    rings(async_stage, voicemail=True)
    call = taken_by(async_stage, "machine_end_beep")
    for _ in range(3):
        detected(async_stage, "machine_end_beep")
    assert turns(async_stage) == 1
    assert call.look().heard.count("Please call") == 1


@pytest.mark.parametrize("machine", ["machine_end_beep", "fax"])
def test_a_machine_where_no_message_is_allowed_is_hung_up_on(async_stage: Stage, machine: str) -> None:
    rings(async_stage)
    call = taken_by(async_stage, machine)
    assert call.ended
    call.never_said("Please call")
    for word in TELLING:
        call.never_said(word)


def test_who_could_not_be_told_apart_is_treated_as_a_person(async_stage: Stage) -> None:
    rings(async_stage, voicemail=True)
    taken_by(async_stage, "unknown").is_at("notify.pin").press("4827#").says("has been removed")


def test_the_right_pin_wins_over_a_machine_that_is_told_later(async_stage: Stage) -> None:
    rings(async_stage, voicemail=True)
    call = taken_by(async_stage, "human").press("4827#").is_at("notify.message")
    detected(async_stage, "machine_end_beep")
    call.look().is_at("notify.message").never_said("Please call")
    assert turns(async_stage) == 0
    assert [d.status for d in async_stage.rows(Delivery, urgency="critical")] == ["confirmed"]


def test_whoever_has_pressed_a_key_is_no_machine(async_stage: Stage) -> None:
    rings(async_stage, voicemail=True)
    call = taken_by(async_stage, "human").press("9182#").is_at("notify.pin")
    detected(async_stage, "machine_end_beep")
    call.look().is_at("notify.pin").press("4827#").says("has been removed")


def test_a_machine_told_after_the_call_is_over_turns_nothing(async_stage: Stage) -> None:
    rings(async_stage, voicemail=True)
    taken_by(async_stage, "human").hang_up()
    async_stage.platform.settle()
    detected(async_stage, "machine_end_beep")
    assert turns(async_stage) == 0


def test_a_call_that_ends_before_its_end_is_told_is_turned_without_harm(async_stage: Stage) -> None:
    rings(async_stage, voicemail=True)
    call = taken_by(async_stage, "human")
    async_stage.platform.exchange.calls[call.sid].program.status_url = ""  # its end is never told
    call.hang_up()
    detected(async_stage, "machine_end_beep")
    assert turns(async_stage) == 1  # refused with 21220, and passed over
    assert async_stage.phone(CALLER).call is not None


def test_a_question_to_a_new_number_is_asked_only_once_it_is_known_who_answers(async_stage: Stage) -> None:
    async_stage.sign_up(ASKS_FOR_JUAN)
    async_stage.look()
    call = async_stage.phone().answer(machine="machine_start")
    assert call.ended
    assert call.heard.strip() == ""


def test_without_detection_everybody_hears_the_neutral_beginning(open_stage: Callable[..., Stage]) -> None:
    stage = rings(open_stage(HOTLINE_MACHINE_DETECTION="off"), voicemail=True)
    call = taken_by(stage, "machine_end_beep").is_at("notify.pin")
    for word in TELLING:
        call.never_said(word)
