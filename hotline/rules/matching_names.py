"""How a name said and keyed fits a recorded one: word by word, joined or split, in any order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, JaroWinkler

from hotline.rules.keypad import digits_of, words_keyed
from hotline.rules.names import fold, particles, skeleton

_NEAR_WORD = 0.90
_NEAR_EDITS = 0.72  # Jaro-Winkler alone takes any word for near that begins with the other
_NEAR_SOUND = 0.75
_NEAR_WHOLE = 88.0
_LONGEST_RUN = 4
_MOST_WORDS = 8
_LEAST_FIELD = 2
_LEAST_SPOKEN = 4
_LEAST_KEYED = 5
_HIDDEN = "*"


@dataclass(frozen=True, slots=True)
class Said:
    """One name as the caller gave it: recognised speech, keys (digits 0 to 9), or both after a second try.

    `confidence` is the recogniser's own, 0 to 1; the present rules make nothing of it.
    """

    text: str | None = None
    keys: str | None = None
    confidence: float | None = None


class Strength(IntEnum):
    """How well a name fits, worst first."""

    NO = 0
    NEAR = 1
    """Spelled nearly so, or with one name more than the record has at all."""
    NEAR_KEYED = 2
    """The same, and the last name was keyed letter by letter."""
    EXACT = 3
    """Every word is a recorded one."""


class _Miss(IntEnum):
    """How far a name may miss: not at all, in spelling, or by one word that the record lacks too."""

    NOTHING = 0
    SPELLING = 1
    ONE_WORD = 2


def said_words(said: Said) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The folded words of what was spoken, and the digits, word by word, of what was keyed.

    A name that the recogniser hid in part, or of more words than names have, counts as not given.
    """
    spoken = () if said.text is None or _HIDDEN in said.text else tuple(fold(said.text).split())
    keyed = words_keyed(said.keys or "")
    return spoken if len(spoken) <= _MOST_WORDS else (), keyed if len(keyed) <= _MOST_WORDS else ()


def runs(words: Sequence[str], small: frozenset[str] = frozenset()) -> Iterator[str]:
    """Each word, and each few neighbours written as one; `small` ones only joined, unless all are small."""
    skipped = small if any(word not in small for word in words) else frozenset()
    for start, end in _spans(len(words)):
        if end - start > 1 or words[start] not in skipped:
            yield "".join(words[start:end])


def _spans(count: int) -> Iterator[tuple[int, int]]:
    for start in range(count):
        for end in range(start + 1, min(count, start + _LONGEST_RUN) + 1):
            yield start, end


def too_short(given: Said, surnames: Said, birth_known: bool) -> bool:
    """True when a name has too few letters to mean one person: a name missing, an initial, two keys."""
    lengths = []
    keyed = False
    for said in (given, surnames):
        spoken, digits = said_words(said)
        keyed = keyed or not spoken
        lengths.append(max(len("".join(spoken)), len("".join(digits))))
    least = _LEAST_KEYED if keyed and not birth_known else _LEAST_SPOKEN
    return min(lengths) < _LEAST_FIELD or sum(lengths) < least


def strength(given: Said, surnames: Said, given_names: Sequence[str], last_names: Sequence[str]) -> Strength:
    """How well a given name and surname said fit the recorded `given_names` and `last_names`.

    Any order, either role, one of two surnames; but never two words said for one that is recorded, and a
    given name and a surname must both be met.
    """
    recorded = _Recorded(given_names, last_names)
    (spoken_given, keyed_given), (spoken_last, keyed_last) = said_words(given), said_words(surnames)
    spoken_given, spoken_last = _apart(spoken_given, spoken_last)
    first, last = _Field(spoken_given, keyed_given), _Field(spoken_last, keyed_last)
    if recorded.takes(first, last, _Miss.NOTHING):
        return Strength.EXACT
    for miss in (_Miss.SPELLING, _Miss.ONE_WORD):
        if keyed_last and recorded.takes(first, last, miss, whole_last=True):
            return Strength.NEAR_KEYED
        if recorded.takes(first, last, miss):
            return Strength.NEAR
    if not keyed_given and not keyed_last and recorded.sounds_like(spoken_given, spoken_last):
        return Strength.NEAR
    return Strength.NO


@dataclass(frozen=True, slots=True)
class _Field:
    """One name as said; keys, where there are any, are the better evidence and stand alone."""

    spoken: tuple[str, ...]
    keyed: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        return self.keyed or self.spoken

    def may_skip(self, at: int) -> bool:
        """A particle, unless there is nothing but particles."""
        small = keyed_particles() if self.keyed else particles()
        return self.words[at] in small and any(word not in small for word in self.words)


class _Recorded:
    """A recorded name as runs of neighbouring words, each with the bits of the words it takes."""

    def __init__(self, given: Sequence[str], surnames: Sequence[str]) -> None:
        self._given, self._surnames = _recorded_words(given), _recorded_words(surnames)
        given_bits = (1 << len(self._given)) - 1
        self._sides = (given_bits, (1 << len(self._given + self._surnames)) - 1 - given_bits)
        placed = enumerate(self._given + self._surnames)
        self._small = sum(1 << at for at, word in placed if word in particles())
        self._spans: list[tuple[str, str, int]] = []
        for words, offset in ((self._given, 0), (self._surnames, len(self._given))):
            for start, end in _spans(len(words)):
                text = "".join(words[start:end])
                bits = ((1 << (end - start)) - 1) << (start + offset)
                self._spans.append((text, digits_of(text), bits))

    def takes(self, first: _Field, last: _Field, miss: _Miss, whole_last: bool = False) -> bool:
        """True when every word said finds recorded ones of its own, given names and surnames both among them.

        With `whole_last`, what may be missed is missed in the given names alone.
        """
        slack = 1 if miss is _Miss.ONE_WORD else 0
        for taken, left in self._covers(first, 0, miss, slack):
            last_miss, last_slack = (_Miss.NOTHING, 0) if whole_last else (miss, left)
            for both, rest in self._covers(last, taken, last_miss, last_slack):
                short = (taken if left < slack else 0) | (both & ~taken if rest < last_slack else 0)
                if all(both & side for side in self._sides) and not self._contradicts(short, both):
                    return True
        return False

    def _contradicts(self, short: int, both: int) -> bool:
        """True when a name said is left over where one recorded is left over too: then they are two names."""
        return any(short & side and side & ~both & ~self._small for side in self._sides)

    def _covers(self, field: _Field, taken: int, miss: _Miss, slack: int) -> set[tuple[int, int]]:
        """Every way to place a name's words: the bits then taken, and the slack then left.

        States are kept, not paths, so that a name of one word many times over costs no more than another.
        """
        words = field.words
        states: list[set[tuple[int, int, bool]]] = [set() for _ in range(len(words) + 1)]
        states[0].add((taken, slack, False))
        for at, end in _spans(len(words)):
            places = self._places("".join(words[at:end]), bool(field.keyed), miss)
            for used, left, met in states[at]:
                states[end].update((used | bits, left, True) for bits in places if not used & bits)
                if end == at + 1 and field.may_skip(at):
                    states[end].add((used, left, met))
                elif end == at + 1 and left:
                    states[end].add((used, left - 1, met))
        return {(used, left) for used, left, met in states[-1] if met}

    def _places(self, said: str, is_keyed: bool, miss: _Miss) -> set[int]:
        """The recorded words that one word said may stand for."""
        return {
            bits for text, digits, bits in self._spans if (said == digits if is_keyed else _means(said, text, miss))
        }

    def sounds_like(self, given: Sequence[str], surnames: Sequence[str]) -> bool:
        """True when the whole is near, run together: speech parts words where it likes."""
        said = "".join((*given, *surnames))
        if any(_other_sex(word, name) for word in (*given, *surnames) for name in self._given):
            return False
        firsts = {"".join(self._given), *self._given[:1]} - {""}
        lasts = {"".join(self._surnames), *self._surnames[:1]} - {""}
        wholes = (first + last for first in firsts for last in lasts)
        return any(fuzz.ratio(said, whole) >= _NEAR_WHOLE for whole in wholes)


def _recorded_words(names: Sequence[str]) -> list[str]:
    """The folded words of a recorded field; a third copy of one word is no name and only costs time."""
    kept: list[str] = []
    for word in fold(" ".join(names)).split():
        if kept.count(word) < 2:
            kept.append(word)
    return kept[:_MOST_WORDS]


def _means(said: str, recorded: str, miss: _Miss) -> bool:
    if said == recorded:
        return True
    if miss is _Miss.NOTHING or _other_sex(said, recorded):
        return False
    likeness = JaroWinkler.similarity(said, recorded)
    if likeness >= _NEAR_WORD and Indel.normalized_similarity(said, recorded) >= _NEAR_EDITS:
        return True
    sound = skeleton(said)
    return len(sound) > 1 and likeness >= _NEAR_SOUND and sound == skeleton(recorded)


def _other_sex(one: str, other: str) -> bool:
    """Mario and Maria, Daniel and Daniela: near in spelling, and never meant for each other."""
    short, long = sorted((one, other), key=len)
    if len(short) == len(long):
        return short[:-1] == long[:-1] and {short[-1:], long[-1:]} == {"a", "o"}
    return long == f"{short}a"


def _apart(given: tuple[str, ...], surnames: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Drops the surname said with the given name, and the given name said again with the surname."""
    if surnames and len(given) > len(surnames) and given[-len(surnames) :] == surnames:
        return given[: -len(surnames)], surnames
    if given and len(surnames) > len(given) and surnames[: len(given)] == given:
        return given, surnames[len(given) :]
    return given, surnames


@cache
def keyed_particles() -> frozenset[str]:
    """The particles as they are keyed."""
    return frozenset(digits_of(word) for word in particles())
