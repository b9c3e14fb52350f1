"""What the engine wants done; the carrier renders it for its own medium."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Say:
    """Say a prompt in a language, its slots filled from `values`."""

    prompt: str
    language: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """Wait for an answer while `says` are spoken.

    `digits` is the longest entry, None where the length is open; `timeout` in seconds;
    `listens_for` names what speech may be: `menu` or a collect's kind, None for keys only.
    """

    says: tuple[Say, ...]
    language: str
    digits: int | None
    timeout: int
    listens_for: str | None
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TakeRecording:
    """Record the caller, at most `seconds` long, after `says`."""

    says: tuple[Say, ...]
    seconds: int


@dataclass(frozen=True, slots=True)
class Do:
    """Run a registered action and resume with its outcome."""

    action: str


@dataclass(frozen=True, slots=True)
class Enter:
    """The conversation goes on in another flow."""

    flow: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Say nothing for some seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Dial:
    """Connect the caller to this E.164 number and come back when it is over."""

    number: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


Command = Say | Ask | TakeRecording | Do | Enter | Pause | Dial | HangUp
