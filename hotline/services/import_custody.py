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

import gc
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Literal

from sqlalchemy.orm import Session as Transaction

from hotline.errors import FeedRefused
from hotline.rules.brakes import ImportStatus
from hotline.rules.disclosure import earliest_date
from hotline.rules.feed_batches import Batch, Refusal
from hotline.services import guard_exclusion, protect, release_events
from hotline.services.derive_events import Deriving
from hotline.services.import_reports import MOST_REFUSALS, ImportReport, report_of
from hotline.services.line import Line
from hotline.services.look_for_watches import look_for_watches
from hotline.services.read_feed import read_ahead
from hotline.services.rehearse_import import Rehearsal
from hotline.store import custody, imports, name_index, quarantine
from hotline.store.turns import AnotherImport, Turns, sole_import

BATCHES = {"sqlite": 1000, "postgresql": 5000}
"""Rows to one transaction: on SQLite callers wait for it, so it must be short."""
SELDOM = 50_000
"""Objects made, less those gone, after which Python looks for rubbish."""
GROWN = 250
"""People who came of age to one transaction."""
PATIENCE = 6 * 3600.0
"""Seconds that an import waits for another one to end."""

FeedKind = Literal["full", "delta"]


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
    with sole_import(line.database, patience), _seldom_collected():
        resumed = [] if dry_run else [report_of(line, import_id) for import_id in _go_on(line)]
        work = _Import(line, kind, line.clock(), dry_run, progress or (lambda rows: None), file)
        work.run(stream)
        return work.dry_report() if dry_run else report_of(line, work.deriving.import_id, resumed)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Batches of rows are many objects and no rubbish: Python would look through them again and again."""
    usual = gc.get_threshold()
    gc.set_threshold(SELDOM, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def go_on(line: Line) -> int:
    """Go on with an import that was killed, from where it was, unless one is on its way. Returns how many there were.

    A file that was read in part is to be given again: what it brought waits for that, or for the next file.
    """
    with line.database.read() as db:
        if not imports.unfinished(db):
            return 0
    try:
        with sole_import(line.database, 0):
            return len(_go_on(line))
    except AnotherImport:
        return 0


def _go_on(line: Line) -> list[int]:
    with line.database.read() as db:
        left = imports.unfinished(db)
    for one in left:
        if one.status == ImportStatus.DERIVING:
            _derive(Deriving(line, one.id, line.clock()), _told_as(one.kind, one.broke_off), lambda: None)
        release_events.release(line, one.id)
    if left:
        _look_after(line)
    return [one.id for one in left]


def _told_as(kind: str, broke_off: bool) -> str:
    """A snapshot that breaks off says nothing of those who are not in it."""
    return "delta" if broke_off else kind


def _derive(deriving: Deriving, kind: str, progress: Callable[[], None]) -> None:
    """What the stints of everybody in the file tell, and who is missing from a full snapshot that came whole."""
    deriving.run(progress)
    if kind == "full":
        deriving.hold_the_gone(deriving.import_id)
    with Turns(deriving.line.database).turn() as db:
        events = sum(imports.brought(db, deriving.import_id).events.values())
        imports.note_import(db, deriving.import_id, events=events, status=ImportStatus.RELEASING)


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
    refusals: list[Refusal] = field(default_factory=list)
    named: set[int] = field(default_factory=set)

    def run(self, stream: BinaryIO) -> None:
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

    def _begin(self) -> None:
        """An import that is killed stays unfinished, so it is never the last good one."""
        if self.dry_run:
            return
        with self.line.database.begin() as db:
            imports.give_up_reading(db)
            name, hash_of_it = (self.file.name[:200], self.file.hash) if self.file else (None, None)
            self.deriving.import_id = imports.begin_import(db, self.kind, self.now, name, hash_of_it)

    def _take(self, batch: Batch) -> None:
        """One batch of rows."""
        self.rows += batch.rows
        self.refused += len(batch.refused)
        self.refusals += [refusal for refusal, _ in batch.refused][: MOST_REFUSALS - len(self.refusals)]
        with self.turns.turn() as db:
            if self.dry_run:
                self.deriving.import_id = imports.begin_import(db, self.kind, self.now)
            import_id = self.deriving.import_id
            snapshot = import_id if self.kind == "full" else None
            taken = custody.take_rows(db, batch.versions, snapshot, earliest_date(self.now), self.words)
            self.changed += taken.changed
            protect.freeze_hidden(db, taken.subjects | taken.hidden, self.now)
            quarantine.keep(db, import_id, [(refusal.line, refusal.reason, raw) for refusal, raw in batch.refused])
            imports.note_import(db, import_id, rows=self.rows, changed=self.changed, refused=self.refused)
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
                self.deriving.import_id = imports.begin_import(db, self.kind, self.now)
                after = self.deriving.hold_page(db, self.deriving.import_id, after, self.named)

    def _judge_dry(self) -> None:
        verdict = self.rehearsal.verdict()
        self.outcome = release_events.Outcome(
            ImportStatus.HELD if verdict.held else ImportStatus.FINISHED, self.rehearsal.deliveries, verdict.reasons
        )

    def _finish(self, broken: FeedRefused | None) -> None:
        """All rows stand: what they tell, then the brakes, then those who wait for it."""
        import_id = self.deriving.import_id
        with self.turns.turn() as db:
            imports.note_import(db, import_id, status=ImportStatus.DERIVING, broke_off=broken is not None)
        kind = _told_as(self.kind, broken is not None)
        _derive(self.deriving, kind, lambda: self.progress(self.rows))
        release_events.release(self.line, import_id)
        _look_after(self.line)

    def dry_report(self) -> ImportReport:
        """What it would have done."""
        assert self.outcome is not None
        return ImportReport(
            import_id=None,
            rows=self.rows,
            changed=self.changed,
            refused=self.refused,
            refusals=tuple(self.refusals),
            events=dict(self.deriving.events),
            held=self.deriving.held,
            deliveries=self.outcome.deliveries,
            status=self.outcome.status,
            reasons=self.outcome.reasons,
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
