"""The tests' own servers: what a test gets, what it sees when one is killed, what stays when it is over."""

from __future__ import annotations

import functools
import http.server
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis
import sqlalchemy
from playwright.sync_api import Page, expect
from sqlalchemy.exc import OperationalError

from tests import servers

REPOSITORY = Path(__file__).parents[1]
WAIT_SECONDS = 20.0

# Put at the top of an inner test file: a machine that has nothing, in packages or in wheels.
NOTHING_HERE = """
import dataclasses, sys
from tests import servers
for program in servers.PROGRAMS:
    sys.modules[program.wheel or "no_wheel"] = None
    object.__setattr__(program, "elsewhere", ())
"""


@pytest.fixture
def bench() -> Iterator[Path]:
    """A folder for a test run of its own: its path short enough for Chromium's socket, open to `nobody`."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def run_pytest(folder: Path, source: str, *options: str, path: str | None = None) -> tuple[int, str]:
    """A test run of its own under the project's settings: its exit status and what it printed."""
    (folder / "test_inner.py").write_text(source)
    (folder / "tmp").mkdir()
    (folder / "tmp").chmod(0o711)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "TMPDIR": str(folder / "tmp")}
    environment["COLUMNS"] = "250"  # pytest cuts its summary to the terminal
    environment.pop("PYTEST_ADDOPTS", None)
    if path is not None:
        environment["PATH"] = path
    command = [sys.executable, "-m", "pytest", "-c", str(REPOSITORY / "setup.cfg"), f"--rootdir={folder}"]
    command += ["-p", "no:cacheprovider", *options, str(folder / "test_inner.py")]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def eventually(seen: Callable[[], bool]) -> bool:
    """Whether it is seen within 20 s."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        if seen():
            return True
        time.sleep(0.02)
    return False


def write(url: str, statement: str) -> None:
    """Run a statement and commit."""
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text(statement))


def read(url: str, statement: str) -> object:
    """The first value of a statement's answer."""
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        return connection.execute(sqlalchemy.text(statement)).scalar()


# --- PostgreSQL


@pytest.mark.parametrize("name", ["Peña", "Nguyễn"])
def test_each_test_writes_into_a_database_that_was_empty(postgresql_url: str, name: str) -> None:
    assert read(postgresql_url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    write(postgresql_url, f"CREATE TABLE subject AS SELECT '{name}' AS name")
    assert read(postgresql_url, "SELECT lower(upper(name)) FROM subject") == name.lower()


def test_postgresql_is_new_enough_and_waits_for_no_disk(postgresql_url: str) -> None:
    assert int(str(read(postgresql_url, "SHOW server_version_num"))) >= 150000
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        assert read(postgresql_url, f"SHOW {setting}") == "off"


def test_a_killed_postgresql_cuts_its_clients_and_comes_back_at_the_same_address(
    postgresql_server: servers.Server,
) -> None:
    url = postgresql_server.url
    write(url, "CREATE TABLE delivery AS SELECT 7 AS attempts")
    write(url, "CHECKPOINT")
    with psycopg.connect(url.replace("+psycopg", "")) as client:
        postgresql_server.kill()
        assert postgresql_server.pid is None
        with pytest.raises(psycopg.OperationalError):
            client.execute("SELECT 1")
    with pytest.raises(OperationalError):
        read(url, "SELECT 1")
    postgresql_server.start()
    assert read(url, "SELECT attempts FROM delivery") == 7


def test_a_stopped_postgresql_does_not_wait_for_its_clients_and_keeps_what_was_written(
    postgresql_server: servers.Server,
) -> None:
    url = postgresql_server.url
    write(url, "CREATE TABLE delivery AS SELECT 7 AS attempts")
    with psycopg.connect(url.replace("+psycopg", "")):
        postgresql_server.stop()
    postgresql_server.start()
    assert read(url, "SELECT attempts FROM delivery") == 7


# --- Redis


@pytest.mark.parametrize("job", ["first", "second"])
def test_each_test_meets_a_redis_without_keys_that_never_evicts_a_job(redis_url: str, job: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("job", job)
        assert client.get("job") == job.encode()
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
        assert client.config_get("save")["save"] == ""


def test_a_killed_redis_refuses_and_comes_back_empty_at_the_same_address(
    redis_server: servers.Server,
) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        client.set("job", "one")
        redis_server.kill()
        with pytest.raises(redis.ConnectionError):
            client.get("job")
        redis_server.start()
        assert client.get("job") is None
        redis_server.stop()
        with pytest.raises(redis.ConnectionError):
            client.get("job")


# --- the browser


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """Address of a web server on loopback with one page: a telephone's key that counts."""
    (tmp_path / "index.html").write_text(
        "<!doctype html><title>Phone</title><link rel=icon href=data:,><button>1</button><output></output>"
        "<script>document.querySelector('button').onclick = () =>"
        " { document.querySelector('output').textContent += '1' }</script>"
    )

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_press_on_a_key_in_the_page_is_seen_there(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_role("button", name="1").click(click_count=2)
    expect(page.get_by_role("status")).to_have_text("11")


@pytest.mark.parametrize("visit", [1, 2])
def test_a_test_does_not_meet_the_cookies_of_another(page: Page, site: str, visit: int) -> None:
    page.goto(site)
    assert page.evaluate("document.cookie") == ""
    page.evaluate("visit => { document.cookie = `visit=${visit}` }", visit)
    assert page.evaluate("document.cookie") == f"visit={visit}"


def test_a_complaint_that_the_test_expected_may_be_cleared(page: Page, page_errors: list[str]) -> None:
    page.goto("data:text/html,<script>console.error('as it should')</script>")
    assert page.title() == ""
    assert page_errors == ["as it should"]
    page_errors.clear()


BROWSER_THEN_LOOP = """
import asyncio, pytest
@pytest.fixture
def looped():
    yield asyncio.run(asyncio.sleep(0, "before"))
    asyncio.run(asyncio.sleep(0))

def test_page(page):
    page.goto("data:text/html,<title>one</title>")

def test_loop(looped):
    assert asyncio.run(asyncio.sleep(0, looped)) == "before"

def test_page_again(page):
    page.goto("data:text/html,<title>two</title>")
    assert page.title() == "two"

def test_last_loop(looped):
    assert asyncio.run(asyncio.sleep(0, looped)) == "before"
"""


def test_a_loop_of_its_own_runs_in_a_test_after_the_browser_was_opened(chromium: Path, bench: Path) -> None:
    status, told = run_pytest(bench, BROWSER_THEN_LOOP)
    assert status == 0, told


COMPLAINS = """
def test_console(page):
    page.goto("data:text/html,<script>setTimeout(() => { console.error('no microphone') })</script>")
    page.wait_for_timeout(50)

def test_uncaught(page):
    page.goto("data:text/html,<script>setTimeout(() => { throw new Error('key gone') })</script>")
    page.wait_for_timeout(50)

def test_late(page):
    page.goto("data:text/html,<p>hello")
    page.evaluate("() => { console.error('after all') }")

def test_both(page):
    page.goto("data:text/html,<script>console.error('why it failed')</script>")
    assert page.title() == "Phone"

def test_quiet(page):
    page.goto("data:text/html,<script>console.warn('only a warning')</script>")
"""


def test_a_page_that_complains_fails_the_test_that_opened_it(chromium: Path, bench: Path) -> None:
    status, told = run_pytest(bench, COMPLAINS)
    assert status == 1, told
    for name, complaint in (("console", "no microphone"), ("uncaught", "key gone"), ("late", "after all")):
        assert re.search(rf"FAILED \S+test_{name} - Failed: the page complained: .*{complaint}", told), told
    assert re.search(r"Captured page call.*\nwhy it failed", told), told
    assert "4 failed, 1 passed in" in told


# --- what is missing, what is left


def test_a_machine_without_the_programs_sees_one_line_each_and_a_failure(bench: Path) -> None:
    fixtures = ("postgresql_url", "redis_url", "page")
    source = NOTHING_HERE + "".join(f"def test_{fixture}({fixture}): pass\n" for fixture in fixtures)
    status, told = run_pytest(bench, source, path=str(bench / "empty"))
    assert status == 1, told
    assert f"{len(fixtures)} errors in" in told
    assert "skipped" not in told
    assert "Traceback" not in told
    for program in servers.PROGRAMS:
        major, minor = program.minimum
        line = f"{program.name} {major}.{minor} or newer is not on this machine: install {program.install}."
        assert told.count(line) == 2  # where it happened and in the summary


@pytest.mark.parametrize("program", servers.PROGRAMS, ids=lambda program: program.name)
def test_a_program_on_path_is_taken_when_it_is_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: servers.Program
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    on_path = tmp_path / program.commands[0]
    for version, taken in (((0, 9), False), (program.minimum, True), ((999, 0), True)):
        on_path.write_text(f"#!/bin/sh\necho {program.name} v={version[0]}.{version[1]}\n")
        on_path.chmod(0o755)
        assert (servers.find(program) == on_path) is taken
    on_path.write_text("#!/bin/sh\necho 999.0; exit 1\n")
    assert servers.find(program) != on_path


@pytest.mark.server
def test_the_wheels_are_enough_even_where_only_their_owner_may_look(bench: Path) -> None:
    private = bench / "private"
    private.mkdir(mode=0o700)
    spec = importlib.util.find_spec(servers.POSTGRESQL.wheel)
    assert spec is not None
    assert spec.origin is not None
    for part in Path(spec.origin).parents[1].glob(f"{servers.POSTGRESQL.wheel}*"):
        shutil.copytree(part, private / part.name)
    source = f"""
import sys
from tests import servers
sys.path.insert(0, {str(private)!r})
object.__setattr__(servers.POSTGRESQL, "elsewhere", ())
def test_found(postgresql_url, postgresql_server, redis_url, redis_server):
    assert {str(private)!r} in str(servers.find(servers.POSTGRESQL))
    assert servers.REDIS.wheel in str(servers.find(servers.REDIS))
"""
    (bench / "bin").mkdir()
    (bench / "bin" / "cp").symlink_to("/bin/cp")
    status, told = run_pytest(bench, source, path=str(bench / "bin"))
    assert status == 0, told


NEEDS_SERVERS = """
import pytest, sys
@pytest.fixture
def engine(postgresql_url): pass
def test_store(engine): pass
def test_bell(redis_url): pass
def test_bell_gone(redis_server): pass
def test_store_gone(postgresql_server): pass
def test_phone(page): pass
def test_window(browser): pass
def test_rules():
    assert not {"playwright", "psycopg", "redis"} & set(sys.modules)
"""


def test_the_fast_selection_leaves_servers_out_and_starts_nothing(bench: Path) -> None:
    source = NOTHING_HERE + NEEDS_SERVERS
    status, told = run_pytest(bench, source, "-m", "not server", path=str(bench / "empty"))
    assert status == 0, told
    assert "1 passed, 6 deselected" in told


def test_a_server_asked_for_behind_the_selection_fails_the_test(bench: Path) -> None:
    source = f"{NOTHING_HERE}def test_store(request):\n    request.getfixturevalue('redis_url')\n"
    status, told = run_pytest(bench, source, path=str(bench / "empty"))
    assert status == 1, told
    assert "mark the test or its parameter `server`" in told


STARTS_SERVERS = """
import json, os, pathlib, signal
def test_start(request, postgresql_url, postgresql_server, redis_url, redis_server):
    pathlib.Path("pids").write_text(f"{postgresql_server.pid} {redis_server.pid}")
    END
def test_other(redis_url): pass
"""


def processes_using(folder: Path) -> list[str]:
    """Command lines, from /proc, that name a path below this folder."""
    lines = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(process.read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue  # it ended meanwhile
    return [line for line in lines if str(folder) in line]


@pytest.mark.parametrize(
    ("end", "status", "options"),
    [
        ("pass", 0, ["-n", "2"]),
        ("os.kill(os.getpid(), signal.SIGINT)", 2, []),
        ("request.getfixturevalue('page'); os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, []),
    ],
    ids=["well in two workers", "interrupted", "killed with a browser open"],
)
def test_nothing_is_left_of_a_session_that_ended(
    chromium: Path, bench: Path, end: str, status: int, options: list[str]
) -> None:
    ended, told = run_pytest(bench, STARTS_SERVERS.replace("END", end), *options)
    assert ended == status, told
    pids = [int(pid) for pid in (bench / "pids").read_text().split()]
    assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    assert eventually(lambda: not list((bench / "tmp").glob("hotline-tests-*")))
    assert eventually(lambda: not processes_using(bench / "tmp"))
