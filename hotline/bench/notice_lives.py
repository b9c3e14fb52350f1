"""What happens in a year of notices: news about people, sign-ups, wishes, protection, outages, and staff who decide."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from random import Random

from sqlalchemy import select

from hotline.bench.far_end import FarEnd
from hotline.bench.notice_people import BEGIN, People, Size
from hotline.rules.brakes import EventState, ImportStatus
from hotline.rules.custody import EventKind
from hotline.rules.occasions import Occasion
from hotline.services import change_enrolment, notify, protect, steer_notice
from hotline.services.decide_held import Verdict, decide_event, decide_import
from hotline.services.line import Line
from hotline.services.outcomes import VERIFY
from hotline.services.reconfirm import reconfirm
from hotline.services.release_events import release
from hotline.services.retract_import import retract, retract_on
from hotline.store import custody, deliveries, histories
from hotline.store.database import DatabaseBusy
from hotline.store.deliveries import OPEN
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import CustodyEvent, CustodyImport, Delivery, Enrolment, Subject

NEWS_EVERY = timedelta(hours=12)
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


class Lives:
    """What happens to all who are there; `agenda` is what is to come, `happened` how often what came."""

    def __init__(self, line: Line, far: FarEnd, size: Size) -> None:
        self.line, self.far, self.size = line, far, size
        self.chance = Random(size.seed)
        self.people = People(line, size, self.chance)
        self.end = BEGIN + timedelta(days=size.days)
        self.happened: dict[str, int] = {}
        self.agenda: list[tuple[datetime, int, Callable[[], object]]] = []
        self._order = count()

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

    def plan_the_year(self) -> None:
        """Put on the agenda what nobody in the year decides."""
        span = self.end - BEGIN
        turns = int(span / NEWS_EVERY)
        for turn in range(turns):
            share = self.size.events * (turn + 1) // turns - self.size.events * turn // turns
            self.at(BEGIN + NEWS_EVERY * turn, lambda share=share: self._news(share))  # type: ignore[misc]
        for day in range(1, self.size.days + 2):
            self.at(BEGIN + timedelta(days=day), self._daily)
        each = {
            self._new_sign_up: 0.3,
            self._number_moves: 0.1,
            self._wishes: 0.2,
            self._protected: 0.02,
            self._deleted: 0.02,
            self._steered: 0.05,
        }
        for what, part in each.items():
            for _ in range(max(1, int(self.size.subscribers * part * self.size.days / 365))):
                self.at(BEGIN + span * self.chance.random(), what)
        for _ in range(max(1, self.size.days // 30)):
            self.at(BEGIN + span * self.chance.random(), self._outage)
        for _ in range(max(1, self.size.days // 90)):
            self.at(BEGIN + span * self.chance.random(), self._busy)

    def _daily(self) -> None:
        """What the clock does every day: asks old numbers, freezes who signed up while their person was hidden."""
        reconfirm(self.line)
        with self.line.database.begin() as db:
            protect.freeze_hidden(db, None, self.now)

    def _news(self, share: int) -> None:
        if not share:
            return
        kinds = self.chance.choices([told for told, _ in TOLD], [weight for _, weight in TOLD], k=share)
        refs = self.chance.choices(self.people.recorded, k=share)
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
        self.far.down_until = self.now + timedelta(hours=self.chance.uniform(0.1, 4))
        self.count("outages")

    def _busy(self) -> None:
        """Another process holds the database while the line wants to write: that look fails, and the next goes on."""
        with self.line.database.begin(), suppress(DatabaseBusy):
            notify.run_due(self.line)
        self.count("busy")

    def _new_sign_up(self) -> None:
        if (number := self.people.free_number()) is None:
            return
        with self.line.database.begin() as db:
            made = self.people.sign_up(db, number)
            deliveries.plan(db, made, Occasion.VERIFY.value, VERIFY, self.now)
        self.count("signed_up")

    def _number_moves(self) -> None:
        if (number := self.people.free_number()) is None:
            return
        with self.line.database.begin() as db:
            if (found := self.people.anyone(db)) is not None:
                texts = self.chance.random() < 0.5
                change_enrolment.ask_new_number(self.line, db, found, number, True, texts, self.now)
                self.count("number_changes")

    def _wishes(self) -> None:
        with self.line.database.begin() as db:
            if (found := self.people.anyone(db)) is not None:
                change_enrolment.set_wishes(db, found, self.now, any_hour=self.chance.random() < 0.5)
                if found.calls and found.texts and self.chance.random() < 0.3:
                    change_enrolment.set_channels(db, found, calls=False, texts=True, now=self.now)
                self.count("wishes")

    def _deleted(self) -> None:
        with self.line.database.begin() as db:
            if (found := self.people.anyone(db)) is not None:
                change_enrolment.stop_and_delete(db, found, self.now)
                self.count("deleted")

    def _steered(self) -> None:
        """Staff have the notice that failed last go out anew, or stop one that waits."""
        work, states = self.chance.choice([(steer_notice.retry, steer_notice.FAILED), (steer_notice.cancel, OPEN)])
        about_event = select(Delivery.id).where(Delivery.status.in_(states), Delivery.event_id.is_not(None))
        with self.line.database.read() as db:
            found = db.scalar(about_event.order_by(Delivery.created_at.desc()).limit(1))
        if found is not None:
            work(self.line, found, "Ana", "looked at")
            self.count(f"staff_{work.__name__}")

    def _protected(self) -> None:
        ref = self.chance.choice(self.people.watched)
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
