"""How fast notices go out: texts a second beside a bare client, and how long after its event a notice is accepted.

Workers, and the platform that they speak to, are processes of their own. The bare client is asyncio and aiohttp with
nothing to decide: it copies as many rows into a table with the same keys before, and writes the answers back likewise.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles
from typing import IO, TYPE_CHECKING, Any

from hotline.bench.sampled import held_environment
from hotline.errors import HotlineError

if TYPE_CHECKING:
    from hotline.services.line import Line

NOTICES = 1000
NOTICES_A_SECOND = 50
LIFTED = 1_000_000
BATCH = 500
CONCURRENCY = 20


@dataclass(frozen=True, slots=True)
class Sent:
    """So many texts in so many seconds; `cpu` is what the processes that sent them took."""

    texts: int
    seconds: float
    cpu: float

    @property
    def a_second(self) -> float:
        return self.texts / self.seconds


@dataclass(frozen=True, slots=True)
class NoticeBench:
    """The line and the bare client in the same run, and the seconds from an event to its notices' acceptance."""

    processes: int
    latency: int
    line: Sent
    bare: Sent | None
    p95: float
    p99: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def as_table(self) -> str:
        lines = [f"{'':<26}{'texts':>9}{'seconds':>9}{'CPU s':>8}{'texts/s':>9}"]
        for name, one in (("the line", self.line), ("a bare client", self.bare)):
            if one is not None:
                lines.append(f"{name:<26}{one.texts:>9,}{one.seconds:>9.1f}{one.cpu:>8.1f}{one.a_second:>9,.0f}")
        if self.bare is not None:
            lines.append(
                f"The line sends {self.line.a_second / self.bare.a_second:.2f} times what the bare client does."
            )
        lines.append(
            f"Event to acceptance, {NOTICES:,} notices at {NOTICES_A_SECOND} a second: "
            f"p95 {self.p95:.1f} s, p99 {self.p99:.1f} s"
        )
        lines.append(f"{self.processes} processes, platform answering after {self.latency} ms")
        return "\n".join(lines)


def measure(texts: int, processes: int, latency: int, database: str | None = None) -> NoticeBench:
    """Send `texts` texts that are due at once, beside the bare client where the database is PostgreSQL.

    Raises HotlineError where the database is not empty or a process fails.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(held_environment(folder, database))
        os.environ["TWILIO_API_URL"] = f"http://127.0.0.1:{stack.enter_context(_platform(latency))}"
        os.environ.update(HOTLINE_SEND_SEGMENTS_PER_SECOND=str(LIFTED), HOTLINE_SEND_CONCURRENCY=str(CONCURRENCY))
        from hotline.bench.notices_due import prepare

        line = stack.enter_context(_line())
        prepare(line, texts)
        sent = _timed(["send"] * processes, texts)
        _hold(line, texts)
        bare = _timed([f"bare:{texts // processes}"] * processes, texts // processes * processes) if database else None
        os.environ["HOTLINE_SEND_SEGMENTS_PER_SECOND"] = str(NOTICES_A_SECOND)
        cuts = quantiles(_delays(line, processes), n=100, method="inclusive")
    return NoticeBench(processes, latency, sent, bare, cuts[94], cuts[98])


@contextmanager
def _line() -> Iterator[Line]:
    from hotline.services.line import open_line
    from hotline.settings import read_settings

    line = open_line(read_settings())
    try:
        yield line
    finally:
        line.outbound.close()
        line.database.close()


@contextmanager
def _platform(latency: int) -> Iterator[int]:
    process = _python("hotline.bench.platform", str(latency))
    try:
        yield int(_out(process).readline())
    finally:
        process.terminate()
        process.wait(timeout=10)


def _python(module: str, *given: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", module, *given]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _out(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout is not None
    return process.stdout


@contextmanager
def _ready(what: Sequence[str]) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that have opened all that they need, and wait for a word."""
    started = [_python("hotline.bench.notices", one) for one in what]
    try:
        for process in started:
            if _out(process).readline() != "ready\n":
                raise HotlineError("a process of the bench did not start; its reason is above")
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


def _go(processes: Sequence[subprocess.Popen[str]]) -> None:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def _timed(what: Sequence[str], texts: int) -> Sent:
    with _ready(what) as processes:
        began = time.perf_counter()
        _go(processes)
        said = [_out(process).readline() for process in processes]
        seconds = time.perf_counter() - began
    if not all(said):
        raise HotlineError("a process of the bench failed; its reason is above")
    return Sent(texts, seconds, sum(json.loads(one) for one in said))


def _hold(line: Line, texts: int) -> None:
    """Raises HotlineError unless each text was sent once and its answer written down."""
    from hotline.bench.notices_due import accepted

    found = accepted(line)
    if found != (texts, texts):
        raise HotlineError(f"of {texts:,} texts {found[0]:,} were accepted, in {found[1]:,} attempts")


def _delays(line: Line, processes: int) -> list[float]:
    """Seconds from the commit of an event to the acceptance of each of its notices; the workers look by themselves."""
    from hotline.bench.notices_due import delays, tell

    with _ready(["look"] * processes) as looking:
        _go(looking)
        committed = tell(line)
        last = time.monotonic() + 3 * NOTICES / NOTICES_A_SECOND + 60
        while len(found := delays(line, committed)) < NOTICES:
            if time.monotonic() > last:
                raise HotlineError(f"only {len(found):,} of {NOTICES:,} notices were accepted in time")
            time.sleep(1)
    return found


# ---- in the processes


def _work(what: str) -> None:
    with _line() as line:
        name, _, count = what.partition(":")
        print("ready", flush=True)
        sys.stdin.readline()
        before = _cpu()
        if name == "look":
            _look(line)
        elif name == "send":
            from hotline.services.notify import run_due

            run_due(line)
        else:
            asyncio.run(_bare(line, int(count)))
        print(_cpu() - before, flush=True)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _look(line: Line) -> None:
    from hotline.jobs.dispatcher import sending

    sending(line).start()
    sys.stdin.readline()


async def _bare(line: Line, texts: int) -> None:
    """As many texts, copied and written back as the line does, with nothing to decide on."""
    import aiohttp

    from hotline.bench.notices_due import bare_answers, bare_rows

    url = f"{line.settings.api_url}/2010-04-01/Accounts/{line.settings.account_sid}/Messages.json"
    form = b"Body=" + b"x" * 400

    async def worker(session: aiohttp.ClientSession, keys: Iterator[str], sids: dict[str, str]) -> None:
        for key in keys:
            async with session.post(url, data=form) as response:
                sids[key] = json.loads(await response.read())["sid"]

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONCURRENCY)) as session:
        loop, writing = asyncio.get_running_loop(), None
        for start in range(0, texts, BATCH):
            keys = await loop.run_in_executor(None, bare_rows, line, min(BATCH, texts - start))
            sids: dict[str, str] = {}
            left = iter(keys)
            await asyncio.gather(*(worker(session, left, sids) for _ in range(CONCURRENCY)))
            if writing is not None:
                await writing
            writing = loop.run_in_executor(None, bare_answers, line, sids)
        if writing is not None:
            await writing


if __name__ == "__main__":
    _work(sys.argv[1])
