"""Reads a custody feed: rows to records, records to events, events to deliveries for those who wait for them.

A file is read in two passes over the tables. The first takes its rows, a batch to a transaction. The second asks
of every person in the file what their stints now tell, and stores the events that are new together with their
deliveries. So nothing is told from half of a person's rows, wherever in the file the other half stands.
Killed at any moment, the next import finds that one never came to its end, and asks of everybody.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, Literal

from sqlalchemy.orm import Session as Transaction

from hotline.errors import FeedRefused
from hotline.rules import feed
from hotline.rules.custody import (
    NEEDS_APPROVAL,
    CustodyEvent,
    EventClass,
    EventKind,
    class_of,
    history,
)
from hotline.rules.disclosure import earliest_date
from hotline.rules.feed import Row, RowRefused
from hotline.rules.matching import Kind
from hotline.services.find_person import watched
from hotline.services.line import Line
from hotline.services.search import search
from hotline.store import custody, deliveries, enrolments, name_index, tasks
from hotline.store.database import PLANNED
from hotline.store.models import Enrolment, key_ring

BATCH = 250
"""Rows, or people, to one transaction: callers wait for a transaction on SQLite, so it must be short."""
MOST_REFUSALS = 20
"""Refused rows that a report names; all of them are in quarantine."""
WATCH_MATCH = "watch_match"
GONE = "gone:"
"""Begins the key of an event that no stint tells: the person is missing from a full snapshot."""

NOT_BY_STINTS = (EventKind.IN_TRANSIT, EventKind.CORRECTION, EventKind.FEED_STALE)
"""Events that no stint tells either: the clock or a person did."""

FeedKind = Literal["full", "delta"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that could not be read: its line in the file, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or, tried dry, what it would do; then `import_id` is None.

    `changed` counts rows that brought something new, `held` those of the new events that notify nobody.
    """

    import_id: int | None
    rows: int
    changed: int
    refused: int
    refusals: tuple[Refusal, ...]
    events: Mapping[str, int]
    held: int
    deliveries: int


@dataclass(frozen=True, slots=True)
class Difference:
    """New events, and the keys of stored ones that the stints no longer tell."""

    new: tuple[CustodyEvent, ...]
    gone: frozenset[str]


def import_file(
    line: Line,
    stream: BinaryIO,
    kind: FeedKind,
    *,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Import one file. `progress` is told the rows read so far after each transaction.

    Raises FeedRefused where the file can't be read, or breaks off: the rows before the break are taken and told,
    and the import stays unfinished. A dry run writes nothing, and looks at the rows of a batch alone: it is exact
    where the rows of one person stand together. Raises DatabaseBusy, after which the file is to be imported again.
    """
    work = _Import(line, kind, line.clock(), dry_run, progress or (lambda rows: None))
    work.begin()
    try:
        for batch in _batches(stream):
            work.take(batch)
    except FeedRefused as fault:
        work.tell()
        raise FeedRefused(f"{fault} (rows read before that: {work.rows}; the import is not finished)") from fault
    work.tell()
    if kind == "full":
        work.hold_the_gone()
    work.finish()
    if not dry_run:
        index_names(line)
        look_for_watches(line)
    return work.report()


def difference(derived: Iterable[CustodyEvent], stored: Mapping[str, str]) -> Difference:
    """What one person's stints tell, against what is stored of them as key → kind."""
    told = {custody.event_key(event.key): event for event in derived}
    gone = {key for key, kind in stored.items() if key not in told and kind not in NOT_BY_STINTS}
    new = tuple(event for key, event in told.items() if key not in stored)
    return Difference(new, frozenset(key for key in gone if not key.startswith(GONE)))


@dataclass(slots=True)
class _Batch:
    rows: list[Row] = field(default_factory=list)
    refused: list[tuple[Refusal, str | None]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows) + len(self.refused)

    def add(self, number: int, record: Mapping[str, str] | RowRefused) -> None:
        if isinstance(record, RowRefused):
            self.refused.append((Refusal(number, str(record)), None))
            return
        try:
            self.rows.append(feed.read_row(record))
        except RowRefused as refused:
            self.refused.append((Refusal(number, str(refused)), json.dumps(record, ensure_ascii=False)))


def _batches(stream: BinaryIO) -> Iterator[_Batch]:
    """The file by batches; what stands before a break comes before FeedRefused does."""
    batch = _Batch()
    try:
        for number, record in feed.records(stream):
            batch.add(number, record)
            if len(batch) >= BATCH:
                yield batch
                batch = _Batch()
    except FeedRefused:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


@dataclass(slots=True)
class _Import:
    """One import on its way."""

    line: Line
    kind: FeedKind
    now: datetime
    dry_run: bool
    progress: Callable[[int], None]
    import_id: int = 0
    sweep: bool = False
    rows: int = 0
    changed: int = 0
    refused: int = 0
    held: int = 0
    deliveries: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    named: set[int] = field(default_factory=set)

    def begin(self) -> None:
        """An import that is killed stays unfinished, so it is never the last good one."""
        if self.dry_run:
            return
        with self.line.database.begin() as db:
            self.import_id = custody.begin_import(db, self.kind, self.now)
            self.sweep = custody.left_unfinished(db, self.import_id)

    def take(self, batch: _Batch) -> None:
        """The first pass: one batch of rows."""
        self.rows += len(batch)
        self.refused += len(batch.refused)
        refusals = [refusal for refusal, _ in batch.refused]
        self.refusals += refusals[: MOST_REFUSALS - len(self.refusals)]
        with self._transaction() as db:
            taken = custody.take_rows(
                db, batch.rows, self.import_id if self.kind == "full" else None, earliest_date(self.now)
            )
            self.changed += taken.changed
            for refusal, raw in batch.refused:
                custody.quarantine(db, self.import_id, refusal.line, refusal.reason, raw)
            custody.note_import(db, self.import_id, rows=self.rows, changed=self.changed, refused=self.refused)
            if self.dry_run:
                self._tell(db, taken.subjects)
        if self.kind == "delta" or self.dry_run:  # a full one marks in the table whom it names
            self.named |= taken.subjects
        self.progress(self.rows)

    def tell(self) -> None:
        """The second pass: what the stints of everybody in the file tell."""
        if self.dry_run:
            return
        for refs in self._people():
            with self.line.database.read() as db:
                is_news = bool(self._news(db, refs))
            if is_news:  # only then is a turn as the writer needed, which callers wait for on SQLite
                with self._transaction() as db:
                    self._tell(db, refs)
            self.progress(self.rows)

    def _people(self) -> Iterator[Collection[int]]:
        if self.kind == "delta" and not self.sweep:
            named = sorted(self.named)
            yield from (named[start : start + BATCH] for start in range(0, len(named), BATCH))
            return
        last: int | None = 0
        while last is not None:
            with self.line.database.read() as db:
                refs = custody.people_after(db, last, BATCH, None if self.sweep else self.import_id)
            if refs:
                yield refs
            last = refs[-1] if refs else None

    def _tell(self, db: Transaction, refs: Collection[int]) -> None:
        """Store what is new of these people and plan its deliveries, in the same transaction."""
        new = self._news(db, refs)
        self._store(db, new)
        self._plan(db, [event for event in new if not event["held"]])

    def _news(self, db: Transaction, refs: Collection[int]) -> list[dict[str, Any]]:
        stored = custody.event_kinds(db, refs)
        return [
            self._event(ref, event.kind, custody.event_key(event.key), event.at)
            for ref, stints in custody.stints_of_all(db, refs).items()
            for event in difference(history(stints), stored[ref]).new
        ]

    def _event(self, ref: int, kind: EventKind, key: str, at: datetime) -> dict[str, Any]:
        held = class_of(kind) is EventClass.HELD or kind in NEEDS_APPROVAL
        known = {"received_at": self.now, "import_id": self.import_id}
        return {"subject_ref": ref, "key": key, "kind": kind.value, "at": at, "held": held, **known}

    def _store(self, db: Transaction, events: list[dict[str, Any]]) -> None:
        custody.add_events(db, events)
        self.events.update(event["kind"] for event in events)
        self.held += sum(event["held"] for event in events)

    def _plan(self, db: Transaction, events: list[dict[str, Any]]) -> None:
        """Deliveries to those who wait, unless the person may not be shown; the sender looks at that again."""
        if not events:
            return
        awaited = custody.with_listeners(db, {event["subject_ref"] for event in events}, earliest_date(self.now))
        keys = [(event["subject_ref"], event["key"]) for event in events if event["subject_ref"] in awaited]
        for event in custody.events_by_key(db, keys) if keys else ():
            urgency = class_of(EventKind(event.kind)).value
            self.deliveries += deliveries.plan_event(db, event, urgency, self.now)

    def hold_the_gone(self) -> None:
        """Whoever is held by our records and missing from a full snapshot: once for each time, for a person to read."""
        ref: int | None = 0
        while ref is not None:
            with self._transaction() as db:
                missing = custody.not_seen(db, self.import_id, ref, BATCH)
                stored = custody.event_kinds(db, [one for one, _ in missing])
                # The last snapshot with the person stays the same for as long as they are away.
                keys = {one: f"{GONE}{seen or 0}" for one, seen in missing if not (self.dry_run and one in self.named)}
                new = [
                    self._event(one, EventKind.UNDER_REVIEW, key, self.now)
                    for one, key in keys.items()
                    if key not in stored[one]
                ]
                self._store(db, new)
            ref = missing[-1][0] if missing else None

    def finish(self) -> None:
        """From here on this is the last good import."""
        if self.dry_run:
            return
        with self._transaction() as db:
            counts = {"rows": self.rows, "changed": self.changed, "refused": self.refused}
            ended = self.line.clock()
            custody.note_import(db, self.import_id, **counts, events=self.events.total(), finished_at=ended)

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        with self.line.database.begin() as db:
            custody.lock(db)
            if self.dry_run:
                self.import_id = custody.begin_import(db, self.kind, self.now)
            yield db
            if self.dry_run:
                db.rollback()
                db.info.pop(PLANNED, None)

    def report(self) -> ImportReport:
        return ImportReport(
            import_id=None if self.dry_run else self.import_id,
            rows=self.rows,
            changed=self.changed,
            refused=self.refused,
            refusals=tuple(self.refusals),
            events=dict(self.events),
            held=self.held,
            deliveries=self.deliveries,
        )


def index_names(line: Line) -> int:
    """Make those findable who may be shown by now and were not when their record came. Returns how many."""
    today, indexed = earliest_date(line.clock()), 0
    with line.database.read() as db:
        anybody = name_index.anybody_to_add(db, today)
    while anybody:
        with line.database.begin() as db:
            custody.lock(db)
            added = name_index.add_the_grown(db, today, BATCH)
        indexed, anybody = indexed + added, added == BATCH
    return indexed


def look_for_watches(line: Line) -> int:
    """Search for those whom subscribers wait to see in the records, as a call does. Returns the tasks opened.

    One person found opens one task for each enrolment, ever: staff look, and nobody is told by itself.
    """
    now = line.clock()
    with line.database.read() as db:
        seen = ((enrolment.id, _seen(db, enrolment, now)) for enrolment in enrolments.watches(db))
        found = {enrolment_id: ref for enrolment_id, ref in seen if ref is not None}
    if not found:
        return 0
    with line.database.begin() as db:
        custody.lock(db)
        known = custody.with_task(db, WATCH_MATCH, found)
        fresh = {enrolment_id: ref for enrolment_id, ref in found.items() if enrolment_id not in known}
        for enrolment_id, ref in fresh.items():
            tasks.open_task(db, WATCH_MATCH, now, enrolment_id=enrolment_id, note=f"subject {ref}")
    return len(fresh)


def _seen(db: Transaction, enrolment: Enrolment, now: datetime) -> int | None:
    text = enrolment.unseal("watch", key_ring(db))
    if text is None:
        return None
    decision = search(db, watched(text), earliest_date(now))
    return decision.subject if decision.kind is Kind.CONFIRM else None
