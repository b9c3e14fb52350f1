"""The custody tables as an import writes them: many rows to a statement, the same on both databases."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from hotline.rules import custody, records
from hotline.rules.brakes import EventState
from hotline.rules.disclosure import may_be_shown
from hotline.rules.feed_versions import StintKey, Versions
from hotline.rules.name_entries import Entry, entry_of
from hotline.rules.records import Person
from hotline.store import bulk, moved_stints, name_index
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import (
    Base,
    CustodyEvent,
    Enrolment,
    Stint,
    StintsChanged,
    Subject,
)
from hotline.store.people import showable

SUBJECT, STINT, EVENT, CHANGED = (
    Base.metadata.tables[table.__tablename__] for table in (Subject, Stint, CustodyEvent, StintsChanged)
)

IMPORTING = 0x686F746C
"""PostgreSQL's advisory lock for those who write custody tables; SQLite has one writer anyway."""


def lock(session: Session) -> None:
    """Let no other import write until this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(IMPORTING)))


# ---- subjects, names and stints


@dataclass(frozen=True, slots=True)
class Taken:
    """What a batch of rows did: the subjects that it names, and how many of its rows brought something new."""

    subjects: frozenset[int]
    changed: int
    retold: frozenset[int]
    """Subjects whose stints changed: what they tell is to be derived again. They are marked as such."""
    hidden: frozenset[int]
    """Subjects who might be shown before and may not be any more."""
    emptied: frozenset[int]
    """Those of the hidden whose last stint turned up under another subject."""


def take_rows(
    session: Session, rows: Versions, snapshot: int | None, today: date, words: name_index.WordIds | None = None
) -> Taken:
    """Write what is newer than what is stored, and index the names of those who may be shown on the day `today`.

    `snapshot` is the import's id where it is a full one; `words` are kept from batch to batch of one import.
    """
    words = words or name_index.WordIds()
    moving = moved_stints.find(session, rows.stints)
    stints = {key: stint for key, stint in rows.stints.items() if key not in moving.stale}
    written = _write_subjects(session, rows, snapshot, today, words)
    refs = written.refs
    moved_stints.move(session, moving, refs)
    changed = _write_stints(session, written, stints)
    retold = {refs[subject_id] for subject_id, _ in changed} | moving.former
    mark_changed(session, retold)
    bereft = moving.former | {refs[subject_id] for subject_id, _ in moving.stale}
    emptied = moved_stints.hide_the_empty(session, bereft, words) if bereft else frozenset()
    changed |= {(subject_id, rows.people[subject_id][1]) for subject_id in written.renewed}
    hidden = frozenset(written.hidden) | emptied
    return Taken(frozenset(refs.values()), len(changed), frozenset(retold), hidden, emptied)


class _Stored(NamedTuple):
    ref: int
    findable: bool
    person: Person


@dataclass(frozen=True, slots=True)
class _Written:
    """The row id of every subject of a batch, of those known before apart; those that are new or changed; those who
    may not be shown any more."""

    refs: dict[str, int]
    known: dict[int, str]
    renewed: set[str]
    hidden: set[int]


def _write_subjects(
    session: Session, rows: Versions, snapshot: int | None, today: date, words: name_index.WordIds
) -> _Written:
    stored = _stored_people(session, rows.people)
    refs = {subject_id: one.ref for subject_id, one in stored.items()}
    fresh = [person for subject_id, (person, _) in rows.people.items() if subject_id not in stored]
    new = [*zip(bulk.new_ids(session, SUBJECT, len(fresh)), fresh, strict=True)]
    refs |= {person.subject_id: ref for ref, person in new}
    sought = {ref: person for ref, person in new if _may_be_found(person, today)}
    names = ("id", "seen_import", "findable", *Person._fields)
    bulk.add(session, SUBJECT, names, [(ref, snapshot, ref in sought, *person) for ref, person in new])
    name_index.add_people(session, _entries(sought.items(), rows), words, marked=True)
    if snapshot is not None and stored:
        seen = bulk.among(session, SUBJECT.c.id, [one.ref for one in stored.values()])
        session.execute(update(SUBJECT).where(seen).values(seen_import=snapshot))
    pairs = [(old, rows.people[subject_id][0]) for subject_id, old in stored.items()]
    newer = [(old, person) for old, person in pairs if person.rank > old.person.rank]
    hidden = _renew(session, newer, rows, today, words)
    renewed = {person.subject_id for person in (*fresh, *(person for _, person in newer))}
    return _Written(refs, {one.ref: subject_id for subject_id, one in stored.items()}, renewed, hidden)


def _stored_people(session: Session, subject_ids: Collection[str]) -> dict[str, _Stored]:
    of_person = (SUBJECT.c[name] for name in Person._fields)
    query = select(SUBJECT.c.id, SUBJECT.c.findable, *of_person)
    found = session.execute(query.where(bulk.among(session, SUBJECT.c.subject_id, subject_ids)))
    stored = (_Stored(ref, findable, Person(*person)) for ref, findable, *person in found)
    return {one.person.subject_id: one for one in stored}


def _renew(
    session: Session,
    newer: Sequence[tuple[_Stored, Person]],
    rows: Versions,
    today: date,
    words: name_index.WordIds,
) -> set[int]:
    """Set newer versions of people, and their names in the index. Returns those who may not be shown any more."""
    bulk.change(session, SUBJECT, ("id", *Person._fields), [(old.ref, *person) for old, person in newer])
    moved = [(old, person) for old, person in newer if _sought(person, today) != _sought(old.person, today)]
    gone = [(old.ref, entry_of(old.person)) for old, _ in moved if old.findable]
    name_index.remove_people(session, gone, words)
    found = [(old.ref, person) for old, person in moved if _may_be_found(person, today)]
    name_index.add_people(session, _entries(found, rows), words)
    return {old.ref for old, person in moved if _may_be_found(old.person, today) and not _may_be_found(person, today)}


def _entries(people: Iterable[tuple[int, Person]], rows: Versions) -> list[tuple[int, Entry]]:
    return [(ref, rows.entries.get(person.subject_id) or entry_of(person)) for ref, person in people]


def _may_be_found(person: Person, today: date) -> bool:
    return may_be_shown(person.disclosable, person.protected, person.adult_on, today)


def _sought(person: Person, today: date) -> tuple[Any, ...]:
    """What the index of names goes by."""
    names = (person.given_names, person.surnames, person.other_names)
    return (_may_be_found(person, today), *names, person.birth_country, person.birth_date)


def _write_stints(session: Session, people: _Written, stints: Mapping[StintKey, records.Stint]) -> set[StintKey]:
    """The stints that are new or changed."""
    stored = _stored_stints(session, people.known) if people.known else {}
    fresh = [(people.refs[key[0]], *stint) for key, stint in stints.items() if key not in stored]
    newer = {key for key, (_, old) in stored.items() if key in stints and stints[key].rank > old.rank}
    names = records.Stint._fields
    bulk.add(session, STINT, ("subject_ref", *names), fresh)
    bulk.change(session, STINT, ("id", *names), [(stored[key][0], *stints[key]) for key in newer])
    return newer | (stints.keys() - stored.keys())


def _stored_stints(session: Session, people: Mapping[int, str]) -> dict[StintKey, tuple[int, records.Stint]]:
    # By the person alone: they have a few each, and the planner knows nothing better of a table that grows so fast.
    of_stint = (STINT.c[name] for name in records.Stint._fields)
    query = select(STINT.c.id, STINT.c.subject_ref, *of_stint)
    found = session.execute(query.where(bulk.among(session, STINT.c.subject_ref, people)))
    stored = ((row, people[ref], records.Stint(*stint)) for row, ref, *stint in found)
    return {(subject_id, stint.stint_id): (row, stint) for row, subject_id, stint in stored}


# ---- events


def mark_changed(session: Session, refs: Collection[int]) -> None:
    """Note that the stints of these subjects changed: what they tell is to be derived."""
    if refs:
        known = set(
            session.scalars(select(CHANGED.c.subject_ref).where(bulk.among(session, CHANGED.c.subject_ref, refs)))
        )
        bulk.add(session, CHANGED, ("subject_ref",), [(ref,) for ref in sorted(set(refs) - known)])


def changed_people(session: Session, most: int) -> Sequence[int]:
    """Subjects whose stints changed since their events were derived, at most `most`."""
    return session.scalars(select(CHANGED.c.subject_ref).order_by(CHANGED.c.subject_ref).limit(most)).all()


def is_marked(session: Session, ref: int) -> bool:
    """Whether what this subject's stints tell is still to be derived."""
    return session.get(StintsChanged, ref) is not None


def unmark_changed(session: Session, refs: Collection[int]) -> None:
    """Note that the events of these subjects stand."""
    session.execute(delete(CHANGED).where(bulk.among(session, CHANGED.c.subject_ref, refs)))


def stints_of_all(session: Session, refs: Collection[int]) -> dict[int, list[custody.Stint]]:
    """All stints of these subjects, whether they may be shown or not: for events, never for eyes."""
    found: dict[int, list[custody.Stint]] = {ref: [] for ref in refs}
    wanted = ("subject_ref", "stay_id", "stint_id", "book_in_at", "book_out_at", "release_reason")
    query = select(*(STINT.c[name] for name in wanted)).where(bulk.among(session, STINT.c.subject_ref, refs))
    for ref, *stint in session.execute(query):
        found[ref].append(custody.Stint(*stint))
    return found


def event_kinds(session: Session, refs: Collection[int]) -> dict[int, dict[str, str]]:
    """The stored events of these subjects, as key → kind."""
    found: dict[int, dict[str, str]] = {ref: {} for ref in refs}
    for ref, key, kind in session.execute(
        select(EVENT.c.subject_ref, EVENT.c.key, EVENT.c.kind).where(bulk.among(session, EVENT.c.subject_ref, refs))
    ):
        found[ref][key] = kind
    return found


class NewEvent(NamedTuple):
    """An event to be stored; the fields are columns of `custody_event`."""

    subject_ref: int
    key: str
    kind: str
    at: datetime
    received_at: datetime
    import_id: int
    state: str = EventState.DERIVED.value
    corrects: int | None = None


def add_events(session: Session, events: Sequence[NewEvent]) -> None:
    """Store new events."""
    bulk.add(session, EVENT, NewEvent._fields, events)


def with_listeners(session: Session, refs: Collection[int], today: date) -> set[int]:
    """Those of these subjects that somebody waits to hear about and that may be shown, locked.

    An enrolment that is being made now either is seen here or begins after the events of this transaction.
    """
    session.execute(select(Subject.id).where(Subject.id.in_(refs)).order_by(Subject.id).with_for_update())
    query = (
        select(Subject.id)
        .join(Enrolment, Enrolment.subject_ref == Subject.id)
        .where(
            Subject.id.in_(refs),
            Enrolment.status.in_((EnrolmentStatus.PENDING, EnrolmentStatus.ACTIVE)),
            showable(today),
        )
    )
    return set(session.scalars(query))


def not_seen(session: Session, snapshot: int, after: int, most: int) -> Sequence[tuple[int, int | None]]:
    """Subjects with an open stint who do not stand in a full snapshot, with the last one in which they stood."""
    is_held = exists().where(Stint.subject_ref == Subject.id, Stint.book_out_at.is_(None))
    query = (
        select(Subject.id, Subject.seen_import)
        .where(Subject.id > after, or_(Subject.seen_import.is_(None), Subject.seen_import != snapshot), is_held)
        .order_by(Subject.id)
        .limit(most)
    )
    return [(ref, seen) for ref, seen in session.execute(query)]
