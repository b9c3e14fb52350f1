"""PINs that are refused, and why."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import pins, tables
from hotline.rules.pins import PinRefusal

NUMBER = "+12025550184"


def test_each_of_the_hundred_commonest_is_refused() -> None:
    rows = [pin for (pin,) in tables.read("common_pins")]
    assert len(rows) == len(set(rows)) == 100
    for pin in rows:
        assert pins.SHORTEST <= len(pin) <= pins.LONGEST
        assert pins.refusal(pin, NUMBER) not in (None, PinRefusal.LENGTH), pin


@pytest.mark.parametrize(
    ("pin", "reason"),
    [
        ("4938", None),
        ("49381", None),
        ("493817", None),
        ("", PinRefusal.LENGTH),
        ("493", PinRefusal.LENGTH),
        ("4938172", PinRefusal.LENGTH),
        ("49a8", PinRefusal.LENGTH),
        ("49 8", PinRefusal.LENGTH),
        ("４９３８", PinRefusal.LENGTH),
        ("4938\n", PinRefusal.LENGTH),
        ("0000", PinRefusal.REPEATED),
        ("88888", PinRefusal.REPEATED),
        ("4949", PinRefusal.REPEATED),
        ("493493", PinRefusal.REPEATED),
        ("3456", PinRefusal.RUN),
        ("876543", PinRefusal.RUN),
        ("7890", PinRefusal.RUN),
        ("3210", PinRefusal.RUN),
        ("1929", None),
        ("1930", PinRefusal.YEAR),
        ("1977", PinRefusal.YEAR),
        ("2012", PinRefusal.YEAR),
        ("2013", None),
        ("0184", PinRefusal.OWN_NUMBER),
        ("50184", PinRefusal.OWN_NUMBER),
        ("550184", PinRefusal.OWN_NUMBER),
        ("018473", PinRefusal.OWN_NUMBER),
        ("0183", None),
        ("2580", PinRefusal.COMMON),
        ("2468", PinRefusal.COMMON),
        ("147258", PinRefusal.COMMON),
    ],
)
def test_a_pin_that_anybody_would_guess_is_refused_with_its_reason(pin: str, reason: PinRefusal | None) -> None:
    assert pins.refusal(pin, NUMBER) is reason


def test_every_year_that_a_caller_may_be_born_in_is_refused() -> None:
    for year in range(pins.FIRST_YEAR, pins.LAST_YEAR + 1):
        assert pins.refusal(str(year), None) is not None


def test_a_pin_can_be_judged_before_the_number_is_known() -> None:
    assert pins.refusal("0184", None) is None


def test_most_pins_are_left_to_choose_from() -> None:
    taken = sum(pins.refusal(f"{pin:04d}", NUMBER) is None for pin in range(10_000))
    assert taken > 9_600


@given(st.text(max_size=8))
@settings(max_examples=200, deadline=None)
def test_nothing_but_four_to_six_digits_is_ever_taken(pin: str) -> None:
    if pins.refusal(pin, NUMBER) is None:
        assert pin.isascii()
        assert pin.isdigit()
        assert 4 <= len(pin) <= 6
