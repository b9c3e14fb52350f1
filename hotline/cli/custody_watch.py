"""Commands that watch over the feed and over who is shown: frozen enrolments, the search, facilities."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from hotline.cli.opening import bell_of, checked_line, settings_now
from hotline.cli.streams import opened

_BY = click.option("--by", required=True, help="The name of the person who decides.")
_REASON = click.option("--reason", required=True, help="Why; it is kept in the audit log.")


@click.group()
def frozen() -> None:
    """Enrolments about people who may no longer be shown: two people decide what becomes of each."""


@frozen.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def frozen_list(as_json: bool) -> None:
    """List the frozen enrolments, the longest standing first: ids alone, no name.

    Example: hotline custody frozen list
    """
    from hotline.services.protect import list_frozen

    found = list_frozen(checked_line())
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], default=str))
        return
    for one in found:
        said = f"; {one.first_by} said {one.verdict}" if one.verdict else ""
        click.echo(
            f"{one.enrolment_id}  frozen {one.frozen_at:%Y-%m-%d %H:%M} UTC, "
            f"{'may be shown again' if one.shown_again else 'still hidden'}{said}"
        )
    if not found:
        click.echo("No enrolment is frozen.")


@frozen.command("restore")
@click.argument("enrolment")
@_BY
@_REASON
def frozen_restore(enrolment: str, by: str, reason: str) -> None:
    """Say that ENROLMENT is to go on; done once a second person says so too, and its person may be shown.

    Example: hotline custody frozen restore Xk2vQ0aTqXbYw1Zs --by "A. Ortiz" --reason "flag set by mistake"
    """
    _decide("restore", enrolment, by, reason)


@frozen.command("end")
@click.argument("enrolment")
@_BY
@_REASON
def frozen_end(enrolment: str, by: str, reason: str) -> None:
    """Say that ENROLMENT is to end; done once a second person says so too.

    Example: hotline custody frozen end Xk2vQ0aTqXbYw1Zs --by "A. Ortiz" --reason "protection confirmed"
    """
    _decide("end", enrolment, by, reason)


def _decide(verdict: str, enrolment: str, by: str, reason: str) -> None:
    from hotline.services.protect import Verdict, decide

    settings = settings_now()
    done = decide(checked_line(settings, bell=bell_of(settings)), enrolment, Verdict(verdict), by, reason)
    click.echo("Done." if done else "Noted: a second person has to say the same.")


@click.command("reopen")
@_BY
@_REASON
def reopen(by: str, reason: str) -> None:
    """Open the search again, which was closed because a record came up that nobody may see.

    Example: hotline custody reopen --by "A. Ortiz" --reason "fixed in version 1.2, searched again without a hit"
    """
    from hotline.services.guard_exclusion import reopen_search

    reopen_search(checked_line(), by, reason)
    click.echo("The search is open.")


@click.group()
def facilities() -> None:
    """Places of detention and their public numbers, for staff; never spoken, texted or mailed."""


@facilities.command("list")
@click.argument("words", default="")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def facilities_list(words: str, as_json: bool) -> None:
    """List the facilities, or those whose code, name or state holds WORDS.

    Example: hotline custody facilities list texas
    """
    from hotline.services.facilities import list_facilities

    found = list_facilities(checked_line(), words)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], default=str))
        return
    for one in found:
        where = f", {one.state}" if one.state else ""
        click.echo(f"{one.code}  {one.name}{where}  {one.public_number or 'no number'}  ({one.source}, {one.as_of})")
    if not found:
        click.echo("No facility is listed so: hotline custody facilities import --help tells how to bring in a list.")


@facilities.command("import")
@click.argument("file")
def facilities_import(file: str) -> None:
    """Put the list in FILE (CSV: code, name, state, public_number, source, as_of) in the place of the one before.

    Example: hotline custody facilities import facilities.csv
    """
    from hotline.services.facilities import import_facilities

    line = checked_line()
    with opened(file) as stream:
        count = import_facilities(line, stream)
    click.echo(f"{count} facilities.")
