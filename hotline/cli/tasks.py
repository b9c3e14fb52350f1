"""Tasks for staff: what only a person can settle, who sees to it, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from hotline.cli.opening import bell_of, checked_line, settings_now
from hotline.rules.staff_tasks import KINDS

if TYPE_CHECKING:
    from hotline.services.line import Line

_TASK = click.argument("task")
_BY = click.option("--by", required=True, help="The name of the person who does it.")
_REASON = click.option("--reason", required=True, help="Why; it is kept in the audit log.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group()
def tasks() -> None:
    """What only a person can settle: calls to make, doubts, numbers that can't be reached."""


@tasks.command("list")
@click.option("--kind", type=click.Choice(sorted(KINDS)), metavar="KIND", help="Of one kind only.")
@click.option("--all", "everything", is_flag=True, help="Those that are done, too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def tasks_list(kind: str | None, everything: bool, as_json: bool) -> None:
    """List what waits, the longest overdue first: ids and what to do, nothing about anybody.

    Example: hotline tasks list
    """
    from hotline.services.staff_tasks import list_tasks

    found = list_tasks(checked_line(), kind, everything)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], default=str))
        return
    for one in found:
        state = f"done by {one.closed_by or 'itself'}" if one.closed_at else "OVERDUE" if one.overdue else "due"
        at = one.closed_at or one.due_at
        owner = f", {one.owner} sees to it" if one.owner and not one.closed_at else ""
        click.echo(f"{one.id}  {one.kind}  {state} {at:%Y-%m-%d %H:%M} UTC{owner}: {one.title}. {one.to_do}")
    if not found:
        click.echo("Nothing waits.")


@tasks.command("take")
@_TASK
@_BY
def tasks_take(task: str, by: str) -> None:
    """Say that you see to TASK.

    Example: hotline tasks take Xk2vQ0aTqXbYw1Zs --by "A. Ortiz"
    """
    from hotline.services.staff_tasks import take

    take(checked_line(), task, by)
    click.echo("It is yours.")


@tasks.command("show")
@_TASK
@_BY
@_REASON
@_JSON
def tasks_show(task: str, by: str, reason: str, as_json: bool) -> None:
    """Show what is sealed behind TASK: its note, the number to call, whom a subscriber waits for.

    Example: hotline tasks show Xk2vQ0aTqXbYw1Zs --by "A. Ortiz" --reason "I call back now"
    """
    from hotline.services.staff_tasks import show

    shown = {name: value for name, value in asdict(show(checked_line(), task, by, reason)).items() if value}
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    for name, value in shown.items():
        told = ", ".join(f"{key} {text}" for key, text in value.items() if text) if isinstance(value, dict) else value
        click.echo(f"{name.replace('_', ' ')}: {told}")
    if not shown:
        click.echo("Nothing is sealed behind it.")


@tasks.command("close")
@_TASK
@_BY
@click.option("--note", required=True, help="How it was settled; it is kept in the audit log: no name, no number.")
def tasks_close(task: str, by: str, note: str) -> None:
    """Say that TASK is done, and how.

    Example: hotline tasks close Xk2vQ0aTqXbYw1Zs --by "A. Ortiz" --note "called back, told after the PIN"
    """
    from hotline.services.staff_tasks import close

    close(checked_line(), task, by, note)
    click.echo("Closed.")


@tasks.command("connect")
@_TASK
@_BY
@_REASON
def tasks_connect(task: str, by: str, reason: str) -> None:
    """Say that the record of TASK is the person waited for: the subscriber hears where they stand.

    Example: hotline tasks connect Xk2vQ0aTqXbYw1Zs --by "A. Ortiz" --reason "name, country and date agree"
    """
    from hotline.services.settle_tasks import connect

    _decide(connect, task, by, reason)


@tasks.command("dismiss")
@_TASK
@_BY
@_REASON
def tasks_dismiss(task: str, by: str, reason: str) -> None:
    """Say that the record of TASK is somebody else: nobody is told of it.

    Example: hotline tasks dismiss Xk2vQ0aTqXbYw1Zs --by "A. Ortiz" --reason "another date of birth"
    """
    from hotline.services.settle_tasks import dismiss

    _decide(dismiss, task, by, reason)


@tasks.command("unlock")
@_TASK
@_BY
@_REASON
def tasks_unlock(task: str, by: str, reason: str) -> None:
    """Forget the wrong PINs of TASK, once you know that it is the subscriber who calls.

    Example: hotline tasks unlock Xk2vQ0aTqXbYw1Zs --by "A. Ortiz" --reason "knew the confirmation number"
    """
    from hotline.services.settle_tasks import unlock

    _decide(unlock, task, by, reason)


@tasks.command("approve")
@_TASK
@_BY
@_REASON
def tasks_approve(task: str, by: str, reason: str) -> None:
    """Let the enrolment of TASK go on: what it missed is told now.

    Example: hotline tasks approve Xk2vQ0aTqXbYw1Zs --by "A. Ortiz" --reason "a family on one phone"
    """
    from hotline.services.settle_tasks import approve

    _decide(approve, task, by, reason)


@tasks.command("end")
@_TASK
@_BY
@_REASON
def tasks_end(task: str, by: str, reason: str) -> None:
    """End the enrolment of TASK: nothing more goes out for it.

    Example: hotline tasks end Xk2vQ0aTqXbYw1Zs --by "A. Ortiz" --reason "the number is a stranger's"
    """
    from hotline.services.settle_tasks import end

    _decide(end, task, by, reason)


def _decide(decision: Callable[[Line, str, str, str], int], task: str, by: str, reason: str) -> None:
    settings = settings_now()
    planned = decision(checked_line(settings, bell=bell_of(settings)), task, by, reason)
    click.echo(f"Done: {planned} notices planned." if planned else "Done.")
