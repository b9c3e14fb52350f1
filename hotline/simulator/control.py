"""What hands do with a telephone, as JSON over loopback.

    GET  /control/                                   the lines of the account
    GET  /control/handsets/{number}                  what rings, the call it is in, the texts it got
    POST /control/handsets/{number}/dial             {"to", "shown_as"?}
    POST /control/handsets/{number}/answer           {"as"?: human, machine_end_beep, …}
    POST /control/handsets/{number}/decline|busy|ring-out
    POST /control/handsets/{number}/text             {"to", "body"}
    POST /control/handsets/{number}/set              {"picks_up"?, "reachable"?, "delivery"?, "error_code"?}
    GET  /control/calls/{sid}
    POST /control/calls/{sid}/press                  {"keys"}
    POST /control/calls/{sid}/speak                  {"text", "confidence"?}
    POST /control/calls/{sid}/record                 {"seconds"?, "wav"?}
    POST /control/calls/{sid}/wait|hang-up
    POST /control/settle

Every POST waits until the callbacks that it caused are delivered, so that what follows is certain.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from urllib.parse import unquote

from hotline.simulator import texts
from hotline.simulator.exchange import Exchange, Handset, Message, Misuse
from hotline.simulator.leg import Ending
from hotline.simulator.line import Call
from hotline.simulator.resources import Json
from hotline.simulator.rest import Reply
from hotline.simulator.twiml import Dial, Gather, Record

ANSWERED_BY = frozenset(
    [
        "human",
        "machine_start",
        "machine_end_beep",
        "machine_end_silence",
        "machine_end_other",
        "fax",
        "unknown",
    ]
)
DELIVERY = frozenset(["delivered", "undelivered", "failed", "sent"])


def respond(exchange: Exchange, method: str, path: str, given: Json) -> Reply:
    """Do what a telephone's owner asks.

    Misuse is one plain line under `error`, with 4xx; nothing half-done.
    """
    try:
        for (verb, pattern), act in _ROUTES.items():
            if verb == method and (found := re.fullmatch(pattern, path)):
                reply = act(exchange, given, *map(unquote, found.groups()))
                if method == "POST":
                    exchange.settle()
                    reply = _as_it_is_now(exchange, reply)
                return Reply(200, reply)
        return Reply(404, {"error": f"there is no {method} {path}"})
    except Misuse as misuse:
        return Reply(409, {"error": str(misuse)})
    except ValueError as fault:
        return Reply(400, {"error": str(fault)})


def _as_it_is_now(exchange: Exchange, reply: Json) -> Json:
    """A call may have moved on while its callbacks were delivered."""
    call = exchange.calls.get(str(reply.get("sid")))
    return _call(call) if call else reply


# ---- what is seen


def _call(call: Call) -> Json:
    entries = list(call.transcript)
    return {
        "sid": call.sid,
        "direction": call.direction,
        "from": call.caller,
        "to": call.called,
        "status": call.status,
        "state": call.state,
        "answered_by": call.answered_by,
        "ended": call.ended,
        "how": call.ending.value if call.ending else "",
        "waiting_for": _waiting_for(call),
        "transcript": [
            {
                "who": said.who.value,
                "text": said.text,
                "kind": said.kind,
                "language": said.language,
                "audio": said.audio,
            }
            for said in entries
        ],
    }


def _waiting_for(call: Call) -> Json | None:
    match call.waiting:
        case Gather() as gather:
            return {
                "verb": "gather",
                "input": sorted(gather.input),
                "num_digits": gather.num_digits,
                "finish_on_key": gather.finish_on_key,
                "timeout": gather.timeout,
                "language": gather.language,
                "keys": call.keys,
            }
        case Record() as record:
            return {
                "verb": "record",
                "finish_on_key": record.finish_on_key,
                "timeout": record.timeout,
                "max_length": record.max_length,
            }
        case Dial():
            return {"verb": "dial", "joined": call.bridge is not None and call.bridge.joined is not None}
    return None


def _text(message: Message) -> Json:
    return {"sid": message.sid, "from": message.sender, "to": message.recipient, "body": message.body}


def _handset(exchange: Exchange, handset: Handset) -> Json:
    return {
        "number": handset.number,
        "ringing": [{"sid": call.sid, "from": call.caller} for call in list(handset.ringing)],
        "call": _call(handset.call) if handset.call else None,
        "texts": [_text(message) for message in list(handset.texts)],
        "picks_up": handset.picks_up,
        "reachable": handset.reachable,
        "delivery": handset.delivery,
        "error_code": handset.error_code,
    }


def _see_exchange(exchange: Exchange, given: Json) -> Json:
    return {"lines": list(exchange.lines), "violations": [str(v) for v in list(exchange.violations)]}


def _see_handset(exchange: Exchange, given: Json, number: str) -> Json:
    return _handset(exchange, exchange.handset(number))


def _see_call(exchange: Exchange, given: Json, sid: str) -> Json:
    return _call(_known(exchange, sid))


# ---- what is done with a handset


def _dial(exchange: Exchange, given: Json, number: str) -> Json:
    shown_as = _string(given, "shown_as", "") if "shown_as" in given else None
    return _call(exchange.dial(number, _string(given, "to"), shown_as))


def _answer(exchange: Exchange, given: Json, number: str) -> Json:
    answered_by = _string(given, "as", "human")
    if answered_by not in ANSWERED_BY:
        raise ValueError(f"as is one of {', '.join(sorted(ANSWERED_BY))}")
    return _call(exchange.answer(number, answered_by))


def _refusing(how: Ending) -> Callable[[Exchange, Json, str], Json]:
    return lambda exchange, given, number: _call(exchange.refuse(number, how))


def _send_text(exchange: Exchange, given: Json, number: str) -> Json:
    to, body = _string(given, "to"), _string(given, "body")
    if len(body) > 1600:
        raise ValueError("body is over 1600 characters")
    return _text(texts.receive(exchange, number, to, body))


def _set(exchange: Exchange, given: Json, number: str) -> Json:
    handset = exchange.handset(number)
    picks_up, reachable = given.get("picks_up", handset.picks_up), given.get("reachable", handset.reachable)
    delivery = _string(given, "delivery", handset.delivery)
    code = given.get("error_code", handset.error_code)
    if not isinstance(picks_up, bool) or not isinstance(reachable, bool):
        raise ValueError("picks_up and reachable are true or false")
    if delivery not in DELIVERY or not isinstance(code, int):
        raise ValueError(f"delivery is one of {', '.join(sorted(DELIVERY))}, error_code a number")
    handset.picks_up, handset.reachable, handset.delivery, handset.error_code = (
        picks_up,
        reachable,
        delivery,
        code,
    )
    return _handset(exchange, handset)


# ---- what is done within a call


def _live(exchange: Exchange, sid: str) -> Call:
    call = _known(exchange, sid)
    if call.ended:
        raise Misuse(f"the call is over: {call.ending}")
    if call.status != "in-progress":
        raise Misuse("the call is not answered yet")
    return call


def _press(exchange: Exchange, given: Json, sid: str) -> Json:
    keys = _string(given, "keys")
    if not re.fullmatch(r"[0-9*#]{1,100}", keys):
        raise ValueError("keys are 0 to 9, * and #, at most 100")
    call = _live(exchange, sid)
    call.press(keys)
    return _call(call)


def _speak(exchange: Exchange, given: Json, sid: str) -> Json:
    text, confidence = _string(given, "text"), given.get("confidence", 0.9)
    if not text.strip() or len(text) > 2000:
        raise ValueError("text is 1 to 2000 characters")
    if isinstance(confidence, bool) or not isinstance(confidence, int | float | None):
        raise ValueError("confidence is a number from 0 to 1, or null")
    if confidence is not None and not 0 <= confidence <= 1:
        raise ValueError("confidence is a number from 0 to 1, or null")
    call = _live(exchange, sid)
    call.speak(text, confidence)
    return _call(call)


def _wait(exchange: Exchange, given: Json, sid: str) -> Json:
    call = _live(exchange, sid)
    call.silence()
    return _call(call)


def _record(exchange: Exchange, given: Json, sid: str) -> Json:
    seconds, wav = given.get("seconds", 3), _string(given, "wav", "")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= 3600:
        raise ValueError("seconds is a number above 0, at most 3600")
    try:
        sound = base64.b64decode(wav, validate=True)
    except binascii.Error as fault:
        raise ValueError("wav is a WAV file in base64") from fault
    call = _live(exchange, sid)
    call.record(seconds, sound)
    return _call(call)


def _hang_up(exchange: Exchange, given: Json, sid: str) -> Json:
    call = _known(exchange, sid)
    if not call.ended:
        call.hang_up()
    return _call(call)


def _settle(exchange: Exchange, given: Json) -> Json:
    return {"settled": exchange.settle()}


# ---- shared


def _known(exchange: Exchange, sid: str) -> Call:
    if sid not in exchange.calls:
        raise Misuse(f"there is no call {sid}")
    return exchange.calls[sid]


def _string(given: Json, name: str, default: str | None = None) -> str:
    value = given.get(name, default)
    if not isinstance(value, str):
        raise ValueError(f"{name} is missing or not text")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError(f"{name} holds half a character")
    return value


_HANDSET, _CALL = r"/control/handsets/([^/]{1,60})", r"/control/calls/(CA[0-9a-f]{32})"
_ROUTES: dict[tuple[str, str], Callable[..., Json]] = {
    ("GET", "/control/"): _see_exchange,
    ("POST", "/control/settle"): _settle,
    ("GET", _HANDSET): _see_handset,
    ("POST", f"{_HANDSET}/dial"): _dial,
    ("POST", f"{_HANDSET}/answer"): _answer,
    ("POST", f"{_HANDSET}/decline"): _refusing(Ending.BUSY),
    ("POST", f"{_HANDSET}/busy"): _refusing(Ending.BUSY),
    ("POST", f"{_HANDSET}/ring-out"): _refusing(Ending.NO_ANSWER),
    ("POST", f"{_HANDSET}/text"): _send_text,
    ("POST", f"{_HANDSET}/set"): _set,
    ("GET", _CALL): _see_call,
    ("POST", f"{_CALL}/press"): _press,
    ("POST", f"{_CALL}/speak"): _speak,
    ("POST", f"{_CALL}/wait"): _wait,
    ("POST", f"{_CALL}/record"): _record,
    ("POST", f"{_CALL}/hang-up"): _hang_up,
}
