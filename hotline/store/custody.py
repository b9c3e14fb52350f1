"""The custody tables as an import writes them: many rows to a statement, the same on both databases.

Of two versions of a row the newer one stays. Of two that are equally new and differ, the one stays that shows
less and says more, so that the order in which rows arrive never matters.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Table, bindparam, exists, func, insert, or_, select, tuple_, update
from sqlalchemy.orm import Session

from hotline.rules import birth_dates, custody
from hotline.rules.disclosure import may_be_shown
from hotline.rules.feed import Row
from hotline.store import name_index
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import (
    Base,
    CustodyEvent,
    CustodyImport,
    Enrolment,
    Quarantine,
    StaffTask,
    Stint,
    Subject,
    key_ring,
    new_id,
)
from hotline.store.people import showable

Values = dict[str, Any]
StintKey = tuple[str, str]
"""Subject and stint, by the agency's own identifiers."""

SUBJECT, STINT, EVENT = (Base.metadata.tables[table.__tablename__] for table in (Subject, Stint, CustodyEvent))
NAMES = ("given_names", "surnames", "other_names", "birth_country")
INDEXED = (*NAMES, "birth_date")
"""What the index of names is made of."""
FACILITY = ("facility_code", "facility_name", "facility_state")

LONGEST_KEY = 100
MOST_RAW = 4000
"""Characters kept of a refused row."""

IMPORTING = 0x686F746C
"""PostgreSQL's advisory lock for those who write custody tables; SQLite has one writer anyway."""


def lock(session: Session) -> None:
    """Let no other import write until this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(IMPORTING)))


# ---- imports


def begin_import(session: Session, kind: str, now: datetime) -> int:
    """A new import that is not finished; its id."""
    made = CustodyImport(kind=kind, started_at=now)
    session.add(made)
    session.flush()
    return made.id


def note_import(session: Session, import_id: int, **counts: int | datetime) -> None:
    """Set counts of an import so far, or `finished_at`."""
    session.execute(update(CustodyImport).where(CustodyImport.id == import_id).values(**counts))


def left_unfinished(session: Session, import_id: int) -> bool:
    """Whether an import since the last finished one before this took rows and never came to its end."""
    last_good = select(func.coalesce(func.max(CustodyImport.id), 0)).where(
        CustodyImport.id < import_id, CustodyImport.finished_at.is_not(None)
    )
    query = select(CustodyImport.id).where(
        CustodyImport.id < import_id,
        CustodyImport.id > last_good.scalar_subquery(),
        CustodyImport.finished_at.is_(None),
        CustodyImport.rows > 0,
    )
    return session.scalar(query.limit(1)) is not None


def quarantine(session: Session, import_id: int, line: int, reason: str, raw: str | None) -> None:
    """Keep a refused row, sealed, with its line in the file and what is wrong with it."""
    kept = Quarantine(id=new_id(), import_id=import_id, line=line, reason=reason[:200])
    if raw is not None:
        kept.seal(key_ring(session), "row", raw[:MOST_RAW].encode("utf-8", "backslashreplace").decode())
    session.add(kept)


# ---- subjects, names and stints


@dataclass(frozen=True, slots=True)
class Taken:
    """What a batch of rows did: the subjects that it names, and how many of its rows brought something new."""

    subjects: frozenset[int]
    changed: int


def take_rows(session: Session, rows: Iterable[Row], snapshot: int | None, today: date) -> Taken:
    """Write what is newer than what is stored, and index the names of those who may be shown on the day `today`.

    `snapshot` is the import's id where it is a full one.
    """
    people: dict[str, tuple[Values, Row]] = {}
    stints: dict[StintKey, Values] = {}
    for row in rows:
        person, stint = _subject(row), _stint(row)
        if row.subject_id not in people or _rank(person) > _rank(people[row.subject_id][0]):
            people[row.subject_id] = person, row
        key = (row.subject_id, row.stint_id)
        if key not in stints or _stint_rank(stint) > _stint_rank(stints[key]):
            stints[key] = stint
    refs, renewed = _write_subjects(session, {subject_id: person for subject_id, (person, _) in people.items()}, today)
    if snapshot is not None:
        session.execute(update(SUBJECT).where(SUBJECT.c.id.in_(refs.values())).values(seen_import=snapshot))
    changed = _write_stints(session, refs, stints)
    changed |= {(subject_id, people[subject_id][1].stint_id) for subject_id in renewed}
    return Taken(frozenset(refs.values()), len(changed))


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


def _write_subjects(session: Session, people: Mapping[str, Values], today: date) -> tuple[dict[str, int], set[str]]:
    """The row id of every subject, and the subjects that are new or changed."""
    query = select(SUBJECT).where(SUBJECT.c.subject_id.in_(people))
    stored: dict[str, Values] = {row["subject_id"]: dict(row) for row in session.execute(query).mappings()}
    refs: dict[str, int] = {subject_id: row["id"] for subject_id, row in stored.items()}
    fresh = [person for subject_id, person in people.items() if subject_id not in stored]
    newer = [person for subject_id, person in people.items() if _is_newer(person, stored.get(subject_id), _rank)]
    if fresh:
        made = session.execute(insert(SUBJECT).returning(SUBJECT.c.id, SUBJECT.c.subject_id), fresh)
        refs.update({subject_id: ref for ref, subject_id in made})
    _update(session, SUBJECT, [{**person, "row": refs[person["subject_id"]]} for person in newer])
    moved = [person for person in newer if _sought(person, today) != _sought(stored[person["subject_id"]], today)]
    former = [stored[person["subject_id"]] for person in moved]
    name_index.remove_people(session, [(row["id"], row) for row in former if row["findable"]])
    sought = [person for person in (*fresh, *moved) if _may_be_found(person, today)]
    name_index.add_people(session, [(refs[person["subject_id"]], person) for person in sought])
    return refs, {person["subject_id"] for person in (*fresh, *newer)}


def _is_newer(row: Values, stored: Values | None, rank: Callable[[Values], tuple[Any, ...]]) -> bool:
    return stored is not None and rank(row) > rank(stored)


def _may_be_found(person: Values, today: date) -> bool:
    return may_be_shown(person["disclosable"], person["protected"], person["adult_on"], today)


def _sought(person: Values, today: date) -> tuple[Any, ...]:
    """What the index of names goes by."""
    return (_may_be_found(person, today), *(person[name] for name in INDEXED))


def _write_stints(session: Session, refs: Mapping[str, int], stints: Mapping[StintKey, Values]) -> set[StintKey]:
    """The stints that are new or changed."""
    subject_ids = {ref: subject_id for subject_id, ref in refs.items()}
    query = select(STINT).where(
        STINT.c.subject_ref.in_(subject_ids), STINT.c.stint_id.in_({stint_id for _, stint_id in stints})
    )
    found = session.execute(query).mappings()
    stored: dict[StintKey, Values] = {(subject_ids[row["subject_ref"]], row["stint_id"]): dict(row) for row in found}
    fresh = [{**stint, "subject_ref": refs[key[0]]} for key, stint in stints.items() if key not in stored]
    newer = {key for key, stint in stints.items() if _is_newer(stint, stored.get(key), _stint_rank)}
    if fresh:
        session.execute(insert(STINT), fresh)
    _update(session, STINT, [{**stints[key], "row": stored[key]["id"]} for key in newer])
    return newer | (stints.keys() - stored.keys())


def _update(session: Session, table: Table, rows: Sequence[Values]) -> None:
    """Set whole rows by their id, given as `row`."""
    if rows:
        session.connection().execute(update(table).where(table.c.id == bindparam("row")), rows)


# ---- events


def people_after(session: Session, ref: int, most: int, snapshot: int | None = None) -> Sequence[int]:
    """Subjects by row id, from the first one after `ref`; only those of a full snapshot where one is given."""
    query = select(Subject.id).where(Subject.id > ref).order_by(Subject.id).limit(most)
    return session.scalars(query if snapshot is None else query.where(Subject.seen_import == snapshot)).all()


def stints_of_all(session: Session, refs: Collection[int]) -> dict[int, list[custody.Stint]]:
    """All stints of these subjects, whether they may be shown or not: for events, never for eyes."""
    found: dict[int, list[custody.Stint]] = {ref: [] for ref in refs}
    wanted = ("subject_ref", "stay_id", "stint_id", "book_in_at", "book_out_at", "release_reason")
    query = select(*(STINT.c[name] for name in wanted)).where(STINT.c.subject_ref.in_(refs))
    for ref, *stint in session.execute(query):
        found[ref].append(custody.Stint(*stint))
    return found


def event_kinds(session: Session, refs: Collection[int]) -> dict[int, dict[str, str]]:
    """The stored events of these subjects, as key → kind."""
    found: dict[int, dict[str, str]] = {ref: {} for ref in refs}
    for ref, key, kind in session.execute(
        select(EVENT.c.subject_ref, EVENT.c.key, EVENT.c.kind).where(EVENT.c.subject_ref.in_(refs))
    ):
        found[ref][key] = kind
    return found


def event_key(key: str) -> str:
    """A key as it is stored: identifiers of unusual length or script are replaced by their hash."""
    return key if len(key) <= LONGEST_KEY else f"sha256:{sha256(key.encode()).hexdigest()}"


def add_events(session: Session, events: Sequence[Values]) -> None:
    """Store new events: subject_ref, key, kind, at, received_at, import_id and held of each."""
    if events:
        session.execute(insert(EVENT), events)


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
