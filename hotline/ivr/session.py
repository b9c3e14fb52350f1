"""Where a call stands, and what can happen to it next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STEP_LIMIT = 60
"""Answers after which a call ends by itself."""

MISS_LIMIT = 6
"""Missed answers over a whole call that lead to a person."""

Answers = Mapping[str, Any]
"""What is known so far: collected answers and what actions found, all of them JSON values."""


@dataclass(frozen=True, slots=True)
class Session:
    """One conversation. `tries` counts the misses of each state, and the returns to it under their own name where the
    node takes more of these; `step` the answers given so far.

    `entry_full` tells that the last entry was taken at its last digit: a # pressed after it reaches the next
    question, where the platform reports it as silence.
    """

    flow: str
    version: str
    node: str
    language: str
    step: int = 0
    tries: Mapping[str, int] = field(default_factory=dict)
    misses: int = 0
    answers: Answers = field(default_factory=dict)
    keypad_only: bool = False
    more_time: bool = False
    entry_full: bool = False
    ended: bool = False

    @property
    def state(self) -> str:
        """The node in which the call waits, as outside tools see it: `<flow>.<node>`."""
        return f"{self.flow}.{self.node}"

    def to_json(self) -> str:
        kept = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Session:
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Started:
    """The call was answered, or a flow is entered from another one."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys pressed, without the one that ended the entry. Digits stay a string."""

    digits: str


@dataclass(frozen=True, slots=True)
class Heard:
    """Recognised speech; `confidence` from 0 to 1, None where the platform gave none."""

    text: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """The time-out passed with neither key nor speech."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording ended; `reference` is where the platform keeps it, `seconds` its length."""

    reference: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Done:
    """An action came to an outcome; `answers` is what it adds to what is known."""

    outcome: str
    answers: Answers = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resumed:
    """The line could not answer at once and is back: the question is asked again, nothing counts."""


@dataclass(frozen=True, slots=True)
class TimeUp:
    """The call has lasted as long as a call may."""


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller is gone."""


Event = Started | Keys | Heard | Silence | Recorded | Done | Resumed | TimeUp | HungUp
