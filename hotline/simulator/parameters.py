"""What each REST request of the platform may hold, and the platform's error for what it may not.

Stricter than the platform on purpose: an unknown parameter is refused, since there it would be silently
dropped. Source: the platform's OpenAPI description and its call and message resource pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from hotline.simulator.addresses import fault_of
from hotline.simulator.signature import Pairs
from hotline.simulator.twiml import INLINE_CHARACTERS, TwimlViolation, read


class Refused(Exception):
    """A request that gets the platform's error `code` with HTTP `status`."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


Rule = tuple[Callable[[str], bool], int]


def _like(pattern: str) -> Callable[[str], bool]:
    return lambda value: re.fullmatch(pattern, value) is not None


def _whole(low: int, high: int) -> Callable[[str], bool]:
    return lambda value: bool(re.fullmatch(r"[0-9]{1,6}", value)) and low <= int(value) <= high


def _address(value: str) -> bool:
    return not fault_of(value)


def _moment(value: str) -> bool:
    try:
        moment(value)
    except ValueError:
        return False
    return True


def moment(value: str) -> datetime:
    """A day (UTC) or a moment of a list filter; raises ValueError."""
    read_ = datetime.fromisoformat(value.replace("Z", "+00:00"))
    return read_ if read_.tzinfo else read_.replace(tzinfo=UTC)


def _inline(value: str) -> bool:
    try:
        read(value.encode())
    except TwimlViolation:
        return False
    return True


E164 = _like(r"\+[1-9][0-9]{6,14}")
EVENTS = ("initiated", "ringing", "answered", "completed")
_method: Rule = (_like("GET|POST"), 21403)
_truth: Rule = (_like("true|false|True|False"), 20001)
_callback: Rule = (_address, 21609)
_page: dict[str, Rule] = {
    "PageSize": (_whole(1, 1000), 20001),
    "Page": (_whole(0, 999_999), 20001),
    "PageToken": (_like(".*"), 20001),
}
_times = {f"{name}{sign}": (_moment, 20001) for name in ("StartTime", "EndTime") for sign in ("", "<", ">")}

CREATE_CALL: dict[str, Rule] = {
    "To": (E164, 21211),
    "From": (E164, 21212),
    "Url": (_address, 21205),
    "Twiml": (_inline, 12100),
    "Method": _method,
    "FallbackUrl": (_address, 21207),
    "FallbackMethod": _method,
    "StatusCallback": _callback,
    "StatusCallbackEvent": (_like("|".join(EVENTS)), 21626),
    "StatusCallbackMethod": _method,
    "SendDigits": (_like(r"[0-9A-D#*wW]{1,32}"), 21214),
    "Timeout": (_whole(1, 600), 20001),
    "TimeLimit": (_whole(1, 86_400), 20001),
    "MachineDetection": (_like("Enable|DetectMessageEnd"), 20001),
    "MachineDetectionTimeout": (_whole(3, 59), 20001),
    "MachineDetectionSpeechThreshold": (_whole(1000, 6000), 20001),
    "MachineDetectionSpeechEndThreshold": (_whole(500, 5000), 20001),
    "MachineDetectionSilenceTimeout": (_whole(2000, 10_000), 20001),
    "AsyncAmd": (_like("true|false"), 20001),
    "AsyncAmdStatusCallback": _callback,
    "AsyncAmdStatusCallbackMethod": (_like("POST"), 21403),
    "CallReason": (_like(".{1,50}"), 20001),
}
UPDATE_CALL: dict[str, Rule] = {
    "Status": (_like("completed|canceled"), 21220),
    **{
        name: CREATE_CALL[name]
        for name in ("Url", "Method", "Twiml", "FallbackUrl", "FallbackMethod", "StatusCallback")
    },
    "StatusCallbackMethod": _method,
    "TimeLimit": CREATE_CALL["TimeLimit"],
}
LIST_CALLS: dict[str, Rule] = {
    "To": (E164, 21211),
    "From": (E164, 21212),
    "ParentCallSid": (_like("CA[0-9a-f]{32}"), 20001),
    "Status": (_like("queued|ringing|in-progress|canceled|completed|failed|busy|no-answer"), 20001),
    **_times,
    **_page,
}
CREATE_MESSAGE: dict[str, Rule] = {
    "To": (E164, 21211),
    "From": (E164, 21212),
    "Body": (_like(r"(?s).{1,1600}"), 21617),
    "StatusCallback": _callback,
    "ValidityPeriod": (_whole(1, 36_000), 20001),
    "SmartEncoded": _truth,
    "ProvideFeedback": _truth,
}
UPDATE_MESSAGE: dict[str, Rule] = {"Body": (_like(""), 20001), "Status": (_like("canceled"), 20001)}
LIST_MESSAGES: dict[str, Rule] = {
    "To": (E164, 21211),
    "From": (E164, 21212),
    **{f"DateSent{sign}": (_moment, 20001) for sign in ("", "<", ">")},
    **_page,
}
FETCH_RECORDING: dict[str, Rule] = {"IncludeSoftDeleted": _truth}
REPEATED = frozenset({"StatusCallbackEvent"})
NONE: dict[str, Rule] = {}


def check(pairs: Pairs, rules: dict[str, Rule]) -> dict[str, str]:
    """The parameters by name (repeated ones joined by blanks); raises Refused with HTTP 400."""
    given: dict[str, str] = {}
    for name, value in pairs:
        if name not in rules:
            raise Refused(400, 20001, f"Unknown parameter {name}")
        if name in given and name not in REPEATED:
            raise Refused(400, 20001, f"Parameter {name} is given twice")
        if name == "Twiml" and len(value) > INLINE_CHARACTERS:
            raise Refused(400, 32018, f"Twiml is over {INLINE_CHARACTERS} characters")
        good, code = rules[name]
        if not good(value):
            raise Refused(400, code, f"Parameter {name} is not valid")
        given[name] = f"{given[name]} {value}" if name in given else value
    return given
