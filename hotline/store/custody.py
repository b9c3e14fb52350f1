"""The custody tables as an import writes them: many rows to a statement, the same on both databases.

Of two versions of a row the newer one stays. Of two that are equally new and differ, the one stays that shows
less and says more, so that the order in which rows arrive never matters.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import delete, exists, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from hotline.rules import birth_dates, custody
from hotline.rules.brakes import ImportStatus
from hotline.rules.disclosure import may_be_shown
from hotline.rules.feed import Row
from hotline.store import bulk, moved_stints, name_index
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import (
    Base,
    CustodyEvent,
    CustodyImport,
    Enrolment,
    StaffTask,
    Stint,
    StintsChanged,
    Subject,
)
from hotline.store.people import showable

Values = dict[str, Any]
StintKey = tuple[str, str]
"""Subject and stint, by the agency's own identifiers."""

SUBJECT, STINT, EVENT, CHANGED = (
    Base.metadata.tables[table.__tablename__] for table in (Subject, Stint, CustodyEvent, StintsChanged)
)
NAMES = ("given_names", "surnames", "other_names", "birth_country")
INDEXED = (*NAMES, "birth_date")
"""What the index of names is made of."""
FACILITY = ("facility_code", "facility_name", "facility_state")

IMPORTING = 0x686F746C
"""PostgreSQL's advisory lock for those who write custody tables; SQLite has one writer anyway."""


def lock(session: Session) -> None:
    """Let no other import write until this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(IMPORTING)))


# ---- imports


def begin_import(
    session: Session, kind: str, now: datetime, file_name: str | None = None, file_hash: str | None = None
) -> int:
    """A new import that is being read; its id."""
    made = CustodyImport(kind=kind, started_at=now, file_name=file_name, file_hash=file_hash)
    session.add(made)
    session.flush()
    return made.id


def give_up_reading(session: Session) -> None:
    """Imports that were killed while they were read come to no end of their own any more."""
    being_read = update(CustodyImport).where(CustodyImport.status == ImportStatus.READING)
    session.execute(being_read.values(status=ImportStatus.FAILED, broke_off=True))


def was_taken(session: Session, file_hash: str) -> bool:
    """Whether a file with this hash was taken whole before, whatever became of what it told."""
    taken = CustodyImport.status.not_in((ImportStatus.READING, ImportStatus.FAILED))
    query = select(CustodyImport.id).where(CustodyImport.file_hash == file_hash, taken)
    return session.scalar(query.limit(1)) is not None


def unfinished(session: Session) -> Sequence[CustodyImport]:
    """Imports whose rows all stand and that were killed on their further way, the oldest first."""
    on_their_way = (ImportStatus.DERIVING, ImportStatus.RELEASING)
    query = select(CustodyImport).where(CustodyImport.status.in_(on_their_way)).order_by(CustodyImport.id)
    return session.scalars(query).all()


def count_events(session: Session, import_id: int) -> int:
    """How many events an import has brought."""
    return session.scalar(select(func.count()).where(EVENT.c.import_id == import_id)) or 0


def note_import(session: Session, import_id: int, **counts: int | datetime | str) -> None:
    """Set counts of an import so far, or `finished_at`."""
    session.execute(update(CustodyImport).where(CustodyImport.id == import_id).values(**counts))


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
    session: Session, rows: Iterable[Row], snapshot: int | None, today: date, words: name_index.WordIds | None = None
) -> Taken:
    """Write what is newer than what is stored, and index the names of those who may be shown on the day `today`.

    `snapshot` is the import's id where it is a full one; `words` are kept from batch to batch of one import.
    """
    words = words or name_index.WordIds()
    people, stints = _latest(rows)
    moving = moved_stints.find(session, stints)
    stints = {key: stint for key, stint in stints.items() if key not in moving.stale}
    written = _write_subjects(session, {name: person for name, (person, _) in people.items()}, snapshot, today, words)
    refs = written.refs
    moved_stints.move(session, moving, refs)
    changed = _write_stints(session, written, stints)
    retold = {refs[subject_id] for subject_id, _ in changed} | moving.former
    mark_changed(session, retold)
    bereft = moving.former | {refs[subject_id] for subject_id, _ in moving.stale}
    emptied = moved_stints.hide_the_empty(session, bereft, words) if bereft else frozenset()
    changed |= {(subject_id, people[subject_id][1]) for subject_id in written.renewed}
    hidden = frozenset(written.hidden) | emptied
    return Taken(frozenset(refs.values()), len(changed), frozenset(retold), hidden, emptied)


def _latest(rows: Iterable[Row]) -> tuple[dict[str, tuple[Values, str]], dict[StintKey, Values]]:
    """Of the rows of a batch the person, with the stint of that row, and the stints that stay."""
    people: dict[str, tuple[Values, str]] = {}
    stints: dict[StintKey, Values] = {}
    for row in rows:
        known = people.get(row.subject_id)
        if known is None or row.updated_at >= known[0]["updated_at"]:
            person = _subject(row)
            if known is None or _rank(person) > _rank(known[0]):
                people[row.subject_id] = person, row.stint_id
        key, stint = (row.subject_id, row.stint_id), _stint(row)
        if key not in stints or _stint_rank(stint) > _stint_rank(stints[key]):
            stints[key] = stint
    return people, stints


def _subject(row: Row) -> Values:
    return {
        "subject_id": row.subject_id,
        "given_names": row.given_names,
        "surnames": row.surnames,
        "other_names": ";".join(f"{name.given_names}|{name.surnames}" for name in row.other_names) or None,
        "sex": row.sex,
        "birth_date": None if row.birth_date is None else str(row.birth_date),
        "birth_country": row.birth_country,
        "disclosable": row.disclosable,
        "protected": row.protected,
        "adult_on": birth_dates.adult_on(row.birth_date),
        "updated_at": row.updated_at,
    }


def _rank(person: Values) -> tuple[Any, ...]:
    """The greater one stays: the newer, else the one that shows less; the rest only makes the choice certain."""
    return (
        person["updated_at"],
        person["protected"] is not False,
        person["disclosable"] is not True,
        person["adult_on"] or date.max,
        *(person[name] or "" for name in (*NAMES, "sex", "birth_date")),
        (person["protected"] is None, person["disclosable"] is None),
    )


def _stint(row: Row) -> Values:
    return {
        "stay_id": row.stay_id,
        "stint_id": row.stint_id,
        "facility_code": row.facility_code,
        "facility_name": row.facility_name,
        "facility_state": row.facility_state,
        "book_in_at": row.book_in_at,
        "book_out_at": row.book_out_at,
        "release_reason": row.release_reason,
        "updated_at": row.updated_at,
        "fingerprint": moved_stints.fingerprint(row),
    }


def _stint_rank(stint: Values) -> tuple[Any, ...]:
    """The greater one stays: the newer, else the one that knows an end."""
    return (
        stint["updated_at"],
        stint["book_out_at"] or _NEVER,
        stint["book_in_at"],
        *(stint[name] or "" for name in ("release_reason", "stay_id", *FACILITY)),
    )


_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Written:
    """The row id of every subject of a batch, of those known before apart; those that are new or changed; those who
    may not be shown any more."""

    refs: dict[str, int]
    known: dict[int, str]
    renewed: set[str]
    hidden: set[int]


def _write_subjects(
    session: Session, people: Mapping[str, Values], snapshot: int | None, today: date, words: name_index.WordIds
) -> _Written:
    query = select(SUBJECT).where(bulk.among(session, SUBJECT.c.subject_id, people.keys()))
    stored: dict[str, Values] = {row["subject_id"]: dict(row) for row in session.execute(query).mappings()}
    fresh = [person for subject_id, person in people.items() if subject_id not in stored]
    newer = [person for subject_id, person in people.items() if _is_newer(person, stored.get(subject_id), _rank)]
    refs: dict[str, int] = {subject_id: row["id"] for subject_id, row in stored.items()}
    for person, ref in zip(fresh, bulk.new_ids(session, SUBJECT, len(fresh)), strict=True):
        refs[person["subject_id"]] = ref
    sought = [(refs[person["subject_id"]], person) for person in fresh if _may_be_found(person, today)]
    findable = {ref for ref, _ in sought}
    new = [(refs[person["subject_id"]], person) for person in fresh]
    bulk.add(
        session,
        SUBJECT,
        [{"id": ref, "seen_import": snapshot, "findable": ref in findable, **person} for ref, person in new],
    )
    name_index.add_people(session, sought, words, marked=True)
    if snapshot is not None and stored:
        seen = bulk.among(session, SUBJECT.c.id, [row["id"] for row in stored.values()])
        session.execute(update(SUBJECT).where(seen).values(seen_import=snapshot))
    hidden = _renew(session, newer, stored, today, words)
    return _Written(
        refs,
        {row["id"]: name for name, row in stored.items()},
        {person["subject_id"] for person in (*fresh, *newer)},
        hidden,
    )


def _renew(
    session: Session, newer: Sequence[Values], stored: Mapping[str, Values], today: date, words: name_index.WordIds
) -> set[int]:
    """Set newer versions of people, and their names in the index. Returns those who may not be shown any more."""
    pairs = [(stored[person["subject_id"]], person) for person in newer]
    bulk.change(session, SUBJECT, [{"id": old["id"], **person} for old, person in pairs])
    moved = [(old, person) for old, person in pairs if _sought(person, today) != _sought(old, today)]
    name_index.remove_people(session, [(old["id"], old) for old, _ in moved if old["findable"]], words)
    found = [(old["id"], person) for old, person in moved if _may_be_found(person, today)]
    name_index.add_people(session, found, words)
    return {old["id"] for old, person in moved if _may_be_found(old, today) and not _may_be_found(person, today)}


def _is_newer(row: Values, stored: Values | None, rank: Callable[[Values], tuple[Any, ...]]) -> bool:
    return stored is not None and rank(row) > rank(stored)


def _may_be_found(person: Values, today: date) -> bool:
    return may_be_shown(person["disclosable"], person["protected"], person["adult_on"], today)


def _sought(person: Values, today: date) -> tuple[Any, ...]:
    """What the index of names goes by."""
    return (_may_be_found(person, today), *(person[name] for name in INDEXED))


def _write_stints(session: Session, people: _Written, stints: Mapping[StintKey, Values]) -> set[StintKey]:
    """The stints that are new or changed."""
    # By the person alone: they have a few each, and the planner knows nothing better of a table that grows so fast.
    query = select(STINT).where(bulk.among(session, STINT.c.subject_ref, people.known))
    found = session.execute(query).mappings() if people.known else ()
    stored: dict[StintKey, Values] = {(people.known[row["subject_ref"]], row["stint_id"]): dict(row) for row in found}
    fresh = [{**stint, "subject_ref": people.refs[key[0]]} for key, stint in stints.items() if key not in stored]
    newer = {key for key, stint in stints.items() if _is_newer(stint, stored.get(key), _stint_rank)}
    bulk.add(session, STINT, fresh)
    bulk.change(session, STINT, [{"id": stored[key]["id"], **stints[key]} for key in newer])
    return newer | (stints.keys() - stored.keys())


# ---- events


def mark_changed(session: Session, refs: Collection[int]) -> None:
    """Note that the stints of these subjects changed: what they tell is to be derived."""
    if refs:
        known = set(
            session.scalars(select(CHANGED.c.subject_ref).where(bulk.among(session, CHANGED.c.subject_ref, refs)))
        )
        bulk.add(session, CHANGED, [{"subject_ref": ref} for ref in sorted(set(refs) - known)])


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


def add_events(session: Session, events: Sequence[Values]) -> None:
    """Store new events: subject_ref, key, kind, at, received_at, import_id and state of each."""
    bulk.add(session, EVENT, events)


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


def events_by_key(session: Session, keys: Collection[tuple[int, str]]) -> Sequence[CustodyEvent]:
    """Stored events by (subject, key), as they happened."""
    query = select(CustodyEvent).where(tuple_(CustodyEvent.subject_ref, CustodyEvent.key).in_(keys))
    return session.scalars(query.order_by(CustodyEvent.at, CustodyEvent.id)).all()


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


# ---- watches


def with_task(session: Session, kind: str, enrolment_ids: Collection[str]) -> set[str]:
    """Those of these enrolments that have had a task of this kind, open or closed."""
    query = select(StaffTask.enrolment_id).where(StaffTask.kind == kind, StaffTask.enrolment_id.in_(enrolment_ids))
    return {enrolment_id for enrolment_id in session.scalars(query) if enrolment_id is not None}
