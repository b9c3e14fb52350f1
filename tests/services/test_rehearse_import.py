"""An import that is tried dry says what the brakes would say, and changes nothing."""

from __future__ import annotations

import pytest

from hotline.services import import_custody
from hotline.services.import_custody import ImportReport
from hotline.services.line import Line
from tests.services.test_import_custody import REMOVED, Changes, enrol, give, tables
from tests.services.test_release_events import PEOPLE, numbered

pytestmark = pytest.mark.server  # many files and a PostgreSQL

LATER = "2026-03-01T10:00:00Z"
NEW = [{**row, "subject_id": f"N{n}", "stay_id": f"N{n}", "stint_id": f"N{n}"} for n, row in enumerate(numbered({}, 9))]
IMPORTS: dict[str, list[Changes]] = {
    "one leaves": numbered(REMOVED, 1),
    "everybody leaves": numbered(REMOVED),
    "everybody leaves and others come": [*numbered(REMOVED), *NEW],
    "a third leaves": numbered(REMOVED, PEOPLE // 3),
    "some are protected": numbered({"protected": "true", "updated_at": LATER}, 9),
    "some are protected no more": [
        {**row, "subject_id": f"P{n}", "stay_id": f"P{n}", "stint_id": f"P{n}", "updated_at": LATER}
        for n, row in enumerate(numbered({"protected": "false"}, 9))
    ],
    "nothing": [],
}
HOLDS = {"everybody leaves", "everybody leaves and others come", "a third leaves", "some are protected no more"}


@pytest.fixture
def held(line: Line) -> Line:
    """Thirty people held, ten more protected; for the first twenty-five somebody waits by call and by text."""
    protected = [
        {**row, "subject_id": f"P{n}", "stay_id": f"P{n}", "stint_id": f"P{n}"}
        for n, row in enumerate(numbered({"protected": "true"}, 10))
    ]
    give(line, *numbered({}), *protected)
    for n in range(1, 26):
        enrol(line, f"S{n}", f"+120255501{n:02}")
    return line


def said(report: ImportReport) -> tuple[str | None, tuple[str, ...]]:
    return report.status, report.reasons


@pytest.mark.parametrize("rows", [1000, 7])
@pytest.mark.parametrize("name", IMPORTS)
def test_the_brakes_say_of_a_dry_run_what_they_say_of_the_import(
    held: Line, name: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_custody, "BATCHES", {"sqlite": rows, "postgresql": rows})
    before = tables(held)
    dry = give(held, *IMPORTS[name], dry_run=True)
    assert tables(held) == before
    assert said(dry) == said(give(held, *IMPORTS[name]))
    assert (dry.status == "held") is (name in HOLDS)


def test_a_dry_run_that_would_wait_tells_what_would_go_out_once_it_is_let_go(held: Line) -> None:
    assert give(held, *numbered(REMOVED), dry_run=True).deliveries == 50
