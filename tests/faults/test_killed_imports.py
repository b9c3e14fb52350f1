"""An import that is killed outright at any of twenty marked points, and the same file given again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hotline.services.import_custody import go_on, import_file
from hotline.services.line import Line, open_line
from hotline.settings import read_settings
from hotline.store.models import CustodyImport, Quarantine, StintsChanged
from tests.conftest import ENVIRON, NOW
from tests.faults.marked import Point, owner
from tests.services.test_import_custody import (
    AGAIN,
    DIED,
    REMOVED,
    Changes,
    Tables,
    a_feed,
    deliveries,
    enrol,
    give,
    tables,
)

pytestmark = pytest.mark.server

POINTS: dict[str, Point] = {
    "before it is written down": ("hotline.store.imports", "begin_import", 1, "before"),
    "written down, not committed": ("hotline.store.imports", "begin_import", 1, "after"),
    "before the first batch": ("hotline.store.custody", "take_rows", 1, "before"),
    "people written, names not": ("hotline.store.name_index", "add_people", 1, "before"),
    "names counted, not paired": ("hotline.store.name_index", "_count", 1, "after"),
    "names written, stints not": ("hotline.store.custody", "_write_stints", 1, "before"),
    "stints written, nobody marked": ("hotline.store.custody", "mark_changed", 1, "before"),
    "first batch written, not committed": ("hotline.store.imports", "note_import", 1, "after"),
    "between batches": ("hotline.store.custody", "take_rows", 2, "before"),
    "in the last batch": ("hotline.store.quarantine", "keep", 4, "before"),
    "all rows there": ("hotline.store.imports", "note_import", 5, "before"),
    "before anything is derived": ("hotline.store.custody", "changed_people", 1, "before"),
    "events stored, people still marked": ("hotline.store.custody", "unmark_changed", 1, "before"),
    "events of some people stand": ("hotline.store.custody", "changed_people", 2, "before"),
    "before the brakes look": ("hotline.services.release_events", "release", 1, "before"),
    "the brakes looked, nothing written": ("hotline.services.release_events", "judge", 1, "after"),
    "the brakes have spoken": ("hotline.services.release_events", "_release", 1, "before"),
    "one notice planned of two": ("hotline.store.deliveries", "plan_event", 1, "after"),
    "notices planned, not committed": ("hotline.store.events", "release_page", 1, "after"),
    "finished, nothing looked after": ("hotline.services.import_custody", "_look_after", 1, "before"),
}

KILLED = """
import sys
from datetime import datetime
from hotline.services import derive_events, import_custody
from hotline.services.line import open_line
from hotline.settings import read_settings
from tests.faults.marked import die, set_mark

file, module, name, nth, when, now = sys.argv[1:]
import_custody.BATCHES = dict.fromkeys(import_custody.BATCHES, 20)
derive_events.BATCHES = dict.fromkeys(derive_events.BATCHES, 20)
set_mark((module, name, int(nth), when), die)
line = open_line(read_settings(), clock=lambda: datetime.fromisoformat(now))
with open(file, "rb") as stream:
    import_custody.import_file(line, stream, "full")
"""

BEFORE: list[Changes] = [{"subject_id": f"S{n}"} for n in range(1, 40)]
FILE: list[Changes] = [
    {},
    *({"subject_id": f"S{n}", **(REMOVED if n in (2, 3) else {})} for n in range(2, 70)),
    {"subject_id": "S70", "birth_country": "Narnia"},
    {"subject_id": "S4", **DIED},
    {**REMOVED},
    {**AGAIN},
]


def prepare(line: Line) -> None:
    give(line, *BEFORE, kind="full")
    enrol(line, "S1")
    enrol(line, "S2", number="+12025550124")


@pytest.fixture(scope="module")
def unharmed(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """The tables after the file has been read without a fault."""
    folder = tmp_path_factory.mktemp("unharmed")
    shutil.copy(migrated_file, folder / "hotline.db")
    line = open_line(read_settings({**ENVIRON, "HOTLINE_DATA_DIR": str(folder)}), clock=lambda: NOW)
    prepare(line)
    give(line, *FILE, kind="full")
    found = tables(line)
    line.database.close()
    return found


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_marked_point_and_given_again_it_ends_as_if_nothing_had_been(
    line: Line, environ: Mapping[str, str], tmp_path: Path, unharmed: Tables, point: str
) -> None:
    prepare(line)
    file = tmp_path / "feed.csv"
    file.write_bytes(a_feed(FILE))
    now = line.clock().isoformat()
    command = [sys.executable, "-c", KILLED, str(file), *map(str, POINTS[point]), now]
    killed = subprocess.run(command, env={**os.environ, **environ}, timeout=120, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    if [*POINTS].index(point) % 2:  # at every other point the clock comes before the file
        go_on(line)
    with file.open("rb") as stream:
        import_file(line, stream, "full")
    assert tables(line) == unharmed
    assert len(deliveries(line)) == 6
    with line.database.read() as db:
        assert db.scalar(select(func.count()).select_from(StintsChanged)) == 0
        assert db.scalars(select(Quarantine.line)).all()
        on_their_way = CustodyImport.status.in_(("reading", "deriving", "releasing"))
        assert db.scalars(select(CustodyImport.id).where(on_their_way)).all() == []


def test_the_points_are_twenty_and_each_lies_in_the_program() -> None:
    assert len(POINTS) == len(set(POINTS.values())) == 20
    for module, name, *_ in POINTS.values():
        assert callable(getattr(owner(module, name), name))
