"""From the model's probability to one that keeps its word: of answers given with 0.9, 90 in 100 are right."""

from __future__ import annotations

from bisect import bisect_right
from enum import StrEnum
from functools import cache

from hotline.rules import tables


class Channel(StrEnum):
    """How a name was given."""

    SPELLED = "spelled"
    HEARD = "heard"
    KEYED = "keyed"
    BOTH = "both"
    """Said, and the last name keyed."""


def calibrated(probability: float, channel: Channel) -> float:
    """The share of answers with this probability (0 to 1) that were right, between the measured points."""
    points = _curves().get(channel)
    if not points:
        return probability
    at = bisect_right(points, (probability, 1.0))
    (x0, y0), (x1, y1) = points[max(0, at - 1)], points[min(at, len(points) - 1)]
    return y0 if x1 <= x0 else y0 + (y1 - y0) * (probability - x0) / (x1 - x0)


@cache
def _curves() -> dict[str, list[tuple[float, float]]]:
    curves: dict[str, list[tuple[float, float]]] = {}
    for channel, raw, right in tables.read("calibration"):
        curves.setdefault(channel, []).append((float(raw), float(right)))
    return {channel: sorted(points) for channel, points in curves.items()}
