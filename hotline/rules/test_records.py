"""Records that ride in every deployment and that nobody may ever find: the line searches for them itself.

There is one for each reason that hides a person. Their names are made up and belong to nobody. They stand in the
table of people under row ids below zero, so that nothing that lists or counts people meets them, and their numbers
begin as no feed's may.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hotline.rules.birth_dates import BirthDate
from hotline.rules.feed import OURS, Row


@dataclass(frozen=True, slots=True)
class HiddenRecord:
    """One record; `ref` is its row id, `years` its age (None: no date of birth is recorded)."""

    ref: int
    name: str
    given_names: str
    surnames: str
    birth_country: str
    years: int | None
    disclosable: bool | None
    protected: bool | None

    @property
    def subject_id(self) -> str:
        return f"{OURS}{self.name}"

    def born(self, today: date) -> BirthDate | None:
        """The date of birth: it moves on with the calendar, so that a child stays one."""
        if self.years is None:
            return None
        day = today - timedelta(days=round(self.years * 365.25))
        return BirthDate(day.year, day.month, day.day)


HIDDEN_RECORDS = (
    HiddenRecord(-1, "PROTECTED", "Velmorinda Ostraxia", "Quendlebrook Tarvossian", "GT", 40, True, True),
    HiddenRecord(-2, "CHILD", "Jorvaxin Plimotheo", "Grantholmeck Wuxarides", "HN", 10, True, False),
    HiddenRecord(-3, "UNDISCLOSED", "Brixalunda Femorth", "Zanquiller Dovempark", "MX", 40, False, False),
    HiddenRecord(-4, "UNDATED", "Thaxomiro Belquist", "Yorvandel Krumpassi", "SV", None, True, False),
)


def rows(now: datetime, today: date) -> Iterator[Row]:
    """The records as a feed would bring them now; each has been at one place and has left it."""
    for record in HIDDEN_RECORDS:
        yield Row(
            subject_id=record.subject_id,
            given_names=record.given_names,
            surnames=record.surnames,
            other_names=(),
            sex=None,
            birth_date=record.born(today),
            birth_country=record.birth_country,
            disclosable=record.disclosable,
            protected=record.protected,
            stay_id=record.subject_id,
            stint_id=record.subject_id,
            facility_code=None,
            facility_name=None,
            facility_state=None,
            book_in_at=datetime(2000, 1, 1, tzinfo=UTC),
            book_out_at=datetime(2000, 1, 2, tzinfo=UTC),
            release_reason=None,
            updated_at=now,
        )
