"""`hotline custody import` as whoever gives it a file types it, or has a program do so."""

from __future__ import annotations

import gzip
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from hotline.cli import hotline
from hotline.errors import FeedRefused, HotlineError
from hotline.services.import_custody import import_file
from hotline.services.line import Line, open_line
from hotline.settings import read_settings
from hotline.store.models import CustodyImport, Subject
from tests.services.test_import_custody import REMOVED, Changes, Killed, a_feed, die, enrol, kill_at

BAD: Changes = {"subject_id": "S9", "book_in_at": "yesterday"}


def run(environ: Mapping[str, str], *words: str, stdin: bytes | None = None) -> Result:
    env = {**environ, "DATABASE_URL": None, "REDIS_URL": None}
    return CliRunner().invoke(hotline, ["custody", "import", *words], input=stdin, env=env)


def typed(environ: Mapping[str, str], *words: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own."""
    command = [sys.executable, "-c", "from hotline.cli import main; main()", "custody", "import", *words]
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return subprocess.run(command, env={**env, **environ}, timeout=60, **options)  # type: ignore[call-overload,no-any-return]


@pytest.fixture
def line(sqlite_environ: Mapping[str, str]) -> Line:
    return open_line(read_settings(sqlite_environ))


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """A file of three people, one of whom was removed, and a row that can't be read."""
    file = tmp_path / "feed.csv"
    file.write_bytes(a_feed([{}, {"subject_id": "S2", **REMOVED}, {"subject_id": "S3"}, BAD]))
    return file


def people(line: Line) -> set[str]:
    with line.database.read() as db:
        return set(db.scalars(select(Subject.subject_id).where(Subject.id > 0)))


def test_it_tells_what_was_read_what_happened_and_what_could_not_be_read(
    sqlite_environ: Mapping[str, str], feed: Path, line: Line
) -> None:
    told = run(sqlite_environ, str(feed))
    assert told.exit_code == 0
    assert told.stdout.splitlines() == [
        "4 rows read, 3 changed, 1 in quarantine.",
        "  3 booked_in",
        "  1 removed",
        "0 notices planned, 0 events held for review.",
    ]
    assert told.stderr.splitlines() == ["  line 5: book_in_at must be an ISO 8601 time with its offset"]
    assert people(line) == {"S1", "S2", "S3"}


def test_a_dry_run_says_what_would_be_and_writes_nothing(
    sqlite_environ: Mapping[str, str], feed: Path, line: Line
) -> None:
    told = run(sqlite_environ, str(feed), "--dry-run")
    assert told.stdout.splitlines()[0] == "4 rows read, 3 would be changed, 1 in quarantine."
    assert "0 notices would be planned, 0 events held for review." in told.stdout
    assert people(line) == set()


def test_a_program_gets_one_json_object(sqlite_environ: Mapping[str, str], feed: Path) -> None:
    told = run(sqlite_environ, str(feed), "--json", "--kind", "full")
    assert told.stderr == ""
    assert json.loads(told.stdout) == {
        "import_id": 1,
        "rows": 4,
        "changed": 3,
        "refused": 1,
        "refusals": [{"line": 5, "reason": "book_in_at must be an ISO 8601 time with its offset"}],
        "events": {"booked_in": 3, "removed": 1},
        "held": 0,
        "deliveries": 0,
        "status": "finished",
        "reasons": [],
        "resumed": [],
    }
    dry = json.loads(run(sqlite_environ, str(feed), "--json", "--dry-run").stdout)
    assert (dry["import_id"], dry["changed"]) == (None, 0)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_file_may_come_by_standard_input_and_packed(
    sqlite_environ: Mapping[str, str], feed: Path, line: Line, pack: type[bytes]
) -> None:
    told = run(sqlite_environ, "-", stdin=pack(feed.read_bytes()))
    assert told.stdout.startswith("4 rows read, 3 changed")
    assert people(line) == {"S1", "S2", "S3"}


@pytest.mark.server  # two processes
def test_a_long_file_may_come_by_a_pipe(sqlite_environ: Mapping[str, str], line: Line) -> None:
    crowd = [{"subject_id": f"S{n}", "facility_name": "x" * 190} for n in range(3000)]
    told = typed(sqlite_environ, "-", "--json", input=a_feed(crowd), capture_output=True)
    assert (told.returncode, told.stderr) == (0, b"")
    assert json.loads(told.stdout)["changed"] == 3000


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"PK\x03\x04 a workbook", "Excel"),
        (b"", "empty"),
        (b"name,born\nAna,1990\n", "lacks: subject_id"),
        (None, "can't be read: No such file"),
    ],
)
def test_a_file_that_is_no_feed_is_refused_in_one_line(
    sqlite_environ: Mapping[str, str], tmp_path: Path, line: Line, data: bytes | None, why: str
) -> None:
    file = tmp_path / "feed.xlsx"
    if data is not None:
        file.write_bytes(data)
    fault = run(sqlite_environ, str(file)).exception
    assert isinstance(fault, HotlineError)
    assert why in str(fault)
    assert len(str(fault).splitlines()) == 1
    assert people(line) == set()


def test_it_leaves_with_0_where_it_could_1_where_it_could_not_and_2_where_it_was_asked_wrongly(
    sqlite_environ: Mapping[str, str], feed: Path, tmp_path: Path
) -> None:
    assert run(sqlite_environ, str(feed)).exit_code == 0
    assert run(sqlite_environ, str(feed), "--kind", "weekly").exit_code == 2
    assert run(sqlite_environ).exit_code == 2
    refused = typed(sqlite_environ, str(tmp_path / "no.csv"), capture_output=True)
    assert refused.returncode == 1
    assert refused.stderr.decode().splitlines() == [
        f"hotline: {tmp_path / 'no.csv'}: can't be read: No such file or directory"
    ]


def test_off_a_terminal_there_is_no_progress_bar(sqlite_environ: Mapping[str, str], feed: Path) -> None:
    told = typed(sqlite_environ, str(feed), capture_output=True)
    assert told.returncode == 0
    assert b"\r" not in told.stdout + told.stderr


def test_on_a_terminal_a_bar_tells_how_far_it_is(sqlite_environ: Mapping[str, str], feed: Path) -> None:
    terminal, end = pty.openpty()
    told = typed(sqlite_environ, str(feed), stdout=subprocess.PIPE, stderr=end)
    os.close(end)
    shown = os.read(terminal, 65536).decode()
    os.close(terminal)
    assert told.returncode == 0
    assert f"\r[{'#' * 30}] 100%  4 rows, " in shown
    assert " a second" in shown


def test_what_had_been_cut_short_is_told_with_the_import_that_ends_it(
    sqlite_environ: Mapping[str, str], feed: Path, line: Line
) -> None:
    import_file(line, io.BytesIO(a_feed([{}])), "delta")
    enrol(line)
    with pytest.raises(Killed):
        import_file(line, io.BytesIO(a_feed([REMOVED])), "delta", progress=kill_at(2, die))
    told = run(sqlite_environ, str(feed))
    assert told.stdout.splitlines()[0] == "Import 2 had been cut short and was ended first: 2 notices planned."
    with line.database.read() as db:
        assert db.scalars(select(CustodyImport.status)).all() == ["finished"] * 3


def test_a_file_that_breaks_off_is_refused_and_says_how_far_it_was_read(
    sqlite_environ: Mapping[str, str], tmp_path: Path, line: Line
) -> None:
    whole = gzip.compress(a_feed([{}, {"subject_id": "S2"}]), compresslevel=0)
    file = tmp_path / "feed.csv.gz"
    file.write_bytes(whole[: whole.index(b"S2")])
    fault = run(sqlite_environ, str(file)).exception
    assert isinstance(fault, FeedRefused)
    assert "rows read before that: 1;" in str(fault)
    assert people(line) == {"S1"}
