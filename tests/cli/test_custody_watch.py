"""What staff type to look after frozen sign-ups, a closed search and the list of facilities."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from hotline.cli import hotline
from hotline.errors import HotlineError
from hotline.services.line import Line, open_line
from hotline.settings import read_settings
from hotline.store import watching
from hotline.store.models import Facility
from tests.services.enrolled import enrolled

LIST = """code,name,state,public_number,source,as_of
NORTH,Example Center North,TX,202-555-0143,example.org,2026-02-01
SOUTH,Example Center South,NM,,example.org,2026-02-01
"""


def run(environ: Mapping[str, str], *words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(hotline, words, input=stdin, env={**environ, "DATABASE_URL": None, "REDIS_URL": None})


@pytest.fixture
def line(sqlite_environ: Mapping[str, str]) -> Line:
    """The line at the true time, as the commands see it."""
    return open_line(read_settings(sqlite_environ))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("custody", "facilities", "list"), "hotline custody facilities import --help"),
        (("custody", "quarantine", "list"), "No row is in quarantine."),
        (("custody", "frozen", "list"), "No enrolment is frozen."),
        (("notify", "due"), "Nothing is due."),
    ],
)
def test_an_empty_list_says_so_to_people_and_nothing_to_programs(
    line: Line, sqlite_environ: Mapping[str, str], words: tuple[str, ...], said: str
) -> None:
    assert said in run(sqlite_environ, *words).output
    assert run(sqlite_environ, *words, "--json").output.strip() in ("", "[]")


def test_a_list_of_facilities_is_imported_and_looked_up(sqlite_environ: Mapping[str, str]) -> None:
    assert run(sqlite_environ, "custody", "facilities", "import", "-", stdin=LIST).output == "2 facilities.\n"
    told = run(sqlite_environ, "custody", "facilities", "list").output
    assert told.splitlines() == [
        "NORTH  Example Center North, TX  +12025550143  (example.org, 2026-02-01)",
        "SOUTH  Example Center South, NM  no number  (example.org, 2026-02-01)",
    ]
    found = json.loads(run(sqlite_environ, "custody", "facilities", "list", "south", "--json").output)
    assert [one["code"] for one in found] == ["SOUTH"]


def test_a_broken_list_changes_nothing(sqlite_environ: Mapping[str, str], tmp_path: Path, line: Line) -> None:
    run(sqlite_environ, "custody", "facilities", "import", "-", stdin=LIST)
    for broken in (LIST.replace("2026-02-01", "soon"), "code\n", "", LIST.splitlines()[0], LIST + "NORTH,\udcff"):
        file = tmp_path / "list.csv"
        file.write_bytes(broken.encode("utf-8", "surrogateescape"))
        told = run(sqlite_environ, "custody", "facilities", "import", str(file))
        assert isinstance(told.exception, HotlineError)
    with line.database.read() as db:
        assert db.query(Facility).count() == 2


def test_nothing_frozen_and_an_open_search_are_told_plainly(sqlite_environ: Mapping[str, str]) -> None:
    assert run(sqlite_environ, "custody", "frozen", "list").output == "No enrolment is frozen.\n"
    assert json.loads(run(sqlite_environ, "custody", "frozen", "list", "--json").output) == []
    told = run(sqlite_environ, "custody", "reopen", "--by", "A. Ortiz", "--reason", "to be sure")
    assert isinstance(told.exception, HotlineError)


def test_a_closed_search_is_opened_by_name(sqlite_environ: Mapping[str, str], line: Line) -> None:
    with line.database.begin() as db:
        watching.close_search(db, datetime.now(UTC))
    told = run(sqlite_environ, "custody", "reopen", "--by", "A. Ortiz", "--reason", "mended")
    assert told.output == "The search is open.\n"
    assert run(sqlite_environ, "custody", "reopen", "--reason", "mended").exit_code == 2


def test_two_people_decide_on_a_frozen_sign_up(sqlite_environ: Mapping[str, str], line: Line) -> None:
    enrolment = enrolled(line, "SF1")
    with line.database.begin() as db:
        db.execute(text("UPDATE subject SET protected = :yes"), {"yes": True})
        from hotline.services.protect import freeze_hidden

        assert freeze_hidden(db, None, datetime.now(UTC)) == 1
    assert f"{enrolment}  frozen" in run(sqlite_environ, "custody", "frozen", "list").output
    args = ("custody", "frozen", "end", enrolment, "--reason", "protection confirmed", "--by")
    assert "a second person" in run(sqlite_environ, *args, "A. Ortiz").output
    assert "A. Ortiz said end" in run(sqlite_environ, "custody", "frozen", "list").output
    assert "a second person" in run(sqlite_environ, *args, "a. ortiz").output
    assert run(sqlite_environ, *args, "B. Chen").output == "Done.\n"
    assert "No enrolment" in run(sqlite_environ, "custody", "frozen", "list").output


def test_a_restore_of_who_is_still_hidden_is_refused(sqlite_environ: Mapping[str, str], line: Line) -> None:
    enrolment = enrolled(line, "SF1")
    with line.database.begin() as db:
        db.execute(text("UPDATE subject SET protected = :yes"), {"yes": True})
        from hotline.services.protect import freeze_hidden

        freeze_hidden(db, None, datetime.now(UTC))
    args = ("custody", "frozen", "restore", enrolment, "--reason", "please", "--by", "A. Ortiz")
    assert "may still not be shown" in str(run(sqlite_environ, *args).exception)


def test_the_hidden_test_records_come_with_the_tables(sqlite_environ: Mapping[str, str], line: Line) -> None:
    assert run(sqlite_environ, "db", "upgrade").exit_code == 0
    with line.database.read() as db:
        assert db.scalar(text("SELECT count(*) FROM subject WHERE id < 0")) == 4
