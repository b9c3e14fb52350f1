"""How each language is spoken and recognised by the platform, in one table (Twilio: /docs/voice/twiml/say, /gather)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Voice:
    """`locale` is what is spoken and recognised (BCP 47); `name` the platform's voice."""

    locale: str
    name: str


VOICES: Mapping[str, Voice] = {
    "en": Voice("en-US", "Polly.Joanna-Neural"),
    "es": Voice("es-US", "Polly.Lupe-Neural"),
}


def voice_of(language: str) -> Voice:
    """Raises KeyError for a language without a voice."""
    return VOICES[language]
