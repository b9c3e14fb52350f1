"""The simulator as one thing to start: REST and telephones on one loopback port, webhooks out."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from hotline.errors import HotlineError
from hotline.simulator import control, rest
from hotline.simulator.exchange import Exchange, Fault, Line, Request
from hotline.simulator.resources import Json
from hotline.simulator.rest import Reply
from hotline.simulator.telephone import Telephone
from hotline.simulator.wire import Violation, Wire

BODY_BYTES = 8_000_000
HERE = frozenset({"127.0.0.1", "localhost"})


class Simulator:
    """A Twilio on loopback for one account.

    `number` is the public line; `staff_number` the recording line, if any. Webhooks are signed for addresses
    under `public_url` and carried to `deliver_to`. `port` 0 takes a free one. `operator_number`'s handset picks
    up by itself when `operator_picks_up`. `copies` delivers every webhook that many times and wants one answer.
    `rings_out` lets calls that nobody takes stop ringing after their time-out in real seconds: for people, not
    for tests. `clock` gives aware UTC for timestamps; nothing else here looks at it.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        number: str,
        public_url: str,
        deliver_to: str,
        port: int = 0,
        *,
        staff_number: str = "",
        operator_number: str = "",
        operator_picks_up: bool = False,
        copies: int = 1,
        rings_out: bool = False,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        public = public_url.rstrip("/")
        wire = Wire(public, deliver_to.rstrip("/"), auth_token, copies)
        self.exchange = Exchange(account_sid, auth_token, wire, rings_out=rings_out)
        if clock is not None:
            self.exchange.clock = clock
        for line, voice in ((number, "/voice/incoming"), (staff_number, "/voice/staff")):
            if line:
                self.exchange.lines[line] = Line(
                    number=line,
                    voice_url=public + voice,
                    fallback_url=public + "/voice/fallback",
                    status_url=public + "/voice/status",
                    sms_url=public + "/sms/incoming" if line == number else "",
                )
        if operator_number:
            self.exchange.handset(operator_number).picks_up = operator_picks_up
        self._port = port
        self._server: _Server | None = None

    @property
    def api_url(self) -> str:
        """Where REST and control answer, e.g. http://127.0.0.1:4010, without a slash at its end."""
        return self.exchange.api_url

    @property
    def violations(self) -> list[Violation]:
        """Everything that the platform would complain of; a test asserts that it is empty."""
        return self.exchange.violations

    @property
    def requests(self) -> list[Request]:
        """Every REST request so far."""
        return self.exchange.requests

    def start(self) -> Simulator:
        """Listen; raises HotlineError when the port is taken."""
        try:
            self._server = _Server(("127.0.0.1", self._port), _Handler)
        except OSError as reason:
            fault = f"the simulator can't listen on port {self._port}: {reason.strerror}"
            raise HotlineError(fault) from reason
        self._server.exchange = self.exchange
        self.exchange.api_url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), name="simulator", daemon=True).start()
        return self

    def stop(self) -> None:
        """End every thread; calls that are still up are dropped without a word."""
        self.exchange.courier.stop()
        if self._server is not None:
            self._server.stopping.set()
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def telephone(self, number: str) -> Telephone:
        """The telephone with this number."""
        return Telephone(self.api_url, number)

    def fail_next(self, kind: str = "refuse", status: int = 500, code: int = 20500, seconds: float = 15.0) -> None:
        """Let the next create of a call or a text meet a fault: refuse, stall, cut or cut_before."""
        self.exchange.faults.append(Fault(kind, status, code, seconds))

    def settle(self, seconds: float = 30.0) -> bool:
        """Wait until every callback is delivered."""
        return self.exchange.settle(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    exchange: Exchange

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.stopping = threading.Event()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """Without the reverse look-up of the name, which can take seconds on a machine without a network."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up early is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 60
    wbufsize = 65_536  # headers and body in one packet

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def log_message(self, format: str, *args: object) -> None:
        """The product's own log tells enough."""

    def _serve(self, method: str) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > BODY_BYTES:
            self.close_connection = True
            self._send(Reply(413, {"error": "the body is too large, or its length is missing"}))
            return
        body = self.rfile.read(int(length))
        try:
            parts = urlsplit(self.path)
        except ValueError:
            self._send(Reply(400, {"error": "the path can't be read"}))
            return
        if parts.path.startswith("/control/"):
            self._send(self._control(method, parts.path, body))
        else:
            self._rest(method, parts.path, parts.query, body)

    def _control(self, method: str, path: str, body: bytes) -> Reply:
        """Only for programs on this machine: no web page can set the header, nor lend us another Host."""
        if re.sub(r":\d+$", "", self.headers.get("Host", "")) not in HERE:
            return Reply(403, {"error": "telephones are driven from this machine only"})
        if method != "GET" and self.headers.get("X-Simulator") != "1":
            return Reply(403, {"error": "send the header X-Simulator: 1"})
        try:
            given = json.loads(body or b"{}")
        except (ValueError, RecursionError):
            return Reply(400, {"error": "the body is not JSON"})
        if not isinstance(given, dict):
            return Reply(400, {"error": "the body is not a JSON object"})
        return control.respond(self.server.exchange, method, path, given)

    def _rest(self, method: str, path: str, query_text: str, body: bytes) -> None:
        exchange = self.server.exchange
        query = parse_qsl(query_text, keep_blank_values=True)
        form = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        creates = method == "POST" and path.endswith(("/Calls.json", "/Messages.json"))
        fault = exchange.next_fault() if creates else None
        if fault and fault.kind == "cut_before":
            exchange.requests.append(Request(method, path, query, form, 0))
            self._cut()
            return
        if fault and fault.kind == "refuse":
            reply = Reply(fault.status, rest.error(fault.status, fault.code, "The request was refused"))
        else:
            authorization = self.headers.get("Authorization", "")
            reply = rest.respond(exchange, method, path, query, form, authorization)
        exchange.requests.append(Request(method, path, query, form, reply.status))
        if fault and fault.kind == "stall":
            self.server.stopping.wait(fault.seconds)
        if fault and fault.kind in ("stall", "cut"):
            self._cut()
            return
        self._send(reply)

    def _cut(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, reply: Reply) -> None:
        sound = isinstance(reply.body, bytes)
        body = reply.body if isinstance(reply.body, bytes) else _json(reply.body)
        self.send_response(reply.status)
        if reply.status != 204:
            self.send_header("Content-Type", "audio/x-wav" if sound else "application/json")
            self.send_header("Content-Length", str(len(body)))
        if reply.status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="Twilio API"')
        self.end_headers()
        if reply.status != 204:
            self.wfile.write(body)


def _json(body: Json | None) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode() if body is not None else b""
