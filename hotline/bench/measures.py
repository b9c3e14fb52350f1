"""The measures of a name search, from answers beside the truth: recall, wrong accepts, honesty of the probabilities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import quantiles

from hotline.bench.callers import FAR, FOUND, NEAR, Asked, Kind

ACCEPTED = 0.9
"""The posterior from which an answer counts as accepted, where no date of birth is told."""
LEAST_QUERIES = 30
"""Queries that a country of birth needs for a recall of its own."""
BINS = 10
LEAST_IN_BIN = 30
"""Answers that a bin needs to be judged."""
HONEST = 0.10
"""How far the share right may lie from the probability stated."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search answered: subjects with a score, best first; its decision; milliseconds."""

    ranked: tuple[tuple[str, float], ...] = ()
    decision: str = ""
    ms: float = 0.0

    @property
    def score(self) -> float:
        """The score of the best one, 0 where there is none."""
        return self.ranked[0][1] if self.ranked else 0.0


Pair = tuple[Asked, Answer]


@dataclass(frozen=True, slots=True)
class KindFigures:
    """Shares of the queries of one kind, 0 to 1; recall over those that the name alone decides.

    `by_lot` is the recall of drawing lots among those whose words fit what was keyed: order and length tell more.
    `confirmed` is the share that the line would read back to the caller.
    """

    kind: Kind
    queries: int
    decided: int
    first: float
    third: float
    by_lot: float
    accepted: float
    wrong: float
    confirmed: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose stated probability lies in one tenth: the mean stated, the share right, how many."""

    stated: float
    right: float
    count: int

    @property
    def is_off(self) -> bool:
        """Whether its 30 answers or more were right oftener or less often than stated, by more than 10 points."""
        return self.count >= LEAST_IN_BIN and abs(self.stated - self.right) > HONEST


@dataclass(frozen=True, slots=True)
class Figures:
    """All the measures of one run at a threshold of acceptance; shares 0 to 1, times in milliseconds."""

    kinds: tuple[KindFigures, ...]
    first: float
    third: float
    far: float
    near: float
    namesakes: float
    recall_at_far_1: float
    brier: float
    reliability: tuple[Bin, ...]
    countries: tuple[tuple[str, float, int], ...]
    p50: float
    p95: float
    p99: float

    @property
    def off(self) -> tuple[Bin, ...]:
        """The bins in which what is stated is not what happens."""
        return tuple(found for found in self.reliability if found.is_off)


def figures(pairs: Sequence[Pair], accepted: float = ACCEPTED) -> Figures:
    """Every measure of these answers."""
    by_kind: dict[Kind, list[Pair]] = defaultdict(list)
    for asked, answer in pairs:
        by_kind[asked.kind].append((asked, answer))
    certain = decided(pairs)
    p50, p95, p99 = percentiles([answer.ms for _, answer in pairs])
    return Figures(
        kinds=tuple(kind_figures(kind, by_kind[kind], accepted) for kind in Kind if by_kind[kind]),
        first=recall(certain, 1),
        third=recall(certain, 3),
        far=share(answer.score >= accepted for asked, answer in pairs if asked.kind in FAR),
        near=share(answer.score >= accepted for asked, answer in pairs if asked.kind in NEAR),
        namesakes=share(
            _accepted_wrongly(asked, answer, accepted)
            for asked, answer in pairs
            if asked.wanted is not None and not asked.decided_by_name
        ),
        recall_at_far_1=recall_at_far(pairs, 0.01),
        brier=brier(pairs),
        reliability=reliability(pairs),
        countries=by_country(certain),
        p50=p50,
        p95=p95,
        p99=p99,
    )


def kind_figures(kind: Kind, pairs: Sequence[Pair], accepted: float = ACCEPTED) -> KindFigures:
    """The measures of one kind; for kinds that mean nobody every acceptance is wrong, and recall is 0."""
    certain = decided(pairs)
    counted = certain if kind in FOUND else pairs
    return KindFigures(
        kind=kind,
        queries=len(pairs),
        decided=len(certain),
        first=recall(certain, 1),
        third=recall(certain, 3),
        by_lot=sum(1 / asked.fitting for asked, _ in certain) / len(certain) if certain else 0.0,
        accepted=share(answer.score >= accepted for _, answer in counted),
        wrong=share(_accepted_wrongly(asked, answer, accepted) for asked, answer in counted),
        confirmed=share(answer.decision == "confirm" for _, answer in counted),
    )


def decided(pairs: Iterable[Pair]) -> list[Pair]:
    """Those whose name alone decides who is meant."""
    return [(asked, answer) for asked, answer in pairs if asked.decided_by_name]


def recall(pairs: Sequence[Pair], within: int) -> float:
    """The share whose wanted person is among the first `within`."""
    return share(_is_right(asked, answer, within) for asked, answer in pairs)


def recall_at_far(pairs: Sequence[Pair], rate: float) -> float:
    """The share of the decided found first, above the score that no more than `rate` of the far ones pass."""
    scores = sorted((answer.score for asked, answer in pairs if asked.kind in FAR), reverse=True)
    allowed = int(len(scores) * rate)
    barrier = scores[allowed] if allowed < len(scores) else -1.0
    return share(_is_right(asked, answer, 1) and answer.score > barrier for asked, answer in decided(pairs))


def brier(pairs: Sequence[Pair]) -> float:
    """The mean square of (stated probability of the best − 1 if right, 0 if wrong); no candidate states 0."""
    squares = [(answer.score - _is_right(asked, answer, 1)) ** 2 for asked, answer in pairs]
    return sum(squares) / len(squares) if squares else 0.0


def reliability(pairs: Sequence[Pair]) -> tuple[Bin, ...]:
    """Ten bins of the stated probability of the best candidate, those that hold an answer."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for asked, answer in pairs:
        if answer.ranked:
            bins[min(BINS - 1, int(answer.score * BINS))].append((answer.score, _is_right(asked, answer, 1)))
    return tuple(
        Bin(sum(score for score, _ in found) / len(found), share(right for _, right in found), len(found))
        for _, found in sorted(bins.items())
    )


def by_country(pairs: Sequence[Pair]) -> tuple[tuple[str, float, int], ...]:
    """Recall by country of birth, worst first, of the countries with at least 30 queries: code, recall, queries."""
    found: dict[str, list[Pair]] = defaultdict(list)
    for asked, answer in pairs:
        found[asked.country].append((asked, answer))
    rows = [(code, recall(some, 1), len(some)) for code, some in found.items() if len(some) >= LEAST_QUERIES]
    return tuple(sorted(rows, key=lambda row: (row[1], row[0])))


def percentiles(milliseconds: Sequence[float]) -> tuple[float, float, float]:
    """The 50th, 95th and 99th; the one value thrice where there is one, 0 where there is none."""
    if len(milliseconds) < 2:
        only = milliseconds[0] if milliseconds else 0.0
        return only, only, only
    cuts = quantiles(milliseconds, n=100, method="inclusive")
    return cuts[49], cuts[94], cuts[98]


def share(truths: Iterable[bool]) -> float:
    """How many of them are true, 0 to 1; 0 of none."""
    found = list(truths)
    return sum(found) / len(found) if found else 0.0


def _is_right(asked: Asked, answer: Answer, within: int) -> bool:
    return asked.wanted is not None and asked.wanted in [subject for subject, _ in answer.ranked[:within]]


def _accepted_wrongly(asked: Asked, answer: Answer, accepted: float) -> bool:
    return bool(answer.ranked) and answer.score >= accepted and not _is_right(asked, answer, 1)
