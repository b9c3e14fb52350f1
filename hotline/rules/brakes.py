"""The brakes: whether an import may tell what it brought, or first waits for a named person.

One maintenance load once sent about 8,000 false notices of release about 1,891 people (Oregon, 2015). So every
import is looked at as a whole before anything of it is sent. Every threshold stands in one table and can be set
by the environment as HOTLINE_BRAKE_<NAME>.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Self

from hotline.rules.custody import NEEDS_APPROVAL, EventKind
from hotline.rules.limits import Limit, limit_row, read_rows, rows_of


class EventState(StrEnum):
    """Whether an event may be told. Nothing but `released` ever is."""

    DERIVED = "derived"  # its import is not judged yet, or not yet let go to its end
    RELEASED = "released"
    HELD = "held"  # until a person decides: a death, a doubt, an import that was stopped and what came after it
    CANCELLED = "cancelled"  # never told, or taken back


class ImportStatus(StrEnum):
    """How far an import is."""

    READING = "reading"
    DERIVING = "deriving"
    RELEASING = "releasing"
    HELD = "held"
    FINISHED = "finished"
    CANCELLED = "cancelled"  # while it was held: nobody ever hears of it
    RETRACTED = "retracted"  # taken back after it was let go
    FAILED = "failed"  # the file broke off: what stood before the break is told


SINGLY_HELD = frozenset({*NEEDS_APPROVAL, EventKind.UNDER_REVIEW})
"""Events that wait for a person each by itself, whatever their import does."""


@dataclass(frozen=True, slots=True)
class Brakes:
    """The thresholds in force."""

    critical: int = limit_row(20, "critical notices that one import may always send")
    critical_factor: int = limit_row(5, "times the usual import's critical notices, past which one is held")
    usual_imports: int = limit_row(30, "imports, the last ones, whose median is the usual")
    usual_at_start: int = limit_row(4, "critical notices taken as usual while there were fewer than five imports")
    leaving_percent: int = limit_row(5, "percent of the people held, above which as many released and removed hold")
    leaving_people: int = limit_row(5, "people released and removed that one import may always tell")
    protected_percent: int = limit_row(10, "percent by which the number of protected people may fall")
    two_people_over: int = limit_row(500, "people in a held import, above which two must agree to let it go")

    @classmethod
    def from_names(cls, overrides: Mapping[str, str]) -> Self:
        """The table with some rows set anew: {"CRITICAL": "40"}. Raises ValueError as Limits.from_names does."""
        return cls(**read_rows(BRAKES, overrides))


BRAKES: Mapping[str, Limit] = rows_of(Brakes)

ENOUGH_IMPORTS = 5


@dataclass(frozen=True, slots=True)
class Counts:
    """A whole import in figures, before anything of it is sent.

    `critical` counts notices (one for each enrolment and channel) of critical and emergency events, `earlier` those
    of the last imports. `leaving` counts people known before whom this import releases or removes; `held` the people
    in custody, those among them. `protected_before` is None for the first import. `people` are those whom its
    events are about.
    """

    critical: int
    earlier: Sequence[int]
    people: int
    leaving: int
    held: int
    protected: int
    protected_before: int | None
    hidden_visible: int
    test_visible: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why an import is held, in words for staff, and how many people must agree to let it go; no reason: go on."""

    reasons: tuple[str, ...]
    approvals: int
    exposes: bool = False
    """Whether people may be found by callers who must not be: the search closes too."""

    @property
    def held(self) -> bool:
        return bool(self.reasons)


def judge(brakes: Brakes, counts: Counts) -> Verdict:
    """Whether an import may send what it brought."""
    reasons = tuple(
        reason
        for reason in (
            _too_many_critical(brakes, counts),
            _too_many_leave(brakes, counts),
            _protection_falls(brakes, counts),
            _visible(
                counts.hidden_visible, "who may not be shown (children, protected people) can be found by callers"
            ),
            _visible(counts.test_visible, "of the test records can be found by callers"),
        )
        if reason is not None
    )
    exposes = bool(_protection_falls(brakes, counts) or counts.hidden_visible or counts.test_visible)
    return Verdict(reasons, 2 if counts.people > brakes.two_people_over else 1, exposes)


def usual(brakes: Brakes, earlier: Sequence[int]) -> float:
    """The usual import's critical notices: the median, with a sane start while there were few imports."""
    few = [brakes.usual_at_start] * (ENOUGH_IMPORTS - len(earlier))
    return float(median([*earlier, *few]))


def _too_many_critical(brakes: Brakes, counts: Counts) -> str | None:
    normal = usual(brakes, counts.earlier)
    if counts.critical <= brakes.critical or counts.critical <= brakes.critical_factor * normal:
        return None
    return f"it would send {counts.critical:,} critical notices; a usual import sends {normal:g}"


def _too_many_leave(brakes: Brakes, counts: Counts) -> str | None:
    if counts.leaving <= brakes.leaving_people or 100 * counts.leaving <= brakes.leaving_percent * counts.held:
        return None
    return f"it releases or removes {counts.leaving:,} of {counts.held:,} people held"


def _protection_falls(brakes: Brakes, counts: Counts) -> str | None:
    before = counts.protected_before
    if before is None or 100 * (before - counts.protected) <= brakes.protected_percent * before:
        return None
    return f"the number of protected people falls from {before:,} to {counts.protected:,}"


def _visible(people: int, what: str) -> str | None:
    return f"{people:,} {what}" if people else None
