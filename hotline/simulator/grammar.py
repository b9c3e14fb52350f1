"""The attributes of TwiML's verbs: what each may hold.

These are the verbs and attributes that a line like this one needs; whatever else the platform knows is
refused. Source: Twilio's TwiML page of each verb.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from hotline.simulator.addresses import fault_of


# What an attribute may hold: each entry takes the text and returns the fault, or nothing.
def _one_of(*values: str) -> Callable[[str], str]:
    return lambda text: "" if text in values else f"is not one of {', '.join(values)}"


def _whole(low: int, high: int, *words: str) -> Callable[[str], str]:
    def fault(text: str) -> str:
        good = text in words or (re.fullmatch(r"[0-9]{1,6}", text) and low <= int(text) <= high)
        return "" if good else f"is not a whole number from {low} to {high}"

    return fault


def _like(pattern: str, what: str) -> Callable[[str], str]:
    return lambda text: "" if re.fullmatch(pattern, text) else f"is not {what}"


def _words(*values: str) -> Callable[[str], str]:
    return lambda text: "" if text.split() and set(text.split()) <= set(values) else f"is not of {values}"


def _hints(text: str) -> str:
    entries = [entry.strip() for entry in text.split(",")]
    if len(entries) > 500:
        return "holds more than 500 hints"
    return "holds a hint of more than 100 characters" if max(map(len, entries)) > 100 else ""


_url, _method, _yes_no = fault_of, _one_of("GET", "POST"), _one_of("true", "false")
_language = _like(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?", "a BCP-47 language")
phone = _like(r"\+[1-9][0-9]{6,14}", "an E.164 number")
_voice = _like(r"man|woman|alice|(Polly|Google)\.[A-Za-z0-9-]+", "a voice of the platform")
_recording_events = _words("in-progress", "completed", "absent")

ATTRIBUTES: dict[str, dict[str, Callable[[str], str]]] = {
    "Say": {"voice": _voice, "language": _language, "loop": _whole(0, 1000)},
    "Play": {"loop": _whole(0, 1000), "digits": _like(r"[0-9wW*#]{1,100}", "a row of keys")},
    "Pause": {"length": _whole(1, 3600)},
    "Gather": {
        "input": _one_of("dtmf", "speech", "dtmf speech", "speech dtmf"),
        "action": _url,
        "method": _method,
        "actionOnEmptyResult": _yes_no,
        "numDigits": _whole(1, 1000),
        "finishOnKey": _like(r"[0-9*#]?", "one key or nothing"),
        "timeout": _whole(1, 600, "auto"),
        "speechTimeout": _whole(1, 60, "auto"),
        "speechModel": _like(
            r"default|numbers_and_commands|phone_call|experimental_(conversations|utterances)"
            r"|googlev2_(long|short|telephony|telephony_short)|deepgram_nova-[23][a-z-]*",
            "a speech model",
        ),
        "enhanced": _yes_no,
        "hints": _hints,
        "language": _language,
        "profanityFilter": _yes_no,
        "partialResultCallback": _url,
        "partialResultCallbackMethod": _method,
    },
    "Record": {
        "action": _url,
        "method": _method,
        "timeout": _whole(0, 600),
        "finishOnKey": _like(r"[0-9*#]*", "a set of keys"),
        "maxLength": _whole(2, 14_400),
        "playBeep": _yes_no,
        "trim": _one_of("trim-silence", "do-not-trim"),
        "recordingStatusCallback": _url,
        "recordingStatusCallbackMethod": _one_of("POST"),
        "recordingStatusCallbackEvent": _recording_events,
    },
    "Dial": {
        "action": _url,
        "method": _method,
        "timeout": _whole(1, 600),
        "timeLimit": _whole(1, 14_400),
        "answerOnBridge": _yes_no,
        "hangupOnStar": _yes_no,
        "callerId": phone,
        "callReason": _like(r".{1,50}", "a reason of at most 50 characters"),
        "sequential": _yes_no,
    },
    "Number": {"url": _url, "method": _method},
    "Redirect": {"method": _method},
    "Hangup": {},
    "Reject": {"reason": _one_of("busy", "rejected")},
}
