"""Which words a text is sent in, and whether the words of a language are fit to be sent.

A text begins neutrally, takes one segment in English and in no language more than two, and says what to do in danger
and how to stop. Of those who chose it, a fuller text tells what happened, never of whom; a death is never told so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import timedelta

from hotline.rules.event_kinds import EventKind
from hotline.rules.occasions import Occasion
from hotline.rules.segments import BASIC, fits, segments

OLD_AFTER = timedelta(hours=48)
"""An event older than that at its first attempt is told with its date."""

SHORTEST_CODE, LONGEST_CODE = 2, 12
"""Characters of a code word."""

PLAIN: Mapping[Occasion, str] = {
    Occasion.RECONFIRM: "text_reconfirm",
    Occasion.MOVED: "text_moved",
    Occasion.ENDED: "text_ended",
}
"""What is told, or asked, of somebody who signed up, apart from news."""

OWN = frozenset({"text_news", "text_news_dated", "text_fuller", *PLAIN.values()})
"""Texts that go to somebody who signed up, of our own accord: the code word stands before them."""

FULLER: Mapping[EventKind, str] = {
    EventKind.BOOKED_IN: "fuller_booked_in",
    EventKind.TRANSFERRED: "fuller_transferred",
    EventKind.IN_TRANSIT: "fuller_in_transit",
    EventKind.RELEASED: "fuller_released",
    EventKind.REMOVED: "fuller_removed",
    EventKind.DEPARTED: "fuller_departed",
    EventKind.TO_OTHER_AGENCY: "fuller_to_other_agency",
    EventKind.RETURNED: "fuller_returned",
    EventKind.ESCAPED: "fuller_escaped",
    EventKind.RECAPTURED: "fuller_recaptured",
    EventKind.CORRECTION: "fuller_correction",
}
"""What a fuller text says of an event; every other kind is told as neutrally as ever."""

LONGEST_DAY = "30 sept"
"""The longest day, as the languages write it in short."""


def news_key(kind: EventKind, fuller: bool, age: timedelta) -> str:
    """The prompt of a text about an event; `age` is how long ago it happened at the first attempt to tell it."""
    if fuller and kind in FULLER:
        return "text_fuller"
    return "text_news_dated" if age > OLD_AFTER else "text_news"


def with_code_word(text: str, word: str | None) -> str:
    """A text with its subscriber's code word first, where one was chosen."""
    return f"{word}: {text}" if word else text


def code_word(written: str) -> str | None:
    """A code word as it is kept; None where it is no word of 2 to 12 letters or digits.

    Letters outside the alphabet of texts lose their accents, as one of them would make every text a dearer, shorter
    one.
    """
    kept = "".join(
        char if char in BASIC else unicodedata.normalize("NFD", char)[0]
        for char in unicodedata.normalize("NFKC", written.strip())
    )
    fit = SHORTEST_CODE <= len(kept) <= LONGEST_CODE and kept.isalnum() and set(kept) <= BASIC
    return kept if fit else None


def faults(texts: Mapping[str, Mapping[str, str]], hotline: str, link: str) -> Iterator[str]:
    """What keeps a language's texts from being sent, one line each. `texts` maps languages to their prompts.

    Each is counted at its longest: with our number as it is written, a link of ours, a code word, the longest day and
    the longest piece of news.
    """
    for language, prompts in texts.items():
        for key in (key for key in prompts if key.startswith("text_")):
            for piece, longest in _at_longest(prompts, key, {"hotline": hotline, "link": link, "when": LONGEST_DAY}):
                if not fits(longest, language):
                    count = segments(longest)
                    size = f"{count.units} units of {count.encoding}, {count.segments} segments"
                    yield f"{piece}: too long in {language}: {size}"
            if "911" not in prompts[key]:
                yield f"{key}: does not say in {language} what to do in danger: dial 911"
            if "STOP" not in prompts[key] and key != "text_stopped":
                yield f"{key}: does not say in {language} how to stop: STOP"


def _at_longest(prompts: Mapping[str, str], key: str, filled: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """A text at its longest, with the prompt that a fault of it would be in; a fuller one with each piece of news."""
    pieces = [piece for piece in FULLER.values() if piece in prompts] if "{told}" in prompts[key] else [key]
    for piece in pieces:
        told = "" if piece == key else prompts[piece].format(when=LONGEST_DAY)
        text = prompts[key].format_map({**filled, "told": told})
        yield piece, with_code_word(text, "M" * LONGEST_CODE if key in OWN else None)
