"""The judge of outgoing requests knows good ones from bad."""

from __future__ import annotations

import pytest

from hotline.simulator.exchange import Request
from tests.simulator.far_side import CALLER, LINE, SID, a
from tests.simulator.judge import CONTRACT, judge

ROOT = f"/2010-04-01/Accounts/{SID}"
CALL, TEXT, SOUND = "CA" + "0" * 32, "SM" + "0" * 32, "RE" + "0" * 32
TO_CALL = [("To", CALLER), ("From", LINE), ("Url", a("/out"))]
TO_TEXT = [("To", CALLER), ("From", LINE), ("Body", "Hello")]
Pairs = list[tuple[str, str]]


def request(method: str, path: str, form: Pairs | None = None, query: Pairs | None = None) -> Request:
    return Request(method, ROOT + path, query or [], form or [], 200)


SINCE = [("To", CALLER), ("StartTime>", "2026-03-01T10:00:00Z"), ("PageSize", "50")]


def call(*more: tuple[str, str]) -> Request:
    return request("POST", "/Calls.json", [*TO_CALL, *more])


def call_with(*instead: tuple[str, str]) -> Request:
    return request("POST", "/Calls.json", [*TO_CALL[:2], *instead])


EVENTS = [("StatusCallbackEvent", "ringing"), ("StatusCallbackEvent", "answered")]
GOOD = {
    "a call": request("POST", "/Calls.json", [*TO_CALL, ("Timeout", "30"), ("Record", "true"), *EVENTS]),
    "a call with a document": request("POST", "/Calls.json", [*TO_CALL[:2], ("Twiml", "<Response/>")]),
    "a look at a call": request("GET", f"/Calls/{CALL}.json"),
    "the end of a call": request("POST", f"/Calls/{CALL}.json", [("Status", "completed")]),
    "a search for calls": request("GET", "/Calls.json", [], SINCE),
    "a text": request("POST", "/Messages.json", [*TO_TEXT, ("StatusCallback", a("/sms/status"))]),
    "a redacted text": request("POST", f"/Messages/{TEXT}.json", [("Body", "")]),
    "a look at a text": request("GET", f"/Messages/{TEXT}.json"),
    "a deleted text": request("DELETE", f"/Messages/{TEXT}.json"),
    "a search for texts": request("GET", "/Messages.json", [], [("DateSent<", "2026-03-01T10:00:00Z")]),
    "a look at a recording": request("GET", f"/Recordings/{SOUND}.json"),
    "a deleted recording": request("DELETE", f"/Recordings/{SOUND}.json"),
}

BAD = {
    "no receiver": (request("POST", "/Calls.json", TO_CALL[1:]), "'To' is a required property"),
    "an unknown parameter": (call(("IdempotencyKey", "1")), "IdempotencyKey"),
    "a relative address": (call_with(("Url", "/out")), "is not a 'uri'"),
    "a number with blanks": (
        request("POST", "/Calls.json", [("To", " 12025550123"), *TO_CALL[1:]]),
        "is not a 'endpoint'",
    ),
    "a time-out in words": (call(("Timeout", "soon")), "is not of type 'integer'"),
    "an unknown method": (call(("Method", "PUT")), "is not one of"),
    "a document that is none": (call_with(("Twiml", "Hello")), "is not a 'twiml'"),
    "a parameter given twice": (call(("To", CALLER)), "To is given twice"),
    "an unknown status": (request("POST", f"/Calls/{CALL}.json", [("Status", "ended")]), "is not one of"),
    "an identifier that is none": (request("GET", f"/Calls/CA{'x' * 32}.json"), "does not match"),
    "a page that is too large": (
        request("GET", "/Calls.json", [], [("PageSize", "1001")]),
        "maximum of 1000",
    ),
    "a day that is none": (
        request("GET", "/Messages.json", [], [("DateSent", "yesterday")]),
        "is not a 'date-time'",
    ),
    "an unknown query": (request("GET", f"/Calls/{CALL}.json", [], [("Fields", "all")]), "Fields"),
    "an unknown path": (request("POST", "/Faxes.json"), "the platform has no"),
    "an unknown act": (request("DELETE", "/Calls.json"), "the platform has no"),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_sound_request_passes(name: str) -> None:
    assert judge(GOOD[name]) == []


@pytest.mark.parametrize("name", BAD)
def test_a_faulty_request_is_named(name: str) -> None:
    faulty, fault = BAD[name]
    assert len(judge(faulty)) == 1
    assert fault in judge(faulty)[0]


def test_the_contract_says_where_it_comes_from_and_holds_no_prose() -> None:
    assert "twilio-oai" in CONTRACT["source"]
    assert CONTRACT["license"].startswith("Apache-2.0")
    assert "description" not in str(CONTRACT["paths"])


def test_every_operation_of_the_contract_is_judged_by_some_request_here() -> None:
    written = {(r.method.lower(), len(r.path.split("/")), r.path.split("/")[4]) for r in GOOD.values()}
    contract = {
        (method, len(path.split("/")), path.split("/")[4])
        for path, operations in CONTRACT["paths"].items()
        for method in operations
    }
    assert {(m, n, kind.removesuffix(".json")) for m, n, kind in contract} - {
        (m, n, kind.removesuffix(".json")) for m, n, kind in written
    } == set()
