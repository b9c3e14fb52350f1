"""A whole line on this machine for the browser: its web, its dispatcher, its simulator, its invented people."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import START_SECONDS, STOP_SECONDS, free_port

RUN = "from hotline.cli import main; main()"


def free_pair() -> int:
    """A free port whose next one is free too: the simulator listens there."""
    while True:
        port = free_port()
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
        return port


def is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:
            return answer.status == 200
    except (OSError, urllib.error.HTTPError):
        return False


@pytest.fixture(scope="session")
def line_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a line started by `hotline run --demo` in a folder of its own; it ends with the session."""
    folder: Path = tmp_path_factory.mktemp("line")
    port = free_pair()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HOTLINE_", "TWILIO_"))}
    kept = {name: value for name, value in kept.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    environ = {**kept, "HOTLINE_DATA_DIR": str(folder), "PORT": str(port)}
    address = f"http://127.0.0.1:{port}"
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen([sys.executable, "-c", RUN, "run", "--demo"], env=environ, stdout=log, stderr=log)
    try:
        limit = time.monotonic() + START_SECONDS
        while not is_ready(address):
            if process.poll() is not None or time.monotonic() > limit:
                pytest.fail(f"the line did not start:\n{(folder / 'log').read_text()[-2000:]}", pytrace=False)
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
