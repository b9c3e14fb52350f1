"""Derives what happened: of everybody whose stints changed, the events that are new, and those to take back.

The import marks a person in the transaction that writes their stints (`stints_changed`), and the mark goes in the
transaction that stores the events. So nothing is told from half of a person's rows, wherever in the file the other
half stands, and a process killed at any moment leaves exactly the people that are still to be asked of.

Nothing is sent from here: events stand as `derived` until `release_events` has looked at all of an import. What
the clock tells, of people who left by transfer and did not arrive, goes the same way as an import of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session as Transaction

from hotline.rules.brakes import SINGLY_HELD, EventState
from hotline.rules.custody import CustodyEvent, EventKind, look_again_at, read
from hotline.rules.custody_events import (
    CORRECTION,
    GONE,
    Amends,
    Difference,
    StoredEvent,
    TakenBack,
    difference,
    news_of_the_clock,
)
from hotline.services.decide_held import close_reviews
from hotline.services.line import Line
from hotline.services.release_events import release
from hotline.store import custody, histories, imports
from hotline.store.custody import NewEvent
from hotline.store.turns import AnotherImport, Turns, sole_import

BATCHES = {"sqlite": 1000, "postgresql": 5000}
"""People to one transaction: on SQLite callers wait for it, so it must be short."""
MOST_BATCHES = 40
"""Batches to one look of the clock, so that what else is due has its turn."""
CLOCK = "clock"
"""The kind of an import that the clock made: no file, and no sign that the feed is fresh."""


@dataclass(slots=True)
class Deriving:
    """The events of one import, and what came of them so far; `held` counts those that wait for a person."""

    line: Line
    import_id: int
    now: datetime
    events: Counter[str] = field(default_factory=Counter)
    held: int = 0
    deliveries: int = 0

    @property
    def _batch(self) -> int:
        return BATCHES[self.line.database.engine.dialect.name]

    def run(self, progress: Callable[[], None] = lambda: None) -> None:
        """Ask of everybody whose stints changed, this import's and those that a killed one left; resumable."""
        turns = Turns(self.line.database)
        while True:
            with turns.turn() as db:
                refs = custody.changed_people(db, self._batch)
                if not refs:
                    return
                self.tell(db, refs)
                custody.unmark_changed(db, refs)
            progress()

    def tell(self, db: Transaction, refs: Collection[int]) -> None:
        """Store what is new of these people, and take back what their stints no longer tell."""
        histories.await_nobody(db, refs)  # first, for it waits for a clock that is at one of them
        stored = histories.stored_events(db, refs)
        stints = custody.stints_of_all(db, refs)
        found = {ref: difference(own, stored[ref]) for ref, own in stints.items()}
        histories.move(db, [move for one in found.values() for move in one.moved])
        new = [*self._taken_back(db, found, stored), *self._new(found)]
        self.store(db, new)
        histories.await_arrivals(db, _due({ref: one.awaited_since for ref, one in found.items()}, None))

    def hold_the_gone(self, snapshot: int) -> None:
        """Whoever is held by our records and missing from a full snapshot: once for each time, for a person to read."""
        turns = Turns(self.line.database)
        after: int | None = 0
        while after is not None:
            with turns.turn() as db:
                after = self.hold_page(db, snapshot, after)

    def hold_page(self, db: Transaction, snapshot: int, after: int, but: Collection[int] = ()) -> int | None:
        """The same for one page of people, leaving out `but`. Returns where the next page begins, if there is one."""
        if after == 0:
            _drop(db, histories.seen_again(db, snapshot), self.now)
        missing = custody.not_seen(db, snapshot, after, self._batch)
        stored = custody.event_kinds(db, [one for one, _ in missing])
        # The last snapshot with the person stays the same for as long as they are away.
        keys = {one: f"{GONE}{seen or 0}" for one, seen in missing if one not in but}
        self.store(
            db,
            [
                self._event(one, key, EventKind.UNDER_REVIEW, self.now)
                for one, key in keys.items()
                if key not in stored[one]
            ],
        )
        return missing[-1][0] if missing else None

    def store(self, db: Transaction, events: Sequence[NewEvent]) -> None:
        """Store events of this import, to be released with the rest of it."""
        custody.add_events(db, events)
        self.events.update(event.kind for event in events)
        self.held += sum(event.kind in SINGLY_HELD or event.state == EventState.HELD for event in events)

    def news(self, ref: int, event: CustodyEvent, state: EventState = EventState.DERIVED) -> NewEvent:
        """The row of a new event."""
        return self._event(ref, event.key, event.kind, event.at, state)

    def _new(self, found: dict[int, Difference]) -> Iterator[NewEvent]:
        for ref, one in found.items():
            state = EventState.HELD if one.doubtful else EventState.DERIVED
            yield from (self.news(ref, event, state) for event in one.new)

    def _taken_back(
        self, db: Transaction, found: dict[int, Difference], stored: dict[int, list[StoredEvent]]
    ) -> Iterator[NewEvent]:
        """Free the keys of what is taken back, cancel what nobody was told; a correction for each of the rest."""
        back = [(ref, one) for ref, difference in found.items() for one in difference.taken_back]
        histories.free_keys(db, [one.event.id for _, one in back])
        _drop(db, [one.event.id for _, one in back if one.amends is Amends.NOTHING], self.now)
        for ref, one in back:
            if one.amends is Amends.NOTHING:
                continue
            row = self._correction(ref, one)
            before = next((event for event in stored[ref] if event.key == row.key), None)
            if before is None:
                yield row
            else:  # taken back before, and told again before that correction went out
                histories.renew(db, [before.id], row._asdict())

    def _correction(self, ref: int, back: TakenBack) -> NewEvent:
        state = EventState.HELD if back.amends is Amends.REVIEW else EventState.DERIVED
        row = self._event(ref, f"{CORRECTION}{back.event.id}", EventKind.CORRECTION, back.event.at, state)
        return row._replace(corrects=back.event.id)

    def _event(
        self, ref: int, key: str, kind: EventKind, at: datetime, state: EventState = EventState.DERIVED
    ) -> NewEvent:
        return NewEvent(ref, key, kind.value, at, self.now, self.import_id, state.value)


def _drop(db: Transaction, event_ids: Collection[int], now: datetime) -> None:
    """Cancel events that need not be told, nor read by anybody."""
    if event_ids:
        histories.cancel(db, event_ids)
        histories.close_tasks(db, event_ids, now)
        close_reviews(db, now)


def _due(since: Mapping[int, datetime | None], now: datetime | None) -> dict[int, datetime]:
    """When the clock looks at each of these people next; `now` where it just looked."""
    due = ((ref, look_again_at(left, now)) for ref, left in since.items())
    return {ref: at for ref, at in due if at is not None}


# ---- the clock


def tell_overdue(line: Line) -> int:
    """Tell of those who left by transfer and whose arrival is overdue. Returns the events that were new.

    Killed at any moment and run again, or by two processes at once, it tells each once. While an import is on its
    way, or was killed and is to be ended first, it waits for that: the arrival may be in it.
    """
    with line.database.read() as db:
        if not histories.anybody_overdue(db, line.clock()):
            return 0
    try:
        with sole_import(line.database, 0):
            return _tell_overdue(line)
    except AnotherImport:
        return 0


def _tell_overdue(line: Line) -> int:
    told = 0
    for _ in range(MOST_BATCHES):
        with line.database.read() as db:
            left = imports.unfinished(db)
            ours = [one.id for one in left if one.kind == CLOCK]
        if len(ours) < len(left):
            break
        for import_id in ours:  # stored, and killed before it was told
            release(line, import_id)
        looked_at, new = _look(line, line.clock())
        told += new
        if not looked_at:
            break
    return told


def _look(line: Line, now: datetime) -> tuple[int, int]:
    """Look at the next who are due. Returns how many they were, and how many events were new."""
    with Turns(line.database).turn() as db:
        refs = histories.overdue_people(db, now, BATCHES[line.database.engine.dialect.name])
        stints, stored = custody.stints_of_all(db, refs), histories.stored_events(db, refs)
        histories.await_nobody(db, refs)
        histories.await_arrivals(db, _due({ref: read(own).awaited_since for ref, own in stints.items()}, now))
        new = [(ref, event) for ref in refs for event in news_of_the_clock(stints[ref], stored[ref], now)]
        if new:
            made = Deriving(line, histories.begin_look(db, CLOCK, now, len(new)), now)
            made.store(db, [made.news(ref, event) for ref, event in new])
    if new:
        release(line, made.import_id)
    return len(refs), len(new)
