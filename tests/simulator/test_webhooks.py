"""What the product sees of the platform, and what the platform does when the product fails it."""

from __future__ import annotations

import re
import socket
import threading

import pytest
from twilio.request_validator import RequestValidator

from hotline.simulator.line import APOLOGY
from hotline.simulator.server import Simulator
from hotline.simulator.telephone import Telephone
from hotline.simulator.wire import Courier
from tests.simulator.far_side import CALLER, LINE, PUBLIC, SID, STAFF_LINE, TOKEN, FarSide, a

ALWAYS = ["CallSid", "AccountSid", "From", "To", "Caller", "Called", "CallStatus", "ApiVersion", "Direction"]


def codes(platform: Simulator) -> list[int]:
    return [violation.code for violation in platform.violations]


def test_the_first_request_carries_everything_and_a_signature_for_the_public_address(
    far: FarSide, platform: Simulator, phone: Telephone
) -> None:
    far.on("/voice/incoming", "<Say>Hello</Say>", "inbound.welcome")
    call = phone.dial(LINE)
    webhook = far.at("/voice/incoming")[0]
    form = webhook.form
    assert all(form[name] for name in ALWAYS)
    assert re.fullmatch(r"CA[0-9a-f]{32}", form["CallSid"])
    assert (form["From"], form["To"], form["CallStatus"]) == (CALLER, LINE, "ringing")
    assert (form["Direction"], form["ApiVersion"], form["AccountSid"]) == ("inbound", "2010-04-01", SID)
    assert (form["FromCity"], form["FromCountry"]) == ("", "US")
    assert webhook.headers["Host"] == "hotline.example.org"
    assert webhook.headers["X-Forwarded-Proto"] == "https"
    signature = webhook.headers["X-Twilio-Signature"]
    assert RequestValidator(TOKEN).validate(a("/voice/incoming"), form, signature)
    assert call.state == "inbound.welcome"
    assert platform.violations == []


@pytest.mark.parametrize("shown_as", ["anonymous", "Restricted", "", "client:ana", "+266696687"])
def test_a_caller_may_be_shown_as_the_platform_shows_withheld_numbers(
    far: FarSide, phone: Telephone, shown_as: str
) -> None:
    far.on("/voice/incoming", "")
    phone.dial(LINE, shown_as=shown_as)
    assert far.last("/voice/incoming")["From"] == shown_as
    assert far.last("/voice/incoming")["Caller"] == shown_as


def test_the_staff_line_is_another_door(far: FarSide, phone: Telephone) -> None:
    far.on("/voice/staff", "<Say>Code, please</Say>")
    phone.dial(STAFF_LINE).says("code, please")


def test_every_request_of_a_call_is_signed_with_its_query(far: FarSide, phone: Telephone) -> None:
    action = a("/next?a=1&amp;b=%C3%A9")
    far.on("/voice/incoming", f'<Gather numDigits="1" action="{action}"/>').on("/next", "")
    phone.dial(LINE).press("5")
    webhook = far.at("/next")[0]
    signature = webhook.headers["X-Twilio-Signature"]
    assert RequestValidator(TOKEN).validate(a("/next?a=1&b=%C3%A9"), webhook.form, signature)


def test_a_public_port_is_left_out_of_voice_signatures_and_kept_in_those_of_texts(far: FarSide) -> None:
    public = "https://hotline.example.org:8443"
    far.on("/voice/incoming", "")
    with Simulator(SID, TOKEN, LINE, public, far.url) as platform:
        phone = platform.telephone(CALLER)
        phone.dial(LINE)
        phone.text(LINE, "Hello")
    voice, text = far.at("/voice/incoming")[0], far.at("/sms/incoming")[0]
    assert voice.headers["Host"] == "hotline.example.org:8443"
    check = RequestValidator(TOKEN)
    assert check.compute_signature(a("/voice/incoming"), voice.form) == voice.headers["X-Twilio-Signature"]
    assert check.compute_signature(f"{public}/sms/incoming", text.form) == text.headers["X-Twilio-Signature"]


# ---- when the product fails


@pytest.mark.parametrize("failure", [400, 404, 429, 500, 503, 301, "<Shout/>", b"Traceback (most recent)"])
def test_a_call_that_the_product_fails_goes_to_the_fallback(
    far: FarSide, platform: Simulator, phone: Telephone, failure: str | bytes | int
) -> None:
    far.on("/voice/incoming", failure).on("/voice/fallback", "<Say>A person will help you.</Say>")
    call = phone.dial(LINE).says("a person will help you")
    told = far.last("/voice/fallback")
    assert told["ErrorUrl"] == a("/voice/incoming")
    assert int(told["ErrorCode"]) in (11200, 12100, 12200)
    assert call.how_it_ended == "the document ended"
    assert len(platform.violations) == 1


def test_a_failure_in_the_middle_of_a_call_goes_to_the_fallback_too(
    far: FarSide, platform: Simulator, phone: Telephone
) -> None:
    far.on("/voice/incoming", f'<Gather numDigits="1" action="{a("/next")}"/>').on("/next", 500)
    far.on("/voice/fallback", "<Say>A person will help you.</Say>")
    phone.dial(LINE).press("1").says("a person will help you")
    assert codes(platform) == [11200]


def test_when_the_fallback_fails_too_the_platform_apologises_and_hangs_up(
    far: FarSide, platform: Simulator, phone: Telephone
) -> None:
    far.on("/voice/incoming", 500).on("/voice/fallback", 500)
    call = phone.dial(LINE).says(APOLOGY)
    assert (call.ended, call.how_it_ended) == (True, "application error")
    assert codes(platform) == [11200, 11200]
    assert far.last("/voice/status")["CallStatus"] == "completed"


def test_a_document_with_the_wrong_type_is_no_document(far: FarSide, platform: Simulator, phone: Telephone) -> None:
    far.content_type = "application/json"
    far.on("/voice/incoming", "<Say>Hello</Say>")
    phone.dial(LINE).never_said("hello")
    assert codes(platform)[0] == 12300


def test_a_product_that_is_down_is_tried_twice_and_then_the_fallback(far: FarSide) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{held.getsockname()[1]}"
        with Simulator(SID, TOKEN, LINE, PUBLIC, nowhere) as platform:
            call = platform.telephone(CALLER).dial(LINE).says(APOLOGY)
            tries = [delivery.url for delivery in platform.exchange.wire.deliveries]
    assert call.ended
    assert tries[:4] == [a("/voice/incoming")] * 2 + [a("/voice/fallback")] * 2
    assert set(codes(platform)) == {11205}


@pytest.mark.parametrize(
    ("fragment", "answers", "tries"),
    [
        ("", [500, 204], 1),
        ("#rc=2&rp=5xx", [500, 204], 2),
        ("#rc=2&rp=5xx", [500, 500, 500, 204], 3),
        ("#rc=2&rp=ct,rt", [500, 204], 1),
        ("#rc=1&rp=4xx", [404, 204], 2),
        ("#rc=5&rp=all", [500, 404, 204], 3),
        ("#rc=0&rp=all", [500, 204], 1),
    ],
)
def test_a_failed_callback_is_tried_again_as_its_address_asks(
    far: FarSide, platform: Simulator, fragment: str, answers: list[int], tries: int
) -> None:
    left = list(answers)
    far.on("/kept", lambda form: left.pop(0))
    platform.exchange.callback(a("/kept") + fragment, "POST", [("CallSid", "CA0")])
    platform.settle()
    assert len(far.at("/kept")) == tries
    lost = answers[tries - 1] != 204
    assert len(platform.violations) == int(lost)
    signature = far.at("/kept")[0].headers["X-Twilio-Signature"]
    assert RequestValidator(TOKEN).validate(a("/kept"), {"CallSid": "CA0"}, signature)


def test_an_answer_that_comes_too_late_is_none(far: FarSide, platform: Simulator) -> None:
    far.delay = 0.4
    far.on("/kept", 204)
    platform.exchange.callback(a("/kept#rc=1&rp=rt&rt=100"), "POST", [])
    platform.settle()
    assert codes(platform) == [11200]
    assert len(platform.exchange.wire.deliveries) == 2


def test_a_callback_with_an_unusable_address_is_lost_and_named(platform: Simulator) -> None:
    platform.exchange.callback(a("/prompt%SPACE%1"), "POST", [])
    platform.settle()
    assert 21205 in codes(platform)


@pytest.mark.parametrize(
    ("answer", "good"), [("", True), (204, True), (b"", True), (b"OK", False), (b"<html/>", False)]
)
def test_a_callback_wants_nothing_back_or_an_empty_document(
    far: FarSide, platform: Simulator, answer: str | int | bytes, good: bool
) -> None:
    far.on("/kept", answer)
    platform.exchange.callback(a("/kept"), "POST", [])
    platform.settle()
    assert codes(platform) == ([] if good else [12100])


# ---- the same webhook several times


@pytest.mark.parametrize(("copies", "at_once"), [(2, False), (2, True), (8, True)])
def test_every_webhook_comes_as_often_as_asked_and_one_answer_is_wanted(
    far: FarSide, platform: Simulator, phone: Telephone, copies: int, at_once: bool
) -> None:
    platform.exchange.wire.copies, platform.exchange.wire.at_once = copies, at_once
    far.on("/voice/incoming", f'<Gather numDigits="1" action="{a("/next")}"/>').on("/next", "<Say>Bye</Say>")
    phone.dial(LINE).press("1").says("bye")
    for path in ("/voice/incoming", "/next", "/voice/status"):
        assert len(far.at(path)) == copies
        assert len({webhook.headers["X-Twilio-Signature"] for webhook in far.at(path)}) == 1
    assert platform.violations == []


def test_copies_that_are_answered_differently_are_a_violation(
    far: FarSide, platform: Simulator, phone: Telephone
) -> None:
    platform.exchange.wire.copies = 8
    count = iter(range(100))
    lock = threading.Lock()

    def forgetful(form: dict[str, str]) -> str:
        with lock:
            return f"<Say>Visit {next(count)}</Say>"

    far.on("/voice/incoming", forgetful)
    phone.dial(LINE)
    assert "not answered alike" in str(platform.violations[0])


def test_many_callers_at_once_each_have_their_own_call(far: FarSide, platform: Simulator) -> None:
    far.on("/voice/incoming", f'<Gather numDigits="1" action="{a("/next")}"/>')
    far.on("/next", lambda form: f"<Say>{form['From'][-2:]} pressed {form['Digits']}</Say>")
    heard: list[str] = []

    def call(number: int) -> None:
        phone = platform.telephone(f"+120255501{number:02d}")
        heard.append(phone.dial(LINE).press(str(number % 10)).heard_last)

    callers = [threading.Thread(target=call, args=(number,)) for number in range(16)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert sorted(heard) == [f"{number:02d} pressed {number % 10}" for number in range(16)]
    assert platform.violations == []


# ---- the courier


def test_callbacks_go_out_in_the_order_in_which_they_were_asked_for() -> None:
    done: list[int] = []
    courier = Courier(lambda what: None)
    for number in range(50):
        courier.ask(lambda number=number: done.append(number))  # type: ignore[misc]
    assert courier.settle()
    courier.stop()
    assert done == list(range(50))


def test_an_errand_that_trips_is_put_down_and_the_next_one_is_done() -> None:
    trouble: list[str] = []
    done: list[str] = []
    courier = Courier(trouble.append)
    courier.ask(lambda: done.append(str(1 // 0)))
    courier.ask(lambda: done.append("next"))
    assert courier.settle()
    courier.stop()
    assert done == ["next"]
    assert trouble == ["ZeroDivisionError: integer division or modulo by zero"]


def test_settling_gives_up_when_told_to() -> None:
    gate = threading.Event()
    courier = Courier(lambda what: None)
    courier.ask(lambda: bool(gate.wait(5)) and None)
    assert not courier.settle(0.05)
    gate.set()
    assert courier.settle()
    courier.stop()
