"""The load of Oregon, 2015: one file of maintenance that would have sent about 8,000 false notices of release."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import func, insert, select

from hotline.carrier.outbound import Answer, Outbound, Request, Told
from hotline.carrier.twilio_rest import Account
from hotline.services.decide_held import Verdict, decide_import, list_held
from hotline.services.notify import run_due
from hotline.services.retract_import import retract
from hotline.services.sample_custody import closed, people
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import (
    Attempt,
    CustodyEvent,
    CustodyImport,
    Delivery,
    Enrolment,
    Subject,
    Subscriber,
    key_ring,
    new_id,
)
from hotline.store.seal import KeyRing
from tests.calls.people import ASKS_FOR_JUAN
from tests.calls.stage import NOON, Stage, over_at
from tests.calls.test_news import juan_is

pytestmark = pytest.mark.server  # many calls, files or processes

HELD, NOTICES = 1891, 8000
ANA, BEN, WHY = "Ana Ortiz", "Ben Lee", "a load of the agency's maintenance"


def the_load(stage: Stage) -> list[dict[str, str]]:
    """Everybody who is held is let out at once, of whom the false load told."""
    sample = [row for row in people(6 * HELD, 7, NOON) if not row["book_out_at"]][:HELD]
    return [closed(row, "Order of recognizance", stage.now - timedelta(hours=1)) for row in sample]


@pytest.fixture
def oregon(stage: Stage) -> Stage:
    """A line with 1,891 people in custody, and 8,000 notices to send if all of them are released."""
    stage.signed_up(ASKS_FOR_JUAN)
    held = [
        {**row, "book_out_at": "", "release_reason": "", "updated_at": row["book_in_at"]} for row in the_load(stage)
    ]
    stage.imports(held)
    with stage.line.database.begin() as db:
        subject_ids = [row["subject_id"] for row in held]
        refs = db.scalars(select(Subject.id).where(Subject.findable, Subject.subject_id.in_(subject_ids))).all()
        db.execute(insert(Subscriber), [a_subscriber(n, key_ring(db)) for n in range(NOTICES)])
        db.execute(insert(Enrolment), [an_enrolment(n, refs[n % len(refs)]) for n in range(NOTICES)])
    return stage


def a_subscriber(n: int, ring: KeyRing) -> dict[str, object]:
    number = ring.seal("subscriber.number", f"s{n}", f"+1202555{100 + n % 100:04d}")
    return {
        "id": f"s{n}", "number_hash": f"hash {n}", "number_sealed": number, "block_hash": "-",
        "zones": "America/New_York", "created_at": NOON,
    }  # fmt: skip


def an_enrolment(n: int, ref: int) -> dict[str, object]:
    return {
        "id": f"e{n}", "subscriber_id": f"s{n}", "subject_ref": ref, "status": EnrolmentStatus.ACTIVE,
        "language": "en", "calls": True, "texts": False, "voicemail": False, "any_hour": True,
        "confirmation_hash": new_id(), "pin_hash": "-", "call_id": new_id(), "eligible_text": "-",
        "eligible_at": NOON, "consent_text": "-", "consent_at": NOON, "confirmed_at": NOON,
    }  # fmt: skip


def told(stage: Stage) -> dict[str, int]:
    """How many deliveries there are about each kind of event."""
    query = select(CustodyEvent.kind, func.count()).join(Delivery, Delivery.event_id == CustodyEvent.id)
    with stage.line.database.read() as db:
        return {row[0]: row[1] for row in db.execute(query.group_by(CustodyEvent.kind))}


def test_the_load_of_oregon_sends_nothing_and_two_people_can_cancel_it(oregon: Stage) -> None:
    report = oregon.imports(the_load(oregon))
    assert (report.status, report.deliveries) == ("held", 0)
    oregon.look()
    assert (oregon.phone().ringing(), told(oregon)) == ([], {})
    [waiting] = list_held(oregon.line).imports
    assert (waiting.people, waiting.critical, waiting.approvals) == (HELD, NOTICES + 1, 2)
    assert "8,001 critical notices" in waiting.reasons[0]
    assert "releases or removes 1,891 of" in waiting.reasons[1]
    assert decide_import(oregon.line, waiting.import_id, Verdict.CANCEL, ANA, WHY).missing == 1
    assert decide_import(oregon.line, waiting.import_id, Verdict.CANCEL, BEN, WHY).missing == 0
    oregon.look()
    assert (oregon.phone().ringing(), told(oregon), list_held(oregon.line).imports) == ([], {}, ())


def test_a_load_that_was_approved_by_mistake_is_taken_back_in_time(
    oregon: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = the_load(oregon)
    oregon.imports(load)
    [waiting] = list_held(oregon.line).imports
    for name in (ANA, BEN):
        decide_import(oregon.line, waiting.import_id, Verdict.APPROVE, name, WHY)
    planned = told(oregon)["released"]
    assert planned == waiting.critical
    reach(oregon, 1000)
    began = time.monotonic()
    done = retract(oregon.line, waiting.import_id, ANA, WHY)
    spent = time.monotonic() - began
    print(json.dumps({"corrections": done.corrections, "seconds to plan": round(spent, 1)}))
    assert (done.corrections, done.cancelled) == (1000, planned)
    assert told(oregon) == {"released": planned, "correction": 1000}
    with oregon.line.database.read() as db:
        waits = Counter(
            (*row,)
            for row in db.execute(
                select(CustodyEvent.kind, Delivery.status).join(CustodyEvent, CustodyEvent.id == Delivery.event_id)
            )
        )
    assert waits == {("released", "stopped"): planned, ("correction", "waiting"): 1000}
    assert on_their_way(oregon, monkeypatch, calls_per_second=10) == (1000, pytest.approx(100, abs=2))


def on_their_way(stage: Stage, patch: pytest.MonkeyPatch, calls_per_second: int) -> tuple[int, float]:
    """Send what is due with a platform that answers at once. Returns the calls placed, and the seconds on its clock."""

    class TimePasses(Event):
        """Instead of waiting for the bucket to fill, a second goes by."""

        def wait(self, timeout: float | None = None) -> bool:
            stage.now += timedelta(seconds=1)
            return False

    class AnswersAtOnce(Outbound):
        def ask(self, requests: Iterable[Request], told: Told) -> None:
            for request in requests:
                told(Answer(request.key, sid=f"CA{new_id()}"))

    settings = stage.settings
    line = replace(
        stage.line,
        settings=replace(settings, pace=replace(settings.pace, calls_per_second=calls_per_second)),
        outbound=AnswersAtOnce(Account("", "", "", ""), concurrency=20),
    )
    patch.setattr("hotline.services.claim_due.utc_now", lambda: stage.now)
    began = stage.now
    return run_due(line, TimePasses()).placed, (stage.now - began).total_seconds()


def reach(stage: Stage, most: int) -> None:
    """So many of the notices went out before somebody saw what they were."""
    with stage.line.database.begin() as db:
        for delivery in db.scalars(select(Delivery).where(Delivery.event_id.is_not(None)).limit(most)).all():
            delivery.status = "trying"
            db.add(
                Attempt(
                    id=new_id(), delivery_id=delivery.id, token=new_id(), status="no_answer",
                    placed_at=stage.now, accepted_at=stage.now, ended_at=stage.now,
                )
            )  # fmt: skip


def test_a_false_release_that_was_heard_is_followed_by_a_call_that_says_so(stage: Stage) -> None:
    stage.signed_up(ASKS_FOR_JUAN)
    juan_is(stage, "Order of recognizance")
    stage.look()
    over_at(
        stage.phone().answer().press("4827#").says("was released in the United States").press("2"), "notify.goodbye"
    )
    retract(stage.line, stage.rows(CustodyImport)[-1].id, ANA, WHY)
    stage.look()
    call = stage.phone().answer().is_at("notify.pin")
    for word in ("Juan", "wrong", "not right", "released"):
        call.never_said(word)
    call.press("4827#").says("Our earlier message about Juan Pérez").says("was not right").never_said("released")
    stage.look()
    assert [(d.urgency, d.status) for d in stage.rows(Delivery, urgency="critical")] == [("critical", "confirmed")] * 2


def test_a_message_that_is_taken_back_while_the_phone_rings_is_not_told(stage: Stage) -> None:
    stage.signed_up(ASKS_FOR_JUAN)
    juan_is(stage, "Order of recognizance")
    stage.look()
    call = stage.phone().answer().is_at("notify.pin")
    retract(stage.line, stage.rows(CustodyImport)[-1].id, ANA, WHY)
    over_at(call.press("4827#"), "notify.nothing_new").never_said("released").never_said("Juan")
    stage.look()
    stage.phone().answer().press("4827#").says("Our earlier message")
