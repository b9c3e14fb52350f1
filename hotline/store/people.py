"""People in the records, as far as they may be shown. Every query by which a person could surface is here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from hotline.rules.birth_dates import from_feed
from hotline.rules.matching import Candidate, Keys, Words
from hotline.store.models import NameToken, Stint, Subject

MOST_CANDIDATES = 500


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """What a caller may be told of a record: names and country, as recorded."""

    given_names: str
    surnames: str
    birth_country: str


def showable(today: date) -> ColumnElement[bool]:
    """Deny by default: disclosable, not protected, and proved to be 18. An absent flag or date shows nobody."""
    return and_(Subject.disclosable.is_(True), Subject.protected.is_(False), Subject.adult_on <= today)


def candidates(session: Session, words: Words, countries: Collection[str], today: date) -> Sequence[Candidate]:
    """Everybody who may be shown, was born there, and has a word in common with both names that were given."""
    found = (
        select(Subject)
        .where(
            Subject.id.in_(_with_word(words.given, countries)),
            Subject.id.in_(_with_word(words.surnames, countries)),
            showable(today),
        )
        .limit(MOST_CANDIDATES)
    )
    return [_candidate(subject) for subject in session.scalars(found)]


def _with_word(keys: Keys, countries: Collection[str]) -> Select[int]:
    return select(NameToken.subject_ref).where(
        NameToken.country.in_(countries),
        or_(
            NameToken.token.in_(keys.tokens),
            NameToken.keys.in_(keys.digits),
            NameToken.skeleton.in_(keys.skeletons),
        ),
    )


def _candidate(subject: Subject) -> Candidate:
    return Candidate(
        subject=subject.id,
        given=tuple(subject.given_names.split()),
        surnames=tuple(subject.surnames.split()),
        others=tuple(_other_names(subject.other_names)),
        country=subject.birth_country,
        birth=from_feed(subject.birth_date) if subject.birth_date else None,
    )


def _other_names(text: str | None) -> Iterator[tuple[str, ...]]:
    for name in (text or "").split(";"):
        given, _, surnames = name.partition("|")
        if given.strip() or surnames.strip():
            yield (given.strip(), surnames.strip())


def shown_person(session: Session, subject_ref: int, today: date) -> ShownPerson | None:
    """A person's names, None where they may not be shown."""
    found = session.scalar(select(Subject).where(Subject.id == subject_ref, showable(today)))
    return None if found is None else ShownPerson(found.given_names, found.surnames, found.birth_country)


def stints_of(session: Session, subject_ref: int, today: date) -> Sequence[Stint]:
    """A person's stints, none where they may not be shown."""
    query = (
        select(Stint).join(Subject, Subject.id == Stint.subject_ref).where(Subject.id == subject_ref, showable(today))
    )
    return session.scalars(query).all()


def has_people(session: Session) -> bool:
    """Whether there is anybody in the records."""
    return session.scalar(select(Subject.id).limit(1)) is not None


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
