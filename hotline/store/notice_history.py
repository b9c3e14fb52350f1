"""How enrolments came to stand as they do: written down whenever one changes, read back a page at a time.

The rows are written by the store itself after each flush, so that no service can change what decides about notices
and forget to leave a trace. That is why the time comes from the database's clock, and not from the caller.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Executable, bindparam, false, func, insert, inspect, literal, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.orm.unitofwork import UOWTransaction

from hotline.rules.custody import EventKind
from hotline.store.models import (
    Attempt,
    Base,
    CustodyEvent,
    Delivery,
    Enrolment,
    EnrolmentChange,
    FeedStretch,
    NumberChange,
    StaffTask,
    Subject,
    Subscriber,
    UtcTime,
)
from hotline.store.people import showable

DECIDING: Mapping[type, Sequence[str]] = {
    Enrolment: ("subscriber_id", "status", "calls", "texts", "mails", "any_hour"),
    Subscriber: ("calls_stopped_at", "texts_stopped_at", "mail_confirmed_at", "mail_stopped_at", "zones"),
}
"""What decides whether, how and when a notice goes out."""

COPIED = ("calls", "texts", "mails", "any_hour")

# ---- writing

_NOW = select(
    Enrolment.id,
    bindparam("at", type_=UtcTime()),
    Subscriber.id,
    Enrolment.status,
    *(getattr(Enrolment, name) for name in COPIED),
    Subscriber.calls_stopped_at.is_not(None),
    Subscriber.texts_stopped_at.is_not(None),
    or_(Subscriber.mail_confirmed_at.is_(None), Subscriber.mail_stopped_at.is_not(None)),
    Subscriber.zones,
).join(Subscriber, Subscriber.id == Enrolment.subscriber_id)
_INTO = ("enrolment_id", "at", "subscriber_id", "status", *COPIED, "calls_stopped", "texts_stopped", "mails_stopped")


def note_changes(session: Session, _context: UOWTransaction) -> None:
    """Write down how every enrolment stands whose own row, or whose subscriber's, this flush changed."""
    changed = [row for row in (*session.new, *session.dirty) if _decides(row)]
    if not changed:
        return
    own = [row.id for row in changed if isinstance(row, Enrolment)]
    through = [row.id for row in changed if isinstance(row, Subscriber)]
    standing = _NOW.where(or_(Enrolment.id.in_(own), Enrolment.subscriber_id.in_(through)))
    written = insert(EnrolmentChange).from_select([*_INTO, "zones"], standing)
    session.connection().execute(written, {"at": session.info["clock"]()})


def _decides(row: object) -> bool:
    names = DECIDING.get(type(row), ())
    state: Any = inspect(row)
    return any(state.attrs[name].history.has_changes() for name in names)


# ---- reading


def page_of_enrolments(session: Session, after: str, most: int, today: date) -> Sequence[Any]:
    """The next enrolments by id: id, subject, status, and whether their person may be shown on the day `today`."""
    shown = func.coalesce(showable(today), false())
    query = (
        select(Enrolment.id, Enrolment.subject_ref, Enrolment.status, shown.label("shown"))
        .outerjoin(Subject, Subject.id == Enrolment.subject_ref)
        .where(Enrolment.id > after)
        .order_by(Enrolment.id)
    )
    return session.execute(query.limit(most)).all()


def changes(session: Session, enrolment_ids: Collection[str]) -> Iterator[Any]:
    """What these enrolments wished, in order of time."""
    table = EnrolmentChange.__table__
    query = select(table).where(table.c.enrolment_id.in_(enrolment_ids))
    return _stream(session, query.order_by(table.c.at, table.c.id))


def numbers(session: Session, subscriber_ids: Collection[str]) -> Sequence[Subscriber]:
    """These subscribers."""
    return session.scalars(select(Subscriber).where(Subscriber.id.in_(subscriber_ids))).all()


def events_about(session: Session, subject_refs: Collection[int]) -> Iterator[Any]:
    """All that happened to these subjects, with the kind that a correction corrects and when it became moot."""
    corrected = aliased(CustodyEvent)
    stretch = select(FeedStretch.ended_at).where(
        CustodyEvent.kind == EventKind.FEED_STALE,
        CustodyEvent.key == literal("stale:") + func.cast(FeedStretch.id, CustodyEvent.key.type),
    )
    query = (
        select(
            CustodyEvent.id,
            CustodyEvent.subject_ref,
            CustodyEvent.kind,
            CustodyEvent.state,
            CustodyEvent.released_at,
            CustodyEvent.taken_back_at,
            stretch.scalar_subquery().label("moot_at"),
            CustodyEvent.corrects,
            corrected.kind.label("corrects_kind"),
        )
        .outerjoin(corrected, corrected.id == CustodyEvent.corrects)
        .where(CustodyEvent.subject_ref.in_(subject_refs))
    )
    return _stream(session, query.order_by(CustodyEvent.id))


def deliveries_of(session: Session, enrolment_ids: Collection[str]) -> Iterator[Any]:
    """The deliveries of these enrolments."""
    table = Base.metadata.tables[Delivery.__tablename__]
    return _stream(session, select(table).where(table.c.enrolment_id.in_(enrolment_ids)).order_by(table.c.created_at))


def attempts_of(session: Session, enrolment_ids: Collection[str]) -> Iterator[Any]:
    """The attempts of these enrolments, the oldest first."""
    query = (
        select(
            Attempt.delivery_id,
            Attempt.placed_at,
            Attempt.status,
            Attempt.accepted_at,
            Attempt.looked_up_at,
            Attempt.ended_at,
            Attempt.error_code,
        )
        .join(Delivery, Delivery.id == Attempt.delivery_id)
        .where(Delivery.enrolment_id.in_(enrolment_ids))
    )
    return _stream(session, query.order_by(Attempt.placed_at, Attempt.id))


def tasks_about(session: Session, enrolment_ids: Collection[str]) -> Iterator[Any]:
    """What staff were asked to do about these enrolments: enrolment, kind, event."""
    query = select(StaffTask.enrolment_id, StaffTask.kind, StaffTask.event_id)
    return _stream(session, query.where(StaffTask.enrolment_id.in_(enrolment_ids)))


def number_changes_of(session: Session, enrolment_ids: Collection[str]) -> Iterator[Any]:
    """The new numbers that these enrolments were to move to: enrolment, change, subscriber."""
    query = select(NumberChange.enrolment_id, NumberChange.id, NumberChange.subscriber_id)
    return _stream(session, query.where(NumberChange.enrolment_id.in_(enrolment_ids)))


def outages(session: Session) -> Sequence[tuple[datetime, datetime | None]]:
    """When our own set-up at the platform was broken, as staff were told: from, until."""
    query = select(StaffTask.opened_at, StaffTask.closed_at).where(StaffTask.kind == "platform_setup")
    return [(row.opened_at, row.closed_at) for row in session.execute(query.order_by(StaffTask.opened_at))]


def _stream(session: Session, query: Executable) -> Iterator[Any]:
    yield from session.execute(query)
