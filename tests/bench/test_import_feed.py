"""`hotline bench import` as whoever measures the import types it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from hotline.cli import hotline
from hotline.errors import HotlineError

pytestmark = pytest.mark.server  # many rows and processes


def bench(*words: str) -> Result:
    return CliRunner().invoke(hotline, ["bench", "import", *words])


def test_it_tells_rows_events_time_and_memory_of_three_imports_beside_a_bare_load() -> None:
    told = bench("--rows", "6000", "--json")  # enough for a process that reads
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    first, again, delta = found["first"], found["again"], found["delta"]
    assert [one["rows"] for one in (first, again, delta)] == [6000, 6000, 1000]
    assert (first["changed"], again["changed"], again["events"], delta["changed"]) == (6000, 0, 0, 1000)
    assert first["events"] > 6000
    assert all(one["seconds"] > 0 for one in (first, again, delta))
    # Two processes have more than one, which knows as much.
    assert first["megabytes"] > 1.3 * delta["megabytes"]
    assert 0 < found["bare_seconds"] < first["seconds"]


def test_its_table_has_a_line_for_each_and_the_ratio_to_a_bare_load() -> None:
    table = bench("--rows", "1000").stdout.splitlines()
    assert [line[:22].strip() for line in table] == [
        "",
        "first import",
        "the same again",
        "a delta",
        "bare load, no keys",
    ]
    assert "(SQLite)" in table[0]
    assert table[-1].endswith("times as long")


def test_a_database_with_people_in_it_is_not_measured_in(postgresql_url: str) -> None:
    told = bench("--rows", "1000", "--database", postgresql_url)
    assert "(PostgreSQL)" in told.stdout
    again = bench("--rows", "1000", "--database", postgresql_url)
    assert isinstance(again.exception, HotlineError)
    assert "empty database" in str(again.exception)
