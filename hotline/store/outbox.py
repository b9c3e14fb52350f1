"""The outbox at work: what is due is claimed, written down and answered by batches, without an object a row.

A delivery is claimed by the attempt that is written down for it in the same transaction. So there is no lease that
could run out: what a killed worker left behind is an attempt of unknown fate, and is looked up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Select,
    String,
    bindparam,
    case,
    exists,
    func,
    literal,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from hotline.rules import phones
from hotline.rules.brakes import EventState
from hotline.rules.delivery import Answerer, AttemptState, DeliveryState
from hotline.rules.disclosure import earliest_date
from hotline.rules.sending import CHANNELS, URGENCIES, Facts, PastAttempt
from hotline.store import bulk
from hotline.store.deliveries import OPEN
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import (
    Attempt,
    Base,
    ChannelPause,
    CustodyEvent,
    Delivery,
    Enrolment,
    Subject,
    Subscriber,
    key_ring,
)
from hotline.store.people import showable

DELIVERY, ATTEMPT, ENROLMENT, SUBSCRIBER, EVENT, SUBJECT, PAUSE = (
    Base.metadata.tables[table.__tablename__]
    for table in (Delivery, Attempt, Enrolment, Subscriber, CustodyEvent, Subject, ChannelPause)
)
D, E, S, V, P = DELIVERY.c, ENROLMENT.c, SUBSCRIBER.c, EVENT.c, PAUSE.c

OVER = frozenset({EnrolmentStatus.STOPPED, EnrolmentStatus.LAPSED, EnrolmentStatus.REPLACED, EnrolmentStatus.FROZEN})
"""Enrolments that nothing goes out for."""


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that is due, locked for this transaction, with its attempts so far."""

    id: str
    row: Any = field(repr=False)
    attempts: Sequence[PastAttempt]


@dataclass(frozen=True, slots=True)
class Claimed:
    """The same opened: what to decide on, and all that is needed to put it into words."""

    id: str
    event_kind: str | None
    event_at: datetime | None
    first_attempt_at: datetime | None
    language: str
    voicemail: bool
    fuller_texts: bool
    number: str = field(repr=False)
    code_word: str | None = field(repr=False)
    facts: Facts


# ---- what is due


def _due(*which: ColumnElement[bool]) -> Select[Any]:
    return select(D.id).where(*which, D.next_at <= bindparam("now"), D.status.in_(OPEN))


def _waits(channel: str) -> Select[Any]:
    stands_still = exists().where(P.channel == channel, P.until > bindparam("now"))
    due = _due(D.channel == channel, D.urgency.in_(URGENCIES)).exists()
    return select(literal(channel)).where(due, ~stands_still)


_WAITING = union_all(*map(_waits, CHANNELS))


def channels_due(session: Session, now: datetime) -> Sequence[str]:
    """The channels on which something is due and that do not stand still, without a lock."""
    return session.scalars(_WAITING, {"now": now}).all()


_LOCKED = (
    _due(D.channel == bindparam("channel"), D.urgency == bindparam("urgency"))
    .order_by(D.turn, D.next_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .subquery("due")
)
_CLAIM = (
    select(
        D.id,
        D.event_id,
        D.occasion,
        D.channel,
        D.urgency,
        D.created_at,
        D.first_attempt_at,
        E.status,
        E.language,
        E.calls,
        E.texts,
        E.mails,
        E.any_hour,
        E.voicemail,
        E.fuller_texts,
        E.batch_id,
        S.id.label("subscriber_id"),
        S.number_sealed,
        S.zones,
        S.code_word_sealed,
        S.calls_stopped_at,
        S.texts_stopped_at,
        S.mail_stopped_at,
        S.mail_confirmed_at,
        V.state.label("event_state"),
        V.kind.label("event_kind"),
        V.at.label("event_at"),
        showable(bindparam("today", type_=Date)).label("shown"),
    )
    .select_from(DELIVERY)
    .join(_LOCKED, D.id == _LOCKED.c.id)
    .join(ENROLMENT, E.id == D.enrolment_id)
    .join(SUBSCRIBER, S.id == D.subscriber_id)
    .outerjoin(EVENT, V.id == D.event_id)
    .outerjoin(SUBJECT, SUBJECT.c.id == E.subject_ref)
    .order_by(D.turn, D.next_at)
)


def claim(session: Session, channel: str, now: datetime, most: int) -> list[Due]:
    """At most `most` deliveries that are due on a channel, the most urgent first, locked for this transaction."""
    rows: list[Any] = []
    given = {"channel": channel, "now": now, "today": earliest_date(now)}
    for urgency in URGENCIES:
        if len(rows) < most:
            found = session.execute(_CLAIM, {**given, "urgency": urgency, "most": most - len(rows)})
            rows.extend(found.all())
    past = _past(session, [row.id for row in rows if row.first_attempt_at is not None])
    return [Due(row.id, row, past.get(row.id, ())) for row in rows]


def _past(session: Session, delivery_ids: Collection[str]) -> Mapping[str, Sequence[PastAttempt]]:
    found: dict[str, list[PastAttempt]] = defaultdict(list)
    if delivery_ids:
        query = (
            select(ATTEMPT, D.channel)
            .join(DELIVERY, D.id == ATTEMPT.c.delivery_id)
            .where(
                bulk.among(session, D.id, delivery_ids),
                (D.retried_at.is_(None)) | (ATTEMPT.c.placed_at >= D.retried_at),
            )
        )
        for row in session.execute(query.order_by(ATTEMPT.c.placed_at)):
            found[row.delivery_id].append(
                PastAttempt(
                    placed_at=row.placed_at,
                    status=AttemptState(row.status),
                    taken=row.accepted_at is not None
                    or (row.status == AttemptState.UNCERTAIN and row.channel != "mail"),
                    ended=row.ended_at is not None,
                    answered_by=Answerer(row.answered_by) if row.answered_by else None,
                    error_code=row.error_code,
                )
            )
    return found


def opened(session: Session, due: Due) -> Claimed:
    """What was claimed, with its private fields unsealed. Raises SealBroken."""
    ring, row = key_ring(session), due.row
    number = ring.open("subscriber.number", row.subscriber_id, row.number_sealed) if row.number_sealed else ""
    code_word = row.code_word_sealed and ring.open("subscriber.code_word", row.subscriber_id, row.code_word_sealed)
    by_mail, about_event = row.channel == "mail", row.event_id is not None
    facts = Facts(
        occasion=row.occasion,
        channel=row.channel,
        urgency=row.urgency,
        created_at=row.created_at,
        ended_as=row.status if row.status in OVER else None,
        active=row.status == EnrolmentStatus.ACTIVE,
        any_hour=row.any_hour,
        wanted={"voice": row.calls, "text": row.texts, "mail": row.mails}[row.channel],
        reachable=row.mail_confirmed_at is not None if by_mail else bool(number),
        stopped_at={"voice": row.calls_stopped_at, "text": row.texts_stopped_at, "mail": row.mail_stopped_at}[
            row.channel
        ],
        zones=row.zones.split() if row.zones is not None else phones.zones(number),
        event_released=row.event_state == EventState.RELEASED if about_event else None,
        shown=bool(row.shown) if about_event else None,
        at_the_phone=row.batch_id is None,
        attempts=due.attempts,
    )
    return Claimed(
        id=row.id,
        event_kind=row.event_kind,
        event_at=row.event_at,
        language=row.language,
        voicemail=row.voicemail,
        fuller_texts=row.fuller_texts,
        number=number,
        first_attempt_at=row.first_attempt_at,
        code_word=code_word or None,
        facts=facts,
    )


# ---- what is done with it


@dataclass(frozen=True, slots=True)
class Placing:
    """An attempt to be written down before anybody is spoken to."""

    id: str
    token: str
    delivery_id: str
    look_again_at: datetime | None


def write_down(session: Session, placing: Sequence[Placing], now: datetime) -> None:
    """Attempts that are about to be made; their deliveries are claimed by that."""
    if not placing:
        return
    names = ("id", "delivery_id", "token", "status", "placed_at")
    rows = [(one.id, one.delivery_id, one.token, AttemptState.PLACING.value, now) for one in placing]
    bulk.add(session, ATTEMPT, names, rows)
    tried = {"status": DeliveryState.TRYING, "first_attempt_at": func.coalesce(D.first_attempt_at, now)}
    _by_time(session, {one.delivery_id: one.look_again_at for one in placing}, tried)


def put_off(session: Session, until: Mapping[str, datetime | None]) -> None:
    """Deliveries that are not due before a time, by id; None: not before somebody sets one."""
    _by_time(session, until, {})


def _by_time(session: Session, times: Mapping[str, datetime | None], values: Mapping[str, Any]) -> None:
    by_time: dict[datetime | None, list[str]] = defaultdict(list)
    for delivery_id, at in times.items():
        by_time[at].append(delivery_id)
    for at, ids in by_time.items():
        changed = update(DELIVERY).where(bulk.among(session, D.id, ids))
        session.execute(changed.values(next_at=null() if at is None else at, **values))


def accept(session: Session, sids: Mapping[str, str], now: datetime) -> None:
    """The platform took these attempts, each under its own id; a callback that was faster has told more already.

    An id that another attempt has is not taken twice: a look-up gave it to that one.
    """
    if not sids:
        return
    attempt = ATTEMPT
    early = (attempt.c.status == AttemptState.PLACING) | (attempt.c.status == AttemptState.UNCERTAIN)
    other = attempt.alias("other")
    values = {
        "status": case((early, AttemptState.ACCEPTED.value), else_=attempt.c.status),
        "accepted_at": func.coalesce(attempt.c.accepted_at, now),
    }

    def unless_known(sid: Any) -> Any:
        known = select(other.c.id).where(other.c.sid == sid, other.c.id != attempt.c.id).exists()
        return func.coalesce(attempt.c.sid, case((known, null()), else_=sid))

    if bulk.is_postgresql(session):
        given = (literal([*values], ARRAY(String)) for values in (sids.keys(), sids.values()))
        told = func.unnest(*given).table_valued("id", "sid").render_derived(name="told")
        session.execute(update(attempt).where(attempt.c.id == told.c.id).values(**values, sid=unless_known(told.c.sid)))
        return
    statement = (
        update(attempt).where(attempt.c.id == bindparam("of")).values(**values, sid=unless_known(bindparam("told")))
    )
    session.connection().execute(statement, [{"of": key, "told": sid} for key, sid in sids.items()])
