"""What is said of an import once it has come to its end, or waits for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hotline.rules.feed_batches import Refusal
from hotline.services.line import Line
from hotline.store import imports, quarantine

MOST_REFUSALS = 20
"""Refused rows that a report names; all of them are in quarantine."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or, tried dry, what it would do; then `import_id` is None.

    `changed` counts rows that brought something new, `held` those of the new events that wait for a person.
    `status` is how the import stands, and `reasons` say why the brakes hold all of it; tried dry, `deliveries` are
    those that would go out once it is let go. `resumed` are imports that had been killed on their way, and that were
    brought to their end before this one.
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
    resumed: tuple[ImportReport, ...] = ()


def report_of(line: Line, import_id: int, resumed: Sequence[ImportReport] = ()) -> ImportReport:
    """The report of an import by what is stored of it, so that what went before a kill is in it."""
    with line.database.read() as db:
        made, brought = imports.get(db, import_id), imports.brought(db, import_id)
        kept = quarantine.waiting(db, import_id, MOST_REFUSALS)
    return ImportReport(
        import_id=import_id,
        rows=made.rows,
        changed=made.changed,
        refused=made.refused,
        refusals=tuple(Refusal(row.line, row.reason) for row in kept),
        events=brought.events,
        held=brought.held,
        deliveries=brought.deliveries,
        status=made.status,
        reasons=tuple((made.reasons or "").splitlines()),
        resumed=tuple(resumed),
    )
