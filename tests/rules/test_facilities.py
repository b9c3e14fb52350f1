"""The list of places of detention."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules.facilities import COLUMNS, Facility, ListUnreadable, read_list

HEADER = ",".join(COLUMNS)
GOOD = 'EXMPL,"Example Center, North",TX,(202) 555-0143,example.org,2026-02-01'


def test_a_place_is_read_with_its_number_in_international_form() -> None:
    [place] = read_list(f"\ufeff{HEADER}\r\n{GOOD}\r\n")
    assert place == Facility("EXMPL", "Example Center, North", "TX", "+12025550143", "example.org", date(2026, 2, 1))


def test_state_and_number_may_be_unknown() -> None:
    [place] = read_list(f"{HEADER}\nX,Y,,,z,2026-02-01\n")
    assert (place.state, place.public_number) == (None, None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("code,name\n", "lacks the column state"),
        ("", "lacks the column code"),
        (f"{HEADER}\n{GOOD}\n,Y,,,z,2026-02-01\n", "line 3: code is empty"),
        (f"{HEADER}\nX,Y,,,,2026-02-01\n", "line 2: source is empty"),
        (f"{HEADER}\nX,Y,,12,z,2026-02-01\n", "line 2: public_number is no"),
        (f"{HEADER}\nX,Y,,,z,soon\n", "line 2: as_of must be"),
        (f"{HEADER}\n{'X' * 65},Y,,,z,2026-02-01\n", "line 2: code is longer"),
        (f"{HEADER}\nX\n", "line 2: name is empty"),
    ],
)
def test_a_list_that_is_no_list_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(ListUnreadable, match=says):
        list(read_list(text))


@given(st.text(max_size=200))
@settings(deadline=None, max_examples=200)
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ListUnreadable):
        assert all(place.code and place.source for place in read_list(f"{HEADER}\n{text}"))
