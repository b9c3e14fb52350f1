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

from sqlalchemy import Select, bindparam, delete, insert, select, text, update
from sqlalchemy.orm import Session

from hotline.rules.evidence import index_words
from hotline.store.models import TO_INDEX, Base, NameCountry, NamePair, NameWord, Subject
from hotline.store.people import other_names, showable

Values = Mapping[str, Any]

COUNTRY, WORD, PAIR, SUBJECT = (
    Base.metadata.tables[table.__tablename__] for table in (NameCountry, NameWord, NamePair, Subject)
)
MOST_WORDS = 10
"""Words of one person that pairs are made of."""
LONGEST_WORD = 100


@dataclass(frozen=True, slots=True)
class _Entry:
    """What one person has in the index."""

    ref: int
    country: str
    born: int
    given: tuple[str, ...]
    surnames: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.given, *self.surnames)))


def pair_of(one: int, other: int) -> int:
    """The number of two words, by their ids, in any order."""
    return (min(one, other) << 31) | max(one, other)


def add_people(session: Session, people: Iterable[tuple[int, Values]]) -> None:
    """Index people by their row id and row; of each the names, country and date of birth count."""
    entries = [_entry(ref, person) for ref, person in people]
    if not entries:
        return
    ids = _word_ids(session, entries)
    _count(session, entries, ids, 1)
    rows = [
        {"pair": pair, "born": entry.born, "subject_ref": entry.ref} for entry in entries for pair in _pairs(entry, ids)
    ]
    if rows:
        session.execute(insert(PAIR), rows)
    session.execute(update(SUBJECT).where(SUBJECT.c.id.in_([entry.ref for entry in entries])).values(findable=True))


def remove_people(session: Session, people: Iterable[tuple[int, Values]]) -> None:
    """Take people out, by the rows with which they were put in."""
    entries = [_entry(ref, person) for ref, person in people]
    if not entries:
        return
    ids = _word_ids(session, entries)
    _count(session, entries, ids, -1)
    gone = delete(PAIR).where(
        PAIR.c.pair == bindparam("of"), PAIR.c.born == bindparam("year"), PAIR.c.subject_ref == bindparam("ref")
    )
    rows = [{"of": pair, "year": entry.born, "ref": entry.ref} for entry in entries for pair in _pairs(entry, ids)]
    if rows:
        session.connection().execute(gone, rows)
    session.execute(update(SUBJECT).where(SUBJECT.c.id.in_([entry.ref for entry in entries])).values(findable=False))


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
    names = [(person["given_names"], person["surnames"])]
    names += [(given or names[0][0], surname or names[0][1]) for given, surname in other_names(person["other_names"])]
    given, surnames = (
        tuple(sorted(word for word in words if len(word) <= LONGEST_WORD))[:MOST_WORDS]
        for words in index_words(names, person["birth_country"])
    )
    return _Entry(ref, person["birth_country"], born(person["birth_date"]), given, surnames)


def born(birth_date: str | None) -> int:
    """The year of a recorded date of birth, 0 where there is none."""
    return int(birth_date[:4]) if birth_date else 0


def _pairs(entry: _Entry, ids: Mapping[tuple[str, str], int]) -> Iterator[int]:
    refs = [ids[entry.country, word] for word in entry.words[:MOST_WORDS]]
    yield from refs
    yield from (pair_of(one, other) for one, other in combinations(refs, 2))


def _word_ids(session: Session, entries: Sequence[_Entry]) -> dict[tuple[str, str], int]:
    """The ids of all their words; words that are new get one."""
    wanted: dict[str, set[str]] = {}
    for entry in entries:
        wanted.setdefault(entry.country, set()).update(entry.words)
    ids: dict[tuple[str, str], int] = {}
    for country, words in wanted.items():
        query = select(WORD.c.token, WORD.c.id).where(WORD.c.country == country, WORD.c.token.in_(words))
        ids.update({(country, token): ref for token, ref in session.execute(query)})
    new = [
        {"country": country, "token": word, "given_count": 0, "surname_count": 0}
        for country, words in wanted.items()
        for word in sorted(words)
        if (country, word) not in ids
    ]
    if new:
        made = session.execute(insert(WORD).returning(WORD.c.id, WORD.c.country, WORD.c.token), new)
        ids.update({(country, token): ref for ref, country, token in made})
    return ids


def _count(session: Session, entries: Sequence[_Entry], ids: Mapping[tuple[str, str], int], sign: int) -> None:
    """Add the words and people of these entries to the counts, or, with -1, take them off."""
    given = Counter(ids[entry.country, word] for entry in entries for word in entry.given)
    surnames = Counter(ids[entry.country, word] for entry in entries for word in entry.surnames)
    counts = [
        {"row": ref, "as_given": sign * given[ref], "as_surname": sign * surnames[ref]} for ref in given | surnames
    ]
    more = (
        update(WORD)
        .where(WORD.c.id == bindparam("row"))
        .values(
            given_count=WORD.c.given_count + bindparam("as_given"),
            surname_count=WORD.c.surname_count + bindparam("as_surname"),
        )
    )
    if counts:
        session.connection().execute(more, counts)
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
