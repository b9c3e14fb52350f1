"""The curves of calibration: isotonic regression is exact, and few answers bend a curve little."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.bench.fit import KEEPING, MOST_POINTS, Outcome, Point, binned, curve, curves, pooled, thinned
from hotline.rules.calibration import Channel

pytestmark = pytest.mark.server  # many rows, calls or processes


def _outcomes(model: float, right: int, wrong: int) -> list[Outcome]:
    return [Outcome(Channel.HEARD, model, n < right) for n in range(right + wrong)]


def test_points_that_rise_stay_as_they_are() -> None:
    rising = [Point(0.1, 0.0), Point(0.4, 0.3), Point(0.9, 1.0)]
    assert pooled(reversed(rising)) == rising


def test_neighbours_that_fall_are_taken_together_by_weight() -> None:
    assert pooled([Point(0.25, 1.0), Point(0.75, 0.0)]) == [Point(0.5, 0.5, 2.0)]
    assert pooled([Point(0.25, 1.0), Point(0.75, 0.25, 3.0)]) == [Point(0.625, 0.4375, 4.0)]


def test_what_was_taken_together_is_taken_together_again_where_it_still_falls() -> None:
    found = pooled(Point(n / 10, right) for n, right in enumerate((0.1, 0.5, 0.6, 0.2, 0.3, 0.9)))
    assert [point.right for point in found] == [0.1, pytest.approx(0.4), 0.9]
    assert [point.weight for point in found] == [1.0, 4.0, 1.0]


_POINTS = st.lists(
    st.builds(Point, st.floats(0, 1), st.floats(0, 1), st.sampled_from((1.0, 2.0, 30.0))), min_size=1, max_size=12
)


@settings(deadline=None)
@given(_POINTS)
def test_a_pooled_curve_rises_and_keeps_every_answer(points: list[Point]) -> None:
    found = pooled(points)
    assert all(one.right < other.right for one, other in pairwise(found))
    assert sum(one.weight for one in found) == pytest.approx(sum(one.weight for one in points))
    told = sum(one.right * one.weight for one in points)
    assert sum(one.right * one.weight for one in found) == pytest.approx(told)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 5)), min_size=1, max_size=10))
def test_pooling_is_the_regression_of_least_squares(rows: list[tuple[int, int]]) -> None:
    """Its value at a place is the greatest, over all that begin before it, of the least mean that ends after it."""
    points = [Point(float(n), right / 20, weight) for n, (right, weight) in enumerate(rows)]

    def mean(first: int, last: int) -> float:
        part = points[first : last + 1]
        return sum(one.right * one.weight for one in part) / sum(one.weight for one in part)

    found = [point for point in pooled(points) for _ in range(_taken(point, points))]
    for at in range(len(points)):
        least = [min(mean(first, last) for last in range(at, len(points))) for first in range(at + 1)]
        assert found[at].right == pytest.approx(max(least))


def _taken(block: Point, points: list[Point]) -> int:
    """How many of these points a block took together, by where it lies: places are whole numbers in order."""
    for first in range(len(points)):
        for last in range(first, len(points)):
            part = points[first : last + 1]
            weight = sum(one.weight for one in part)
            place = sum(one.model * one.weight for one in part) / weight
            if weight == block.weight and place == pytest.approx(block.model):
                return len(part)
    raise AssertionError(f"no neighbours make {block}")


def test_answers_near_certainty_are_told_apart() -> None:
    apart = [*_outcomes(0.97, 1, 0), *_outcomes(0.99, 1, 0), *_outcomes(0.999, 1, 0), *_outcomes(0.9999, 1, 0)]
    assert len(binned(apart)) == 4
    assert len(binned([*_outcomes(0.5, 1, 0), *_outcomes(0.52, 0, 1)])) == 1


def test_certainty_itself_has_a_bin() -> None:
    assert [point.weight for point in binned([*_outcomes(0.0, 0, 2), *_outcomes(1.0, 3, 0)])] == [2.0, 3.0]


def test_one_wrong_answer_bends_a_curve_little_and_many_bend_it_to_what_happens() -> None:
    assert curve(_outcomes(0.9, 0, 1))[1][1] == pytest.approx(0.9 * KEEPING / (KEEPING + 1), abs=1e-4)
    assert curve(_outcomes(0.9, 5_000, 5_000))[1][1] == pytest.approx(0.5, abs=0.001)


def test_a_model_that_keeps_its_word_keeps_it() -> None:
    honest = [one for n in range(1, 10) for one in _outcomes(n / 10, n * 10, 100 - n * 10)]
    for model, right in curve(honest):
        assert right == pytest.approx(model, abs=1e-3)


def test_an_answer_that_stands_for_many_counts_as_many() -> None:
    one = [Outcome(Channel.KEYED, 0.8, True, 30.0), Outcome(Channel.KEYED, 0.8, False, 10.0)]
    assert curve(one) == curve(_outcomes(0.8, 30, 10))


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.floats(0.1, 50)), max_size=60))
def test_a_curve_rises_from_nothing_to_certainty_in_few_points(rows: list[tuple[float, bool, float]]) -> None:
    points = curve([Outcome(Channel.BOTH, *row) for row in rows])
    assert points[0] == (0.0, 0.0)
    assert points[-1] == (1.0, 1.0)
    assert len(points) <= MOST_POINTS
    assert all(x0 < x1 and y0 < y1 for (x0, y0), (x1, y1) in pairwise(points))


def test_points_on_a_line_go_first_when_there_are_too_many() -> None:
    line = [Point(n / 10, n / 20) for n in range(10)]
    bend = [*line, Point(1.0, 1.0)]
    assert thinned(bend, 3) == [bend[0], bend[9], bend[10]]
    assert thinned(bend, 11) == bend


def test_every_channel_has_a_curve_of_its_own() -> None:
    heard, keyed = _outcomes(0.9, 50, 50), [Outcome(Channel.KEYED, 0.9, True) for _ in range(100)]
    found = curves([*heard, *keyed])
    assert found == {Channel.HEARD: curve(heard), Channel.KEYED: curve(keyed)}
    assert found[Channel.HEARD][1][1] < 0.9 < found[Channel.KEYED][1][1]
