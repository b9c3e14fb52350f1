"""When somebody is called, how often, and when it ends: one row for each urgency.

Times count from the first call that was really placed, not from the moment it fell due: a night, or a
worker that stood still, shortens nobody's notice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hotline.rules import hours

DAY = timedelta(hours=24)


class Urgency(StrEnum):
    """How much depends on being told soon."""

    EMERGENCY = "emergency"
    CRITICAL = "critical"
    ROUTINE = "routine"


VERIFY = "verify"
"""In the place of an urgency: a question to a new number, which nobody has to wait long for."""


class Night(StrEnum):
    """Who decides whether calls and texts may come outside the day's hours."""

    ALWAYS = "always"
    IF_WISHED = "if_wished"
    NEVER = "never"


class CallOutcome(StrEnum):
    """What a call came to, as far as the next one is concerned."""

    PENDING = "pending"  # placed, not known yet
    NO_ANSWER = "no_answer"  # rang out, busy, or the line failed
    ANSWERED = "answered"  # somebody spoke, without the right PIN
    VOICEMAIL = "voicemail"
    CONFIRMED = "confirmed"  # the right PIN


@dataclass(frozen=True, slots=True)
class PastCall:
    """A call that was placed: when (aware), and what it came to."""

    at: datetime
    outcome: CallOutcome


@dataclass(frozen=True, slots=True)
class Stretch:
    """Calls `every` so often, while less than `until` has passed since the first (None: to the end)."""

    every: timedelta
    until: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Cadence:
    """One row: `stretches` while nobody answers, `after_contact` once somebody or a machine did.

    No call later than `end` after the first, never more than `calls_a_day` in any 24 hours, never more than
    `calls` in all; None where there is no such bound.
    """

    night: Night
    stretches: tuple[Stretch, ...]
    after_contact: timedelta
    end: timedelta | None
    calls_a_day: int
    calls: int | None


CADENCE: Mapping[Urgency, Cadence] = {
    Urgency.EMERGENCY: Cadence(
        night=Night.ALWAYS,
        stretches=(Stretch(timedelta(minutes=15), timedelta(hours=2)), Stretch(timedelta(minutes=30))),
        after_contact=timedelta(hours=2),
        end=timedelta(hours=24),
        calls_a_day=24,
        calls=None,
    ),
    Urgency.CRITICAL: Cadence(
        night=Night.IF_WISHED,
        stretches=(Stretch(timedelta(minutes=30), timedelta(hours=4)), Stretch(timedelta(hours=2))),
        after_contact=timedelta(hours=2),
        end=timedelta(hours=48),
        calls_a_day=12,
        calls=None,
    ),
    Urgency.ROUTINE: Cadence(
        night=Night.NEVER,
        stretches=(Stretch(timedelta(hours=2)),),
        after_contact=timedelta(hours=2),
        end=None,
        calls_a_day=3,
        calls=3,
    ),
}

# An event older than this at its first attempt is told with its date.
FRESH = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Verification:
    """How a new number is asked to say yes, counted from the first request sent.

    Within `at_once` of the caller's own wish the first request goes out at any hour: they are holding the
    phone.
    """

    at_once: timedelta
    again: timedelta
    requests: int
    lapses: timedelta


VERIFICATION = Verification(
    at_once=timedelta(minutes=30), again=timedelta(hours=24), requests=2, lapses=timedelta(hours=72)
)


def next_call(
    urgency: Urgency,
    first_due: datetime,
    attempts: Sequence[PastCall],
    zones: Collection[str],
    any_hour: bool,
    now: datetime,
) -> datetime | None:
    """When to call next (UTC, not before `now`); None when it is confirmed or the end is reached
    unconfirmed.

    `attempts` are the calls placed for this notice, in any order; `any_hour` is the subscriber's own wish.
    Once a call was answered or met a voicemail, the slower interval holds from there to the end. The cap of
    calls in 24 hours goes before the intervals. A first call is always made, however late.
    """
    if any(call.outcome is CallOutcome.CONFIRMED for call in attempts):
        return None
    row = CADENCE[urgency]
    night = _night(row, any_hour)
    placed = sorted(call.at for call in attempts)
    if not placed:
        return hours.next_allowed(max(now, first_due), zones, night)
    if row.calls is not None and len(placed) >= row.calls:
        return None
    at = _under_cap(max(now, placed[-1] + _interval(row, attempts)), placed, row.calls_a_day, zones, night)
    return None if row.end is not None and at > placed[0] + row.end else at


def text_at(urgency: Urgency, now: datetime, zones: Collection[str], any_hour: bool) -> datetime:
    """When the one text or mail of a notice goes out (UTC, not before `now`)."""
    return hours.next_allowed(now, zones, _night(CADENCE[urgency], any_hour))


def told_with_date(happened: datetime, first_attempt: datetime) -> bool:
    """Whether the event is so old at its first attempt that its date must be said."""
    return first_attempt - happened > FRESH


def next_verification(
    asked: datetime | None, sent: Sequence[datetime], zones: Collection[str], now: datetime
) -> datetime | None:
    """When a new number is next asked to say yes (UTC, not before `now`); None when nothing more is sent.

    `asked` is when the caller wished it, None where nobody waits at the phone for it; `sent` when requests went out,
    by call or by text alike.
    """
    if not sent:
        if asked is None:
            return hours.next_allowed(now, zones, any_hour=False)
        at_once = now - asked <= VERIFICATION.at_once
        return hours.next_allowed(max(now, asked), zones, at_once)
    if len(sent) >= VERIFICATION.requests:
        return None
    at = hours.next_allowed(max(now, max(sent) + VERIFICATION.again), zones, any_hour=False)
    return at if at < min(sent) + VERIFICATION.lapses else None


def verification_lapses(sent: Sequence[datetime]) -> datetime | None:
    """When an unanswered number is dropped; None as long as it was never asked."""
    return min(sent) + VERIFICATION.lapses if sent else None


def _night(row: Cadence, any_hour: bool) -> bool:
    return row.night is Night.ALWAYS or (row.night is Night.IF_WISHED and any_hour)


def _interval(row: Cadence, attempts: Sequence[PastCall]) -> timedelta:
    """How long to wait after the last call."""
    if any(call.outcome in (CallOutcome.ANSWERED, CallOutcome.VOICEMAIL) for call in attempts):
        return row.after_contact
    times = [call.at for call in attempts]
    passed = max(times) - min(times)
    return next(stretch.every for stretch in row.stretches if stretch.until is None or passed < stretch.until)


def _under_cap(
    earliest: datetime, placed: Sequence[datetime], cap: int, zones: Collection[str], night: bool
) -> datetime:
    """The first allowed moment from `earliest` on with fewer than `cap` calls in the 24 hours before it."""
    at = hours.next_allowed(earliest, zones, night)
    recent = [call for call in placed if call > at - DAY]
    if len(recent) < cap:
        return at
    # Room comes when the oldest of the last `cap` calls is a day old; later moments only have more of it.
    return hours.next_allowed(recent[-cap] + DAY, zones, night)
