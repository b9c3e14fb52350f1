"""Reads a custody feed: rows to records, records to events, events to deliveries for those who wait for them.

An import goes through four states, and each begins only when the one before it has come to its end:

- *reading*: the rows go into the tables, a batch to a transaction, with the index of names;
- *deriving*: everybody whose stints changed is asked what they now tell (`derive_events`). So nothing is told from
  half of a person's rows, wherever in the file the other half stands;
- *releasing*: the brakes look at all of it, and hold it or let it go (`release_events`);
- *finished*, or *held* until people decide.

Killed at any moment, the next import or the clock goes on where the state says. Of a file that was read in part
the rest has to be given again; what stands of it is told then, or with the next file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Literal

from sqlalchemy.orm import Session as Transaction

from hotline.errors import FeedRefused, SearchClosed
from hotline.rules.brakes import ImportStatus
from hotline.rules.disclosure import earliest_date
from hotline.rules.feed_batches import Batch, Refusal
from hotline.rules.matching import Kind
from hotline.services import guard_exclusion, protect, release_events
from hotline.services.derive_events import Deriving
from hotline.services.find_person import watched
from hotline.services.line import Line
from hotline.services.read_feed import read_ahead
from hotline.services.rehearse_import import Rehearsal
from hotline.services.search import search
from hotline.store import custody, enrolments, name_index, quarantine, tasks
from hotline.store.models import Enrolment, key_ring
from hotline.store.turns import AnotherImport, Turns, sole_import

BATCHES = {"sqlite": 1000, "postgresql": 5000}
"""Rows to one transaction: on SQLite callers wait for it, so it must be short."""
MOST_REFUSALS = 20
"""Refused rows that a report names; all of them are in quarantine."""
GROWN = 250
"""People who came of age to one transaction."""
WATCH_MATCH = "watch_match"
PATIENCE = 6 * 3600.0
"""Seconds that an import waits for another one to end."""

FeedKind = Literal["full", "delta"]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or, tried dry, what it would do; then `import_id` is None.

    `changed` counts rows that brought something new, `held` those of the new events that wait for a person.
    `status` is how the import stands, and `reasons` say why the brakes hold all of it; tried dry, `deliveries` are
    those that would go out once it is let go.
    """

    import_id: int | None
    rows: int
    changed: int
    refused: int
    refusals: tuple[Refusal, ...]
    events: Mapping[str, int]
    held: int
    deliveries: int
    status: str | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileTaken:
    """A file of the drop folder: its name, and the SHA-256 by which it is known again."""

    name: str
    hash: str


def import_file(
    line: Line,
    stream: BinaryIO,
    kind: FeedKind,
    *,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
    file: FileTaken | None = None,
    patience: float = PATIENCE,
) -> ImportReport:
    """Import one file, as the only import there is: waits `patience` seconds for another, else raises AnotherImport.

    `progress` is told the rows read so far after each transaction. Raises FeedRefused where the file can't be read,
    or breaks off: the rows before the break are taken and told, and the import is no good one. A dry run writes
    nothing, and looks at the rows of a batch alone: it is exact where the rows of one person stand together. Raises
    DatabaseBusy, after which the file is to be imported again.
    """
    with sole_import(line.database, patience):
        if not dry_run:
            _go_on(line)
        work = _Import(line, kind, line.clock(), dry_run, progress or (lambda rows: None), file)
        return work.run(stream)


def go_on(line: Line) -> int:
    """Go on with an import that was killed, from where it was, unless one is on its way. Returns how many there were.

    A file that was read in part is to be given again: what it brought waits for that, or for the next file.
    """
    with line.database.read() as db:
        if not custody.unfinished(db):
            return 0
    try:
        with sole_import(line.database, 0):
            return _go_on(line)
    except AnotherImport:
        return 0


def _go_on(line: Line) -> int:
    with line.database.read() as db:
        left = [(one.id, one.kind, one.status) for one in custody.unfinished(db)]
    for import_id, kind, status in left:
        if status == ImportStatus.DERIVING:
            _derive(Deriving(line, import_id, line.clock()), kind, lambda: None)
        release_events.release(line, import_id)
    if left:
        _look_after(line)
    return len(left)


def _derive(deriving: Deriving, kind: str, progress: Callable[[], None]) -> None:
    """What the stints of everybody in the file tell, and who is missing from a full snapshot that came whole."""
    deriving.run(progress)
    if kind == "full":
        deriving.hold_the_gone(deriving.import_id)
    with Turns(deriving.line.database).turn() as db:
        events = custody.count_events(db, deriving.import_id)
        custody.note_import(db, deriving.import_id, events=events, status=ImportStatus.RELEASING)


def _look_after(line: Line) -> None:
    index_names(line)
    guard_exclusion.check_exclusion(line)
    look_for_watches(line)


@dataclass(slots=True)
class _Import:
    """One import on its way."""

    line: Line
    kind: FeedKind
    now: datetime
    dry_run: bool
    progress: Callable[[int], None]
    file: FileTaken | None
    deriving: Deriving = field(init=False)
    turns: Turns = field(init=False)
    rehearsal: Rehearsal = field(init=False)
    outcome: release_events.Outcome | None = None
    words: name_index.WordIds = field(default_factory=name_index.WordIds)
    rows: int = 0
    changed: int = 0
    refused: int = 0
    deliveries: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    named: set[int] = field(default_factory=set)

    def run(self, stream: BinaryIO) -> ImportReport:
        """The whole of it."""
        self.deriving = Deriving(self.line, 0, self.now)
        self.turns = Turns(self.line.database, self.dry_run)
        self.rehearsal = Rehearsal(self.line, self.now)
        self._begin()
        broken: FeedRefused | None = None
        try:
            with closing(read_ahead(stream, BATCHES[self.line.database.engine.dialect.name])) as batches:
                for batch in batches:
                    self._take(batch)
        except FeedRefused as fault:
            broken = fault
        if self.dry_run:
            self._miss_dry()
            self._judge_dry()
        else:
            self._finish(broken)
        if broken:
            said = f"{broken} (rows read before that: {self.rows}; the import is not finished)"
            raise FeedRefused(said) from broken
        return self.report()

    def _begin(self) -> None:
        """An import that is killed stays unfinished, so it is never the last good one."""
        if self.dry_run:
            return
        with self.line.database.begin() as db:
            custody.give_up_reading(db)
            name, hash_of_it = (self.file.name[:200], self.file.hash) if self.file else (None, None)
            self.deriving.import_id = custody.begin_import(db, self.kind, self.now, name, hash_of_it)

    def _take(self, batch: Batch) -> None:
        """One batch of rows."""
        self.rows += batch.rows
        self.refused += len(batch.refused)
        self.refusals += [refusal for refusal, _ in batch.refused][: MOST_REFUSALS - len(self.refusals)]
        with self.turns.turn() as db:
            if self.dry_run:
                self.deriving.import_id = custody.begin_import(db, self.kind, self.now)
            import_id = self.deriving.import_id
            snapshot = import_id if self.kind == "full" else None
            taken = custody.take_rows(db, batch.versions, snapshot, earliest_date(self.now), self.words)
            self.changed += taken.changed
            protect.freeze_hidden(db, taken.subjects | taken.hidden, self.now)
            quarantine.keep(db, import_id, [(refusal.line, refusal.reason, raw) for refusal, raw in batch.refused])
            custody.note_import(db, import_id, rows=self.rows, changed=self.changed, refused=self.refused)
            named = taken.subjects | taken.retold | taken.hidden
            if self.dry_run:
                self.named |= taken.subjects
                self._tell_dry(db, named)
        if self.dry_run:
            self.words.forget()
            with self.line.database.read() as db:
                self.rehearsal.undone(db, named)
        else:
            self.words.settle()
        self.progress(self.rows)

    def _tell_dry(self, db: Transaction, refs: Collection[int]) -> None:
        self.deriving.tell(db, refs)
        self.rehearsal.play(db, self.deriving.import_id, refs)

    def _miss_dry(self) -> None:
        after: int | None = 0 if self.kind == "full" else None
        while after is not None:
            with self.turns.turn() as db:
                self.deriving.import_id = custody.begin_import(db, self.kind, self.now)
                after = self.deriving.hold_page(db, self.deriving.import_id, after, self.named)

    def _judge_dry(self) -> None:
        verdict = self.rehearsal.verdict()
        self.outcome = release_events.Outcome(
            ImportStatus.HELD if verdict.held else ImportStatus.FINISHED, self.rehearsal.deliveries, verdict.reasons
        )
        self.deliveries = self.outcome.deliveries

    def _finish(self, broken: FeedRefused | None) -> None:
        """All rows stand: what they tell, then the brakes, then those who wait for it."""
        import_id = self.deriving.import_id
        with self.turns.turn() as db:
            custody.note_import(db, import_id, status=ImportStatus.DERIVING, broke_off=broken is not None)
        _derive(self.deriving, "delta" if broken else self.kind, lambda: self.progress(self.rows))
        self.outcome = release_events.release(self.line, import_id)
        self.deliveries = self.outcome.deliveries
        _look_after(self.line)

    def report(self) -> ImportReport:
        return ImportReport(
            import_id=None if self.dry_run else self.deriving.import_id,
            rows=self.rows,
            changed=self.changed,
            refused=self.refused,
            refusals=tuple(self.refusals),
            events=dict(self.deriving.events),
            held=self.deriving.held,
            deliveries=self.deliveries,
            status=self.outcome.status if self.outcome else None,
            reasons=self.outcome.reasons if self.outcome else (),
        )


def index_names(line: Line) -> int:
    """Make those findable who may be shown by now and were not when their record came. Returns how many."""
    today, indexed = earliest_date(line.clock()), 0
    with line.database.read() as db:
        anybody = name_index.anybody_to_add(db, today)
    while anybody:
        with line.database.begin() as db:
            custody.lock(db)
            added = name_index.add_the_grown(db, today, GROWN)
        indexed, anybody = indexed + added, added == GROWN
    return indexed


def look_for_watches(line: Line) -> int:
    """Search for those whom subscribers wait to see in the records, as a call does. Returns the tasks opened.

    One person found opens one task for each enrolment, ever, and another person another: staff look, and nobody is told by itself.
    """
    now = line.clock()
    with line.database.read() as db:
        seen = ((enrolment.id, _seen(db, enrolment, now)) for enrolment in enrolments.watches(db))
        found = {enrolment_id: ref for enrolment_id, ref in seen if ref is not None}
    if not found:
        return 0
    with line.database.begin() as db:
        custody.lock(db)
        notes = {(enrolment_id, f"subject {ref}") for enrolment_id, ref in found.items()}
        fresh = notes - tasks.notes(db, WATCH_MATCH, found)
        for enrolment_id, note in fresh:
            tasks.open_task(db, WATCH_MATCH, now, enrolment_id=enrolment_id, note=note)
    return len(fresh)


def _seen(db: Transaction, enrolment: Enrolment, now: datetime) -> int | None:
    text = enrolment.unseal("watch", key_ring(db))
    if text is None:
        return None
    try:
        decision = search(db, watched(text), earliest_date(now))
    except SearchClosed:
        return None
    return decision.subject if decision.kind is Kind.CONFIRM else None
