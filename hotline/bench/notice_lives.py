"""Whom a year of notices is about: numbers that say yes, STOP, START and move, people in the records to whom things
happen, and staff who decide.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from hotline.bench.far_end import Callback, FarEnd, Taken
from hotline.carrier.webhooks import CallHook, TextHook
from hotline.ivr.session import Silence
from hotline.rules.brakes import EventState, ImportStatus
from hotline.rules.custody import EventKind
from hotline.rules.delivery import Answerer, call_state, message_state
from hotline.rules.occasions import Occasion, kind
from hotline.services import change_enrolment, confirm, notify, number_questions, protect
from hotline.services.answer_call import call_status
from hotline.services.answer_text import answer_text, text_status
from hotline.services.decide_held import Verdict, decide_event, decide_import
from hotline.services.line import Line
from hotline.services.outcomes import VERIFY
from hotline.services.release_events import release
from hotline.services.retract_import import retract, retract_on
from hotline.store import custody, deliveries, enrolments, histories
from hotline.store.deliveries import OPEN
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import CustodyEvent, CustodyImport, Delivery, Enrolment, Subject, Subscriber, key_ring, new_id

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
NEWS_EVERY = timedelta(hours=4)
TOLD = (
    (EventKind.TRANSFERRED, 50),
    (EventKind.RELEASED, 22),
    (EventKind.REMOVED, 14),
    (EventKind.RETURNED, 8),
    (EventKind.DEPARTED, 3),
    (EventKind.ESCAPED, 1),
    (EventKind.DIED, 1),
    (EventKind.UNDER_REVIEW, 1),
)
AREAS = (
    202, 205, 206, 212, 213, 214, 215, 216, 217, 281, 303, 305, 307, 310, 312, 313, 314, 316, 317, 319,
    401, 402, 404, 405, 406, 407, 408, 410, 412, 414, 415, 419, 423, 501, 502, 503, 504, 505, 507, 508,
    509, 510, 512, 513, 515, 516, 517, 518, 520, 530, 540, 559, 561, 562, 573, 585, 586, 601, 602, 603,
    605, 606, 608, 609, 610, 612, 614, 615, 616, 617, 618, 619, 626, 630, 631, 636, 650, 651, 660, 662,
    701, 702, 703, 704, 706, 707, 708, 712, 713, 714, 715, 716, 717, 718, 719, 720, 724, 727, 731, 734,
    757, 763, 765, 770, 772, 773, 775, 781, 785, 801, 802, 803, 804, 805, 806, 808, 810, 812, 813, 814,
)  # fmt: skip


def number(place: int) -> str:
    """A number that belongs to nobody (555-01xx), one for each place in the order."""
    return f"+1{AREAS[place // 100 % len(AREAS)]}55501{place % 100:02}"


@dataclass(slots=True)
class Clock:
    """The time of a year, for the line and for whoever plays with it."""

    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class Size:
    """How large a year."""

    subscribers: int = 10_000
    events: int = 200_000
    days: int = 365
    seed: int = 1


class Lives:
    """Who is there, and what happens to them; `agenda` is what is to come."""

    def __init__(self, line: Line, far: FarEnd, size: Size) -> None:
        self.line, self.far, self.size = line, far, size
        self.chance = Random(size.seed)
        self.end = BEGIN + timedelta(days=size.days)
        self.happened: dict[str, int] = {}
        self.subjects: list[int] = []
        self.agenda: list[tuple[datetime, int, Callable[[], object]]] = []
        self._order, self._sids = count(), count()
        self._free_numbers = iter(range(size.subscribers, 100 * len(AREAS)))

    @property
    def now(self) -> datetime:
        return self.line.clock()

    def at(self, moment: datetime, what: Callable[[], object]) -> None:
        """Put something on the agenda."""
        heapq.heappush(self.agenda, (moment, next(self._order), what))

    def later(self, what: Callable[[], object], **span: float) -> None:
        """The same, a random time of at most this span from now."""
        self.at(self.now + timedelta(**span) * self.chance.random(), what)

    def count(self, what: str) -> None:
        self.happened[what] = self.happened.get(what, 0) + 1

    # ---- who is there

    def settle_in(self) -> None:
        """People in the records, and numbers that said yes long ago."""
        people = max(1, self.size.subscribers * 4 // 5)
        with self.line.database.begin() as db:
            made = [self._person(place) for place in range(people)]
            db.add_all(made)
            db.flush()
            self.subjects = [one.id for one in made]
        for start in range(0, self.size.subscribers, 500):
            with self.line.database.begin() as db:
                for place in range(start, min(start + 500, self.size.subscribers)):
                    self._sign_up(db, number(place), EnrolmentStatus.ACTIVE)

    def _person(self, place: int) -> Subject:
        return Subject(
            subject_id=f"Y{place}",
            given_names="Ana",
            surnames=f"Prueba {place}",
            birth_date="1980",
            birth_country="GT",
            disclosable=True,
            protected=False,
            adult_on=date(1999, 1, 1),
            updated_at=BEGIN,
        )

    def _sign_up(self, db: Transaction, to: str, status: EnrolmentStatus) -> Enrolment:
        subscriber = enrolments.add_subscriber(db, to, self.now)
        calls, texts = self.chance.choice([(True, True), (True, True), (True, False), (False, True)])
        made = Enrolment(
            id=new_id(),
            subscriber_id=subscriber.id,
            subject_ref=self.chance.choice(self.subjects),
            status=status,
            language="en",
            calls=calls,
            texts=texts,
            voicemail=False,
            any_hour=self.chance.random() < 0.3,
            confirmation_hash=key_ring(db).index("confirmation", new_id()),
            pin_hash="-",
            confirmed_at=self.now if status is EnrolmentStatus.ACTIVE else None,
        )
        db.add(made)
        db.flush()
        return made

    # ---- what happens

    def plan_the_year(self) -> None:
        span = self.end - BEGIN
        turns = int(span / NEWS_EVERY)
        for turn in range(turns):
            share = self.size.events * (turn + 1) // turns - self.size.events * turn // turns
            self.at(BEGIN + NEWS_EVERY * turn, lambda share=share: self._news(share))  # type: ignore[misc]
        each = {self._new_sign_up: 0.3, self._number_moves: 0.1, self._wishes: 0.2, self._protected: 0.02}
        for what, part in each.items():
            for _ in range(max(1, int(self.size.subscribers * part * self.size.days / 365))):
                self.at(BEGIN + span * self.chance.random(), what)
        for _ in range(max(1, self.size.days // 15)):
            self.at(BEGIN + span * self.chance.random(), self._outage)
        for _ in range(max(1, self.size.days // 90)):
            self.at(BEGIN + span * self.chance.random(), self._busy)

    def _news(self, share: int) -> None:
        if not share:
            return
        kinds = self.chance.choices([told for told, _ in TOLD], [weight for _, weight in TOLD], k=share)
        refs = self.chance.choices(self.subjects, k=share)
        with self.line.database.begin() as db:
            import_id = histories.begin_look(db, "delta", self.now, share)
            custody.add_events(
                db,
                [
                    custody.NewEvent(ref, f"year:{import_id}:{place}", told.value, self.now, self.now, import_id)
                    for place, (ref, told) in enumerate(zip(refs, kinds, strict=True))
                ],
            )
        if release(self.line, import_id).status is ImportStatus.HELD:
            self.later(lambda: self._decide_import(import_id), hours=12)
        self.count("imports")
        with self.line.database.read() as db:
            held = db.scalars(
                select(CustodyEvent.id).where(
                    CustodyEvent.import_id == import_id, CustodyEvent.state == EventState.HELD
                )
            ).all()
        for event_id in held:
            self.later(lambda event_id=event_id: self._decide(event_id), hours=12)  # type: ignore[misc]
        if self.chance.random() < 0.02:
            self.later(lambda: self._take_back(import_id), hours=6)

    def _decide(self, event_id: int) -> None:
        with self.line.database.read() as db:
            held = db.get_one(CustodyEvent, event_id)
        if held.state != EventState.HELD:
            return
        if held.held_by is not None:  # that import is decided first
            self.later(lambda: self._decide(event_id), hours=12)
            return
        approve = self.chance.random() < 0.6
        read_as = "released" if approve and held.kind == EventKind.UNDER_REVIEW else ""
        decide_event(self.line, event_id, Verdict.APPROVE if approve else Verdict.CANCEL, "Ana", "known", read_as)
        self.count("decided")

    def _decide_import(self, import_id: int) -> None:
        verdict = self.chance.choice([Verdict.APPROVE, Verdict.CANCEL])
        for by in ("Ana", "Luz"):
            with self.line.database.read() as db:
                held = db.get_one(CustodyImport, import_id).status == ImportStatus.HELD
            if held:
                decide_import(self.line, import_id, verdict, by, "known")
        self.count("imports_decided")

    def _take_back(self, import_id: int) -> None:
        retract(self.line, import_id, "Ana", "a wrong load")
        retract_on(self.line)
        self.count("taken_back")

    def _outage(self) -> None:
        self.far.down_until = self.now + timedelta(hours=self.chance.uniform(0.1, 5))
        self.count("outages")

    def _busy(self) -> None:
        """Another process holds the database while the line wants to write: that look fails, and the next goes on."""
        with self.line.database.begin(), suppress(Exception):
            notify.run_due(self.line)
        self.count("busy")

    def _any(self, db: Transaction) -> Enrolment | None:
        chosen = self.chance.randrange(self.size.subscribers)
        subscriber = enrolments.subscriber_of(db, number(chosen))
        live = enrolments.live_enrolments(db, subscriber.id) if subscriber else ()
        return live[0] if live and live[0].status == EnrolmentStatus.ACTIVE else None

    def _new_sign_up(self) -> None:
        if (place := next(self._free_numbers, None)) is None:
            return
        with self.line.database.begin() as db:
            made = self._sign_up(db, number(place), EnrolmentStatus.PENDING)
            deliveries.plan(db, made, Occasion.VERIFY.value, VERIFY, self.now)
        self.count("signed_up")

    def _number_moves(self) -> None:
        if (place := next(self._free_numbers, None)) is None:
            return
        with self.line.database.begin() as db:
            if (found := self._any(db)) is not None:
                texts = self.chance.random() < 0.5
                change_enrolment.ask_new_number(self.line, db, found, number(place), True, texts, self.now)
                self.count("number_changes")

    def _wishes(self) -> None:
        with self.line.database.begin() as db:
            if (found := self._any(db)) is not None:
                change_enrolment.set_wishes(db, found, self.now, any_hour=self.chance.random() < 0.5)
                if found.calls and found.texts and self.chance.random() < 0.3:
                    change_enrolment.set_channels(db, found, calls=False, texts=True, now=self.now)
                self.count("wishes")

    def _protected(self) -> None:
        ref = self.chance.choice(self.subjects)
        with self.line.database.begin() as db:
            db.get_one(Subject, ref).protected = True
            db.flush()
            if protect.freeze_hidden(db, [ref], self.now):
                self.count("protected")
        self.later(lambda: self._shown_again(ref), days=20)

    def _shown_again(self, ref: int) -> None:
        with self.line.database.begin() as db:
            db.get_one(Subject, ref).protected = False
            frozen = db.scalars(
                select(Enrolment.id).where(Enrolment.subject_ref == ref, Enrolment.status == EnrolmentStatus.FROZEN)
            ).all()
        verdict = self.chance.choice([protect.Verdict.RESTORE, protect.Verdict.RESTORE, protect.Verdict.END])
        for enrolment_id in frozen:
            for by in ("Ana", "Luz"):
                protect.decide(self.line, enrolment_id, verdict, by, "looked at")

    # ---- what the platform tells, and what people do

    def called_back(self, told: Callback) -> None:
        of = told.of
        if of.kind == "Calls":
            if told.status == of.end == "completed":
                self._picked_up(of)
            call_status(self.line, self._call_hook(of, told.status), of.token)
        else:
            text_status(self.line, self._text_hook(of, told.status), of.token)
            if told.status == "delivered":
                self._read(of)

    def _call_hook(self, of: Taken, status: str) -> CallHook:
        over = status == of.end
        return CallHook(of.sid, None, Silence(), Answerer.PERSON, None, call_state(status), status, None, over)

    def _text_hook(self, of: Taken, status: str) -> TextHook:
        code = of.code if status == of.end else None
        return TextHook(of.sid, None, "", None, message_state(status), status, code)

    def _picked_up(self, of: Taken) -> None:
        """Somebody took the call: most have the PIN at hand, or say yes; few say that it is not for them."""
        roll = self.chance.random()
        with self.line.database.begin() as db:
            attempt = deliveries.attempt_by_token(db, of.token)
            if attempt is None:
                return
            delivery = db.get_one(Delivery, attempt.delivery_id)
            if delivery.status not in OPEN:
                return
            if roll < 0.003:
                confirm.wrong_person(db, db.get_one(Subscriber, delivery.subscriber_id), self.now)
            elif delivery.urgency == VERIFY and roll < 0.8:
                number_questions.said_yes(db, self.line.settings.limits, delivery, self.now)
            elif kind(delivery.occasion) is Occasion.EVENT and roll < 0.7:
                confirm.heard(db, delivery, "pin", self.now)

    def _read(self, of: Taken) -> None:
        roll = self.chance.random()
        if roll < 0.4:
            self.later(lambda: self._text_in(of.to, "YES"), minutes=90)
        elif roll < 0.405:
            self.later(lambda: self._text_in(of.to, "STOP"), minutes=90)
            self.later(lambda: self._text_in(of.to, "START"), days=30)

    def _text_in(self, sender: str, body: str) -> None:
        answer_text(self.line, TextHook(f"SMIN{next(self._sids)}", sender, body, None, None, "", None))
        self.count(body)
