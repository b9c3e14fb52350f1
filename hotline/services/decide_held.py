"""What waits for a person: imports that the brakes stopped, deaths, doubts. Named people let go or cancel it.

Every decision is written to the audit log in the transaction that it takes effect in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session as Transaction

from hotline.errors import NotFound
from hotline.rules.brakes import EventState, ImportStatus
from hotline.rules.custody import CLASSES, EventClass, EventKind, class_of
from hotline.rules.decisions import WrongDecision, given, named, same_person
from hotline.rules.disclosure import earliest_date
from hotline.rules.staff_pages import Page
from hotline.services import release_events
from hotline.services.line import Line
from hotline.services.release_events import CUSTODY_REVIEW, DEATH_REVIEW
from hotline.store import audit, custody, deliveries, events, tasks, watching
from hotline.store.models import CustodyEvent, CustodyImport, Decision, new_id

MOST_LISTED = 200
NOTHING = "nothing"
READ_AS = (
    *(kind.value for kind, told in CLASSES.items() if told is not EventClass.HELD and kind is not EventKind.FEED_STALE),
    NOTHING,
)
"""What a person may find that an event in doubt was."""


class Verdict(StrEnum):
    APPROVE = "approve"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class HeldImport:
    """An import that waits. `events` counts what is held of it by kind; `said` are those who decided so far."""

    import_id: int
    kind: str
    since: datetime
    age_minutes: int
    people: int
    critical: int
    events: Mapping[str, int]
    reasons: tuple[str, ...]
    approvals: int
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """An event that waits by itself. `subject_id` is the agency's number; no name stands here."""

    event_id: int
    import_id: int
    kind: str
    subject_id: str
    at: datetime
    since: datetime
    age_minutes: int


@dataclass(frozen=True, slots=True)
class Held:
    """All that waits, the oldest first; `more_events` are not listed."""

    imports: tuple[HeldImport, ...]
    events: tuple[HeldEvent, ...]
    more_events: int


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision did: `missing` other people must agree first, or `deliveries` were planned."""

    missing: int
    deliveries: int = 0


def list_held(line: Line) -> Held:
    """What waits for a person."""
    now = line.clock()
    with line.database.read() as db:
        imports = tuple(_held_import(db, held, now) for held in events.held_imports(db))
        singly = tuple(
            HeldEvent(
                event.id,
                event.import_id,
                event.kind,
                subject_id,
                event.at,
                event.received_at,
                _minutes(event.received_at, now),
            )
            for event, subject_id in events.held_singly(db, MOST_LISTED)
        )
        return Held(imports, singly, events.count_held_singly(db) - len(singly))


def _held_import(db: Transaction, held: CustodyImport, now: datetime) -> HeldImport:
    since = held.judged_at or held.started_at
    return HeldImport(
        import_id=held.id,
        kind=held.kind,
        since=since,
        age_minutes=_minutes(since, now),
        people=held.people or 0,
        critical=held.critical or 0,
        events=events.kinds_held(db, held.id),
        reasons=tuple((held.reasons or "").splitlines()),
        approvals=held.approvals,
        said=tuple(f"{one.by}: {one.verdict}" for one in events.decisions(db, held.id)),
    )


def _minutes(since: datetime, now: datetime) -> int:
    return int((now - since).total_seconds() // 60)


def decide_import(line: Line, import_id: int, verdict: Verdict, by: str, reason: str) -> Decided:
    """One person's verdict on a held import; done once as many different people gave the same as it needs.

    Approved, what it brought is let go now; cancelled, nobody ever hears of it. Either way what was imported is
    kept, and what waited behind it goes on. Raises NotFound, WrongDecision.
    """
    now = line.clock()
    with line.database.begin() as db:
        custody.lock(db)
        held = _held(db, import_id)
        missing = held.approvals - _say(db, held, verdict, by, now)
        audit.append(db, named(by), f"import.{verdict}", f"import {import_id}", given(reason), now)
        if missing > 0:
            return Decided(missing)
        approved = verdict is Verdict.APPROVE
        held.status = ImportStatus.RELEASING if approved else ImportStatus.CANCELLED
        db.flush()
        events.settle_held(db, import_id, EventState.DERIVED if approved else EventState.CANCELLED)
        close_import_task(db, now)
    return Decided(0, release_events.go_on(line))


def _held(db: Transaction, import_id: int) -> CustodyImport:
    held = db.get(CustodyImport, import_id, with_for_update=True)
    if held is None or held.status != ImportStatus.HELD:
        raise NotFound(f"no import {import_id} is held: see `hotline custody held list`")
    return held


def _say(db: Transaction, held: CustodyImport, verdict: Verdict, by: str, now: datetime) -> int:
    """Note a verdict. Returns how many different people have given it."""
    agreed = [one.by for one in events.decisions(db, held.id) if one.verdict == verdict]
    if any(same_person(one, by) for one in agreed):
        raise WrongDecision("you have said so already: another named person must agree")
    db.add(Decision(id=new_id(), import_id=held.id, verdict=verdict, by=named(by), at=now))
    return len(agreed) + 1


def close_import_task(db: Transaction, now: datetime) -> None:
    """Once no import is held any more, nothing is left to do."""
    if not events.held_imports(db):
        watching.close_page_task(db, Page.IMPORT_HELD, now)


def decide_event(line: Line, event_id: int, verdict: Verdict, by: str, reason: str, read_as: str = "") -> Decided:
    """One person's verdict on an event that is held by itself: done at once.

    `read_as` tells what an event in doubt was (READ_AS), and is for those alone. Raises NotFound, WrongDecision.
    """
    now = line.clock()
    with line.database.begin() as db:
        custody.lock(db)
        event = db.get(CustodyEvent, event_id, with_for_update=True)
        if event is None or event.state != EventState.HELD:
            raise NotFound(f"no event {event_id} is held: see `hotline custody held list`")
        if event.held_by is not None:
            raise WrongDecision(f"this event waits for import {event.held_by}: decide that one")
        _check_reading(event, verdict, read_as)
        what = f"event.{verdict}" + (f".as_{read_as}" if read_as else "")
        audit.append(db, named(by), what, f"event {event_id}", given(reason), now)
        planned = 0 if verdict is Verdict.CANCEL else _let_go(db, event, read_as, now)
        if verdict is Verdict.CANCEL:
            event.state = EventState.CANCELLED
        db.flush()
        _close_tasks(db, event_id, now)
    return Decided(0, planned)


def _check_reading(event: CustodyEvent, verdict: Verdict, read_as: str) -> None:
    in_doubt = event.kind == EventKind.UNDER_REVIEW and verdict is Verdict.APPROVE
    if in_doubt and read_as not in READ_AS:
        raise WrongDecision(f"say what this event was: --as with one of {', '.join(READ_AS)}")
    if read_as and not in_doubt:
        raise WrongDecision("only an event under review that is approved can be read as something else")


def _let_go(db: Transaction, event: CustodyEvent, read_as: str, now: datetime) -> int:
    if event.kind == EventKind.CORRECTION:
        return release_events.send_corrections(db, [event], now)
    if event.kind == EventKind.UNDER_REVIEW:
        event.state = EventState.CANCELLED
        if read_as == NOTHING:
            return 0
        event = _reading(event, EventKind(read_as), now)
        db.add(event)
        db.flush()
    event.state, event.released_at = EventState.RELEASED, now
    if event.subject_ref not in custody.with_listeners(db, [event.subject_ref], earliest_date(now)):
        return 0
    return deliveries.plan_event(db, event, class_of(EventKind(event.kind)).value, now)


def _reading(event: CustodyEvent, kind: EventKind, now: datetime) -> CustodyEvent:
    """The event that a person found behind one in doubt."""
    return CustodyEvent(
        subject_ref=event.subject_ref,
        key=f"review:{event.id}",
        kind=kind,
        at=event.at,
        received_at=now,
        import_id=event.import_id,
        state=EventState.RELEASED,
        released_at=now,
    )


def _close_tasks(db: Transaction, event_id: int, now: datetime) -> None:
    """A task of this event is done; that of its kind is, when no other waits."""
    tasks.close(db, now, event_id=event_id)
    close_reviews(db, now)


def close_reviews(db: Transaction, now: datetime) -> None:
    """The task of a kind is done when no event of it waits any more."""
    waiting = events.kinds_held_singly(db)
    if EventKind.DIED not in waiting:
        tasks.close(db, now, kind=DEATH_REVIEW)
    if not waiting - {EventKind.DIED}:
        tasks.close(db, now, kind=CUSTODY_REVIEW)
