"""Fits the curves of calibration: how often the best candidate was the one meant, by what the model said of it.

Isotonic regression by pooling adjacent violators (Ayer, Brunk, Ewing, Reid and Silverman 1955; for probabilities
Zadrozny and Elkan 2002), on answers sorted into bins of one bit of the odds, so that 0.99 and 0.999 are apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log2

from hotline.rules.calibration import Channel

KEEPING = 20.0
"""Answers of which the model's word is thought to hold, added to every bin: few answers bend a curve little."""
MOST_POINTS = 14
FINEST = 17
"""Bits of the odds beyond which one probability is as good as another."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer: the model's probability of its best candidate, 0 to 1, and whether that was the person meant.

    `weight` is how many answers it stands for.
    """

    channel: Channel
    model: float
    is_right: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Point:
    """So many answers (`weight`) taken together: the mean that the model gave them, and the share that was right."""

    model: float
    right: float
    weight: float = 1.0


Curve = tuple[tuple[float, float], ...]
"""(model, right) rising strictly in both, from (0, 0) to (1, 1)."""


def curves(outcomes: Iterable[Outcome]) -> dict[Channel, Curve]:
    """The curve of every channel that has answers."""
    by_channel: dict[Channel, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_channel[outcome.channel].append(outcome)
    return {channel: curve(by_channel[channel]) for channel in Channel if by_channel[channel]}


def curve(outcomes: Sequence[Outcome]) -> Curve:
    """The curve of one channel's answers, at most 14 points, pulled to the diagonal where there are few answers."""
    points = pooled(_shrunk(point) for point in binned(outcomes))
    ends = Point(0.0, 0.0, 0.0), Point(1.0, 1.0, 0.0)
    kept = [(0.0, 0.0)]
    for point in thinned([ends[0], *points, ends[1]])[1:-1]:
        model, right = round(point.model, 6), round(point.right, 4)
        if kept[-1][0] < model < 1.0 and kept[-1][1] < right < 1.0:
            kept.append((model, right))
    return (*kept, (1.0, 1.0))


def binned(outcomes: Iterable[Outcome]) -> list[Point]:
    """The answers of each bit of the odds taken together."""
    bins: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        bins[_bits_of_odds(outcome.model)].append(outcome)
    return [_mean([Point(one.model, one.is_right, one.weight) for one in bins[bits]]) for bits in sorted(bins)]


def pooled(points: Iterable[Point]) -> list[Point]:
    """Points in rising order, neighbours that don't rise taken together: the rising ones nearest to those given."""
    rising: list[Point] = []
    for point in sorted(points, key=lambda point: (point.model, -point.right)):
        while rising and rising[-1].right >= point.right:
            point = _mean((rising.pop(), point))
        rising.append(point)
    return rising


def thinned(points: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """So many points at most; those go first whose answers the line between their neighbours misses least."""
    kept = list(points)
    while len(kept) > max(2, most):
        del kept[min(range(1, len(kept) - 1), key=lambda at: _missed(*kept[at - 1 : at + 2]))]
    return kept


def _shrunk(point: Point) -> Point:
    weight = point.weight + KEEPING
    return Point(point.model, (point.right * point.weight + point.model * KEEPING) / weight, weight)


def _mean(points: Sequence[Point]) -> Point:
    weight = sum(point.weight for point in points)
    model = sum(point.model * point.weight for point in points) / weight
    right = sum(point.right * point.weight for point in points) / weight
    return Point(model, right, weight)


def _missed(before: Point, point: Point, after: Point) -> float:
    along = (point.model - before.model) / (after.model - before.model)
    return point.weight * abs(before.right + along * (after.right - before.right) - point.right)


def _bits_of_odds(probability: float) -> int:
    if not 0.0 < probability < 1.0:
        return FINEST if probability >= 1.0 else -FINEST
    return max(-FINEST, min(FINEST, round(log2(probability / (1.0 - probability)))))
