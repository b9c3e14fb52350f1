"""The index of names: from words to people. An import keeps it up in the transaction that writes the people.

People who may not be shown are not in it at all: a search for them does just what a search for nobody does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from sqlalchemy import Select, insert, select, text, update
from sqlalchemy.orm import Session

from hotline.rules.evidence import index_words
from hotline.store import bulk
from hotline.store.models import TO_INDEX, Base, NameCountry, NamePair, NameWord, Subject
from hotline.store.people import other_names, showable

Values = Mapping[str, Any]

COUNTRY, WORD, PAIR, SUBJECT = (
    Base.metadata.tables[table.__tablename__] for table in (NameCountry, NameWord, NamePair, Subject)
)
_Name = tuple[tuple[str, ...], tuple[str, ...]]
MOST_WORDS = 6
"""Given names, and surnames, of one name that pairs are made of."""
LONGEST_WORD = 100
MOST_KNOWN = 300_000
"""Words whose ids are kept in memory, about 50 MB of them."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What one person has in the index."""

    ref: int
    country: str
    born: int
    given: tuple[str, ...]
    surnames: tuple[str, ...]
    names: tuple[_Name, ...]
    """Each recorded name by itself: a pair never mixes two of them."""

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.given, *self.surnames)))


def pair_of(one: int, other: int) -> int:
    """The number of two words, by their ids, in any order."""
    return (min(one, other) << 31) | max(one, other)


class WordIds:
    """The ids of words met so far, for one process that writes the index: ids never change and never go.

    What a transaction brings is kept only once it is committed: `settle` it then.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], int] = {}
        self._new: dict[tuple[str, str], int] = {}

    def settle(self) -> None:
        """The transaction was committed."""
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        self._known.update(self._new)
        self._new.clear()

    def forget(self) -> None:
        """The transaction was rolled back."""
        self._new.clear()

    def of(self, session: Session, words: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
        """The ids of these words, each with its country; words that are new get one."""
        wanted = set(words)
        ids = {word: ref for word in wanted if (ref := self._known.get(word) or self._new.get(word))}
        unknown = sorted(wanted - ids.keys())
        if unknown:
            found = _stored_ids(session, unknown)
            missing = [word for word in unknown if word not in found]
            found |= _new_words(session, missing)
            self._new |= found
            ids |= found
        return ids


def add_people(
    session: Session, people: Iterable[tuple[int, Values]], words: WordIds | None = None, marked: bool = False
) -> None:
    """Index people by their row id and row; of each the names, country and date of birth count.

    `marked`: their rows say already that they are in the index.
    """
    entries = [_entry(ref, person) for ref, person in people]
    if not entries:
        return
    bulk.add(session, PAIR, _enter(session, entries, words or WordIds(), 1))
    if not marked:
        _mark(session, entries, True)


def remove_people(session: Session, people: Iterable[tuple[int, Values]], words: WordIds | None = None) -> None:
    """Take people out, by the rows with which they were put in."""
    entries = [_entry(ref, person) for ref, person in people]
    if not entries:
        return
    bulk.remove(session, PAIR, _enter(session, entries, words or WordIds(), -1))
    _mark(session, entries, False)


def _enter(session: Session, entries: Sequence[_Entry], words: WordIds, sign: int) -> list[Values]:
    """Count these people in, or out; their rows of pairs."""
    ids = words.of(session, ((entry.country, word) for entry in entries for word in entry.words))
    _count(session, entries, ids, sign)
    return [
        {"pair": pair, "born": entry.born, "subject_ref": entry.ref} for entry in entries for pair in _pairs(entry, ids)
    ]


def _mark(session: Session, entries: Sequence[_Entry], findable: bool) -> None:
    refs = [entry.ref for entry in entries]
    session.execute(update(SUBJECT).where(bulk.among(session, SUBJECT.c.id, refs)).values(findable=findable))


def anybody_to_add(session: Session, today: date) -> bool:
    """Whether there are people who may be shown by now and are not in the index."""
    return session.scalar(_to_add(today, SUBJECT.c.id).limit(1)) is not None


def add_the_grown(session: Session, today: date, most: int) -> int:
    """Index people who may be shown by now and are not there: they came of age. Returns how many."""
    found = session.execute(_to_add(today, *SUBJECT.c).limit(most)).mappings()
    people: list[tuple[int, Values]] = [(row["id"], dict(row)) for row in found]
    add_people(session, people)
    return len(people)


def _to_add(today: date, *columns: Any) -> Select[Any]:
    return select(*columns).where(text(TO_INDEX), showable(today))


def _entry(ref: int, person: Values) -> _Entry:
    country, first = person["birth_country"], (person["given_names"], person["surnames"])
    others = [(given or first[0], surname or first[1]) for given, surname in other_names(person["other_names"])]
    names = tuple(_words(name, country) for name in dict.fromkeys((first, *others)))
    given, surnames = (tuple(sorted({word for name in names for word in name[side]})) for side in (0, 1))
    return _Entry(ref, country, born(person["birth_date"]), given, surnames, names)


def _words(name: tuple[str, str], country: str) -> _Name:
    """The words of one name, at most MOST_WORDS of its given names and of its surnames."""
    given, surnames = (
        sorted(word for word in words if len(word) <= LONGEST_WORD) for words in index_words([name], country)
    )
    return tuple(given[:MOST_WORDS]), tuple(surnames[:MOST_WORDS])


def born(birth_date: str | None) -> int:
    """The year of a recorded date of birth, 0 where there is none."""
    return int(birth_date[:4]) if birth_date else 0


def _pairs(entry: _Entry, ids: Mapping[tuple[str, str], int]) -> Iterator[int]:
    pairs = {ids[entry.country, word] for word in entry.words}
    for given, surnames in entry.names:
        refs = sorted({ids[entry.country, word] for word in (*given, *surnames)})
        pairs.update(pair_of(one, other) for one, other in combinations(refs, 2))
        if len(refs) == 1:  # found by its own pair, however common the word is among longer names
            pairs.add(pair_of(refs[0], refs[0]))
    yield from pairs


def _stored_ids(session: Session, words: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    by_country: dict[str, list[str]] = {}
    for country, word in words:
        by_country.setdefault(country, []).append(word)
    ids: dict[tuple[str, str], int] = {}
    for country, tokens in by_country.items():
        query = select(WORD.c.token, WORD.c.id).where(
            WORD.c.country == country, bulk.among(session, WORD.c.token, tokens)
        )
        ids.update({(country, token): ref for token, ref in session.execute(query)})
    return ids


def _new_words(session: Session, words: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    ids = dict(zip(words, bulk.new_ids(session, WORD, len(words)), strict=True))
    rows = [
        {"id": ref, "country": country, "token": token, "given_count": 0, "surname_count": 0}
        for (country, token), ref in ids.items()
    ]
    bulk.add(session, WORD, rows)
    return ids


def _count(session: Session, entries: Sequence[_Entry], ids: Mapping[tuple[str, str], int], sign: int) -> None:
    """Add the words and people of these entries to the counts, or, with -1, take them off."""
    given = Counter(ids[entry.country, word] for entry in entries for word in entry.given)
    surnames = Counter(ids[entry.country, word] for entry in entries for word in entry.surnames)
    counts = [
        {"id": ref, "given_count": sign * given[ref], "surname_count": sign * surnames[ref]}
        for ref in sorted(given | surnames)
    ]
    bulk.count_up(session, WORD, counts)
    for country in sorted({entry.country for entry in entries}):
        there = [entry for entry in entries if entry.country == country]
        _count_country(session, country, there, sign)


def _count_country(session: Session, country: str, entries: Sequence[_Entry], sign: int) -> None:
    counts = {
        "people": sign * len(entries),
        "given_words": sign * sum(len(entry.given) for entry in entries),
        "surname_words": sign * sum(len(entry.surnames) for entry in entries),
    }
    more = {name: COUNTRY.c[name] + count for name, count in counts.items()}
    changed = session.execute(update(COUNTRY).where(COUNTRY.c.country == country).values(**more))
    if changed.rowcount == 0:  # type: ignore[attr-defined]
        session.execute(insert(COUNTRY), [{"country": country, **counts}])
