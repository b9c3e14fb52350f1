"""A flow's drawing shows all of it."""

from __future__ import annotations

import re

import pytest

from hotline.ivr.draw import draw
from tests.ivr.conftest import FLOWS, Load

DESK = """
flow: desk
start: door
person: operator
leave: bye
limit: bye
nodes:
  door:
    menu: {1: yes, 2: no}
    ask: door
    then: {yes: name, no: office.welcome, give_up: operator}
  name:
    collect: {into: name, kind: name}
    ask: name
    then: {ok: note, give_up: operator}
  note:
    record: {into: note, seconds: 20}
    ask: note
    then: {ok: thanks, give_up: operator}
  thanks: {say: thanks, then: operator}
  operator:
    do: reach_person
    then: {reached: bye, not_reached: {back_to: door}}
  bye: {end: bye}
"""


def test_a_drawing_tells_kinds_ways_and_ways_back(load: Load) -> None:
    assert draw(load(DESK)["desk"]).splitlines() == [
        "flowchart TD",
        "  start(( )) --> door",
        '  door{{"door"}}',
        "  door -->|yes| name",
        "  door -->|no| office_welcome",
        '  office_welcome[["office.welcome"]]',
        "  door -->|give_up| operator",
        '  name[/"name"/]',
        "  name -->|ok| note",
        "  name -->|give_up| operator",
        '  note[/"note"/]',
        "  note -->|ok| thanks",
        "  note -->|give_up| operator",
        '  thanks["thanks"]',
        "  thanks -->|next| operator",
        '  operator[["operator"]]',
        "  operator -->|reached| bye",
        "  operator -.->|not_reached| door",
        '  bye(["bye"])',
    ]


@pytest.mark.parametrize("name", FLOWS)
def test_a_drawing_leaves_no_node_and_no_way_out(name: str) -> None:
    flow, lines = FLOWS[name], draw(FLOWS[name]).splitlines()
    for node in flow.nodes.values():
        assert sum(bool(re.match(rf"  {node.name}\W", line)) for line in lines if "|" not in line) == 1, node.name
        for outcome, way in node.then.items():
            arrow = "-.->" if way.back else "-->"
            target = way.node if way.flow == name else f"{way.flow}_{way.node}"
            assert f"  {node.name} {arrow}|{outcome}| {target}" in lines


@pytest.mark.parametrize("name", FLOWS)
def test_no_node_has_a_name_that_a_drawing_keeps_for_itself(name: str) -> None:
    assert not FLOWS[name].nodes.keys() & {"end", "start", "graph", "flowchart", "subgraph", "class", "style", "click"}
