"""What happened to a person, told from the stints that the agency reports.

A *stint* is one person at one place for one time; a *stay* is a chain of stints. Everything here is a pure
function of one subject's stints: importing the same rows in any order, or twice, tells the same events.

The rules, in the order in which they are asked:

- At a book-in: after a death nothing can be told (UNDER_REVIEW). Someone who was told to have left custody is
  RETURNED, or RECAPTURED after an escape, however long that is ago and whatever was in doubt in between. Otherwise
  the first stint of a stay is BOOKED_IN and a further one is no news.
- At a book-out: a wording that is not in the table, no wording, a wording without a date, and a book-out
  before the book-in are UNDER_REVIEW; so is an ending while another stint still holds the person, except a
  death, which a person reads anyway.
- A transfer is told with the time of leaving, and only once the next stint of the stay is known, or when the clock
  has waited long enough for that (`overdue`). One of somebody who had left by then is UNDER_REVIEW.

What becomes of events that are stored already, when rows are corrected, stands in `custody_events`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from urllib.parse import quote

from hotline.rules.custody_wordings import outcome
from hotline.rules.event_kinds import CLASSES as CLASSES
from hotline.rules.event_kinds import NEEDS_APPROVAL as NEEDS_APPROVAL
from hotline.rules.event_kinds import EventClass as EventClass
from hotline.rules.event_kinds import EventKind as EventKind
from hotline.rules.event_kinds import class_of as class_of

# How long the word of a transfer waits for the arrival, and when a missing arrival becomes urgent.
ARRIVAL_AWAITED = timedelta(hours=8)
ARRIVAL_OVERDUE = timedelta(hours=24)


class Whereabouts(StrEnum):
    """Where a person stands now, as far as anybody may be told. A death, too, is UNDER_REVIEW here."""

    IN_CUSTODY = "in_custody"
    MOVED = "moved"
    RELEASED = "released"
    REMOVED = "removed"
    DEPARTED = "departed"
    OTHER_AGENCY = "other_agency"
    ESCAPED = "escaped"
    UNDER_REVIEW = "under_review"


# What a book-out leaves behind; its keys are every kind that a book-out can tell.
LEFT_AS: Mapping[EventKind, Whereabouts] = MappingProxyType(
    {
        EventKind.TRANSFERRED: Whereabouts.MOVED,
        EventKind.RELEASED: Whereabouts.RELEASED,
        EventKind.REMOVED: Whereabouts.REMOVED,
        EventKind.DEPARTED: Whereabouts.DEPARTED,
        EventKind.TO_OTHER_AGENCY: Whereabouts.OTHER_AGENCY,
        EventKind.ESCAPED: Whereabouts.ESCAPED,
        EventKind.DIED: Whereabouts.UNDER_REVIEW,
        EventKind.UNDER_REVIEW: Whereabouts.UNDER_REVIEW,
    }
)

# What a book-in means to somebody who stood there.
BACK_FROM: Mapping[Whereabouts, EventKind] = MappingProxyType(
    {
        Whereabouts.RELEASED: EventKind.RETURNED,
        Whereabouts.REMOVED: EventKind.RETURNED,
        Whereabouts.DEPARTED: EventKind.RETURNED,
        Whereabouts.OTHER_AGENCY: EventKind.RETURNED,
        Whereabouts.ESCAPED: EventKind.RECAPTURED,
    }
)


@dataclass(frozen=True, slots=True)
class Stint:
    """One person at one place for one time. Times are aware UTC; `book_out_at` is None while it is open."""

    stay_id: str
    stint_id: str
    book_in_at: datetime
    book_out_at: datetime | None
    release_reason: str | None


@dataclass(frozen=True, slots=True)
class CustodyEvent:
    """One thing that happened. `key` is unique within its subject and the same at every import."""

    kind: EventKind
    stay_id: str
    stint_id: str
    at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands and since when; `since` is None only where there is no stint at all."""

    whereabouts: Whereabouts
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one subject's stints tell: all events by time, and where the subject stands after them."""

    events: tuple[CustodyEvent, ...]
    standing: Standing

    @property
    def awaited_since(self) -> datetime | None:
        """When the subject left by transfer if the arrival is not known; None for everybody else."""
        return self.standing.since if self.standing.whereabouts is Whereabouts.MOVED else None


def read(stints: Iterable[Stint]) -> Reading:
    """What one subject's stints tell. Their order does not matter."""
    events: dict[str, CustodyEvent] = {}
    walk = _walk(stints)
    for event, _ in walk:
        if event is not None:
            events.setdefault(event.key, event)  # one stint can be in doubt twice
    return Reading(tuple(events.values()), walk[-1][1] if walk else _Course().standing)


def history(stints: Iterable[Stint]) -> tuple[CustodyEvent, ...]:
    """All events that one subject's stints tell, by time."""
    return read(stints).events


def status(stints: Iterable[Stint]) -> Standing:
    """Where one subject stands now. UNDER_REVIEW means that nothing can be told: a person will help."""
    return read(stints).standing


def overdue(stints: Iterable[Stint], now: datetime) -> tuple[CustodyEvent, ...]:
    """What the clock tells about a subject who left by transfer and has not arrived: at most one event.

    TRANSFERRED from 8 h after leaving, and IN_TRANSIT from 24 h, both with the time of leaving.
    """
    ordered = _ordered(stints)
    since = read(ordered).awaited_since
    if since is None or now - since < ARRIVAL_AWAITED:
        return ()
    stint = next(stint for stint in reversed(ordered) if ending_of(stint) == (since, EventKind.TRANSFERRED))
    if now - since >= ARRIVAL_OVERDUE:
        return (_event(EventKind.IN_TRANSIT, stint, since),)
    key = key_of(stint.stay_id, stint.stint_id, NOT_ARRIVED)
    return (CustodyEvent(EventKind.TRANSFERRED, stint.stay_id, stint.stint_id, since, key),)


def look_again_at(since: datetime | None, now: datetime | None) -> datetime | None:
    """When the clock is to look at a subject who is awaited `since` then: at 8 h and at 24 h; None where never.

    `now` is given where it just looked: what was due by then is done.
    """
    if since is None:
        return None
    return next((at for at in (since + ARRIVAL_AWAITED, since + ARRIVAL_OVERDUE) if now is None or at > now), None)


LONGEST_KEY = 100


def key_of(stay_id: str, stint_id: str, what: str) -> str:
    """The key of what happened at a stint, at most 100 characters: longer ones are replaced by their hash."""
    key = f"{_quoted(stay_id)}/{_quoted(stint_id)}:{what}"
    return key if len(key) <= LONGEST_KEY else f"sha256:{sha256(key.encode()).hexdigest()}"


def _quoted(number: str) -> str:
    return number if _PLAIN(number) else quote(number, safe="")


_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch
"""What quoting leaves as it is, which most numbers are."""


NOT_ARRIVED = "transferred_not_arrived"
"""Ends the key of a TRANSFERRED that the clock told before the arrival was known."""


def keys_of(stint: Stint) -> dict[str, EventKind]:
    """Every key that an event of this stint can have, with its kind."""
    kinds = {kind.value: kind for kind in _OF_STINTS} | {NOT_ARRIVED: EventKind.TRANSFERRED}
    return {key_of(stint.stay_id, stint.stint_id, what): kind for what, kind in kinds.items()}


_OF_STINTS = tuple(kind for kind in EventKind if kind not in (EventKind.CORRECTION, EventKind.FEED_STALE))


def _event(kind: EventKind, stint: Stint, at: datetime) -> CustodyEvent:
    return CustodyEvent(kind, stint.stay_id, stint.stint_id, at, key_of(stint.stay_id, stint.stint_id, kind))


def ending_of(stint: Stint) -> tuple[datetime, EventKind] | None:
    """When and how a stint ended; None while it is open. What contradicts itself is for a person to read."""
    if stint.book_out_at is None:
        # A wording without its date: the book-in is the only time that the row gives.
        return (stint.book_in_at, EventKind.UNDER_REVIEW) if (stint.release_reason or "").strip() else None
    if stint.book_out_at < stint.book_in_at:
        return stint.book_in_at, EventKind.UNDER_REVIEW
    return stint.book_out_at, outcome(stint.release_reason)


def _ordered(stints: Iterable[Stint]) -> list[Stint]:
    """By time; the rest of the keys make the same stints come in the same order, one to each id."""
    stints = list(stints)
    one_each = {(stint.stay_id, stint.stint_id): stint for stint in stints}
    if len(one_each) < len(stints):
        by_end = sorted(stints, key=lambda stint: (*_span(stint), stint.release_reason or ""))
        one_each = {(stint.stay_id, stint.stint_id): stint for stint in by_end}
    return sorted(one_each.values(), key=lambda stint: (*_span(stint), stint.stay_id, stint.stint_id))


def _span(stint: Stint) -> tuple[datetime, datetime]:
    return stint.book_in_at, stint.book_out_at or _FOREVER


_FOREVER = datetime.max.replace(tzinfo=UTC)


def _walk(stints: Iterable[Stint]) -> list[tuple[CustodyEvent | None, Standing]]:
    """Every book-in and book-out by time: the event that it tells, if any, and the standing after it."""
    ordered = _ordered(stints)
    latest: dict[str, int] = {}  # stay → its last stint so far
    followed: set[int] = set()
    # Time, place in the order, how it ended or None for a book-in. By the order, a stint of no length is over
    # before the next one begins.
    moments: list[tuple[datetime, int, EventKind | None]] = []
    for index, stint in enumerate(ordered):
        if stint.stay_id in latest:
            followed.add(latest[stint.stay_id])
        latest[stint.stay_id] = index
        moments.append((stint.book_in_at, index, None))
        if (ending := ending_of(stint)) is not None:
            moments.append((ending[0], index, ending[1]))
    course = _Course()
    walk: list[tuple[CustodyEvent | None, Standing]] = []
    # The sort is stable, so a stint's book-in stays before its own book-out.
    for at, index, ended in sorted(moments, key=lambda moment: moment[:2]):
        stint = ordered[index]
        kind = course.leave(stint, at, ended, index in followed) if ended else course.arrive(stint, at)
        walk.append((_event(kind, stint, at) if kind else None, course.standing))
    return walk


@dataclass(slots=True)
class _Course:
    """One person's way through custody, one moment after the other."""

    standing: Standing = Standing(Whereabouts.UNDER_REVIEW, None)
    # Stay → the stint that holds the person; the next one of the chain takes its place.
    held_by: dict[str, str] = field(default_factory=dict)
    stays_begun: set[str] = field(default_factory=set)
    # What was told of how they left, until they are told to be back.
    gone: Whereabouts | None = None
    dead: bool = False

    def arrive(self, stint: Stint, at: datetime) -> EventKind | None:
        first_of_stay = stint.stay_id not in self.stays_begun
        self.stays_begun.add(stint.stay_id)
        self.held_by[stint.stay_id] = stint.stint_id
        if self.dead:
            return EventKind.UNDER_REVIEW
        gone, self.gone = self.gone, None
        self.standing = Standing(Whereabouts.IN_CUSTODY, at)
        if gone is not None:
            return BACK_FROM[gone]
        return EventKind.BOOKED_IN if first_of_stay else None

    def leave(self, stint: Stint, at: datetime, kind: EventKind, arrival_known: bool) -> EventKind | None:
        held = self.held_by.get(stint.stay_id) == stint.stint_id
        if held:
            del self.held_by[stint.stay_id]
        if self.dead:
            return EventKind.UNDER_REVIEW
        if kind is EventKind.TRANSFERRED:
            if self.gone is not None:  # nobody is moved who was told to have left
                return EventKind.UNDER_REVIEW
            if held and not self.held_by:
                self.standing = Standing(Whereabouts.MOVED, at)
            return kind if arrival_known else None
        self.dead = kind is EventKind.DIED
        # Another stint says that the person is still held, or was moved on from here: both can't be true.
        if not self.dead and (self.held_by or not held):
            kind = EventKind.UNDER_REVIEW
        self.standing = Standing(LEFT_AS[kind], at)
        if self.standing.whereabouts in BACK_FROM:
            self.gone = self.standing.whereabouts
        return kind
