"""The web process over real HTTP, asked the way the platform asks: signed for the public address."""

from __future__ import annotations

import http.client
import io
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from sqlalchemy import select
from sqlalchemy.sql import func
from twilio.request_validator import RequestValidator
from werkzeug.serving import make_server

from hotline.logs import configure
from hotline.services.line import Line, open_line
from hotline.settings import read_settings
from hotline.store.migrate import migrate
from hotline.store.models import Base, PaceBucket
from hotline.web.app import make_app
from tests.conftest import ENVIRON as KEYS
from tests.servers import free_port
from tests.services.subscribed import Post, subscribed

PUBLIC = "https://hotline.example.org"
LINE = "+18005550199"
OPERATOR = "+12025550198"
CALLER = "+12025550123"
TOKEN = "0123456789abcdef0123456789abcdef"
ENVIRON = {
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "HOTLINE_PUBLIC_URL": PUBLIC,
    "HOTLINE_NUMBER": LINE,
    "HOTLINE_OPERATOR_NUMBER": OPERATOR,
}

Pairs = list[tuple[str, str]]


class Clock:
    """The line's clock, which a test may turn."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def state(self) -> str:
        return self.headers["X-Hotline-State"]

    @property
    def verbs(self) -> list[str]:
        return [verb.tag for verb in ElementTree.fromstring(self.body)]

    @property
    def addresses(self) -> list[str]:
        """Every address in the document, in its order."""
        found = []
        for verb in ElementTree.fromstring(self.body).iter():
            found += [verb.attrib["action"]] if "action" in verb.attrib else []
            found += [verb.text or ""] if verb.tag == "Redirect" else []
        return found

    @property
    def next(self) -> str:
        """The path that the platform asks after the caller's answer."""
        return self.addresses[0].removeprefix(PUBLIC)

    @property
    def dials(self) -> list[str | None]:
        return [number.text for number in ElementTree.fromstring(self.body).iter("Number")]


def sign(target: str, pairs: Pairs, public: str = PUBLIC, token: str = TOKEN) -> str:
    """The signature that the platform's own library makes; no name may stand twice in `pairs`."""
    return str(RequestValidator(token).compute_signature(public + target, dict(pairs)))


@dataclass(frozen=True)
class Web:
    """A web process at a loopback port, and the line that it serves."""

    port: int
    line: Line

    def send(
        self,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
        request_line: str | None = None,
    ) -> Reply:
        """One request as it is; `request_line` is its address where that differs from the target."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.putrequest(method, request_line or target, skip_host=True, skip_accept_encoding=True)
            given = {"Host": "hotline.example.org", "Content-Type": "application/x-www-form-urlencoded"}
            for name, value in {**given, "Content-Length": str(len(body)), **(headers or {})}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.headers), answer.read())

    def post(self, target: str, pairs: Pairs, headers: Mapping[str, str] | None = None, **how: str) -> Reply:
        """A signed request."""
        signature = {"X-Twilio-Signature": sign(target, pairs)}
        return self.send(target, urlencode(pairs).encode(), {**signature, **(headers or {})}, **how)  # type: ignore[arg-type]

    def call(self, target: str = "/voice/incoming", sid: str = "CA" + "a" * 32, **fields: str) -> Reply:
        """A voice webhook."""
        return self.post(target, call_form(sid, **fields))

    def text(self, body: str, sender: str = CALLER, sid: str = "SM" + "a" * 32, **fields: str) -> Reply:
        """A text that comes in."""
        return self.post("/sms/incoming", text_form(body, sender, sid, **fields))


def call_form(sid: str = "CA" + "a" * 32, **fields: str) -> Pairs:
    given = {"CallSid": sid, "From": CALLER, "To": LINE, "CallStatus": "in-progress", "FromCity": "", **fields}
    return list(given.items())


def text_form(body: str, sender: str = CALLER, sid: str = "SM" + "a" * 32, **fields: str) -> Pairs:
    return list({"MessageSid": sid, "From": sender, "To": LINE, "Body": body, **fields}.items())


def rows(line: Line) -> dict[str, int]:
    """How many rows each table holds; the buckets of the pace stand there from the first migration on."""
    tables = [table for table in Base.metadata.sorted_tables if table.name != PaceBucket.__tablename__]
    with line.database.read() as db:
        return {table.name: db.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


@contextmanager
def unchanged(line: Line) -> Iterator[None]:
    """What happens inside leaves every table with as many rows as before."""
    before = rows(line)
    yield
    assert rows(line) == before


@pytest.fixture(scope="session", autouse=True)
def _logs() -> None:
    """Log lines as in production, to nowhere."""
    configure(io.StringIO())


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with this version's tables and no row, to be copied."""
    folder = tmp_path_factory.mktemp("empty")
    line = open_line(read_settings({**ENVIRON, "HOTLINE_DATA_DIR": str(folder)}))
    migrate(line.database.engine)
    line.database.close()
    return folder


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def data_dir(empty_database: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(empty_database, tmp_path / "data"))


@pytest.fixture
def line(data_dir: Path, clock: Clock) -> Iterator[Line]:
    line = open_line(read_settings({**ENVIRON, "HOTLINE_DATA_DIR": str(data_dir)}), clock)
    yield line
    line.database.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Line], Web]]:
    """Serve lines, each with a thread a request."""
    running = []

    def start(line: Line) -> Web:
        server = make_server("127.0.0.1", 0, make_app(line), threaded=True)
        server.daemon_threads = False  # close waits for every answer
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        running.append((server, thread))
        return Web(server.server_port, line)

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def web(line: Line, serve: Callable[[Line], Web]) -> Web:
    return serve(line)


@pytest.fixture(scope="session")
def gunicorn(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """`hotline web`, as production runs it, on a database of its own."""
    data_dir = shutil.copytree(empty_database, tmp_path_factory.mktemp("gunicorn") / "data")
    given = {**ENVIRON, "HOTLINE_DATA_DIR": str(data_dir), "PORT": str(free_port())}
    line = open_line(read_settings(given))
    command = [sys.executable, "-m", "hotline.cli", "web", "--workers", "1", "--host", "127.0.0.1"]
    process = subprocess.Popen(command, env={**os.environ, **given}, stderr=subprocess.PIPE)
    try:
        _until_listening(process, line.settings.port)
        yield Web(line.settings.port, line)
    finally:
        process.terminate()
        _, told = process.communicate(timeout=20)
        line.database.close()
    assert b"Traceback" not in told, told.decode()


def _until_listening(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        try:
            with closing(socket.create_connection(("127.0.0.1", port), 1)):
                return
        except ConnectionRefusedError:
            time.sleep(0.05)
    pytest.fail("`hotline web` does not listen")


@pytest.fixture
def postgresql_line(postgresql_url: str, data_dir: Path, clock: Clock) -> Iterator[Line]:
    keys = {
        "DATABASE_URL": postgresql_url,
        "HOTLINE_SECRET_KEY": "for tests only, and thirty-two long",
        "HOTLINE_ENCRYPTION_KEYS": "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "HOTLINE_INDEX_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    }
    line = open_line(read_settings({**ENVIRON, **keys, "HOTLINE_DATA_DIR": str(data_dir)}), clock)
    migrate(line.database.engine)
    yield line
    line.database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server)])
def each_line(request: pytest.FixtureRequest) -> Line:
    """The line on either database."""
    line = request.getfixturevalue("line" if request.param == "sqlite" else "postgresql_line")
    assert isinstance(line, Line)
    return line


def with_phrasebook_lacking(line: Line, key: str) -> Line:
    """The line as it would be if a text had gone missing after the check at start."""
    texts = {
        language: {k: v for k, v in texts.items() if k != key} for language, texts in line.phrasebook.texts.items()
    }
    return replace(line, phrasebook=replace(line.phrasebook, texts=texts))


@pytest.fixture(scope="session")
def signed_up(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A database with one subscriber of news about one person, to be copied, and the enrolment."""
    folder = tmp_path_factory.mktemp("signed_up")
    shutil.copy(migrated_file, folder / "hotline.db")
    with subscribed({**KEYS, "HOTLINE_DATA_DIR": str(folder)}) as made:
        return folder / "hotline.db", made.enrolment


@pytest.fixture
def post(signed_up: tuple[Path, str], tmp_path: Path) -> Iterator[Post]:
    """That subscriber, and the mail server of their line."""
    file, enrolment = signed_up
    shutil.copy(file, tmp_path / "hotline.db")
    with subscribed({**KEYS, "HOTLINE_DATA_DIR": str(tmp_path)}, enrolment) as made:
        yield made
