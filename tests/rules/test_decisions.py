"""Whoever decides gives a name and a reason."""

from __future__ import annotations

import pytest

from hotline.rules.decisions import WrongDecision, given, named, same_person


@pytest.mark.parametrize("nobody", ["", "  \t", "A" * 101])
def test_nobody_decides_without_a_name(nobody: str) -> None:
    with pytest.raises(WrongDecision, match="name"):
        named(nobody)


def test_a_name_is_kept_with_single_blanks() -> None:
    assert named("  Ana \t Ortiz ") == "Ana Ortiz"


@pytest.mark.parametrize("nothing", ["", " \n"])
def test_nobody_decides_without_a_reason(nothing: str) -> None:
    with pytest.raises(WrongDecision, match="reason"):
        given(nothing)


def test_a_reason_is_kept_without_its_edges() -> None:
    assert given(" flag set by mistake\n") == "flag set by mistake"


@pytest.mark.parametrize(
    ("other", "same"), [("Ana Ortiz", True), (" ana  ORTIZ ", True), ("Ana Ortíz", False), ("Ben Lee", False)]
)
def test_one_person_is_one_however_the_name_was_typed(other: str, same: bool) -> None:
    assert same_person("Ana Ortiz", other) is same
