"""A sign-up that stands in the tables without a call."""

from __future__ import annotations

import csv
import io

from hotline.rules.feed import COLUMNS
from hotline.services.import_custody import import_file
from hotline.services.line import Line
from hotline.store import enrolments
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import Enrolment, Subject, key_ring, new_id

ROW = {
    "given_names": "Juan Carlos",
    "surnames": "Pérez Morales",
    "birth_date": "1985-03-05",
    "birth_country": "GT",
    "disclosable": "true",
    "protected": "false",
    "book_in_at": "2026-02-01T10:00:00Z",
    "updated_at": "2026-02-01T11:00:00Z",
}


def feed(line: Line, *rows: dict[str, str], kind: str = "delta") -> None:
    """Import rows; what a row leaves out is Juan's."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [column.name for column in COLUMNS], restval="")
    writer.writeheader()
    writer.writerows({**ROW, "stay_id": row["subject_id"], "stint_id": row["subject_id"], **row} for row in rows)
    import_file(line, io.BytesIO(text.getvalue().encode()), kind)  # type: ignore[arg-type]


def enrolled(line: Line, subject_id: str, number: str = "+12025550123") -> str:
    """An active enrolment about this person, who is imported for it; its id."""
    feed(line, {"subject_id": subject_id})
    now = line.clock()
    with line.database.begin() as db:
        subscriber = enrolments.add_subscriber(db, number, now)
        found = db.query(Subject.id).where(Subject.subject_id == subject_id).scalar()
        made = Enrolment(
            id=new_id(),
            subscriber_id=subscriber.id,
            subject_ref=found,
            status=EnrolmentStatus.ACTIVE,
            language="en",
            calls=True,
            texts=False,
            voicemail=False,
            any_hour=True,
            confirmation_hash=key_ring(db).index("confirmation", new_id()),
            pin_hash="-",
            call_id=new_id(),
            eligible_text="-",
            eligible_at=now,
            consent_text="-",
            consent_at=now,
            confirmed_at=now,
        )
        db.add(made)
        return made.id
