"""A named person has a notice go out anew, or not at all; both stand in the audit log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session as Transaction

from hotline.errors import HotlineError, NotFound
from hotline.rules.delivery import FINAL_DELIVERIES, DeliveryState
from hotline.services import confirm
from hotline.services.line import Line
from hotline.store import audit
from hotline.store.database import PLANNED
from hotline.store.models import Delivery

FAILED = frozenset({DeliveryState.DEAD, DeliveryState.UNCONFIRMED})
"""Ends that staff may have been able to mend."""


class NotToBeSteered(HotlineError):
    """A delivery is not in a state in which that can be asked of it."""


def retry(line: Line, delivery_id: str, by: str, reason: str) -> None:
    """Have a delivery that failed go out as if it had never been tried.

    Raises NotFound, and NotToBeSteered for one that did not fail.
    """
    now = line.clock()
    with line.database.begin() as db:
        delivery = _delivery(db, delivery_id, "retry", by, reason, now)
        if delivery.status not in FAILED:
            raise NotToBeSteered(f"it is {delivery.status}: only what ended dead or unconfirmed can go out anew")
        delivery.status, delivery.reason, delivery.ended_at = DeliveryState.TRYING, None, None
        delivery.retried_at = delivery.next_at = now
        db.info[PLANNED] = True


def cancel(line: Line, delivery_id: str, by: str, reason: str) -> None:
    """Have nothing more go out for a delivery; a call that rings is ended.

    Raises NotFound, and NotToBeSteered for one that is over.
    """
    now = line.clock()
    with line.database.begin() as db:
        delivery = _delivery(db, delivery_id, "cancel", by, reason, now)
        if delivery.status in FINAL_DELIVERIES:
            raise NotToBeSteered(f"it is over: {delivery.status}")
        confirm.end_delivery(delivery, DeliveryState.STOPPED, "cancelled", now)


def _delivery(db: Transaction, delivery_id: str, what: str, by: str, reason: str, now: datetime) -> Delivery:
    delivery = db.get(Delivery, delivery_id, with_for_update=True)
    if delivery is None:
        raise NotFound("no such delivery: see `hotline notify due` and `hotline notify audit`")
    audit.append(db, by, f"delivery.{what}", f"delivery {delivery.id}", reason, now)
    return delivery
