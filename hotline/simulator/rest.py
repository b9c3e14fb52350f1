"""The platform's REST interface: calls, messages and recordings of one account."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from hotline.simulator import parameters, texts
from hotline.simulator.exchange import Exchange
from hotline.simulator.leg import Ending, Program
from hotline.simulator.parameters import Refused, check, moment
from hotline.simulator.resources import ROOT, Json, call_json, message_json, recording_json, rest_status
from hotline.simulator.signature import Pairs

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reply:
    """`body` is JSON for a dict, sound for bytes, nothing for None."""

    status: int
    body: Json | bytes | None = None


def respond(exchange: Exchange, method: str, path: str, query: Pairs, form: Pairs, authorization: str) -> Reply:
    """Do what a REST request asks.

    Every refusal has the platform's shape: code, message, more_info, status.
    """
    try:
        _authenticate(exchange, authorization)
        rest = path.removeprefix(f"{ROOT}{exchange.account_sid}/")
        for (verb, pattern), act in _ROUTES.items():
            if verb == method and rest != path and (found := re.fullmatch(pattern, rest)):
                return act(exchange, form if method == "POST" else query, *found.groups())
        raise Refused(404, 20404, f"The requested resource {path} was not found")
    except Refused as refused:
        return Reply(refused.status, error(refused.status, refused.code, refused.message))


def error(status: int, code: int, message: str) -> Json:
    """The platform's error document."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return {"code": code, "message": message, "more_info": more, "status": status}


def _authenticate(exchange: Exchange, authorization: str) -> None:
    for user, secret in ((exchange.account_sid, exchange.auth_token), *exchange.api_keys.items()):
        expected = b"Basic " + base64.b64encode(f"{user}:{secret}".encode())
        if hmac.compare_digest(authorization.encode(), expected):
            return
    raise Refused(401, 20003, "Authenticate")


# ---- calls


def _create_call(exchange: Exchange, form: Pairs) -> Reply:
    given = check(form, parameters.CREATE_CALL)
    _required(given, {"To": 21201, "From": 21213})
    if not given.get("Url") and not given.get("Twiml"):
        raise Refused(400, 21205, "Url parameter is required")
    if given["From"] not in exchange.lines:
        raise Refused(400, 21210, "From is not a number of this account")
    call = exchange.place(given["From"], given["To"], _program(given))
    return Reply(201, call_json(exchange, call))


def _program(given: dict[str, str]) -> Program:
    return Program(
        url=given.get("Url", ""),
        method=given.get("Method", "POST"),
        fallback_url=given.get("FallbackUrl", ""),
        fallback_method=given.get("FallbackMethod", "POST"),
        status_url=given.get("StatusCallback", ""),
        status_method=given.get("StatusCallbackMethod", "POST"),
        status_events=frozenset(given.get("StatusCallbackEvent", "completed").split()),
        # An address wins over inline TwiML, and keys to send switch the detection off.
        twiml="" if "Url" in given else given.get("Twiml", ""),
        machine_detection="" if "SendDigits" in given else given.get("MachineDetection", ""),
        async_detection_url=given.get("AsyncAmdStatusCallback", ""),
        async_detection=given.get("AsyncAmd") == "true",
        ring_seconds=int(given.get("Timeout", 60)),
        time_limit=int(given.get("TimeLimit", 14_400)),
    )


def _update_call(exchange: Exchange, form: Pairs, sid: str) -> Reply:
    call = _found(exchange.calls, sid)
    given = check(form, parameters.UPDATE_CALL)
    status = given.get("Status")
    if call.ended:
        raise Refused(400, 21220, "Call is not in-progress. Cannot redirect.")
    if status == "completed" or (status == "canceled" and call.status in ("queued", "initiated", "ringing")):
        answered = call.status == "in-progress"
        exchange.courier.ask(lambda: call.end(Ending.REST if answered else Ending.CANCELED))
    elif status == "canceled" or call.status != "in-progress":
        raise Refused(400, 21220, "Call is in another state than this change needs")
    elif "Url" in given or "Twiml" in given:
        url, method, twiml = given.get("Url", ""), given.get("Method", "POST"), given.get("Twiml", "")
        exchange.courier.ask(lambda: call.redirect(url, method, twiml))
    if "StatusCallback" in given:
        call.program.status_url = given["StatusCallback"]
    if "FallbackUrl" in given:
        call.program.fallback_url = given["FallbackUrl"]
    if "TimeLimit" in given:
        call.program.time_limit = int(given["TimeLimit"])
    return Reply(200, call_json(exchange, call))


def _fetch_call(exchange: Exchange, query: Pairs, sid: str) -> Reply:
    check(query, parameters.NONE)
    return Reply(200, call_json(exchange, _found(exchange.calls, sid)))


def _list_calls(exchange: Exchange, query: Pairs) -> Reply:
    given = check(query, parameters.LIST_CALLS)
    found = [
        call
        for call in list(exchange.calls.values())
        if given.get("To") in (None, call.called)
        and given.get("From") in (None, call.caller)
        and given.get("Status") in (None, rest_status(call))
        and given.get("ParentCallSid") in (None, call.parent_sid)
        and _within(given, "StartTime", call.started or call.created)
        and _within(given, "EndTime", call.finished)
    ]
    return _page(exchange, "Calls", given, [call_json(exchange, call) for call in reversed(found)])


# ---- messages


def _create_message(exchange: Exchange, form: Pairs) -> Reply:
    if any(name == "Body" and value == "" for name, value in form):
        raise Refused(400, 21602, "Message body is required")
    given = check(form, parameters.CREATE_MESSAGE)
    _required(given, {"To": 21604, "From": 21603, "Body": 21602})
    line = exchange.lines.get(given["From"])
    if line is None or not line.sms_url:
        raise Refused(400, 21606, "From is not a number of this account that sends texts")
    if given["To"] == given["From"]:
        raise Refused(400, 21266, "To and From are the same")
    if (given["From"], given["To"]) in exchange.blocked:
        raise Refused(400, 21610, "Attempt to send to unsubscribed recipient")
    status_url = given.get("StatusCallback", "")
    message = texts.send(exchange, given["From"], given["To"], given["Body"], status_url)
    return Reply(201, message_json(exchange, message))


def _update_message(exchange: Exchange, form: Pairs, sid: str) -> Reply:
    message = _found(exchange.messages, sid)
    given = check(form, parameters.UPDATE_MESSAGE)
    if "Status" in given:
        raise Refused(400, 30409, "Message is not scheduled: it can't be canceled")
    if "Body" in given:
        message.body = ""
    return Reply(200, message_json(exchange, message))


def _fetch_message(exchange: Exchange, query: Pairs, sid: str) -> Reply:
    check(query, parameters.NONE)
    return Reply(200, message_json(exchange, _found(exchange.messages, sid)))


def _delete_message(exchange: Exchange, query: Pairs, sid: str) -> Reply:
    check(query, parameters.NONE)
    _found(exchange.messages, sid)
    del exchange.messages[sid]
    return Reply(204)


def _list_messages(exchange: Exchange, query: Pairs) -> Reply:
    given = check(query, parameters.LIST_MESSAGES)
    found = [
        message
        for message in list(exchange.messages.values())
        if given.get("To") in (None, message.recipient)
        and given.get("From") in (None, message.sender)
        and _within(given, "DateSent", message.sent or message.created)
    ]
    return _page(exchange, "Messages", given, [message_json(exchange, m) for m in reversed(found)])


# ---- recordings


def _fetch_recording(exchange: Exchange, query: Pairs, sid: str) -> Reply:
    check(query, parameters.FETCH_RECORDING)
    return Reply(200, recording_json(exchange, _found(exchange.recordings, sid)))


def _fetch_sound(exchange: Exchange, query: Pairs, sid: str) -> Reply:
    return Reply(200, _found(exchange.recordings, sid).wav)


def _delete_recording(exchange: Exchange, query: Pairs, sid: str) -> Reply:
    check(query, parameters.NONE)
    _found(exchange.recordings, sid)
    del exchange.recordings[sid]
    return Reply(204)


# ---- shared


def _required(given: dict[str, str], codes: dict[str, int]) -> None:
    for name, code in codes.items():
        if not given.get(name):
            raise Refused(400, code, f"{name} is required")


def _found(kept: dict[str, T], sid: str) -> T:
    if sid not in kept:
        raise Refused(404, 20404, "The requested resource was not found")
    return kept[sid]


def _within(given: dict[str, str], name: str, when: datetime | None) -> bool:
    """Whether a moment passes the filters of a list: on that day, up to (<) or from (>) a moment."""
    for sign in ("", "<", ">"):
        if (wanted := given.get(name + sign)) is None:
            continue
        if when is None:
            return False
        bound = moment(wanted)
        midnight = (bound.hour, bound.minute, bound.second) == (0, 0, 0)
        after = bound + (timedelta(days=1) if midnight and not sign else timedelta(seconds=1))
        if (sign != "<" and when < bound) or (sign != ">" and when >= after):
            return False
    return True


def _page(exchange: Exchange, kind: str, given: dict[str, str], rows: list[Json]) -> Reply:
    size, page = int(given.get("PageSize", 50)), int(given.get("Page", 0))
    shown, path = rows[page * size : (page + 1) * size], f"{ROOT}{exchange.account_sid}/{kind}.json"

    def address(number: int) -> str:
        kept = [(k, v) for k, v in given.items() if k not in ("Page", "PageSize", "PageToken")]
        return f"{path}?{urlencode([*kept, ('PageSize', size), ('Page', number)])}"

    return Reply(
        200,
        {
            kind.lower(): shown,
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": page * size + max(0, len(shown) - 1),
            "uri": address(page),
            "first_page_uri": address(0),
            "next_page_uri": address(page + 1) if (page + 1) * size < len(rows) else None,
            "previous_page_uri": address(page - 1) if page else None,
        },
    )


_ROUTES: dict[tuple[str, str], Callable[..., Reply]] = {
    ("POST", r"Calls\.json"): _create_call,
    ("GET", r"Calls\.json"): _list_calls,
    ("POST", r"Calls/(CA\w+)\.json"): _update_call,
    ("GET", r"Calls/(CA\w+)\.json"): _fetch_call,
    ("POST", r"Messages\.json"): _create_message,
    ("GET", r"Messages\.json"): _list_messages,
    ("POST", r"Messages/(SM\w+)\.json"): _update_message,
    ("GET", r"Messages/(SM\w+)\.json"): _fetch_message,
    ("DELETE", r"Messages/(SM\w+)\.json"): _delete_message,
    ("GET", r"Recordings/(RE\w+)\.json"): _fetch_recording,
    ("DELETE", r"Recordings/(RE\w+)\.json"): _delete_recording,
    ("GET", r"Recordings/(RE\w+)(?:\.wav)?"): _fetch_sound,
}
CREATES = (r"Calls\.json", r"Messages\.json")
