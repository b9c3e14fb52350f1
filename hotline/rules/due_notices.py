"""Which notices should exist, by when, and when calls follow: computed from what happened and was wished alone.

This is the other side of the ledger. The code that plans and sends must not be asked what it should have done, so
nothing of it is used here; only the tables of the cadence and the hours are common ground.

Where two things carry the same time, their order is not known: then nothing is demanded and nothing is blamed that
one order would excuse.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import NamedTuple

from hotline.rules import hours
from hotline.rules.brakes import EventState
from hotline.rules.cadence import CADENCE, DAY, Night, Urgency
from hotline.rules.custody import EventKind, class_of
from hotline.rules.delivery import FINAL_ATTEMPTS, AttemptState, DeliveryState

CONTACTED = frozenset({"pending", "active"})
"""Enrolments for which a notice is planned; it goes out once they are active."""

LATE: Mapping[Urgency, timedelta] = {
    Urgency.EMERGENCY: timedelta(minutes=15),
    Urgency.CRITICAL: timedelta(hours=1),
    Urgency.ROUTINE: timedelta(hours=4),
}
"""How long after it may go a notice, or the next call for one, must have been tried, before it counts as late."""

CONSENT_LOOK = timedelta(hours=1)
"""How long it may take until a notice that waited for its enrolment is looked at again."""

POSSIBLY_PLACED = frozenset({AttemptState.PLACING, AttemptState.UNCERTAIN})


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an enrolment wished, and its number allowed, from `at` on. `zones` is None where its number is gone."""

    at: datetime
    status: str
    subscriber_id: str
    wanted: frozenset[str]
    stopped: frozenset[str]
    any_hour: bool
    zones: tuple[str, ...] | None

    @property
    def channels(self) -> frozenset[str]:
        """The channels by which something may go out."""
        return self.wanted - self.stopped

    def night(self, urgency: Urgency) -> bool:
        """Whether a notice of this urgency may come at any hour."""
        night = CADENCE[urgency].night
        return night is Night.ALWAYS or (night is Night.IF_WISHED and self.any_hour)


@dataclass(frozen=True, slots=True)
class Happened:
    """A custody event. `moot_at` is when nobody needed to hear of it any more."""

    id: int
    subject_ref: int
    kind: EventKind
    state: EventState
    released_at: datetime | None
    taken_back_at: datetime | None
    moot_at: datetime | None = None
    corrects: int | None = None
    corrects_kind: EventKind | None = None

    @property
    def urgency(self) -> Urgency | None:
        """How soon it is to be told; None for what is never told."""
        return _urgency(self.kind, self.corrects_kind)


@cache
def _urgency(kind: EventKind, corrects: EventKind | None) -> Urgency | None:
    told = class_of(kind, corrects).value
    return Urgency(told) if told in list(Urgency) else None


class Tried(NamedTuple):
    """One call, text or mail for a delivery; there are many, and a tuple is made quickly."""

    placed_at: datetime
    status: AttemptState
    accepted_at: datetime | None = None
    looked_up_at: datetime | None = None
    ended_at: datetime | None = None
    error_code: int | None = None

    @property
    def may_have_reached(self) -> bool:
        """Whether the platform took it, or may have."""
        return self.accepted_at is not None or self.status in POSSIBLY_PLACED

    def known_at(self, moment: datetime) -> bool:
        """Whether whoever decided at this moment had to count it as placed."""
        taken = self.accepted_at is not None and self.accepted_at <= moment
        return taken or (self.may_have_reached and self.looked_up_at is None)

    def contact_at(self, moment: datetime) -> bool:
        """Whether it was known at this moment that somebody, or a machine, had answered."""
        return self.status is AttemptState.COMPLETED and self.ended_at is not None and self.ended_at <= moment


@dataclass(frozen=True)
class Made:
    """A delivery as it stands, with its attempts in order; at `retried_at` staff began it anew."""

    id: str
    subscriber_id: str
    occasion: str
    event_id: int | None
    channel: str
    urgency: str
    status: DeliveryState
    reason: str | None
    created_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    tries: tuple[Tried, ...]
    retried_at: datetime | None = None

    @cached_property
    def counted(self) -> list[Tried]:
        """What may have reached somebody since it began, or began anew."""
        return [one for one in self.placed if self.retried_at is None or one.placed_at >= self.retried_at]

    @cached_property
    def placed(self) -> list[Tried]:
        """What may have reached somebody."""
        return [tried for tried in self.tries if tried.may_have_reached]


@dataclass(frozen=True, slots=True)
class DueNotice:
    """A notice that should exist, and the moment by which it must have been tried."""

    event: Happened
    channel: str
    by: datetime


def in_force(past: Sequence[Wishes], since: datetime, until: datetime) -> list[Wishes]:
    """The wishes that held at some moment from `since` to `until`, those that ended just at `since` included.

    `past` is in order of time. Empty where the enrolment was not there yet when the time began.
    """
    before = [wishes for wishes in past if wishes.at < since][-1:]
    return before + [wishes for wishes in past if since <= wishes.at <= until]


def due_notices(
    past: Sequence[Wishes],
    event: Happened,
    told: Collection[str],
    outages: Sequence[tuple[datetime, datetime | None]],
    now: datetime,
) -> Iterator[DueNotice]:
    """The notices of one event that one enrolment must have got by `now`, one for each channel.

    `told` are the channels by which it heard what a correction takes back. `outages` tell when our own set-up at the
    platform was broken, which staff were told of.
    """
    urgency, released = event.urgency, event.released_at
    if urgency is None or released is None or event.state is not EventState.RELEASED:
        return
    held = in_force(past, released, released)
    if not held or held[0].at >= released:
        return
    awaiting = {"active"} if event.kind in (EventKind.CORRECTION, EventKind.FEED_STALE) else CONTACTED
    for channel in sorted(held[-1].channels):
        wished = all(wishes.status in awaiting and channel in wishes.channels for wishes in held)
        if not wished or (event.kind is EventKind.CORRECTION and channel not in told):
            continue
        by = _tried_by(past, channel, urgency, released, outages)
        if by is not None and by < now and (event.moot_at is None or by < event.moot_at):
            yield DueNotice(event, channel, by)


def _tried_by(
    past: Sequence[Wishes],
    channel: str,
    urgency: Urgency,
    released: datetime,
    outages: Sequence[tuple[datetime, datetime | None]],
) -> datetime | None:
    """By when the first attempt is due; None where it never came to that."""
    by: datetime | None = None
    for wishes in in_force(past, released, datetime.max.replace(tzinfo=released.tzinfo)):
        if by is not None and wishes.at > by:
            break
        if wishes.status == "pending" and by is None:
            continue
        if wishes.status != "active" or channel not in wishes.channels or wishes.zones is None:
            return None
        waited = CONSENT_LOOK if wishes.at > released else timedelta(0)
        may_go = _within_hours(max(released, wishes.at) + waited, urgency, wishes)
        by = may_go if by is None else max(by, may_go)
    for began, ended in outages:
        if by is not None and began < by and (ended is None or ended > released):
            by = None if ended is None else max(by, ended + LATE[urgency])
    return by


def _within_hours(start: datetime, urgency: Urgency, wishes: Wishes) -> datetime:
    """The end of the time for a try that may be made from `start` on; a night in between does not count."""
    zones, night = wishes.zones or (), wishes.night(urgency)
    end = hours.next_allowed(start, zones, night) + LATE[urgency]
    return end if hours.allowed(end, zones, night) else hours.next_allowed(end, zones, night) + LATE[urgency]


def least_gap(urgency: Urgency, calls: Sequence[Tried], moment: datetime) -> timedelta:
    """The least time from the last of these calls to one placed at `moment`, by what was known then."""
    row = CADENCE[urgency]
    if any(call.contact_at(moment) for call in calls):
        return row.after_contact
    passed = calls[-1].placed_at - calls[0].placed_at
    return next(stretch.every for stretch in row.stretches if stretch.until is None or passed < stretch.until)


def next_call_by(urgency: Urgency, calls: Sequence[Tried], wishes: Wishes) -> datetime | None:
    """By when the call after these must have been tried; None where none may follow any more."""
    row = CADENCE[urgency]
    if row.calls is not None and len(calls) >= row.calls:
        return None
    first, last = calls[0].placed_at, calls[-1].placed_at
    answered = any(call.status in (AttemptState.ANSWERED, AttemptState.COMPLETED) for call in calls)
    gap = row.after_contact if answered else row.stretches[-1].every
    earliest = max(last + gap, calls[-row.calls_a_day].placed_at + DAY if len(calls) >= row.calls_a_day else last)
    opens = hours.next_allowed(earliest, wishes.zones or (), wishes.night(urgency))
    if row.end is not None and opens > first + row.end:
        return None
    return _within_hours(earliest, urgency, wishes)


def is_open(tried: Tried) -> bool:
    """Whether the end of an attempt is not known."""
    return tried.ended_at is None and tried.status not in FINAL_ATTEMPTS
