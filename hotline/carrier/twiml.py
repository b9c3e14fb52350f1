"""Commands of the engine as TwiML. One verb each; the only place that knows its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Gather, VoiceResponse

from hotline.carrier.voices import voice_of
from hotline.ivr.commands import Ask, Command, Dial, HangUp, Pause, Say, TakeRecording

EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response />'

MOST_HINTS = 500
LONGEST_HINT = 100
LONGEST_SAY = 3000
"""Characters that a neural voice takes in one Say (error 13521)."""

LONGEST_SAY_QUOTED = 4500
"""The same, percent-encoded."""

DIAL_SECONDS = 30

# Not allowed in XML 1.0 or discouraged by it (DEL and the C1 controls), and passed on by the platform's builder:
# the caller would hear an application error (12100).
_NOT_XML = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Speak = Callable[[Say], str]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the platform goes next, absolute: `next` after any answer, `recording` when a recording can be fetched."""

    next: str
    caller_id: str


def render(commands: Sequence[Command], speak: Speak, addresses: Addresses) -> str:
    """A TwiML document. What is said directly before a question stands inside its Gather, so that early keys count."""
    response = VoiceResponse()
    waiting: list[Say | Pause] = []
    for command in commands:
        match command:
            case Say() | Pause():
                waiting.append(command)
            case Ask():
                gather = _gather(command, addresses)
                _say_all(gather, (*waiting, *command.says), speak)
                waiting.clear()
                response.append(gather)
                response.redirect(addresses.next, method="POST")
            case _:
                _say_all(response, waiting, speak)
                waiting.clear()
                _act(response, command, speak, addresses)
    _say_all(response, waiting, speak)
    return str(response)


def _act(response: VoiceResponse, command: Command, speak: Speak, addresses: Addresses) -> None:
    match command:
        case HangUp():
            response.hangup()
        case Dial(number):
            dial = response.dial(
                action=addresses.next, method="POST", timeout=DIAL_SECONDS, caller_id=addresses.caller_id
            )
            dial.number(number)
        case TakeRecording(says, seconds):
            _say_all(response, says, speak)
            response.record(action=addresses.next, method="POST", max_length=seconds, finish_on_key="#", play_beep=True)
        case _:
            raise TypeError(f"{type(command).__name__} is not a command of the telephone")


def _gather(ask: Ask, addresses: Addresses) -> Gather:
    takes_speech = ask.listens_for is not None
    attributes: dict[str, object] = {
        "input": "dtmf speech" if takes_speech else "dtmf",
        "action": addresses.next,
        "method": "POST",
        "action_on_empty_result": True,
        "timeout": ask.timeout,
        "finish_on_key": "#",
    }
    if ask.digits is not None:
        attributes["num_digits"] = ask.digits
    if takes_speech:
        attributes |= {"language": voice_of(ask.language).locale, "speech_timeout": "auto", "profanity_filter": False}
        hints = [hint for hint in ask.hints if 0 < len(hint) <= LONGEST_HINT and "," not in hint][:MOST_HINTS]
        if hints:
            attributes["hints"] = clean(",".join(hints))
    return Gather(**attributes)


def _say_all(parent: VoiceResponse | Gather, says: Sequence[Say | Pause], speak: Speak) -> None:
    for say in says:
        if isinstance(say, Pause):
            parent.pause(length=say.seconds)
            continue
        voice = voice_of(say.language)
        for text in _in_reach(clean(speak(say))):
            parent.say(text, voice=voice.name, language=voice.locale)


def _in_reach(text: str) -> Sequence[str]:
    """A text in pieces that a voice takes, none of them empty: too long a text is said in more than one breath."""
    text = text.strip()
    if len(text) <= LONGEST_SAY and len(quote(text)) <= LONGEST_SAY_QUOTED:
        return [text] if text else []
    half = text.rfind(" ", 0, len(text) // 2 + 1)
    half = half if half > 0 else len(text) // 2
    return [*_in_reach(text[:half]), *_in_reach(text[half:])]


def clean(text: str) -> str:
    """Text without the characters that XML does not allow."""
    return _NOT_XML.sub("", text)


def hold(text: str, language: str, again: str) -> str:
    """The caller waits a moment, then the platform asks again."""
    response = VoiceResponse()
    voice = voice_of(language)
    response.say(text, voice=voice.name, language=voice.locale)
    response.pause(length=2)
    response.redirect(again, method="POST")
    return str(response)


def apology(texts: Sequence[tuple[str, str]], operator: str | None, caller_id: str) -> str:
    """Plain words in each language given as (language, text), then the way to a person where there is one."""
    response = VoiceResponse()
    for language, text in texts:
        voice = voice_of(language)
        response.say(text, voice=voice.name, language=voice.locale)
    if operator:
        response.dial(timeout=DIAL_SECONDS, caller_id=caller_id).number(operator)
    response.hangup()
    return str(response)


def busy() -> str:
    """The call is not taken, and not charged."""
    response = VoiceResponse()
    response.reject(reason="busy")
    return str(response)


def text_reply(body: str | None) -> str:
    """The answer to a text: a text back, or nothing."""
    text = clean(body or "").strip()
    if not text:
        return EMPTY
    response = MessagingResponse()
    response.message(text)
    return str(response)
