"""The REST interface, as the platform's own client and a careless one find it."""

from __future__ import annotations

import base64
import http.client
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from hotline.simulator import parameters
from hotline.simulator.server import Simulator
from hotline.simulator.telephone import Telephone
from tests.simulator.far_side import CALLER, LINE, OTHER, SID, STAFF_LINE, TOKEN, FarSide, a
from tests.simulator.judge import CONTRACT, judge

Pairs = list[tuple[str, str]]
TO_CALL = [("To", CALLER), ("From", LINE), ("Url", a("/out"))]
CALLS = f"/2010-04-01/Accounts/{SID}/Calls.json"
TO_TEXT = [("To", CALLER), ("From", LINE), ("Body", "Hello")]


@pytest.fixture
def client(platform: Simulator, far: FarSide) -> Client:
    far.on("/out", "<Say>Hello</Say>")
    client = Client(SID, TOKEN)
    client.api.base_url = platform.api_url
    return client


def ask(platform: Simulator, method: str, path: str, form: Pairs | None = None, token: str = TOKEN) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(platform.api_url.removeprefix("http://"), timeout=5)
    secret = base64.b64encode(f"{SID}:{token}".encode()).decode()
    headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode(form or []) if method == "POST" else None
    connection.request(method, f"/2010-04-01/Accounts/{SID}{path}", body, headers)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, json.loads(text) if text else None


def test_the_platforms_own_client_places_finds_and_ends_calls(
    platform: Simulator, phone: Telephone, client: Client
) -> None:
    placed = client.calls.create(
        to=CALLER,
        from_=LINE,
        url=a("/out"),
        method="POST",
        timeout=30,
        status_callback=a("/voice/status#rc=2&rp=ct,rt,5xx"),
        status_callback_event=["initiated", "answered", "completed"],
        machine_detection="DetectMessageEnd",
    )
    assert placed.status == "queued"
    phone.answer(machine="human")
    found = client.calls.list(to=CALLER, status="completed", page_size=20)
    assert [call.sid for call in found] == [placed.sid]
    assert (found[0].direction, found[0].answered_by, found[0].to) == ("outbound-api", "human", CALLER)
    assert isinstance(found[0].start_time, datetime)
    assert [judge(request) for request in platform.requests] == [[], []]


def test_the_platforms_own_client_sends_finds_redacts_and_deletes_texts(platform: Simulator, client: Client) -> None:
    sent = client.messages.create(to=CALLER, from_=LINE, body="Hello", status_callback=a("/sms/status"))
    assert (sent.status, sent.num_segments) == ("queued", "1")
    platform.settle()
    assert client.messages(str(sent.sid)).fetch().status == "delivered"
    day = datetime.now(UTC) - timedelta(minutes=5)
    assert [m.sid for m in client.messages.list(to=CALLER, date_sent_after=day)] == [sent.sid]
    assert client.messages.list(to=CALLER, date_sent_before=day) == []
    assert client.messages(str(sent.sid)).update(body="").body == ""
    assert client.messages(str(sent.sid)).delete()
    with pytest.raises(TwilioRestException) as gone:
        client.messages(str(sent.sid)).fetch()
    assert (gone.value.status, gone.value.code) == (404, 20404)
    assert [judge(request) for request in platform.requests] == [[]] * 7


def test_the_platforms_own_client_fetches_and_deletes_recordings(
    far: FarSide, platform: Simulator, phone: Telephone, client: Client
) -> None:
    far.on("/voice/incoming", f'<Record action="{a("/out")}"/>')
    phone.dial(LINE).record(seconds=2)
    (kept,) = platform.exchange.recordings.values()
    assert client.recordings(kept.sid).fetch().duration == "2"
    assert requests.get(f"{kept.url}.wav", timeout=5).status_code == 401
    sound = requests.get(f"{kept.url}.wav", auth=(SID, TOKEN), timeout=5)
    assert (sound.content, sound.headers["Content-Type"]) == (kept.wav, "audio/x-wav")
    assert client.recordings(kept.sid).delete()
    assert requests.get(f"{kept.url}.wav", auth=(SID, TOKEN), timeout=5).status_code == 404


def test_a_list_comes_in_pages_newest_first(client: Client) -> None:
    sent = [client.messages.create(to=CALLER, from_=LINE, body=str(n)).sid for n in range(5)]
    assert [message.sid for message in client.messages.list(page_size=2)] == sent[::-1]


def test_a_list_is_filtered_by_every_field_that_the_platform_offers(
    platform: Simulator, phone: Telephone, client: Client
) -> None:
    client.calls.create(to=CALLER, from_=LINE, url=a("/out"))
    client.calls.create(to=OTHER, from_=STAFF_LINE, url=a("/out"))
    phone.answer()
    soon = datetime.now(UTC) + timedelta(minutes=1)
    for filters, wanted in (
        ({"to": OTHER}, 1),
        ({"from_": LINE}, 1),
        ({"status": "ringing"}, 1),
        ({"start_time": datetime.now(UTC).date()}, 2),
        ({"start_time_after": soon}, 0),
        ({"start_time_before": soon}, 2),
        ({"end_time_before": soon}, 1),
        ({"parent_call_sid": "CA" + "0" * 32}, 0),
    ):
        assert len(client.calls.list(**filters)) == wanted, filters


def test_a_wrong_token_is_refused_in_the_platforms_shape(platform: Simulator) -> None:
    status, error = ask(platform, "POST", "/Calls.json", TO_CALL, token="wrong")
    assert status == 401
    assert set(error) == {"code", "message", "more_info", "status"}
    assert error["code"] == 20003
    assert platform.exchange.calls == {}


def test_a_key_of_the_account_opens_as_its_token_does(platform: Simulator) -> None:
    platform.exchange.api_keys["SK" + "1" * 32] = "the-secret-of-the-key"
    url = f"{platform.api_url}{CALLS}"
    assert requests.get(url, auth=("SK" + "1" * 32, "the-secret-of-the-key"), timeout=5).status_code == 200
    assert requests.get(url, auth=("SK" + "1" * 32, TOKEN), timeout=5).status_code == 401


def changed(pairs: Pairs, **values: str) -> Pairs:
    """The same form with some values changed; an empty name's value leaves it out."""
    kept = [(name, values.get(name, value)) for name, value in pairs]
    return [*kept, *((n, v) for n, v in values.items() if n not in dict(pairs))]


REFUSED = [
    ("/Calls.json", changed(TO_CALL, To="5550123"), 21211),
    ("/Calls.json", changed(TO_CALL, To=" 12025550123"), 21211),
    ("/Calls.json", TO_CALL[1:], 21201),
    ("/Calls.json", [TO_CALL[0], TO_CALL[2]], 21213),
    ("/Calls.json", changed(TO_CALL, From="+12025550177"), 21210),
    ("/Calls.json", changed(TO_CALL, Url="/out"), 21205),
    ("/Calls.json", changed(TO_CALL, Url="http://[::]:8081/out"), 21205),
    ("/Calls.json", TO_CALL[:2], 21205),
    ("/Calls.json", [*TO_CALL[:2], ("Twiml", f"<Response>{' ' * 4000}</Response>")], 32018),
    ("/Calls.json", [*TO_CALL[:2], ("Twiml", "<Response><Shout/></Response>")], 12100),
    ("/Calls.json", changed(TO_CALL, StatusCallback="https://a_b.example.org/"), 21609),
    ("/Calls.json", changed(TO_CALL, StatusCallbackEvent="hung-up"), 21626),
    ("/Calls.json", changed(TO_CALL, Method="PUT"), 21403),
    ("/Calls.json", changed(TO_CALL, Timeout="601"), 20001),
    ("/Calls.json", changed(TO_CALL, MachineDetection="Maybe"), 20001),
    ("/Calls.json", changed(TO_CALL, MachineDetectionTimeout="60"), 20001),
    ("/Calls.json", changed(TO_CALL, SendDigits="1" * 33), 21214),
    ("/Calls.json", changed(TO_CALL, Idempotency="1"), 20001),
    ("/Calls.json", [*TO_CALL, TO_CALL[0]], 20001),
    ("/Messages.json", changed(TO_TEXT, To="0000000"), 21211),
    ("/Messages.json", changed(TO_TEXT, From="+12025550177"), 21606),
    ("/Messages.json", changed(TO_TEXT, From=STAFF_LINE), 21606),
    ("/Messages.json", changed(TO_TEXT, To=LINE), 21266),
    ("/Messages.json", changed(TO_TEXT, Body="a" * 1601), 21617),
    ("/Messages.json", changed(TO_TEXT, Body=""), 21602),
    ("/Messages.json", TO_TEXT[:2], 21602),
    ("/Messages.json", TO_TEXT[1:], 21604),
    ("/Messages.json", [TO_TEXT[0], TO_TEXT[2]], 21603),
    ("/Messages.json", changed(TO_TEXT, ValidityPeriod="0"), 20001),
]


@pytest.mark.parametrize(("path", "form", "code"), REFUSED)
def test_a_create_that_the_platform_would_refuse_makes_nothing(
    platform: Simulator, path: str, form: Pairs, code: int
) -> None:
    status, error = ask(platform, "POST", path, form)
    assert (status, error["code"], error["status"]) == (400, code, 400)
    assert platform.exchange.calls == {}
    assert platform.exchange.messages == {}


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/Calls/CA0.json", "/Messages/SM0.json", "/Recordings/RE0.json", "/Faxes.json"])
def test_what_is_not_there_is_not_found(platform: Simulator, method: str, path: str) -> None:
    status, error = ask(platform, method, path)
    assert (status, error["code"]) == (404, 20404)


def test_a_call_that_is_over_can_not_be_changed(platform: Simulator, phone: Telephone, client: Client) -> None:
    sid = str(client.calls.create(to=CALLER, from_=LINE, url=a("/out")).sid)
    assert ask(platform, "POST", f"/Calls/{sid}.json", [("Url", a("/out"))])[1]["code"] == 21220
    phone.answer()
    for change in (("Status", "completed"), ("Url", a("/out")), ("Status", "canceled")):
        status, error = ask(platform, "POST", f"/Calls/{sid}.json", [change])
        assert (status, error["code"]) == (400, 21220)


@pytest.mark.parametrize("table", ["CREATE_CALL", "UPDATE_CALL", "CREATE_MESSAGE", "UPDATE_MESSAGE"])
def test_every_parameter_taken_here_is_one_of_the_platforms(table: str) -> None:
    kind = "Calls" if "CALL" in table else "Messages"
    path = f"{kind}.json" if "CREATE" in table else f"{kind}/{{Sid}}.json"
    operation = CONTRACT["paths"][f"/2010-04-01/Accounts/{{AccountSid}}/{path}"]["post"]
    (content,) = operation["requestBody"]["content"].values()
    assert set(getattr(parameters, table)) <= set(content["schema"]["properties"])


@pytest.mark.parametrize("table", ["LIST_CALLS", "LIST_MESSAGES"])
def test_every_filter_taken_here_is_one_of_the_platforms(table: str) -> None:
    path = f"/2010-04-01/Accounts/{{AccountSid}}/{table.removeprefix('LIST_').title()}.json"
    offered = {p["name"] for p in CONTRACT["paths"][path]["get"]["parameters"]}
    assert set(getattr(parameters, table)) <= offered


EXAMPLES = {
    "To": CALLER,
    "From": LINE,
    "Url": a("/out"),
    "Twiml": "<Response/>",
    "Method": "GET",
    "FallbackUrl": a("/spare"),
    "FallbackMethod": "POST",
    "StatusCallback": a("/voice/status"),
    "StatusCallbackEvent": "answered",
    "StatusCallbackMethod": "POST",
    "SendDigits": "ww1#",
    "Timeout": "600",
    "TimeLimit": "60",
    "MachineDetection": "Enable",
    "MachineDetectionTimeout": "3",
    "MachineDetectionSpeechThreshold": "6000",
    "MachineDetectionSpeechEndThreshold": "500",
    "MachineDetectionSilenceTimeout": "2000",
    "AsyncAmd": "true",
    "AsyncAmdStatusCallback": a("/detected"),
    "AsyncAmdStatusCallbackMethod": "POST",
    "CallReason": "A message",
    "Body": "",
    "ValidityPeriod": "36000",
    "SmartEncoded": "true",
    "ProvideFeedback": "false",
    "ParentCallSid": "CA" + "0" * 32,
    "PageSize": "1000",
    "Page": "0",
    "PageToken": "PACA1",
}
STATUS = {"UPDATE_CALL": "completed", "LIST_CALLS": "in-progress", "UPDATE_MESSAGE": "canceled"}
RULES = [
    (table, name)
    for table in (
        *("CREATE_CALL", "UPDATE_CALL", "LIST_CALLS"),
        *("CREATE_MESSAGE", "UPDATE_MESSAGE", "LIST_MESSAGES"),
    )
    for name in getattr(parameters, table)
]


@pytest.mark.parametrize(("table", "name"), RULES)
def test_every_parameter_takes_a_sound_value_and_no_nonsense(table: str, name: str) -> None:
    good = EXAMPLES.get(name, "2026-03-01T10:00:00Z")
    if name == "Status":
        good = STATUS[table]
    elif (table, name) == ("CREATE_MESSAGE", "Body"):
        good = "Hello"
    rules = getattr(parameters, table)
    assert parameters.check([(name, good)], rules) == {name: good}
    if name != "PageToken":
        with pytest.raises(parameters.Refused) as refused:
            parameters.check([(name, "no sense " * 200)], rules)
        assert (refused.value.status, refused.value.code > 0) == (400, True)


# ---- faults


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (500, 20500), (400, 21610), (503, 20503)])
def test_a_create_can_be_made_to_fail_once(platform: Simulator, client: Client, status: int, code: int) -> None:
    platform.fail_next("refuse", status, code)
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=CALLER, from_=LINE, body="Hello")
    assert (refused.value.status, refused.value.code) == (status, code)
    assert platform.exchange.messages == {}
    assert client.messages.create(to=CALLER, from_=LINE, body="Hello").sid


def test_an_answer_may_never_come_although_the_call_was_placed(platform: Simulator, far: FarSide) -> None:
    platform.fail_next("stall", seconds=3)
    began = time.monotonic()
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.post(f"{platform.api_url}{CALLS}", TO_CALL, auth=(SID, TOKEN), timeout=0.2)
    assert time.monotonic() - began < 2
    assert len(platform.exchange.calls) == 1


@pytest.mark.parametrize(("kind", "made"), [("cut", 1), ("cut_before", 0)])
def test_the_connection_may_break_before_or_after_the_call_was_placed(
    platform: Simulator, far: FarSide, kind: str, made: int
) -> None:
    platform.fail_next(kind)
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.post(f"{platform.api_url}{CALLS}", TO_CALL, auth=(SID, TOKEN), timeout=5)
    assert len(platform.exchange.calls) == made
    assert len(platform.requests) == 1
