"""Whatever a file holds, the import ends in an orderly way and no good row is lost."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hotline.errors import FeedRefused
from hotline.services.import_custody import ImportReport, import_file
from hotline.services.line import Line, open_line
from hotline.settings import read_settings
from hotline.store.database import Database
from hotline.store.models import Subject
from tests.conftest import ENVIRON, NOW
from tests.faults.broken_files import CORPUS, HEADER, around, good, names, plain, with_cell
from tests.services.test_import_custody import ROW

pytestmark = pytest.mark.server


def good_ones(line: Line) -> set[str]:
    with line.database.read() as db:
        return set(db.scalars(select(Subject.subject_id).where(Subject.subject_id.like("G%"))))


@pytest.mark.parametrize("name", CORPUS)
def test_of_a_broken_file_every_good_row_is_taken_and_every_bad_one_is_told(line: Line, name: str) -> None:
    broken = CORPUS[name]()
    if broken.refused:
        with pytest.raises(FeedRefused):
            import_file(line, io.BytesIO(broken.data), "delta")
        assert good_ones(line) >= broken.good
    else:
        report = import_file(line, io.BytesIO(broken.data), "delta")
        assert good_ones(line) == broken.good
        assert report.rows == len(broken.good) + report.refused
    assert import_file(line, io.BytesIO(plain(9)), "full").status == "finished"
    assert good_ones(line) == names(9)


@pytest.fixture(scope="module")
def fresh(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], tuple[set[str], int]]:
    """The good rows, and how many were refused, of a new database after one file; -1 where the file was refused."""
    opened = open_line(read_settings({**ENVIRON, "HOTLINE_DATA_DIR": str(migrated_file.parent)}), clock=lambda: NOW)

    def imported(data: bytes) -> tuple[set[str], int]:
        file = shutil.copy(migrated_file, tmp_path_factory.mktemp("fresh"))
        line = replace(opened, database=Database(f"sqlite:///{file}", opened.database.ring))
        report: ImportReport | None = None
        try:
            with contextlib.suppress(FeedRefused):
                report = import_file(line, io.BytesIO(data), "delta")
            return good_ones(line), report.refused if report else -1
        finally:
            line.database.close()

    return imported


CELLS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["", "NULL", "0", "-1", "1e400", "46054", "1899-12-30", "9999-12-31T23:59:59Z", "true", "'", "\\N"]
    ),
    st.text("0123456789-:TZ+.", max_size=30),
)
BAD_CELLS = st.tuples(st.sampled_from(sorted(ROW)), CELLS).map(lambda cell: with_cell(*cell))
BAD_BYTES = st.binary(max_size=200).filter(lambda data: b'"' not in data)


@settings(max_examples=15, deadline=None)
@given(bad=st.lists(st.one_of(BAD_CELLS, BAD_BYTES), max_size=8))
def test_no_row_that_is_broken_costs_another_one(
    fresh: Callable[[bytes], tuple[set[str], int]], bad: Sequence[bytes]
) -> None:
    taken, refused = fresh(around(b"\n".join(bad)).data)
    assert refused >= 0
    assert taken >= names(6)


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_file_that_was_damaged_anywhere_is_taken_as_far_as_it_can_be_read(
    fresh: Callable[[bytes], tuple[set[str], int]], data: st.DataObject
) -> None:
    whole = bytearray(plain(6))
    places = data.draw(st.lists(st.integers(len(HEADER) + 1, len(whole) - 1), max_size=4))
    for place in places:
        whole[place] = data.draw(st.integers(0, 255))
    taken, _ = fresh(bytes(whole))
    lines, intact = bytes(whole).split(b"\n"), {good(n).encode(): f"G{n}" for n in range(6)}
    if b'"' not in whole:  # a quote may rightly join lines
        assert taken >= {intact[line] for line in lines if line in intact}


@settings(max_examples=15, deadline=None)
@given(junk=st.binary(max_size=2000))
def test_what_is_no_feed_at_all_is_refused_and_nothing_more(
    fresh: Callable[[bytes], tuple[set[str], int]], junk: bytes
) -> None:
    assume(not junk.lstrip().startswith(b"{"))  # that is JSON Lines: its rows go to quarantine one by one
    assert fresh(junk) == (set(), -1)
