"""Times a whole step of a call beside its floors: one caller after another, over signed HTTP."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from hotline.bench import floors
from hotline.errors import HotlineError
from hotline.simulator.persona import Persona

PUBLIC_URL = "https://hotline.example.org"
TOKEN = "f" * 32
NUMBER = "+18005550199"
PEOPLE = 10_000
WARM_CALLS = 5
AREAS = ("202", "212", "213", "312", "404", "415", "503", "512", "602", "617", "702", "713", "718", "808", "907", "919")
FLOORS = ("fixed", "core", "orm")
SERVERS: Mapping[str, tuple[str, ...]] = {
    "gthread": ("-m", "gunicorn", "-k", "gthread", "--threads", "8", "--keep-alive", "30", "--no-control-socket"),
    "sync": ("-m", "gunicorn", "-k", "sync", "--no-control-socket"),
    "granian": ("-m", "granian", "--interface", "wsgi", "--blocking-threads", "1", "--no-ws", "--factory"),
}
CALLER = Persona(given_name="Juan Carlos", surnames="Pérez Morales", country="Guatemala", birth=1985, night=True)


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one kind of request."""

    name: str
    count: int
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class CallBench:
    """Floors and the step, measured in the same run on the same server."""

    server: str
    floors: tuple[Times, ...]
    step: Times
    slowest: tuple[Times, ...]

    @property
    def ratio(self) -> float:
        """The step's median over the ORM floor's."""
        return self.step.p50 / next(f.p50 for f in self.floors if f.name == "orm")

    def as_json(self) -> dict[str, object]:
        rows = {t.name: {"count": t.count, "p50_ms": t.p50, "p99_ms": t.p99} for t in (*self.floors, self.step)}
        return {"server": self.server, **rows, "ratio_to_orm": round(self.ratio, 2)}

    def as_table(self) -> str:
        names = {
            "fixed": "signature, fixed document",
            "core": "the same, one read, one write (Core)",
            "orm": "the same, one read, one write (ORM)",
            "step": f"a whole step of a call, {PEOPLE:,} people in the records",
        }
        lines = [f"{'on ' + self.server:58}{'requests':>9}{'p50 ms':>9}{'p99 ms':>9}"]
        for times in (*self.floors, self.step, *self.slowest):
            lines.append(
                f"{names.get(times.name, '  ' + times.name):58}{times.count:>9}{times.p50:>9.2f}{times.p99:>9.2f}"
            )
        lines.append(f"The step's median is {self.ratio:.1f} times the ORM floor's.")
        return "\n".join(lines)


def measure(calls: int, server: str = "gthread") -> CallBench:
    """Place `calls` whole sign-ups, and as many requests to each floor as those have steps.

    Raises HotlineError where the server does not start.
    """
    with ExitStack() as stack:
        stack.enter_context(_environment(Path(stack.enter_context(tempfile.TemporaryDirectory()))))
        floors.prepared()
        _fill()
        clients = {name: _Client(stack.enter_context(_served(name, server))) for name in ("line", *FLOORS)}
        _rounds(clients, WARM_CALLS, 0)
        taken = _rounds(clients, calls, WARM_CALLS)
    steps = taken.pop("line")
    by_state: dict[str, list[float]] = {}
    for state, milliseconds in steps:
        by_state.setdefault(state, []).append(milliseconds)
    slowest = sorted((_times(state, ms) for state, ms in by_state.items()), key=lambda t: -t.p50)[:3]
    found = tuple(_times(name, [ms for _, ms in taken[name]]) for name in FLOORS)
    return CallBench(server, found, _times("step", [ms for _, ms in steps]), tuple(slowest))


def _rounds(clients: Mapping[str, _Client], calls: int, first: int) -> dict[str, list[tuple[str, float]]]:
    """One call after another, and after each as many requests to every floor as it had steps: noise meets all alike."""
    taken: dict[str, list[tuple[str, float]]] = {name: [] for name in clients}
    for n in range(first, first + calls):
        steps = _call(clients["line"], n)
        taken["line"] += steps
        for name in FLOORS:
            taken[name] += [(name, _floor(clients[name], n * 100 + i)) for i in range(len(steps))]
    return taken


def _times(name: str, milliseconds: list[float]) -> Times:
    cuts = quantiles(milliseconds, n=100, method="inclusive")
    return Times(name, len(milliseconds), round(median(milliseconds), 3), round(cuts[98], 3))


@contextmanager
def _environment(folder: Path) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(
        HOTLINE_DATA_DIR=str(folder),
        HOTLINE_PUBLIC_URL=PUBLIC_URL,
        HOTLINE_NUMBER=NUMBER,
        TWILIO_ACCOUNT_SID="AC" + "0" * 32,
        TWILIO_AUTH_TOKEN=TOKEN,
        HOTLINE_LIMIT_FLOOD_FACTOR="1000",  # so many calls at once are what is measured
    )
    os.environ.pop("DATABASE_URL", None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _fill() -> None:
    import io
    from datetime import UTC, datetime

    from hotline.services.import_custody import import_file
    from hotline.services.line import open_line
    from hotline.services.sample_custody import people, write_csv
    from hotline.settings import read_settings

    line = open_line(read_settings())
    text = io.StringIO(newline="")
    write_csv(people(PEOPLE, 7, datetime.now(UTC)), text)
    import_file(line, io.BytesIO(text.getvalue().encode()), "full")
    line.database.close()


@contextmanager
def _served(app: str, server: str) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    target = f"hotline.bench.floors:{app}"
    where = (
        ("--host", "127.0.0.1", "--port", str(port), target)
        if server == "granian"
        else ("-b", f"127.0.0.1:{port}", f"{target}()")
    )
    process = subprocess.Popen(
        [sys.executable, *SERVERS[server], *where], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise HotlineError("the server to be measured did not start: see that it is installed")


class _Client:
    """Signed posts on one connection, made anew where the server closes it."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._validator = RequestValidator(TOKEN)

    def post(self, path: str, form: Mapping[str, str]) -> tuple[float, str, str]:
        """Milliseconds, state and body of the answer."""
        signature = self._validator.compute_signature(PUBLIC_URL + path, form)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        body = urlencode(form)
        began = time.perf_counter()
        self._connection.request("POST", path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        took = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise HotlineError(f"the server under measurement answered {answer.status}")
        if answer.will_close:
            self._connection.close()
        return took, answer.getheader("X-Hotline-State", ""), content.decode()


def _form(sid: str, caller: str) -> dict[str, str]:
    return {
        "AccountSid": "AC" + "0" * 32,
        "ApiVersion": "2010-04-01",
        "CallSid": sid,
        "CallStatus": "in-progress",
        "Direction": "inbound",
        "From": caller,
        "To": NUMBER,
    }


def _floor(client: _Client, n: int) -> float:
    return client.post("/floor", _form(f"CA{n:032x}", "+12025550123") | {"Digits": "1"})[0]


def _call(client: _Client, n: int) -> list[tuple[str, float]]:
    """One sign-up from a number of its own: each state with the milliseconds of its answer."""
    form = _form(f"CA{n:032x}", f"+1{AREAS[n // 100 % len(AREAS)]}55501{n % 100:02d}")
    took, state, body = client.post("/voice/incoming", form)
    steps = [("the call begins", took)]
    while (found := re.search(r'action="https://hotline\.example\.org([^"]+)"', body)) is not None:
        keys = CALLER.reply(state, re.sub("<[^>]+>", " ", body)).keys.removesuffix("#")
        asked = state
        took, state, body = client.post(found[1], form | {"Digits": keys})
        steps.append((asked, took))
    if state != "inbound.done":
        raise HotlineError(f"the measured call ended at {state}, not at inbound.done")
    return steps
