"""Telephones driven by other programs: what they may, and what nobody else may."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any

import pytest

from hotline.errors import HotlineError
from hotline.simulator.control import ANSWERED_BY, DELIVERY
from hotline.simulator.leg import Program
from hotline.simulator.server import BODY_BYTES, Simulator
from hotline.simulator.telephone import Telephone, TelephoneError
from tests.simulator.far_side import CALLER, LINE, PUBLIC, SID, STAFF_LINE, TOKEN, FarSide, a

HANDSET = "/control/handsets/%2B12025550123"
NO_CALL = "/control/calls/CA" + "0" * 32


def ask(platform: Simulator, method: str, path: str, body: bytes = b"{}", **headers: str) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection(platform.api_url.removeprefix("http://"), timeout=5)
    given = {"X-Simulator": "1", **{name.replace("_", "-"): value for name, value in headers.items()}}
    connection.request(method, path, body if method == "POST" else None, given)
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    return response.status, answer


@pytest.fixture
def live(far: FarSide, phone: Telephone) -> str:
    """A call that waits in a question."""
    far.on("/voice/incoming", f'<Gather input="dtmf speech" action="{a("/next")}"/>', "inbound.welcome")
    return f"/control/calls/{phone.dial(LINE).sid}"


MISUSE = [
    ("GET", "/control/nowhere", b"{}", 404),
    ("GET", f"{HANDSET}/dial", b"{}", 404),
    ("GET", NO_CALL, b"{}", 409),
    ("POST", f"{NO_CALL}/press", b'{"keys": "1"}', 409),
    ("POST", f"{HANDSET}/dial", b"not json", 400),
    ("POST", f"{HANDSET}/dial", b'["+18005550199"]', 400),
    ("POST", f"{HANDSET}/dial", b"[" * 100_000, 400),
    ("POST", f"{HANDSET}/dial", b"\xff", 400),
    ("POST", f"{HANDSET}/dial", b"{}", 400),
    ("POST", f"{HANDSET}/dial", b'{"to": 5}', 400),
    ("POST", f"{HANDSET}/dial", b'{"to": "+12025550177"}', 409),
    ("POST", f"{HANDSET}/answer", b"{}", 409),
    ("POST", f"{HANDSET}/answer", b'{"as": "ghost"}', 400),
    ("POST", f"{HANDSET}/decline", b"{}", 409),
    ("POST", f"{HANDSET}/ring-out", b"{}", 409),
    ("POST", f"{HANDSET}/text", b'{"to": "+18005550199"}', 400),
    ("POST", f"{HANDSET}/text", json.dumps({"to": LINE, "body": "a" * 1601}).encode(), 400),
    ("POST", f"{HANDSET}/set", b'{"picks_up": "yes"}', 400),
    ("POST", f"{HANDSET}/set", b'{"delivery": "eaten"}', 400),
    ("POST", f"{HANDSET}/set", b'{"error_code": "many"}', 400),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), MISUSE)
def test_misuse_gets_one_plain_line_and_does_nothing(
    platform: Simulator, method: str, path: str, body: bytes, status: int
) -> None:
    got, answer = ask(platform, method, path, body)
    assert got == status
    assert list(answer) == ["error"]
    assert answer["error"]
    assert "\n" not in answer["error"]
    assert platform.exchange.calls == {}


@pytest.mark.parametrize(
    ("act", "given"),
    [
        ("press", {"keys": ""}),
        ("press", {"keys": "12a"}),
        ("press", {"keys": "1" * 101}),
        ("speak", {"text": "  "}),
        ("speak", {"text": "half a character \ud800"}),
        ("speak", {"text": "yes", "confidence": float("nan")}),
        ("speak", {"text": "yes", "confidence": 2}),
        ("speak", {"text": "yes", "confidence": "high"}),
        ("speak", {"text": "yes", "confidence": True}),
        ("record", {"seconds": 0}),
        ("record", {"seconds": "long"}),
        ("record", {"wav": "not base64!"}),
    ],
)
def test_nonsense_within_a_call_leaves_it_as_it_was(
    platform: Simulator, live: str, act: str, given: dict[str, object]
) -> None:
    before = ask(platform, "GET", live)[1]
    status, answer = ask(platform, "POST", f"{live}/{act}", json.dumps(given).encode())
    assert status == 400
    assert answer["error"]
    assert ask(platform, "GET", live)[1] == before


@pytest.mark.parametrize("act", ["press", "speak", "wait", "record"])
def test_a_call_that_is_over_takes_nothing_more(platform: Simulator, live: str, act: str) -> None:
    ask(platform, "POST", f"{live}/hang-up")
    status, answer = ask(platform, "POST", f"{live}/{act}", b'{"keys": "1", "text": "yes"}')
    assert (status, answer["error"]) == (409, "the call is over: the caller hung up")
    assert ask(platform, "POST", f"{live}/hang-up")[1]["how"] == "the caller hung up"


def test_a_web_page_of_another_origin_can_not_drive_a_telephone(platform: Simulator, live: str) -> None:
    for headers in ({"X_Simulator": "0"}, {"X_Simulator": ""}, {"Host": "evil.example.org"}, {"Host": "["}):
        status, answer = ask(platform, "POST", f"{live}/hang-up", b"{}", **headers)
        assert status == 403
        assert answer["error"]
    assert ask(platform, "GET", live, Host="evil.example.org:80")[0] == 403
    assert ask(platform, "GET", live)[1]["ended"] is False


def test_a_body_without_bounds_is_refused(platform: Simulator) -> None:
    connection = http.client.HTTPConnection(platform.api_url.removeprefix("http://"), timeout=5)
    connection.putrequest("POST", f"{HANDSET}/dial")
    connection.putheader("Content-Length", str(BODY_BYTES + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_path_that_is_none_is_refused(platform: Simulator) -> None:
    address = ("127.0.0.1", int(platform.api_url.rpartition(":")[2]))
    with socket.create_connection(address, timeout=5) as line:
        line.sendall(b"GET http://[/control/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 400 ")


def test_it_listens_on_this_machine_only(platform: Simulator) -> None:
    assert platform.api_url.startswith("http://127.0.0.1:")


def test_a_port_that_is_taken_is_said_in_one_line(platform: Simulator, far: FarSide) -> None:
    port = int(platform.api_url.rpartition(":")[2])
    with pytest.raises(HotlineError, match=f"can't listen on port {port}"):
        Simulator(SID, TOKEN, LINE, PUBLIC, far.url, port).start()


def test_a_call_shows_what_it_waits_for_and_what_was_said(platform: Simulator, live: str) -> None:
    seen = ask(platform, "GET", live)[1]
    assert (seen["state"], seen["status"], seen["from"], seen["to"]) == (
        "inbound.welcome",
        "in-progress",
        CALLER,
        LINE,
    )
    assert seen["waiting_for"]["input"] == ["dtmf", "speech"]
    assert (seen["waiting_for"]["num_digits"], seen["waiting_for"]["finish_on_key"]) == (0, "#")
    pressed = ask(platform, "POST", f"{live}/press", b'{"keys": "42"}')[1]
    assert pressed["transcript"][-1] == {
        "who": "caller",
        "text": "42",
        "kind": "keys",
        "language": "",
        "audio": "",
    }


@pytest.mark.parametrize("kind", sorted(ANSWERED_BY))
def test_every_kind_of_answer_is_taken(platform: Simulator, phone: Telephone, far: FarSide, kind: str) -> None:
    far.on("/out", "<Say>Hello</Say>")
    platform.exchange.place(LINE, CALLER, Program(url=a("/out"), machine_detection="Enable"))
    phone.answer(machine=kind).says("hello")


@pytest.mark.parametrize("delivery", sorted(DELIVERY))
def test_every_fate_of_texts_can_be_set(phone: Telephone, delivery: str) -> None:
    phone.set(delivery=delivery, error_code=30008)
    assert (phone.look()["delivery"], phone.look()["error_code"]) == (delivery, 30008)


# ---- the telephone itself


def test_a_telephone_knows_the_lines_and_its_last_call(phone: Telephone, platform: Simulator, live: str) -> None:
    assert phone.lines() == [LINE, STAFF_LINE]
    assert phone.call is not None
    assert live.endswith(phone.call.sid)
    assert platform.telephone(STAFF_LINE).call is None


def test_without_a_simulator_a_telephone_says_what_to_do(far: FarSide) -> None:
    platform = Simulator(SID, TOKEN, LINE, PUBLIC, far.url).start()
    phone = platform.telephone(CALLER)
    platform.stop()
    with pytest.raises(TelephoneError, match="start the line first"):
        phone.dial(LINE)


def test_says_looks_at_what_came_after_the_last_input_and_shows_the_story(far: FarSide, phone: Telephone) -> None:
    far.on("/voice/incoming", f'<Say>Bienvenido,   JOSÉ</Say><Gather action="{a("/next")}"/>')
    far.on("/next", f'<Say>Two</Say><Gather action="{a("/next")}"/>', "inbound.two")
    call = phone.dial(LINE).says("bienvenido, jose").press("1#").says("two").is_at("inbound.two")
    with pytest.raises(AssertionError, match="did not say 'bienvenido'") as told:
        call.says("bienvenido")
    assert "caller: 1#" in str(told.value)
    with pytest.raises(AssertionError, match="the line said 'Jose'"):
        call.never_said("Jose")
    call.never_said("Jos")
    with pytest.raises(AssertionError, match=r"at inbound\.two, not at inbound\.one"):
        call.is_at("inbound.one")
    with pytest.raises(AssertionError, match=r"over \(the caller hung up\)"):
        call.hang_up().is_at("inbound.two")


def test_a_line_that_never_lets_go_is_found_out(far: FarSide, phone: Telephone) -> None:
    far.on("/voice/incoming", f'<Gather action="{a("/next")}"/><Redirect>{a("/voice/incoming")}</Redirect>')
    call = phone.dial(LINE)
    with pytest.raises(AssertionError, match="goes on after 5 silences"):
        call.listen_to_the_end(at_most=5)
