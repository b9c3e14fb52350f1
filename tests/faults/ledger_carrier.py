"""A platform that keeps its own ledger: whatever it takes stands there before anybody gets an answer.

A process of its own on loopback. It speaks the platform's REST for calls and texts, and tells their statuses to the web
process: each twice, in any order, some only when it is told to, some never. What it is to do with the next requests is
told to it by POST /told: `faults` by the number of the request, `victims` whom the fault `kill` kills, `ahead` seconds
that its clock is ahead, `silent` to tell no status yet, `late` to tell those that it held back.
"""

from __future__ import annotations

import heapq
import itertools
import json
import random
import re
import sys
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from hotline.simulator.signature import sign
from tests.faults.marked import kill_all

STATUSES = {"Calls": ("ringing", "in-progress", "completed"), "Messages": ("queued", "sent", "delivered")}
REFUSALS = {"429": 20429, "500": 20500, "503": 20503, "401": 20003}
LATE, NEVER = 0.1, 0.15
"""How many of those that were taken have their statuses told late, and never."""
STALL_SECONDS = 30.0


class Platform:
    """What was taken, by its id, and what is to go wrong."""

    def __init__(self, ledger: Path, account: str, courier: Courier) -> None:
        self.account, self.courier, self.chance = account, courier, random.Random(7)
        self.lock, self.released = Lock(), Event()
        self.taken: dict[str, dict[str, Any]] = {}
        self.told: dict[str, Any] = {}
        self.numbers, self.sids = itertools.count(1), itertools.count(1)
        self._ledger = ledger.open("a")

    def tell(self, told: dict[str, Any]) -> None:
        """From now on; requests are numbered from 1 again where there are faults."""
        with self.lock:
            if "faults" in told:
                self.numbers = itertools.count(1)
                self.released.set()
                self.released = Event()
            self.told.update(told)
        if told.get("late"):
            self.courier.tell_late()

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.told.get("ahead", 0))

    def create(self, kind: str, form: dict[str, str]) -> tuple[int, Any] | None:
        """The answer; None: the line is cut."""
        with self.lock:
            fault = self.told.get("faults", {}).get(str(next(self.numbers)))
            released = self.released
            if fault in REFUSALS:
                return int(fault), {"code": REFUSALS[fault], "message": "", "status": int(fault)}
            if fault == "lost":
                return None
            answers = fault not in ("cut", "kill", "stall")
            made = self._take(kind, form, answers)
        if fault == "kill":
            while not self.told["victims"]:  # they have just been started
                released.wait(0.01)
            kill_all(self.told["victims"], Path(self.told["reached"]))
        if fault == "stall":
            released.wait(STALL_SECONDS)
        return (201, made) if answers else None

    def _take(self, kind: str, form: dict[str, str], answered: bool) -> dict[str, Any]:
        sid = f"{'CA' if kind == 'Calls' else 'SM'}{next(self.sids):032x}"
        made: dict[str, Any] = {
            "sid": sid, "kind": kind, "to": form["To"], "from": form["From"], "direction": "outbound-api",
            "status": STATUSES[kind][-1], "date_created": format_datetime(self.now()), "error_code": None,
            "body": form.get("Body"),
        }  # fmt: skip
        url = form["StatusCallback"].partition("#")[0]
        line = {"sid": sid, "kind": kind, "to": form["To"], "token": url.rpartition("/")[2], "at": time.time()}
        line["answered"] = answered
        self._ledger.write(json.dumps(line) + "\n")
        self._ledger.flush()
        self.taken[sid] = made
        if (roll := self.chance.random()) >= NEVER:
            self.courier.plan(made, url, late=roll > 1 - LATE or bool(self.told.get("silent")))
        return made

    def listed(self, kind: str, to: str) -> dict[str, Any]:
        """The newest first, as a list of the platform shows them."""
        with self.lock:
            found = [one for one in reversed(self.taken.values()) if one["kind"] == kind and one["to"] == to]
        return {kind.lower(): found[:50], "next_page_uri": None, "page": 0, "page_size": 50}


class Courier:
    """Tells statuses to the web process, signed; one that it does not answer is not told again."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token, self.chance = port, token, random.Random(11)
        self.due: list[tuple[float, int, str, list[tuple[str, str]]]] = []
        self.late: list[tuple[float, int, str, list[tuple[str, str]]]] = []
        self.numbers, self.changed = itertools.count(), Condition()
        Thread(target=self._run, daemon=True).start()

    def plan(self, made: dict[str, Any], url: str, late: bool) -> None:
        """Each status twice, in any order."""
        name = "Call" if made["kind"] == "Calls" else "Message"
        with self.changed:
            for status in STATUSES[made["kind"]] * 2:
                form = [(f"{name}Sid", made["sid"]), (f"{name}Status", status), ("To", made["to"])]
                form.append(("From", made["from"]))
                at = time.monotonic() + self.chance.uniform(0, 0.3)
                heapq.heappush(self.late if late else self.due, (at, next(self.numbers), url, form))
            self.changed.notify()

    def tell_late(self) -> None:
        with self.changed:
            for one in self.late:
                heapq.heappush(self.due, one)
            self.late.clear()
            self.changed.notify()

    def _run(self) -> None:
        while True:
            with self.changed:
                wait = self.due[0][0] - time.monotonic() if self.due else None
                if wait is None or wait > 0:
                    self.changed.wait(wait)
                    continue
                _, _, url, form = heapq.heappop(self.due)
            self._post(url, form)

    def _post(self, url: str, form: list[tuple[str, str]]) -> None:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        headers["X-Twilio-Signature"] = sign(self.token, url, form)
        web = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            web.request("POST", urlsplit(url).path, urlencode(form), headers)
            web.getresponse().read()
        except (OSError, HTTPException):
            return
        finally:
            web.close()


class Handler(BaseHTTPRequestHandler):
    """REST of one account, and /told."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    platform: Platform

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path == "/told":
            self.platform.tell(json.loads(body))
            return self._answer(200, {})
        if found := re.fullmatch(r".*/(Calls|Messages)\.json", self.path):
            told = self.platform.create(found[1], dict(parse_qsl(body)))
            if told is None:
                self.close_connection = True
                return None
            return self._answer(*told)
        return self._answer(400, {"code": 21220, "message": "it is over already", "status": 400})

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if found := re.fullmatch(r".*/(?:Calls|Messages)/(\w+)\.json", parts.path):
            one = self.platform.taken.get(found[1])
            return self._answer(200, one) if one else self._answer(404, {"code": 20404, "status": 404})
        found = re.fullmatch(r".*/(Calls|Messages)\.json", parts.path)
        assert found is not None
        return self._answer(200, self.platform.listed(found[1], dict(parse_qsl(parts.query))["To"]))

    def _answer(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:  # who asked was killed
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        return


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """Somebody was killed in the middle of a request."""


def _serve(ledger: str, account: str, token: str, web_port: str) -> None:
    Handler.platform = Platform(Path(ledger), account, Courier(int(web_port), token))
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()  # until whoever started it is gone


if __name__ == "__main__":
    _serve(*sys.argv[1:])
