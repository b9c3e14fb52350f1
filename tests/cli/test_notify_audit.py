"""`hotline notify audit` as staff and their programs run it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest
from click.testing import CliRunner

from hotline.cli import hotline
from hotline.rules.delivery import AttemptState
from hotline.services.line import Line, open_line
from hotline.settings import read_settings
from tests.services.told_notice import MINUTE, RELEASED, SIGNED, Clock, Told, add_attempt, told_notice


@pytest.fixture
def line(sqlite_environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """A line that the command finds through the environment."""
    for name, value in sqlite_environ.items():
        monkeypatch.setenv(name, value)
    clock = Clock(SIGNED)
    opened = open_line(read_settings(sqlite_environ), clock)
    yield opened
    opened.database.close()


@pytest.fixture
def told(line: Line) -> Told:
    """A notice that was told well."""
    clock = line.clock
    assert isinstance(clock, Clock)
    return told_notice(line, clock)


@pytest.fixture
def doubled(line: Line, told: Told) -> None:
    """Its text went out twice."""
    with line.database.begin() as db:
        add_attempt(db, told.text, RELEASED + 10 * MINUTE, AttemptState.DELIVERED)


@pytest.mark.usefixtures("told")
def test_all_is_well_and_says_so() -> None:
    result = CliRunner().invoke(hotline, ["notify", "audit"])
    assert (result.exit_code, result.output.strip()) == (0, "Every notice is as it should be.")


@pytest.mark.usefixtures("doubled")
def test_a_difference_is_one_line_and_exit_status_1() -> None:
    result = CliRunner().invoke(hotline, ["notify", "audit"])
    assert result.exit_code == 1
    assert "it went out twice" in result.stdout
    assert "Traceback" not in result.output


@pytest.mark.usefixtures("doubled")
def test_a_program_reads_one_object_a_difference() -> None:
    result = CliRunner().invoke(hotline, ["notify", "audit", "--json"])
    found = [json.loads(row) for row in result.stdout.splitlines()]
    assert (result.exit_code, [one["fault"] for one in found]) == (1, ["doubled"])


@pytest.mark.usefixtures("doubled")
def test_what_is_older_than_since_is_left_out() -> None:
    result = CliRunner().invoke(hotline, ["notify", "audit", "--since", "2026-04-01T00:00:00+00:00"])
    assert result.exit_code == 0
