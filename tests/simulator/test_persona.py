"""Callers with a manner of their own."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.simulator.persona import ANSWERS, KEYS, Manner, Persona, Reply, keypad
from hotline.simulator.server import Simulator
from hotline.simulator.telephone import Telephone
from tests.simulator.far_side import LINE, FarSide, a

ANA = Persona(
    given_name="Ana María",
    surnames="Ejemplo-Muñoz",
    birth=date(1985, 4, 9),
    channel="both",
    number="+12025550124",
    pin="4827",
    confirmation="10420042",
)

REPLIES = {
    "inbound.welcome": ("1", "English"),
    "inbound.main_menu": ("2", "two"),
    "inbound.eligible": ("1", "yes"),
    "inbound.first_name": ("262062742#", "Ana María"),
    "inbound.last_name": ("3536756168669#", "Ejemplo-Muñoz"),
    "inbound.confirm_name": ("1", "yes"),
    "inbound.country": ("482836252#", "Guatemala"),
    "inbound.country_choice": ("6", "six"),
    "inbound.confirm_country": ("1", "yes"),
    "inbound.birth_date": ("04091985#", "zero four zero nine one nine eight five"),
    "inbound.key_surname": ("3536756168669#", ""),
    "inbound.confirm_match": ("1", "yes"),
    "inbound.no_match": ("2", "two"),
    "inbound.hand_over": ("1", "one"),
    "inbound.channel": ("3", "three"),
    "inbound.number": ("2", "two"),
    "inbound.enter_number": ("2025550124#", "two zero two five five five zero one two four"),
    "inbound.confirm_number": ("1", "yes"),
    "inbound.voicemail": ("2", "no"),
    "inbound.night": ("2", "no"),
    "inbound.pin": ("4827#", ""),
    "inbound.pin_again": ("4827#", ""),
    "inbound.consent": ("1", "yes"),
    "verify.hello": ("1", "yes"),
    "notify.hello": ("1", "yes"),
    "notify.pin": ("4827#", ""),
    "notify.message": ("2", "two"),
    "manage.confirmation": ("10420042#", "one zero four two zero zero four two"),
    "manage.pin": ("4827#", ""),
    "manage.menu": ("1", "one"),
}


@pytest.mark.parametrize("state", ANSWERS)
def test_a_caller_has_an_answer_to_every_question(state: str) -> None:
    assert ANA.reply(state) == Reply(*REPLIES[state])


def test_a_caller_in_spanish_answers_in_spanish() -> None:
    ana = Persona(language="es", birth=1985, night=True)
    assert ana.reply("inbound.welcome") == Reply("2", "Español")
    assert ana.reply("inbound.night") == Reply("1", "sí")
    assert ana.reply("inbound.birth_date") == Reply("1985#", "uno nueve ocho cinco")


def test_who_does_not_know_the_birth_date_says_one() -> None:
    assert Persona(birth=None).reply("inbound.birth_date") == Reply("1#", "one")


@pytest.mark.parametrize(
    ("country", "heard", "key"),
    [
        ("Guatemala", "For Guyana, press 1. For Guatemala, press 2. For none of these, press 6.", "2"),
        ("Guatemala", "For Guatemala press 1. For Guyana press 2.", "1"),
        ("México", "Para México, oprima el 3. Para ninguno, oprima el 6.", "3"),
        ("Guinea", "For Guinea-Bissau, press 1. For Equatorial Guinea, press 2. For Guinea, press 3.", "3"),
        ("Haiti", "For Guyana, press 1. For none of these, press 6.", "6"),
    ],
)
def test_a_caller_chooses_the_country_by_what_was_read_out(country: str, heard: str, key: str) -> None:
    assert Persona(country=country).reply("inbound.country_choice", heard).keys == key


def test_nobody_found_twice_is_enough() -> None:
    assert ANA.reply("inbound.no_match", visit=1).keys == "2"
    assert ANA.reply("inbound.no_match", visit=2).keys == "9"
    assert ANA.reply("manage.menu", visit=2).keys == "9"


def test_every_letter_has_its_key_and_accents_fall_away() -> None:
    assert keypad("abcdefghijklmnopqrstuvwxyz") == "22233344455566677778889999"
    assert keypad("Ñandú O'Brien-Güell") == "6263806127436148355"
    assert set(KEYS.values()) == set("0123456789")


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=30))
def test_any_name_can_be_keyed(name: str) -> None:
    assert set(keypad(name)) <= set("0123456789")


QUESTION = '<Gather input="{input}" {more} action="{next}"><Say>{say}</Say></Gather><Redirect>{here}</Redirect>'


@pytest.fixture
def line(far: FarSide) -> FarSide:
    """Welcome, first name, PIN, goodbye: as strict as a line can be."""
    misses = iter(range(1, 4))

    def ask(here: str, then: str, say: str, speech: bool = True, more: str = "") -> str:
        kinds = "dtmf speech" if speech else "dtmf"
        return QUESTION.format(input=kinds, more=more, next=a(then), say=say, here=a(here))

    def welcome(form: dict[str, str]) -> str:
        if "Digits" not in form and "SpeechResult" not in form and form["CallStatus"] == "in-progress":
            return ask("/voice/incoming", "/1", "Again?") if next(misses, None) else "<Say>Goodbye</Say>"
        return ask("/voice/incoming", "/1", "Language?", more='numDigits="1"')

    def after(step: str, good: tuple[str, ...], then: str) -> None:
        def answer(form: dict[str, str]) -> str:
            given = form.get("Digits") or form.get("SpeechResult") or ""
            if given in good:
                return then
            return ask(step, step, "Again?") if next(misses, None) else "<Say>Goodbye</Say>"

        far.on(step, answer)

    far.on("/voice/incoming", welcome, "inbound.welcome")
    after("/1", ("1", "English"), ask("/2", "/2", "First name?"))
    after("/2", ("262", "Ana"), ask("/3", "/3", "PIN?", speech=False))
    after("/3", ("4827",), "<Say>Done</Say>")
    far.states.update({"/1": "inbound.first_name", "/2": "inbound.pin", "/3": "inbound.done"})
    return far


@pytest.mark.parametrize("manner", [Manner.KEYPAD, Manner.SPEECH])
def test_a_caller_gets_through_by_keypad_and_by_speech(
    line: FarSide, platform: Simulator, phone: Telephone, manner: Manner
) -> None:
    call = Persona(manner=manner).live(phone.dial(LINE)).says("done")
    assert call.ended
    assert ("SpeechResult" in line.last("/2")) is (manner is Manner.SPEECH)
    assert "Digits" in line.last("/3")
    assert platform.violations == []


@pytest.mark.parametrize("manner", [Manner.SILENT, Manner.NONSENSE, Manner.STARS])
def test_a_caller_without_an_answer_is_let_go(line: FarSide, phone: Telephone, manner: Manner) -> None:
    call = Persona(manner=manner).live(phone.dial(LINE))
    assert call.ended
    call.never_said("done")


def test_a_line_that_never_ends_is_found_out(far: FarSide, phone: Telephone) -> None:
    far.on("/voice/incoming", QUESTION.format(input="dtmf", more="", next=a("/n"), say="?", here=a("/n")))
    far.on("/n", QUESTION.format(input="dtmf", more="", next=a("/n"), say="?", here=a("/n")), "inbound.loop")
    with pytest.raises(AssertionError, match=r"goes on after 10 answers, at inbound\.loop"):
        Persona(manner=Manner.SILENT).live(phone.dial(LINE), at_most=10)


def test_a_caller_records_when_asked_and_hangs_up_when_put_on_hold(far: FarSide, phone: Telephone) -> None:
    far.on("/voice/incoming", f'<Record action="{a("/next")}"/>').on("/next", "<Dial>+12025550111</Dial>")
    call = Persona().live(phone.dial(LINE))
    assert call.how_it_ended == "the caller hung up"
    assert far.last("/next")["RecordingDuration"] == "3"
