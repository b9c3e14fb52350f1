"""Synthetic data."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from typing import TextIO

import click

from hotline.cli.opening import checked_line


@click.group()
def sample() -> None:
    """Synthetic data: nobody in it exists."""


@sample.command("custody")
@click.option("--people", default=1000, show_default=True, type=click.IntRange(1, 10_000_000), help="How many people.")
@click.option("--seed", default=7, show_default=True, type=int, help="The same seed gives the same people.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="The day, in UTC, on which the feed ends; default: this hour."
)
def sample_custody(people: int, seed: int, until: datetime | None) -> None:
    """Write a synthetic custody feed as CSV. The same people, seed and day give the same bytes.

    Example: hotline sample custody --people 1000 --seed 7 --until 2026-11-01 > feed.csv
    """
    from hotline.services.sample_custody import people as sample_people
    from hotline.services.sample_custody import write_csv

    ends = until.replace(tzinfo=UTC) if until else _now_whole()
    write_csv(sample_people(people, seed, ends), _text_out())


@sample.command("event")
@click.argument("subject_id")
@click.argument("wording")
def sample_event(subject_id: str, wording: str) -> None:
    """Write the feed row by which SUBJECT_ID leaves custody, with the agency's WORDING.

    Example: hotline sample event S0000001 Removed | hotline custody import -
    """
    from hotline.services.demo import leaving

    _text_out().write(leaving(checked_line(), subject_id, wording))


def _text_out() -> TextIO:
    return io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", write_through=True)


def _now_whole() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
