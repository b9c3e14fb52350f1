"""A person and a stint as the records have them, and which of two versions stays.

The newer one stays. Of two that are equally new and differ, the one stays that shows less and says more, so that
the order in which rows arrive never matters.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple


class Person(NamedTuple):
    """One person; the fields are columns of `subject`. `adult_on` is the first day on which 18 years are proved."""

    subject_id: str
    given_names: str
    surnames: str
    other_names: str | None
    sex: str | None
    birth_date: str | None
    birth_country: str
    disclosable: bool | None
    protected: bool | None
    adult_on: date | None
    updated_at: datetime

    @property
    def rank(self) -> tuple[Any, ...]:
        """The greater one stays: the newer, else the one that shows less; the rest only makes the choice certain."""
        return (
            self.updated_at,
            self.protected is not False,
            self.disclosable is not True,
            self.adult_on or date.max,
            self.given_names,
            self.surnames,
            self.other_names or "",
            self.birth_country,
            self.sex or "",
            self.birth_date or "",
            (self.protected is None, self.disclosable is None),
        )


class Stint(NamedTuple):
    """One stint; the fields are columns of `stint`."""

    stay_id: str
    stint_id: str
    facility_code: str | None
    facility_name: str | None
    facility_state: str | None
    book_in_at: datetime
    book_out_at: datetime | None
    release_reason: str | None
    updated_at: datetime
    fingerprint: int | None
    """A number of 63 bits by which the stint is known again under another subject number."""

    @property
    def rank(self) -> tuple[Any, ...]:
        """The greater one stays: the newer, else the one that knows an end."""
        return (
            self.updated_at,
            self.book_out_at or _NEVER,
            self.book_in_at,
            self.release_reason or "",
            self.stay_id,
            self.facility_code or "",
            self.facility_name or "",
            self.facility_state or "",
        )


_NEVER = datetime.min.replace(tzinfo=UTC)


def other_names(text: str | None) -> Iterator[tuple[str, str]]:
    """The other names of a person, each as given names and surnames; one of the two may be empty."""
    for name in text.split(";") if text else ():
        given, _, surnames = name.partition("|")
        if given.strip() or surnames.strip():
            yield (given.strip(), surnames.strip())
