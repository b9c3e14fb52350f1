"""What an import costs: rows a second and memory, beside the bare cost of loading the same file into a bare table.

The import runs in a process of its own, so that its memory is its own; that of the process which reads a long file
for it is added, each at its highest. The bare floor is COPY of the same CSV into a table of texts without any key on
PostgreSQL, and the csv module with `executemany` on SQLite.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from hotline.bench.sampled import FEED_SEED, UNTIL, held_environment
from hotline.errors import HotlineError
from hotline.rules.feed import COLUMNS

DELTA_ROWS = 1000
COLUMN_NAMES = [column.name for column in COLUMNS]
LATER = UNTIL + timedelta(hours=1)
MEGABYTE = 1024 * (1024 if sys.platform == "darwin" else 1)
"""What `ru_maxrss` counts to a megabyte: kilobytes, or bytes on macOS."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import: rows and events, seconds in all, and the most memory that its processes had together, in MB."""

    rows: int
    changed: int
    events: int
    seconds: float
    megabytes: float

    @property
    def rows_a_second(self) -> float:
        return self.rows / self.seconds


@dataclass(frozen=True, slots=True)
class ImportBench:
    """A first import, the same file again, a delta into all of that, and the bare floor in seconds."""

    database: str
    first: Import
    again: Import
    delta: Import
    bare_seconds: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def as_table(self) -> str:
        lines = [f"{'':<22}{'rows':>10}{'events':>10}{'seconds':>10}{'rows/s':>10}{'MB':>8}   ({self.database})"]
        for name, one in (("first import", self.first), ("the same again", self.again), ("a delta", self.delta)):
            lines.append(
                f"{name:<22}{one.rows:>10,}{one.events:>10,}{one.seconds:>10.1f}"
                f"{one.rows_a_second:>10,.0f}{one.megabytes:>8.0f}"
            )
        bare, longer = self.first.rows / self.bare_seconds, self.first.seconds / self.bare_seconds
        lines.append(
            f"{'bare load, no keys':<22}{self.first.rows:>10,}{'':>10}{self.bare_seconds:>10.1f}{bare:>10,.0f}"
            f"{'':>8}   the first import takes {longer:.0f} times as long"
        )
        return "\n".join(lines)


def measure(rows: int, database: str | None = None) -> ImportBench:
    """Import `rows` sampled rows into an empty database, the same again, and a delta; SQLite where none is given.

    Raises HotlineError where the database is not empty.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file, delta = folder / "bench.full.csv", folder / "bench.delta.csv"
        _write(file, islice(_sampled(rows), rows))
        _write(delta, _changed(file, rows))
        with held_environment(folder, database):
            _prepare()
            imports = [_imported(*one) for one in ((file, "full"), (file, "full"), (delta, "delta"))]
        bare = _copied(file, database) if database else _many(file, folder / "bare.db")
    first, again, delta_of = imports
    return ImportBench("PostgreSQL" if database else "SQLite", first, again, delta_of, bare)


def _sampled(rows: int) -> Iterator[dict[str, str]]:
    from hotline.services.sample_custody import people

    return people(rows + 1, FEED_SEED, UNTIL)  # everybody has a stint at least


def _changed(file: Path, rows: int) -> Iterator[dict[str, str]]:
    """A thousand rows from all over the file an hour later: nine in ten moved to another bed, one moved on."""
    with file.open(newline="", encoding="utf-8") as stream:
        for n, row in enumerate(islice(csv.DictReader(stream), 0, None, max(1, rows // DELTA_ROWS))):
            is_moved = n % 10 == 0 and not row["book_out_at"]
            moved = {"book_out_at": UNTIL.isoformat(), "release_reason": "Transferred"} if is_moved else {}
            yield {**row, **moved, "facility_name": "Example Moved Center", "updated_at": LATER.isoformat()}


def _write(file: Path, rows: Iterable[dict[str, str]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMN_NAMES)
        writer.writeheader()
        writer.writerows(rows)


def _prepare() -> None:
    from hotline.services.line import open_line
    from hotline.settings import read_settings
    from hotline.store.migrate import migrate
    from hotline.store.people import has_people

    line = open_line(read_settings(), lambda: UNTIL)
    migrate(line.database.engine)
    with line.database.read() as db:
        is_full = has_people(db)
    line.database.close()
    if is_full:
        raise HotlineError("the bench needs an empty database: give the address of one")


def _imported(file: Path, kind: str) -> Import:
    done = subprocess.run(
        [sys.executable, "-m", "hotline.bench.import_feed", str(file), kind],
        stdout=subprocess.PIPE, env=os.environ, check=False,
    )  # fmt: skip
    if done.returncode:
        raise HotlineError(f"the import failed with exit code {done.returncode}; its reason is above")
    return Import(**json.loads(done.stdout))


def _import(file: str, kind: str) -> Import:
    """In the process of its own."""
    from hotline.services.import_custody import import_file
    from hotline.services.line import open_line
    from hotline.settings import read_settings

    line = open_line(read_settings(), lambda: LATER)
    began = time.perf_counter()
    with Path(file).open("rb") as stream:
        report = import_file(line, stream, kind)  # type: ignore[arg-type]
    seconds = time.perf_counter() - began
    processes = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    megabytes = sum(resource.getrusage(which).ru_maxrss for which in processes) / MEGABYTE
    return Import(report.rows, report.changed, sum(report.events.values()), seconds, megabytes)


def _copied(file: Path, database: str) -> float:
    import psycopg

    columns = ", ".join(f"{name} text" for name in COLUMN_NAMES)
    address = database.replace("postgresql+psycopg:", "postgresql:")
    with psycopg.connect(address) as connection, connection.cursor() as cursor, file.open("rb") as stream:
        cursor.execute(f"CREATE TEMP TABLE bare ({columns})".encode())
        began = time.perf_counter()
        with cursor.copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy:
            while piece := stream.read(256 * 1024):
                copy.write(piece)
        return time.perf_counter() - began


def _many(file: Path, at: Path) -> float:
    places = ", ".join("?" for _ in COLUMN_NAMES)
    with closing(sqlite3.connect(at)) as connection, file.open(newline="", encoding="utf-8") as stream:
        connection.execute(f"CREATE TABLE bare ({', '.join(COLUMN_NAMES)})")
        began = time.perf_counter()
        rows = csv.reader(stream)
        next(rows)
        with connection:
            connection.executemany(f"INSERT INTO bare VALUES ({places})", rows)
        return time.perf_counter() - began


if __name__ == "__main__":
    json.dump(asdict(_import(*sys.argv[1:])), sys.stdout)
