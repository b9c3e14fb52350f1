"""The auditor looks through the log from the command line; a witness outside of the database remembers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from hotline.cli import hotline
from hotline.rules.audit import EMPTY, Head
from hotline.services.line import Line, open_line
from hotline.settings import read_settings
from hotline.store import audit
from tests.conftest import NOW
from tests.store.test_audit import decide, tamper

Ask = Callable[..., Result]


@pytest.fixture
def line(sqlite_environ: Mapping[str, str]) -> Iterator[Line]:
    """A line whose audit log has three entries."""
    opened = open_line(read_settings(sqlite_environ), clock=lambda: NOW)
    decide(opened, "one", "two", "three")
    yield opened
    opened.database.close()


@pytest.fixture
def ask(line: Line, sqlite_environ: Mapping[str, str]) -> Ask:
    def run(*words: str) -> Result:
        return CliRunner().invoke(hotline, ("audit", "verify", *words), env=dict(sqlite_environ))

    return run


def head_of(line: Line) -> Head:
    with line.database.read() as db:
        return audit.head(db)


def test_a_whole_log_tells_its_head_and_leaves_it_with_the_witness(ask: Ask, line: Line, tmp_path: Path) -> None:
    told = ask()
    assert (told.exit_code, told.output) == (0, f"The log is whole. Its head: {head_of(line)}\n")
    assert (tmp_path / "audit.head").read_text() == f"{head_of(line)}\n"
    assert ask().exit_code == 0


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit SET reason = 'x' WHERE sequence = 2", "altered: line 2"),
        ("DELETE FROM audit WHERE sequence = 2", "removed: line 2"),
        ("DELETE FROM audit WHERE sequence = 3", "tail cut: line 3"),
    ],
)
def test_each_fault_is_told_and_the_witness_stays_where_it_was(
    ask: Ask, line: Line, tmp_path: Path, statement: str, fault: str
) -> None:
    ask()
    before = (tmp_path / "audit.head").read_text()
    tamper(line, statement)
    told = ask()
    assert (told.exit_code, told.output) == (1, f"{fault}\nIts head: {head_of(line)}\n")
    [found] = json.loads(ask("--json").output)["faults"]
    assert f"{found['wrong']}: line {found['first']}" == fault
    assert (tmp_path / "audit.head").read_text() == before


def test_a_whole_database_put_back_is_seen_by_the_witness_and_by_a_head_written_down(
    ask: Ask, line: Line, tmp_path: Path
) -> None:
    ask("--witness", str(tmp_path / "elsewhere" / "audit.head"))
    known = str(head_of(line))
    tamper(line, "DELETE FROM audit", "DELETE FROM audit_head")
    assert ask().exit_code == 0  # a database as new: nothing in it tells
    for words in (("--witness", str(tmp_path / "elsewhere" / "audit.head")), ("--head", known)):
        told = ask(*words)
        assert told.exit_code == 1
        assert "tail cut: lines 1 to 3" in told.output


def test_a_witness_that_holds_no_head_is_told(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "audit.head").write_text("something else\n")
    told = ask()
    assert told.exit_code == 1
    assert "SEQUENCE:HASH" in str(told.exception)


@pytest.mark.parametrize("head", ["", "3", "3:abc", "x:" + "a" * 64, "-1:" + "a" * 64])
def test_a_head_that_is_none_is_wrong_usage(ask: Ask, head: str) -> None:
    assert ask("--head", head).exit_code == 2


def test_a_log_without_an_entry_is_whole(sqlite_environ: Mapping[str, str]) -> None:
    told = CliRunner().invoke(hotline, ("audit", "verify"), env=dict(sqlite_environ))
    assert (told.exit_code, told.output) == (0, f"The log is whole. Its head: {EMPTY}\n")


def test_the_key_of_the_log_is_its_own(line: Line) -> None:
    ring = line.database.ring
    assert len(ring.derive("audit")) == 32
    assert ring.derive("audit") not in (ring.index_key, *ring.keys.values(), ring.derive("another"))
    with line.database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM audit")).scalar_one() == 3
