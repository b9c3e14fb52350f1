"""Notices to subscribers."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

import click

from hotline.cli.notify_audit import notify_audit
from hotline.cli.opening import aware_time, bell_of, checked_line, settings_now


@click.group()
def notify() -> None:
    """Notices to subscribers."""


notify.add_command(notify_audit)


@notify.command()
@click.option("--at", callback=aware_time, help="As if it were this time, with its zone; default now.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def due(at: datetime | None, as_json: bool) -> None:
    """List what is due: opaque ids, channel, urgency and time.

    Example: hotline notify due
    """
    from hotline.services.notify import list_due

    found = list_due(checked_line(at=at))
    for item in found:
        shown = {"id": item.id, "channel": item.channel, "urgency": item.urgency, "due": str(item.next_at)}
        click.echo(json.dumps(shown) if as_json else "  ".join(shown.values()))
    if not found and not as_json:
        click.echo("Nothing is due.")


@notify.command("run")
@click.option("--at", callback=aware_time, help="As if it were this time, with its zone; default now.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def notify_run(at: datetime | None, as_json: bool) -> None:
    """Send what is due now, look up what is open, and end. Channels that stood still go on: who runs it mended them.

    Example: hotline notify run
    """
    from hotline.services.notify import lift_pauses, run_due
    from hotline.services.settle import settle

    line = checked_line(at=at)
    lift_pauses(line)
    sent, looked_up = run_due(line), settle(line)
    if as_json:
        click.echo(json.dumps({**asdict(sent), "looked_up": looked_up}))
    else:
        click.echo(f"{sent.placed} placed, {sent.uncertain} uncertain, {sent.refused} refused; {looked_up} looked up.")


_BY = click.option("--by", required=True, help="The name of the person who decides.")
_REASON = click.option("--reason", required=True, help="Why; it is kept in the audit log.")


@notify.command("retry")
@click.argument("delivery")
@_BY
@_REASON
def notify_retry(delivery: str, by: str, reason: str) -> None:
    """Have DELIVERY, which ended dead or unconfirmed, go out as if it had never been tried.

    Example: hotline notify retry Xk2vQ0aTqXbYw1Zs --by "A. Ortiz" --reason "the number is reachable again"
    """
    from hotline.services.steer_notice import retry

    settings = settings_now()
    retry(checked_line(settings, bell=bell_of(settings)), delivery, by, reason)
    click.echo("It is due now.")


@notify.command("cancel")
@click.argument("delivery")
@_BY
@_REASON
def notify_cancel(delivery: str, by: str, reason: str) -> None:
    """Have nothing more go out for DELIVERY; a call that rings is ended.

    Example: hotline notify cancel Xk2vQ0aTqXbYw1Zs --by "A. Ortiz" --reason "told in person"
    """
    from hotline.services.steer_notice import cancel

    cancel(checked_line(), delivery, by, reason)
    click.echo("Nothing more goes out for it.")
