from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from hotline.services.line import Line
from tests.web.conftest import CALLER, Web


@pytest.fixture(params=["web", "gunicorn"])
def any_web(request: pytest.FixtureRequest) -> Web:
    web = request.getfixturevalue(request.param)
    assert isinstance(web, Web)
    return web


def get(web: Web, path: str) -> tuple[int, str]:
    reply = web.send(path, method="GET")
    return reply.status, reply.body.decode()


def test_a_line_that_works_is_up_and_ready(any_web: Web) -> None:
    assert get(any_web, "/healthz") == (200, "ok\n")
    assert get(any_web, "/readyz") == (200, "ready\n")


def test_a_line_without_its_tables_is_up_and_not_ready(each_line: Line, serve: Callable[[Line], Web]) -> None:
    web = serve(each_line)
    with each_line.database.begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert get(web, "/readyz")[0] == 503
    with each_line.database.begin() as db:
        db.execute(text("ALTER TABLE call_step RENAME TO lost"))
        db.execute(text("ALTER TABLE call RENAME TO lost_too"))
    assert get(web, "/healthz")[0] == 200
    assert get(web, "/readyz")[0] == 503


def test_a_line_without_its_database_is_up_and_not_ready(web: Web, line: Line, data_dir: Path) -> None:
    line.database.close()
    for file in data_dir.glob("hotline.db*"):
        file.unlink()
    data_dir.joinpath("hotline.db").mkdir()
    assert get(web, "/healthz")[0] == 200
    assert get(web, "/readyz")[0] == 503
    assert get(web, "/metrics")[0] == 503


def test_health_waits_for_no_writer(web: Web, data_dir: Path) -> None:
    with closing(sqlite3.connect(data_dir / "hotline.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert get(web, "/readyz")[0] == 200
        assert get(web, "/metrics")[0] == 200
        other.execute("ROLLBACK")


def test_metrics_count_calls_and_tell_of_nobody(each_line: Line, serve: Callable[[Line], Web]) -> None:
    web = serve(each_line)
    web.call()
    web.call(sid="CA" + "b" * 32, From="+12025550124")
    web.call("/voice/status", CallStatus="completed")
    status, told = get(web, "/metrics")
    assert status == 200
    assert 'hotline_calls{state="open"} 1' in told
    assert 'hotline_calls{state="hung_up"} 1' in told
    assert CALLER[2:] not in told
    for row in told.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[a-z_]+"\})? [0-9.]+', row)


def test_an_address_that_does_not_exist_is_not_found_without_a_traceback(any_web: Web) -> None:
    for path in (
        "/",
        "/voice",
        "/voice/incoming/more",
        "/audio/x.wav",
        "/%00",
        "/..%2f..%2fetc/passwd",
        "//",
        "/static/x",
    ):
        status, told = get(any_web, path)
        assert status in (308, 400, 404, 405), path
        assert "Traceback" not in told
