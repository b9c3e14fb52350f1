"""What follows when somebody who is enrolled about may no longer be shown: all stops at once, and two people look.

Protection, a withdrawn disclosure and a corrected date of birth are one and the same here. The import calls
`freeze_hidden` in the transaction that writes the people; an enrolment once frozen stays so until it is reviewed,
even if the protection is lifted before.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session as Transaction

from hotline.errors import HotlineError, NotFound
from hotline.rules.custody import EventKind, class_of
from hotline.rules.decisions import given, named, same_person
from hotline.rules.delivery import DeliveryState
from hotline.rules.disclosure import ProtectedNotice, earliest_date
from hotline.services import confirm
from hotline.services.line import Line
from hotline.services.outcomes import ENDED, VERIFY
from hotline.store import audit, deliveries, freezes, people, tasks
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import CustodyEvent, Enrolment, Freeze, new_id

TASK = "frozen_review"


class Verdict(StrEnum):
    """What is to become of a frozen enrolment."""

    RESTORE = "restore"
    END = "end"


class StillHidden(HotlineError):
    """An enrolment can't be restored while its person may not be shown."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen enrolment as staff see it. `verdict` is the first person's, who is `first_by`."""

    enrolment_id: str
    frozen_at: datetime
    shown_again: bool
    verdict: str | None
    first_by: str | None


def freeze_hidden(db: Transaction, refs: Collection[int] | None, now: datetime) -> int:
    """Stop everything for enrolments about people who may not be shown: among these, or all. Returns how many."""
    found = freezes.about_hidden(db, earliest_date(now), refs) if refs is None or refs else ()
    for enrolment in found:
        db.add(Freeze(id=new_id(), enrolment_id=enrolment.id, before=enrolment.status, at=now))
        enrolment.status = EnrolmentStatus.FROZEN
        tasks.open_task(db, TASK, now, enrolment_id=enrolment.id)
    for delivery in deliveries.open_deliveries(db, [enrolment.id for enrolment in found]) if found else ():
        confirm.end_delivery(delivery, DeliveryState.STOPPED, EnrolmentStatus.FROZEN, now)
    return len(found)


def list_frozen(line: Line) -> Sequence[Frozen]:
    """The enrolments that wait for two people, the longest standing first."""
    today = earliest_date(line.clock())
    with line.database.read() as db:
        return [
            Frozen(
                enrolment.id,
                freeze.at,
                enrolment.subject_ref is not None and people.shown_person(db, enrolment.subject_ref, today) is not None,
                freeze.verdict,
                freeze.first_by,
            )
            for freeze, enrolment in freezes.freezes(db)
        ]


def decide(line: Line, enrolment_id: str, verdict: Verdict, by: str, reason: str) -> bool:
    """One person's verdict. True once a second one agrees and it is done; who differs makes a new beginning.

    Raises NotFound where no such enrolment is frozen, StillHidden where it can't be restored, WrongDecision.
    """
    now, by, reason = line.clock(), named(by), given(reason)
    with line.database.begin() as db:
        found = freezes.freeze_of(db, enrolment_id)
        if found is None:
            raise NotFound("no such enrolment is frozen: see `hotline custody frozen list`")
        freeze, enrolment = found
        if verdict is Verdict.RESTORE and not _may_be_restored(db, enrolment, now):
            raise StillHidden("the person may still not be shown: this enrolment can only be ended now")
        audit.append(db, by, f"enrolment.{verdict}", f"enrolment {enrolment.id}", reason, now)
        if freeze.verdict != verdict or freeze.first_by is None or same_person(freeze.first_by, by):
            freeze.verdict, freeze.first_by = verdict, by
            return False
        freeze.second_by, freeze.decided_at = by, now
        freezes.close_tasks(db, TASK, enrolment.id, now)
        if verdict is Verdict.RESTORE:
            _restore(db, freeze, enrolment, now)
        else:
            _end(db, line.settings.protected_notice, enrolment, now)
        return True


def _may_be_restored(db: Transaction, enrolment: Enrolment, now: datetime) -> bool:
    subject = enrolment.subject_ref
    return subject is not None and people.shown_person(db, subject, earliest_date(now)) is not None


def _restore(db: Transaction, freeze: Freeze, enrolment: Enrolment, now: datetime) -> None:
    """As it was before; what was not told in the meantime is told now."""
    enrolment.status = EnrolmentStatus(freeze.before)
    if enrolment.status == EnrolmentStatus.PENDING:
        deliveries.plan(db, enrolment, f"{VERIFY}:{freeze.id}", VERIFY, now)
    for event in freezes.untold(db, enrolment, freeze.at, EnrolmentStatus.FROZEN):
        deliveries.plan(db, enrolment, f"event:{event.id}:{freeze.id}", urgency_of(db, event), now, event_id=event.id)


def urgency_of(db: Transaction, event: CustodyEvent) -> str:
    """How urgent a stored event is."""
    corrected = db.get(CustodyEvent, event.corrects) if event.corrects is not None else None
    return class_of(EventKind(event.kind), EventKind(corrected.kind) if corrected else None).value


def _end(db: Transaction, notice: ProtectedNotice, enrolment: Enrolment, now: datetime) -> None:
    """Over; a number that had said yes hears so in neutral words, where that is the setting."""
    confirm.end_enrolment(db, enrolment, EnrolmentStatus.STOPPED, now)
    if notice is ProtectedNotice.NEUTRAL_END and enrolment.confirmed_at is not None:
        deliveries.plan(db, enrolment, ENDED, "routine", now)
