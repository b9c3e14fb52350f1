"""Somebody dials, asks for a person, and signs up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hotline.simulator.persona import Manner, Persona
from hotline.store.models import Delivery, Enrolment, Search, Subscriber
from tests.calls import people
from tests.calls.stage import CALLER, NUMBER, Stage, over_at


@pytest.mark.parametrize(
    "who", [people.ASKS_FOR_JUAN, people.SPEAKS, people.SPEAKS_SPANISH], ids=["keys", "speech", "es"]
)
def test_a_caller_signs_up_by_keys_or_by_speech_in_either_language(stage: Stage, who: Persona) -> None:
    call = stage.sign_up(who)
    assert "Juan Pérez" in call.heard
    [enrolment] = stage.rows(Enrolment)
    assert (enrolment.language, enrolment.status, enrolment.calls, enrolment.texts) == (
        who.language,
        "pending",
        True,
        False,
    )
    assert enrolment.subject_ref == 1
    assert not enrolment.voicemail
    assert enrolment.any_hour


def test_a_sign_up_by_keys_reads_like_this(stage: Stage) -> None:
    call = stage.dial()
    call.is_at("inbound.welcome").says("dial 911").says("press 9").says("For English, press 1").says(
        "Para español, oprima 2"
    )
    call.press("1").is_at("inbound.main_menu")
    call.press("1").is_at("inbound.eligible")
    call.press("1").is_at("inbound.first_name")
    call.press("5826#").is_at("inbound.last_name")
    call.press("73739#").is_at("inbound.country")
    call.press("4828#").is_at("inbound.birth_date")
    call.press("03051985").is_at("inbound.confirm_match").says("Juan Pérez").says("Guatemala")
    call.press("1").is_at("inbound.channel")
    call.press("1").is_at("inbound.number").says("0, 1, 2, 3")
    call.press("1").is_at("inbound.voicemail")
    call.press("2").is_at("inbound.night")
    call.press("1").is_at("inbound.pin")
    call.press("4827#").is_at("inbound.pin_again")
    call.press("4827#").is_at("inbound.consent")
    over_at(call.press("1"), "inbound.done")
    call.never_said("1985").never_said("Juan Carlos").never_said("Morales")  # read back: first name, first surname


def test_namesakes_are_told_apart_by_the_date_of_birth_and_by_the_year(stage: Stage) -> None:
    stage.sign_up(people.ASKS_FOR_MARIA)
    stage.sign_up(replace(people.ASKS_FOR_MARIA, birth=1979), "+12025550124")
    about = {e.subject_ref for e in stage.rows(Enrolment)}
    assert len(about) == 2
    call = stage.dial("+12025550125")
    while call.state != "inbound.hand_over":
        replace(people.ASKS_FOR_MARIA, birth=None).act(call)
    call.never_said("María")  # without a date nobody is told which, or that there are several
    over_at(call.press("1").press("2025550125#"), "inbound.callback_kept")


def test_a_year_that_contradicts_finds_nobody_and_is_never_said(stage: Stage) -> None:
    call = replace(people.ASKS_FOR_JUAN, birth=1979, if_none="9").live(stage.dial())
    over_at(call, "inbound.goodbye")
    call.never_said("1979")
    call.never_said("year of birth is")
    assert stage.rows(Enrolment) == []


@pytest.mark.parametrize(
    "who",
    [people.ASKS_FOR_NOBODY, people.ASKS_FOR_PROTECTED, people.ASKS_FOR_A_CHILD],
    ids=["nobody", "protected", "child"],
)
def test_nobody_protected_and_child_sound_the_same(stage: Stage, who: Persona) -> None:
    reference = replace(people.ASKS_FOR_NOBODY, if_none="9").live(stage.dial("+12025550131"))
    call = replace(who, if_none="9").live(stage.dial())
    tail = [said["text"] for said in call.transcript if said["who"] == "line"][-2:]
    assert tail == [said["text"] for said in reference.transcript if said["who"] == "line"][-2:]
    over_at(call, "inbound.goodbye")


def test_a_spoken_name_in_doubt_is_keyed_once_more(stage: Stage) -> None:
    call = stage.dial().press("1").press("1").press("1")
    call.speak("Juan").speak("Prez").is_at("inbound.confirm_name").says("Prez")
    call.press("1").speak("Guatemala", confidence=0.95).is_at("inbound.birth_date")
    call.press("1#").is_at("inbound.key_surname")
    call.press("7373906672537#").is_at("inbound.confirm_match").says("Juan Pérez")
    assert len(stage.rows(Search)) == 1


def test_a_masked_name_is_asked_again(stage: Stage) -> None:
    call = stage.dial().press("1").press("1").press("1").speak("Juan").speak("D*** Bao")
    call.is_at("inbound.last_name")


def test_a_wrong_read_back_is_corrected_by_keys(stage: Stage) -> None:
    call = stage.dial().press("1").press("1").press("1").speak("Wan Carlos").speak("Pérez Morales")
    call.is_at("inbound.confirm_name").press("3").is_at("inbound.first_name").never_said("please say juan")
    assert call.waiting_for is not None
    assert call.waiting_for["input"] == ["dtmf"]
    call.press("5826#").press("73739#").is_at("inbound.country")


def test_a_citizenship_is_asked_again_as_a_country_of_birth(stage: Stage) -> None:
    call = stage.dial().press("1").press("1").press("1").press("5826#").press("73739#")
    call.speak("Guatemalan").is_at("inbound.country")
    call.speak("Gwatemala", confidence=0.6).is_at("inbound.confirm_country").says("Guatemala")
    call.press("1").is_at("inbound.birth_date")


def test_a_withheld_caller_gives_a_number_and_hears_it_back(stage: Stage) -> None:
    call = stage.phone().dial(NUMBER, shown_as="anonymous")
    replace(people.ASKS_FOR_JUAN, number="+12025550177").live(call)
    over_at(call, "inbound.done")
    assert "2, 0, 2; 5, 5, 5; 0, 1, 7, 7" in call.heard
    stage.look()
    assert stage.phone("+12025550177").ringing()


@pytest.mark.parametrize("typed", ["2025550123#", "12025550123"])
def test_one_number_in_many_forms_is_one_subscriber(stage: Stage, typed: str) -> None:
    stage.signed_up(people.ASKS_FOR_JUAN)
    call = stage.phone("+12025550140").dial(NUMBER)
    persona = people.ASKS_FOR_JUAN
    for _ in range(30):
        if call.state == "inbound.number":
            call.press("2").is_at("inbound.enter_number").press(typed).is_at("inbound.confirm_number")
        if call.ended:
            break
        persona.act(call)
    over_at(call, "inbound.done")
    assert len(stage.rows(Subscriber)) == 1


@pytest.mark.parametrize("number", ["9115550100#", "2025550199#", "9002345678#", "8005550199#"])
def test_a_number_that_may_not_be_called_is_asked_again(stage: Stage, number: str) -> None:
    call = stage.phone().dial(NUMBER, shown_as="anonymous")
    for _ in range(20):
        if call.state == "inbound.enter_number":
            break
        people.ASKS_FOR_JUAN.act(call)
    call.press(number)
    assert call.state == ("inbound.confirm_number" if number.startswith("202") else "inbound.enter_number")


@pytest.mark.parametrize(
    ("pin", "reason"), [("1234", "easy"), ("1111", "same"), ("4567", "row"), ("1985", "year"), ("0123", "number")]
)
def test_a_pin_that_is_easily_guessed_is_refused_with_its_reason(stage: Stage, pin: str, reason: str) -> None:
    call = stage.dial()
    for _ in range(20):
        if call.state == "inbound.pin":
            break
        people.ASKS_FOR_JUAN.act(call)
    call.press(f"{pin}#").is_at("inbound.pin")
    call.press("4827#").is_at("inbound.pin_again").press("4828#").is_at("inbound.pin")
    call.never_said("4827")


def test_nothing_is_kept_without_a_yes(stage: Stage) -> None:
    before = stage.counts()
    over_at(replace(people.ASKS_FOR_JUAN, consents=False).live(stage.dial()), "inbound.nothing_kept")
    after = stage.counts()
    changed = {table for table in before if after[table] != before[table]}
    assert changed == {"call", "call_step", "search"}


def test_signing_up_twice_sounds_the_same_and_the_second_takes_the_firsts_place(stage: Stage) -> None:
    first = stage.signed_up(people.ASKS_FOR_JUAN)
    second = stage.sign_up(replace(people.ASKS_FOR_JUAN, pin="739155"))
    said = [[s["text"] for s in call.transcript if s["who"] == "line"] for call in (first, second)]
    assert said[0][:-1] == said[1][:-1]
    stage.look()
    stage.phone().answer().press("1")
    assert sorted(e.status for e in stage.rows(Enrolment)) == ["active", "replaced"]


def test_keep_watching_keeps_the_search_sealed_and_signs_up(stage: Stage) -> None:
    stage.sign_up(people.ASKS_FOR_NOBODY)
    [enrolment] = stage.rows(Enrolment)
    assert enrolment.subject_ref is None
    assert b"Zoraida" not in enrolment.watch_sealed


def test_a_limit_leads_to_a_person_without_a_word_about_limits(stage: Stage) -> None:
    who = replace(people.ASKS_FOR_NOBODY, if_none="1")
    call = stage.dial()
    for _ in range(60):
        if call.ended or (call.waiting_for or {}).get("verb") == "dial":
            break
        who.act(call)
    assert call.state == "inbound.to_a_person"
    assert len(stage.rows(Search)) <= 3


def test_the_confirming_call_rings_within_a_minute(stage: Stage) -> None:
    stage.sign_up(people.ASKS_FOR_JUAN)
    stage.look()
    assert stage.phone().ringing()
    [delivery] = stage.rows(Delivery)
    assert (delivery.first_attempt_at - delivery.created_at).total_seconds() <= 60


def test_manner_of_speech_needs_no_key_but_for_the_pin(stage: Stage) -> None:
    call = stage.sign_up(people.SPEAKS)
    pressed = [said["text"] for said in call.transcript if said["who"] == "caller" and said["kind"] == "keys"]
    assert set(pressed) <= {"4827#", "4827"}, call.story()
    assert Manner.SPEECH is people.SPEAKS.manner
    assert CALLER
