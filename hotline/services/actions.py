"""The actions that a flow may name: each is registered with the outcomes that it can come to."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session as Transaction

from hotline.ivr.check import Action
from hotline.ivr.commands import Dial, Pause
from hotline.ivr.session import Done, Session
from hotline.rules.delivery import Answerer
from hotline.rules.disclosure import earliest_date
from hotline.store.models import Call

if TYPE_CHECKING:
    from hotline.services.line import Line


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a call, as an action sees it. `answered_by` tells who took a call that we placed."""

    line: Line
    db: Transaction
    call: Call
    session: Session
    now: datetime
    answered_by: Answerer = Answerer.PERSON

    @property
    def today(self) -> date:
        """The day that decides who may be shown."""
        return earliest_date(self.now)

    @property
    def answers(self) -> Mapping[str, Any]:
        return self.session.answers

    @property
    def language(self) -> str:
        return self.session.language

    def say(self, key: str, /, **values: object) -> str:
        """A prompt's text in the call's language."""
        return self.line.say(key, self.language, **values)


@dataclass(frozen=True, slots=True)
class Waits:
    """An action that the telephone carries on: the caller is connected, and the outcome comes with the next webhook."""

    dial: Dial


@dataclass(frozen=True, slots=True)
class Slowly:
    """An outcome that is told after a pause."""

    pause: Pause
    done: Done


Result = Done | Waits | Slowly
Run = Callable[[Turn], Result]

_REGISTERED: dict[str, tuple[Run, Action]] = {}

_ROOMS = (
    "take_call",
    "find_person",
    "enroll",
    "tell_news",
    "take_up",
    "manage_enrolment",
    "manage_settings",
    "hand_over",
)
"""The modules of this package that hold actions."""


def action(*outcomes: str, gives: tuple[str, ...] = ()) -> Callable[[Run], Run]:
    """Register a function under its own name, with its outcomes and the answers that it may add."""

    def register(run: Run) -> Run:
        _REGISTERED[run.__name__] = (run, Action(frozenset(outcomes), frozenset(gives)))
        return run

    return register


def _all() -> Mapping[str, tuple[Run, Action]]:
    for room in _ROOMS:
        importlib.import_module(f"hotline.services.{room}")
    return _REGISTERED


def expectations() -> dict[str, Action]:
    """What a flow may expect of every action."""
    return {name: expected for name, (_, expected) in _all().items()}


def run(name: str, turn: Turn) -> Result:
    """Run an action. Raises KeyError for a name that is not registered."""
    return _REGISTERED[name][0](turn)
