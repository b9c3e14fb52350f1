"""Calls that the product places, and the telephone that rings."""

from __future__ import annotations

import threading

import pytest
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from hotline.simulator.server import Simulator
from hotline.simulator.telephone import Telephone, TelephoneError
from tests.simulator.far_side import CALLER, LINE, SID, TOKEN, FarSide, a

EVENTS = ["initiated", "ringing", "answered", "completed"]


@pytest.fixture
def client(platform: Simulator) -> Client:
    client = Client(SID, TOKEN)
    client.api.base_url = platform.api_url
    return client


@pytest.fixture(autouse=True)
def script(far: FarSide) -> None:
    far.on("/out", f'<Gather numDigits="1" action="{a("/got")}"><Say>A message you asked for</Say></Gather>')
    far.on("/got", "<Say>Thank you</Say>").on("/detected", 204)


def place(client: Client, **more: object) -> str:
    events = {"status_callback": a("/voice/status"), "status_callback_event": EVENTS}
    call = client.calls.create(to=CALLER, from_=LINE, url=a("/out"), **{**events, **more})
    assert call.sid is not None
    return call.sid


def told(far: FarSide) -> list[str]:
    return [webhook.form["CallStatus"] for webhook in far.at("/voice/status")]


def test_a_call_is_answered_heard_and_told_in_order(
    far: FarSide, platform: Simulator, phone: Telephone, client: Client
) -> None:
    sid = place(client)
    (ringing,) = phone.ringing()
    assert ringing == {"sid": sid, "from": LINE}
    assert client.calls(sid).fetch().status == "ringing"
    call = phone.answer().says("a message you asked for")
    assert call.sid == sid
    call.press("1").says("thank you")
    assert told(far) == ["initiated", "ringing", "in-progress", "completed"]
    numbers = [webhook.form["SequenceNumber"] for webhook in far.at("/voice/status")]
    assert numbers == ["0", "1", "2", "3"]
    for webhook in far.at("/voice/status"):
        signature = webhook.headers["X-Twilio-Signature"]
        assert RequestValidator(TOKEN).validate(a("/voice/status"), webhook.form, signature)
        assert webhook.form["Direction"] == "outbound-api"
    fetched = client.calls(sid).fetch()
    assert fetched.status == "completed"
    assert int(str(fetched.duration)) > 0
    assert platform.violations == []


@pytest.mark.parametrize(
    ("act", "status", "sip"),
    [("decline", "busy", "486"), ("busy", "busy", "486"), ("let_ring_out", "no-answer", "487")],
)
def test_a_call_that_nobody_takes_is_told_with_its_reason(
    far: FarSide, phone: Telephone, client: Client, act: str, status: str, sip: str
) -> None:
    sid = place(client)
    getattr(phone, act)()
    assert told(far) == ["initiated", "ringing", status]
    assert far.last("/voice/status")["SipResponseCode"] == sip
    assert client.calls(sid).fetch().status == status
    assert far.at("/out") == []
    assert phone.ringing() == []


def test_a_number_out_of_reach_fails(far: FarSide, phone: Telephone, client: Client) -> None:
    phone.set(reachable=False)
    place(client)
    phone.settle()
    assert told(far) == ["initiated", "failed"]


def test_only_the_events_that_were_asked_for_are_told(far: FarSide, phone: Telephone, client: Client) -> None:
    client.calls.create(to=CALLER, from_=LINE, url=a("/out"), status_callback=a("/voice/status"))
    phone.answer().hang_up()
    assert told(far) == ["completed"]


DETECTED = [
    ("", "machine_end_beep", None),
    ("Enable", "human", "human"),
    ("Enable", "machine_end_beep", "machine_start"),
    ("Enable", "machine_start", "machine_start"),
    ("Enable", "fax", "fax"),
    ("Enable", "unknown", "unknown"),
    ("DetectMessageEnd", "human", "human"),
    ("DetectMessageEnd", "machine_start", "machine_end_other"),
    ("DetectMessageEnd", "machine_end_beep", "machine_end_beep"),
    ("DetectMessageEnd", "machine_end_silence", "machine_end_silence"),
    ("DetectMessageEnd", "machine_end_other", "machine_end_other"),
    ("DetectMessageEnd", "unknown", "unknown"),
]


@pytest.mark.parametrize(("asked", "there", "reported"), DETECTED)
def test_the_first_request_says_who_answered_as_far_as_was_asked(
    far: FarSide, phone: Telephone, client: Client, asked: str, there: str, reported: str | None
) -> None:
    place(client, **({"machine_detection": asked} if asked else {}))
    phone.answer(machine=there)
    assert far.last("/out").get("AnsweredBy") == reported


def test_detection_in_the_background_is_told_apart(far: FarSide, phone: Telephone, client: Client) -> None:
    place(
        client,
        machine_detection="DetectMessageEnd",
        async_amd="true",
        async_amd_status_callback=a("/detected"),
    )
    phone.answer(machine="machine_end_beep")
    assert "AnsweredBy" not in far.last("/out")
    assert set(far.last("/detected")) == {"AccountSid", "AnsweredBy", "CallSid", "MachineDetectionDuration"}
    assert far.last("/detected")["AnsweredBy"] == "machine_end_beep"


def test_keys_to_send_switch_the_detection_off(far: FarSide, phone: Telephone, client: Client) -> None:
    place(client, machine_detection="Enable", send_digits="ww1")
    phone.answer(machine="human")
    assert "AnsweredBy" not in far.last("/out")


def test_a_machine_listens_to_the_end(phone: Telephone, client: Client) -> None:
    place(client)
    call = phone.answer(machine="machine_end_beep").listen_to_the_end()
    assert call.how_it_ended == "the document ended"


def test_a_call_with_its_document_inside_needs_no_address(phone: Telephone, client: Client) -> None:
    client.calls.create(to=CALLER, from_=LINE, twiml="<Response><Say>Inline</Say></Response>")
    phone.answer().says("inline")


def test_a_ringing_call_can_be_taken_back(far: FarSide, phone: Telephone, client: Client) -> None:
    sid = place(client)
    assert phone.ringing()
    client.calls(sid).update(status="canceled")
    assert phone.ringing() == []
    assert told(far)[-1] == "canceled"


def test_a_live_call_can_be_ended_or_turned_elsewhere(far: FarSide, phone: Telephone, client: Client) -> None:
    sid = place(client)
    call = phone.answer()
    far.on("/elsewhere", f'<Say>Elsewhere</Say><Gather action="{a("/got")}"/>')
    client.calls(sid).update(url=a("/elsewhere"))
    phone.settle()
    call.look().says("elsewhere")
    client.calls(sid).update(status="completed")
    phone.settle()
    assert call.look().how_it_ended == "ended over REST"


def test_a_call_without_a_fallback_ends_with_the_platforms_apology(
    far: FarSide, platform: Simulator, phone: Telephone, client: Client
) -> None:
    far.on("/out", 500)
    place(client)
    assert phone.answer().how_it_ended == "application error"
    assert len(platform.violations) == 1


def test_a_call_may_have_a_fallback_of_its_own(far: FarSide, phone: Telephone, client: Client) -> None:
    far.on("/out", 500).on("/spare", "<Say>Spare</Say>")
    place(client, fallback_url=a("/spare"))
    phone.answer().says("spare")


def test_for_people_at_a_telephone_a_call_rings_out_by_itself(
    far: FarSide, platform: Simulator, phone: Telephone, client: Client
) -> None:
    platform.exchange.rings_out = True
    given_up = threading.Event()

    def hear(form: dict[str, str]) -> int:
        if form["CallStatus"] == "no-answer":
            given_up.set()
        return 204

    far.on("/voice/status", hear)
    place(client, timeout=1)
    assert given_up.wait(10)
    assert phone.ringing() == []


def test_one_hand_holds_one_call(far: FarSide, phone: Telephone, client: Client) -> None:
    far.on("/voice/incoming", f'<Gather action="{a("/got")}"/>')
    call = phone.dial(LINE)
    place(client)
    assert len(phone.ringing()) == 1
    with pytest.raises(TelephoneError, match="hang up first"):
        phone.answer()
    with pytest.raises(TelephoneError, match="hang up first"):
        phone.dial(LINE)
    call.hang_up()
    phone.answer().says("a message you asked for")


def test_a_telephone_that_does_not_ring_can_not_be_answered(phone: Telephone) -> None:
    for act in (phone.answer, phone.decline, phone.busy, phone.let_ring_out):
        with pytest.raises(TelephoneError, match="does not ring"):
            act()
