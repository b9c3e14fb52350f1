"""A line over a real, migrated database: SQLite, and PostgreSQL where a test asks for both."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from hotline.services.line import Line, open_line
from hotline.settings import read_settings
from hotline.store.migrate import migrate

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)

# The default draws every frame of a fault with its locals: that takes longer than most tests.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


def a_key(letter: str) -> str:
    return base64.b64encode(letter.encode() * 32).decode()


ENVIRON = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "a token of a test",
    "HOTLINE_PUBLIC_URL": "https://hotline.example.org",
    "HOTLINE_NUMBER": "+18005550199",
    "HOTLINE_SECRET_KEY": "s" * 32,
    "HOTLINE_ENCRYPTION_KEYS": f"k1:{a_key('e')}",
    "HOTLINE_INDEX_KEY": a_key("i"),
    "HOTLINE_SEND_CALLS_PER_SECOND": "1000",
    "HOTLINE_SEND_SEGMENTS_PER_SECOND": "1000",
}


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables and no row, to be copied."""
    folder = tmp_path_factory.mktemp("migrated")
    line = open_line(read_settings({**ENVIRON, "HOTLINE_DATA_DIR": str(folder)}))
    migrate(line.database.engine)
    line.database.close()
    return folder / "hotline.db"


@pytest.fixture
def sqlite_environ(migrated_file: Path, tmp_path: Path) -> Mapping[str, str]:
    """The environment of a line over an empty SQLite file of this test's own."""
    shutil.copy(migrated_file, tmp_path / "hotline.db")
    return {**ENVIRON, "HOTLINE_DATA_DIR": str(tmp_path)}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def environ(request: pytest.FixtureRequest, tmp_path: Path) -> Mapping[str, str]:
    """The environment of a line over an empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        found: Mapping[str, str] = request.getfixturevalue("sqlite_environ")
        return found
    url = request.getfixturevalue("postgresql_url")
    made = {**ENVIRON, "HOTLINE_DATA_DIR": str(tmp_path), "DATABASE_URL": url}
    line = open_line(read_settings(made))
    migrate(line.database.engine)
    line.database.close()
    return made


@pytest.fixture
def line(environ: Mapping[str, str]) -> Iterator[Line]:
    """A line at NOW, over each database."""
    opened = open_line(read_settings(environ), clock=lambda: NOW)
    yield opened
    opened.database.close()


@pytest.fixture
def sqlite_line(sqlite_environ: Mapping[str, str]) -> Iterator[Line]:
    """A line at NOW, over SQLite alone."""
    opened = open_line(read_settings(sqlite_environ), clock=lambda: NOW)
    yield opened
    opened.database.close()
