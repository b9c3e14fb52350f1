"""A flow as a Mermaid diagram."""

from __future__ import annotations

from collections.abc import Iterator

from hotline.ivr.flow import Collect, Decide, End, Flow, Menu, Node, Record

_SHAPES = {Menu: ("{{", "}}"), Collect: ("[/", "/]"), Record: ("[/", "/]"), Decide: ("[[", "]]"), End: ("([", "])")}


def draw(flow: Flow) -> str:
    """The flow's nodes and ways; a way back is dashed. The keys that work everywhere are left out."""
    return "\n".join(["flowchart TD", *_lines(flow)])


def _lines(flow: Flow) -> Iterator[str]:
    yield f"  start(( )) --> {flow.start}"
    for node in flow.nodes.values():
        opening, closing = _SHAPES.get(type(node), ("[", "]"))
        yield f'  {node.name}{opening}"{node.name}"{closing}'
        yield from _ways(flow, node)


def _ways(flow: Flow, node: Node) -> Iterator[str]:
    for outcome, way in node.then.items():
        target = way.node if way.flow == flow.name else way.state.replace(".", "_")
        yield f"  {node.name} {'-.->' if way.back else '-->'}|{outcome}| {target}"
        if way.flow != flow.name:
            yield f'  {target}[["{way.state}"]]'
