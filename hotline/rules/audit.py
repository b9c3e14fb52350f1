"""The audit log as a chain: each line is sealed together with the seal of the line before it.

Whoever has no key can't write a line that fits. Reading the chain from its begin tells three things apart: a line
that was altered, lines that were removed from the middle, and a tail that was cut off. The last needs to know how
long the log was: that is its *head*, the last sequence and hash. It is kept sealed in the database, where each
entry moves it in its own transaction, and again outside of it, by each look that finds the log whole: an old head
that somebody kept and put back is seen there.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

FIRST = "0" * 64
"""What stands in place of the hash of the line before the first one."""

MOST_REMOVED = 1000
"""How many missing lines are looked for behind lines that were numbered anew."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: who did what to what, and why; `previous` is the hash of the line before. `at` is aware."""

    sequence: int
    at: datetime
    actor: str
    action: str
    object: str
    reason: str
    previous: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The last line of the log: its sequence, 0 where there is none, and its hash."""

    sequence: int
    hash: str

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"

    @classmethod
    def read(cls, text: str) -> Head:
        """A head as it was printed. Raises ValueError."""
        sequence, colon, hashed = text.strip().partition(":")
        if not (colon and sequence.isascii() and sequence.isdigit() and len(hashed) == len(FIRST)):
            raise ValueError("a head of the audit log reads SEQUENCE:HASH")
        return cls(int(sequence), hashed)


EMPTY = Head(0, FIRST)


class Wrong(StrEnum):
    """What can be wrong with the log."""

    ALTERED = "altered"
    REMOVED = "removed"
    TAIL_CUT = "tail cut"
    HEAD = "head forged"  # or gone: how long the log was is not known from the database


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with which lines, first to last."""

    wrong: Wrong
    first: int
    last: int

    def __str__(self) -> str:
        if self.wrong is Wrong.HEAD:
            return f"{self.wrong}: the tail may be cut"
        lines = f"line {self.first}" if self.first == self.last else f"lines {self.first} to {self.last}"
        return f"{self.wrong}: {lines}"


def seal(key: bytes, line: Line) -> str:
    """The keyed hash (HMAC-SHA-256, hex) of a line and of the one before it."""
    at = line.at.astimezone(UTC).isoformat(timespec="microseconds")
    fields = [line.sequence, at, line.actor, line.action, line.object, line.reason, line.previous]
    return _hmac(key, json.dumps(fields, ensure_ascii=True))


def seal_head(key: bytes, head: Head) -> str:
    """The keyed hash of a head: nobody without the key can make the log end earlier."""
    return _hmac(key, f"head {head}")


def _hmac(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def faults(key: bytes, lines: Iterable[Line], heads: Collection[Head]) -> tuple[Fault, ...]:
    """Everything that is wrong with the log. `lines` in the order of their sequence, `heads` as they were kept."""
    chain = _Chain(key, heads)
    found = [fault for line in lines for fault in chain.read(line)]
    longest = max((head.sequence for head in heads), default=0)
    if longest > chain.last.sequence:
        found.append(Fault(Wrong.TAIL_CUT, chain.last.sequence + 1, longest))
    return tuple(found)


@dataclass(slots=True)
class _Chain:
    """The log as it is read, a line at a time. `shift`: how far lines were moved up after some were removed."""

    key: bytes
    heads: Collection[Head]
    last: Head = EMPTY
    shift: int = 0

    def read(self, line: Line) -> Iterator[Fault]:
        self._find_shift(line)
        true, expected = line.sequence + self.shift, self.last.sequence + 1
        if true > expected:
            yield Fault(Wrong.REMOVED, expected, true - 1)
        follows = true != expected or line.previous == self.last.hash
        if not (follows and self._is_true(line, self.shift)):
            yield Fault(Wrong.ALTERED, true, true)
        elif any(head.sequence == true and head.hash != line.hash for head in self.heads):
            yield Fault(Wrong.TAIL_CUT, true, true)  # and grown again since
        self.last = Head(true, line.hash)

    def _find_shift(self, line: Line) -> None:
        if not self._is_true(line, self.shift):
            further = range(self.shift + 1, self.shift + MOST_REMOVED + 1)
            self.shift = next((shift for shift in further if self._is_true(line, shift)), self.shift)

    def _is_true(self, line: Line, shift: int) -> bool:
        return hmac.compare_digest(seal(self.key, replace(line, sequence=line.sequence + shift)), line.hash)
