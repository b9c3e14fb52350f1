"""The kinds of caller, and what one of them says of a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from hotline.bench.held import PARTICLES, FeedPerson, Held, plain
from hotline.bench.sounds import tradition


class Kind(StrEnum):
    EXACT = "exact"
    ACCENTS = "accents"
    ONE_SURNAME = "one_surname"
    SWAPPED = "swapped"
    JOINED = "joined"
    NICKNAME = "nickname"
    TRANSLITERATION = "transliteration"
    TYPING = "typing"
    SPEECH = "speech"
    SPEECH_BAD = "speech_bad"
    SPELLED = "spelled"
    KEYPAD = "keypad"
    KEYPAD_SLIP = "keypad_slip"
    PREFIXES = "prefixes"
    STRANGER = "stranger"
    OTHER_COUNTRY = "other_country"
    FISHING = "fishing"
    ANOTHER_SURNAME = "another_surname"
    OTHER_SEX = "other_sex"


FAR = (Kind.STRANGER, Kind.OTHER_COUNTRY, Kind.FISHING)
"""Nobody held is like what is said."""
NEAR = (Kind.ANOTHER_SURNAME, Kind.OTHER_SEX)
"""Somebody held is like it, and is not meant."""
FOUND = tuple(kind for kind in Kind if kind not in FAR + NEAR)
"""Somebody held is meant."""


Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What a caller says: the words of either name, how they are told, and the words that were in mind.

    `parts` are the keys of each word where keys were pressed, `surname` the last name in mind where nobody is held.
    """

    given: Words
    surnames: Words
    meant: Words
    by: str = "text"
    text: str = ""
    confidence: float | None = None
    nobody: bool = False
    country: str = ""
    parts: tuple[str, ...] = ()
    surname: Words = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks, starting from a person held; `is_asked_apart` where the line asks for either name alone."""

    held: Held
    person: FeedPerson
    chance: Random
    outsiders: Sequence[FeedPerson]
    is_asked_apart: bool = False

    @property
    def tradition(self) -> str:
        return tradition(self.person.country)

    def part(self) -> tuple[Words, Words]:
        """The words of the recorded name that this caller uses: most say all of it, some leave names out."""
        given, surnames = self.person.given_words, units(self.person.surname_words)
        style = self.chance.choices(("all", "first", "one", "short"), (55, 22, 10, 13))[0]
        if not given or not surnames:
            return given, self.person.surname_words
        given = given if style in ("all", "one") else given[:1]
        surnames = surnames if style in ("all", "first") else surnames[:1]
        return given, tuple(word for unit in surnames for word in unit)


def units(words: Sequence[str]) -> tuple[Words, ...]:
    """Surnames one by one, each with the particles before it; hyphened ones apart."""
    found: list[Words] = []
    pending: list[str] = []
    for word in (part for hyphened in words for part in hyphened.split("-")):
        pending.append(word)
        if plain(word) in PARTICLES or not plain(word):
            continue
        found.append(tuple(pending))
        pending = []
    if pending:
        found.append(tuple(pending))
    return tuple(found)
