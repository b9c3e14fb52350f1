"""How old the custody feed may grow before who is told of it: one table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType


class Step(StrEnum):
    """What follows as time goes by without a good import."""

    PAGE_STAFF = "page_staff"
    SAY_OLD = "say_old"  # every status is told as one that may have changed since it was last checked
    TELL_SUBSCRIBERS = "tell_subscribers"


AFTER: Mapping[Step, timedelta] = MappingProxyType(
    {
        Step.PAGE_STAFF: timedelta(minutes=45),
        Step.SAY_OLD: timedelta(hours=4),
        Step.TELL_SUBSCRIBERS: timedelta(hours=12),
    }
)


def reached(step: Step, age: timedelta) -> bool:
    """Whether a feed whose last good import is this old has come to a step."""
    return age >= AFTER[step]
