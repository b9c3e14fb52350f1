"""What an import would tell, and whether the brakes would hold it, from batches that are undone one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session as Transaction

from hotline.rules.brakes import Counts, Verdict, judge
from hotline.rules.disclosure import earliest_date
from hotline.services.line import Line
from hotline.services.release_events import BATCH, let_go
from hotline.store import events

FIGURES = ("critical", "people", "leaving", "held", "protected", "hidden_visible", "test_visible")


@dataclass(slots=True)
class Rehearsal:
    """One import that is tried dry: what it would plan, and what it would change in the figures of the brakes.

    Exact where the rows of one person stand in one batch.
    """

    line: Line
    now: datetime
    import_id: int = 0
    deliveries: int = 0
    _figures: Counter[str] = field(default_factory=Counter)

    def play(self, db: Transaction, import_id: int, refs: Collection[int]) -> None:
        """A batch whose events are derived, in the transaction that is undone: count it, then let it go."""
        self.import_id = import_id
        events.hold_singly(db, import_id)
        self._add(self._counts(db, refs))
        last = 0
        while (page := let_go(db, import_id, self.now, last, BATCH)) is not None:
            last = page.last
            self.deliveries += page.planned

    def undone(self, db: Transaction, refs: Collection[int]) -> None:
        """The same people as they stand without it."""
        self._add(self._counts(db, refs), -1)

    def verdict(self) -> Verdict:
        """What the brakes would say of the whole."""
        with self.line.database.read() as db:
            whole = self._counts(db, None)
        self._add(whole)
        figures: dict[str, Any] = {name: self._figures[name] for name in FIGURES}
        return judge(self.line.settings.brakes, replace(whole, **figures))

    def _counts(self, db: Transaction, refs: Collection[int] | None) -> Counts:
        today, last = earliest_date(self.now), self.line.settings.brakes.usual_imports
        counts = events.counts_of(db, self.import_id, today, last, refs)
        return replace(counts, held=events.in_custody(db, refs) + counts.leaving)

    def _add(self, counts: Counts, sign: int = 1) -> None:
        for name in FIGURES:
            self._figures[name] += sign * getattr(counts, name)
