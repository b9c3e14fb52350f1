"""Every text that the line says or sends, by key and language."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """`texts` maps a language to its prompts, key → text with named slots in braces."""

    texts: Mapping[str, Mapping[str, str]]

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.texts)

    def text(self, key: str, language: str, values: Mapping[str, Any] | None = None) -> str:
        """The prompt in that language with its slots filled.

        Raises KeyError for an unknown prompt, language or slot: the checker lets none of them go live.
        """
        return self.texts[language][key].format_map(values or {})


def slots(text: str) -> frozenset[str]:
    """The named slots of a text.

    >>> sorted(slots("Call {number}, {name}"))
    ['name', 'number']
    """
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)
