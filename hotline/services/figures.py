"""Counts for monitors: how the line is doing, in numbers that tell of nobody."""

from __future__ import annotations

from collections.abc import Iterator

from hotline.services.line import Line
from hotline.store import counts
from hotline.store.database import is_reachable
from hotline.store.migrate import is_current


def is_ready(line: Line) -> bool:
    """Whether the database answers and has the tables of this version."""
    return is_reachable(line.database) and is_current(line.database.engine)


def metrics(line: Line) -> str:
    """Prometheus' text format, version 0.0.4. Raises DatabaseBusy."""
    return "\n".join(_lines(line)) + "\n"


def _lines(line: Line) -> Iterator[str]:
    now = line.clock()
    with line.database.read() as db:
        figures = counts.figures(db, now)
    for name, kind, what, samples in (
        ("hotline_calls", "counter", "Calls by how they ended, open ones as open", figures.calls),
        ("hotline_deliveries", "gauge", "Deliveries by state", figures.deliveries),
        ("hotline_staff_tasks_open", "gauge", "Open tasks for staff by kind", figures.tasks),
    ):
        yield f"# HELP {name} {what}"
        yield f"# TYPE {name} {kind}"
        for label, count in sorted(samples.items()):
            yield f'{name}{{state="{label}"}} {count}'
    yield "# HELP hotline_search_closed Whether a hidden record came up and nobody is searched for: 1 or 0"
    yield "# TYPE hotline_search_closed gauge"
    yield f"hotline_search_closed {int(figures.search_closed)}"
    yield "# HELP hotline_feed_age_seconds Seconds since the last good import of the custody feed"
    yield "# TYPE hotline_feed_age_seconds gauge"
    if figures.feed_at is not None:
        yield f"hotline_feed_age_seconds {(now - figures.feed_at).total_seconds():.0f}"
