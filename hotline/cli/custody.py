"""The custody feed."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import IO

import click

from hotline.cli import custody_held, custody_watch
from hotline.cli.opening import bell_of, checked_line, settings_now
from hotline.cli.streams import opened
from hotline.errors import HotlineError


@click.group()
def custody() -> None:
    """The custody feed."""


for _command in (
    custody_held.held,
    custody_held.retract,
    custody_watch.frozen,
    custody_watch.reopen,
    custody_watch.facilities,
):
    custody.add_command(_command)


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
    with opened(file) as stream, _progress(as_json, stream) as progress:
        report = import_file(line, stream, kind, dry_run=dry_run, progress=progress)  # type: ignore[arg-type]
    if as_json:
        click.echo(json.dumps(asdict(report), default=str))
        return
    for cut in report.resumed:
        click.echo(f"Import {cut.import_id} had been cut short and was ended first: {cut.deliveries} notices planned.")
    would = "would be " if dry_run else ""
    click.echo(f"{report.rows} rows read, {report.changed} {would}changed, {report.refused} in quarantine.")
    for kind_of_event, count in report.events.items():
        click.echo(f"  {count} {kind_of_event}")
    click.echo(f"{report.deliveries} notices {would}planned, {report.held} events held for review.")
    for reason in report.reasons:
        click.echo(f"The import {'would wait' if dry_run else 'waits'} for a person: {reason}", err=True)
    for refusal in report.refusals:
        click.echo(f"  line {refusal.line}: {refusal.reason}", err=True)


@contextlib.contextmanager
def _progress(quiet: bool, stream: IO[bytes]) -> Iterator[Callable[[int], None] | None]:
    """A bar on a terminal: how far in the file where its length is known, and the rows so far."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    size = os.fstat(stream.fileno()).st_size if stream.seekable() else 0
    began = time.monotonic()

    def show(rows: int) -> None:
        share = min(1.0, stream.tell() / size) if size else 0.0
        bar = f"[{'#' * round(30 * share):<30}] {share:4.0%}  " if size else ""
        click.echo(
            f"\r{bar}{rows} rows, {rows / max(0.001, time.monotonic() - began):.0f} a second", nl=False, err=True
        )

    yield show
    click.echo("", err=True)


@custody.command("watch")
@click.option("--once", is_flag=True, help="Two looks and no more: whatever stands still in between is taken.")
def watch(once: bool) -> None:
    """Import what comes into the drop folder (HOTLINE_DROP_FOLDER), as `hotline clock` does.

    Example: hotline custody watch
    """
    from hotline.carrier.drop_folders import Looks
    from hotline.services.drop_folder import EVERY, look_into

    settings = settings_now()
    if settings.drop_folder is None:
        raise HotlineError("HOTLINE_DROP_FOLDER is not set: where does the agency drop its feed?")
    line, looks = checked_line(settings, bell=bell_of(settings)), Looks()
    pause = 5.0 if once else EVERY.total_seconds()
    look_into(line, looks)
    while True:
        time.sleep(pause)
        looks.at = None
        taken = look_into(line, looks)
        click.echo("1 file taken." if taken == 1 else f"{taken} files taken.")
        if once:
            return


@custody.group("quarantine")
def custody_quarantine() -> None:
    """Rows of the feed that could not be read."""


@custody_quarantine.command("list")
@click.option("--import", "import_id", type=int, help="Of this import only.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def quarantine_list(import_id: int | None, as_json: bool) -> None:
    """List the rows that wait, names masked.

    Example: hotline custody quarantine list --import 12
    """
    from dataclasses import asdict

    from hotline.services.quarantine import listed

    found = [*listed(checked_line(), import_id)]
    for kept in found:
        if as_json:
            click.echo(json.dumps(asdict(kept)))
        else:
            who = " ".join(part for part in (kept.subject_id, kept.name) if part)
            click.echo(f"{kept.id}  import {kept.import_id} line {kept.line}: {kept.reason}  {who}")
    if not found and not as_json:
        click.echo("No row is in quarantine.")


@custody_quarantine.command("retry")
@click.argument("rows", nargs=-1)
@click.option("--import", "import_id", type=int, help="Rows of this import.")
def quarantine_retry(rows: tuple[str, ...], import_id: int | None) -> None:
    """Read ROWS again by today's rules, all that wait where none are named, and import what can be read.

    Example: hotline custody quarantine retry
    """
    from hotline.services.quarantine import retry

    settings = settings_now()
    done = retry(checked_line(settings, bell=bell_of(settings)), rows, import_id)
    click.echo(f"{done.taken} rows taken, {done.left} still can't be read.")


@custody_quarantine.command("drop")
@click.argument("rows", nargs=-1, required=True)
@click.option("--by", required=True, help="Who drops them.")
@click.option("--reason", required=True, help="Why; it is kept in the audit log.")
def quarantine_drop(rows: tuple[str, ...], by: str, reason: str) -> None:
    """Give ROWS up: what stood there is deleted.

    Example: hotline custody quarantine drop ROW --by "A. Clerk" --reason "sent again on Monday"
    """
    from hotline.services.quarantine import drop

    click.echo(f"{drop(checked_line(), rows, by, reason)} rows dropped.")
