"""Audits the notices: what should exist, recomputed from history and wishes alone, held against what was done.

It reads a page of enrolments at a time, so that its memory does not grow with the years; it changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session as Transaction

from hotline.rules import phones
from hotline.rules.brakes import EventState
from hotline.rules.custody import EventKind
from hotline.rules.delivery import AttemptState, DeliveryState
from hotline.rules.disclosure import earliest_date
from hotline.rules.due_notices import Happened, Made, Tried, Wishes
from hotline.rules.notice_faults import Difference
from hotline.rules.notice_ledger import Ledger, differences
from hotline.services.line import Line
from hotline.store import notice_history

PAGE = 250
"""Enrolments to one transaction."""

ATTEMPT_STATES = {state.value: state for state in AttemptState}
"""By a look-up, not by a call of the class: there are millions of attempts."""


def audit_notices(line: Line, since: datetime | None = None) -> Iterator[Difference]:
    """Every difference between what should have been done and what was, since a moment (aware) or ever."""
    now, after = line.clock(), ""
    with line.database.read() as db:
        outages = notice_history.outages(db)
    while True:
        with line.database.read() as db:
            page = notice_history.page_of_enrolments(db, after, PAGE, earliest_date(now))
            ledgers = list(_ledgers(db, page))
        for ledger in ledgers:
            yield from (one for one in differences(ledger, outages, now) if since is None or one.at >= since)
        if len(page) < PAGE:
            return
        after = page[-1].id


def _ledgers(db: Transaction, page: Sequence[Any]) -> Iterator[Ledger]:
    ids = [row.id for row in page]
    past = _wishes(db, ids)
    events: dict[int, dict[int, Happened]] = defaultdict(dict)
    for event in map(_happened, notice_history.events_about(db, {row.subject_ref for row in page if row.subject_ref})):
        events[event.subject_ref][event.id] = event
    made = _made(db, ids)
    tasks: dict[str, set[tuple[str, int | None]]] = defaultdict(set)
    asked: dict[str, dict[str, str]] = defaultdict(dict)
    for enrolment_id, kind, event_id in notice_history.tasks_about(db, ids):
        tasks[enrolment_id].add((kind, event_id))
    for enrolment_id, change_id, subscriber_id in notice_history.number_changes_of(db, ids):
        asked[enrolment_id][change_id] = subscriber_id
    for row in page:
        yield Ledger(
            enrolment_id=row.id,
            subject_ref=row.subject_ref,
            status=row.status,
            shown=bool(row.shown),
            past=past[row.id],
            events=events[row.subject_ref] if row.subject_ref else {},
            made=made[row.id],
            tasks=frozenset(tasks[row.id]),
            asked_numbers=asked[row.id],
        )


def _wishes(db: Transaction, ids: Sequence[str]) -> dict[str, list[Wishes]]:
    changes = list(notice_history.changes(db, ids))
    zones = _zones(db, {change.subscriber_id for change in changes if change.zones is None})
    past: dict[str, list[Wishes]] = defaultdict(list)
    for change in changes:
        past[change.enrolment_id].append(
            Wishes(
                at=change.at,
                status=change.status,
                subscriber_id=change.subscriber_id,
                wanted=_channels(change.calls, change.texts, change.mails),
                stopped=_channels(change.calls_stopped, change.texts_stopped, change.mails_stopped),
                any_hour=change.any_hour,
                zones=tuple(change.zones.split()) if change.zones else zones.get(change.subscriber_id),
            )
        )
    return past


def _channels(voice: bool, text: bool, mail: bool) -> frozenset[str]:
    return frozenset(name for name, is_it in (("voice", voice), ("text", text), ("mail", mail)) if is_it)


def _zones(db: Transaction, subscriber_ids: Iterable[str]) -> dict[str, tuple[str, ...] | None]:
    """Where the numbers of these subscribers are; None for a number that is gone."""
    found = {one.id: one.unseal("number") for one in notice_history.numbers(db, list(subscriber_ids))}
    return {one: phones.zones(number) if number else None for one, number in found.items()}


def _happened(row: Any) -> Happened:
    return Happened(
        id=row.id,
        subject_ref=row.subject_ref,
        kind=EventKind(row.kind),
        state=EventState(row.state),
        released_at=row.released_at,
        taken_back_at=row.taken_back_at,
        moot_at=row.moot_at,
        corrects=row.corrects,
        corrects_kind=EventKind(row.corrects_kind) if row.corrects_kind else None,
    )


def _made(db: Transaction, ids: Sequence[str]) -> dict[str, list[Made]]:
    tries: dict[str, list[Tried]] = defaultdict(list)
    for delivery_id, placed_at, status, *times_and_code in notice_history.attempts_of(db, ids):
        tries[delivery_id].append(Tried(placed_at, ATTEMPT_STATES[status], *times_and_code))
    made: dict[str, list[Made]] = defaultdict(list)
    for row in notice_history.deliveries_of(db, ids):
        made[row.enrolment_id].append(
            Made(
                id=row.id,
                subscriber_id=row.subscriber_id,
                occasion=row.occasion,
                event_id=row.event_id,
                channel=row.channel,
                urgency=row.urgency,
                status=DeliveryState(row.status),
                reason=row.reason,
                created_at=row.created_at,
                confirmed_at=row.confirmed_at,
                ended_at=row.ended_at,
                tries=tuple(tries[row.id]),
                retried_at=row.retried_at,
            )
        )
    return made
