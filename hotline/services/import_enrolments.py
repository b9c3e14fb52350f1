"""Brings in people who got their news by hand: each is asked to say yes, and hears nothing before.

Each line is a transaction of its own. A file is known by what it holds: given again, it goes on behind a kill, and
changes nothing where all is done. Whatever keeps a line out is told by the line's number, never by name or number.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO

from sqlalchemy.orm import Session as Transaction

from hotline.errors import FeedRefused, NotFound
from hotline.rules import hours, phones
from hotline.rules.decisions import named
from hotline.rules.disclosure import earliest_date
from hotline.rules.enrolment_rows import EnrolmentRow, House, Person, RowUnreadable, asked_after, rows
from hotline.rules.matching import Kind, Query
from hotline.rules.occasions import Occasion
from hotline.rules.readings import Said
from hotline.services import protect
from hotline.services.line import Line
from hotline.services.outcomes import VERIFY
from hotline.services.search import search
from hotline.store import audit, batches, deliveries, enrolments, people
from hotline.store.enrolments import LIVE, EnrolmentStatus
from hotline.store.models import Enrolment, EnrolmentBatch, Subscriber, key_ring, new_id

MOST_BYTES = 8 * 1024 * 1024
"""Of a file: room for far more people than are ever brought in at once."""


class KeptOut(StrEnum):
    """Why a line that can be read is not taken, in the words of the report."""

    NOBODY = "nobody found that this line can give news about"
    SEVERAL = "several people may be meant: give the subject_id, or the date of birth"
    NOT_THE_SAME = "the subject_id and the names do not mean one person"
    DECLINED = "this number asked not to be told"


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was not taken, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file; `batch` is None for a dry run of one that is new."""

    batch: int | None
    rows: int
    asked: int
    there_before: int
    refused: tuple[Refused, ...]


def import_enrolments(line: Line, stream: BinaryIO, by: str, *, dry_run: bool = False) -> Imported:
    """Bring in whoever the file names and is not in yet, and have each asked within the hours.

    Raises FeedRefused for a file that is none, SearchClosed while nobody is searched for.
    """
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise FeedRefused(f"the file is larger than {MOST_BYTES >> 20} MB: split it")
    house = House(line.settings.languages, line.settings.own_numbers)
    read = list(rows(io.BytesIO(data), house))  # a header that can't be read costs no batch
    batch_id = _batch(line, data, named(by), dry_run)
    bringing = _Bringing(line, batch_id, dry_run)
    for number, row in read:
        bringing.take(number, row)
    return Imported(batch_id, len(read), bringing.asked, bringing.there_before, tuple(bringing.refused))


def _batch(line: Line, data: bytes, by: str, dry_run: bool) -> int | None:
    now, file_hash = line.clock(), line.database.ring.index("batch", hashlib.sha256(data).hexdigest())
    if dry_run:
        with line.database.read() as db:
            known = batches.batch_of_file(db, file_hash)
            return known.id if known else None
    with line.database.begin() as db:
        batches.lock(db)
        batch = batches.batch_of_file(db, file_hash)
        if batch is None:
            batch = batches.add_batch(db, file_hash, by, now)
            audit.append(db, by, "enrolment.import", f"batch {batch.id}", "brought in from a file", now)
        return batch.id


@dataclass(slots=True)
class _Bringing:
    """One file on its way in, line by line."""

    line: Line
    batch_id: int | None
    dry_run: bool
    asked: int = 0
    there_before: int = 0
    refused: list[Refused] = field(default_factory=list)
    _to_number: Counter[str] = field(default_factory=Counter)
    _to_block: Counter[str] = field(default_factory=Counter)
    _seen: dict[tuple[str, int], int] = field(default_factory=dict)

    def take(self, number: int, row: EnrolmentRow | RowUnreadable) -> None:
        """One line: asked, there before, or refused for a reason."""
        if isinstance(row, RowUnreadable):
            self.refused.append(Refused(number, str(row)))
            return
        now = self.line.clock()
        with self.line.database.read() as db:
            subject = _subject(db, row, now)
        if isinstance(subject, KeptOut):
            self.refused.append(Refused(number, subject))
            return
        if (first := self._seen.setdefault((row.number, subject), number)) != number:
            self.refused.append(Refused(number, f"stands in line {first} already"))
            return
        with self.line.database.read() if self.dry_run else self.line.database.begin() as db:
            self._bring_in(db, number, row, subject, now)

    def _bring_in(self, db: Transaction, number: int, row: EnrolmentRow, subject: int, now: datetime) -> None:
        """Ask the subscriber of a line whose person is known, unless something speaks against it."""
        if not self.dry_run:
            batches.lock(db)
        before = batches.brought_in(db, row.number, subject)
        there = any(one.batch_id == self.batch_id and one.batch_line == number for one in before)
        reason = None if there else _kept_out(db, before, row, subject)
        if reason is not None:
            self.refused.append(Refused(number, reason))
            return
        if there:
            self.there_before += 1
        else:
            self.asked += 1
            if not self.dry_run:
                self._add(db, number, row, subject, now)
        self._to_number[row.number] += 1
        self._to_block[phones.block(row.number)] += 1

    def _add(self, db: Transaction, number: int, row: EnrolmentRow, subject: int, now: datetime) -> None:
        """Keep the wish, and plan the question."""
        subscriber = enrolments.add_subscriber(db, row.number, now)
        if row.mail and subscriber.mail_hash is None:
            ring = key_ring(db)
            subscriber.seal(ring, "mail", row.mail)
            subscriber.mail_hash = ring.index("mail", row.mail)
        enrolment = _enrolment(db, subscriber, row, subject)
        enrolment.batch_id, enrolment.batch_line = self.batch_id, number
        db.add(enrolment)
        db.flush()
        zones, block = phones.zones(row.number), phones.block(row.number)
        before = self._to_number.total(), self._to_number[row.number], self._to_block[block]
        opens = hours.next_allowed(now, zones, any_hour=False)
        at = hours.next_allowed(opens + asked_after(self.line.settings.limits, *before), zones, any_hour=False)
        # Their turn comes behind that of callers who hold the phone.
        for delivery in deliveries.plan(db, enrolment, Occasion.VERIFY, VERIFY, now, turn=number):
            delivery.next_at = at
        protect.freeze_hidden(db, [subject], now)  # protected since it was found


def _kept_out(db: Transaction, before: Sequence[Enrolment], row: EnrolmentRow, subject: int) -> str | None:
    """What speaks against asking; `before` is what files brought in of this number and this person."""
    if known := next((one for one in before if one.status in LIVE), None):
        return f"brought in before: batch {known.batch_id}, line {known.batch_line}"
    if _declined(db, row, subject) or any(one.status == EnrolmentStatus.STOPPED for one in before):
        return KeptOut.DECLINED
    return None


def _declined(db: Transaction, row: EnrolmentRow, subject: int) -> bool:
    if batches.is_buried(db, row.number, subject):
        return True
    known = enrolments.subscriber_of(db, row.number)
    if known is None:
        return False
    return not (row.calls and known.calls_stopped_at is None) and not (row.texts and known.texts_stopped_at is None)


def _enrolment(db: Transaction, subscriber: Subscriber, row: EnrolmentRow, subject: int) -> Enrolment:
    """Without PIN and consent, which the subscriber gives; and with a confirmation number that nobody knows yet."""
    return Enrolment(
        id=new_id(),
        subscriber_id=subscriber.id,
        subject_ref=subject,
        status=EnrolmentStatus.PENDING,
        language=row.language,
        calls=row.calls,
        texts=row.texts,
        mails=row.mail is not None,
        voicemail=row.voicemail,
        any_hour=row.any_hour,
        confirmation_hash=key_ring(db).index("confirmation", new_id()),
    )


def _subject(db: Transaction, row: EnrolmentRow, now: datetime) -> int | KeptOut:
    """Whom a line is about, among those who may be shown; names beside a number must mean the same person."""
    today = earliest_date(now)
    if row.subject_id is None:
        assert row.person is not None  # read_row takes no line that says neither
        decision = search(db, _query(row.person), today)
        if decision.subject is not None:
            return decision.subject
        return KeptOut.NOBODY if decision.kind is Kind.NONE else KeptOut.SEVERAL
    subject = people.shown_by_id(db, row.subject_id, today)
    if subject is None:
        return KeptOut.NOBODY
    if row.person is not None:
        found = search(db, _query(row.person), today)
        meant = {found.subject} if found.subject is not None else {one.subject for one in found.ranked}
        if subject not in meant:
            return KeptOut.NOT_THE_SAME
    return subject


def _query(person: Person) -> Query:
    return Query(Said(text=person.given_names), Said(text=person.surnames), person.country, person.birth)


class Standing(StrEnum):
    """What became of a line that was taken."""

    CONFIRMED = "confirmed"
    NOT_YET = "not yet"
    SAID_NO = "said no"
    DROPPED = "dropped"
    """Never answered."""
    STOPPED = "stopped since"
    REPLACED = "signed up anew"


@dataclass(frozen=True, slots=True)
class LineStanding:
    """One line of a file as it stands now, by opaque id."""

    line: int
    enrolment: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class BatchStanding:
    """A batch as it stands now; lines that were not taken, or were deleted by their subscribers, are not in it."""

    batch: int
    at: datetime
    by: str
    lines: tuple[LineStanding, ...]


def report(line: Line, batch_id: int | None = None) -> BatchStanding:
    """What became of a batch, the last one where none is named. Raises NotFound."""
    with line.database.read() as db:
        batch = batches.last_batch(db) if batch_id is None else db.get(EnrolmentBatch, batch_id)
        if batch is None:
            raise NotFound("no such batch was brought in: see `hotline enroll import --help`")
        found = batches.enrolments_of(db, batch.id)
        return BatchStanding(
            batch.id,
            batch.at,
            batch.by,
            tuple(LineStanding(one.batch_line or 0, one.id, _standing(one)) for one in found),
        )


def _standing(enrolment: Enrolment) -> Standing:
    match enrolment.status:
        case EnrolmentStatus.LAPSED:
            return Standing.DROPPED
        case EnrolmentStatus.REPLACED:
            return Standing.REPLACED
        case EnrolmentStatus.STOPPED:
            return Standing.STOPPED if enrolment.confirmed_at else Standing.SAID_NO
    return Standing.CONFIRMED if enrolment.confirmed_at else Standing.NOT_YET
