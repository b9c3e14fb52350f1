"""Rows of a feed, as it brings them."""

from __future__ import annotations

from datetime import UTC, datetime

from hotline.rules.birth_dates import BirthDate
from hotline.rules.feed import Row

NEWER = datetime(2026, 2, 3, tzinfo=UTC)
"""A day after the version of `a_row`."""


def a_row(subject_id: str = "S1", stint_id: str | None = None, **changes: object) -> Row:
    values: dict[str, object] = {
        "subject_id": subject_id,
        "given_names": "Wilner",
        "surnames": "Toussaint",
        "other_names": (),
        "sex": None,
        "birth_date": BirthDate(1990, 9, 20),
        "birth_country": "HT",
        "disclosable": True,
        "protected": False,
        "stay_id": "A",
        "stint_id": stint_id or f"{subject_id}-1",
        "facility_code": None,
        "facility_name": None,
        "facility_state": None,
        "book_in_at": datetime(2026, 2, 1, tzinfo=UTC),
        "book_out_at": None,
        "release_reason": None,
        "updated_at": datetime(2026, 2, 2, tzinfo=UTC),
        **changes,
    }
    return Row(**values)  # type: ignore[arg-type]
