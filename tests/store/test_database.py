from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from hotline.errors import HotlineError
from hotline.store.database import BUSY_SECONDS, PLANNED, Database, DatabaseBusy, is_reachable
from hotline.store.migrate import is_current, migrate
from hotline.store.models import Search, TextIn, Tombstone
from hotline.store.seal import KeyRing
from tests.servers import free_port

RING = KeyRing({"k1": bytes(32)}, bytes(32))
NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hotline.db"


@pytest.fixture
def sqlite(path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{path}", RING)
    migrate(database.engine)
    yield database
    database.close()


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[Database]:
    database = Database(postgresql_url, RING)
    migrate(database.engine)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def database(request: pytest.FixtureRequest) -> Database:
    database = request.getfixturevalue(request.param)
    assert isinstance(database, Database)
    return database


def stones(database: Database) -> int:
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(Tombstone)) or 0


def write_and_fail(database: Database) -> None:
    with database.begin() as db:
        db.add(Tombstone(hash="failed", at=NOW))
        db.info[PLANNED] = True
        db.flush()
        raise ZeroDivisionError


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises((ValueError, StatementError), match="without a zone"), database.begin() as db:
        db.add(Tombstone(hash="x", at=NOW.replace(tzinfo=None)))
    assert stones(database) == 0


def test_a_time_comes_back_as_the_same_moment_in_utc(database: Database) -> None:
    for n, hours in enumerate((-11, 0, 5.75, 14)):
        with database.begin() as db:
            db.add(Tombstone(hash=str(n), at=NOW.astimezone(timezone(timedelta(hours=hours)))))
    with database.read() as db:
        found = db.scalars(select(Tombstone.at)).all()
        earlier = db.scalars(select(Tombstone.at).where(Tombstone.at < NOW)).all()
    assert set(found) == {NOW}
    assert {at.utcoffset() for at in found} == {timedelta(0)}
    assert earlier == []


def test_a_fault_within_a_transaction_leaves_nothing_of_it(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        write_and_fail(database)
    assert stones(database) == 0


def test_writers_count_one_after_the_other_and_none_is_lost(sqlite: Database) -> None:
    with sqlite.begin() as db:
        db.add(Tombstone(hash="0", at=NOW))

    def add_one() -> None:
        for _ in range(5):
            with sqlite.begin() as db:
                row = db.scalars(select(Tombstone)).one()
                db.execute(text("UPDATE tombstone SET hash = :to"), {"to": str(int(row.hash) + 1)})

    threads = [threading.Thread(target=add_one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sqlite.read() as db:
        assert db.scalars(select(Tombstone.hash)).one() == "30"


def test_a_second_writer_waits_until_the_first_one_is_done(sqlite: Database) -> None:
    begun, order = threading.Event(), []

    def second() -> None:
        begun.wait()
        with sqlite.begin() as db:
            db.add(Tombstone(hash="y", at=NOW))
            db.flush()
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with sqlite.begin() as db:
        db.scalars(select(Tombstone)).all()  # reads only so far, and holds the pen already
        begun.set()
        thread.join(0.3)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_a_reader_waits_for_no_writer_and_sees_nothing_unfinished(sqlite: Database) -> None:
    with sqlite.begin() as db:
        db.add(Tombstone(hash="x", at=NOW))
        db.flush()
        began = time.monotonic()
        assert stones(sqlite) == 0
        assert is_reachable(sqlite)
        assert is_current(sqlite.engine)
        assert time.monotonic() - began < BUSY_SECONDS / 2
    assert stones(sqlite) == 1


def test_a_database_that_another_program_holds_is_told_as_busy_in_time(sqlite: Database, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(DatabaseBusy), sqlite.begin() as db:
            db.scalars(select(Tombstone)).all()
        assert time.monotonic() - began < 3.5
        other.execute("ROLLBACK")
    with sqlite.begin() as db:
        db.add(Tombstone(hash="x", at=NOW))


@pytest.mark.server
def test_a_row_that_another_transaction_holds_is_told_as_busy_in_time(postgresql: Database) -> None:
    with postgresql.begin() as db:
        db.add(Tombstone(hash="x", at=NOW))
    with postgresql.begin() as db:
        db.scalars(select(Tombstone).with_for_update()).one()
        began = time.monotonic()
        with pytest.raises(DatabaseBusy), postgresql.begin() as other:
            other.scalars(select(Tombstone).with_for_update()).one()
        assert time.monotonic() - began < 3.5


def test_a_missing_table_is_a_fault_and_no_reason_to_wait(database: Database) -> None:
    with database.begin() as db:
        db.execute(text("DROP TABLE tombstone"))
    with pytest.raises(DBAPIError), database.begin() as db:
        db.add(Tombstone(hash="x", at=NOW))


def test_a_database_that_is_not_there_is_told_as_busy(path: Path) -> None:
    for url in (f"sqlite:///{path.parent}/no/such/folder.db", f"postgresql+psycopg://u:p@127.0.0.1:{free_port()}/x"):
        gone = Database(url, RING)
        with pytest.raises(DatabaseBusy) as told, gone.begin() as db:
            db.scalars(select(Tombstone)).all()
        assert "u:p" not in str(told.value)
        assert not is_reachable(gone)
        gone.close()


def test_a_file_that_is_no_database_is_not_reachable(path: Path) -> None:
    path.write_bytes(b"no database " * 1000)
    database = Database(f"sqlite:///{path}", RING)
    assert not is_reachable(database)
    database.close()


def test_a_database_without_tables_is_not_reachable(path: Path) -> None:
    database = Database(f"sqlite:///{path}", RING)
    assert not is_reachable(database)
    assert not is_current(database.engine)
    database.close()


def test_a_row_that_points_at_nothing_is_refused(database: Database) -> None:
    with pytest.raises(DBAPIError), database.begin() as db:
        db.execute(text("INSERT INTO stint (subject_ref, stay_id, stint_id, book_in_at, updated_at)"
                        " VALUES (7, 'a', 'b', '2026-01-01', '2026-01-01')"))  # fmt: skip


def test_the_bell_rings_once_after_a_commit_that_planned_something(path: Path) -> None:
    rung: list[int] = []
    database = Database(f"sqlite:///{path}", RING, lambda: rung.append(stones(database)))
    migrate(database.engine)
    with database.begin() as db:
        db.add(Tombstone(hash="plain", at=NOW))
    assert rung == []
    with database.begin() as db:
        db.add(Tombstone(hash="planned", at=NOW))
        db.info[PLANNED] = True
        assert rung == []
    assert rung == [2]  # what was planned could be seen when it rang
    with pytest.raises(ZeroDivisionError):
        write_and_fail(database)
    with database.begin() as db:
        db.add(Tombstone(hash="after", at=NOW))
    assert rung == [2]
    database.close()


def test_a_fault_of_the_database_quotes_no_value(database: Database) -> None:
    twice = [TextIn(sid="SM1", meaning="+12025550123"[:10], at=NOW, sender_hash="private-hash") for _ in range(2)]
    with pytest.raises(DBAPIError) as told, database.begin() as db:
        db.add_all(twice)
    assert "private-hash" not in str(told.value)
    assert "+1202555" not in str(told.value)


@pytest.mark.parametrize("made", [lambda: Search(call_id="c", caller_hash="h", person_hash="p", at=NOW)])
def test_ids_are_random_and_opaque(sqlite: Database, made: Callable[[], Search]) -> None:
    with sqlite.begin() as db:
        rows = [made() for _ in range(20)]
        db.add_all(rows)
    assert len({row.id for row in rows}) == 20
    assert {len(row.id) for row in rows} == {16}


def test_postgresql_without_its_driver_is_told_in_one_line() -> None:
    look = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from hotline.store.database import Database; from hotline.store.seal import KeyRing\n"
        "from hotline.errors import HotlineError\n"
        "try: Database('postgresql+psycopg://h/x', KeyRing({'k': bytes(32)}, b'x'))\n"
        "except HotlineError as fault: print(fault)"
    )
    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True)
    assert "hotline[postgres]" in told.stdout, told.stderr
    assert issubclass(DatabaseBusy, HotlineError)
