from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rules.birth_dates import BirthDate
from hotline.rules.feed import OtherName, Row
from hotline.rules.feed_versions import fingerprint, latest
from hotline.rules.records import other_names
from tests.rules.rows import NEWER, a_row

ROWS = (
    a_row(),
    a_row(surnames="Xol"),
    a_row(protected=True),
    a_row(updated_at=NEWER, birth_date=None),
    a_row(updated_at=NEWER, disclosable=None),
    a_row(updated_at=NEWER, book_out_at=NEWER, release_reason="Removed"),
    a_row(updated_at=NEWER, book_out_at=NEWER, release_reason="Died"),
    a_row("S1", "A2", updated_at=NEWER + timedelta(days=1)),
    a_row("S2"),
)


@given(rows=st.permutations(ROWS), repeated=st.integers(0, len(ROWS)))
def test_rows_in_any_order_and_number_say_the_same(rows: list[Row], repeated: int) -> None:
    assert latest([*rows, *rows[:repeated]]) == latest(ROWS)


def test_of_a_person_and_of_each_stint_the_newest_version_stays() -> None:
    found = latest([a_row(), a_row(updated_at=NEWER, surnames="Xol"), a_row("S1", "A2")])
    person, stint_id = found.people["S1"]
    assert (person.surnames, stint_id) == ("Xol", "S1-1")
    assert {key: stint.updated_at == NEWER for key, stint in found.stints.items()} == {
        ("S1", "S1-1"): True,
        ("S1", "A2"): False,
    }


@pytest.mark.parametrize(
    "hides", [{"protected": True}, {"protected": None}, {"disclosable": None}, {"birth_date": None}]
)
def test_of_two_versions_of_one_moment_the_one_stays_that_shows_less(hides: dict[str, object]) -> None:
    pair = (a_row(), a_row(**hides))  # type: ignore[arg-type]
    kept = {latest(order).people["S1"][0] for order in permutations(pair)}
    assert kept == {latest(pair[1:]).people["S1"][0]}


def test_whoever_may_never_be_shown_has_no_entry_made_for_the_index_of_names() -> None:
    hidden = [a_row("P", protected=True), a_row("U", disclosable=None), a_row("N", birth_date=None)]
    child = a_row("C", birth_date=BirthDate(2015, 1, 5))  # grows up
    assert latest([a_row(), *hidden, child]).entries.keys() == {"S1", "C"}


def test_other_names_are_read_back_from_the_record_as_they_were_given() -> None:
    named = (OtherName("Ti Jean", ""), OtherName("", "Baptiste"), OtherName("Jean", "Pierre"))
    person, _ = latest([a_row(other_names=named)]).people["S1"]
    assert [*other_names(person.other_names)] == [(one.given_names, one.surnames) for one in named]
    assert latest([a_row()]).people["S1"][0].other_names is None
    assert [*other_names(None)] == []


def test_the_day_of_eighteen_years_comes_with_the_date_of_birth() -> None:
    people = latest([a_row("S1"), a_row("S2", birth_date=BirthDate(1990)), a_row("S3", birth_date=None)]).people
    assert [(person.birth_date, person.adult_on) for person, _ in people.values()] == [
        ("1990-09-20", date(2008, 9, 20)),
        ("1990", date(2008, 12, 31)),
        (None, None),
    ]


def test_a_stint_is_known_again_under_another_number_and_by_nothing_less_than_all_that_marks_it() -> None:
    mark = fingerprint(a_row("S1", "X"))
    assert fingerprint(a_row("S2", "X", surnames="Xol", updated_at=NEWER)) == mark
    others: list[dict[str, object]] = [
        {"stay_id": "B"}, {"book_in_at": NEWER}, {"birth_date": None}, {"birth_country": "DO"},
    ]  # fmt: skip
    assert mark not in {fingerprint(a_row("S1", "X", **other)) for other in others}  # type: ignore[arg-type]
    assert 0 <= mark < 1 << 63
