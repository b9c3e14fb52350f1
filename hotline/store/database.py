"""The database: SQLite or PostgreSQL, and how a transaction begins on each."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from sqlite3 import SQLITE_ERROR
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from hotline.errors import HotlineError
from hotline.store.notice_history import note_changes
from hotline.store.seal import KeyRing
from hotline.store.vocabularies import Vocabularies

BUSY_SECONDS = 2.5
"""How long a transaction waits for another one. A caller hears a first word within 3 s."""


PLANNED = "planned"
"""Set in a session's `info` when it plans deliveries."""


class DatabaseBusy(HotlineError):
    """The database can't be reached or is held by another transaction; nothing was written."""


class Database:
    """Transactions on one database. Sessions carry in their `info` the key ring and the words of recorded names."""

    def __init__(
        self,
        url: str,
        ring: KeyRing,
        on_planned: Callable[[], None] = lambda: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`on_planned` is called after each commit that planned deliveries; `clock` dates the history of enrolments."""
        self.engine = _engine(url)
        self.ring = ring
        self._on_planned = on_planned
        self._sessions = sessionmaker(
            self.engine, expire_on_commit=False, info={"ring": ring, "vocabularies": Vocabularies(), "clock": clock}
        )
        event.listen(self._sessions, "after_flush", note_changes)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """One transaction that may write, committed at the end. Raises DatabaseBusy if it can't begin or commit."""
        with _busy_told(), self._sessions.begin() as session:
            yield session
        if session.info.pop(PLANNED, False):
            self._on_planned()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One transaction that only reads: on SQLite it waits for nobody."""
        with _busy_told(), self._sessions() as session:
            session.connection(execution_options={"hotline_read": True})
            yield session

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def _busy_told() -> Iterator[None]:
    try:
        yield
    except (OperationalError, PoolTimeout) as fault:
        if getattr(fault.orig if isinstance(fault, OperationalError) else None, "sqlite_errorcode", 0) == SQLITE_ERROR:
            raise  # a table that is missing, not a database that is busy: waiting mends nothing
        raise DatabaseBusy("the database can't be reached or is busy: see that it runs, then try again") from fault
    except DBAPIError as fault:
        if fault.connection_invalidated:
            raise DatabaseBusy("the connection to the database was cut: see that it runs, then try again") from fault
        raise


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(
            parsed,
            hide_parameters=True,
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
            pool_size=16,
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if find_spec("psycopg") is None:
        raise HotlineError("DATABASE_URL: PostgreSQL needs its driver: pip install 'hotline[postgres]'")
    milliseconds = int(BUSY_SECONDS * 1000)
    options = f"-c lock_timeout={milliseconds} -c timezone=UTC"
    return create_engine(
        parsed,
        hide_parameters=True,
        pool_size=8,
        max_overflow=8,
        pool_timeout=BUSY_SECONDS,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 3, "options": options},
    )


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;")


def _begin_sqlite(connection: Any) -> None:
    # A plain BEGIN that turns to writing later can fail at once under another writer: begin as a writer.
    reading = connection.get_execution_options().get("hotline_read", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def is_reachable(database: Database) -> bool:
    """Whether the database answers and holds the tables."""
    try:
        with database.read() as session:
            session.execute(text("SELECT 1 FROM call LIMIT 1"))
    except (DatabaseBusy, SQLAlchemyError):
        return False
    return True
