from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules.brakes import BRAKES, Brakes, Counts, judge, usual

QUIET = Counts(
    critical=0,
    earlier=[4] * 30,
    people=100,
    leaving=0,
    held=1000,
    protected=50,
    protected_before=50,
    hidden_visible=0,
    test_visible=0,
)

# What an import would do, and what the supervisor reads where it is held.
CASES: list[tuple[dict[str, object], str]] = [
    ({}, ""),
    ({"critical": 20, "earlier": [0] * 30}, ""),
    ({"critical": 21, "earlier": [0] * 30}, "21 critical notices; a usual import sends 0"),
    ({"critical": 21}, "a usual import sends 4"),
    ({"critical": 100, "earlier": [20] * 30}, ""),
    ({"critical": 101, "earlier": [20] * 30}, "101 critical notices; a usual import sends 20"),
    ({"critical": 8000, "people": 1891}, "8,000 critical notices"),
    ({"critical": 21, "earlier": []}, "a usual import sends 4"),
    ({"critical": 20, "earlier": []}, ""),
    ({"leaving": 50}, ""),
    ({"leaving": 51}, "51 of 1,000 people held"),
    ({"leaving": 5, "held": 6}, ""),
    ({"leaving": 6, "held": 6}, "6 of 6 people held"),
    ({"protected": 45}, ""),
    ({"protected": 44}, "falls from 50 to 44"),
    ({"protected": 0, "protected_before": None}, ""),
    ({"protected": 0, "protected_before": 0}, ""),
    ({"protected": 0, "protected_before": 1}, "falls from 1 to 0"),
    ({"protected": 90}, ""),
    ({"hidden_visible": 1}, "1 who may not be shown"),
    ({"test_visible": 1}, "1 of the test records"),
]


@pytest.mark.parametrize(("changes", "reason"), CASES)
def test_an_import_is_held_where_a_threshold_is_passed_and_only_there(changes: dict[str, object], reason: str) -> None:
    verdict = judge(Brakes(), replace(QUIET, **changes))  # type: ignore[arg-type]
    assert verdict.held is bool(reason)
    assert len(verdict.reasons) == bool(reason)
    assert reason in "".join(verdict.reasons)


def test_every_reason_is_told() -> None:
    worst = replace(QUIET, critical=9000, leaving=900, protected=0, hidden_visible=3, test_visible=2)
    assert len(judge(Brakes(), worst).reasons) == 5


@pytest.mark.parametrize(("people", "approvals"), [(0, 1), (500, 1), (501, 2), (1891, 2)])
def test_more_than_500_people_need_two_to_agree(people: int, approvals: int) -> None:
    assert judge(Brakes(), replace(QUIET, people=people, hidden_visible=1)).approvals == approvals


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [([], 4), ([100], 4), ([100, 100], 4), ([100, 100, 100], 100), ([0] * 30, 0), ([1, 2, 3, 4, 90], 3), ([9] * 9, 9)],
)
def test_one_large_import_does_not_make_large_ones_usual(earlier: list[int], expected: float) -> None:
    assert usual(Brakes(), earlier) == expected


# Each threshold set to one, and an import that then is held, or needs two.
ROWS: dict[str, tuple[dict[str, object], bool]] = {
    "CRITICAL": ({"critical": 20, "earlier": [0] * 30}, True),
    "CRITICAL_FACTOR": ({"critical": 21, "earlier": [20] * 30}, True),
    "USUAL_IMPORTS": ({}, False),
    "USUAL_AT_START": ({"critical": 20, "earlier": []}, False),
    "LEAVING_PERCENT": ({"leaving": 11}, True),
    "LEAVING_PEOPLE": ({"leaving": 2, "held": 3}, True),
    "PROTECTED_PERCENT": ({"protected": 49}, True),
    "TWO_PEOPLE_OVER": ({}, False),
}


@pytest.mark.parametrize("name", BRAKES)
def test_every_threshold_can_be_set_by_name(name: str) -> None:
    changes, held = ROWS[name]
    set_anew = Brakes.from_names({name: "1"})
    assert getattr(set_anew, name.lower()) == 1
    counts = replace(QUIET, **changes)  # type: ignore[arg-type]
    assert not judge(Brakes(), counts).held
    assert judge(set_anew, counts).held is held


def test_every_threshold_says_what_it_bounds() -> None:
    assert [row.name.upper() for row in fields(Brakes)] == list(BRAKES) == list(ROWS)
    assert all(row.what and row.default > 0 for row in BRAKES.values())


@pytest.mark.parametrize("overrides", [{"COFFEE": "1"}, {"CRITICAL": "0"}, {"CRITICAL": "many"}, {"CRITICAL": "-1"}])
def test_a_threshold_that_is_none_is_refused(overrides: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"COFFEE|CRITICAL"):
        Brakes.from_names(overrides)


@settings(deadline=None, max_examples=100)
@given(critical=st.integers(0, 10_000), more=st.integers(0, 10_000), earlier=st.lists(st.integers(0, 500), max_size=30))
def test_an_import_that_sends_more_is_never_judged_more_kindly(critical: int, more: int, earlier: list[int]) -> None:
    fewer = judge(Brakes(), replace(QUIET, critical=critical, earlier=earlier))
    greater = judge(Brakes(), replace(QUIET, critical=critical + more, earlier=earlier))
    assert greater.held or not fewer.held
