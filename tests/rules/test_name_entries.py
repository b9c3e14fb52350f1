from __future__ import annotations

import pytest

from hotline.rules.feed import OtherName
from hotline.rules.feed_versions import latest
from hotline.rules.name_entries import LONGEST_WORD, MOST_WORDS, Entry, born, entry_of
from tests.rules.rows import a_row


def entry(**changes: object) -> Entry:
    return entry_of(latest([a_row(**changes)]).people["S1"][0])  # type: ignore[arg-type]


def test_a_name_is_indexed_by_its_folded_words_in_its_country() -> None:
    assert entry(given_names="José María", surnames="Núñez") == Entry("HT", 1990, ((("jose", "maria"), ("nunez",)),))


def test_an_other_name_stands_apart_and_has_the_first_ones_part_where_it_lacks_one() -> None:
    found = entry(other_names=(OtherName("Ti Jean", ""), OtherName("", "Baptiste")))
    assert found.names == (
        (("wilner",), ("toussaint",)),
        (("jean", "ti"), ("toussaint",)),
        (("wilner",), ("baptiste",)),
    )
    assert (found.given, found.surnames) == (("jean", "ti", "wilner"), ("baptiste", "toussaint"))


def test_the_same_name_once_more_makes_the_entry_no_longer() -> None:
    assert entry(other_names=(OtherName("Wilner", "Toussaint"),)) == entry()


def test_a_name_of_very_many_or_very_long_words_is_indexed_by_a_few() -> None:
    many = " ".join(f"ana{end}" for end in "bcdfghjkl")
    found = entry(given_names=many, surnames=f"{'a' * (LONGEST_WORD + 1)} Xol")
    assert (len(found.given), found.surnames) == (MOST_WORDS, ("xol",))


@pytest.mark.parametrize(("recorded", "year"), [("1990-09-20", 1990), ("1990-09", 1990), ("1990", 1990), (None, 0)])
def test_the_year_of_birth_is_indexed_as_far_as_it_is_known(recorded: str | None, year: int) -> None:
    assert born(recorded) == year
