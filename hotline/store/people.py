"""People in the records, as far as they may be shown. Every query by which a person could surface is here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, desc, func, select
from sqlalchemy.orm import Session

from hotline.rules.birth_dates import from_feed
from hotline.rules.matching import Candidate
from hotline.rules.names import particles
from hotline.rules.readings import Frequencies
from hotline.rules.records import other_names
from hotline.store.models import Base, NameCountry, NamePair, NameWord, Stint, Subject

SUBJECT, COUNTRY, WORD, PAIR = (
    Base.metadata.tables[table.__tablename__] for table in (Subject, NameCountry, NameWord, NamePair)
)


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """What a caller may be told of a record: names and country, as recorded."""

    given_names: str
    surnames: str
    birth_country: str


REAL = Subject.id > 0
"""People of the feed; the line's own hidden records stand below zero."""


class NamePart(StrEnum):
    """What a word is in a name."""

    GIVEN = "given"
    SURNAME = "surname"


def showable(today: date | BindParameter[date]) -> ColumnElement[bool]:
    """Deny by default: disclosable, not protected, and proved to be 18. An absent flag or date shows nobody."""
    return and_(Subject.disclosable.is_(True), Subject.protected.is_(False), Subject.adult_on <= today)


_WORDS_THERE = select(WORD.c.token, WORD.c.given_count, WORD.c.surname_count).where(
    WORD.c.country.in_(bindparam("countries", expanding=True)), WORD.c.token.in_(bindparam("words", expanding=True))
)
_WORDS_ANYWHERE = (
    select(WORD.c.token, func.sum(WORD.c.given_count + WORD.c.surname_count))
    .where(WORD.c.token.in_(bindparam("words", expanding=True)))
    .group_by(WORD.c.token)
)
_COUNTS = select(COUNTRY.c.country, COUNTRY.c.people, COUNTRY.c.given_words, COUNTRY.c.surname_words)


def frequencies(
    session: Session, words: Collection[str], countries: Collection[str], said: Collection[str]
) -> Frequencies:
    """How common these words are among the people who can be found there, and those that were said, anywhere."""
    given: Counter[str] = Counter()
    surnames: Counter[str] = Counter()
    there = {"countries": list(countries), "words": list(words)}
    for token, as_given, as_surname in session.execute(_WORDS_THERE, there):
        given[token] += as_given
        surnames[token] += as_surname
    people, given_words, surname_words, all_words = 0, 0, 0, 0
    for country, found, as_given, as_surname in session.execute(_COUNTS):
        all_words += as_given + as_surname
        if country in countries:
            people, given_words, surname_words = people + found, given_words + as_given, surname_words + as_surname
    anywhere = session.execute(_WORDS_ANYWHERE, {"words": list(said)})
    shares = {token: carried / max(1, all_words) for token, carried in anywhere}
    return Frequencies(given, surnames, given_words, surname_words, people, shares)


_CARRIERS = (
    select(PAIR.c.subject_ref, PAIR.c.pair)
    .where(PAIR.c.pair.in_(bindparam("pairs", expanding=True)))
    .order_by(PAIR.c.pair, PAIR.c.born, PAIR.c.subject_ref)
)
_CARRIERS_OF_MOST = (
    select(PAIR.c.subject_ref, func.count().label("carried"))
    .where(PAIR.c.pair.in_(bindparam("pairs", expanding=True)))
    .group_by(PAIR.c.subject_ref)
    .order_by(desc("carried"), PAIR.c.subject_ref)
)
_OF_BOTH = (
    select(PAIR.c.subject_ref)
    .where(PAIR.c.pair.in_(bindparam("first", expanding=True)))
    .intersect(select(PAIR.c.subject_ref).where(PAIR.c.pair.in_(bindparam("last", expanding=True))))
)
_CARRIERS_OF_BOTH = _CARRIERS.where(PAIR.c.subject_ref.in_(_OF_BOTH))
_BORN = PAIR.c.born.in_(bindparam("years", expanding=True))


def carriers(session: Session, pairs: Collection[int], years: Collection[int], most: int) -> Sequence[tuple[int, int]]:
    """Who carries pairs of words, as (subject, pair); only those born in one of the years where any are given."""
    return _rows(session, _CARRIERS, pairs, years, most)


def carriers_of_most(
    session: Session, pairs: Collection[int], years: Collection[int], most: int
) -> Sequence[tuple[int, int]]:
    """Who carries the most of these pairs, as (subject, how many of them), the most first."""
    return _rows(session, _CARRIERS_OF_MOST, pairs, years, most)


def carriers_of_both(
    session: Session, first: Collection[int], last: Collection[int], years: Collection[int], most: int
) -> Sequence[tuple[int, int]]:
    """Who carries one of the first words and one of the last, as (subject, word), for each word that they carry."""
    query = (_CARRIERS_OF_BOTH.where(_BORN) if years else _CARRIERS_OF_BOTH).limit(most)
    words = {"first": list(first), "last": list(last), "pairs": [*first, *last]}
    return [(ref, word) for ref, word in session.execute(query, {**words, "years": list(years)} if years else words)]


def _rows(
    session: Session, query: Select[Any], pairs: Collection[int], years: Collection[int], most: int
) -> Sequence[tuple[int, int]]:
    query = (query.where(_BORN) if years else query).limit(most)  # each is in an order of its own
    found = session.execute(query, {"pairs": list(pairs), "years": list(years)} if years else {"pairs": list(pairs)})
    return [(ref, number) for ref, number in found]


_CANDIDATES = select(
    *(SUBJECT.c[name] for name in ("id", "given_names", "surnames", "other_names", "birth_country", "birth_date"))
).where(SUBJECT.c.id.in_(bindparam("refs", expanding=True)))


def candidates(session: Session, refs: Collection[int], today: date) -> Sequence[Candidate]:
    """Those of these people who may be shown."""
    query = _CANDIDATES.where(showable(today))
    return [
        Candidate(ref, given, surnames, tuple(other_names(others)), country, from_feed(born) if born else None)
        for ref, given, surnames, others, country, born in session.execute(query, {"refs": list(refs)})
    ]


def shown_person(session: Session, subject_ref: int, today: date) -> ShownPerson | None:
    """A person's names, None where they may not be shown."""
    found = session.scalar(select(Subject).where(Subject.id == subject_ref, showable(today)))
    return None if found is None else ShownPerson(found.given_names, found.surnames, found.birth_country)


def shown_by_id(session: Session, subject_id: str, today: date) -> int | None:
    """The person with this number of the feed's, None where there is none or they may not be shown."""
    return session.scalar(select(Subject.id).where(Subject.subject_id == subject_id, REAL, showable(today)))


def subject_ids(session: Session, refs: Collection[int], today: date) -> Mapping[int, str]:
    """The feed's ids of those of these people who may be shown: for staff, never for callers."""
    query = select(Subject.id, Subject.subject_id).where(Subject.id.in_(refs), showable(today))
    return dict(session.execute(query).all())


def stints_of(session: Session, subject_ref: int, today: date) -> Sequence[Stint]:
    """A person's stints, none where they may not be shown."""
    query = (
        select(Stint).join(Subject, Subject.id == Stint.subject_ref).where(Subject.id == subject_ref, showable(today))
    )
    return session.scalars(query).all()


def frequent_names(session: Session, part: NamePart, most: int, least: int = 20) -> Sequence[str]:
    """The commonest folded words of the names of all who can be found, each carried by `least` people or more."""
    count = func.sum(NameWord.given_count if part is NamePart.GIVEN else NameWord.surname_count)
    words = select(NameWord.token).where(NameWord.token.not_in(particles())).group_by(NameWord.token)
    return session.scalars(words.having(count >= least).order_by(count.desc(), NameWord.token).limit(most)).all()


def has_people(session: Session) -> bool:
    """Whether there is anybody in the records."""
    return session.scalar(select(Subject.id).where(REAL).limit(1)) is not None


def open_stint(session: Session, subject_id: str) -> tuple[Subject, Stint] | None:
    """A person of the feed with the stint that they are in, shown or not: for staff and samples, never for callers."""
    query = (
        select(Subject, Stint)
        .join(Stint, Stint.subject_ref == Subject.id)
        .where(Subject.subject_id == subject_id, Stint.book_out_at.is_(None))
        .order_by(Stint.book_in_at.desc())
    )
    found = session.execute(query.limit(1)).first()
    return None if found is None else (found[0], found[1])
