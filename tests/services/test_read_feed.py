"""A long file is read by a process of its own: nothing of what it gives, or of how it fails, is otherwise for that."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

import pytest
from sqlalchemy import select

from hotline.errors import FeedRefused
from hotline.rules.feed_batches import Batch, batches
from hotline.services import import_custody, read_feed
from hotline.services.import_custody import import_file
from hotline.services.line import Line
from hotline.services.read_feed import ReaderLost, read_ahead
from hotline.store.models import CustodyImport, Quarantine, Subject
from tests.faults.broken_files import CORPUS
from tests.services.test_import_custody import REMOVED, Changes, a_feed, deliveries, enrol, give, tables

pytestmark = pytest.mark.server  # many processes

CROWD: Sequence[Changes] = [{"subject_id": f"S{n}", **(REMOVED if n % 2 else {})} for n in range(1, 300)]


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Have every file read by a process of its own, a few rows to a batch; the processes that there were."""
    monkeypatch.setattr(read_feed, "SHORT", 1)
    monkeypatch.setattr(import_custody, "BATCHES", {"sqlite": 50, "postgresql": 50})
    made: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *given: object, **named: object) -> None:
            super().__init__(*given, **named)  # type: ignore[call-overload]
            made.append(self)

    monkeypatch.setattr(read_feed.subprocess, "Popen", Noted)
    return made


class Stream(io.RawIOBase):
    """A stream that gives so many bytes and then does something else than to go on."""

    def __init__(self, data: bytes, then: Callable[[], bytes]) -> None:
        self._data, self._then = io.BytesIO(data), then

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._data.read(size) or self._then()


def said(found: Iterator[Batch]) -> list[object]:
    """Batches, and the refusal at their end if there is one."""
    heard: list[object] = []
    try:
        heard.extend(found)
    except FeedRefused as refused:
        heard.append(str(refused))
    return heard


@pytest.mark.parametrize("name", CORPUS)
def test_of_a_broken_file_it_gives_what_would_be_read_here(apart: list[subprocess.Popen[bytes]], name: str) -> None:
    data = CORPUS[name]().data
    assert said(read_ahead(io.BytesIO(data), 3)) == said(batches(io.BytesIO(data), 3))
    assert len(apart) == bool(data)
    assert all(process.returncode is not None for process in apart)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_file_ends_as_if_it_had_been_read_here(
    line: Line, apart: list[subprocess.Popen[bytes]], pack: Callable[[bytes], bytes]
) -> None:
    give(line, {}, kind="full")
    enrol(line)
    before = len(apart)
    report = import_file(line, io.BytesIO(pack(a_feed([*CROWD, {"subject_id": "S0", "sex": "x" * 99}]))), "full")
    assert (report.rows, report.refused, report.deliveries) == (300, 1, 2)
    assert (len(apart) - before, apart[-1].returncode is None) == (1, False)
    assert [refusal.line for refusal in report.refusals] == [301]


def test_a_short_file_needs_no_process(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_feed.subprocess, "Popen", None)
    assert give(line, *CROWD).rows == 299


def test_a_file_that_breaks_off_far_in_is_taken_up_to_the_break(
    line: Line, apart: list[subprocess.Popen[bytes]]
) -> None:
    whole = gzip.compress(a_feed(CROWD), compresslevel=0)
    with pytest.raises(FeedRefused, match="rows read before that: 249;"):
        import_file(line, io.BytesIO(whole[: whole.index(b"S250,")]), "full")
    with line.database.read() as db:
        assert db.scalars(select(CustodyImport.status)).all() == ["failed"]


def test_the_process_killed_costs_nothing_that_the_file_given_again_does_not_put_right(
    line: Line, apart: list[subprocess.Popen[bytes]]
) -> None:
    whole = a_feed(CROWD)
    give(line, {"subject_id": "S1"})
    enrol(line)

    def kill() -> bytes:
        apart[-1].kill()
        apart[-1].wait()
        return whole  # which nobody takes any more

    with pytest.raises(ReaderLost, match="import the file again"):
        import_file(line, Stream(whole[: whole.index(b"S200,")], kill), "delta")  # type: ignore[arg-type]
    assert deliveries(line) == []
    assert give(line, *CROWD).deliveries == 2
    assert len({row[0] for row in tables(line)["subject"]}) == 299
    with line.database.read() as db:
        assert db.scalars(select(CustodyImport.status).order_by(CustodyImport.id)).all()[1:] == ["failed", "finished"]


def test_what_comes_of_a_file_that_can_be_fetched_no_further_is_no_row(
    line: Line, apart: list[subprocess.Popen[bytes]]
) -> None:
    def cut() -> bytes:
        raise ConnectionResetError("the folder is gone")

    whole = a_feed(CROWD)
    torn = whole[: whole.index(b"S200,") + 90]  # in the middle of a row
    with pytest.raises(ConnectionResetError, match="the folder is gone"):
        import_file(line, Stream(torn, cut), "delta")  # type: ignore[arg-type]
    with line.database.read() as db:
        assert db.scalars(select(Quarantine)).all() == []
        assert db.scalar(select(Subject.id).where(Subject.subject_id == "S200")) is None


def test_whoever_stops_in_the_middle_leaves_no_process_behind(apart: list[subprocess.Popen[bytes]]) -> None:
    with closing(read_ahead(io.BytesIO(a_feed(CROWD)), 5)) as found:
        assert next(found).rows == 5
        assert apart[0].returncode is None
    assert apart[0].returncode is not None


KILLED = """
import io, os, signal, sys, threading
from hotline.services import read_feed
from tests.services.test_import_custody import a_feed
from tests.services.test_read_feed import CROWD, Stream

read_feed.SHORT = 1
rows, then = [*CROWD] * 20, {"more": lambda: b"", "stalls": threading.Event().wait}[sys.argv[1]]
next(read_feed.read_ahead(Stream(a_feed(rows), then), 50))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("then", ["more", "stalls"])
def test_the_process_ends_with_the_import_that_is_killed(then: str) -> None:
    # Both hold the pipe of the errors: `run` returns once it is closed on all sides.
    ended = subprocess.run([sys.executable, "-c", KILLED, then], capture_output=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (-9, b"")
