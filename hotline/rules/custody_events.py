"""What becomes of a subject's stored events when rows came or were corrected: new ones, and ones to take back.

A pure function of the stints and of what is stored. At its end the stored events that stand are those that the
stints tell, in whatever order and pieces the rows came; only what the clock told (`custody.overdue`) comes on top.

Whoever was told an event that the records no longer tell hears a correction where the records now clearly say
otherwise. Where they are merely in doubt, a person decides: to be told that a release was an error, when it was
none, is the worst that this line could say. What is still true as it was told needs no correction:

- A book-in, for as long as its stint stands: another first stint, or a date put right, changes nothing about
  where the person is.
- A transfer, for as long as its stint ends by one.
- An event that is told again less than 12 hours apart, under whatever numbers of stay and stint: only the day is
  ever spoken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hotline.rules.brakes import EventState
from hotline.rules.custody import (
    NOT_ARRIVED,
    CustodyEvent,
    EventKind,
    Stint,
    ending_of,
    key_of,
    keys_of,
    overdue,
    read,
)

GONE = "gone:"
"""Begins the key of an event that no stint tells: the person is missing from a full snapshot."""
FORMER = "former:"
"""Begins the key of an event that the records no longer tell, so that its own key is free again."""

REVIEW = "review:"
"""Begins the key of what a person found an event in doubt to be; that event's row id ends it."""
CORRECTION = "correction:"
"""Begins the key of what takes back an event, or of a doubt about a correction; the other's row id ends it."""
STALE = "stale:"
"""Begins the key of an event that tells how long nothing could be checked."""
OUR_KEYS = (GONE, FORMER, REVIEW, CORRECTION, STALE)
"""How the keys of events begin that no stint tells: we do, or a person did."""
NOT_BY_STINTS = frozenset({EventKind.CORRECTION, EventKind.FEED_STALE})
BOOK_INS = frozenset({EventKind.BOOKED_IN, EventKind.RETURNED, EventKind.RECAPTURED})
MOVES = frozenset({EventKind.TRANSFERRED, EventKind.IN_TRANSIT})

SAME_TIME = timedelta(hours=12)
"""Two times of one kind less far apart than this are one event, written down twice."""


class Amends(StrEnum):
    """What those are owed who were told an event that is taken back."""

    NOTHING = "nothing"
    CORRECTION = "correction"
    REVIEW = "review"  # a person reads the records first


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it is stored, by its row id."""

    id: int
    key: str
    kind: EventKind
    at: datetime
    state: EventState

    @property
    def told(self) -> bool:
        """Whether anybody can have been told."""
        return self.state is EventState.RELEASED


@dataclass(frozen=True, slots=True)
class Moved:
    """A stored event that goes on under another key or time; nobody is told again."""

    event: StoredEvent
    to: CustodyEvent


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A stored event that the records no longer tell."""

    event: StoredEvent
    amends: Amends


@dataclass(frozen=True, slots=True)
class Difference:
    """What is to be done to the stored events. All that is new waits for a person where `doubtful`."""

    new: tuple[CustodyEvent, ...] = ()
    moved: tuple[Moved, ...] = ()
    taken_back: tuple[TakenBack, ...] = ()
    awaited_since: datetime | None = None
    """When the subject left by transfer if the arrival is not known."""

    @property
    def doubtful(self) -> bool:
        """Whether a death that was told is taken back: nothing about this person is told by itself then."""
        return any(back.event.kind is EventKind.DIED and back.event.told for back in self.taken_back)


def difference(stints: Collection[Stint], stored: Iterable[StoredEvent]) -> Difference:
    """What one subject's stints tell, against all that is stored of them."""
    reading, stored = read(stints), list(stored)
    if not stored:
        return Difference(reading.events, awaited_since=reading.awaited_since)
    told = {event.key: event for event in reading.events}
    known = {event.key: event for event in stored if _tells_a_stint(event)}
    for key in list(_told_by_the_clock(stints, told, known)):
        told.pop(key, None)
        known.pop(key, None)
    moved = [Moved(known[key], told[key]) for key in told if key in known and _is_same(known[key], told[key])]
    settled = {move.to.key for move in moved}
    new = {key: event for key, event in told.items() if key not in settled}
    taken_back = []
    gone = [event for key, event in known.items() if key not in settled]
    for event in [*gone, *_found_by_a_person(gone, stored)]:
        if (again := _told_again(event, new.values(), stints)) is not None:
            moved.append(Moved(event, new.pop(again.key)))
        else:
            taken_back.append(TakenBack(event, _amends(event, stints, told)))
    # Taken back, but no correction has gone out, and now the records tell it again: nothing happened.
    for event in [event for event in stored if event.key.startswith(FORMER) and event.told]:
        if (again := _told_again(event, new.values(), stints)) is not None:
            moved.append(Moved(event, new.pop(again.key)))
    changed = [move for move in moved if (move.event.key, move.event.at) != (move.to.key, move.to.at)]
    return Difference(tuple(new.values()), tuple(changed), tuple(taken_back), reading.awaited_since)


def news_of_the_clock(
    stints: Collection[Stint], stored: Iterable[StoredEvent], now: datetime
) -> tuple[CustodyEvent, ...]:
    """What is to be told of a subject because no arrival came: nothing that is stored already."""
    known = {event.key for event in stored}
    return tuple(event for event in overdue(stints, now) if event.key not in known)


def records_in_doubt(stored: Iterable[StoredEvent]) -> bool:
    """Whether the last word on a person is not the records': a person's who read them, or an event still stands that
    the records took back, because its correction was called off."""
    events = sorted((event for event in stored if not event.key.startswith((GONE, STALE))), key=lambda event: event.id)
    former = {f"{CORRECTION}{event.id}" for event in events if event.key.startswith(FORMER)}
    for event in reversed(events):
        if event.key in former and event.state is EventState.CANCELLED:
            return True
        if event.told:
            return event.key.startswith(REVIEW)
    return False


def _tells_a_stint(event: StoredEvent) -> bool:
    return event.kind not in NOT_BY_STINTS and not event.key.startswith(OUR_KEYS)


def _found_by_a_person(gone: Iterable[StoredEvent], stored: Iterable[StoredEvent]) -> list[StoredEvent]:
    """What was told of events in doubt that are in doubt no longer."""
    keys = {f"{REVIEW}{event.id}" for event in gone if event.kind is EventKind.UNDER_REVIEW}
    return [event for event in stored if event.key in keys and event.told]


def _told_by_the_clock(stints: Iterable[Stint], told: Collection[str], known: dict[str, StoredEvent]) -> Iterator[str]:
    """Keys that the stints can't tell, or need not tell any more, because the clock did.

    IN_TRANSIT tells that an arrival is missing, so the arrival is told after it even where the move was told before.
    """
    for stint in stints:
        if _ends_by_transfer(stint):
            waited, in_transit, arrived = (
                key_of(stint.stay_id, stint.stint_id, what)
                for what in (NOT_ARRIVED, EventKind.IN_TRANSIT, EventKind.TRANSFERRED)
            )
            yield from (waited, in_transit)
            heard = waited in known and known[waited].state is not EventState.CANCELLED
            if arrived in told and arrived not in known and heard and in_transit not in known:
                yield arrived


def _ends_by_transfer(stint: Stint) -> bool:
    ending = ending_of(stint)
    return ending is not None and ending[1] is EventKind.TRANSFERRED


def _is_same(stored: StoredEvent, told: CustodyEvent) -> bool:
    """Whether an event of the same key is the same event. What nobody was told of simply moves."""
    waits = stored.state in (EventState.DERIVED, EventState.HELD)
    return waits or stored.kind in BOOK_INS or abs(stored.at - told.at) < SAME_TIME


def _told_again(stored: StoredEvent, new: Iterable[CustodyEvent], stints: Iterable[Stint]) -> CustodyEvent | None:
    """The new event that is the stored one under another key: of its kind, and near in time, or of its stay."""
    same_kind = [event for event in new if event.kind is stored.kind]
    if stored.kind is EventKind.BOOKED_IN:  # a stay has just one
        stays = {stint.stay_id for stint in stints if key_of(stint.stay_id, stint.stint_id, stored.kind) == stored.key}
        near = [event for event in same_kind if event.stay_id in stays or abs(event.at - stored.at) < SAME_TIME]
    else:
        near = [event for event in same_kind if event.key != stored.key and abs(event.at - stored.at) < SAME_TIME]
    return min(near, key=lambda event: (abs(event.at - stored.at), event.key), default=None)


def _amends(event: StoredEvent, stints: Iterable[Stint], told: Collection[str]) -> Amends:
    if not event.told:
        return Amends.NOTHING
    stint = next((stint for stint in stints if event.key in keys_of(stint)), None)
    if stint is None or event.kind is EventKind.DIED:
        return Amends.REVIEW
    if event.kind in BOOK_INS or (event.kind in MOVES and _ends_by_transfer(stint)):
        return Amends.NOTHING
    in_doubt = key_of(stint.stay_id, stint.stint_id, EventKind.UNDER_REVIEW) in told
    return Amends.REVIEW if in_doubt else Amends.CORRECTION
