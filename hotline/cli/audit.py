"""The audit log."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from hotline.cli.opening import checked_line


@click.group()
def audit() -> None:
    """The audit log: who decided what, and why."""


@audit.command("verify")
@click.option("--witness", type=click.Path(path_type=Path), help="The file that keeps how far the log was whole.")
@click.option("--head", "heads", multiple=True, metavar="SEQUENCE:HASH", help="A head that was printed earlier.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def audit_verify(witness: Path | None, heads: tuple[str, ...], as_json: bool) -> None:
    """Tell whether lines of the log were altered or removed, or its tail cut off. Exit status 1 if any was.

    Example: hotline audit verify --witness /mnt/elsewhere/audit.head
    """
    from hotline.rules.audit import Head
    from hotline.services.verify_audit import verify_audit

    try:
        known = [Head.read(text) for text in heads]
    except ValueError as wrong:
        raise click.UsageError(str(wrong)) from None
    found = verify_audit(checked_line(), witness, known)
    if as_json:
        faults = [{"wrong": fault.wrong.value, "first": fault.first, "last": fault.last} for fault in found.faults]
        click.echo(json.dumps({"head": str(found.head), "faults": faults}))
    else:
        for fault in found.faults:
            click.echo(str(fault))
        whole = "" if found.faults else "The log is whole. "
        click.echo(f"{whole}Its head: {found.head}")
    if found.faults:
        sys.exit(1)
