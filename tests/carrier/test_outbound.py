"""Many calls and texts at once, each asked for once whatever becomes of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Event
from urllib.parse import parse_qsl

import pytest

from hotline.carrier.forms import call_form, text_form
from hotline.carrier.outbound import Answer, Outbound, Request
from hotline.carrier.twilio_rest import Account
from hotline.errors import CarrierError, CarrierRefused, CarrierUncertain
from hotline.rules.delivery import MachineDetection
from tests.carrier.test_twilio_rest import CALL, CREATED, DOUBTS, LINE, PUBLIC, REFUSALS, SID, TO, far, says
from tests.servers import free_port

CALLS = Request("a call", "Calls", call_form(LINE, TO, PUBLIC, "T1", MachineDetection.SYNC, to_the_beep=False))
TEXTS = Request("a text", "Messages", text_form(LINE, TO, "Sí & no: 100%", PUBLIC, "T2"))
BOTH = pytest.mark.parametrize("request_", [CALLS, TEXTS], ids=["a call", "a text"])


@contextmanager
def outbound(url: str, concurrency: int = 1, timeout: float = 10.0) -> Iterator[Outbound]:
    made = Outbound(Account(SID, "SK1", "secret", url), concurrency, timeout)
    yield made
    made.close()


def answers(line: Outbound, asked: Sequence[Request]) -> list[Answer]:
    """What became of each request, in the order of the answers."""
    told: SimpleQueue[Answer] = SimpleQueue()
    line.ask(asked, told.put)
    return [told.get(timeout=30) for _ in asked]


def fault(url: str, request: Request, timeout: float = 10.0) -> CarrierError:
    with outbound(url, timeout=timeout) as line:
        [answer] = answers(line, [request])
    assert answer.key == request.key
    assert answer.fault is not None
    return answer.fault


@BOTH
def test_what_is_created_gives_its_id_and_is_asked_for_as_the_form_says(request_: Request) -> None:
    with far(CREATED) as platform, outbound(platform.url) as line:
        assert answers(line, [request_]) == [Answer(request_.key, sid=CALL)]
    head, _, body = platform.asked[0].partition(b"\r\n\r\n")
    assert head.startswith(f"POST /2010-04-01/Accounts/{SID}/{request_.kind}.json HTTP/1.1".encode())
    assert b"Authorization: Basic U0sxOnNlY3JldA==" in head
    assert b"Content-Type: application/x-www-form-urlencoded" in head
    assert parse_qsl(body.decode()) == request_.form


@BOTH
@pytest.mark.parametrize(("answer", "status", "code"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_told_with_its_codes_and_asked_once(
    answer: bytes, status: int, code: int, request_: Request
) -> None:
    with far(answer, CREATED) as platform:
        refused = fault(platform.url, request_)
        assert len(platform.asked) == 1
    assert isinstance(refused, CarrierRefused)
    assert (refused.status, refused.code) == (status, code)


@BOTH
@pytest.mark.parametrize("answer", DOUBTS.values(), ids=DOUBTS)
def test_an_answer_that_never_came_or_says_nothing_leaves_a_doubt_and_is_not_asked_again(
    answer: bytes | None, request_: Request
) -> None:
    with far(answer, CREATED) as platform:
        assert isinstance(fault(platform.url, request_), CarrierUncertain)
        assert len(platform.asked) <= 1


def test_a_platform_that_takes_the_request_and_stalls_leaves_a_doubt() -> None:
    with far(Event(), CREATED) as platform:
        assert isinstance(fault(platform.url, CALLS, 0.2), CarrierUncertain)
        assert len(platform.asked) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid"])
def test_a_platform_that_is_not_there_was_asked_for_nothing(host: str) -> None:
    refused = fault(f"http://{host}:{free_port()}", TEXTS)
    assert isinstance(refused, CarrierRefused)
    assert (refused.status, refused.code) == (0, 0)


def test_a_platform_that_speaks_no_encryption_was_asked_for_nothing() -> None:
    with far(b"", b"") as platform:
        assert isinstance(fault(platform.url.replace("http:", "https:"), TEXTS), CarrierRefused)


def test_what_one_request_comes_to_is_nothing_to_the_others() -> None:
    script = [says(500, {"message": "oops"}), None, CREATED]
    with far(*script) as platform, outbound(platform.url) as line:
        told = answers(line, [Request(str(n), "Messages", TEXTS.form) for n in range(3)])
    assert [type(answer.fault) for answer in told] == [CarrierRefused, CarrierUncertain, type(None)]


def test_no_more_requests_are_open_at_once_than_allowed_and_the_rest_can_be_taken_back() -> None:
    stall = Event()
    with far(stall, CREATED) as platform, outbound(platform.url) as line:
        told: SimpleQueue[Answer] = SimpleQueue()
        line.ask([Request(str(n), "Messages", TEXTS.form) for n in range(3)], told.put)
        while not platform.asked:
            stall.wait(0.01)
        line.refuse_waiting()
        refused = [told.get(timeout=30) for _ in range(2)]
        assert [(answer.key, type(answer.fault)) for answer in refused] == [
            ("1", CarrierRefused),
            ("2", CarrierRefused),
        ]
        assert len(platform.asked) == 1
        stall.set()
        assert isinstance(told.get(timeout=30).fault, CarrierUncertain)  # the script says nothing after its stall


def test_what_waited_too_long_is_refused_rather_than_sent_on_an_old_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline.carrier.outbound.STALE", -1.0)
    with far(CREATED) as platform:
        assert isinstance(fault(platform.url, TEXTS), CarrierRefused)
        assert not platform.asked


def test_after_it_was_closed_it_can_be_asked_again() -> None:
    with far(CREATED, CREATED) as platform, outbound(platform.url) as line:
        assert answers(line, [TEXTS])[0].sid == CALL
        line.close()
        assert answers(line, [TEXTS])[0].sid == CALL


def test_the_web_process_does_not_load_it() -> None:
    look = "import sys, hotline.web.app; print('aiohttp' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
