"""The audit log against whoever holds the database: as its user, and as its owner who takes the triggers away."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hotline.rules.audit import Head
from hotline.services.line import Line
from hotline.store import audit
from hotline.store.database import DatabaseBusy
from tests.conftest import NOW

TRIGGERS = {
    "sqlite": ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete", "DROP TRIGGER audit_in_turn"],
    "postgresql": ["ALTER TABLE audit DISABLE TRIGGER ALL"],
}


def decide(line: Line, *reasons: str) -> None:
    for reason in reasons:
        with line.database.begin() as db:
            audit.append(db, "A. Ortiz", "import.approve", "import 1", reason, NOW)


@pytest.fixture
def log(line: Line) -> Line:
    """A line whose audit log has nine entries."""
    decide(line, *(f"reason {n}" for n in range(1, 10)))
    return line


def tamper(line: Line, *statements: str) -> None:
    """What somebody with the database's own rights can do."""
    with line.database.engine.begin() as connection:
        for statement in [*TRIGGERS[connection.dialect.name], *statements]:
            connection.execute(text(statement))


def faults(line: Line, *witnessed: Head) -> list[str]:
    with line.database.read() as db:
        return [str(fault) for fault in audit.verify(db, witnessed)]


def head(line: Line) -> Head:
    with line.database.read() as db:
        return audit.head(db)


def test_a_log_that_nobody_touched_is_whole(log: Line) -> None:
    assert faults(log) == []
    assert head(log).sequence == 9
    with log.database.read() as db:
        assert [line.sequence for line in audit.lines(db)] == [*range(1, 10)]


def test_a_log_without_an_entry_is_whole(line: Line) -> None:
    assert faults(line) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET reason = 'another' WHERE sequence = 4",
        "UPDATE audit SET sequence = 40 WHERE sequence = 4",
        "DELETE FROM audit WHERE sequence = 4",
        "DELETE FROM audit",
        "INSERT INTO audit SELECT 4, at, actor, action, object, 'x', previous, hash FROM audit WHERE sequence = 5",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_entry(log: Line, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"append-only"), log.database.engine.begin() as connection:
        connection.execute(text(statement))
    assert faults(log) == []


def test_sqlite_refuses_to_replace_an_entry_too(sqlite_line: Line) -> None:
    decide(sqlite_line, "first", "second")
    replace = "INSERT OR REPLACE INTO audit SELECT 1, at, actor, action, object, 'x', previous, hash FROM audit LIMIT 1"
    with pytest.raises(DBAPIError, match=r"append-only"), sqlite_line.database.engine.begin() as connection:
        connection.execute(text(replace))
    assert faults(sqlite_line) == []


@pytest.mark.server
def test_postgresql_refuses_to_empty_the_log_at_a_stroke(log: Line) -> None:
    if log.database.is_sqlite:
        return
    with pytest.raises(DBAPIError, match=r"append-only"), log.database.engine.begin() as connection:
        connection.execute(text("TRUNCATE audit"))
    assert faults(log) == []


MOVED_UP = [f"UPDATE audit SET sequence = {n - 2} WHERE sequence = {n}" for n in range(6, 10)]
FORGED = "UPDATE audit SET {} WHERE sequence = 4"

# What an owner of the database does, and what the log then tells.
TAMPERED: list[tuple[str, Sequence[str], list[str]]] = [
    ("a reason", [FORGED.format("reason = 'another'")], ["altered: line 4"]),
    ("an actor", [FORGED.format("actor = 'B. Lee'")], ["altered: line 4"]),
    ("a time", [FORGED.format("at = '2020-01-01 00:00:00'")], ["altered: line 4"]),
    ("a hash", [FORGED.format(f"hash = '{'a' * 64}'")], ["altered: line 4", "altered: line 5"]),
    ("the first", ["UPDATE audit SET object = 'import 2' WHERE sequence = 1"], ["altered: line 1"]),
    ("the last", ["UPDATE audit SET object = 'import 2' WHERE sequence = 9"], ["altered: line 9"]),
    ("one gone", ["DELETE FROM audit WHERE sequence = 4"], ["removed: line 4"]),
    ("two gone", ["DELETE FROM audit WHERE sequence IN (4, 5)"], ["removed: lines 4 to 5"]),
    ("first gone", ["DELETE FROM audit WHERE sequence = 1"], ["removed: line 1"]),
    (
        "two gone, the rest moved up",
        ["DELETE FROM audit WHERE sequence IN (4, 5)", *MOVED_UP],
        ["removed: lines 4 to 5"],
    ),
    ("tail", ["DELETE FROM audit WHERE sequence > 6"], ["tail cut: lines 7 to 9"]),
    ("all", ["DELETE FROM audit"], ["tail cut: lines 1 to 9"]),
    ("middle and tail", ["DELETE FROM audit WHERE sequence IN (2, 9)"], ["removed: line 2", "tail cut: line 9"]),
    (
        "tail and head forged",
        ["DELETE FROM audit WHERE sequence > 6", "UPDATE audit_head SET sequence = 6"],
        ["head forged: the tail may be cut"],
    ),
    ("head gone", ["DELETE FROM audit_head"], ["head forged: the tail may be cut"]),
]


@pytest.mark.parametrize(("statements", "told"), [pytest.param(*case[1:], id=case[0]) for case in TAMPERED])
def test_altered_removed_and_cut_off_are_told_apart(log: Line, statements: Sequence[str], told: list[str]) -> None:
    tamper(log, *statements)
    assert faults(log) == told


def test_a_log_whose_tail_was_cut_goes_on_and_keeps_the_gap(log: Line) -> None:
    tamper(log, "DELETE FROM audit WHERE sequence > 6")
    decide(log, "after the cut")
    assert faults(log) == ["removed: lines 7 to 9"]
    assert head(log).sequence == 10


def test_an_old_database_put_back_is_seen_by_a_witness(log: Line) -> None:
    with log.database.engine.connect() as connection:
        old = connection.execute(text("SELECT sequence, hash, seal FROM audit_head")).one()
    decide(log, "what is to be hidden")
    witnessed = head(log)
    put_back = f"UPDATE audit_head SET sequence = {old[0]}, hash = '{old[1]}', seal = '{old[2]}'"
    tamper(log, "DELETE FROM audit WHERE sequence > 9", put_back)
    assert faults(log) == []
    assert faults(log, witnessed) == ["tail cut: line 10"]
    decide(log, "something harmless in its place")
    assert faults(log) == []
    assert faults(log, witnessed) == ["tail cut: line 10"]


def test_an_action_that_fails_leaves_no_entry_and_no_gap(log: Line) -> None:
    with suppress(ZeroDivisionError), log.database.begin() as db:
        audit.append(db, "A. Ortiz", "import.approve", "import 2", "never done", NOW)
        raise ZeroDivisionError
    decide(log, "done")
    assert head(log).sequence == 10
    assert faults(log) == []


def test_people_who_decide_at_once_leave_one_chain_without_gaps(line: Line) -> None:
    def decide_often(_: int) -> None:
        done = 0
        while done < 5:
            try:
                decide(line, "at once")
            except DatabaseBusy:
                continue
            done += 1

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(decide_often, range(4)))
    assert head(line).sequence == 20
    assert faults(line) == []


def test_a_log_sealed_with_another_key_is_not_believed(log: Line) -> None:
    other = type(log.database.ring)(log.database.ring.keys, b"o" * 32)
    with log.database.read() as db:
        db.info["ring"] = other
        assert len(audit.verify(db)) == 10  # every line, and the head


def test_an_entry_keeps_its_time_to_the_microsecond(line: Line) -> None:
    at = NOW + timedelta(microseconds=123457)
    with line.database.begin() as db:
        audit.append(db, "Ana Ñuñez 李", "event.cancel", "event 9", "why\nnot; “so”", at)
    with line.database.read() as db:
        [entry] = audit.lines(db)
    assert (entry.at, entry.actor, entry.reason) == (at, "Ana Ñuñez 李", "why\nnot; “so”")
    assert faults(line) == []
