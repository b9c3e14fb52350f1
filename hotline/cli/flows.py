"""What callers are asked."""

from __future__ import annotations

import json

import click

from hotline.cli.opening import settings_now


@click.group()
def flows() -> None:
    """What callers are asked."""


@flows.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def flows_check(as_json: bool) -> None:
    """Check flows and prompts as at start: every fault, one a line.

    Example: hotline flows check
    """
    from hotline.errors import FlowError
    from hotline.services.line import checked_flows

    faults: list[str] = []
    try:
        flows_found, phrasebook = checked_flows(settings_now())
    except FlowError as fault:
        faults = str(fault).splitlines()
    if as_json:
        click.echo(json.dumps({"faults": faults}))
    elif faults:
        click.echo("\n".join(faults))
    else:
        nodes = sum(len(flow.nodes) for flow in flows_found.values())
        click.echo(f"{len(flows_found)} flows, {nodes} nodes, {len(phrasebook.languages)} languages: no fault.")
    if faults:
        raise click.exceptions.Exit(1)


@flows.command("draw")
@click.argument("flow")
def flows_draw(flow: str) -> None:
    """Draw a FLOW as a Mermaid diagram.

    Example: hotline flows draw inbound
    """
    from hotline.errors import NotFound
    from hotline.ivr.draw import draw
    from hotline.services.line import checked_flows

    found, _ = checked_flows(settings_now())
    if flow not in found:
        raise NotFound(f"no flow is called {flow}: there are {', '.join(found)}")
    click.echo(draw(found[flow]))
