"""Measures the name search on a synthetic feed: every kind of caller, beside plain methods, with times and memory."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from hotline.bench import FIRST_TEST_SEED
from hotline.bench.asking import Asking, answer_of, ask
from hotline.bench.callers import Asked, hidden, queries
from hotline.bench.held import FeedPerson
from hotline.bench.measures import Answer, Figures, figures, percentiles
from hotline.bench.sampled import FEED_SEED, UNTIL, held_database, outsiders, rows, sample
from hotline.errors import HotlineError

if TYPE_CHECKING:
    from hotline.bench.calls import CallFigures

HIDDEN = 300


@dataclass(frozen=True, slots=True)
class Hiding:
    """Queries for people who may not be shown: how many were shown, and what asking for them and strangers takes."""

    queries: int
    shown: int
    p50: float
    p50_strangers: float


@dataclass(frozen=True, slots=True)
class Report:
    """One run of the bench at one size."""

    people: int
    per_kind: int
    seed: int
    database: str
    import_seconds: float
    search: Figures
    asking: Asking
    hiding: Hiding
    peers: tuple[tuple[str, Figures], ...]
    calls: CallFigures | None = None

    @property
    def is_test(self) -> bool:
        """Whether the seed is one that nothing was fitted on."""
        return self.seed >= FIRST_TEST_SEED

    def as_json(self) -> dict[str, object]:
        from hotline.bench.match_report import as_json

        return as_json(self)

    def as_table(self) -> str:
        from hotline.bench.match_report import as_table

        return as_table(self)


def measure(
    people: int,
    per_kind: int = 200,
    seed: int = FIRST_TEST_SEED,
    database: str | None = None,
    peers: bool | Sequence[str] = False,
    calls: int = 0,
    postgresql: str | None = None,
) -> Report:
    """Import `people` invented people, ask `per_kind` queries of each kind, and measure the answers.

    `database` is the address of an empty database; without one a SQLite file is made and thrown away. `peers` are
    the plain methods to run beside, all of those that can run here for True; `calls` is how many whole calls to play;
    `postgresql` is where the trigrams are measured, left out without one (`database` where that is one).
    Raises HotlineError where a database can't be reached or is not empty.
    """
    is_postgresql = database is not None and database.startswith("postgres")
    trigrams = (postgresql or (database if is_postgresql else None)) if peers else None
    if trigrams is not None:
        from hotline.bench.peers import connected

        connected(trigrams).close()  # known before the people are made, which takes a while
    held, strangers = sample(people), outsiders()
    asked = tuple(query.undated() for query in queries(held, per_kind, seed, strangers))
    unseen = tuple(hidden(held, HIDDEN, seed))
    with held_database(people, database) as seconds:
        asking = ask([*asked, *unseen])
        played = None
        if calls:
            from hotline.bench.calls import measure_calls

            played = measure_calls(held, calls, seed, UNTIL, strangers)
    answers, for_hidden = asking.answers[: len(asked)], asking.answers[len(asked) :]
    return Report(
        people=people,
        per_kind=per_kind,
        seed=seed,
        database="postgresql" if is_postgresql else "sqlite",
        import_seconds=seconds,
        search=figures(list(zip(asked, answers, strict=True))),
        asking=asking,
        hiding=_hiding(held, list(zip(asked, answers, strict=True)), for_hidden),
        peers=_beside(held, asked, peers, trigrams),
        calls=played,
    )


def write_queries(folder: Path, people: int, per_kind: int, seed: int) -> None:
    """Writes `people.csv` (a feed to import), `queries.jsonl` (for `hotline match`) and `truth.jsonl` beside them.

    The folder is made where it is not there. Raises HotlineError where it can't be written.
    """
    from hotline.services.sample_custody import write_csv

    asked = [query.undated() for query in queries(sample(people), per_kind, seed, outsiders())]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "people.csv").open("w", encoding="utf-8", newline="") as stream:
            write_csv(rows(people, FEED_SEED), stream)
        (folder / "queries.jsonl").write_text("".join(f"{query.as_line()}\n" for query in asked), encoding="utf-8")
        (folder / "truth.jsonl").write_text("".join(f"{query.as_truth()}\n" for query in asked), encoding="utf-8")
    except OSError as fault:
        raise HotlineError(f"{folder}: can't be written: {fault.strerror}") from None


def judge(truth: Iterable[str], answers: Iterable[str]) -> Figures:
    """The measures of a file of answers, as `hotline match` writes it, beside the truth written with its queries.

    Raises HotlineError where a query has no answer, or a line is not what was written there.
    """
    given = dict(_read(answers, "answers", _given))
    asked = list(_read(truth, "truth", Asked.from_truth))
    lacking = [query.id for query in asked if query.id not in given]
    if lacking:
        raise HotlineError(f"{len(lacking)} queries have no answer, the first of them {lacking[0]}")
    return figures([(query, given[query.id]) for query in asked])


def _given(line: str) -> tuple[str, Answer]:
    row = json.loads(line)
    return str(row["id"]), answer_of(row)


_Row = TypeVar("_Row")


def _read(lines: Iterable[str], what: str, read: Callable[[str], _Row]) -> Iterator[_Row]:
    for number, line in enumerate(lines, 1):
        try:
            row = read(line)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise HotlineError(f"{what}, line {number}: not what {_WRITERS[what]} writes") from None
        yield row


_WRITERS = {"answers": "`hotline match`", "truth": "`hotline bench match --write`"}


def _hiding(held: Sequence[FeedPerson], pairs: Sequence[tuple[Asked, Answer]], for_hidden: Sequence[Answer]) -> Hiding:
    secret = {person.subject_id for person in held if not person.shown}
    everybody = [*(answer for _, answer in pairs), *for_hidden]
    shown = sum(any(subject in secret for subject, _ in answer.ranked) for answer in everybody)
    strangers = [answer.ms for asked, answer in pairs if asked.kind == "stranger" and not asked.given_keys]
    p50, p50_strangers = (percentiles(times)[0] for times in ([answer.ms for answer in for_hidden], strangers))
    return Hiding(len(for_hidden), shown, p50, p50_strangers)


def _beside(
    held: Sequence[FeedPerson], asked: Sequence[Asked], peers: bool | Sequence[str], postgresql: str | None
) -> tuple[tuple[str, Figures], ...]:
    if not peers:
        return ()
    from hotline.bench.peers import PEERS, answered

    names = list(PEERS) if peers is True else list(peers)
    found = []
    for name in names:
        answers = answered(name, held, asked, postgresql)
        if answers is None:
            print(f"{name}: not here, left out", file=sys.stderr)
            continue
        found.append((name, figures(answers, PEERS[name].accepted)))
    return tuple(found)
