"""People who got their news by hand are brought in from a file, and what became of them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from hotline.cli.opening import bell_of, checked_line, settings_now
from hotline.cli.streams import opened

if TYPE_CHECKING:
    from hotline.services.import_enrolments import Imported

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group()
def enroll() -> None:
    """People who got their news by hand, brought in from a file: each is asked to say yes."""


@enroll.command("import")
@click.argument("file")
@click.option(
    "--by",
    envvar=("SUDO_USER", "LOGNAME", "USER"),
    required=True,
    help="The name of the person who brings them in; by default your login name.",
)
@click.option("--dry-run", is_flag=True, help="Say what would come of each line; write nothing, ask nobody.")
@_JSON
def enroll_import(file: str, by: str, dry_run: bool, as_json: bool) -> None:
    """Bring in whoever stands in FILE (CSV with a header; - for standard input), and have each asked to say yes.

    Columns: channel (call, text, both), number, and subject_id or given_names, surnames, birth_country; if you
    like birth_date, language, voicemail, any_hour (yes or no), mail. Others are passed over: leave the
    subscriber's name out. The same file given again changes nothing.

    Example: hotline enroll import people.csv --by "A. Ortiz"
    """
    from hotline.services.import_enrolments import import_enrolments

    settings = settings_now()
    line = checked_line(settings, bell=bell_of(settings))
    with opened(file) as stream:
        done = import_enrolments(line, stream, by, dry_run=dry_run)  # type: ignore[arg-type]
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    _show(done, dry_run)


def _show(done: Imported, dry_run: bool) -> None:
    batch = f"Batch {done.batch}: " if done.batch is not None else ""
    asked = "would be asked" if dry_run else "will be asked"
    click.echo(
        f"{batch}{done.rows} lines read, {done.asked} {asked} to say yes, "
        f"{done.there_before} were there before, {len(done.refused)} not taken."
    )
    for refused in done.refused:
        click.echo(f"  line {refused.line}: {refused.reason}", err=True)


@enroll.command("report")
@click.argument("batch", type=click.IntRange(min=1), required=False)
@_JSON
def enroll_report(batch: int | None, as_json: bool) -> None:
    """Tell who of BATCH (the last one if none is named) said yes, by line of the file and id: no name, no number.

    Example: hotline enroll report 3
    """
    from collections import Counter

    from hotline.services.import_enrolments import report

    found = report(checked_line(), batch)
    if as_json:
        click.echo(json.dumps(asdict(found), default=str))
        return
    counts = Counter(one.standing.value for one in found.lines)
    told = ", ".join(f"{count} {standing}" for standing, count in counts.items()) or "nobody"
    click.echo(f"Batch {found.batch}, brought in {found.at:%Y-%m-%d %H:%M} UTC by {found.by}: {told}.")
    for one in found.lines:
        click.echo(f"  line {one.line}  {one.enrolment}  {one.standing.value}")
