"""A strict reader of TwiML: the verbs that a call may be told, or the reason why the platform would balk."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote
from xml.etree import ElementTree

from hotline.errors import HotlineError
from hotline.simulator.addresses import fault_of
from hotline.simulator.grammar import ATTRIBUTES, phone
from hotline.simulator.voices import can_hear, can_say

DOCUMENT_BYTES = 65_536
INLINE_CHARACTERS = 4000
SSML = frozenset({"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"})
SAY_LIMIT = {"basic": 4096, "Polly": 3000, "Google": 5000}
PHONE_CALL_LANGUAGES = frozenset(
    ["en-US", "en-GB", "en-AU", "fr-FR", "fr-CA", "ja-JP", "ru-RU", "es-US", "es-ES", "pt-BR"]
)


class TwimlViolation(HotlineError):
    """A document that the platform would refuse. `code` is the platform's own, 0 where none is known."""

    def __init__(self, what: str, code: int = 0) -> None:
        super().__init__(f"TwiML: {what}" + (f" (platform error {code})" if code else ""))
        self.code = code


@dataclass(frozen=True, slots=True)
class Say:
    text: str
    language: str
    voice: str
    loop: int


@dataclass(frozen=True, slots=True)
class Play:
    url: str
    digits: str
    loop: int


@dataclass(frozen=True, slots=True)
class Pause:
    """`length` in seconds."""

    length: int


@dataclass(frozen=True, slots=True)
class Gather:
    """A question.

    `num_digits` 0 is unlimited; `finish_on_key` "" makes every key data; `timeout` in seconds.
    """

    prompts: tuple[Say | Play | Pause, ...]
    input: frozenset[str]
    action: str
    method: str
    action_on_empty: bool
    num_digits: int
    finish_on_key: str
    timeout: int
    language: str
    partial_result_callback: str


@dataclass(frozen=True, slots=True)
class Record:
    """`timeout` and `max_length` in seconds; any key of `finish_on_key` ends it."""

    action: str
    method: str
    timeout: int
    max_length: int
    finish_on_key: str
    play_beep: bool
    status_callback: str
    status_events: frozenset[str]


@dataclass(frozen=True, slots=True)
class Number:
    """Somebody to dial; `url` is what the person hears before the two are joined."""

    number: str
    url: str
    method: str


@dataclass(frozen=True, slots=True)
class Dial:
    """`timeout` in seconds; without `action` the call goes on with the next verb."""

    numbers: tuple[Number, ...]
    action: str
    method: str
    timeout: int
    caller_id: str


@dataclass(frozen=True, slots=True)
class Redirect:
    url: str
    method: str


@dataclass(frozen=True, slots=True)
class Hangup:
    pass


@dataclass(frozen=True, slots=True)
class Reject:
    reason: str


Verb = Say | Play | Pause | Gather | Record | Dial | Redirect | Hangup | Reject
Values = dict[str, str]


def read(body: bytes) -> tuple[Verb, ...]:
    """The verbs of a voice document, in order.

    Raises TwimlViolation for anything that the platform would refuse or warn of. Sources: Twilio's TwiML
    pages, errors 11750 (size), 12100 (not XML), 13330 (hints), 13521 (length of Say).
    """
    return tuple(_verb(element, _READERS, "Response") for element in document(body))


def document(body: bytes) -> ElementTree.Element:
    """The Response of any TwiML document, voice or messaging; raises TwimlViolation."""
    if len(body) > DOCUMENT_BYTES:
        raise TwimlViolation(f"a document of {len(body)} bytes; 64 kB is the limit", 11750)
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise TwimlViolation("a document type is declared", 12100)
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError) as reason:
        raise TwimlViolation("not well-formed XML", 12100) from reason
    if root.tag != "Response" or root.attrib:
        raise TwimlViolation("the root is not a plain <Response>", 12100)
    for element in root.iter():
        for text in (element.text or "", element.tail or "", *element.attrib.values()):
            if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]", text):
                raise TwimlViolation("a control character", 12100)
    _no_text(root)
    return root


def _no_text(element: ElementTree.Element) -> None:
    """Text between verbs is read by nobody."""
    for text in (element.text, *(child.tail for child in element)):
        if text and text.strip():
            raise TwimlViolation(f"text stands loose in <{element.tag}>", 12200)


def _verb(element: ElementTree.Element, readers: dict[str, Callable[..., Verb]], parent: str) -> Verb:
    if element.tag not in readers:
        raise TwimlViolation(f"<{element.tag}> does not stand in <{parent}>", 12200)
    return readers[element.tag](element, _attributes(element))


def _attributes(element: ElementTree.Element) -> Values:
    for name, value in element.attrib.items():
        rule = ATTRIBUTES[element.tag].get(name)
        if rule is None:
            raise TwimlViolation(f"<{element.tag}> has no attribute {name}", 12200)
        if fault := rule(value):
            raise TwimlViolation(f"{name} of <{element.tag}> {fault}", 13330 if name == "hints" else 12200)
    return dict(element.attrib)


def _say(element: ElementTree.Element, given: Values) -> Say:
    for inner in element.iter():
        if inner is not element and inner.tag not in SSML:
            raise TwimlViolation(f"<{inner.tag}> does not stand in <Say>", 12200)
    text = " ".join("".join(element.itertext()).split())
    if not text:
        raise TwimlViolation("<Say> says nothing", 13520)
    voice, language = given.get("voice", ""), given.get("language", "en-US")
    kind = voice.partition(".")[0] if "." in voice else "basic"
    if len(text) > SAY_LIMIT[kind] or len(quote(text)) > 4500:
        raise TwimlViolation(f"<Say> of {len(text)} characters is too long", 13521)
    if not can_say(voice, language):
        raise TwimlViolation(f"no voice {voice or 'of the platform'} speaks {language}", 13520)
    return Say(text, language, voice, int(given.get("loop", 1)))


def _play(element: ElementTree.Element, given: Values) -> Play:
    url, digits = (element.text or "").strip(), given.get("digits", "")
    if len(element) or bool(url) == bool(digits):
        raise TwimlViolation("<Play> takes an address or digits", 12200)
    if url and (fault := fault_of(url)):
        raise TwimlViolation(f"the address of <Play> {fault}", 12200)
    return Play(url, digits, int(given.get("loop", 1)))


def _pause(element: ElementTree.Element, given: Values) -> Pause:
    _empty(element)
    return Pause(int(given.get("length", 1)))


def _gather(element: ElementTree.Element, given: Values) -> Gather:
    _no_text(element)
    prompts = tuple(_verb(child, _PROMPTS, "Gather") for child in element)
    if "action" not in given:
        raise TwimlViolation("<Gather> without an action asks the same question for ever")
    kinds = frozenset(given.get("input", "dtmf").split())
    if "speechModel" in given and given.get("speechTimeout") == "auto":
        raise TwimlViolation("speechTimeout must be a positive number where speechModel is set", 13335)
    language = given.get("language", "en-US")
    if "speech" in kinds and not can_hear(language):
        raise TwimlViolation(f"the platform does not understand speech in {language}", 13335)
    if given.get("speechModel") == "phone_call" and language not in PHONE_CALL_LANGUAGES:
        raise TwimlViolation(f"the model phone_call does not know {language}", 13335)
    timeout = given.get("timeout", "5")
    return Gather(
        prompts=prompts,  # type: ignore[arg-type]  # _PROMPTS reads nothing but prompts
        input=kinds,
        action=given["action"],
        method=given.get("method", "POST"),
        action_on_empty=given.get("actionOnEmptyResult") == "true",
        num_digits=int(given.get("numDigits", 0)),
        finish_on_key=given.get("finishOnKey", "#"),
        timeout=5 if timeout == "auto" else int(timeout),
        language=language,
        partial_result_callback=given.get("partialResultCallback", ""),
    )


def _record(element: ElementTree.Element, given: Values) -> Record:
    _empty(element)
    if "action" not in given:
        raise TwimlViolation("<Record> without an action records the same thing for ever")
    return Record(
        action=given["action"],
        method=given.get("method", "POST"),
        timeout=int(given.get("timeout", 5)),
        max_length=int(given.get("maxLength", 3600)),
        finish_on_key=given.get("finishOnKey", "1234567890*#"),
        play_beep=given.get("playBeep", "true") == "true",
        status_callback=given.get("recordingStatusCallback", ""),
        status_events=frozenset(given.get("recordingStatusCallbackEvent", "completed").split()),
    )


def _dial(element: ElementTree.Element, given: Values) -> Dial:
    if len(element):
        _no_text(element)
    numbers = tuple(_number(child) for child in element) or (_plain_number(element),)
    if len(numbers) > 10:
        raise TwimlViolation("<Dial> rings more than 10 numbers", 13210)
    return Dial(
        numbers=numbers,
        action=given.get("action", ""),
        method=given.get("method", "POST"),
        timeout=int(given.get("timeout", 30)),
        caller_id=given.get("callerId", ""),
    )


def _plain_number(element: ElementTree.Element) -> Number:
    number = (element.text or "").strip()
    if fault := phone(number):
        raise TwimlViolation(f"the number of <{element.tag}> {fault}", 13224)
    return Number(number, "", "POST")


def _number(element: ElementTree.Element) -> Number:
    if element.tag != "Number":
        raise TwimlViolation(f"<{element.tag}> does not stand in <Dial>", 12200)
    given, plain = _attributes(element), _plain_number(element)
    if len(element):
        raise TwimlViolation("<Number> holds no elements", 12200)
    return Number(plain.number, given.get("url", ""), given.get("method", "POST"))


def _redirect(element: ElementTree.Element, given: Values) -> Redirect:
    url = (element.text or "").strip()
    if len(element):
        raise TwimlViolation("<Redirect> holds no elements", 12200)
    if fault := fault_of(url):
        raise TwimlViolation(f"the address of <Redirect> {fault}", 12200)
    return Redirect(url, given.get("method", "POST"))


def _hangup(element: ElementTree.Element, given: Values) -> Hangup:
    _empty(element)
    return Hangup()


def _reject(element: ElementTree.Element, given: Values) -> Reject:
    _empty(element)
    return Reject(given.get("reason", "rejected"))


def _empty(element: ElementTree.Element) -> None:
    if len(element) or (element.text or "").strip():
        raise TwimlViolation(f"<{element.tag}> holds nothing", 12200)


_PROMPTS: dict[str, Callable[..., Verb]] = {"Say": _say, "Play": _play, "Pause": _pause}
_READERS: dict[str, Callable[..., Verb]] = {
    **_PROMPTS,
    "Gather": _gather,
    "Record": _record,
    "Dial": _dial,
    "Redirect": _redirect,
    "Hangup": _hangup,
    "Reject": _reject,
}
