"""A line as it runs in production: PostgreSQL, Redis, and its processes as they are in the Procfile."""

from __future__ import annotations

import base64
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Event

import pytest

from hotline.services.line import Line, open_line
from hotline.settings import read_settings
from hotline.simulator.server import Simulator
from hotline.store.migrate import migrate
from tests.calls.stage import ACCOUNT, NUMBER, PUBLIC_URL, TOKEN


def eventually(happened: Callable[[], object], seconds: float = 30) -> None:
    """Hold something done by another process to happen; fails after `seconds`."""
    pause = Event()
    for _ in range(int(seconds * 10)):
        if happened():
            return
        pause.wait(0.1)
    raise AssertionError(f"it did not happen within {seconds} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Production:
    """A line's processes over one database. `start` names a process of the Procfile."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.port = free_port()
        self.platform = Simulator(ACCOUNT, TOKEN, NUMBER, PUBLIC_URL, f"http://127.0.0.1:{self.port}").start()
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        self.environment = {
            "PATH": os.environ["PATH"],
            "PORT": str(self.port),
            "HOTLINE_DATA_DIR": str(folder),
            "HOTLINE_PUBLIC_URL": PUBLIC_URL,
            "HOTLINE_NUMBER": NUMBER,
            "HOTLINE_SECRET_KEY": "s" * 40,
            "HOTLINE_ENCRYPTION_KEYS": f"k1:{key}",
            "HOTLINE_INDEX_KEY": key,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_API_URL": self.platform.api_url,
            **environment,
        }
        self._folder = folder
        self._running: list[subprocess.Popen[bytes]] = []
        self.line: Line = open_line(read_settings(self.environment))
        migrate(self.line.database.engine)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start one of the line's commands; what it says goes to a file of its own."""
        with (self._folder / f"{command[0]}-{len(self._running)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "hotline.cli", *command], env=self.environment, stderr=log, stdout=log
            )
        self._running.append(process)
        return process

    def said(self, command: str) -> str:
        """What the processes of this command have said so far."""
        return "".join(path.read_text() for path in self._folder.glob(f"{command}-*.log"))

    def serve(self) -> subprocess.Popen[bytes]:
        """Start the web process and wait until it answers."""
        web = self.start("web", "--workers", "2", "--host", "127.0.0.1")
        eventually(self._answers)
        return web

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def run(self, *command: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run one of the line's commands to its end."""
        return subprocess.run(
            [sys.executable, "-m", "hotline.cli", *command],
            env=self.environment,
            input=given,
            capture_output=True,
            timeout=120,
            check=False,
        )

    def close(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._running:
            process.wait(timeout=30)
        self.platform.stop()
        self.line.database.close()


@pytest.fixture
def production(tmp_path: Path, postgresql_url: str, redis_url: str) -> Iterator[Production]:
    """PostgreSQL and Redis."""
    line = Production(tmp_path, {"DATABASE_URL": postgresql_url, "REDIS_URL": redis_url})
    yield line
    line.close()


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Production]:
    """SQLite, and no bell."""
    line = Production(tmp_path, {})
    yield line
    line.close()
