"""Measurements."""

from __future__ import annotations

import json

import click


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


@bench.command("match")
@click.option("--people", default=10_000, show_default=True, type=click.IntRange(1, 10_000_000), help="People held.")
@click.option(
    "--per-kind", default=200, show_default=True, type=click.IntRange(1, 1_000_000), help="Queries of a kind."
)
@click.option("--seed", default=7, show_default=True, type=int, help="The same seed gives the same people and queries.")
@click.option("--database", default=None, help="Address of an empty database to fill; default: SQLite, thrown away.")
@click.option("--peers", is_flag=True, help="Measure plain methods over the same people beside it.")
@click.option("--calls", default=0, show_default=True, type=click.IntRange(0, 1_000_000), help="Whole calls to play.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def bench_match(
    people: int, per_kind: int, seed: int, database: str | None, peers: bool, calls: int, as_json: bool
) -> None:
    """Measure the name search on synthetic people: recall, wrong accepts, calibration and time, by kind of query.

    Example: hotline bench match --people 10000
    """
    from hotline.bench.match import measure

    result = measure(people, per_kind=per_kind, seed=seed, database=database, peers=peers, calls=calls)
    click.echo(json.dumps(result.as_json()) if as_json else result.as_table())
