"""How often and how close together one delivery was tried, and whether it ended as it should."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from hotline.rules.cadence import CADENCE, DAY, VERIFICATION, VERIFY, Urgency
from hotline.rules.delivery import FIRST_LOOK, NEXT_LOOK, AttemptState, DeliveryState
from hotline.rules.due_notices import LATE, Made, Tried, Wishes, in_force, is_open, least_gap, next_call_by
from hotline.rules.notice_faults import Fault
from hotline.rules.platform_errors import Verdict, verdict
from hotline.rules.staff_tasks import KINDS

CLAIMED = timedelta(seconds=5)
"""How far the moment of deciding and the moment of writing down may be apart."""
LOOKED_UP_WITHIN = timedelta(minutes=30)
"""How late a look-up may be."""
MOST_TEXTS = 3
"""How often a text may go that fails in passing."""
FAILURES = frozenset({AttemptState.FAILED, AttemptState.UNDELIVERED, AttemptState.CANCELED})


def wrong_rhythm(made: Made, calls_over_at: datetime | None) -> Iterator[tuple[Fault, datetime]]:
    """What is wrong with how often, and how close together, a delivery was tried: each kind once, and when.

    `calls_over_at` is when the calls about the same event ended unconfirmed: then a text or mail goes once more.
    """
    placed = made.counted
    if made.urgency == VERIFY:
        if len(placed) > VERIFICATION.requests:
            yield Fault.TOO_MANY, placed[-1].placed_at
    elif made.channel == "voice":
        yield from _wrong_calls(Urgency(made.urgency), placed)
    else:
        again = [second.placed_at for first, second in pairwise(placed) if _may_have_arrived(first, second.placed_at)]
        unasked = [at for at in again if calls_over_at is None or at < calls_over_at] or again[1:]
        if unasked:
            yield Fault.DOUBLED, unasked[0]
        if sum(_failed(text) for text in placed) > MOST_TEXTS:
            yield Fault.TOO_MANY, placed[-1].placed_at


def _failed(text: Tried) -> bool:
    """Whether a text or mail failed, and not through our own set-up."""
    return text.status in FAILURES and verdict(0, text.error_code or 0) is not Verdict.OUR_SETUP


def _may_have_arrived(text: Tried, moment: datetime) -> bool:
    """Whether a text that went before had to be taken for one that arrives."""
    return text.known_at(moment) and text.status not in FAILURES


def _wrong_calls(urgency: Urgency, placed: Sequence[Tried]) -> Iterator[tuple[Fault, datetime]]:
    row = CADENCE[urgency]
    close, many, past_end = [], [], []
    for number, call in enumerate(placed):
        at = call.placed_at
        before = [one for one in placed[:number] if one.known_at(at)]
        if not before:
            continue
        if at - before[-1].placed_at + CLAIMED < least_gap(urgency, before, at):
            close.append(at)
        today = [one for one in before if one.placed_at > at - DAY + CLAIMED]
        if len(today) >= row.calls_a_day or (row.calls is not None and len(before) >= row.calls):
            many.append(at)
        if row.end is not None and at > before[0].placed_at + row.end + CLAIMED:
            past_end.append(at)
    for fault, moments in ((Fault.TOO_CLOSE, close), (Fault.TOO_MANY, many), (Fault.PAST_THE_END, past_end)):
        yield from ((fault, at) for at in moments[:1])


def wrong_end(
    made: Made,
    tasks: Collection[tuple[str, int | None]],
    past: Sequence[Wishes],
    outages: Sequence[tuple[datetime, datetime | None]],
    now: datetime,
) -> Iterator[tuple[Fault, datetime]]:
    """What is wrong with how a delivery, or one of its attempts, ended or did not: each kind once, and since when.

    `tasks` are what staff were asked to do for its enrolment, by kind and event; `past` is what it wished.
    """
    unlooked = [tried for tried in made.tries if is_open(tried) and _look_up_missed(tried, now)]
    if unlooked and made.channel != "mail":
        yield Fault.NO_END, unlooked[0].placed_at
    if made.event_id is None or made.urgency == VERIFY:
        return
    urgency, ended = Urgency(made.urgency), made.ended_at or now
    if made.status is DeliveryState.UNCONFIRMED:
        if urgency is not Urgency.ROUTINE and ("unconfirmed", made.event_id) not in tasks:
            yield Fault.NO_TASK, ended
        held = in_force(past, ended, ended)
        if made.counted and held and next_call_by(urgency, made.counted, held[0]) is not None:
            yield Fault.GAVE_UP, ended
    elif made.status is DeliveryState.DEAD and made.reason in KINDS and (made.reason, made.event_id) not in tasks:
        yield Fault.NO_TASK, ended
    elif made.channel == "voice" and made.status in (DeliveryState.WAITING, DeliveryState.TRYING):
        yield from _overdue(made, urgency, past[-1:], outages, now)


def _look_up_missed(tried: Tried, now: datetime) -> bool:
    due = tried.placed_at + FIRST_LOOK if tried.looked_up_at is None else tried.looked_up_at + NEXT_LOOK
    return due + LOOKED_UP_WITHIN < now


def _overdue(
    made: Made,
    urgency: Urgency,
    wishes: Sequence[Wishes],
    outages: Sequence[tuple[datetime, datetime | None]],
    now: datetime,
) -> Iterator[tuple[Fault, datetime]]:
    if not made.counted or not wishes or wishes[0].status != "active" or "voice" not in wishes[0].channels:
        return
    by = next_call_by(urgency, made.counted, wishes[0])
    if by is None:
        first, end = made.counted[0].placed_at, CADENCE[urgency].end
        by = (first + end if end is not None else made.counted[-1].placed_at) + 2 * DAY
    broken = any(ended is None or ended + LATE[urgency] > by for _, ended in outages)
    if by < now and made.tries[-1].placed_at < by and not broken:
        yield Fault.CALL_OVERDUE, by
