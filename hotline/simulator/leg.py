"""What is known of one leg of a call, and what the platform tells of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from hotline.simulator.signature import Pairs

if TYPE_CHECKING:
    from hotline.simulator.exchange import Exchange


class Ending(StrEnum):
    """How a call came to its end."""

    CALLER = "the caller hung up"
    LINE = "the line hung up"
    DOCUMENT = "the document ended"
    REJECTED = "rejected"
    ERROR = "application error"
    BUSY = "busy"
    NO_ANSWER = "no answer"
    FAILED = "failed"
    CANCELED = "canceled"
    REST = "ended over REST"
    TIME_LIMIT = "time limit"


class Who(StrEnum):
    """Whose words stand in a transcript."""

    LINE = "line"
    CALLER = "caller"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Said:
    """One entry of a transcript.

    `kind`: say, play, pause, keys, speech, silence, recording, or what happened.
    """

    who: Who
    text: str
    kind: str
    language: str = ""
    audio: str = ""


@dataclass(slots=True)
class Program:
    """Where a call gets its documents and tells of itself."""

    url: str = ""
    method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"
    status_url: str = ""
    status_method: str = "POST"
    status_events: frozenset[str] = frozenset({"completed"})
    twiml: str = ""
    machine_detection: str = ""
    async_detection_url: str = ""
    async_detection: bool = False
    ring_seconds: int = 60
    time_limit: int = 14_400


STATUS_AT_END = {
    Ending.BUSY: "busy",
    Ending.REJECTED: "busy",
    Ending.NO_ANSWER: "no-answer",
    Ending.FAILED: "failed",
    Ending.CANCELED: "canceled",
}


@dataclass(slots=True, eq=False)
class Leg:
    """Everything that changes a leg holds `lock`, which a dialled one shares with the call that dialled it.

    `elapsed` is virtual time in seconds.
    """

    exchange: Exchange
    sid: str
    direction: str
    caller: str
    called: str
    program: Program
    created: datetime
    status: str = "queued"
    parent_sid: str = ""
    answered_by: str = ""
    state: str = ""
    transcript: list[Said] = field(default_factory=list)
    ending: Ending | None = None
    started: datetime | None = None
    finished: datetime | None = None
    elapsed: float = 0.0
    lock: threading.RLock = field(default_factory=threading.RLock)
    _sequence: int = 0

    @property
    def ended(self) -> bool:
        """Whether the call is over."""
        return self.ending is not None

    def parameters(self) -> Pairs:
        """What every voice webhook carries. Source: Twilio's TwiML page, "request parameters"."""
        pairs = [
            ("AccountSid", self.exchange.account_sid),
            ("ApiVersion", "2010-04-01"),
            ("CallSid", self.sid),
            ("CallStatus", self.status),
            ("Called", self.called),
            ("Caller", self.caller),
            ("Direction", self.direction),
            ("From", self.caller),
            ("To", self.called),
        ]
        if self.parent_sid:
            pairs.append(("ParentCallSid", self.parent_sid))
        for side in ("Called", "Caller", "From", "To"):
            pairs += [(f"{side}City", ""), (f"{side}State", ""), (f"{side}Zip", ""), (f"{side}Country", "US")]
        return pairs

    def progress(self, event: str) -> None:
        """A status callback, if this event was asked for; it goes out in the background."""
        program = self.program
        if not program.status_url or event not in program.status_events:
            return
        form = [
            *self.parameters(),
            ("CallbackSource", "call-progress-events"),
            ("SequenceNumber", str(self._sequence)),
            ("Timestamp", self.exchange.clock().strftime("%a, %d %b %Y %H:%M:%S +0000")),
        ]
        self._sequence += 1
        if event == "completed":
            seconds = self.seconds
            form += [("CallDuration", str(seconds)), ("Duration", str(-(-seconds // 60)))]
            sip = {Ending.NO_ANSWER: "487", Ending.FAILED: "404", Ending.BUSY: "486"}
            form.append(("SipResponseCode", sip.get(self.ending or Ending.LINE, "200")))
        self.exchange.callback(program.status_url, program.status_method, form)

    @property
    def seconds(self) -> int:
        """How long the two sides were joined, in virtual whole seconds; 0 when nobody answered."""
        return max(1, round(self.elapsed)) if self.status == "completed" and self.started else 0
