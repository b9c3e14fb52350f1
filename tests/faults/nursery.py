"""Where the line's processes are born: forked from one that has imported everything, so that each starts at once.

Each is a process of its own in a session of its own, and runs the `hotline` command as its Procfile does. Orders come
as one JSON object a line; the answer is a line too. All processes end with this one.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults.marked import Point, kill_all, set_mark

EVERYTHING = (
    "aiohttp", "hotline.cli.serve", "hotline.jobs.bell", "hotline.services.settle", "hotline.services.tend",
    "hotline.store.migrate", "hotline.web.serve", "psycopg", "redis", "rq", "twilio.rest", "gunicorn.workers.gthread",
    "gunicorn.arbiter",
)  # fmt: skip
STOPS = (signal.SIGTERM, signal.SIGINT)


class Nursery:
    """Forks processes, and tells what became of them. `environ` is theirs, `log` what all of them say."""

    def __init__(self, environ: Mapping[str, str], log: Path) -> None:
        self._environ, self._log = dict(environ), log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.nursery"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=out, text=True,
            )  # fmt: skip

    def fork(
        self, *command: str, at: Point | None = None, victims: Sequence[int] = (), reached: Path | None = None
    ) -> int:
        """Start a `hotline` command; its pid. It kills `victims`, or itself where there are none, at a point."""
        order = {"command": command, "environ": self._environ, "log": str(self._log)}
        return int(self._ask({**order, "at": at, "victims": [*victims], "reached": str(reached)}))

    def status(self, pid: int) -> int | None:
        """Its exit status, minus the signal where one ended it; None while it runs."""
        told = self._ask({"status": pid})
        return None if told is None else int(told)

    def close(self) -> None:
        """Kill whatever still runs."""
        self._process.communicate(timeout=30)

    def _ask(self, order: object) -> Any:
        pipe, answers = self._process.stdin, self._process.stdout
        assert pipe is not None
        assert answers is not None
        pipe.write(json.dumps(order) + "\n")
        pipe.flush()
        return json.loads(answers.readline())


def _serve() -> None:
    for module in EVERYTHING:
        __import__(module)
    for name in STOPS:  # it ends when whoever started it is gone, and ends its processes with it
        signal.signal(name, signal.SIG_IGN)
    running = set[int]()
    answer: int | None
    for line in sys.stdin:
        order = json.loads(line)
        if "command" in order:
            born = answer = os.fork() or _live(order)
            running.add(born)
        else:
            pid, status = os.waitpid(order["status"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
            running.discard(pid)
        print(json.dumps(answer), flush=True)
    for pid in running:
        kill_all([pid], Path(os.devnull))


def _live(order: Mapping[str, Any]) -> int:
    """The life of a newborn: it does not return."""
    os.setsid()
    for name in STOPS:
        signal.signal(name, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.clear()
    os.environ.update(order["environ"])
    sys.argv = ["hotline", *order["command"]]
    status = 1
    try:
        if order["at"]:
            module, name, nth, when = order["at"]
            victims = order["victims"] or [os.getpid()]
            set_mark((module, name, nth, when), partial(kill_all, victims, Path(order["reached"])))
        from hotline.cli import main

        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve()
