"""The bench's own feed, and a database with its people in it, imported as `hotline custody import` does."""

from __future__ import annotations

import base64
import csv
import io
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from hotline.bench.held import FeedPerson, feed_people
from hotline.errors import HotlineError

UNTIL = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""The day on which the bench plays, so that the same seed gives the same people and the same adults."""
FEED_SEED = 7
"""The people are the same for every seed of the queries: what is fitted on one half is judged on the other."""
OUTSIDERS = 20_000


def sample(people: int) -> list[FeedPerson]:
    """The people of the feed that the bench imports."""
    return list(feed_people(rows(people, FEED_SEED), UNTIL.date()))


@cache
def outsiders() -> tuple[FeedPerson, ...]:
    """People of another feed, made like the first: whose names nobody need have."""
    return tuple(feed_people(rows(OUTSIDERS, FEED_SEED + 1), UNTIL.date()))[100:]


def rows(people: int, seed: int) -> Iterator[dict[str, str]]:
    """The first stint of everybody: the search knows nothing of the others."""
    from hotline.services.sample_custody import people as sampled

    for _, stints in groupby(sampled(people, seed, UNTIL), key=lambda row: row["subject_id"]):
        yield next(stints)


@contextmanager
def held_database(people: int, database: str | None = None) -> Iterator[float]:
    """A database with the sample imported, opened by the environment's settings within; gives the seconds it took."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(held_environment(folder, database))
        began = time.perf_counter()
        _fill(people)
        yield time.perf_counter() - began


def _fill(people: int) -> None:
    from hotline.services.import_custody import import_file
    from hotline.services.line import open_line
    from hotline.settings import read_settings
    from hotline.store.migrate import migrate
    from hotline.store.people import has_people

    line = open_line(read_settings(), lambda: UNTIL)
    try:
        migrate(line.database.engine)
    except SQLAlchemyError as fault:
        raise HotlineError(f"the bench's database can't be reached or written ({type(fault).__name__})") from None
    with line.database.read() as db:
        if has_people(db):
            raise HotlineError("the bench needs an empty database: give the address of one")
    import_file(line, io.BufferedReader(_Feed(rows(people, FEED_SEED))), "full")
    line.database.close()


class _Feed(io.RawIOBase):
    """A feed's rows as a binary stream, made while it is read."""

    def __init__(self, rows: Iterator[dict[str, str]]) -> None:
        self._rows = rows
        self._rest = b""
        self._heading = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = self._next().encode()
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size

    def _next(self) -> str:
        row = next(self._rows, None)
        if row is None:
            return ""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(row))
        if self._heading:
            writer.writeheader()
            self._heading = False
        writer.writerow(row)
        return text.getvalue()


@contextmanager
def held_environment(folder: Path, database: str | None) -> Iterator[None]:
    """The environment of a line over this database, or over SQLite in this folder."""
    before = dict(os.environ)
    made = {name: base64.b64encode(os.urandom(32)).decode() for name in ("sealing", "index", "secret", "token")}
    os.environ.update(
        HOTLINE_DATA_DIR=str(folder),
        HOTLINE_PUBLIC_URL="https://hotline.example.org",
        HOTLINE_NUMBER="+18005550199",
        HOTLINE_ENCRYPTION_KEYS=f"bench:{made['sealing']}",
        HOTLINE_INDEX_KEY=made["index"],
        HOTLINE_SECRET_KEY=made["secret"],
        TWILIO_ACCOUNT_SID="AC" + "0" * 32,
        TWILIO_AUTH_TOKEN=made["token"],
    )
    os.environ.pop("DATABASE_URL", None)
    if database:
        os.environ["DATABASE_URL"] = database
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
