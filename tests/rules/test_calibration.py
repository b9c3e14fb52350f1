"""A probability keeps its word: between measured points it rises with the model's, and no curve leaves 0 to 1."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import calibration, tables
from hotline.rules.calibration import Channel, calibrated

SHARES = st.floats(0, 1)


def test_every_measured_point_is_a_probability_of_a_channel_and_no_curve_falls() -> None:
    curves: dict[str, list[tuple[float, float]]] = {}
    for channel, model, right in tables.read("calibration"):
        curves.setdefault(Channel(channel), []).append((float(model), float(right)))
    for channel, points in curves.items():
        assert all(0 <= share <= 1 for point in points for share in point), channel
        rights = [right for _, right in sorted(points)]
        assert rights == sorted(rights), channel
        assert len({model for model, _ in points}) == len(points), channel
        assert all(calibrated(model, Channel(channel)) == pytest.approx(right) for model, right in points), channel


@pytest.mark.parametrize("channel", Channel)
@given(one=SHARES, other=SHARES)
@settings(max_examples=60, deadline=None)
def test_a_likelier_answer_never_becomes_the_less_likely_one(channel: Channel, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert 0 <= calibrated(less, channel) <= calibrated(more, channel) <= 1


CURVE = [(0.0, 0.0), (0.5, 0.2), (0.9, 0.8), (1.0, 1.0)]


@pytest.mark.parametrize(
    ("model", "right"), [(0.0, 0.0), (0.25, 0.1), (0.5, 0.2), (0.7, 0.5), (0.9, 0.8), (0.95, 0.9), (1.0, 1.0)]
)
def test_between_two_measured_points_lies_a_straight_line(
    monkeypatch: pytest.MonkeyPatch, model: float, right: float
) -> None:
    monkeypatch.setattr(calibration, "_curves", lambda: {"heard": CURVE})
    assert calibrated(model, Channel.HEARD) == pytest.approx(right)
    assert calibrated(model, Channel.KEYED) == model
    monkeypatch.setattr(calibration, "_curves", lambda: {"heard": CURVE[1:3]})
    assert calibrated(model, Channel.HEARD) == pytest.approx(min(0.8, max(0.2, right)))
