"""A signed-up caller comes back, from any phone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from hotline.simulator.telephone import LiveCall
from hotline.store.models import Delivery, Enrolment, NumberChange, Subscriber, Tombstone
from tests.calls.people import ASKS_FOR_JUAN, ASKS_FOR_NOBODY
from tests.calls.stage import CALLER, NUMBER, Stage, over_at
from tests.calls.test_news import TELLING, juan_is

pytestmark = pytest.mark.server  # many calls, files or processes

OTHER_PHONE = "+12025550160"
NEW_PHONE = "+12025550171"


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


def the_enrolment(stage: Stage) -> Enrolment:
    [enrolment] = stage.rows(Enrolment)
    return enrolment  # type: ignore[no-any-return]


def asks_to_move(stage: Stage, number: str, channel: str = "1", to: str = NEW_PHONE) -> None:
    """A caller who gives another number for the news."""
    call = entered(stage, number).press("3").is_at("manage.channel").press(channel).is_at("manage.keep_number")
    call.says("0, 1, 2, 3").press("2").is_at("manage.enter_number").press(f"{to[-10:]}#").is_at("manage.confirm_number")
    call.press("1").is_at("manage.menu").says("Until then, everything stays as it was").hang_up()
    stage.look()


def test_unheard_news_is_announced_heard_under_two_and_not_called_about_again(stage: Stage, number: str) -> None:
    juan_is(stage, "Removed")
    call = entered(stage, number).is_at("manage.menu").says("There is news that you have not heard yet")
    call.press("2").is_at("manage.menu").says("Juan Pérez has been removed from the United States")
    call.hang_up()
    assert [d.reason for d in stage.rows(Delivery, urgency="critical")] == ["called_in"]
    stage.pass_time(hours=3, every=timedelta(hours=1), fed=True)
    assert stage.phone().ringing() == []
    call = entered(stage, number).never_said("not heard yet").press("2").says("has been removed")
    over_at(call.press("9"), "inbound.goodbye")


def test_without_news_there_is_nothing_to_hear_again(stage: Stage, number: str) -> None:
    entered(stage, number).press("2").is_at("manage.menu").says("There are no notices yet")


def test_six_things_are_done_in_one_call(stage: Stage, number: str) -> None:
    call = entered(stage, number)
    for _ in range(6):
        call.press("1").is_at("manage.menu")
    call.press("7").is_at("manage.menu").press("9")
    over_at(call, "inbound.goodbye")


def test_who_waits_for_somebody_hears_that_we_keep_looking(stage: Stage) -> None:
    number = confirmation(stage.signed_up(replace(ASKS_FOR_NOBODY, if_none="2")))
    entered(stage, number, ASKS_FOR_NOBODY.pin).press("1").is_at("manage.menu").says("We keep looking")


def test_before_the_number_said_yes_nothing_is_told(stage: Stage) -> None:
    number = confirmation(stage.sign_up(ASKS_FOR_JUAN))
    call = entered(stage, number).press("1").is_at("manage.menu").says("We still wait for a yes").never_said("Juan")
    call.press("2").is_at("manage.menu").says("no notices yet").never_said("Juan")


@pytest.mark.parametrize("status", ["review", "frozen"])
def test_who_is_looked_at_hears_of_a_person_and_never_why(stage: Stage, number: str, status: str) -> None:
    with stage.line.database.begin() as db:
        db.query(Enrolment).update({"status": status})
    for key in "123":
        call = entered(stage, number).press(key).is_at("inbound.to_a_person").says("A person can help you with this")
        call.never_said("Juan").hang_up()
    entered(stage, number).press("4").is_at("manage.settings").hang_up()


def test_the_news_follows_to_a_new_number_once_it_says_yes(stage: Stage, number: str) -> None:
    with stage.line.database.begin() as db:
        db.query(Enrolment).update({"voicemail": True})
    asks_to_move(stage, number)
    juan_is(stage, "Removed")
    stage.look()
    stage.phone().decline()  # the old number goes on getting the news
    over_at(stage.phone(NEW_PHONE).answer().is_at("verify.hello").press("1"), "verify.confirmed")
    stage.look()
    told = over_at(stage.phone().answer(machine="machine_end_beep"), "moved.moved").says("Changes were made")
    for word in TELLING:
        told.never_said(word)
    stage.pass_time(minutes=30, fed=True)  # the cadence goes on where it was
    call = stage.phone(NEW_PHONE).answer().is_at("notify.pin").press("4827#").says("has been removed")
    over_at(call.press("2"), "notify.goodbye")
    stage.pass_time(hours=5, every=timedelta(hours=1), fed=True)
    assert stage.phone().ringing() == stage.phone(NEW_PHONE).ringing() == []


def test_a_text_number_moves_with_a_yes_and_the_old_one_reads_of_it(stage: Stage) -> None:
    number = confirmation(stage.signed_up(replace(ASKS_FOR_JUAN, channel="text")))
    asks_to_move(stage, number, "2")
    assert "YES" in stage.phone(NEW_PHONE).texts[-1]
    stage.phone(NEW_PHONE).text(NUMBER, "YES")
    stage.look()
    assert "Changes were made" in stage.phone().texts[-1]
    juan_is(stage, "Removed")
    stage.look()
    assert "A message you asked for" in stage.phone(NEW_PHONE).texts[-1]
    assert "Changes were made" in stage.phone().texts[-1]


def test_no_by_the_new_number_leaves_everything_as_it_was(stage: Stage, number: str) -> None:
    asks_to_move(stage, number)
    over_at(stage.phone(NEW_PHONE).answer().press("2"), "verify.stopped")
    stage.pass_time(hours=30, every=timedelta(hours=6), fed=True)
    assert stage.phone(NEW_PHONE).ringing() == []
    juan_is(stage, "Removed")
    stage.look()
    stage.phone().answer().is_at("notify.pin").hang_up()


def test_a_new_number_that_never_answers_is_asked_twice_and_dropped(stage: Stage, number: str) -> None:
    asks_to_move(stage, number, "2")
    stage.pass_time(hours=80, every=timedelta(hours=4), fed=True)
    assert len(stage.phone(NEW_PHONE).texts) == 2
    stage.phone(NEW_PHONE).text(NUMBER, "YES")
    [change] = stage.rows(NumberChange)
    assert change.ended_at is not None
    assert the_enrolment(stage).calls
    assert stage.rows(Delivery, occasion=f"moved:{change.id}") == []


def test_of_two_new_numbers_the_last_one_gets_the_news(stage: Stage, number: str) -> None:
    asks_to_move(stage, number, "2")
    asks_to_move(stage, number, "2", to="+12025550172")
    stage.phone(NEW_PHONE).text(NUMBER, "YES")
    assert the_enrolment(stage).calls  # nothing has changed yet
    stage.phone("+12025550172").text(NUMBER, "YES")
    stage.phone(NEW_PHONE).text(NUMBER, "YES")
    juan_is(stage, "Removed")
    stage.look()
    assert "A message you asked for" in stage.phone("+12025550172").texts[-1]
    assert stage.phone().ringing() == []


def test_texts_are_added_to_the_number_once_it_answers_one(stage: Stage, number: str) -> None:
    entered(stage, number).press("3").press("3").press("1").is_at("manage.menu").says("We will text your number")
    stage.look()
    assert not the_enrolment(stage).texts
    assert stage.phone().ringing() == []
    stage.phone().text(NUMBER, "YES")
    assert (the_enrolment(stage).calls, the_enrolment(stage).texts) == (True, True)


def test_the_same_channel_again_is_simply_set(stage: Stage, number: str) -> None:
    entered(stage, number).press("3").press("1").press("1").is_at("manage.menu").says("That is set")
    stage.look()
    assert stage.phone().ringing() == []


def test_a_number_that_is_not_to_be_called_is_refused_kindly(stage: Stage, number: str) -> None:
    call = entered(stage, number).press("3").press("1").press("2").press("9005550123#").is_at("manage.enter_number")
    call.says("only regular phone numbers")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("411", {"voicemail": True}),
        ("412", {"voicemail": False}),
        ("421", {"any_hour": True}),
        ("422", {"any_hour": False}),
        ("432", {"language": "es"}),
        ("441", {"fuller_texts": False}),
        ("442", {"fuller_texts": True}),
    ],
)
def test_a_setting_is_kept(stage: Stage, number: str, keys: str, expected: dict[str, object]) -> None:
    call = entered(stage, number)
    for key in keys:
        call.press(key)
    call.is_at("manage.menu").says("Ya está listo" if "language" in expected else "That is set")
    enrolment = the_enrolment(stage)
    assert {wish: getattr(enrolment, wish) for wish in expected} == expected


@pytest.mark.parametrize(("keys", "zone"), [("4235", "America/Los_Angeles"), ("42362", "Pacific/Honolulu")])
def test_the_time_zone_is_chosen_from_two_lists(stage: Stage, number: str, keys: str, zone: str) -> None:
    call = entered(stage, number)
    for key in keys:
        call.press(key)
    call.is_at("manage.menu").says("That is set")
    assert [subscriber.zones for subscriber in stage.rows(Subscriber)] == [zone]


def test_a_new_pin_is_chosen_twice_and_opens_the_door(stage: Stage, number: str) -> None:
    call = entered(stage, number).press("5").is_at("manage.new_pin").press("1234#").is_at("manage.new_pin")
    call.says("counts up or down").press("0123#").is_at("manage.new_pin").press("739155").is_at("manage.new_pin_again")
    call.press("739156").is_at("manage.new_pin").says("not the same")
    call.hang_up()
    call = entered(stage, number).press("5").press("739155").press("739155").is_at("manage.menu").says("That is set")
    call.never_said("7, 3, 9").hang_up()
    entered(stage, number).is_at("manage.confirmation").hang_up()
    entered(stage, number, "739155").is_at("manage.menu")


def test_two_is_no_and_everything_stays(stage: Stage, number: str) -> None:
    entered(stage, number).press("6").is_at("manage.confirm_stop").press("2").is_at("manage.menu")
    assert the_enrolment(stage).status == "active"


def test_who_says_nothing_is_led_to_a_person(stage: Stage, number: str) -> None:
    call = entered(stage, number)
    for _ in range(4):
        call.wait()
    call.is_at("inbound.to_a_person")


def test_after_half_a_year_the_number_is_asked_and_goes_on(stage: Stage, number: str) -> None:
    with stage.line.database.begin() as db:
        db.query(Enrolment).update({"reconfirm_at": stage.now})
    stage.look()
    call = stage.phone().answer().is_at("reconfirm.hello").says("You once asked for calls")
    for word in TELLING:
        call.never_said(word)
    over_at(call.press("1"), "reconfirm.confirmed")
    assert the_enrolment(stage).reconfirm_at == stage.now + timedelta(days=180)


def test_a_number_that_changed_hands_says_no_and_hears_nothing_more(stage: Stage, number: str) -> None:
    with stage.line.database.begin() as db:
        db.query(Enrolment).update({"reconfirm_at": stage.now})
    stage.look()
    over_at(stage.phone().answer().press("2"), "reconfirm.stopped")
    juan_is(stage, "Removed")
    stage.pass_time(hours=4, every=timedelta(hours=1), fed=True)
    assert stage.phone().ringing() == []
    assert the_enrolment(stage).status == "review"


def test_every_word_is_spanish_in_a_spanish_call(stage: Stage) -> None:
    number = confirmation(stage.signed_up(replace(ASKS_FOR_JUAN, language="es")))
    call = stage.dial(OTHER_PHONE).press("2").press("2").press(number).press("4827#").is_at("manage.menu")
    call.says("Para oír la situación actual, oprima 1").press("4").says("Para el idioma, oprima 3")
    call.press("2").press("3").is_at("manage.zone").says("la hora del Este").press("1").says("Ya está listo")
    call.press("3").press("1").press("1").is_at("manage.menu").says("Ya está listo").never_said("To hear")
    assert stage.rows(Subscriber, zones="America/New_York") != []
    assert stage.phone(CALLER).ringing() == []
