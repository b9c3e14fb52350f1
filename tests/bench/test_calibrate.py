"""Calibration asks a realistic mix of callers, on development seeds alone, and prints the table that the rules read."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.bench.calibrate import MIX, Calibration, brier, calibrate, channel_of, mixed, on_curve, uncalibrated
from hotline.bench.callers import FAR, FOUND, NEAR, Asked, Kind
from hotline.bench.fit import Outcome
from hotline.errors import HotlineError
from hotline.rules import tables
from hotline.rules.calibration import Channel, calibrated
from hotline.rules.matching import HELD

pytestmark = pytest.mark.server  # many rows, calls or processes


@pytest.fixture(scope="module")
def fitted() -> Calibration:
    return calibrate([300], per_kind=6, seed=1)


def test_seven_callers_in_ten_mean_somebody_held_and_every_kind_calls() -> None:
    assert set(MIX) == set(Kind)
    assert sum(MIX.values()) == 100
    assert sum(MIX[kind] for kind in FOUND) / 100 == HELD
    assert all(sum(MIX[kind] for kind in kinds) >= 10 for kinds in (FAR, NEAR))


def test_queries_weigh_as_much_as_the_mix_has_them() -> None:
    asked = [Kind.SPEECH] * 2 + [Kind.KEYPAD] * 5 + [Kind.FISHING]
    weights, counts = mixed(asked), Counter(asked)
    assert sum(weights[kind] for kind in asked) == pytest.approx(len(asked))
    shares = {kind: weights[kind] * counts[kind] / MIX[kind] for kind in counts}
    assert max(shares.values()) == pytest.approx(min(shares.values()))


@pytest.mark.parametrize(
    ("asked", "channel"),
    [
        (Asked("q", Kind.SPEECH, "MX", text="Ana Soto", confidence=0.9), Channel.HEARD),
        (Asked("q", Kind.EXACT, "MX", given="Ana", surnames="Soto"), Channel.SPELLED),
        (Asked("q", Kind.KEYPAD, "MX", given_keys="262", surnames_keys="7686"), Channel.KEYED),
    ],
    ids=lambda value: value.kind if isinstance(value, Asked) else "",
)
def test_a_query_counts_for_the_channel_in_which_it_is_told(asked: Asked, channel: Channel) -> None:
    assert channel_of(asked) is channel


def test_every_channel_is_fitted(fitted: Calibration) -> None:
    assert set(fitted.curves) == set(Channel)
    assert {one.channel for one in fitted.outcomes if one.is_right} == set(Channel)
    assert Channel.SPELLED in {one.channel for one in fitted.outcomes if not one.is_right}


def test_the_curves_bring_the_answers_that_they_were_fitted_on_nearer_to_the_truth(fitted: Calibration) -> None:
    before = brier((one, one.model) for one in fitted.outcomes)
    assert brier((one, on_curve(one.model, fitted.curves[one.channel])) for one in fitted.outcomes) <= before


def test_the_table_is_as_the_rules_read_it_and_says_where_it_comes_from(fitted: Calibration) -> None:
    lines = fitted.as_table().splitlines()
    notes = " ".join(line.removeprefix("# ") for line in lines if line.startswith("#"))
    heading, *rows = (line.split("\t") for line in lines if not line.startswith("#"))
    assert "hotline bench match --calibrate --people 300 --per-kind 6 --seed 1" in notes
    assert f"speech {MIX[Kind.SPEECH]}" in notes
    assert heading == ["channel", "model", "right"]
    read = {channel: tuple((float(x), float(y)) for c, x, y in rows if c == channel) for channel in Channel}
    assert read == fitted.curves


def test_nothing_is_fitted_on_callers_that_the_search_is_judged_by() -> None:
    with pytest.raises(HotlineError, match="seeds below 100"):
        calibrate([300], per_kind=6, seed=100)


@settings(deadline=None)
@given(st.sampled_from(Channel), st.floats(0, 1))
def test_what_the_model_said_is_found_again_behind_the_present_curve(channel: Channel, model: float) -> None:
    assert uncalibrated(calibrated(model, channel), channel) == pytest.approx(model, abs=1e-6)


def test_the_curves_in_use_rise_from_nothing_to_certainty() -> None:
    curves: dict[Channel, list[tuple[float, float]]] = {}
    for channel, model, right in tables.read("calibration"):
        curves.setdefault(Channel(channel), []).append((float(model), float(right)))
    for points in curves.values():
        assert (points[0], points[-1]) == ((0.0, 0.0), (1.0, 1.0))
        assert all(x0 < x1 and y0 < y1 for (x0, y0), (x1, y1) in pairwise(points))


def test_a_brier_score_is_the_weighed_mean_square() -> None:
    right, wrong = Outcome(Channel.HEARD, 0.8, True, 3.0), Outcome(Channel.HEARD, 0.4, False, 1.0)
    assert brier([(right, 0.8), (wrong, 0.4)]) == pytest.approx((3 * 0.2**2 + 0.4**2) / 4)
    assert brier([]) == 0.0


def test_between_its_points_a_curve_is_a_line() -> None:
    points = ((0.0, 0.0), (0.5, 0.25), (1.0, 1.0))
    assert [on_curve(model, points) for model in (0.0, 0.25, 0.5, 0.75, 1.0)] == [0.0, 0.125, 0.25, 0.625, 1.0]
