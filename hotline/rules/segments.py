"""How many segments a text is sent and paid in.

GSM 03.38 (3GPP TS 23.038): 160 units in one segment, 153 in each of several; a text with one character
outside its alphabet goes as UCS-2, 70 and 67 units. á, í, ó, ú and ç are outside; é, ñ, ü and Ç are inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("^{}\\[~]|€\f")  # each goes with an escape before it: two units

# Units in a text of one segment, and in each segment of a longer one.
ROOM: dict[Encoding, tuple[int, int]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}


@dataclass(frozen=True, slots=True)
class Count:
    """How a text goes over the air: units are septets in GSM-7, 16-bit units in UCS-2."""

    encoding: Encoding
    units: int
    segments: int


def segments(text: str) -> Count:
    """Count a text as the platform sends it without its smart encoding; an empty text has no segment."""
    encoding: Encoding = "GSM-7" if set(text) <= BASIC | EXTENSION else "UCS-2"
    widths = [_width(character, encoding) for character in text]
    single, each = ROOM[encoding]
    units = sum(widths)
    return Count(encoding, units, min(units, 1) if units <= single else _filled(widths, each))


def fits(text: str, language: str) -> bool:
    """Whether a notice is short enough: one segment of GSM-7, or outside English two of UCS-2."""
    count = segments(text)
    if count.encoding == "GSM-7":
        return count.segments <= 1
    return language != "en" and count.segments <= 2


def _width(character: str, encoding: Encoding) -> int:
    if encoding == "GSM-7":
        return 2 if character in EXTENSION else 1
    return 2 if ord(character) > 0xFFFF else 1


def _filled(widths: Sequence[int], room: int) -> int:
    """Segments needed when a character of two units is never cut in half."""
    count, used = 1, 0
    for width in widths:
        if used + width > room:
            count, used = count + 1, 0
        used += width
    return count
