"""Sends what is due: claims a batch, writes its attempts down, and only then speaks to the platform.

While one batch is on its way the next is claimed, and answers are written down many at a time. Whatever is cut off
in between is an attempt that stands in the table, and is looked up.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session as Transaction

from hotline.carrier import mail
from hotline.carrier.outbound import Answer, Request
from hotline.errors import CarrierError, CarrierRefused, MailRefused
from hotline.services import mail_notices, outcomes
from hotline.services.claim_due import Outgoing, claim_batch
from hotline.services.line import Line
from hotline.store import channels, deliveries, outbox
from hotline.store.database import DatabaseBusy
from hotline.store.models import Attempt, Delivery

log = structlog.get_logger()
Written = TypeVar("Written")

MOST_CLAIMED = 500
AHEAD = 0.25
"""Seconds of sending that one batch is to last: what was decided on may change, so little waits its turn."""
GATHERING = 0.05
"""Seconds in which answers are gathered to be written down together."""
TOLD_AT_ONCE = 20
"""Refusals, and mails, to one transaction: what follows from each takes several statements."""
BUSY_PAUSES = (0.1, 0.5, 1.0, 2.0, 5.0)
"""Seconds between the tries to write answers down in a database that is busy."""
MAILS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Round:
    """What became of all that was due."""

    placed: int = 0
    uncertain: int = 0
    refused: int = 0


def run_due(line: Line, stopping: Event | None = None) -> Round:
    """Send all that is due, at the pace of each channel, until nothing more is or `stopping` is set.

    What is under way then is waited for and written down.
    """
    return _Run(line, stopping or Event()).to_the_end()


def list_due(line: Line) -> Sequence[Delivery]:
    """Deliveries whose time has come, the longest due first."""
    with line.database.read() as db:
        return deliveries.due_now(db, line.clock())


def lift_pauses(line: Line) -> None:
    """Let channels that stand still go on: staff mended our set-up."""
    with line.database.begin() as db:
        channels.lift_pauses(db)


class _Run:
    """One run through the outbox. `under_way` holds the channel of each attempt that has no answer yet, by its id."""

    def __init__(self, line: Line, stopping: Event) -> None:
        self.line = line
        self.stopping = stopping
        self.answers: SimpleQueue[Answer] = SimpleQueue()
        self.under_way: dict[str, str] = {}
        self.least = self.batch = line.settings.pace.concurrency
        self.done: Counter[str] = Counter()

    def to_the_end(self) -> Round:
        with ThreadPoolExecutor(MAILS_AT_ONCE, "mail") as mails:
            while True:
                wait = None
                if self.stopping.is_set():
                    self.line.outbound.refuse_waiting()
                elif len(self.under_way) <= self.batch:
                    wait = self._claim(mails)
                if self.under_way:
                    self._write_back(self._gathered())
                elif wait is None:
                    return Round(**self.done)
                else:
                    self.stopping.wait(wait)

    # ---- out

    def _claim(self, mails: ThreadPoolExecutor) -> float | None:
        """Claim a batch of each channel and send it off. Returns how long to wait for more; None: nothing is due."""
        waits: list[float] = []
        try:
            with self.line.database.read() as db:
                due = outbox.channels_due(db, self.line.clock())
            for channel in due:
                with self.line.database.begin() as db:
                    batch = claim_batch(self.line, db, channel, self.batch)
                self._send_off(channel, batch.outgoing, mails)
                waits.append(batch.wait)
        except DatabaseBusy:
            if not self.under_way:
                raise
            log.warning("outbox_busy")
        return min(waits, default=None)

    def _send_off(self, channel: str, outgoing: Sequence[Outgoing], mails: ThreadPoolExecutor) -> None:
        self.under_way.update((one.placing.id, channel) for one in outgoing)
        if requests := [one.what for one in outgoing if isinstance(one.what, Request)]:
            self.line.outbound.ask(requests, self.answers.put)
        for one in outgoing:
            if isinstance(one.what, mail.Mail):
                mails.submit(self._post, one.placing.id, one.what)

    def _post(self, attempt_id: str, letter: mail.Mail) -> None:
        try:
            mail.send_notice(self.line.settings.smtp_url or "", letter)
        except CarrierError as fault:
            self.answers.put(Answer(attempt_id, fault=fault))
        else:
            self.answers.put(Answer(attempt_id, sid=letter.message_id))

    # ---- and back

    def _gathered(self) -> list[Answer]:
        """The answers that came in: waits for the first, and a moment for those that come with it."""
        began = time.monotonic()
        found = [self.answers.get()]
        last = time.monotonic() + GATHERING
        while len(found) < self.batch:
            try:
                found.append(self.answers.get(timeout=max(0.0, last - time.monotonic())))
            except Empty:
                break
        speed = len(found) / (time.monotonic() - began)
        self.batch = max(self.least, min(MOST_CLAIMED, int((self.batch + speed * AHEAD) / 2)))
        return found

    def _write_back(self, answers: Sequence[Answer]) -> None:
        """What is said of one attempt may have many consequences; that many were taken has none, and goes in bulk."""
        now = self.line.clock()
        taken, others = dict[str, str](), list[Answer]()
        for answer in answers:
            if answer.sid is not None and self.under_way[answer.key] != "mail":
                taken[answer.key] = answer.sid
            else:
                others.append(answer)
        self._written(lambda db: outbox.accept(db, taken, now))
        self.done["placed"] += len(taken)
        for start in range(0, len(others), TOLD_AT_ONCE):
            self.done.update(self._written(partial(self._told_all, others[start : start + TOLD_AT_ONCE])))
        for answer in answers:
            del self.under_way[answer.key]

    def _written(self, write: Callable[[Transaction], Written]) -> Written:
        """Write in one transaction; a database that is busy is asked again, for what came back must not be lost."""
        for pause in BUSY_PAUSES:
            try:
                with self.line.database.begin() as db:
                    return write(db)
            except DatabaseBusy:
                time.sleep(pause)
        with self.line.database.begin() as db:
            return write(db)

    def _told_all(self, answers: Sequence[Answer], db: Transaction) -> list[str]:
        return [self._told(db, answer) for answer in answers]

    def _told(self, db: Transaction, answer: Answer) -> str:
        """What follows from one answer. Returns what it is counted as."""
        attempt = db.get(Attempt, answer.key, with_for_update=True)
        if attempt is None:  # its enrolment was deleted in the meantime
            return "refused"
        delivery, now = db.get_one(Delivery, attempt.delivery_id), self.line.clock()
        match answer.fault:
            case None:
                mail_notices.taken(attempt, delivery, now)
                return "placed"
            case CarrierRefused() as fault:
                log.warning(
                    "send_refused",
                    attempt_id=attempt.id,
                    channel=delivery.channel,
                    status=fault.status,
                    code=fault.code,
                )
                return outcomes.refused(self.line, db, attempt, delivery, fault.status, fault.code)
            case MailRefused() as fault:
                mail_notices.refused(db, attempt, delivery, fault, now)
                return "refused"
        if delivery.channel == "mail":
            mail_notices.uncertain(db, attempt, delivery, now)
            return "uncertain"
        return outcomes.uncertain(attempt)
