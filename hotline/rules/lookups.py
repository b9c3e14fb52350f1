"""Which pairs of words to look up for a name that was said, the most telling first.

Whoever is meant carries two of the words that were said, or one that is rare, or has one word for a name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from hotline.rules.matching import Heard
from hotline.rules.readings import Reading

MOST_PAIRS = 300
MOST_HITS = 14
"""Recorded words that one word said is looked up as; more where keys begin a name that isn't ended."""
MOST_BEGUN = 60
MOST_ALONE = 12
_WORTH = -4.0
"""Bits below which a reading is no reason to look anybody up."""
_RARE = 6.5
"""Bits from which one word alone is reason enough."""


@dataclass(frozen=True, slots=True)
class Lookups:
    """Pairs of words with the bits that both are worth: `exact` as they were said, `near` as they may be meant."""

    exact: dict[tuple[str, str], float]
    near: dict[tuple[str, str], float]
    alone: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Hit:
    place: tuple[int, int, int]
    word: str
    bits: float
    is_exact: bool

    def overlaps(self, other: _Hit) -> bool:
        (mine, start, end), (theirs, begin, finish) = self.place, other.place
        return mine == theirs and start < finish and begin < end


def lookups(heard: Heard) -> Lookups:
    """What to look up, at most MOST_PAIRS pairs and MOST_ALONE single words."""
    hits = [hit for at, reading in enumerate(heard.all) for hit in _hits(at, reading)]
    exact: dict[tuple[str, str], float] = {}
    near: dict[tuple[str, str], float] = {}
    for one, other in combinations(hits, 2):
        if one.word == other.word or one.overlaps(other):
            continue
        pair = (min(one.word, other.word), max(one.word, other.word))
        kind = exact if one.is_exact and other.is_exact else near
        kind[pair] = max(one.bits + other.bits, kind.get(pair, 0.0))
    room = MOST_PAIRS - len(exact)
    near = dict(sorted(near.items(), key=lambda item: -item[1])[: max(room, 0)])
    alone = {hit.word: hit.bits for hit in sorted(hits, key=lambda hit: hit.bits) if hit.bits >= _RARE}
    return Lookups(exact, near, dict(list(alone.items())[-MOST_ALONE:]))


def _hits(at: int, reading: Reading) -> Iterator[_Hit]:
    for segment in reading.segments:
        if segment.end - segment.start == 1 and reading.is_small(segment.start):
            continue
        least = min(segment.near.values(), default=0.0)
        begun = reading.is_keyed and least > reading.bits.same
        for word, bits in list(segment.near.items())[: MOST_BEGUN if begun else MOST_HITS]:
            worth = segment.anybody - bits
            if worth > _WORTH:
                yield _Hit((at, segment.start, segment.end), word, worth, bits <= reading.bits.same)
