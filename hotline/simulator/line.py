"""One call: it obeys TwiML as the platform does, in virtual time.

Nothing here waits for a clock. A prompt takes as long as its words, silence is a thing that happens when
somebody says so, and a key is pressed now: while a Gather's prompts are spoken it stops them and counts. A
key pressed while something outside a Gather is spoken, played or dialled is lost, as on the platform. Of keys
pressed in one go, those that a Gather does not take go to the next one, unless something is spoken in between.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from hotline.simulator.bridge import Bridge
from hotline.simulator.leg import STATUS_AT_END, Ending, Leg, Said, Who
from hotline.simulator.signature import Pairs
from hotline.simulator.twiml import (
    Dial,
    Gather,
    Hangup,
    Pause,
    Play,
    Record,
    Redirect,
    Reject,
    Say,
    TwimlViolation,
    Verb,
    read,
)

DOCUMENTS_WITHOUT_INPUT = 25
SOUND_TYPES = frozenset(
    f"audio/{kind}" for kind in ("mpeg", "wav", "wave", "x-wav", "aiff", "x-aifc", "x-aiff", "x-gsm", "gsm", "ulaw")
)
APOLOGY = "Sorry: the application failed, so this call ends now."


@dataclass(slots=True, eq=False)
class Call(Leg):
    """A leg that obeys documents.

    `waiting` is what it wants from its far side, `bridge` whom it dials, `dialled_by` who dialled it.
    """

    waiting: Gather | Record | Dial | None = None
    keys: str = ""
    recorded: float = 0.0
    recorded_wav: bytes = b""
    bridge: Bridge | None = None
    dialled_by: Bridge | None = None
    _verbs: deque[Verb] = field(default_factory=deque)
    _documents: int = 0
    _spoke: bool = False

    # ---- what the far side may do

    def begin(self) -> None:
        """The call reaches the product: the first document is asked for."""
        with self.lock:
            extra: Pairs = []
            if self.direction == "inbound":
                extra.append(("CallToken", '{"parentCallInfoToken":"simulated"}'))
            if self.answered_by and not self.program.async_detection:
                extra += [("AnsweredBy", self.answered_by), ("MachineDetectionDuration", "3200")]
            if self.program.twiml:
                self._take(self.program.twiml.encode(), "inline TwiML", fallback=True)
            else:
                self._load(self.program.url, self.program.method, extra)
            self._advance()

    def press(self, keys: str) -> None:
        """Keys, one after another: 0-9, * and #. Those that no Gather or Record takes are lost."""
        with self.lock:
            self._heard(keys, "keys")
            self._spoke = False
            for key in keys:
                self.elapsed += 0.4
                if isinstance(self.waiting, Gather) and not self._spoke:
                    self._gather_key(self.waiting, key)
                elif isinstance(self.waiting, Record):
                    self._record_key(self.waiting, key)

    def speak(self, text: str, confidence: float | None = 0.9) -> None:
        """Words said aloud; `confidence` None leaves it out, as the platform sometimes does."""
        with self.lock:
            self._heard(text, "speech")
            self.elapsed += _seconds_of(text)
            if isinstance(self.waiting, Record):
                self.recorded += _seconds_of(text)
            elif isinstance(self.waiting, Gather) and "speech" in self.waiting.input and not self.keys:
                extra = [("SpeechResult", text), ("Language", self.waiting.language)]
                if confidence is not None:
                    extra.append(("Confidence", f"{confidence:.8g}"))
                self._submit(self.waiting, extra)

    def silence(self) -> None:
        """The time-out of whatever waits passes without a word."""
        with self.lock:
            self._heard("", "silence")
            match self.waiting:
                case Gather():
                    self.elapsed += self.waiting.timeout
                    self._gather_timeout(self.waiting)
                case Record():
                    self.elapsed += self.waiting.timeout
                    self._record_end(self.waiting, "")
                case Dial() if self.bridge is not None:
                    self.bridge.ring_out()

    def record(self, seconds: float, wav: bytes = b"") -> None:
        """Sound into a Record: `seconds` of it, or a WAV file of one's own."""
        with self.lock:
            self._heard("", "recording")
            self.elapsed += seconds
            if isinstance(self.waiting, Record):
                self.recorded += seconds
                self.recorded_wav = wav
                if self.recorded >= self.waiting.max_length:
                    self.recorded = self.waiting.max_length
                    self._record_end(self.waiting, "")

    def hang_up(self) -> None:
        """The far side hangs up.

        A Gather is then not submitted; a Record and a Dial still tell their action.
        """
        with self.lock:
            self._heard("", "hang up")
            self.end(Ending.CALLER)

    def redirect(self, url: str, method: str, twiml: str) -> None:
        """The product turns a live call to another document, over REST."""
        with self.lock:
            if self.ended:
                return
            self._leave()
            self._verbs.clear()
            self._documents = 0
            if url:
                self._load(url, method, [])
            else:
                self._take(twiml.encode(), "inline TwiML", fallback=False)
            self._advance()

    def end(self, how: Ending) -> None:
        """Bring the call to its end and tell whoever asked to know."""
        with self.lock:
            if self.ended:
                return
            waited, bridge = self.waiting, self.bridge
            self.ending, self.waiting, self.bridge = how, None, None
            self.status = STATUS_AT_END.get(how, "completed")
            self.finished = self.exchange.clock()
            if how is Ending.CALLER and isinstance(waited, Record):
                self._record_end(waited, "hangup")
            if bridge is not None:
                bridge.drop()
                if bridge.verb.action and how is Ending.CALLER:
                    form = [*self.parameters(), *bridge.result(bridge.legs[0])]
                    self.exchange.wire.send(bridge.verb.action, bridge.verb.method, form)
            self.exchange.ended(self)
            self.progress("completed")
            if self.dialled_by is not None:
                self.dialled_by.left(self)

    # ---- the walker

    def _load(self, url: str, method: str, extra: Pairs, fallback: bool = True) -> None:
        self._documents += 1
        if self._documents > DOCUMENTS_WITHOUT_INPUT:
            self._break_off(f"{DOCUMENTS_WITHOUT_INPUT} documents in a row that ask nothing", 11215, url)
            return
        answer = self.exchange.wire.send(url, method, [*self.parameters(), *extra])
        if self.ended:
            return
        if not answer.good:
            reason = answer.failure or f"HTTP {answer.status}"
            self._failed(f"no document: {reason}", answer.code, url, fallback)
        elif answer.content_type not in ("text/xml", "application/xml"):
            self._failed(f"a document of type {answer.content_type or 'nothing'}", 12300, url, fallback)
        else:
            self.state = answer.state or self.state
            self._take(answer.body, url, fallback)

    def _take(self, body: bytes, where: str, fallback: bool) -> None:
        try:
            verbs = read(body)
        except TwimlViolation as violation:
            self._failed(str(violation), violation.code, where, fallback)
            return
        self._verbs = deque(verbs)
        if not (verbs and isinstance(verbs[0], Reject)) and self.status != "in-progress":
            self.status = "in-progress"
            self.started = self.started or self.exchange.clock()

    def _failed(self, what: str, code: int, where: str, fallback: bool) -> None:
        """A document that can't be used: the fallback address once, then the platform's apology."""
        self.exchange.wire.violation(what, code, where)
        self._verbs.clear()
        if fallback and self.program.fallback_url:
            extra = [("ErrorCode", str(code or 12200)), ("ErrorUrl", where)]
            self._load(self.program.fallback_url, self.program.fallback_method, extra, fallback=False)
        else:
            self._apologise()

    def _break_off(self, what: str, code: int, where: str = "") -> None:
        self.exchange.wire.violation(what, code, where)
        self._apologise()

    def _apologise(self) -> None:
        self.transcript.append(Said(Who.PLATFORM, APOLOGY, "say", "en-US"))
        self.end(Ending.ERROR)

    def _advance(self) -> None:
        """Obey verb after verb until one waits for the far side or the call is over."""
        while not self.ended and self.waiting is None:
            if self.elapsed > self.program.time_limit:
                self.end(Ending.TIME_LIMIT)
            elif self._verbs:
                self._obey(self._verbs.popleft())
            elif self.dialled_by is not None:
                self.dialled_by.join(self)
                return
            else:
                self.end(Ending.DOCUMENT)

    def _obey(self, verb: Verb) -> None:
        match verb:
            case Say() | Play() | Pause():
                self._spoke = True
                self._utter(verb)
            case Gather():
                self.waiting, self.keys = verb, ""
                for prompt in verb.prompts:
                    if not self.ended:
                        self._utter(prompt)
            case Record():
                self.waiting, self.recorded, self.recorded_wav = verb, 0.0, b""
                if verb.play_beep:
                    self.transcript.append(Said(Who.PLATFORM, "(beep)", "beep"))
            case Dial():
                self._dial(verb)
            case Redirect():
                self._load(verb.url, verb.method, [])
            case Hangup():
                self.end(Ending.LINE)
            case Reject():
                if self.direction != "inbound" or self.status == "in-progress":
                    self._break_off("<Reject> comes too late", 12200)
                else:
                    self.end(Ending.BUSY if verb.reason == "busy" else Ending.REJECTED)

    def _utter(self, verb: Say | Play | Pause) -> None:
        match verb:
            case Say():
                self.transcript.append(Said(Who.LINE, verb.text, "say", verb.language))
                self.elapsed += _seconds_of(verb.text) * max(1, verb.loop)
            case Pause():
                self.elapsed += verb.length
            case Play() if verb.url:
                answer = self.exchange.wire.fetch(verb.url)
                if not answer.good or answer.content_type not in SOUND_TYPES:
                    self._break_off("nothing to play", 12300 if answer.good else answer.code, verb.url)
                    return
                self.transcript.append(Said(Who.LINE, "", "play", audio=verb.url))
                self.elapsed += len(answer.body) / 16_000

    def _gather_key(self, gather: Gather, key: str) -> None:
        if "dtmf" not in gather.input:
            return
        if key == gather.finish_on_key:
            if self.keys:
                self._submit(gather, [("Digits", self.keys), ("FinishedOnKey", key)])
            else:
                self._nothing_entered(gather, [("Digits", ""), ("FinishedOnKey", key)])
            return
        self.keys += key
        if gather.num_digits and len(self.keys) >= gather.num_digits:
            self._submit(gather, [("Digits", self.keys), ("FinishedOnKey", "")])

    def _gather_timeout(self, gather: Gather) -> None:
        if self.keys:
            self._submit(gather, [("Digits", self.keys), ("FinishedOnKey", "")])
        else:
            self._nothing_entered(gather, [])

    def _nothing_entered(self, gather: Gather, extra: Pairs) -> None:
        """Silence, or a lone terminator, which is the same.

        On to the next verb unless the action wants to know.
        """
        if gather.action_on_empty:
            self._submit(gather, extra)
        else:
            self.waiting = None
            self._documents = 0
            self._advance()

    def _submit(self, verb: Gather | Record, extra: Pairs) -> None:
        self._documents = 0
        self.waiting, self.keys = None, ""
        self._verbs.clear()
        self._load(verb.action, verb.method, extra)
        self._advance()

    def _record_key(self, record: Record, key: str) -> None:
        if key in record.finish_on_key:
            self._record_end(record, key)

    def _record_end(self, record: Record, key: str) -> None:
        """The recording is over: the action first, its file and callback afterwards, as on the platform."""
        silent = self.recorded == 0
        if silent and not key and not self.exchange.keep_silent_recordings:
            self.waiting = None
            self._advance()
            return
        seconds = round(self.recorded) if not silent else (0 if key else record.timeout)
        recording = self.exchange.keep_recording(self, seconds, self.recorded_wav, record)
        extra = [
            ("RecordingSid", recording.sid),
            ("RecordingUrl", recording.url),
            ("RecordingDuration", str(seconds)),
        ]
        if key:
            extra.append(("Digits", key))
        if self.ended:
            self.exchange.wire.send(record.action, record.method, [*self.parameters(), *extra])
        else:
            self._submit(record, extra)
        self.exchange.tell_of_recording(recording, record)

    # ---- other people on the line

    def _dial(self, verb: Dial) -> None:
        if verb.caller_id and verb.caller_id not in (self.caller, self.called, *self.exchange.lines):
            self._break_off("<Dial> shows a number that is not the account's", 13214)
            return
        self.waiting, self.bridge = verb, Bridge(self, verb)
        self.bridge.ring()

    def _leave(self) -> None:
        """Drop what the call was waiting for, since it is turned elsewhere."""
        bridge = self.bridge
        self.waiting, self.bridge, self.keys = None, None, ""
        if bridge is not None:
            bridge.drop()

    def answer(self, answered_by: str = "human") -> None:
        """Somebody, or something, picks up a call out."""
        with self.lock:
            if self.ended or self.status == "in-progress":
                return
            self.status, self.started = "in-progress", self.exchange.clock()
            self.answered_by = _detected(answered_by, self.program.machine_detection)
            self.progress("answered")
            if self.dialled_by is not None and not self.program.url:
                self.dialled_by.join(self)
            else:
                self.begin()
            self._tell_detected()

    def _tell_detected(self) -> None:
        """Detection in the background: seconds after the first document, and only of a call that goes on."""
        if not self.program.async_detection or not self.answered_by or self.ended:
            return
        form = [
            ("AccountSid", self.exchange.account_sid),
            ("AnsweredBy", self.answered_by),
            ("CallSid", self.sid),
            ("MachineDetectionDuration", "3200"),
        ]
        self.exchange.callback(self.program.async_detection_url, "POST", form)

    def dialled(self, bridge: Bridge, last: Call) -> None:
        """Everybody whom this call dialled is gone: on with its action, or with the next verb."""
        self.elapsed += last.elapsed
        self.waiting, self.bridge = None, None
        self._documents = 0
        if bridge.verb.action:
            self._verbs.clear()
            self._load(bridge.verb.action, bridge.verb.method, bridge.result(last))
        self._advance()

    def _heard(self, text: str, kind: str) -> None:
        self._documents = 0
        self.transcript.append(Said(Who.CALLER, text, kind))


def _seconds_of(text: str) -> float:
    """How long words take to say, at 150 a minute."""
    return len(text.split()) / 2.5


def _detected(answered_by: str, wanted: str) -> str:
    """What the platform reports of who picked up, by the detection that was asked for."""
    if not wanted:
        return ""
    if wanted == "Enable" and answered_by.startswith("machine"):
        return "machine_start"
    return answered_by if answered_by != "machine_start" else "machine_end_other"
