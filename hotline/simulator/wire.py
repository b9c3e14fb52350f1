"""Webhooks out: signed for the public address, carried to where the product listens, retried as asked."""

from __future__ import annotations

import http.client
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from hotline.simulator.addresses import Overrides, fault_of, without_fragment
from hotline.simulator.signature import Pairs, sign, signed_address

RETRIEVAL, CONNECTION = 11200, 11205


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that the platform would put before the account's owner as an error."""

    what: str
    code: int = 0
    where: str = ""

    def __str__(self) -> str:
        return f"{self.what} [{self.code}] {self.where}".strip()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `status` 0: nothing did, and `failure` says why (`ct` or `rt`)."""

    status: int
    body: bytes = b""
    content_type: str = ""
    state: str = ""
    failure: str = ""

    @property
    def good(self) -> bool:
        """Whether the platform takes it."""
        return 200 <= self.status < 300

    @property
    def code(self) -> int:
        """The platform's error for a bad one."""
        return CONNECTION if self.failure == "ct" else RETRIEVAL


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook as it went out, and what came back; `seconds` is how long the product took."""

    url: str
    method: str
    form: Pairs
    answer: Answer
    seconds: float


@dataclass(slots=True)
class Wire:
    """The way from the platform to the product.

    A request for `public_url` is signed for that address and carried to `deliver_to` over TCP, with the
    public Host. `copies` sends every webhook that many times, at once or one after another, and holds the
    product to the same bytes and the same state each time.
    """

    public_url: str
    deliver_to: str
    auth_token: str
    copies: int = 1
    at_once: bool = True
    deliveries: list[Delivery] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)

    def violation(self, what: str, code: int = 0, where: str = "") -> None:
        """Put down something that the platform would complain of."""
        self.violations.append(Violation(what, code, where))

    def send(self, url: str, method: str, form: Pairs, *, voice: bool = True) -> Answer:
        """Deliver one webhook, in all its copies, and return the first answer. Never raises."""
        if fault := fault_of(url):
            self.violation(f"a webhook's address {fault}", 21205, url)
            return Answer(0, failure="ct")
        if self.copies == 1:
            return self._try(url, method, form, voice)
        answers: list[Answer] = []

        def once() -> None:
            answers.append(self._try(url, method, form, voice))

        if self.at_once:
            copies = [threading.Thread(target=once, daemon=True) for _ in range(self.copies)]
            for copy in copies:
                copy.start()
            for copy in copies:
                copy.join()
        else:
            for _ in range(self.copies):
                once()
        if len({(answer.status, answer.body, answer.state) for answer in answers}) > 1:
            self.violation(f"{self.copies} copies of one webhook were not answered alike", 0, url)
        return answers[0]

    def fetch(self, url: str) -> Answer:
        """Get a sound file, as the platform's media proxy does: no parameters of the call, no retries."""
        return self._carry(url, "GET", [], Overrides.of(url), {})

    def _try(self, url: str, method: str, form: Pairs, voice: bool) -> Answer:
        wanted = Overrides.of(url)
        target = without_fragment(url)
        if method == "GET":
            target += ("&" if "?" in target else "?") + urlencode(form)
            form = []
        headers = {
            "X-Twilio-Signature": sign(self.auth_token, signed_address(target, voice), form),
            "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
        }
        began = time.monotonic()
        for _ in range(wanted.retries + 1):
            sent = time.monotonic()
            answer = self._carry(target, method, form, wanted, headers)
            self.deliveries.append(Delivery(url, method, form, answer, time.monotonic() - sent))
            failure = answer.failure or f"{answer.status // 100}xx"
            if answer.good or not wanted.again(failure) or time.monotonic() - began > wanted.total:
                break
        return answer

    def _carry(self, url: str, method: str, form: Pairs, wanted: Overrides, extra: dict[str, str]) -> Answer:
        parts = urlsplit(url)
        public, there = urlsplit(self.public_url), urlsplit(self.deliver_to)
        if (parts.scheme, parts.netloc) != (public.scheme, public.netloc) or not there.hostname:
            self.violation("an address outside the product's own", CONNECTION, url)
            return Answer(0, failure="ct")
        headers = {
            "Host": parts.netloc,
            "X-Forwarded-Proto": parts.scheme,
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            **extra,
        }
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = http.client.HTTPConnection(there.hostname, there.port or 80, timeout=wanted.connect)
        try:
            connection.connect()
        except OSError:
            return Answer(0, failure="ct")
        try:
            connection.sock.settimeout(wanted.read)
            connection.request(method, path, urlencode(form).encode() if method == "POST" else None, headers)
            response = connection.getresponse()
            return Answer(
                response.status,
                response.read(),
                response.headers.get_content_type() if response.headers.get("Content-Type") else "",
                response.headers.get("X-Hotline-State", ""),
            )
        except (OSError, http.client.HTTPException):
            return Answer(0, failure="rt")
        finally:
            connection.close()


@dataclass(slots=True)
class Courier:
    """One background thread that does what nobody waits for, in the order in which it was asked."""

    trouble: Callable[[str], None]
    _waiting: list[Callable[[], None]] = field(default_factory=list)
    _busy: bool = False
    _stopped: bool = False
    _change: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None

    def ask(self, errand: Callable[[], None]) -> None:
        """Have something done soon."""
        with self._change:
            self._waiting.append(errand)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="simulator-courier", daemon=True)
                self._thread.start()
            self._change.notify_all()

    def settle(self, seconds: float = 30.0) -> bool:
        """Wait until nothing is left to do; False when `seconds` were not enough."""
        if threading.current_thread() is self._thread:
            return True
        with self._change:
            return self._change.wait_for(lambda: not self._waiting and not self._busy, seconds)

    def stop(self) -> None:
        """Drop what is left and end the thread."""
        with self._change:
            self._stopped = True
            self._waiting.clear()
            self._change.notify_all()
        if self._thread is not None:
            self._thread.join(5)

    def _work(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: bool(self._waiting) or self._stopped)
                if self._stopped:
                    return
                errand, self._busy = self._waiting.pop(0), True
            try:
                errand()
            except Exception as reason:
                # A courier that dies would leave every later callback unsent: put it down and go on.
                self.trouble(f"{type(reason).__name__}: {reason}")
            finally:
                with self._change:
                    self._busy = False
                    self._change.notify_all()
