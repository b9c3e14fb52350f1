"""The platform: one account, its lines, the calls and texts that pass through it, and everybody's handset."""

from __future__ import annotations

import io
import math
import struct
import threading
import uuid
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hotline.errors import HotlineError
from hotline.simulator.leg import Ending, Program
from hotline.simulator.line import Call
from hotline.simulator.signature import Pairs
from hotline.simulator.twiml import Dial, Number, Record, TwimlViolation, document
from hotline.simulator.wire import Courier, Violation, Wire


class Misuse(HotlineError):
    """A handset was asked for something that it can't do now."""


@dataclass(frozen=True, slots=True)
class Line:
    """A number of the account and the addresses that it was set up with."""

    number: str
    voice_url: str
    fallback_url: str = ""
    status_url: str = ""
    sms_url: str = ""


@dataclass(slots=True)
class Message:
    """One text, in or out. `status` as the platform names it."""

    sid: str
    sender: str
    recipient: str
    body: str
    direction: str
    status: str
    created: datetime
    sent: datetime | None = None
    status_url: str = ""
    error_code: int = 0


@dataclass(slots=True)
class Recording:
    """What was said into a Record; `wav` is 8 kHz, mono, 16 bit."""

    sid: str
    call_sid: str
    seconds: int
    wav: bytes
    url: str
    created: datetime
    status: str = "completed"


@dataclass(slots=True)
class Handset:
    """A telephone. `picks_up` answers by itself; `delivery` is what becomes of texts: delivered, or
    undelivered or failed with an `error_code`; `reachable` False makes every call fail."""

    number: str
    ringing: list[Call] = field(default_factory=list)
    call: Call | None = None
    texts: list[Message] = field(default_factory=list)
    picks_up: bool = False
    reachable: bool = True
    delivery: str = "delivered"
    error_code: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)


@dataclass(frozen=True, slots=True)
class Request:
    """A REST request as it came in."""

    method: str
    path: str
    query: Pairs
    form: Pairs
    status: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What becomes of the next create.

    `kind`: "refuse" answers `status` and `code` and makes nothing; "stall" makes it and stays silent for
    `seconds`; "cut" makes it and hangs up the connection; "cut_before" hangs up and makes nothing.
    """

    kind: str
    status: int = 500
    code: int = 20500
    seconds: float = 15.0


@dataclass(slots=True)
class Exchange:
    """Everything that the platform knows.

    `clock` gives aware UTC for its timestamps. `api_keys` (identifier to secret) open REST as the account's
    token does. `rings_out` True is for people at a telephone: a call that nobody takes stops ringing after its
    time-out in real seconds; a test says so itself. `keep_silent_recordings` False drops them, as the platform
    once did.
    """

    account_sid: str
    auth_token: str
    wire: Wire
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    api_url: str = ""
    keep_silent_recordings: bool = True
    rings_out: bool = False
    api_keys: dict[str, str] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    handsets: dict[str, Handset] = field(default_factory=dict)
    blocked: set[tuple[str, str]] = field(default_factory=set)
    requests: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    courier: Courier = field(init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.courier = Courier(lambda what: self.wire.violation(f"the simulator tripped: {what}"))

    @property
    def violations(self) -> list[Violation]:
        """Everything that the platform would complain of, in order."""
        return self.wire.violations

    def sid(self, prefix: str) -> str:
        """A new opaque identifier: two letters and 32 hex digits."""
        return prefix + uuid.uuid4().hex

    def handset(self, number: str) -> Handset:
        """The telephone with this number; there is one for every number."""
        with self._lock:
            return self.handsets.setdefault(number, Handset(number))

    def settle(self, seconds: float = 30.0) -> bool:
        """Wait until every callback is delivered; False when `seconds` were not enough."""
        return self.courier.settle(seconds)

    def next_fault(self) -> Fault | None:
        """The fault that the next create meets, if one was asked for."""
        with self._lock:
            return self.faults.pop(0) if self.faults else None

    def callback(self, url: str, method: str, form: Pairs, *, voice: bool = True) -> None:
        """Send a webhook from the background.

        It wants nothing back, or an empty document; else it is a violation. Source: Twilio's error 11750.
        """

        def errand() -> None:
            answer = self.wire.send(url, method, form, voice=voice)
            if not answer.good:
                reason = answer.failure or f"HTTP {answer.status}"
                self.wire.violation(f"a callback was lost: {reason}", answer.code, url)
            elif answer.body:
                try:
                    document(answer.body)
                except TwimlViolation as violation:
                    self.wire.violation(f"a callback was answered with {violation}", violation.code, url)

        self.courier.ask(errand)

    # ---- calls

    def dial(self, number: str, to: str, shown_as: str | None = None) -> Call:
        """Somebody calls one of the account's lines.

        `shown_as` is the caller ID, e.g. `anonymous`; "" is none.
        """
        handset, line = self.handset(number), self.lines.get(to)
        if line is None:
            raise Misuse(f"nobody answers at {to}: dial one of {', '.join(self.lines)}")
        with handset.lock:
            self._must_be_free(handset)
            program = Program(url=line.voice_url, fallback_url=line.fallback_url, status_url=line.status_url)
            call = self._new_call("inbound", number if shown_as is None else shown_as, to, program)
            call.status, handset.call = "ringing", call
            call.begin()
            return call

    def place(self, caller: str, called: str, program: Program) -> Call:
        """The product calls somebody, over REST."""
        call = self._new_call("outbound-api", caller, called, program)
        self.courier.ask(lambda: self._start(call))
        return call

    def dial_leg(self, parent: Call, number: Number, verb: Dial) -> Call:
        """One of the numbers that a Dial rings."""
        program = Program(url=number.url, method=number.method, ring_seconds=verb.timeout)
        caller = verb.caller_id or parent.caller
        leg = self._new_call("outbound-dial", caller, number.number, program, parent)
        leg.parent_sid = parent.sid
        return leg

    def ring(self, call: Call) -> None:
        """Let a handset ring."""
        if call.ended:
            return
        handset = self.handset(call.called)
        call.status = "ringing"
        if not handset.reachable:
            call.end(Ending.FAILED)
            return
        call.progress("ringing")
        if handset.picks_up:
            handset.call = call
            call.answer()
        else:
            handset.ringing.append(call)
            if self.rings_out:
                self._ring_out_later(call)

    def answer(self, number: str, answered_by: str = "human") -> Call:
        """Pick up the first call that rings here, as a human or as the kind of machine named."""
        handset = self.handset(number)
        with handset.lock:
            self._must_be_free(handset)
            call = self._first_ringing(handset)
            handset.call = call
            call.answer(answered_by)
            return call

    def refuse(self, number: str, how: Ending) -> Call:
        """Decline the first call that rings here, or let it ring out."""
        handset = self.handset(number)
        with handset.lock:
            call = self._first_ringing(handset)
            call.end(how)
            return call

    def ended(self, call: Call) -> None:
        """A call is over: no handset holds it any more."""
        for handset in (self.handset(call.caller), self.handset(call.called)):
            if call in handset.ringing:
                handset.ringing.remove(call)

    def _start(self, call: Call) -> None:
        with call.lock:
            if not call.ended:
                call.status = "initiated"
                call.progress("initiated")
                self.ring(call)

    def _ring_out_later(self, call: Call) -> None:
        def ring_out() -> None:
            with call.lock:
                if call.status == "ringing":
                    call.end(Ending.NO_ANSWER)

        timer = threading.Timer(call.program.ring_seconds, ring_out)
        timer.daemon = True
        timer.start()

    def _must_be_free(self, handset: Handset) -> None:
        if handset.call is not None and not handset.call.ended:
            raise Misuse("this handset is in a call: hang up first")

    def _first_ringing(self, handset: Handset) -> Call:
        if not handset.ringing:
            self.settle()
        if not handset.ringing:
            raise Misuse("this handset does not ring")
        return handset.ringing[0]

    def _new_call(self, direction: str, caller: str, called: str, program: Program, parent: Call | None = None) -> Call:
        lock = parent.lock if parent else threading.RLock()
        call = Call(self, self.sid("CA"), direction, caller, called, program, self.clock(), lock=lock)
        with self._lock:
            self.calls[call.sid] = call
        return call

    # ---- recordings

    def keep_recording(self, call: Call, seconds: int, wav: bytes, verb: Record) -> Recording:
        """Keep what was said into a Record."""
        sid = self.sid("RE")
        url = f"{self.api_url}/2010-04-01/Accounts/{self.account_sid}/Recordings/{sid}"
        recording = Recording(sid, call.sid, seconds, wav or tone(seconds), url, self.clock())
        if seconds == 0 and not wav:
            recording.status = "absent"
        with self._lock:
            self.recordings[sid] = recording
        return recording

    def tell_of_recording(self, recording: Recording, verb: Record) -> None:
        """The recordingStatusCallback: no From, To or Digits in it. Source: Twilio's record page."""
        if not verb.status_callback or recording.status not in verb.status_events | {"absent"}:
            return
        self.callback(
            verb.status_callback,
            "POST",
            [
                ("AccountSid", self.account_sid),
                ("CallSid", recording.call_sid),
                ("RecordingChannels", "1"),
                ("RecordingDuration", str(recording.seconds)),
                ("RecordingSid", recording.sid),
                ("RecordingSource", "RecordVerb"),
                ("RecordingStatus", recording.status),
                ("RecordingUrl", recording.url),
            ],
        )


def tone(seconds: float) -> bytes:
    """A WAV file as the telephone gives it, 8 kHz mono 16 bit: a hum of 220 Hz in place of a voice."""
    rate = 8000
    cycle = b"".join(struct.pack("<h", round(6000 * math.sin(2 * math.pi * 220 * n / rate))) for n in range(rate))
    frames = (cycle * (int(seconds) + 1))[: 2 * round(seconds * rate)]
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(frames)
    return file.getvalue()
