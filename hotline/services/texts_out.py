"""The words of a text that goes out: neutral, in the subscriber's language, the code word first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from babel.dates import format_skeleton

from hotline.rules import texts_out
from hotline.rules.event_kinds import EventKind
from hotline.rules.occasions import Occasion, kind
from hotline.services.line import Line
from hotline.services.news import zone_of


@dataclass(frozen=True, slots=True)
class Telling:
    """What decides the words of a text; times are aware.

    `zones` is where its reader may be, `first_at` when the first attempt was, or is, made; `again` tells whether a text
    of the same occasion went out already. The event's kind and time are set where there is one.
    """

    occasion: str
    language: str
    zones: Collection[str]
    first_at: datetime
    again: bool = False
    code_word: str | None = field(default=None, repr=False)
    fuller: bool = False
    event_kind: str | None = None
    event_at: datetime | None = None


def text_for(line: Line, telling: Telling) -> str:
    """What to send. Raises KeyError for an occasion whose text has words of its own elsewhere, such as a link."""
    match kind(telling.occasion):
        case Occasion.VERIFY | Occasion.CHANGE:
            return line.write("text_verify_again" if telling.again else "text_verify", telling.language)
        case Occasion.EVENT:
            text = _news(line, telling)
        case other:
            text = line.write(texts_out.PLAIN[other], telling.language)
    return texts_out.with_code_word(text, telling.code_word)


def _news(line: Line, telling: Telling) -> str:
    if telling.event_kind is None or telling.event_at is None:
        raise ValueError("a text about an event needs its kind and its time")
    language, event = telling.language, EventKind(telling.event_kind)
    key = texts_out.news_key(event, telling.fuller, telling.first_at - telling.event_at)
    if key == "text_news":
        return line.write(key, language)
    day = telling.event_at.astimezone(zone_of(telling.zones))
    # A no-break space is no letter of a text's alphabet.
    when = format_skeleton("MMMd", day, locale=language).replace("\N{NO-BREAK SPACE}", " ")
    told = line.write(texts_out.FULLER[event], language, when=when) if key == "text_fuller" else ""
    return line.write(key, language, when=when, told=told)
