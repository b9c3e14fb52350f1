"""The proof that every notice went out that should have, and no other."""

from __future__ import annotations

import json
from datetime import datetime

import click

from hotline.cli.opening import aware_time, checked_line


@click.command("audit")
@click.option("--since", callback=aware_time, help="Only what went wrong since this time, with its zone; default ever.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a difference.")
def notify_audit(since: datetime | None, as_json: bool) -> None:
    """Recompute every notice that should exist, and list each difference; none is exit status 0, any is 1.

    Example: hotline notify audit
    """
    from hotline.services.audit_notices import audit_notices

    found = 0
    for one in audit_notices(checked_line(), since):
        found += 1
        click.echo(json.dumps(one.as_json()) if as_json else str(one))
    if not as_json:
        click.echo(f"{found} differences." if found else "Every notice is as it should be.", err=bool(found))
    if found:
        raise SystemExit(1)
