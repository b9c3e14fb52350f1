"""The `hotline` command. Exit status 0: done, 1: it could not, 2: wrong usage."""

from __future__ import annotations

import sys

import click

from hotline import __version__
from hotline.cli import (
    audit,
    bench,
    custody,
    database,
    doctor,
    enroll,
    flows,
    match,
    notices,
    samples,
    serve,
    tasks,
    telephone,
)
from hotline.errors import HotlineError


def main() -> None:
    """Run the command: one plain line for whatever goes wrong."""
    from hotline.logs import configure

    configure()
    try:
        # Without its standalone mode click hands the status of an Exit back instead of leaving with it.
        sys.exit(hotline(standalone_mode=False))
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(2)
    except (HotlineError, click.Abort) as fault:
        for line in str(fault).splitlines() or ["stopped"]:
            click.echo(f"hotline: {line}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hotline")
def hotline() -> None:
    """The telephone line that tells victims and witnesses what becomes of a person in immigration detention."""


_COMMANDS = (
    serve.run, serve.web, serve.worker, serve.clock, database.db, custody.custody, enroll.enroll, notices.notify,
    tasks.tasks, flows.flows, telephone.call, match.match, samples.sample, doctor.doctor, audit.audit, bench.bench,
)  # fmt: skip
for _command in _COMMANDS:
    hotline.add_command(_command)
