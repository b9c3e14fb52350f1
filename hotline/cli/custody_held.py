"""Commands for what waits for a person: imports that the brakes stopped, deaths, doubts; and for taking back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from hotline.cli.opening import bell_of, checked_line, settings_now

if TYPE_CHECKING:
    from hotline.services.decide_held import Decided, Held
    from hotline.services.line import Line

_BY = click.option("--by", required=True, help="The name of the person who decides.")
_REASON = click.option("--reason", required=True, help="Why; it is kept in the audit log.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


class What(click.ParamType[tuple[str, int]]):
    """An import or an event, as the list names them: import:12, event:34."""

    name = "WHAT"

    def convert(
        self, value: str | tuple[str, int], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        if isinstance(value, tuple):
            return value
        kind, colon, number = value.partition(":")
        if kind not in ("import", "event") or not colon or not (number.isascii() and number.isdigit()):
            self.fail(f"{value!r} names neither an import nor an event: write import:12 or event:34", param, ctx)
        return kind, int(number)


def _line() -> Line:
    settings = settings_now()
    return checked_line(settings, bell=bell_of(settings))


@click.group()
def held() -> None:
    """What waits for a person: imports that the brakes stopped, deaths, what nobody understood."""


@held.command("list")
@_JSON
def held_list(as_json: bool) -> None:
    """List what waits, the oldest first: counts, reasons, age, the agency's numbers; no name.

    Example: hotline custody held list
    """
    from hotline.services.decide_held import list_held

    found = list_held(checked_line())
    if as_json:
        click.echo(json.dumps(asdict(found), default=str))
        return
    _show(found)


def _show(found: Held) -> None:
    for one in found.imports:
        counts = ", ".join(f"{count:,} {kind}" for kind, count in one.events.items())
        click.echo(
            f"import:{one.import_id}  {one.kind}, held {_age(one.age_minutes)}: {one.people:,} people, "
            f"{one.critical:,} critical notices; {counts}"
        )
        for reason in one.reasons:
            click.echo(f"    because {reason}")
        said = f", so far {'; '.join(one.said)}" if one.said else ""
        click.echo(f"    approval by {one.approvals} needed{said}")
    for event in found.events:
        click.echo(
            f"event:{event.event_id}  {event.kind} of subject {event.subject_id} at {event.at:%Y-%m-%d %H:%M} UTC, "
            f"held {_age(event.age_minutes)}, from import {event.import_id}"
        )
    if found.more_events:
        click.echo(f"and {found.more_events:,} more events")
    if not found.imports and not found.events:
        click.echo("Nothing waits.")


def _age(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {rest} min" if hours else f"{rest} min"


@held.command("approve")
@click.argument("what", type=What())
@_BY
@_REASON
@click.option("--as", "read_as", default="", help="What an event under review was, such as released; or nothing.")
@_JSON
def held_approve(what: tuple[str, int], by: str, reason: str, read_as: str, as_json: bool) -> None:
    """Let WHAT go (import:12 or event:34): whoever waits for it is told now. Over 500 people, two must agree.

    Example: hotline custody held approve import:12 --by "A. Ortiz" --reason "the agency confirms the transfer"
    """
    _decide("approve", what, by, reason, read_as, as_json)


@held.command("cancel")
@click.argument("what", type=What())
@_BY
@_REASON
@_JSON
def held_cancel(what: tuple[str, int], by: str, reason: str, as_json: bool) -> None:
    """Cancel WHAT (import:12 or event:34): nobody is ever told of it. What was imported is kept.

    Example: hotline custody held cancel import:12 --by "A. Ortiz" --reason "a maintenance load"
    """
    _decide("cancel", what, by, reason, "", as_json)


def _decide(verdict: str, what: tuple[str, int], by: str, reason: str, read_as: str, as_json: bool) -> None:
    from hotline.services.decide_held import Verdict, decide_event, decide_import

    kind, number = what
    if kind == "import" and read_as:
        raise click.UsageError("--as is for an event under review")
    if kind == "import":
        done = decide_import(_line(), number, Verdict(verdict), by, reason)
    else:
        done = decide_event(_line(), number, Verdict(verdict), by, reason, read_as)
    click.echo(json.dumps(asdict(done)) if as_json else _said(done))


def _said(done: Decided) -> str:
    if done.missing:
        return f"Noted: {done.missing} more must say the same, by another name."
    return f"Done: {done.deliveries:,} notices planned."


@click.command("retract")
@click.argument("import_id", metavar="IMPORT", type=click.IntRange(min=1))
@_BY
@_REASON
@_JSON
def retract(import_id: int, by: str, reason: str, as_json: bool) -> None:
    """Take IMPORT back: cancel what has not gone, and tell whoever was told that it was wrong.

    Example: hotline custody retract 12 --by "A. Ortiz" --reason "the agency withdrew the file"
    """
    from hotline.services.retract_import import retract as take_back

    done = take_back(_line(), import_id, by, reason)
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    click.echo(f"Taken back: {done.cancelled:,} notices cancelled, {done.corrections:,} corrections on their way.")
    if done.to_review:
        click.echo(f"It had taken back {done.to_review:,} events itself: see `hotline custody held list`.")
