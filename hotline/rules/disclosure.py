"""Who may be shown: nobody, unless the agency's own record says three times that they may."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum


class ProtectedNotice(StrEnum):
    """What a subscriber hears of a sign-up that ended because its person may no longer be shown. Never why."""

    SILENCE = "silence"
    NEUTRAL_END = "neutral_end"


def may_be_shown(disclosable: bool | None, protected: bool | None, adult_on: date | None, today: date) -> bool:
    """Whether a person may be found, read back or told about. The store states the same rule in its queries.

    `adult_on` is the first day on which the recorded date of birth proves 18 years (None: it proves nothing).
    `today` is the date where it is earliest in the United States, so that nobody is shown hours too soon.
    A value that is absent denies. People under 8 U.S.C. 1367 come as `protected`.
    """
    return disclosable is True and protected is False and adult_on is not None and adult_on <= today


EARLIEST_CLOCK = timedelta(hours=-11)
"""Pago Pago's distance from UTC: nowhere in the United States is the date earlier, and no clock there changes."""


def earliest_date(now: datetime) -> date:
    """The date where it is earliest in the United States, of an aware time."""
    return (now.astimezone(UTC) + EARLIEST_CLOCK).date()
