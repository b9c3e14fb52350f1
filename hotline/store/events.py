"""Custody events by import and state: what an import would tell, what is let go, what waits for a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, distinct, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from hotline.rules.brakes import SINGLY_HELD, Counts, EventState, ImportStatus
from hotline.rules.custody import CLASSES, EventClass, EventKind
from hotline.rules.custody_events import NOT_BY_STINTS
from hotline.store.deliveries import MAY_HAVE_GOT
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import Attempt, CustodyEvent, CustodyImport, Decision, Delivery, Enrolment, Stint, Subject
from hotline.store.people import showable

FEEDS = ("full", "delta")
URGENT = tuple(kind for kind, told in CLASSES.items() if told in (EventClass.CRITICAL, EventClass.EMERGENCY))
LEAVING = (EventKind.RELEASED, EventKind.REMOVED)
CONTACTED = (EnrolmentStatus.PENDING, EnrolmentStatus.ACTIVE)


_HELD_SINGLY = and_(CustodyEvent.state == EventState.HELD, CustodyEvent.held_by.is_(None))


def _at_large(import_id: int) -> ColumnElement[bool]:
    """Events of an import that it would let go by itself."""
    return and_(
        CustodyEvent.import_id == import_id,
        CustodyEvent.state == EventState.DERIVED,
        CustodyEvent.kind.not_in(SINGLY_HELD),
    )


# ---- what an import would tell


def counts_of(session: Session, import_id: int, today: date, last: int, among: Collection[int] | None = None) -> Counts:
    """A whole import in figures, for the brakes; the `last` ones before it make the usual.

    With `among`, the figures of who is held, protected or visible are of these people alone.
    """
    people = select(func.count(distinct(CustodyEvent.subject_ref))).where(_at_large(import_id))
    leaving = _leaving(session, import_id)
    protected, hidden, tests = _people(session, today, among)
    return Counts(
        critical=_critical(session, import_id, today),
        earlier=_earlier(session, import_id, last),
        people=session.scalar(people) or 0,
        leaving=leaving,
        held=leaving + in_custody(session, among) if leaving else 0,
        protected=protected,
        protected_before=_protected_before(session, import_id),
        hidden_visible=hidden,
        test_visible=tests,
    )


def _critical(session: Session, import_id: int, today: date) -> int:
    channels = (Enrolment.calls, Enrolment.texts, Enrolment.mails)
    notices = sum((case((channel, 1), else_=0) for channel in channels), literal(0))
    query = (
        select(func.sum(notices))
        .select_from(CustodyEvent)
        .join(Enrolment, Enrolment.subject_ref == CustodyEvent.subject_ref)
        .join(Subject, Subject.id == CustodyEvent.subject_ref)
        .where(_at_large(import_id), CustodyEvent.kind.in_(URGENT), Enrolment.status.in_(CONTACTED), showable(today))
    )
    return (session.scalar(query) or 0) + _critical_corrections(session, import_id)


def _critical_corrections(session: Session, import_id: int) -> int:
    """Corrections that it would send to those who were told, or may have been, what was critical."""
    reached = exists().where(Attempt.delivery_id == Delivery.id, MAY_HAVE_GOT)
    query = (
        select(func.count())
        .select_from(CustodyEvent)
        .join(Delivery, Delivery.event_id == CustodyEvent.corrects)
        .where(_at_large(import_id), Delivery.urgency != EventClass.ROUTINE, reached)
    )
    return session.scalar(query) or 0


def _leaving(session: Session, import_id: int) -> int:
    """People whom the import releases or removes and who were in the records before it: others left long ago."""
    before = aliased(CustodyEvent)
    known = exists().where(before.subject_ref == CustodyEvent.subject_ref, before.import_id < import_id)
    query = select(func.count(distinct(CustodyEvent.subject_ref))).where(
        _at_large(import_id), CustodyEvent.kind.in_(LEAVING), known
    )
    return session.scalar(query) or 0


def in_custody(session: Session, among: Collection[int] | None = None) -> int:
    """How many people are held, of all or of these."""
    query = select(func.count(distinct(Stint.subject_ref))).where(Stint.book_out_at.is_(None))
    return session.scalar(query if among is None else query.where(Stint.subject_ref.in_(among))) or 0


def _earlier(session: Session, import_id: int, last: int) -> list[int]:
    query = (
        select(CustodyImport.critical)
        .where(
            CustodyImport.id < import_id,
            CustodyImport.status == ImportStatus.FINISHED,
            CustodyImport.kind.in_(FEEDS),
            CustodyImport.critical.is_not(None),
        )
        .order_by(CustodyImport.id.desc())
        .limit(last)
    )
    return [critical for critical in session.scalars(query) if critical is not None]


def _protected_before(session: Session, import_id: int) -> int | None:
    """As the last import left it that was judged, whatever became of that one."""
    query = select(CustodyImport.protected).where(CustodyImport.id < import_id, CustodyImport.protected.is_not(None))
    return session.scalar(query.order_by(CustodyImport.id.desc()).limit(1))


def _people(session: Session, today: date, among: Collection[int] | None) -> tuple[int, int, int]:
    """How many are protected; how many can be found and may not be; how many test records can be found."""
    real = Subject.id > 0  # test records have ids below zero
    protected = func.count(case((and_(real, Subject.protected.is_(True)), 1)))
    hidden = func.count(case((and_(real, Subject.findable, func.coalesce(~showable(today), True)), 1)))
    tests = func.count(case((and_(~real, Subject.findable), 1)))
    query = select(protected, hidden, tests)
    row = session.execute(query if among is None else query.where(Subject.id.in_(among))).one()
    return row[0], row[1], row[2]


# ---- letting go


def page(session: Session, import_id: int, after: int, most: int) -> tuple[int, int] | None:
    """First and last id of the next derived events of an import, behind the id `after`; None where none are left."""
    which = and_(_derived(import_id), CustodyEvent.id > after)  # or it would wade through all that were let go
    found = session.scalars(select(CustodyEvent.id).where(which).order_by(CustodyEvent.id).limit(most)).all()
    return (found[0], found[-1]) if found else None


def _derived(import_id: int, ids: tuple[int, int] | None = None) -> ColumnElement[bool]:
    which = and_(CustodyEvent.import_id == import_id, CustodyEvent.state == EventState.DERIVED)
    return which if ids is None else and_(which, CustodyEvent.id.between(*ids))


def hold_singly(session: Session, import_id: int) -> set[EventKind]:
    """Hold what a person decides each by itself. Returns the kinds that wait so, those held before included."""
    _set(session, and_(_derived(import_id), CustodyEvent.kind.in_(SINGLY_HELD)), state=EventState.HELD)
    waiting = select(CustodyEvent.kind).where(_HELD_SINGLY, CustodyEvent.import_id == import_id)
    return {EventKind(kind) for kind in session.scalars(waiting.distinct())}


def hold_import(session: Session, import_id: int) -> None:
    """Hold everything that an import derived."""
    _set(session, _derived(import_id), state=EventState.HELD, held_by=import_id)


def hold_behind(session: Session, import_id: int, ids: tuple[int, int]) -> None:
    """Hold what came to people of whom an earlier import is held: nobody hears the later before the earlier."""
    if not held_imports(session):
        return
    before = aliased(CustodyEvent)
    waiting = and_(before.state == EventState.HELD, before.held_by.is_not(None), before.import_id < import_id)
    own = and_(waiting, before.subject_ref == CustodyEvent.subject_ref)
    first = select(func.min(before.held_by)).where(own).scalar_subquery()
    behind = and_(_derived(import_id, ids), exists(select(before.id).where(own)))
    _set(session, behind, state=EventState.HELD, held_by=first)


def awaited(session: Session, import_id: int, ids: tuple[int, int], today: date) -> Sequence[CustodyEvent]:
    """The derived events of a page that somebody waits for, as they happened; corrections are not among them.

    An enrolment that is being made now either is seen here or begins after the events of this transaction: their
    subjects are locked. People who may not be shown are nobody's news.
    """
    which = and_(_derived(import_id, ids), CustodyEvent.kind != EventKind.CORRECTION)
    if session.get_bind().dialect.name == "postgresql":  # SQLite has begun as the only writer
        named = select(Subject.id).where(Subject.id.in_(select(CustodyEvent.subject_ref).where(which)))
        locked = named.order_by(Subject.id).with_for_update().subquery()
        session.scalar(select(func.count()).select_from(locked))
    listened = exists().where(Enrolment.subject_ref == CustodyEvent.subject_ref, Enrolment.status.in_(CONTACTED))
    shown = exists().where(Subject.id == CustodyEvent.subject_ref, showable(today))
    query = select(CustodyEvent).where(which, listened, shown)
    return session.scalars(query.order_by(CustodyEvent.at, CustodyEvent.id)).all()


def corrections(session: Session, import_id: int, ids: tuple[int, int]) -> Sequence[CustodyEvent]:
    """The corrections among the derived events of a page."""
    query = select(CustodyEvent).where(_derived(import_id, ids), CustodyEvent.kind == EventKind.CORRECTION)
    return session.scalars(query.order_by(CustodyEvent.id)).all()


def release_page(session: Session, import_id: int, ids: tuple[int, int], now: datetime) -> None:
    _set(session, _derived(import_id, ids), state=EventState.RELEASED, released_at=now)


def settle_held(session: Session, import_id: int, state: EventState) -> None:
    """Let go (to DERIVED) or cancel what a held import holds of its own, and let go what waited behind it."""
    held = and_(CustodyEvent.state == EventState.HELD, CustodyEvent.held_by == import_id)
    _set(session, and_(held, CustodyEvent.import_id == import_id), state=state, held_by=None)
    followers = session.scalars(select(CustodyEvent.import_id).where(held).distinct()).all()
    _set(session, held, state=EventState.DERIVED, held_by=None)
    over = CustodyImport.status.in_((ImportStatus.FINISHED, ImportStatus.FAILED))
    go_on = update(CustodyImport).where(CustodyImport.id.in_(followers), over)
    session.execute(go_on.values(status=ImportStatus.RELEASING))


def with_status(session: Session, status: ImportStatus) -> Sequence[int]:
    """Imports that are so far, oldest first."""
    query = select(CustodyImport.id).where(CustodyImport.status == status).order_by(CustodyImport.id)
    return session.scalars(query).all()


def _set(session: Session, which: ColumnElement[bool], **values: Any) -> None:
    session.execute(update(CustodyEvent).where(which).values(values), execution_options={"synchronize_session": False})
    session.expire_all()


# ---- taking back


def taken_back(import_id: int) -> ColumnElement[bool]:
    """Events of an import that were let go and whose hearers are owed a correction: its own corrections are not."""
    return and_(
        CustodyEvent.import_id == import_id,
        CustodyEvent.state == EventState.RELEASED,
        CustodyEvent.kind.not_in(NOT_BY_STINTS),
    )


def to_take_back(session: Session, import_id: int, most: int) -> Sequence[CustodyEvent]:
    """The next of them that somebody is or was to be told of; the others are cancelled at once."""
    told = exists().where(Delivery.event_id == CustodyEvent.id)
    query = select(CustodyEvent).where(taken_back(import_id), told).order_by(CustodyEvent.id).limit(most)
    return session.scalars(query.with_for_update()).all()


def any_to_take_back(session: Session, import_id: int) -> bool:
    """Whether some are left."""
    return session.scalar(select(CustodyEvent.id).where(taken_back(import_id)).limit(1)) is not None


def _brought(import_id: int) -> ColumnElement[bool]:
    """What an import brought; that the feed was stale after it is true all the same."""
    return and_(CustodyEvent.import_id == import_id, CustodyEvent.kind != EventKind.FEED_STALE)


def ids_of(import_id: int) -> Select[int]:
    """The ids of all events that an import brought."""
    return select(CustodyEvent.id).where(_brought(import_id))


def corrections_told(session: Session, import_id: int) -> Sequence[CustodyEvent]:
    """The corrections of an import that reached somebody, or may have."""
    reached = exists().where(Delivery.event_id == CustodyEvent.id, Attempt.delivery_id == Delivery.id, MAY_HAVE_GOT)
    made = and_(_brought(import_id), CustodyEvent.kind == EventKind.CORRECTION)
    return session.scalars(select(CustodyEvent).where(made, reached).order_by(CustodyEvent.id)).all()


def cancel_unsent(session: Session, import_id: int) -> None:
    """Cancel what of an import nobody was to be told of, or not yet, and its corrections."""
    told = exists().where(Delivery.event_id == CustodyEvent.id)
    unsent = or_(CustodyEvent.state.in_((EventState.DERIVED, EventState.HELD)), ~told)
    which = and_(_brought(import_id), or_(unsent, CustodyEvent.kind == EventKind.CORRECTION))
    _set(session, which, state=EventState.CANCELLED)


def correction_of(session: Session, event_ids: Collection[int]) -> dict[int, CustodyEvent]:
    """The corrections that stand for these events already, sent or not."""
    query = select(CustodyEvent).where(CustodyEvent.corrects.in_(event_ids)).order_by(CustodyEvent.id)
    return {event.corrects: event for event in session.scalars(query) if event.corrects is not None}


def take_back(session: Session, event_ids: Collection[int], now: datetime) -> None:
    """Cancel events that are owed a correction wherever they were told."""
    since = func.coalesce(CustodyEvent.taken_back_at, now)
    _set(session, CustodyEvent.id.in_(event_ids), state=EventState.CANCELLED, held_by=None, taken_back_at=since)


# ---- what waits for a person


def held_imports(session: Session) -> Sequence[CustodyImport]:
    """Imports that the brakes stopped, oldest first."""
    query = select(CustodyImport).where(CustodyImport.status == ImportStatus.HELD)
    return session.scalars(query.order_by(CustodyImport.id)).all()


def decisions(session: Session, import_id: int) -> Sequence[Decision]:
    """What was decided about an import so far."""
    return session.scalars(
        select(Decision).where(Decision.import_id == import_id).order_by(Decision.at, Decision.by)
    ).all()


def kinds_held_singly(session: Session) -> set[EventKind]:
    """The kinds of the events that wait each by itself."""
    return {EventKind(kind) for kind in session.scalars(select(CustodyEvent.kind).where(_HELD_SINGLY).distinct())}


def held_singly(session: Session, most: int) -> Sequence[tuple[CustodyEvent, str]]:
    """Single events that wait for a person, the longest first, with the agency's number of their person."""
    query: Select[CustodyEvent, str] = (
        select(CustodyEvent, Subject.subject_id)
        .join(Subject, Subject.id == CustodyEvent.subject_ref)
        .where(_HELD_SINGLY)
        .order_by(CustodyEvent.received_at, CustodyEvent.id)
        .limit(most)
    )
    return [(event, subject_id) for event, subject_id in session.execute(query)]


def count_held_singly(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(CustodyEvent).where(_HELD_SINGLY)) or 0


def kinds_held(session: Session, import_id: int) -> Mapping[str, int]:
    """How many events of each kind are held of an import."""
    query = (
        select(CustodyEvent.kind, func.count())
        .where(CustodyEvent.state == EventState.HELD, CustodyEvent.held_by == import_id)
        .group_by(CustodyEvent.kind)
        .order_by(CustodyEvent.kind)
    )
    return {row[0]: row[1] for row in session.execute(query)}
