"""What the platform tells in a webhook, in our words. Fields that are not known are passed over."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from hotline.carrier.signature import Form
from hotline.ivr.session import Event, Heard, Keys, Recorded, Silence
from hotline.rules.delivery import Answerer, AttemptState, answerer, call_state, message_state
from hotline.rules.phones import caller

MOST_SPEECH = 500
"""Characters of recognised speech that are looked at."""


@dataclass(frozen=True, slots=True)
class CallHook:
    """A voice webhook. `caller` is E.164, None where withheld; `event` what the caller did."""

    sid: str
    caller: str | None
    event: Event
    answered_by: Answerer
    dialled: bool | None
    """After a call to a person: whether they talked; None where there was none."""
    status: AttemptState | None
    raw_status: str
    error_code: int | None
    over: bool


@dataclass(frozen=True, slots=True)
class TextHook:
    """A text that came in, or the status of one that went out."""

    sid: str
    sender: str | None
    body: str
    opt_out_type: str | None
    status: AttemptState | None
    raw_status: str
    error_code: int | None


def read_call(form: Form) -> CallHook:
    """Read a voice webhook. Never raises: what is odd counts as absent."""
    raw = form.get("CallStatus")
    status = call_state(raw)
    return CallHook(
        sid=_sid(form.get("CallSid")),
        caller=caller(form.get("From")),
        event=_event(form),
        answered_by=answerer(form.get("AnsweredBy") or None),
        dialled=_dialled(form),
        status=status,
        raw_status=raw,
        error_code=_number(form.get("ErrorCode")),
        over=raw in ("completed", "busy", "failed", "no-answer", "canceled"),
    )


def read_text(form: Form) -> TextHook:
    """Read a text webhook. Never raises."""
    raw = form.get("MessageStatus") or form.get("SmsStatus")
    return TextHook(
        sid=_sid(form.get("MessageSid") or form.get("SmsSid")),
        sender=caller(form.get("From")),
        body=form.get("Body"),
        opt_out_type=form.get("OptOutType") or None,
        status=message_state(raw),
        raw_status=raw,
        error_code=_number(form.get("ErrorCode")),
    )


def _sid(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text) else ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _event(form: Form) -> Event:
    digits = form.get("Digits")
    if form.get("RecordingUrl"):
        return Recorded(form.get("RecordingUrl"), _number(form.get("RecordingDuration")) or 0)
    if digits:
        return Keys(digits) if re.fullmatch(r"[0-9*#]{1,64}", digits) else Heard(digits[:MOST_SPEECH], 0.0)
    speech = form.get("SpeechResult").strip()
    return Heard(speech[:MOST_SPEECH], _confidence(form.get("Confidence"))) if speech else Silence()


def _confidence(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and 0 <= value <= 1 else None


def _dialled(form: Form) -> bool | None:
    if "DialCallStatus" not in form:
        return None
    # A leg can be `completed` without a word between the two: then nobody was reached.
    return form.get("DialCallStatus") in ("completed", "answered") and form.get("DialBridged", "true") != "false"
