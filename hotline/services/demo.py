"""The demonstration's feed: invented people to begin with, and the row by which one of them leaves custody."""

from __future__ import annotations

import csv
import io
from tempfile import SpooledTemporaryFile

from hotline.errors import NotFound
from hotline.rules.feed import COLUMNS
from hotline.services.import_custody import import_file
from hotline.services.line import Line
from hotline.services.sample_custody import people, write_csv
from hotline.store.people import has_people, open_stint

PEOPLE = 1000
SEED = 7


def load_sample(line: Line) -> None:
    """Import the sample's people, unless there is somebody in the records already."""
    with line.database.read() as db:
        if has_people(db):
            return
    with SpooledTemporaryFile() as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        write_csv(people(PEOPLE, SEED, line.clock().replace(minute=0, second=0, microsecond=0)), text)
        text.detach()
        stream.seek(0)
        import_file(line, stream, "full")  # type: ignore[arg-type]


def leaving(line: Line, subject_id: str, wording: str) -> str:
    """A feed, header and one row, that ends the stint in which a person is, now and with this wording.

    Raises NotFound where nobody of that number is in custody.
    """
    with line.database.read() as db:
        found = open_stint(db, subject_id)
    if found is None:
        raise NotFound(
            f"nobody with the number {subject_id} is in custody: see `hotline sample custody` for the people"
        )
    subject, stint = found
    told = line.clock().isoformat(timespec="seconds")
    row = {
        "subject_id": subject.subject_id,
        "given_names": subject.given_names,
        "surnames": subject.surnames,
        "birth_date": subject.birth_date or "",
        "birth_country": subject.birth_country,
        "disclosable": _flag(subject.disclosable),
        "protected": _flag(subject.protected),
        "stay_id": stint.stay_id,
        "stint_id": stint.stint_id,
        "facility_code": stint.facility_code or "",
        "facility_name": stint.facility_name or "",
        "facility_state": stint.facility_state or "",
        "book_in_at": stint.book_in_at.isoformat(),
        "book_out_at": told,
        "release_reason": wording,
        "updated_at": told,
    }
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [column.name for column in COLUMNS], restval="")
    writer.writeheader()
    writer.writerow(row)
    return text.getvalue()


def _flag(value: bool | None) -> str:
    return "" if value is None else str(value).lower()
