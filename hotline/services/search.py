"""The name search: from what was said to the one person meant, or nobody. Words first, then people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from math import sqrt

from sqlalchemy.orm import Session as Transaction

from hotline.errors import SearchClosed
from hotline.rules import countries, matching
from hotline.rules.lookups import Lookups, Pair, lookups
from hotline.rules.matching import Decision, Query
from hotline.rules.readings import said_as, thought_of
from hotline.rules.vocabulary import Vocabulary
from hotline.store import people, watching
from hotline.store.name_index import pair_of
from hotline.store.vocabularies import vocabularies_of

MOST_ROWS = 3000
"""Rows of the index that one look-up reads."""
MOST_CARRIERS = 100
MOST_CANDIDATES = 40
"""People whose whole names are compared."""
WORTH_COMPARING = 16.0
"""Bits by which the words that somebody carries may be less telling than those of the best."""


def search(db: Transaction, query: Query, today: date) -> Decision:
    """Whom a query means, among those who may be shown on the day `today`. Raises SearchClosed."""
    if watching.search_closed(db):
        raise SearchClosed("search is closed: see `hotline custody reopen --help`")
    return find(db, query, today)


def find(db: Transaction, query: Query, today: date) -> Decision:
    """The search itself, closed or not: for the line's own look whether hidden records stay hidden."""
    places = countries.equivalent(query.country)
    known = vocabularies_of(db).of(db, places)
    heard = matching.read(query, known)
    common = people.frequencies(db, thought_of(heard.all), places, said_as(heard.all))
    matching.weigh(heard, common)
    refs = _carriers(db, lookups(heard), known, _years(query))
    return matching.decide(query, heard, people.candidates(db, refs, today), common.people, today)


def _years(query: Query) -> Sequence[int]:
    """The years of birth that do not contradict; 0 stands for one that is not recorded."""
    return () if query.birth is None else (0, *range(query.birth.year - 1, query.birth.year + 2))


def _carriers(db: Transaction, wanted: Lookups, known: Sequence[Vocabulary], years: Sequence[int]) -> list[int]:
    """The people worth comparing, by how telling the words are that they carry."""
    bits: dict[int, float] = {}
    exact = _numbers(wanted.exact, known)
    if exact:
        usual = sum(wanted.bits[word] for word in wanted.said) / len(wanted.said)
        for ref, count in people.carriers_of_most(db, list(exact), years, MOST_CARRIERS):
            bits[ref] = usual * (1 + sqrt(1 + 8 * count)) / 2  # so many words make so many pairs
    near: dict[int, tuple[str, ...]] = {**_numbers(wanted.near, known)}
    near.update({one.ids[word]: (word,) for one in known for word in wanted.alone if word in one.ids})
    carried: dict[int, set[str]] = {}
    for ref, number in people.carriers(db, list(near), years, MOST_ROWS) if near else ():
        carried.setdefault(ref, set()).update(near[number])
    if wanted.broad:
        first, last = (
            {one.ids[word]: word for one in known for word in side if word in one.ids} for side in wanted.broad
        )
        for ref, number in people.carriers_of_both(db, list(first), list(last), years, MOST_ROWS):
            carried.setdefault(ref, set()).add(first.get(number) or last[number])
    for ref, words in carried.items():
        new = words - wanted.said if ref in bits else words
        bits[ref] = bits.get(ref, 0.0) + wanted.worth(new)
    least = max(bits.values(), default=0.0) - WORTH_COMPARING
    worth_comparing = (ref for ref in bits if bits[ref] >= least)
    return sorted(worth_comparing, key=lambda ref: (-bits[ref], ref))[:MOST_CANDIDATES]


def _numbers(pairs: Iterable[Pair], known: Sequence[Vocabulary]) -> dict[int, Pair]:
    """The numbers of pairs of words, in every country that has both."""
    return {
        pair_of(vocabulary.ids[one], vocabulary.ids[other]): (one, other)
        for one, other in pairs
        for vocabulary in known
        if one in vocabulary.ids and other in vocabulary.ids
    }
