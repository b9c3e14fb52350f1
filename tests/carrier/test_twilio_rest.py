from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Thread
from urllib.parse import parse_qsl

import pytest

from hotline.carrier.forms import call_form, text_form
from hotline.carrier.twilio_rest import Account, Carrier
from hotline.errors import CarrierRefused, CarrierUncertain
from hotline.rules.delivery import AttemptState, MachineDetection
from hotline.simulator.addresses import Overrides, fault_of
from tests.servers import free_port

SID = "AC" + "1" * 32
CALL = "CA" + "a" * 32
TO = "+12025550123"
LINE = "+18005550199"
PUBLIC = "https://hotline.example.org"


@dataclass
class Far:
    """A platform that follows a script: what it answers to each connection, as raw bytes.

    None cuts the connection after the request was read, b"" before; an Event stalls until it is set.
    """

    url: str
    script: list[bytes | Event | None]
    asked: list[bytes] = field(default_factory=list)

    def serve(self, listener: socket.socket) -> None:
        for answer in self.script:
            try:
                connection, _ = listener.accept()
            except OSError:  # closed: the script was longer than the test
                return
            with closing(connection):
                if answer == b"":
                    continue
                self.asked.append(_request(connection))
                if isinstance(answer, Event):
                    answer.wait(10)
                elif answer is not None:
                    connection.sendall(answer)


def _request(connection: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        got += connection.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def far(*script: bytes | Event | None) -> Iterator[Far]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        made = Far(f"http://127.0.0.1:{listener.getsockname()[1]}", list(script))
        thread = Thread(target=made.serve, args=(listener,))
        thread.start()
        yield made
        for stalled in script:
            if isinstance(stalled, Event):
                stalled.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def says(status: int, body: object, raw: bytes | None = None) -> bytes:
    content = json.dumps(body).encode() if raw is None else raw
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + content


def carrier(url: str, timeout: float = 10.0) -> Carrier:
    return Carrier(Account(SID, "SK1", "secret", url), LINE, timeout)


def place(url: str, timeout: float = 10.0) -> str:
    return carrier(url, timeout).call(call_form(LINE, TO, PUBLIC, "T1", MachineDetection.SYNC, to_the_beep=False))


def text(url: str, timeout: float = 10.0) -> str:
    return carrier(url, timeout).text(text_form(LINE, TO, "Sí & no: 100%", PUBLIC, "T1"))


CREATED = says(201, {"sid": CALL, "to": TO, "status": "queued"})

REFUSALS = {
    "a number that can't be called": (says(400, {"code": 21211, "message": TO, "status": 400}), 400, 21211),
    "an opt-out": (says(400, {"code": 21610, "message": "stopped", "status": 400}), 400, 21610),
    "too many requests": (says(429, {"code": 20429, "message": "slower", "status": 429}), 429, 20429),
    "a wrong key": (says(401, {"code": 20003, "message": "who?", "status": 401}), 401, 20003),
    "a fault of its own": (says(500, {"code": 20500, "message": "oops", "status": 500}), 500, 20500),
    "a fault without a code": (says(500, {"message": "oops"}), 500, 0),
    "a gateway's page": (says(502, None, b"<html>bad gateway</html>"), 502, 0),
    "an empty refusal": (says(503, None, b""), 503, 0),
    "a problem by RFC 9457": (says(400, {"type": "x", "title": "y", "status": 400, "code": 21211}), 400, 21211),
    "somewhere else": (b"HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 307, 0),
}

DOUBTS: dict[str, bytes | None] = {
    "cut before it was read": b"",
    "cut after it was read": None,
    "cut within the answer": CREATED[:-10],
    "no HTTP": b"hello\r\n\r\n",
    "no JSON": says(201, None, b"<html>created</html>"),
    "nothing": says(201, None, b""),
    "a list": says(201, []),
    "no id": says(201, {"status": "queued"}),
}


def test_a_call_that_is_created_gives_its_id() -> None:
    with far(CREATED) as platform:
        assert place(platform.url) == CALL


def test_a_text_that_is_created_gives_its_id() -> None:
    with far(says(201, {"sid": "SM1", "status": "queued"})) as platform:
        assert text(platform.url) == "SM1"


def test_a_call_is_asked_for_with_addresses_the_platform_can_call_and_each_value_encoded_once() -> None:
    with far(CREATED) as platform:
        place(platform.url)
    head, _, body = platform.asked[0].partition(b"\r\n\r\n")
    assert head.startswith(f"POST /2010-04-01/Accounts/{SID}/Calls.json HTTP/1.1".encode())
    assert b"To=%2B12025550123&" in body + b"&"
    assert b"%252B" not in body
    given = dict(parse_qsl(body.decode()))
    assert (given["To"], given["From"], given["Timeout"]) == (TO, LINE, "25")
    for name in ("Url", "StatusCallback", "FallbackUrl"):
        assert fault_of(given[name]) == ""
        assert given[name].startswith(PUBLIC)
    assert Overrides.of(given["StatusCallback"]).again("5xx")
    assert "Twiml" not in given


def test_a_text_is_sent_as_it_was_written() -> None:
    with far(says(201, {"sid": "SM1"})) as platform:
        text(platform.url)
    given = dict(parse_qsl(platform.asked[0].partition(b"\r\n\r\n")[2].decode()))
    assert (given["Body"], given["To"], given["From"]) == ("Sí & no: 100%", TO, LINE)
    assert fault_of(given["StatusCallback"]) == ""


@pytest.mark.parametrize("send", [place, text])
@pytest.mark.parametrize(("answer", "status", "code"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_told_with_its_codes_and_asked_once(answer: bytes, status: int, code: int, send) -> None:
    with far(answer, CREATED) as platform:
        with pytest.raises(CarrierRefused) as refused:
            send(platform.url)
        assert len(platform.asked) == 1
    assert (refused.value.status, refused.value.code) == (status, code)
    assert TO not in str(refused.value)


@pytest.mark.parametrize("send", [place, text])
@pytest.mark.parametrize("answer", DOUBTS.values(), ids=DOUBTS)
def test_an_answer_that_never_came_or_says_nothing_leaves_a_doubt_and_is_not_asked_again(
    answer: bytes | None, send
) -> None:
    with far(answer, CREATED) as platform:
        with pytest.raises(CarrierUncertain):
            send(platform.url)
        assert len(platform.asked) <= 1


@pytest.mark.parametrize("send", [place, text])
def test_a_platform_that_takes_the_request_and_stalls_leaves_a_doubt(send) -> None:
    with far(Event(), CREATED) as platform:
        with pytest.raises(CarrierUncertain):
            send(platform.url, 0.2)
        assert len(platform.asked) == 1


@pytest.mark.parametrize("send", [place, text])
def test_a_platform_that_is_not_there_was_asked_for_nothing(send) -> None:
    with pytest.raises(CarrierRefused) as refused:
        send(f"http://127.0.0.1:{free_port()}")
    assert (refused.value.status, refused.value.code) == (0, 0)


def test_a_host_that_does_not_exist_was_asked_for_nothing() -> None:
    with pytest.raises(CarrierRefused) as refused:
        place("http://nowhere.invalid")
    assert refused.value.status == 0


def test_what_became_of_a_call_is_looked_up_by_its_id() -> None:
    found = {"sid": CALL, "to": TO, "status": "completed", "date_created": "Wed, 25 Nov 2026 10:00:00 +0000"}
    with far(says(200, found)) as platform:
        seen = carrier(platform.url).look_up_call(CALL)
    assert platform.asked[0].startswith(f"GET /2010-04-01/Accounts/{SID}/Calls/{CALL}.json ".encode())
    assert (seen.sid, seen.to, seen.raw_status) == (CALL, TO, "completed")
    assert seen.created_at == datetime(2026, 11, 25, 10, tzinfo=UTC)
    assert seen.state is not None


def test_what_became_of_a_text_is_looked_up_with_its_error() -> None:
    with far(says(200, {"sid": "SM1", "to": TO, "status": "undelivered", "error_code": 30003})) as platform:
        seen = carrier(platform.url).look_up_text("SM1")
    assert (seen.error_code, seen.raw_status) == (30003, "undelivered")
    assert isinstance(seen.state, AttemptState)


def test_calls_to_a_number_since_a_time_are_found_to_settle_a_doubt() -> None:
    def made(sid: str, minute: int, direction: str = "outbound-api") -> dict[str, str]:
        when = f"Wed, 25 Nov 2026 10:{minute:02}:00 +0000"
        return {"sid": sid, "to": TO, "status": "queued", "date_created": when, "direction": direction}

    page = {"calls": [made("CA3", 31, "outbound-dial"), made("CA2", 30), made("CA1", 10)], "next_page_uri": None}
    with far(says(200, page)) as platform:
        seen = carrier(platform.url).calls_to(TO, datetime(2026, 11, 25, 10, 20, tzinfo=UTC))
    assert [one.sid for one in seen] == ["CA2"]
    assert b"To=%2B12025550123" in platform.asked[0].split(b"\r\n")[0]


def test_a_call_that_is_over_can_not_be_hung_up() -> None:
    over = says(400, {"code": 21220, "message": "over", "status": 400})
    with far(over) as platform, pytest.raises(CarrierRefused) as refused:
        carrier(platform.url).hang_up(CALL)
    assert refused.value.code == 21220
    assert platform.asked[0].endswith(b"Status=completed")


def test_the_web_process_does_not_load_the_platforms_rest_client() -> None:
    look = "import sys, hotline.web.app; print([m for m in sys.modules if m.startswith(('twilio.rest', 'requests'))])"
    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
