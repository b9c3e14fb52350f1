from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from hotline.store.database import Database
from hotline.store.migrate import config, is_current, migrate, migrate_down
from hotline.store.models import Base
from hotline.store.seal import KeyRing

REVISIONS = [script.revision for script in reversed(list(ScriptDirectory.from_config(config()).walk_revisions()))]


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'hotline.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql_url", marks=pytest.mark.server)])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    database = Database(request.getfixturevalue(request.param), KeyRing({"k1": bytes(32)}, bytes(32)))
    yield database.engine
    database.close()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def test_the_migrations_make_the_tables_of_the_models(engine: Engine) -> None:
    migrate(engine)
    assert is_current(engine)
    assert tables(engine) == set(Base.metadata.tables)
    assert differences(engine) == []


def test_every_migration_goes_up_down_and_up_again(engine: Engine) -> None:
    for revision in REVISIONS:
        migrate(engine, revision)
    for revision in ["base", *REVISIONS][:-1][::-1]:
        migrate_down(engine, revision)
        assert not is_current(engine)
    assert tables(engine) == set()
    migrate(engine)
    assert is_current(engine)
    assert differences(engine) == []


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    migrate(engine)
    assert is_current(engine)
    assert differences(engine) == []


def test_two_machines_that_migrate_at_once_do_not_harm_each_other(engine: Engine) -> None:
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: migrate(engine), range(2)))
    assert is_current(engine)
    assert differences(engine) == []


def test_there_is_one_line_of_migrations() -> None:
    assert len(ScriptDirectory.from_config(config()).get_heads()) == 1
    assert sorted(REVISIONS) == REVISIONS
