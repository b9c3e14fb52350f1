"""The custody feed."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator

import click

from hotline.cli.opening import bell_of, checked_line, settings_now
from hotline.cli.streams import opened


@click.group()
def custody() -> None:
    """The custody feed."""


@custody.command("import")
@click.argument("file")
@click.option(
    "--kind",
    type=click.Choice(["full", "delta"]),
    default="delta",
    show_default=True,
    help="A whole snapshot, or only what changed.",
)
@click.option("--dry-run", is_flag=True, help="Say what would change and be sent; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def custody_import(file: str, kind: str, dry_run: bool, as_json: bool) -> None:
    """Import a feed FILE (CSV or JSON Lines, gzip allowed; - for standard input).

    Example: hotline custody import delta.csv.gz
    """
    from dataclasses import asdict

    from hotline.services.import_custody import import_file

    settings = settings_now()
    line = checked_line(settings, bell=bell_of(settings))
    with opened(file) as stream, _progress(as_json) as progress:
        report = import_file(line, stream, kind, dry_run=dry_run, progress=progress)  # type: ignore[arg-type]
    if as_json:
        click.echo(json.dumps(asdict(report), default=str))
        return
    would = "would be " if dry_run else ""
    click.echo(f"{report.rows} rows read, {report.changed} {would}changed, {report.refused} in quarantine.")
    for kind_of_event, count in report.events.items():
        click.echo(f"  {count} {kind_of_event}")
    click.echo(f"{report.deliveries} notices {would}planned, {report.held} events held for review.")
    for refusal in report.refusals:
        click.echo(f"  line {refusal.line}: {refusal.reason}", err=True)


@contextlib.contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int], None] | None]:
    if quiet or not sys.stderr.isatty():
        yield None
        return
    yield lambda rows: click.echo(f"\r{rows} rows", nl=False, err=True)
    click.echo("", err=True)
