"""A caller with facts and a manner, who answers whatever the line asks by the node that it names.

The nodes and their keys are what callers learn, so they are the table below; a node not in it gets
a yes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hotline.simulator.telephone import LiveCall, folded

KEYS = {letter: key for key, letters in {
    "2": "abc", "3": "def", "4": "ghi", "5": "jkl", "6": "mno", "7": "pqrs", "8": "tuv", "9": "wxyz",
    "1": "-'’", "0": " ",
}.items() for letter in letters}  # fmt: skip
DIGITS = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "es": ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
}
CHANNELS = {"phone": "1", "text": "2", "both": "3"}
YES_NO = {"en": ("yes", "no"), "es": ("sí", "no")}


class Manner(StrEnum):
    """How somebody answers."""

    KEYPAD = "keypad"
    SPEECH = "speech"
    SILENT = "silent"
    NONSENSE = "nonsense"
    STARS = "stars"


@dataclass(frozen=True, slots=True)
class Reply:
    """What is pressed, and what somebody who speaks says instead; without words only keys will do."""

    keys: str
    words: str = ""


def keypad(text: str) -> str:
    """One key a letter: 2 ABC to 9 WXYZ, 1 for hyphen and apostrophe, 0 for a space; accents fall away."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(KEYS[letter] for letter in plain if letter in KEYS)


@dataclass(frozen=True, slots=True)
class Persona:
    """What a caller knows and wants.

    `country` is spelled in the caller's `language` (en or es). `birth` is a date, a year, or None for not
    known. `channel` is phone, text or both; `number` another number than the one called from, E.164. `wish`
    is the key pressed first in the menu of a signed-up caller; `if_none` the one when nobody is found.
    """

    given_name: str = "Ana"
    surnames: str = "Ejemplo"
    country: str = "Guatemala"
    birth: date | int | None = None
    channel: str = "phone"
    number: str = ""
    pin: str = "4827"
    voicemail: bool = False
    night: bool = False
    language: str = "en"
    manner: Manner = Manner.KEYPAD
    eligible: bool = True
    recognises: bool = True
    consents: bool = True
    confirmation: str = ""
    wish: str = "1"
    if_none: str = "2"

    def live(self, call: LiveCall, at_most: int = 80) -> LiveCall:
        """Answer until the call ends; raises AssertionError with the story when it does not."""
        visits: dict[str, int] = {}
        for _ in range(at_most):
            if call.ended:
                return call
            visits[call.state] = visits.get(call.state, 0) + 1
            self.act(call, visits[call.state])
        if call.ended:
            return call
        raise AssertionError(f"the call goes on after {at_most} answers, at {call.state}:\n{call.story()}")

    def act(self, call: LiveCall, visit: int = 1) -> LiveCall:
        """One answer to what the line waits for now; `visit` counts the times it has waited in this node."""
        waits = call.waiting_for or {}
        match waits.get("verb"), self.manner:
            case "dial", _:
                return call.hang_up()
            case "record", Manner.KEYPAD | Manner.SPEECH:
                return call.record()
            case _, Manner.SILENT:
                return call.wait()
            case _, Manner.STARS:
                return self._enter(call, "*", 0)
            case _, Manner.NONSENSE if "speech" in waits.get("input", ()):
                return call.speak("purple ladder")
            case _, Manner.NONSENSE:
                return self._enter(call, "7#", int(waits.get("num_digits", 0)))
        reply = self.reply(call.state, call.heard_last, visit)
        if self.manner is Manner.SPEECH and reply.words and "speech" in waits.get("input", ()):
            return call.speak(reply.words)
        return self._enter(call, reply.keys, int(waits.get("num_digits", 0)))

    def reply(self, state: str, heard: str = "", visit: int = 1) -> Reply:
        """What this caller answers in a node, having `heard` its question."""
        return ANSWERS.get(state, _yes)(self, heard, visit)

    def option(self, key: str) -> Reply:
        """A key, or its number aloud."""
        return Reply(key, self.spelled(key))

    def yes_or_no(self, yes: bool) -> Reply:
        """1 or 2."""
        return Reply("1" if yes else "2", YES_NO[self.language][0 if yes else 1])

    def spelled(self, digits: str) -> str:
        """Digits as they are said, one by one."""
        return " ".join(DIGITS[self.language][int(digit)] for digit in digits)

    def _enter(self, call: LiveCall, keys: str, num_digits: int) -> LiveCall:
        """Press, without a # that would come too late; then wait out a line that still wants more."""
        before = call.state, len(call.transcript)
        call.press(keys.removesuffix("#") if 0 < num_digits < len(keys) else keys)
        still_waits = not call.ended and call.state == before[0] and len(call.transcript) == before[1] + 1
        return call.wait() if still_waits else call


Answering = Callable[[Persona, str, int], Reply]


def _yes(who: Persona, heard: str, visit: int) -> Reply:
    return who.yes_or_no(True)


def _option(key: str) -> Answering:
    return lambda who, heard, visit: who.option(key)


def _name(part: Callable[[Persona], str]) -> Answering:
    return lambda who, heard, visit: Reply(keypad(part(who)) + "#", part(who))


def _decision(part: Callable[[Persona], bool]) -> Answering:
    return lambda who, heard, visit: who.yes_or_no(part(who))


def _keys(part: Callable[[Persona], str]) -> Answering:
    return lambda who, heard, visit: Reply(part(who) + "#")


def _birth(who: Persona, heard: str, visit: int) -> Reply:
    match who.birth:
        case date():
            digits = who.birth.strftime("%m%d%Y")
        case int():
            digits = f"{who.birth:04d}"
        case None:
            digits = "1"
    return Reply(digits + "#", who.spelled(digits))


def _country_choice(who: Persona, heard: str, visit: int) -> Reply:
    """The number read out with the country ("for Guatemala, press 2"); 6, none of them, when it was not."""
    country, said = re.escape(folded(who.country)), folded(heard)
    found = re.search(rf"(?:\b(?:for|para) |^){country}[,:]? (?:\w+ ){{1,2}}([1-6])\b", said)
    return who.option(found[1] if found else "6")


def _digits(part: Callable[[Persona], str]) -> Answering:
    return lambda who, heard, visit: Reply(part(who) + "#", who.spelled(part(who)))


ANSWERS: dict[str, Answering] = {
    "inbound.welcome": lambda who, heard, visit: Reply(*{"en": ("1", "English"), "es": ("2", "Español")}[who.language]),
    "inbound.main_menu": lambda who, heard, visit: who.option("2" if who.confirmation else "1"),
    "inbound.eligible": _decision(lambda who: who.eligible),
    "inbound.first_name": _name(lambda who: who.given_name),
    "inbound.last_name": _name(lambda who: who.surnames),
    "inbound.confirm_name": _yes,
    "inbound.country": _name(lambda who: who.country),
    "inbound.country_choice": _country_choice,
    "inbound.confirm_country": _yes,
    "inbound.birth_date": _birth,
    "inbound.key_surname": lambda who, heard, visit: Reply(keypad(who.surnames) + "#"),
    "inbound.confirm_match": _decision(lambda who: who.recognises),
    "inbound.no_match": lambda who, heard, visit: who.option(who.if_none if visit == 1 else "9"),
    "inbound.hand_over": _option("1"),
    "inbound.channel": lambda who, heard, visit: who.option(CHANNELS[who.channel]),
    "inbound.number": lambda who, heard, visit: who.option("2" if who.number else "1"),
    "inbound.enter_number": _digits(lambda who: who.number[-10:]),
    "inbound.confirm_number": _yes,
    "inbound.voicemail": _decision(lambda who: who.voicemail),
    "inbound.night": _decision(lambda who: who.night),
    "inbound.pin": _keys(lambda who: who.pin),
    "inbound.pin_again": _keys(lambda who: who.pin),
    "inbound.consent": _decision(lambda who: who.consents),
    "verify.hello": _decision(lambda who: who.consents),
    "notify.hello": _yes,
    "notify.pin": _keys(lambda who: who.pin),
    "notify.message": _option("2"),
    "manage.confirmation": _digits(lambda who: who.confirmation),
    "manage.pin": _keys(lambda who: who.pin),
    "manage.menu": lambda who, heard, visit: who.option(who.wish if visit == 1 else "9"),
}
