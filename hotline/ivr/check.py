"""What must be true of flows before a caller meets them. Each check returns its faults, one line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from hotline.ivr.flow import CHOICE, CHOICE_NONE, Collect, Decide, End, Flow, Menu, Node, Question, Record, Way
from hotline.ivr.phrasebook import Phrasebook, slots

FILLED_ANYWAY = frozenset({"choice", "key", "hotline"})
"""Slots that menus and the line itself fill."""

OWN_KEYS = frozenset("12345678")
"""Keys of a menu's options; 0, 9 and star mean the same everywhere."""


@dataclass(frozen=True, slots=True)
class Action:
    """What a flow may expect of a registered action: the outcomes it can come to and the answers it may add."""

    outcomes: frozenset[str]
    gives: frozenset[str] = frozenset()


def check(
    flows: Mapping[str, Flow], actions: Mapping[str, Action], phrasebook: Phrasebook, entries: Iterable[str]
) -> list[str]:
    """Every fault of these flows together; none means that they may go live.

    `entries` are the flows that a call can begin with.
    """
    faults = [*_targets(flows)]
    if faults:  # the graph below needs every way to lead somewhere
        return faults
    return [
        *_outcomes(flows, actions),
        *_keys(flows),
        *_prompts(flows, actions, phrasebook),
        *_unreachable(flows, [f"{name}.{flows[name].start}" for name in entries if name in flows]),
        *(f"{name}: no flow of that name, and calls begin with it" for name in entries if name not in flows),
        *_endless(flows),
        *_uncounted(flows),
    ]


def _nodes(flows: Mapping[str, Flow]) -> Iterator[tuple[Flow, Node, str]]:
    for flow in flows.values():
        for node in flow.nodes.values():
            yield flow, node, f"{flow.name}.{node.name}"


def _targets(flows: Mapping[str, Flow]) -> Iterator[str]:
    known = {state for _, _, state in _nodes(flows)}
    for flow in flows.values():
        if f"{flow.name}.{flow.start}" not in known:
            yield f"{flow.name}: starts at {flow.start}, which is no node of it"
        for outcome, way in (("person", flow.person), ("leave", flow.leave), ("limit", flow.limit)):
            if way.state not in known:
                yield f"{flow.name}: {outcome} leads to {way.state}, which is no node"
            elif outcome == "limit" and not isinstance(flows[way.flow].nodes[way.node], End):
                yield f"{flow.name}: limit leads to {way.state}, where the call does not end"
    for flow, node, state in _nodes(flows):
        for outcome, way in node.then.items():
            if way.state not in known:
                yield f"{state}: {outcome} leads to {way.state}, which is no node"
            elif way.back and (way.flow != flow.name or not isinstance(flow.nodes[way.node], Question)):
                yield f"{state}: {outcome} goes back to {way.state}, which counts no tries"
            elif way.back and outcome == "give_up":
                yield f"{state}: give_up goes back to {way.state}; it should lead on"


def expected_outcomes(node: Node, actions: Mapping[str, Action]) -> frozenset[str]:
    """The outcomes that a node must say a way for."""
    match node:
        case Menu():
            named = {"chosen"} if node.languages else {"ok", "none"} if node.choices else set(node.options.values())
            return frozenset((named | {"give_up"}) - {"repeat", "person", "leave"})
        case Collect():
            return frozenset({"ok", "give_up", *node.escapes.values()})
        case Record():
            return frozenset({"ok", "give_up"})
        case Decide():
            return actions[node.action].outcomes if node.action in actions else frozenset(node.then)
        case End():
            return frozenset()
    return frozenset({"next"})


def _outcomes(flows: Mapping[str, Flow], actions: Mapping[str, Action]) -> Iterator[str]:
    for _, node, state in _nodes(flows):
        if isinstance(node, Decide) and node.action not in actions:
            yield f"{state}: no action is called {node.action}"
        expected, declared = expected_outcomes(node, actions), set(node.then)
        if isinstance(node, Question):
            declared -= {"person", "leave"} - expected
        for outcome in sorted(expected - declared):
            yield f"{state}: says no way for the outcome {outcome}"
        for outcome in sorted(declared - expected):
            yield f"{state}: declares {outcome}, an outcome it can't come to"


def _keys(flows: Mapping[str, Flow]) -> Iterator[str]:
    for _, node, state in _nodes(flows):
        if isinstance(node, Menu):
            for key in sorted(set(node.options) - OWN_KEYS):
                yield f"{state}: {key} is no key that a menu may give a meaning of its own"


def _prompts(flows: Mapping[str, Flow], actions: Mapping[str, Action], phrasebook: Phrasebook) -> Iterator[str]:
    used: dict[str, str] = {}
    for flow, node, state in _nodes(flows):
        for prompt in (*node.prompts(), *(way.saying for way in (flow.person, flow.leave, flow.limit) if way.saying)):
            used.setdefault(prompt, state)
        if isinstance(node, Menu) and node.choices:
            used.setdefault(CHOICE, state)
            used.setdefault(CHOICE_NONE, state)
    every = set().union(*phrasebook.texts.values()) if phrasebook.texts else set()
    for prompt, state in used.items():
        if prompt not in every:
            yield f"{state}: no prompt is called {prompt}"
    known = _answers(flows, actions)
    for prompt in sorted(every):
        yield from differences(phrasebook, prompt)
        if prompt in used:
            texts = [texts[prompt] for texts in phrasebook.texts.values() if prompt in texts]
            unknown = {slot for text in texts for slot in slots(text)} - known - FILLED_ANYWAY
            for slot in sorted(unknown):
                yield f"{used[prompt]}: {prompt} has the slot {slot}, which nothing fills"


def differences(phrasebook: Phrasebook, prompt: str) -> Iterator[str]:
    """Where languages do not say the same: one has no such text, or other slots in it."""
    texts = {language: texts.get(prompt) for language, texts in phrasebook.texts.items()}
    for language in (language for language, text in texts.items() if text is None):
        yield f"{prompt}: has no text in {language}"
    if len({slots(text) for text in texts.values() if text is not None}) > 1:
        yield f"{prompt}: its languages have different slots"


def _answers(flows: Mapping[str, Flow], actions: Mapping[str, Action]) -> frozenset[str]:
    kept = {node.into for _, node, _ in _nodes(flows) if isinstance(node, (Collect, Record, Menu)) and node.into}
    return frozenset(kept).union(*(action.gives for action in actions.values()))


def _graph(flows: Mapping[str, Flow]) -> dict[str, list[Way]]:
    return {state: [way for _, way in flow.ways(node)] for flow, node, state in _nodes(flows)}


def _reached(graph: Mapping[str, Iterable[str]], starts: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    waiting = list(starts)
    while waiting:
        state = waiting.pop()
        if state not in seen:
            seen.add(state)
            waiting.extend(graph[state])
    return seen


def _unreachable(flows: Mapping[str, Flow], starts: Iterable[str]) -> Iterator[str]:
    graph = {state: [way.state for way in ways] for state, ways in _graph(flows).items()}
    for state in sorted(graph.keys() - _reached(graph, starts)):
        yield f"{state}: no way leads here"


def _endless(flows: Mapping[str, Flow]) -> Iterator[str]:
    backwards: dict[str, list[str]] = {state: [] for state in _graph(flows)}
    for state, ways in _graph(flows).items():
        for way in ways:
            backwards[way.state].append(state)
    ends = [state for _, node, state in _nodes(flows) if isinstance(node, End)]
    for state in sorted(backwards.keys() - _reached(backwards, ends)):
        yield f"{state}: no way from here comes to an end"


def _uncounted(flows: Mapping[str, Flow]) -> Iterator[str]:
    ways = _graph(flows)
    free = {state: [way.state for way in leading if not way.back] for state, leading in ways.items()}
    circles = list(_circles(free))
    for circle in circles:
        yield f"{circle[0]}: a circle that nothing counts: {' → '.join(circle)}; say back_to on one of its ways"
    if not circles:
        for circle in _circles({state: [*free[state], *_given_up(flows, ways[state])] for state in ways}):
            yield f"{circle[0]}: a circle of giving up: {' → '.join(circle)}; let give_up lead on"


def _given_up(flows: Mapping[str, Flow], ways: Iterable[Way]) -> Iterator[str]:
    """Where ways back lead when the tries of their questions are used up."""
    for way in ways:
        if way.back and "give_up" in (then := flows[way.flow].nodes[way.node].then):
            yield then["give_up"].state


def _circles(graph: dict[str, list[str]]) -> Iterator[list[str]]:
    """Circles, each of which begins and ends with the same state, until none is left."""
    graph = {state: list(dict.fromkeys(targets)) for state, targets in graph.items()}
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circle = error.args[1][::-1]
            graph[circle[0]].remove(circle[1])
            yield circle
        else:
            return
