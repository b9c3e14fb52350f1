"""Asks callers of development seeds, and fits the curves by which the search's probabilities keep their word."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from textwrap import wrap

from hotline.bench import FIRST_TEST_SEED
from hotline.bench.callers import Asked, Kind, calls, queries
from hotline.bench.calls import keyed_surname
from hotline.bench.fit import Curve, Outcome, curves
from hotline.bench.held import FeedPerson
from hotline.bench.sampled import UNTIL, held_database, outsiders, sample
from hotline.errors import HotlineError
from hotline.rules import matching
from hotline.rules.calibration import Channel, calibrated
from hotline.rules.disclosure import earliest_date
from hotline.rules.matching import Decision
from hotline.services.line import Line, open_line
from hotline.services.match_names import query_of
from hotline.services.search import search
from hotline.settings import read_settings
from hotline.store.people import subject_ids

MIX: Mapping[Kind, int] = {
    Kind.EXACT: 8,
    Kind.ACCENTS: 4,
    Kind.ONE_SURNAME: 5,
    Kind.SWAPPED: 4,
    Kind.JOINED: 4,
    Kind.NICKNAME: 5,
    Kind.TRANSLITERATION: 4,
    Kind.TYPING: 4,
    Kind.SPEECH: 12,
    Kind.SPEECH_BAD: 3,
    Kind.SPELLED: 4,
    Kind.KEYPAD: 7,
    Kind.KEYPAD_SLIP: 3,
    Kind.PREFIXES: 3,
    Kind.STRANGER: 9,
    Kind.OTHER_COUNTRY: 5,
    Kind.FISHING: 6,
    Kind.ANOTHER_SURNAME: 5,
    Kind.OTHER_SEX: 5,
}
"""Of 100 callers how many ask in which way, for calibration: 70 mean somebody held, as `matching.HELD` has it."""
WIDTH = 118
"""Characters of a line of notes."""
CALLS_PER_KIND = 10
"""Calls that are played for each query of a kind, since few of them come to the last name by keypad."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The fitted curves, and the answers that they were fitted on; `command` is what fitted them."""

    command: str
    outcomes: tuple[Outcome, ...]
    curves: Mapping[Channel, Curve]

    def as_table(self) -> str:
        """The text of `hotline/rules/calibration.tsv`."""
        mix = ", ".join(f"{kind} {share}" for kind, share in MIX.items())
        notes = [
            "Isotonic curves, one a channel: what the model says, and how often that was right. Fitted by "
            f"`{self.command}`, never on callers that the search is judged by. Of 100 callers: {mix}.",
            *(f"{channel}: {self._told(channel)}" for channel in self.curves),
        ]
        lines = [line for note in notes for line in wrap(note, WIDTH, initial_indent="# ", subsequent_indent="# ")]
        lines.append("channel\tmodel\tright")
        lines += [f"{channel}\t{x:g}\t{y:g}" for channel, points in self.curves.items() for x, y in points]
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        return {"command": self.command, "mix": dict(MIX), "curves": dict(self.curves)}

    def _told(self, channel: Channel) -> str:
        own = [one for one in self.outcomes if one.channel is channel]
        before = brier((one, one.model) for one in own)
        after = brier((one, on_curve(one.model, self.curves[channel])) for one in own)
        return f"{len(own)} answers; their Brier score {before:.4f} before, {after:.4f} after"


def brier(stated: Iterable[tuple[Outcome, float]]) -> float:
    """The mean square of (stated probability − 1 if right, 0 if wrong), by weight; 0 of none."""
    squares = [(one.weight * (said - one.is_right) ** 2, one.weight) for one, said in stated]
    return sum(square for square, _ in squares) / (sum(weight for _, weight in squares) or 1.0)


def on_curve(model: float, points: Curve) -> float:
    """What a curve makes of a probability."""
    (x0, y0), (x1, y1) = next(pair for pair in pairwise(points) if model <= pair[1][0])
    return y0 + (y1 - y0) * (model - x0) / (x1 - x0)


def calibrate(sizes: Sequence[int], per_kind: int, seed: int, database: str | None = None) -> Calibration:
    """The curves fitted on `per_kind` queries of each kind, and calls besides, at each of these numbers of people.

    `database` is the address of an empty database, for one size alone. Raises HotlineError where the seed is one
    that the search is judged by.
    """
    if seed >= FIRST_TEST_SEED:
        raise HotlineError(f"calibration is fitted on seeds below {FIRST_TEST_SEED}: the others are for judging")
    found: list[Outcome] = []
    for people in sizes:
        held, strangers = sample(people), outsiders()
        with held_database(people, database):
            found += outcomes(held, strangers, per_kind, seed)
    command = f"hotline bench match --calibrate --people {','.join(map(str, sizes))} --per-kind {per_kind}"
    return Calibration(f"{command} --seed {seed}", tuple(found), curves(found))


def outcomes(
    held: Sequence[FeedPerson], strangers: Sequence[FeedPerson], per_kind: int, seed: int
) -> Iterator[Outcome]:
    """The outcome of every answer with a candidate, from the database of this environment, which holds these people.

    Nobody tells a date of birth: a date says nothing of how well names are told apart.
    """
    line = open_line(read_settings(), lambda: UNTIL)
    asked = [query.undated() for query in queries(held, per_kind, seed, strangers)]
    weights = mixed(query.kind for query in asked)
    for query in asked:
        yield from _outcome(line, query, channel_of(query), weights[query.kind])
    called = list(calls(held, per_kind * CALLS_PER_KIND, seed, strangers))
    weights, chance = mixed(call.asked.kind for call in called), Random(f"{seed}:keys")
    for call in called:
        query = call.asked.undated()
        in_doubt = _decision(line, query)[0].kind is matching.Kind.KEY_SURNAME
        if in_doubt and (keys := keyed_surname(call, chance)):
            yield from _outcome(line, query, Channel.BOTH, weights[query.kind], keys)
    line.database.close()


def _outcome(line: Line, query: Asked, channel: Channel, weight: float, surname_keys: str = "") -> Iterator[Outcome]:
    """Nothing without a candidate, and where half of a name was met: that is discounted, not calibrated."""
    decision, subject = _decision(line, query, surname_keys)
    best = next(iter(decision.ranked), None)
    if best is not None and best.evidence.given_met and best.evidence.surname_met:
        is_right = subject is not None and subject == query.wanted
        yield Outcome(channel, uncalibrated(best.probability, channel), is_right, weight)


def _decision(line: Line, query: Asked, surname_keys: str = "") -> tuple[Decision, str | None]:
    """What a query comes to, where keys are given with the last name keyed besides; and the feed's id of the best."""
    record = json.loads(query.as_line())
    if surname_keys:
        record["surnames_keys"] = surname_keys
    today = earliest_date(UNTIL)
    with line.database.read() as db:
        decision = search(db, query_of(record, line.settings.languages), today)
        best = [one.subject for one in decision.ranked[:1]]
        return decision, next(iter(subject_ids(db, best, today).values()), None)


def mixed(kinds: Iterable[Kind]) -> dict[Kind, float]:
    """The weight of a query of each kind that makes these queries the mix; 1 on average."""
    counts = Counter(kinds)
    whole = sum(MIX[kind] for kind in counts)
    return {kind: MIX[kind] / whole * counts.total() / count for kind, count in counts.items()}


def channel_of(query: Asked) -> Channel:
    """How a query of the bench is told."""
    if query.given_keys:
        return Channel.KEYED
    return Channel.SPELLED if query.confidence is None else Channel.HEARD


def uncalibrated(stated: float, channel: Channel) -> float:
    """What the model said where the present curve makes this of it: curves rise, so halving finds it."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if calibrated(middle, channel) < stated else (low, middle)
    return high
