"""The records that nobody may ever find."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from hotline.rules import birth_dates, countries
from hotline.rules.disclosure import may_be_shown
from hotline.rules.feed import OURS, RowRefused, read_row
from hotline.rules.test_records import HIDDEN_RECORDS, HiddenRecord, rows

NOW = datetime(2026, 3, 10, 17, tzinfo=UTC)


def days() -> Iterator[date]:
    """Every day of five years, leap days among them."""
    yield from (date(2026, 1, 1) + timedelta(days=n) for n in range(5 * 366))


def test_there_is_one_for_each_reason_that_hides_a_person() -> None:
    kinds = {
        (r.disclosable, r.protected, "child" if r.years is not None and r.years < 18 else r.years)
        for r in HIDDEN_RECORDS
    }
    assert kinds == {(True, True, 40), (True, False, "child"), (False, False, 40), (True, False, None)}


def test_all_stand_outside_of_what_counts_and_lists_people() -> None:
    assert all(record.ref < 0 for record in HIDDEN_RECORDS)
    assert len({record.ref for record in HIDDEN_RECORDS}) == len(HIDDEN_RECORDS)


@pytest.mark.parametrize("record", HIDDEN_RECORDS, ids=lambda record: record.name)
def test_none_may_be_shown_on_any_day(record: HiddenRecord) -> None:
    assert record.birth_country in countries.codes()
    for today in days():
        adult_on = birth_dates.adult_on(record.born(today))
        assert not may_be_shown(record.disclosable, record.protected, adult_on, today)


def test_no_feed_may_bring_one() -> None:
    for row in rows(NOW, NOW.date()):
        for subject_id in (row.subject_id, row.subject_id.lower(), f"{OURS}ELSE"):
            with pytest.raises(RowRefused, match=r"^subject_id "):
                read_row({"subject_id": subject_id})
