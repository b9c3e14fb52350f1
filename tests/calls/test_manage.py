"""A signed-up caller comes back, from any phone."""

from __future__ import annotations

import re

import pytest

from hotline.simulator.telephone import LiveCall
from hotline.store.models import Enrolment, Subscriber, Tombstone
from tests.calls.people import ASKS_FOR_JUAN
from tests.calls.stage import Stage, over_at
from tests.calls.test_news import juan_is

pytestmark = pytest.mark.server  # many calls, files or processes

OTHER_PHONE = "+12025550160"


def confirmation(call: LiveCall) -> str:
    """The eight digits, as they were read out."""
    found = re.search(r"((?:\d, ){7}\d)", call.heard_last)
    assert found, call.story()
    return found[1].replace(", ", "")


@pytest.fixture
def number(stage: Stage) -> str:
    """The confirmation number of somebody who signed up."""
    return confirmation(stage.signed_up(ASKS_FOR_JUAN))


def entered(stage: Stage, number: str, pin: str = "4827") -> LiveCall:
    call = stage.dial(OTHER_PHONE).press("1").press("2").is_at("manage.confirmation")
    return call.press(number).is_at("manage.pin").press(f"{pin}#")


def test_where_things_stand_with_the_time_it_was_checked(stage: Stage, number: str) -> None:
    call = entered(stage, number).is_at("manage.menu").press("1").is_at("manage.menu")
    call.says("Juan Pérez is in custody").says("As of March 10, 2026")
    over_at(call.press("9"), "inbound.goodbye")


def test_where_things_stand_after_a_removal_and_a_death(stage: Stage, number: str) -> None:
    juan_is(stage, "Removed")
    entered(stage, number).press("1").says("has been removed")


def test_a_death_is_told_by_a_person_only(stage: Stage, number: str) -> None:
    juan_is(stage, "Died")
    call = entered(stage, number).press("1").is_at("inbound.to_a_person")
    assert not any(word in call.heard_last for word in ("died", "released", "custody", "Juan")), call.heard_last


def test_stop_and_delete_leaves_a_tombstone_only(stage: Stage, number: str) -> None:
    call = entered(stage, number).press("6").is_at("manage.confirm_stop")
    over_at(call.press("1"), "manage.deleted")
    assert stage.rows(Enrolment) == []
    assert stage.rows(Subscriber) == []
    assert len(stage.rows(Tombstone)) == 1
    juan_is(stage, "Removed")
    stage.pass_time(hours=2)
    assert stage.phone().ringing() == []


def test_a_wrong_number_and_a_wrong_pin_sound_the_same(stage: Stage, number: str) -> None:
    other = f"{(int(number) + 1) % 10**8:08}"
    heard = []
    for confirmation_number, pin in ((other, "4827"), (number, "9182")):
        call = entered(stage, confirmation_number, pin).is_at("manage.confirmation")
        heard.append(call.heard_last)
        call.hang_up()
    assert heard[0] == heard[1]


def test_three_wrong_entries_lead_to_a_person(stage: Stage, number: str) -> None:
    call = entered(stage, number, "9182")
    for _ in range(2):
        call.press(number).press("9182#")
    call.is_at("inbound.to_a_person")


def test_five_wrong_pins_in_fifteen_minutes_lock_the_right_one_out(stage: Stage, number: str) -> None:
    for _ in range(2):
        call = entered(stage, number, "9182")
        call.press(number).press("9182#")
        call.hang_up()
    call = entered(stage, number, "9182")
    call.hang_up()
    entered(stage, number).is_at("inbound.to_a_person").never_said("Juan").hang_up()
    stage.pass_time(minutes=16)
    entered(stage, number).is_at("manage.menu")


def test_ten_wrong_pins_lock_until_staff_unlock(stage: Stage, number: str) -> None:
    for _ in range(4):
        call = entered(stage, number, "9182")
        for _ in range(2):
            if call.state == "manage.confirmation":
                call.press(number).press("9182#")
        call.hang_up()
        stage.pass_time(minutes=16)
    entered(stage, number).is_at("inbound.to_a_person").never_said("Juan")


def test_caller_id_opens_nothing(stage: Stage, number: str) -> None:
    stage.dial().press("1").press("2").is_at("manage.confirmation").never_said("Juan")
