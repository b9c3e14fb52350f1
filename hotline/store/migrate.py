"""Brings a database to the tables of this version, and tells whether it is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


LOCK = 0x686F746C696E65
"""The advisory lock that a migration holds: any number, always the same."""


def config(connection: Any = None) -> Config:
    """Alembic's configuration for this project's migrations."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def migrate(engine: Engine, revision: str = "head") -> None:
    """Upgrade to a revision, in one transaction. Machines that start together do it one after the other."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # SQLite has begun as a writer, alone
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        command.upgrade(config(connection), revision)


def migrate_down(engine: Engine, revision: str = "base") -> None:
    """Downgrade to a revision, in one transaction."""
    with engine.begin() as connection:
        command.downgrade(config(connection), revision)


def is_current(engine: Engine) -> bool:
    """Whether the tables are those of this version. On SQLite it waits for no writer."""
    with engine.connect().execution_options(hotline_read=True) as connection:
        have = MigrationContext.configure(connection).get_current_revision()
    return have == ScriptDirectory.from_config(config()).get_current_head()
