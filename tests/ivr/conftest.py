"""The real flows and words, and a call told as its caller lives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hotline.ivr import engine
from hotline.ivr.commands import Ask, Command, Do, Enter, Say, TakeRecording
from hotline.ivr.flow import Flow
from hotline.ivr.load import load_flows, load_lexicons, load_phrasebook
from hotline.ivr.session import Done, Event, Heard, Keys, Session, Silence, Started
from hotline.services.actions import expectations

ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "es")
LEXICONS = load_lexicons(ROOT / "audio", LANGUAGES)
FLOWS = load_flows(ROOT / "ivr_flows", LEXICONS)
PHRASEBOOK = load_phrasebook(ROOT / "audio", LANGUAGES)
ACTIONS = expectations()

Load = Callable[..., dict[str, Flow]]
"""Loads flows from their YAML texts, in English and Spanish."""


class Call:
    """A call in some flows: `commands` is all that the last event brought, flows entered on the way included."""

    def __init__(self, flows: Mapping[str, Flow], session: Session) -> None:
        self.flows = flows
        self.session = session
        self.commands: list[Command] = []

    @classmethod
    def to(cls, flows: Mapping[str, Flow], language: str | None = None, **answers: object) -> Call:
        """A call that begins with the first of these flows."""
        return cls(flows, engine.begin(next(iter(flows.values())), language, **answers)).happens(Started())

    @classmethod
    def at(cls, flows: Mapping[str, Flow], state: str, language: str = "en", **answers: object) -> Call:
        """A call that has come as far as this node."""
        name, _, node = state.partition(".")
        flow = flows[name]
        return cls(flows, Session(name, flow.version, node, language, answers=answers)).happens(Started())

    def happens(self, event: Event) -> Call:
        self.session, commands = engine.resume(self.flows[self.session.flow], self.session, event)
        self.commands = list(commands)
        while self.commands and isinstance(self.commands[-1], Enter):
            self.commands.pop()
            self.session, commands = engine.resume(self.flows[self.session.flow], self.session, Started())
            self.commands += commands
        return self

    def presses(self, *entries: str) -> Call:
        for entry in entries:
            self.happens(Keys(entry))
        return self

    def says(self, text: str, confidence: float | None = 0.9) -> Call:
        return self.happens(Heard(text, confidence))

    def waits(self, times: int = 1) -> Call:
        for _ in range(times):
            self.happens(Silence())
        return self

    def comes_to(self, outcome: str, **answers: object) -> Call:
        """The action that the call waits for comes to this outcome."""
        return self.happens(Done(outcome, answers))

    @property
    def says_heard(self) -> list[Say]:
        spoken: list[Say] = []
        for command in self.commands:
            spoken += [command] if isinstance(command, Say) else ()
            spoken += command.says if isinstance(command, (Ask, TakeRecording)) else ()
        return spoken

    @property
    def heard(self) -> list[str]:
        """The prompts that the caller heard last."""
        return [say.prompt for say in self.says_heard]

    @property
    def question(self) -> Ask:
        assert isinstance(self.commands[-1], Ask)
        return self.commands[-1]

    @property
    def action(self) -> str | None:
        """The action that the call waits for."""
        return self.commands[-1].action if isinstance(self.commands[-1], Do) else None

    @property
    def state(self) -> str:
        return self.session.state

    @property
    def over(self) -> bool:
        return self.session.ended


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def write_and_load(*texts: str) -> dict[str, Flow]:
        for n, text in enumerate(texts):
            (tmp_path / f"flow{n}.yaml").write_text(text, "utf-8")
        return load_flows(tmp_path, LEXICONS)

    return write_and_load
