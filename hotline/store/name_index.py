"""The index of names: from words to people. An import keeps it up in the transaction that writes the people.

People who may not be shown are not in it at all: a search for them does just what a search for nobody does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date
from itertools import combinations
from typing import Any

from sqlalchemy import Select, select, text, update
from sqlalchemy.orm import Session

from hotline.rules.name_entries import Entry, entry_of
from hotline.rules.records import Person
from hotline.store import bulk
from hotline.store.models import TO_INDEX, Base, NameCountry, NamePair, NameWord, Subject
from hotline.store.people import showable

COUNTRY, WORD, PAIR, SUBJECT = (
    Base.metadata.tables[table.__tablename__] for table in (NameCountry, NameWord, NamePair, Subject)
)
Word = tuple[str, str]
"""A country and a folded word of the names there."""
MOST_KNOWN = 300_000
"""Words whose ids are kept in memory, about 50 MB of them."""


def pair_of(one: int, other: int) -> int:
    """The number of two words, by their ids, in any order."""
    return (min(one, other) << 31) | max(one, other)


class WordIds:
    """The ids of words met so far, for one process that writes the index: ids never change and never go.

    What a transaction brings is kept only once it is committed: `settle` it then.
    """

    def __init__(self) -> None:
        self._known: dict[Word, int] = {}
        self._new: dict[Word, int] = {}

    def settle(self) -> None:
        """The transaction was committed."""
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        self._known.update(self._new)
        self._new.clear()

    def forget(self) -> None:
        """The transaction was rolled back."""
        self._new.clear()

    def known(self, session: Session, words: Set[Word]) -> dict[Word, int]:
        """The ids of those of these words that have one."""
        ids = {word: ref for word in words if (ref := self._known.get(word) or self._new.get(word))}
        if unknown := words - ids.keys():
            found = _stored_ids(session, unknown)
            self._new |= found
            ids |= found
        return ids

    def add(
        self, session: Session, words: Sequence[Word], given: Counter[Word], surnames: Counter[Word]
    ) -> dict[Word, int]:
        """Write words that are new, with how many carry them. Returns their ids."""
        ids = dict(zip(words, bulk.new_ids(session, WORD, len(words)), strict=True))
        rows = [(ref, *word, given[word], surnames[word]) for word, ref in ids.items()]
        bulk.add(session, WORD, ("id", "country", "token", "given_count", "surname_count"), rows)
        self._new |= ids
        return ids


def add_people(
    session: Session, people: Sequence[tuple[int, Entry]], words: WordIds | None = None, marked: bool = False
) -> None:
    """Index people by their row id. `marked`: their rows say already that they are in the index."""
    if not people:
        return
    bulk.add(session, PAIR, _PAIR, _enter(session, people, words or WordIds(), 1))
    if not marked:
        _mark(session, people, True)


def remove_people(session: Session, people: Sequence[tuple[int, Entry]], words: WordIds | None = None) -> None:
    """Take people out, by the entries with which they were put in."""
    if not people:
        return
    bulk.remove(session, PAIR, _PAIR, _enter(session, people, words or WordIds(), -1))
    _mark(session, people, False)


_PAIR = ("pair", "born", "subject_ref")


def _enter(
    session: Session, people: Sequence[tuple[int, Entry]], words: WordIds, sign: int
) -> list[tuple[int, int, int]]:
    """Count these people in, or out; their rows of pairs, in the order in which the index has them."""
    ids = _count(session, [entry for _, entry in people], words, sign)
    return sorted((pair, entry.born, ref) for ref, entry in people for pair in _pairs(entry, ids))


def _mark(session: Session, people: Sequence[tuple[int, Entry]], findable: bool) -> None:
    refs = [ref for ref, _ in people]
    session.execute(update(SUBJECT).where(bulk.among(session, SUBJECT.c.id, refs)).values(findable=findable))


def anybody_to_add(session: Session, today: date) -> bool:
    """Whether there are people who may be shown by now and are not in the index."""
    return session.scalar(_to_add(today, SUBJECT.c.id).limit(1)) is not None


def add_the_grown(session: Session, today: date, most: int) -> int:
    """Index people who may be shown by now and are not there: they came of age. Returns how many."""
    columns = (SUBJECT.c.id, *(SUBJECT.c[name] for name in Person._fields))
    found = session.execute(_to_add(today, *columns).limit(most)).all()
    add_people(session, [(ref, entry_of(Person(*person))) for ref, *person in found])
    return len(found)


def _to_add(today: date, *columns: Any) -> Select[Any]:
    return select(*columns).where(text(TO_INDEX), showable(today))


def _pairs(entry: Entry, ids: Mapping[Word, int]) -> set[int]:
    pairs: set[int] = set()
    for given, surnames in entry.names:
        refs = sorted({ids[entry.country, word] for word in (*given, *surnames)})
        pairs.update(refs)
        pairs.update(pair_of(one, other) for one, other in combinations(refs, 2))
        if len(refs) == 1:  # found by its own pair, however common the word is among longer names
            pairs.add(pair_of(refs[0], refs[0]))
    return pairs


def _stored_ids(session: Session, words: Set[Word]) -> dict[Word, int]:
    tokens = {token for _, token in words}
    query = select(WORD.c.country, WORD.c.token, WORD.c.id).where(bulk.among(session, WORD.c.token, tokens))
    return {word: ref for *word_of, ref in session.execute(query) if (word := tuple(word_of)) in words}


def _count(session: Session, entries: Sequence[Entry], words: WordIds, sign: int) -> dict[Word, int]:
    """Add the words and people of these entries to the counts, or, with -1, take them off. Returns the words' ids."""
    given = Counter((entry.country, word) for entry in entries for word in entry.given)
    surnames = Counter((entry.country, word) for entry in entries for word in entry.surnames)
    carried = given.keys() | surnames.keys()
    ids = words.known(session, carried)
    counts = sorted((ref, sign * given[word], sign * surnames[word]) for word, ref in ids.items())
    bulk.count_up(session, WORD, ("id", "given_count", "surname_count"), counts)
    if fresh := sorted(carried - ids.keys()):
        ids |= words.add(session, fresh, given, surnames)
    _count_countries(session, entries, sign)
    return ids


_COUNT_COUNTRY = text(
    "INSERT INTO name_country (country, people, given_words, surname_words)"
    " VALUES (:country, :people, :given_words, :surname_words)"
    " ON CONFLICT (country) DO UPDATE SET people = name_country.people + excluded.people,"
    " given_words = name_country.given_words + excluded.given_words,"
    " surname_words = name_country.surname_words + excluded.surname_words"
)


def _count_countries(session: Session, entries: Iterable[Entry], sign: int) -> None:
    counts: dict[str, Counter[str]] = {}
    for entry in entries:
        there = counts.setdefault(entry.country, Counter())
        there["people"] += sign
        there["given_words"] += sign * len(entry.given)
        there["surname_words"] += sign * len(entry.surnames)
    session.connection().execute(_COUNT_COUNTRY, [{"country": one, **counts[one]} for one in sorted(counts)])
