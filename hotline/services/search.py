"""The name search: from what was said to the one person meant, or nobody. Words first, then people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session as Transaction

from hotline.rules import countries, matching
from hotline.rules.lookups import Lookups, lookups
from hotline.rules.matching import Decision, Query
from hotline.rules.readings import said_as, thought_of
from hotline.rules.vocabulary import Vocabulary
from hotline.store import people
from hotline.store.name_index import pair_of
from hotline.store.vocabularies import vocabularies_of

MOST_ROWS = 3000
"""Rows of the index that one look-up reads."""
MOST_CARRIERS = 100
MOST_CANDIDATES = 60
"""People whose whole names are compared."""


def search(db: Transaction, query: Query, today: date) -> Decision:
    """Whom a query means, among those who may be shown on the day `today`."""
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
    """The people worth comparing, by the most telling words that they carry."""
    bits: dict[int, float] = {}
    exact = _by_pair(wanted.exact, known)
    if exact:
        worth = sum(exact.values()) / len(exact)
        for ref, count in people.carriers_of_most(db, list(exact), years, MOST_CARRIERS):
            bits[ref] = worth * count
    near = _by_pair(wanted.near, known)
    near.update({one.ids[word]: worth for one in known for word, worth in wanted.alone.items() if word in one.ids})
    for ref, pair in people.carriers(db, list(near), years, MOST_ROWS) if near else ():
        bits[ref] = max(bits.get(ref, 0.0), near[pair]) + 0.1 * near[pair]
    return sorted(bits, key=lambda ref: (-bits[ref], ref))[:MOST_CANDIDATES]


def _by_pair(pairs: dict[tuple[str, str], float], known: Sequence[Vocabulary]) -> dict[int, float]:
    return {
        pair_of(vocabulary.ids[one], vocabulary.ids[other]): bits
        for (one, other), bits in pairs.items()
        for vocabulary in known
        if one in vocabulary.ids and other in vocabulary.ids
    }
