"""Which pairs of words to look up for a name that was said, the most telling first.

Whoever is meant carries two of the words that were said, or one that is rare, or has one word for a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from math import inf

from hotline.rules.evidence import EXTRA
from hotline.rules.matching import Heard
from hotline.rules.readings import Reading

MOST_PAIRS = 300
MOST_HITS = 14
"""Recorded words that one word said is looked up as; more where keys begin a name that isn't ended."""
MOST_BEGUN = 40
MOST_ALONE = 12
_WORTH = 0.0
"""Bits below which a reading is no better than none."""
_RARE = 10.5
"""Bits from which one word alone is reason enough."""


Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Lookups:
    """What to look up: pairs of words as they were said, pairs as they may be meant, and rare words alone.

    Where names begun and not ended fit more pairs than that, `broad` has the words of the first name and of the last:
    who carries one of each is looked up. `bits` holds how telling each word is, against not being met, `place` which
    word said it stands for, `said` the words said just so.
    """

    exact: frozenset[Pair]
    near: tuple[Pair, ...]
    alone: tuple[str, ...]
    broad: tuple[frozenset[str], ...]
    bits: dict[str, float]
    place: dict[str, tuple[int, int]]
    said: frozenset[str]

    def worth(self, words: Iterable[str]) -> float:
        """How telling some of these words are together: of several that stand for one word said, the best counts."""
        best: dict[tuple[int, int], float] = {}
        for word in words:
            best[self.place[word]] = max(self.bits[word], best.get(self.place[word], self.bits[word]))
        return sum(best.values())


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
    exact: set[Pair] = set()
    near: dict[Pair, float] = {}
    for one, other in combinations(hits, 2):
        if one.word == other.word or one.overlaps(other):
            continue
        pair = (min(one.word, other.word), max(one.word, other.word))
        if one.is_exact and other.is_exact:
            exact.add(pair)
        else:
            near[pair] = max(one.bits + other.bits, near.get(pair, 0.0))
    bits: dict[str, float] = {}
    place: dict[str, tuple[int, int]] = {}
    for hit in hits:
        if hit.bits >= bits.get(hit.word, hit.bits):
            bits[hit.word], place[hit.word] = hit.bits, hit.place[:2]
    pairs = sorted(near.keys() - exact, key=lambda pair: (-near[pair], pair))
    room = max(0, MOST_PAIRS - len(exact))
    broad = _broad(heard) if len(pairs) > room else ()
    for at, reading in enumerate(heard.first_try if broad else ()):
        for segment in reading.segments:
            for word, surprise in segment.near.items():
                if segment.anybody - surprise + EXTRA > bits.get(word, -inf):
                    bits[word], place[word] = segment.anybody - surprise + EXTRA, (at, segment.start)
    by_worth = sorted(bits, key=lambda word: (-bits[word], word))
    whole = [(word, word) for word in by_worth[:MOST_ALONE]]  # people with one word for a name
    return Lookups(
        frozenset(sorted(exact)[:MOST_PAIRS]),
        (*whole, *pairs[: max(0, room - len(whole))]),
        tuple(word for word in by_worth[:MOST_ALONE] if bits[word] >= _RARE),
        broad,
        bits,
        place,
        frozenset(hit.word for hit in hits if hit.is_exact),
    )


def _broad(heard: Heard) -> tuple[frozenset[str], ...]:
    """The recorded words that a first name begun may become, and those that a last name begun may become."""
    words = [frozenset(word for segment in one.segments for word in segment.near) for one in heard.first_try]
    return tuple(words) if len(words) == 2 and any(_is_begun(one) for one in heard.first_try) else ()


def _is_begun(reading: Reading) -> bool:
    return any(bits == reading.bits.prefix for segment in reading.segments for bits in segment.near.values())


def _hits(at: int, reading: Reading) -> Iterator[_Hit]:
    for segment in reading.segments:
        if segment.end - segment.start == 1 and reading.is_small(segment.start):
            continue
        least = min(segment.near.values(), default=0.0)
        begun = reading.is_keyed and least > reading.bits.same
        for word, bits in list(segment.near.items())[: MOST_BEGUN if begun else MOST_HITS]:
            worth = segment.anybody - bits + EXTRA
            if worth > _WORTH:
                yield _Hit((at, segment.start, segment.end), word, worth, bits <= reading.bits.same)
