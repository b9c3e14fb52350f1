"""A flow as data: what is asked, in which order. No node knows why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Way:
    """Where an outcome leads.

    A way back costs one of the target's tries, so that no circle goes on for ever; `saying` is a prompt said
    on the way; `by_keypad` turns speech off from there on.
    """

    flow: str
    node: str
    back: bool = False
    saying: str | None = None
    by_keypad: bool = False

    @property
    def state(self) -> str:
        return f"{self.flow}.{self.node}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What all nodes share: a name, what is said on entering, and where each outcome leads."""

    name: str
    says: tuple[str, ...] = ()
    then: Mapping[str, Way] = field(default_factory=dict)

    def prompts(self) -> Iterator[str]:
        """Every prompt key that this node may say."""
        yield from self.says
        yield from (way.saying for way in self.then.values() if way.saying)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Node):
    """A node that waits for the caller. `again` answers the first miss, `example` the second, `by_keypad` the third.

    `returns` are the ways back that it takes besides its misses; None where both are counted together.
    """

    again_silence: str
    again_no_match: str
    example: str
    by_keypad: str
    tries: int = 3
    returns: int | None = None

    def prompts(self) -> Iterator[str]:
        yield from Node.prompts(self)
        yield from (self.again_silence, self.again_no_match, self.example, self.by_keypad)


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu(Question):
    """One key or a few words. `options` maps keys to outcomes; the chosen one is kept `into` an answer, if given.

    With `languages` the options are the enabled languages; with `choices` they are the values of that answer,
    at most five, and key 6 is none of them.
    """

    options: Mapping[str, str] = field(default_factory=dict)
    languages: bool = False
    choices: str | None = None
    into: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collect(Question):
    """An entry of several keys, or a few words, kept as the answer `into`.

    `escapes` are entries of one key with an outcome of their own, such as 9 for "wrong person".
    """

    into: str
    kind: str
    letters: bool = False
    minimum: int = 1
    maximum: int | None = None
    speech: bool = True
    escapes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Question):
    """A recording kept as the answer `into`, at most `seconds` long."""

    into: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce(Node):
    """Says something and goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide(Node):
    """Hands a registered action out and goes where its outcome leads."""

    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class End(Node):
    """Says goodbye and ends the call: in `every_language` where the caller had no time to choose one."""

    every_language: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language that menus and entries understand, folded.

    `phrases` maps an outcome to what people say for it, `hints` to the same as it is written; `digits` a word to
    its digit, `homophones` what a recogniser may write for one; thresholds from 0 to 1: below `reject` nothing was
    understood, up to `confirm` a spoken entry is confirmed.
    """

    phrases: Mapping[str, tuple[str, ...]]
    digits: Mapping[str, str]
    hints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    homophones: Mapping[str, str] = field(default_factory=dict)
    reject: float = 0.45
    confirm: float = 0.80


@dataclass(frozen=True, slots=True)
class Flow:
    """One conversation's plan. Key 0 leads to `person`, key 9 in a menu to `leave`, a call too long to `limit`."""

    name: str
    version: str
    start: str
    person: Way
    leave: Way
    limit: Way
    nodes: Mapping[str, Node]
    lexicons: Mapping[str, Lexicon]

    @property
    def languages(self) -> tuple[str, ...]:
        """Enabled languages, the first one the default."""
        return tuple(self.lexicons)

    def ways(self, node: Node) -> Iterator[tuple[str, Way]]:
        """Every outcome of a node with its way, those that a key gives everywhere included."""
        yield from node.then.items()
        if isinstance(node, Question):
            if "person" not in node.then:
                yield "person", self.person
            if "leave" not in node.then and isinstance(node, Menu):
                yield "leave", self.leave
            yield "limit", self.limit


CHOICE = "choice_option"
"""Said for each option of a menu whose options are an answer's values; slots: choice, key."""

CHOICE_NONE = "choice_none"
"""Said after them; slot: key."""

MOST_CHOICES = 5
NONE_KEY = "6"
