"""Who is meant: a caller's answers against the candidates that the store has fetched.

Callers confirm what is decided here, and learn nothing else, so only one person may ever be left. A spoken
name that is merely near decides nothing without the last name by keypad. The date of birth parts namesakes; a
year off by more than one rules a candidate out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

from hotline.rules import countries
from hotline.rules.birth_dates import Agreement, BirthDate, agreement
from hotline.rules.keypad import digits_of
from hotline.rules.matching_names import (
    Said,
    Strength,
    keyed_particles,
    runs,
    said_words,
    strength,
    too_short,
)
from hotline.rules.names import fold, particles, skeleton

__all__ = [
    "Candidate", "Decision", "Keys", "Kind", "Query", "Said", "Words",
    "decide", "index_words", "search_words", "skeleton",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Query:
    """All that a caller has said of one person; `country` as in `countries`, `birth` None where not known."""

    given: Said
    surnames: Said
    country: str
    birth: BirthDate | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person in the records, names as recorded; each of `others` is (given names, surnames)."""

    subject: int
    given: tuple[str, ...]
    surnames: tuple[str, ...]
    others: tuple[tuple[str, ...], ...]
    country: str
    birth: BirthDate | None


class Kind(StrEnum):
    """What a look-up comes to."""

    ONE = "one"
    """One person, to be confirmed by the caller."""
    DOUBT = "doubt"
    """The name is only near: ask for the last name by keypad."""
    NONE = "none"
    MANY = "many"
    """Namesakes that nothing told tells apart: a person takes over."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The end of a look-up; `subject` is given with ONE alone."""

    kind: Kind
    subject: int | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """What the store indexes and fetches by: folded words, their digits on the keypad, their skeletons."""

    tokens: frozenset[str]
    digits: frozenset[str]
    skeletons: frozenset[str]


@dataclass(frozen=True, slots=True)
class Words:
    """What to fetch candidates by: they need a hit in both, whichever name was recorded as which."""

    given: Keys
    surnames: Keys


class _Rank(IntEnum):
    """How a candidate's date of birth ranks him among namesakes."""

    UNKNOWN = 0
    NEAR = 1
    YEAR = 2
    SWAPPED = 3
    EXACT = 4


@dataclass(frozen=True, slots=True)
class _Fit:
    subject: int
    strength: Strength
    rank: _Rank


def decide(query: Query, candidates: Iterable[Candidate], today: date) -> Decision:
    """The one person that the caller means, or why there is none; the order of candidates is indifferent.

    `today` is the caller's day: a date of birth after it can't be anybody's and is taken as not told.
    """
    if too_short(query.given, query.surnames, query.birth is not None):
        return Decision(Kind.NONE)
    birth = query.birth if query.birth and query.birth.year <= today.year else None
    places = countries.equivalent(query.country)
    fits = [
        fit
        for candidate in candidates
        if candidate.country in places and (fit := _fit(query, birth, candidate)) is not None
    ]
    sure = [fit for fit in fits if fit.strength is Strength.EXACT]
    near = [fit for fit in fits if fit.strength is not Strength.EXACT]
    if sure:
        decision = _only(sure)
        best = max(fit.rank for fit in sure)
        outdone = any(fit.rank > max(best, _Rank.YEAR) for fit in near)
        return Decision(Kind.DOUBT) if outdone and query.surnames.keys is None else decision
    if not near:
        return Decision(Kind.NONE)
    return Decision(Kind.DOUBT) if query.surnames.keys is None else _by_second_try(near)


def _by_second_try(near: list[_Fit]) -> Decision:
    """A near name, last name keyed: the whole date of birth decides, else a last name that fits whole."""
    dated = [fit for fit in near if fit.rank >= _Rank.SWAPPED]
    keyed = [fit for fit in near if fit.strength is Strength.NEAR_KEYED]
    return _only(dated or keyed)


def _only(fits: list[_Fit]) -> Decision:
    """The one whose date of birth agrees best."""
    if not fits:
        return Decision(Kind.NONE)
    best = max(fit.rank for fit in fits)
    subjects = {fit.subject for fit in fits if fit.rank == best}
    return Decision(Kind.ONE, subjects.pop()) if len(subjects) == 1 else Decision(Kind.MANY)


def _fit(query: Query, birth: BirthDate | None, candidate: Candidate) -> _Fit | None:
    """How well one candidate fits; None when the name doesn't or the date contradicts."""
    agreed = agreement(birth, candidate.birth)
    if agreed is Agreement.CONTRADICTS:
        return None
    recorded = ((candidate.given, candidate.surnames), *((name[:1], name[1:]) for name in candidate.others))
    found = max(strength(query.given, query.surnames, *name) for name in recorded)
    return _Fit(candidate.subject, found, _Rank[agreed.name]) if found else None


def search_words(query: Query) -> Words:
    """What the store fetches candidates by, for names said, keyed, joined, split or nearly spelled."""
    return Words(_said_keys(query.given), _said_keys(query.surnames))


def index_words(names: Iterable[str]) -> Keys:
    """What the store keeps of a subject; each of `names` is one recorded field, given names or surnames."""
    joined = {run for name in names for run in runs(tuple(fold(name).split()), particles())}
    return _keys(joined, {digits_of(word) for word in joined})


def _said_keys(said: Said) -> Keys:
    words, keyed = said_words(said)
    return _keys(set(runs(words, particles())), set(runs(keyed, keyed_particles())))


def _keys(words: set[str], digits: set[str]) -> Keys:
    return Keys(frozenset(words), frozenset(digits), frozenset(skeleton(word) for word in words))
