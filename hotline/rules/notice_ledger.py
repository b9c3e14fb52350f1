"""What was done for one enrolment, held against what should have been done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from hotline.rules import hours
from hotline.rules.cadence import VERIFICATION, VERIFY, Urgency
from hotline.rules.custody import EventKind
from hotline.rules.delivery import DeliveryState
from hotline.rules.due_notices import CONTACTED, Happened, Made, Tried, Wishes, due_notices, in_force
from hotline.rules.notice_faults import Difference, Fault
from hotline.rules.notice_rhythm import wrong_end, wrong_rhythm
from hotline.rules.occasions import Occasion, kind, subject

IN_EFFECT = timedelta(seconds=60)
"""How long after a stop, a wish or a decision something may still have gone out (a stop: within 60 seconds)."""
CONFIRMED_IN_EFFECT = timedelta(seconds=5)
CLAIMED = timedelta(seconds=5)
"""How far the moment of deciding and the moment of writing down may be apart."""
CORRECTED_WITHIN = timedelta(minutes=10)

STATUSES: Mapping[Occasion, frozenset[str]] = {
    Occasion.EVENT: frozenset({"active"}),
    Occasion.VERIFY: frozenset({"pending"}),
    Occasion.CHANGE: frozenset({"pending", "active"}),
    Occasion.RECONFIRM: frozenset({"active"}),
}
"""As what an enrolment must stand for something to go out; a last or neutral word may go whatever it is."""
TO_OTHERS = frozenset({Occasion.CHANGE, Occasion.MOVED})
"""What goes to another number than the enrolment's own."""

Outages = Sequence[tuple[datetime, datetime | None]]
"""When our own set-up at the platform was broken: from, until."""


@dataclass(frozen=True)
class Ledger:
    """All that is known of one enrolment. `tasks` are (kind, event); `asked_numbers` whom each change asks."""

    enrolment_id: str
    subject_ref: int | None
    status: str
    shown: bool
    past: Sequence[Wishes]
    events: Mapping[int, Happened]
    made: Sequence[Made]
    tasks: frozenset[tuple[str, int | None]] = frozenset()
    asked_numbers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def by_event(self) -> Mapping[int, Sequence[Made]]:
        """The deliveries about each event."""
        found: dict[int, list[Made]] = defaultdict(list)
        for made in self.made:
            if made.event_id is not None:
                found[made.event_id].append(made)
        return found

    def about(self, event_id: int | None) -> Sequence[Made]:
        """The deliveries about one event; none about no event."""
        return () if event_id is None else self.by_event.get(event_id, ())

    def confirmed_at(self, event_id: int | None) -> datetime | None:
        """When it was first known that an event had been heard."""
        return min((one.confirmed_at for one in self.about(event_id) if one.confirmed_at is not None), default=None)


def differences(ledger: Ledger, outages: Outages, now: datetime) -> list[Difference]:
    """Everything about one enrolment that is not as it should be at `now`, the oldest first."""
    found = [*_not_made(ledger, outages, now), *_uncorrected(ledger, now)]
    for made in ledger.made:
        found += _wrongly_sent(ledger, made)
        faults = [
            *wrong_rhythm(made, _calls_over_at(ledger, made)),
            *wrong_end(made, ledger.tasks, ledger.past, outages, now),
        ]
        found += [_of(fault, at, ledger.enrolment_id, made) for fault, at in faults]
    if ledger.status in CONTACTED and ledger.subject_ref is not None and not ledger.shown:
        found.append(Difference(Fault.NOT_FROZEN, now, ledger.enrolment_id))
    return sorted(found, key=lambda one: (one.at, one.fault))


def _calls_over_at(ledger: Ledger, made: Made) -> datetime | None:
    """When calls about the event of this delivery ended unconfirmed."""
    of_it = ledger.about(made.event_id)
    ends = [one.ended_at for one in of_it if one.status is DeliveryState.UNCONFIRMED and one.ended_at is not None]
    return min(ends, default=None)


def _of(fault: Fault, at: datetime, ledger_id: str, made: Made) -> Difference:
    return Difference(fault, at, ledger_id, made.event_id, made.channel, made.id)


# ---- what should be there


def _not_made(ledger: Ledger, outages: Outages, now: datetime) -> Iterator[Difference]:
    for event in ledger.events.values():
        told = {made.channel for made in ledger.about(event.corrects) if _was_told(made, event)}
        for due in due_notices(ledger.past, event, told, outages, now):
            mine = [made for made in ledger.about(event.id) if made.channel == due.channel]
            confirmed = ledger.confirmed_at(event.id)
            if confirmed is not None and confirmed <= due.by:
                continue
            tried = min((tried.placed_at for made in mine for tried in made.tries), default=None)
            if tried is None or tried > due.by:
                fault = Fault.MISSING if not mine else Fault.NEVER_TRIED if tried is None else Fault.LATE
                first = mine[0].id if mine else None
                yield Difference(fault, due.by, ledger.enrolment_id, event.id, due.channel, first)


def _was_told(made: Made, correction: Happened) -> bool:
    """Whether it was known when the correction went that somebody had been told."""
    at = correction.released_at
    return at is not None and any(tried.accepted_at is not None and tried.accepted_at <= at for tried in made.tries)


def _uncorrected(ledger: Ledger, now: datetime) -> Iterator[Difference]:
    corrected = {event.corrects for event in ledger.events.values() if event.corrects is not None}
    for made in ledger.made:
        event = ledger.events.get(made.event_id or 0)
        back = event.taken_back_at if event is not None else None
        if event is None or back is None or event.id in corrected or back + CORRECTED_WITHIN > now:
            continue
        held = in_force(ledger.past, back, back)
        listens = bool(held) and all(one.status == "active" and made.channel in one.channels for one in held)
        if listens and any(tried.accepted_at is not None and tried.accepted_at <= back for tried in made.tries):
            yield _of(Fault.UNCORRECTED, back, ledger.enrolment_id, made)


# ---- what should not have gone out


def _wrongly_sent(ledger: Ledger, made: Made) -> Iterator[Difference]:
    """At most one difference of a kind for each delivery: the first time it happened."""
    seen: set[Fault] = set()
    for tried in made.placed:
        held = in_force(ledger.past, tried.placed_at - IN_EFFECT, tried.placed_at)
        if not held:
            continue  # older than what is written down
        for fault in (*_wrong_event(ledger, made, tried), *_wrong_wish(ledger, made, tried, held)):
            if fault not in seen:
                seen.add(fault)
                yield _of(fault, tried.placed_at, ledger.enrolment_id, made)


def _wrong_event(ledger: Ledger, made: Made, tried: Tried) -> Iterator[Fault]:
    if made.event_id is None:
        return
    event = ledger.events.get(made.event_id)
    if event is None or event.subject_ref != ledger.subject_ref:
        yield Fault.WRONG_PERSON
        return
    if event.released_at is None or tried.placed_at + CLAIMED < event.released_at:
        yield Fault.NOT_RELEASED
    if event.taken_back_at is not None and tried.placed_at > event.taken_back_at + IN_EFFECT:
        yield Fault.AFTER_TAKEN_BACK
    if event.urgency is None or event.urgency.value != made.urgency:
        yield Fault.WRONG_URGENCY
    if event.kind is EventKind.CORRECTION and not _may_have_been_told(ledger, made, event):
        yield Fault.CORRECTED_UNTOLD
    confirmed = ledger.confirmed_at(made.event_id)
    if confirmed is not None and tried.placed_at > confirmed + CONFIRMED_IN_EFFECT:
        yield Fault.AFTER_CONFIRMED


def _may_have_been_told(ledger: Ledger, made: Made, event: Happened) -> bool:
    """Whether the event was told by this channel, or might have been as far as anybody knew."""
    told = [one for one in ledger.about(event.corrects) if one.channel == made.channel]
    tries = [tried for one in told for tried in one.tries]
    at = event.released_at
    return any(t.may_have_reached or (at is not None and t.placed_at <= at <= (t.ended_at or at)) for t in tries)


def _wrong_wish(ledger: Ledger, made: Made, tried: Tried, held: Sequence[Wishes]) -> Iterator[Fault]:
    occasion = kind(made.occasion)
    yield from _wrong_status(occasion, held)
    if made.subscriber_id not in _whom(ledger, made, occasion, tried, held):
        yield Fault.WRONG_NUMBER
    if occasion in TO_OTHERS:
        return
    if all(made.channel not in wishes.wanted for wishes in held):
        yield Fault.WRONG_CHANNEL
    elif all(made.channel not in wishes.channels for wishes in held):
        yield Fault.AFTER_STOP
    if not _within_hours(made, tried, held):
        yield Fault.OUTSIDE_HOURS


def _wrong_status(occasion: Occasion, held: Sequence[Wishes]) -> Iterator[Fault]:
    states, allowed = {wishes.status for wishes in held}, STATUSES.get(occasion)
    if allowed is None or states & allowed:
        return
    if "frozen" in states:
        yield Fault.HIDDEN
    elif states & {"pending", "review"}:
        yield Fault.NOT_CONSENTED
    else:
        yield Fault.ENROLMENT_OVER


def _whom(
    ledger: Ledger, made: Made, occasion: Occasion, tried: Tried, held: Sequence[Wishes]
) -> Collection[str | None]:
    """Whom it may reach. What was tried before a number changed goes on to the new one, under the same delivery."""
    if occasion is Occasion.CHANGE:
        return {ledger.asked_numbers.get(subject(made.occasion))}
    later = ledger.past if occasion is Occasion.MOVED else [one for one in ledger.past if one.at > tried.placed_at]
    return {one.subscriber_id for one in (*held, *later)}


def _within_hours(made: Made, tried: Tried, held: Sequence[Wishes]) -> bool:
    at = tried.placed_at
    if made.urgency == VERIFY and at - made.created_at <= VERIFICATION.at_once and tried is made.placed[0]:
        return True
    for wishes in held:
        night = made.urgency != VERIFY and wishes.night(Urgency(made.urgency))
        if wishes.zones is None or hours.allowed(at, wishes.zones, night):
            return True
    return False
