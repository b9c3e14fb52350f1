"""Notices to subscribers."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from hotline.cli.opening import checked_line


@click.group()
def notify() -> None:
    """Notices to subscribers."""


def _at(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter("give a time as 2026-11-25T09:00:00+00:00") from None
    if at.tzinfo is None:
        raise click.BadParameter("give the time with its zone, as 2026-11-25T09:00:00+00:00")
    return at.astimezone(UTC)


@notify.command()
@click.option("--at", callback=_at, help="As if it were this time, with its zone; default now.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def due(at: datetime | None, as_json: bool) -> None:
    """List what is due: opaque ids, channel, urgency and time.

    Example: hotline notify due
    """
    from hotline.services.notify import list_due

    for item in list_due(checked_line(at=at)):
        shown = {"id": item.id, "channel": item.channel, "urgency": item.urgency, "due": str(item.next_at)}
        click.echo(json.dumps(shown) if as_json else "  ".join(shown.values()))


@notify.command("run")
@click.option("--at", callback=_at, help="As if it were this time, with its zone; default now.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def notify_run(at: datetime | None, as_json: bool) -> None:
    """Send what is due now, look up what is open, and end.

    Example: hotline notify run
    """
    from hotline.services.settle import settle
    from hotline.services.tend import send_due

    line = checked_line(at=at)
    placed, looked_up = send_due(line), settle(line)
    if as_json:
        click.echo(json.dumps({"placed": placed, "looked_up": looked_up}))
    else:
        click.echo(f"{placed} placed, {looked_up} looked up.")
