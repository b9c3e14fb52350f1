"""Whether everything is there."""

from __future__ import annotations

import json

import click

from hotline.cli.opening import settings_now


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(as_json: bool) -> None:
    """Look whether everything that the line needs is there.

    Example: hotline doctor
    """
    from hotline.services.doctor import examine

    found = examine(settings_now())
    if as_json:
        click.echo(json.dumps([{"what": f.what, "ok": f.ok, "says": f.says} for f in found]))
    else:
        for finding in found:
            click.echo(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.says}")
    if not all(finding.ok for finding in found):
        raise click.exceptions.Exit(1)
