"""A telephone in the terminal."""

from __future__ import annotations

import sys

import click

from hotline.cli.opening import settings_now
from hotline.errors import HotlineError

DEMO_CALLER = "+12025550123"


@click.command()
@click.option("--from", "number", default=DEMO_CALLER, show_default=True, help="The number that you call from.")
@click.option("--to", default=None, help="The number that you call; default the line's own.")
def call(number: str, to: str | None) -> None:
    """A telephone in the terminal: type keys, "speech" in quotes, or Enter for silence. Needs `hotline run`.

    Example: hotline call --from +12025550123
    """
    from hotline.rules.phones import e164
    from hotline.simulator.telephone import Telephone
    from hotline.simulator.terminal import converse

    settings = settings_now()
    if not settings.simulated:
        raise HotlineError("a platform account is set: call the line by telephone")
    if e164(number) is None:
        raise click.BadParameter("give a whole number, as +12025550123", param_hint="--from")
    phone = Telephone(f"http://127.0.0.1:{settings.simulator_port}", str(e164(number)))
    raise click.exceptions.Exit(converse(phone, to or settings.number, sys.stdin, sys.stdout))
