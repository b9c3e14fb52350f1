"""What a delivery is for, read from its occasion."""

from __future__ import annotations

import pytest

from hotline.rules.occasions import Occasion, kind, subject


@pytest.mark.parametrize("occasion", Occasion)
def test_every_kind_is_read_back_with_what_it_is_about(occasion: Occasion) -> None:
    assert (kind(occasion.value), subject(occasion.value)) == (occasion, "")
    about = occasion.about("17:again")
    assert (kind(about), subject(about)) == (occasion, "17:again")
    assert len(occasion.about("x" * 22)) <= 40  # what the table takes


@pytest.mark.parametrize("unknown", ["", "eventually:1", ":1", "EVENT:1"])
def test_an_occasion_that_nobody_knows_is_no_question_by_accident(unknown: str) -> None:
    with pytest.raises(ValueError, match="not a valid"):
        kind(unknown)
