"""Measurements."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from hotline.bench import FIRST_TEST_SEED

MOST_PEOPLE = 10_000_000
SIZE = re.compile(r"\s*\d{1,8}\s*")


@click.group()
def bench() -> None:
    """Measurements, each beside its floor in the same run."""


@bench.command("call")
@click.option(
    "--server",
    default="gthread",
    show_default=True,
    type=click.Choice(["gthread", "sync", "granian"]),
    help="What serves.",
)
@click.option("--calls", default=60, show_default=True, type=click.IntRange(5, 10_000), help="Whole sign-ups to place.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench_call(server: str, calls: int, as_json: bool) -> None:
    """Time a whole step of a call beside a view that checks a signature, alone and with one read and one write.

    Example: hotline bench call
    """
    from hotline.bench.call import measure

    result = measure(calls, server)
    click.echo(json.dumps(result.as_json()) if as_json else result.as_table())


@bench.command("import")
@click.option("--rows", default=100_000, show_default=True, type=click.IntRange(1000, 20_000_000), help="Rows.")
@click.option("--database", metavar="URL", help="An empty PostgreSQL database to fill; default: SQLite, thrown away.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench_import(rows: int, database: str | None, as_json: bool) -> None:
    """Time an import of the feed, the same file again and a delta of 1,000 rows, beside a bare load of the file.

    Example: hotline bench import --rows 100000
    """
    from hotline.bench.import_feed import measure

    result = measure(rows, database)
    click.echo(json.dumps(result.as_json()) if as_json else result.as_table())


def _sizes(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[int, ...]:
    sizes = [int(size) if SIZE.fullmatch(size) else 0 for size in value.split(",")]
    if not all(1 <= size <= MOST_PEOPLE for size in sizes):
        raise click.BadParameter(f"give whole numbers from 1 to {MOST_PEOPLE:,} with commas between, as 10000,100000")
    return tuple(sizes)


_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@bench.command("match")
@click.option(
    "--people",
    metavar="N[,N…]",
    callback=_sizes,
    default="10000",
    show_default=True,
    help="People held; of several each in turn.",
)
@click.option(
    "--per-kind", default=200, show_default=True, type=click.IntRange(1, 1_000_000), help="Queries of a kind."
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    show_default="100; 1 with --calibrate",
    help="The same seed gives the same queries. Those below 100 are for fitting, the others for judging.",
)
@click.option("--database", metavar="URL", help="An empty database to fill; default: SQLite, thrown away.")
@click.option("--peers", is_flag=True, help="Measure plain methods over the same people beside it.")
@click.option(
    "--postgresql", metavar="URL", help="Where --peers measures trigrams, in a table that is gone afterwards."
)
@click.option("--calls", default=0, show_default=True, type=click.IntRange(0, 1_000_000), help="Whole calls to play.")
@click.option("--calibrate", is_flag=True, help="Fit hotline/rules/calibration.tsv and print it, instead of measuring.")
@click.option(
    "--write", metavar="FOLDER", type=_FOLDER, help="Write the feed, the queries and their truth there instead."
)
@click.option(
    "--judge", metavar="TRUTH ANSWERS", nargs=2, type=_FILE, help="Measure a file of answers to what --write wrote."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, of several sizes one a line.")
def bench_match(calibrate: bool, write: Path | None, judge: tuple[Path, Path] | None, **options: Any) -> None:
    """Measure the name search on synthetic people: recall, wrong accepts, calibration and time, by kind of query.

    With --write and --judge the answers come from elsewhere: import FOLDER/people.csv, let `hotline match` or
    another search answer FOLDER/queries.jsonl, and have the answers judged beside FOLDER/truth.jsonl.

    Example: hotline bench match --people 10000,100000 --calls 1000
    """
    asked = Options(**options)
    modes = [name for name, given in (("--calibrate", calibrate), ("--write", write), ("--judge", judge)) if given]
    asked.check(modes)
    if calibrate:
        _calibrate(asked)
    elif write:
        _write(write, asked)
    elif judge:
        _judge(*judge, asked.as_json)
    else:
        _measure(asked)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of `hotline bench match`."""

    people: tuple[int, ...]
    per_kind: int
    seed: int | None
    database: str | None
    peers: bool
    postgresql: str | None
    calls: int
    as_json: bool

    def check(self, modes: Sequence[str]) -> None:
        """Raises UsageError where options don't go together; `modes` are those given that measure nothing."""
        if len(modes) > 1:
            raise click.UsageError(f"{modes[0]} and {modes[1]}: give one of them")
        if modes and (self.peers or self.calls or self.postgresql):
            raise click.UsageError(f"{modes[0]} goes without --peers, --postgresql and --calls")
        if self.postgresql and not self.peers:
            raise click.UsageError("--postgresql is for --peers: give both")
        if len(self.people) > 1 and (self.database or "--write" in modes):
            raise click.UsageError(f"{'--database' if self.database else '--write'} takes one number of --people")
        if "--calibrate" in modes and (self.seed or 0) >= FIRST_TEST_SEED:
            raise click.UsageError(f"--calibrate takes a --seed below {FIRST_TEST_SEED}: the others are for judging")


def _measure(asked: Options) -> None:
    from hotline.bench.match import measure
    from hotline.bench.match_report import growth_table

    reports = []
    for people in asked.people:
        seed = FIRST_TEST_SEED if asked.seed is None else asked.seed
        report = measure(
            people, asked.per_kind, seed, asked.database, asked.peers, asked.calls, postgresql=asked.postgresql
        )
        click.echo(json.dumps(report.as_json()) if asked.as_json else f"{report.as_table()}\n")
        reports.append(report)
    if len(reports) > 1 and not asked.as_json:
        click.echo(growth_table(reports))


def _calibrate(asked: Options) -> None:
    from hotline.bench.calibrate import calibrate

    found = calibrate(asked.people, asked.per_kind, 1 if asked.seed is None else asked.seed, asked.database)
    click.echo(json.dumps(found.as_json()) if asked.as_json else found.as_table())
    click.echo("This is to be written to hotline/rules/calibration.tsv.", err=True)


def _write(folder: Path, asked: Options) -> None:
    from hotline.bench.match import write_queries

    write_queries(folder, asked.people[0], asked.per_kind, FIRST_TEST_SEED if asked.seed is None else asked.seed)
    click.echo(f"Written to {folder}: people.csv, queries.jsonl, truth.jsonl.", err=True)


def _judge(truth: Path, answers: Path, as_json: bool) -> None:
    from hotline.bench.match import judge
    from hotline.bench.match_report import figures_json, figures_table

    with (
        truth.open(encoding="utf-8", errors="replace") as known,
        answers.open(encoding="utf-8", errors="replace") as given,
    ):
        found = judge(known, given)
    click.echo(json.dumps(figures_json(found)) if as_json else figures_table(found))


@bench.command("notices")
@click.option("--texts", default=100_000, show_default=True, type=click.IntRange(1000, 10_000_000), help="Texts due.")
@click.option("--processes", default=2, show_default=True, type=click.IntRange(1, 64), help="Workers.")
@click.option("--latency", default=0, show_default=True, type=click.IntRange(0, 10_000), help="Of the platform, in ms.")
@click.option("--database", metavar="URL", help="An empty PostgreSQL database to fill; default: SQLite, thrown away.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench_notices(texts: int, processes: int, latency: int, database: str | None, as_json: bool) -> None:
    """Send texts that are due at once, beside a bare client, and time 1,000 notices from their event on.

    Example: hotline bench notices --texts 100000 --database postgresql://postgres@127.0.0.1/bench
    """
    from hotline.bench.notices import measure

    result = measure(texts, processes, latency, database)
    click.echo(json.dumps(result.as_json()) if as_json else result.as_table())


@bench.command("audit")
@click.option("--subscribers", default=10_000, show_default=True, type=click.IntRange(1, 25_000), help="Numbers.")
@click.option("--people", default=160_000, show_default=True, type=click.IntRange(1, 5_000_000), help="In the records.")
@click.option("--events", default=200_000, show_default=True, type=click.IntRange(1, 10_000_000), help="Events in all.")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 3650), help="How long the year is.")
@click.option("--seed", default=1, show_default=True, help="Another seed is another year.")
@click.option("--database", metavar="URL", help="An empty database to fill; default: SQLite, thrown away.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench_audit(
    subscribers: int, people: int, events: int, days: int, seed: int, database: str | None, as_json: bool
) -> None:
    """Play a year of notices with outages, kills and people, on a clock of its own, and audit it; any difference is 1.

    Example: hotline bench audit --subscribers 100 --people 800 --events 8000 --days 30
    """
    from hotline.bench.notice_people import Size
    from hotline.bench.notice_year import play

    report = play(Size(subscribers, people, events, days, seed), database)
    click.echo(json.dumps(report.as_json()) if as_json else report.as_table())
    if report.differences:
        raise SystemExit(1)


@bench.command("hidden")
@click.option("--people", default=10_000, show_default=True, type=click.IntRange(1, 10_000_000), help="People held.")
@click.option(
    "--searches", default=500, show_default=True, type=click.IntRange(2, 2_000), help="Searches for each kind."
)
@click.option("--database", default=None, help="Address of an empty database to fill; default: SQLite, thrown away.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench_hidden(people: int, searches: int, database: str | None, as_json: bool) -> None:
    """Time searches for people who may not be shown, by the reason, beside searches for people who are not there.

    Example: hotline bench hidden --people 10000
    """
    from hotline.bench.hidden import measure

    result = measure(people, searches, database)
    click.echo(json.dumps(result.as_json()) if as_json else result.as_table())
