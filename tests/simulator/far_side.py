"""A product of the tests' own: it answers each webhook with the document that the test gave for its path."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from hotline.simulator.exchange import tone

PUBLIC = "https://hotline.example.org"
SID, TOKEN = "AC" + "0123456789abcdef" * 2, "a-token-of-the-tests"
LINE, STAFF_LINE = "+18005550199", "+12025550198"
CALLER, OTHER, OPERATOR = "+12025550123", "+12025550124", "+12025550111"

Form = dict[str, str]
Given = str | bytes | int | Callable[[Form], "str | bytes | int"]


@dataclass(frozen=True, slots=True)
class Webhook:
    """One request as the far side got it."""

    method: str
    path: str
    query: Form
    pairs: list[tuple[str, str]]
    headers: Form

    @property
    def form(self) -> Form:
        return dict(self.pairs)


@dataclass
class FarSide:
    """`script` maps a path to TwiML (inside Response), bytes to send as they are, a status, or a function."""

    script: dict[str, Given] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    seen: list[Webhook] = field(default_factory=list)
    content_type: str = "text/xml; charset=utf-8"
    sound_type: str = "audio/x-wav"
    delay: float = 0.0
    url: str = ""

    def on(self, path: str, given: Given, state: str = "") -> FarSide:
        self.script[path] = given
        if state:
            self.states[path] = state
        return self

    def at(self, path: str) -> list[Webhook]:
        return [webhook for webhook in self.seen if webhook.path == path]

    def last(self, path: str) -> Form:
        return self.at(path)[-1].form


def a(path: str) -> str:
    """A path's public address."""
    return PUBLIC + path


@contextmanager
def far_side() -> Iterator[FarSide]:
    far = FarSide()
    far.on("/voice/status", 204).on("/sms/status", 204).on("/sms/incoming", "").on("/audio/a.wav", tone(1))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            pairs = parse_qsl(body.decode(), keep_blank_values=True)
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            webhook = Webhook(self.command, parts.path, query, pairs, dict(self.headers.items()))
            far.seen.append(webhook)
            time.sleep(far.delay)
            given = far.script.get(parts.path, 404)
            if callable(given):
                given = given({**query, **dict(pairs)})
            status = given if isinstance(given, int) else 200
            if isinstance(given, str):
                given = f'<?xml version="1.0" encoding="UTF-8"?><Response>{given}</Response>'.encode()
            answer = given if isinstance(given, bytes) else b""
            self.send_response(status)
            kind = far.sound_type if parts.path.endswith(".wav") else far.content_type
            if status != 204:
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(answer)))
            if parts.path in far.states:
                self.send_header("X-Hotline-State", far.states[parts.path])
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = _answer

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 128

        def handle_error(self, request: object, client_address: object) -> None:
            """A platform that does not wait for the answer is part of the play."""

        def server_bind(self) -> None:
            self.socket.bind(self.server_address)
            self.server_address = self.socket.getsockname()

    server = Server(("127.0.0.1", 0), Handler)
    far.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield far
    finally:
        server.shutdown()
        server.server_close()
