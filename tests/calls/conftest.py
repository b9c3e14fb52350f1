"""A line on stage for each test: migrated and fed once, then copied."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hotline.services.import_custody import import_file
from hotline.services.line import open_line
from hotline.services.sample_custody import people, write_csv
from hotline.store.migrate import migrate
from tests.calls.stage import NOON, Stage, stage_settings

PEOPLE = 300


@pytest.fixture(scope="session")
def fed_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose database holds the sample's people, the documented ones first."""
    folder = tmp_path_factory.mktemp("fed")
    line = open_line(stage_settings(folder), clock=lambda: NOON)
    migrate(line.database.engine)
    text = io.StringIO(newline="")
    write_csv(people(PEOPLE, 7, NOON), text)
    import_file(line, io.BytesIO(text.getvalue().encode()), "full")
    line.database.close()
    return folder


@pytest.fixture
def open_stage(fed_folder: Path, tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Open a stage with settings of the test's own."""
    opened: list[Stage] = []

    def make(**options: object) -> Stage:
        folder = tmp_path / f"line{len(opened)}"
        shutil.copytree(fed_folder, folder)
        opened.append(Stage(folder, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield make
    for stage in opened:
        stage.close()


@pytest.fixture
def stage(open_stage: Callable[..., Stage]) -> Stage:
    return open_stage()
