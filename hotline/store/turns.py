"""Long work in short transactions: one process imports at a time, and callers have their turn in between."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline.errors import HotlineError
from hotline.store import custody
from hotline.store.database import PLANNED, Database

# SQLite has no queue of writers: whoever waits looks again every tenth of a second, and must find a gap.
LONGEST_SPELL = 0.5
"""Seconds of writing on SQLite after which there is a gap."""
GAP = 0.11
"""Seconds: longer than the longest sleep of a waiting SQLite connection."""
LOOK_AGAIN = 0.2
"""Seconds between looks whether another import has ended."""
SOLE = 0x686F746D
"""PostgreSQL's advisory lock of the one process that imports."""


_Try = Callable[[], bool]


class AnotherImport(HotlineError):
    """Another import is on its way."""


@dataclass(slots=True)
class Turns:
    """Transactions of one piece of long work. With `dry`, each is undone at its end."""

    database: Database
    dry: bool = False
    _gap_at: float = field(default_factory=time.monotonic)

    @contextmanager
    def turn(self) -> Iterator[Session]:
        """One transaction as the only writer of custody tables. Raises DatabaseBusy."""
        with self.database.begin() as db:
            custody.lock(db)
            yield db
            if self.dry:
                db.rollback()
                db.info.pop(PLANNED, None)
        if self.database.is_sqlite and time.monotonic() - self._gap_at > LONGEST_SPELL:
            time.sleep(GAP)
            self._gap_at = time.monotonic()


@contextmanager
def sole_import(database: Database, seconds: float) -> Iterator[None]:
    """Be the one process that imports, for as long as this lasts; killed, it is so no more.

    Waits up to `seconds` for another. Raises AnotherImport.
    """
    with _sqlite_lock(database) if database.is_sqlite else _postgresql_lock(database) as is_mine:
        until = time.monotonic() + seconds
        while not is_mine():
            if time.monotonic() >= until:
                raise AnotherImport("another import is on its way: try again when it has ended")
            time.sleep(LOOK_AGAIN)
        yield


@contextmanager
def _sqlite_lock(database: Database) -> Iterator[_Try]:
    with Path(f"{database.engine.url.database}-import").open("ab") as file:

        def is_mine() -> bool:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        yield is_mine


@contextmanager
def _postgresql_lock(database: Database) -> Iterator[_Try]:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            yield lambda: bool(connection.scalar(select(func.pg_try_advisory_lock(SOLE))))
        finally:
            connection.invalidate()  # the lock goes with the connection, whatever state it is in
