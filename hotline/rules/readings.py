"""A name as a caller gave it, word by word, with the recorded words that each may stand for.

A word may have been run together with its neighbour, or be two words run together; every such reading is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf, log2

from hotline.rules.keypad import digits_of, words_keyed
from hotline.rules.likeness import HEARD, KEYED, SPELLED, Surprises
from hotline.rules.names import particles
from hotline.rules.scripts import apart as family_apart
from hotline.rules.scripts import latin
from hotline.rules.spoken_names import masked
from hotline.rules.vocabulary import Vocabulary, apart

MOST_WORDS = 8
_LONGEST_RUN = 4
_LEAST_RUN = 6
"""Letters or keys of two words run together."""
LONG_PART = 5
"""Letters or keys of each part of a word that is recorded as it is, and as two words too: "luisfernando"."""
FAR = 11.0
"""Bits from which a recorded word is so unlike what was said that this may be two words run together."""
_SURE = 0.8
"""Confidence from which speech is taken for spelled right (IVR_RULES: up to here a name is confirmed)."""

JOINED = 3.5
"""Bits of surprise at words run together or cut apart."""
LETTER = 3.4
"""Bits of surprise at each letter of a word that is no recorded name there; names of any country come near this."""
KEY = 3.3
"""The same of each key."""
OTHER_FORM_KNOWN = 3.0
"""Bits of surprise that a name of one sex is borne by the other sex too, in that country."""
CLOSE = 1.0
"""Bits within which recorded words are as near to what was said as the nearest."""
CLEARLY = 3.0
"""Times more common as a surname than as a given name, or the other way round, to be taken for that alone."""
LEAST_NEW = 0.02
"""The share of words that are new at any size of the records: misheard beyond recognition, or never recorded."""


class Role(StrEnum):
    """What a caller gave a name as."""

    GIVEN = "given"
    SURNAMES = "surnames"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Said:
    """One name as the caller gave it: recognised speech, keys (digits 0 to 9), or both after a second try.

    `confidence` is the recogniser's own, 0 to 1; None for what was typed or spelled.
    """

    text: str | None = None
    keys: str | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How common words are among the people of the country: carriers of each, and how many words there are in all.

    `anywhere` is the share of a word among the words of all people, wherever they were born.
    """

    given: Mapping[str, int]
    surnames: Mapping[str, int]
    given_words: int
    surname_words: int
    people: int
    anywhere: Mapping[str, float]

    def shares(self, word: str) -> tuple[float, float]:
        """The share of a word among the given names of people there, and among their surnames."""
        return self.given.get(word, 0) / max(1, self.given_words), self.surnames.get(word, 0) / max(
            1, self.surname_words
        )

    def share(self, word: str, role: Role) -> float:
        """The share of a word among the words that people there have as given names, surnames, or either."""
        given, surname = self.shares(word)
        lead = {Role.GIVEN: 0.9, Role.SURNAMES: 0.1, Role.WHOLE: 0.5}[role]
        return lead * given + (1 - lead) * surname

    @property
    def new(self) -> float:
        """The share of words that nobody recorded carries; the fewer people, the more of them."""
        return max(LEAST_NEW, min(0.5, float((self.people + 1) ** -0.4)))


@dataclass(slots=True)
class Segment:
    """Neighbouring words said, read as one: the recorded words it may stand for, with their surprise in bits."""

    start: int
    end: int
    text: str
    is_keyed: bool
    is_word: bool = False
    """Whether a recorded word is spelled, or keyed, just so."""
    near: Mapping[str, float] = field(default_factory=dict)
    anybody: float = inf
    """The surprise of hearing this when anybody of the country is named."""
    leans: Role = Role.WHOLE
    """What people of the country mostly carry it as; WHOLE where it is carried as both, or not at all."""


@dataclass(slots=True)
class Reading:
    """One name in one channel, with all its segments."""

    role: Role
    words: tuple[str, ...]
    is_keyed: bool
    bits: Surprises
    segments: list[Segment]
    anybody: float = 0.0
    """The least surprise of the whole when anybody of the country is named."""

    def is_small(self, at: int) -> bool:
        """Whether the word at a place is a particle, which may be said or left out."""
        return _is_small(self.words[at], self.is_keyed) and any(
            not _is_small(word, self.is_keyed) for word in self.words
        )


_KEYED_PARTICLES = frozenset(digits_of(word) for word in particles())


def _is_small(word: str, is_keyed: bool) -> bool:
    return word in (_KEYED_PARTICLES if is_keyed else particles())


def spoken_words(said: Said, country: str = "") -> tuple[str, ...]:
    """The folded words of what was said; a name that the recogniser hid in part counts as not given."""
    words = () if said.text is None or masked(said.text) else tuple(latin(family_apart(said.text), country).split())
    return words if len(words) <= MOST_WORDS else ()


def keyed_words(said: Said) -> tuple[str, ...]:
    """The digits, word by word, of what was keyed."""
    words = words_keyed(said.keys or "")
    return words if len(words) <= MOST_WORDS else ()


def readings(said: Said, role: Role, country: str, vocabularies: Sequence[Vocabulary]) -> Iterator[Reading]:
    """The name as it was spoken, and as it was keyed where it was; the recorded words come from the vocabularies."""
    bits = HEARD if said.confidence is not None and said.confidence < _SURE else SPELLED
    for words, is_keyed, channel in ((spoken_words(said, country), False, bits), (keyed_words(said), True, KEYED)):
        if words:
            words = tuple(_apart(words, is_keyed, channel, vocabularies))
            yield Reading(role, words, is_keyed, channel, list(_segments(words, is_keyed, channel, vocabularies)))


def _apart(words: Iterable[str], is_keyed: bool, bits: Surprises, vocabularies: Sequence[Vocabulary]) -> Iterator[str]:
    """The words, those that are several run together as several: as long as nothing recorded is like the whole."""
    for word in words:
        known = any(vocabulary.has(word, is_keyed) for vocabulary in vocabularies)
        if (
            known
            or len(word) < _LEAST_RUN
            or min(_near(word, is_keyed, bits, vocabularies).values(), default=inf) < FAR
        ):
            yield word
        else:
            yield from apart(word, vocabularies, is_keyed)


def _segments(
    words: Sequence[str], is_keyed: bool, bits: Surprises, vocabularies: Sequence[Vocabulary]
) -> Iterator[Segment]:
    known = [any(vocabulary.has(word, is_keyed) for vocabulary in vocabularies) for word in words]
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + _LONGEST_RUN) + 1):
            text = "".join(words[start:end])
            is_run = end - start > 1
            is_word = any(vocabulary.has(text, is_keyed) for vocabulary in vocabularies) if is_run else known[start]
            segment = Segment(start, end, text, is_keyed, is_word)
            if not is_run or not all(known[start:end]) or is_word:
                segment.near = _near(text, is_keyed, bits, vocabularies)
            if not is_run or segment.near:
                yield segment


def _near(text: str, is_keyed: bool, bits: Surprises, vocabularies: Iterable[Vocabulary]) -> dict[str, float]:
    found: dict[str, float] = {}
    for vocabulary in vocabularies:
        found.update(vocabulary.near_keys(text) if is_keyed else vocabulary.near(text, bits))
    return found


def thought_of(given: Iterable[Reading]) -> set[str]:
    """Every recorded word that something said may stand for: the store is asked how common each is."""
    return {word for reading in given for segment in reading.segments for word in segment.near}


def _leaning(segment: Segment, common: Frequencies) -> Role:
    """What a word of a whole name was said as, by what the recorded words nearest to it are."""
    least = min(segment.near.values(), default=0.0)
    given = surname = 0.0
    for word, bits in segment.near.items():
        if bits < least + CLOSE:
            as_given, as_surname = common.shares(word)
            given, surname = given + as_given, surname + as_surname
    if max(given, surname) <= CLEARLY * min(given, surname) or given == surname:
        return Role.WHOLE
    return Role.GIVEN if given > surname else Role.SURNAMES


def said_as(given: Iterable[Reading]) -> set[str]:
    """Every word as it was said: the store is asked how common each is anywhere."""
    return {segment.text for reading in given if not reading.is_keyed for segment in reading.segments}


def weigh(reading: Reading, common: Frequencies) -> None:
    """Sets how surprising each segment, and the whole, would be if anybody of the country were named."""
    for segment in reading.segments:
        letters = len(segment.text) * (KEY if reading.is_keyed else LETTER)
        chance = common.new * (2.0**-letters + common.anywhere.get(segment.text, 0.0) * 2.0**-reading.bits.same)
        for word, bits in segment.near.items():
            # Carla is a name wherever Carlos is one, recorded or not.
            bits = min(bits, OTHER_FORM_KNOWN) if bits == reading.bits.other_form else bits
            chance += common.share(word, reading.role) * 2.0**-bits
        segment.anybody = -log2(chance)
        segment.leans = reading.role if reading.role is not Role.WHOLE else _leaning(segment, common)
        if segment.end - segment.start == 1 and reading.is_small(segment.start):
            segment.anybody = 0.0
    least = [0.0, *[inf] * len(reading.words)]
    for segment in sorted(reading.segments, key=lambda one: one.end):
        run = JOINED * (segment.end - segment.start - 1)
        least[segment.end] = min(least[segment.end], least[segment.start] + segment.anybody + run)
    reading.anybody = least[-1]
