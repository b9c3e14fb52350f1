"""What would bring a caller to grief is found before any call: one broken flow for each fault."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from hotline.ivr.check import Action, check
from hotline.ivr.phrasebook import Phrasebook, slots
from hotline.services.line import ENTRIES
from tests.ivr.conftest import ACTIONS, FLOWS, PHRASEBOOK, Load

DESK = """
flow: desk
start: door
person: operator
leave: bye
limit: late
nodes:
  door:
    menu: {1: yes, 2: no}
    ask: door
    then: {yes: code, no: look, give_up: bye}
  code:
    collect: {into: code, kind: confirmation, min: 4, max: 4}
    ask: code
    then: {ok: look, give_up: bye}
  look:
    do: look
    then: {found: bye, missing: {back_to: code, saying: not_found}}
  operator:
    do: reach_person
    then: {reached: bye, not_reached: bye}
  bye: {end: bye}
  late: {end: late}
"""
EXPECTED = {
    "look": Action(frozenset({"found", "missing"}), frozenset({"room"})),
    "reach_person": Action(frozenset({"reached", "not_reached"})),
}
TEXTS: dict[str, str] = {
    **{f"{ask}{wording}": f"{ask}?" for ask in ("door", "code") for wording in ("", "_again", "_example", "_keys")},
    "not_found": "Nobody in room {room} with the code {code}. Call {hotline}.",
    "bye": "Bye.",
    "late": "Late.",
}
TELLS_NOTHING: Mapping[str, str] = {}


def faults(
    load: Load, *flows: str, both: Mapping[str, str] = TELLS_NOTHING, spanish: Mapping[str, str] = TELLS_NOTHING
) -> list[str]:
    """The faults of these flows, with prompts changed in both languages or in Spanish alone; an empty one is absent."""
    texts = [{**TEXTS, **both}, {**TEXTS, **both, **spanish}]
    english, other = ({key: text for key, text in book.items() if text} for book in texts)
    return check(load(*flows), EXPECTED, Phrasebook({"en": english, "es": other}), ["desk"])


def test_a_sound_flow_has_no_fault(load: Load) -> None:
    assert faults(load, DESK) == []


CHANGED = [
    # targets
    ("start: door", "start: gate", ["desk: starts at gate, which is no node of it"]),
    ("person: operator", "person: nobody", ["desk: person leads to desk.nobody, which is no node"]),
    ("leave: bye", "leave: yard.bye", ["desk: leave leads to yard.bye, which is no node"]),
    ("limit: late", "limit: never", ["desk: limit leads to desk.never, which is no node"]),
    ("limit: late", "limit: door", ["desk: limit leads to desk.door, where the call does not end"]),
    ("yes: code", "yes: cod", ["desk.door: yes leads to desk.cod, which is no node"]),
    ("yes: code", "yes: yard.code", ["desk.door: yes leads to yard.code, which is no node"]),
    ("found: bye", "found: {back_to: bye}", ["desk.look: found goes back to desk.bye, which counts no tries"]),
    (
        "ok: look, give_up: bye",
        "ok: look, give_up: {back_to: door}",
        ["desk.code: give_up goes back to desk.door; it should lead on"],
    ),
    # outcomes
    ("{found: bye, missing", "{missing", ["desk.look: says no way for the outcome found"]),
    ("{found: bye", "{found: bye, lost: bye", ["desk.look: declares lost, an outcome it can't come to"]),
    ("do: look\n", "do: lok\n", ["desk.look: no action is called lok"]),
    ("no: look, give_up: bye", "no: look", ["desk.door: says no way for the outcome give_up"]),
    ("no: look", "nein: look", [
        "desk.door: says no way for the outcome no",
        "desk.door: declares nein, an outcome it can't come to",
    ]),
    ("max: 4}", "max: 4, escapes: {9: stop}}", ["desk.code: says no way for the outcome stop"]),
    # keys
    ("{1: yes, 2: no}", "{0: yes, 2: no}", ["desk.door: 0 is no key that a menu may give a meaning of its own"]),
    ("{1: yes, 2: no}", "{1: yes, 9: no}", ["desk.door: 9 is no key that a menu may give a meaning of its own"]),
    ("{1: yes, 2: no}", "{1: yes, 22: no}", ["desk.door: 22 is no key that a menu may give a meaning of its own"]),
    ("{1: yes, 2: no}", "{1: yes, '*': no}", ["desk.door: * is no key that a menu may give a meaning of its own"]),
    # prompts
    ("ask: door", "ask: door\n    example: dor", ["desk.door: no prompt is called dor"]),
    ("saying: not_found", "saying: nobody", ["desk.look: no prompt is called nobody"]),
    ("limit: late", "limit: {to: late, saying: so_late}", ["desk.door: no prompt is called so_late"]),
    # graph
    ("yes: code, no: look", "yes: bye, no: bye", ["desk.code: no way leads here", "desk.look: no way leads here"]),
    ("  bye: {end: bye}", "  bye: {end: bye}\n  shed: {end: bye}", ["desk.shed: no way leads here"]),
    ("found: bye", "found: door", [
        "desk.door: a circle that nothing counts: desk.door → desk.look → desk.door; say back_to on one of its ways",
        "desk.door: a circle that nothing counts: desk.door → desk.code → desk.look → desk.door; "
        "say back_to on one of its ways",
    ]),
    ("ok: look, give_up: bye", "ok: look, give_up: look", [
        "desk.look: a circle of giving up: desk.look → desk.look; let give_up lead on",
    ]),
    ("{reached: bye, not_reached: bye}", "{reached: hall, not_reached: bye}\n  hall: {say: bye, then: hall}", [
        "desk.hall: no way from here comes to an end",
        "desk.hall: a circle that nothing counts: desk.hall → desk.hall; say back_to on one of its ways",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("sound", "broken", "told"), CHANGED, ids=[told[0] for _, _, told in CHANGED])
def test_each_fault_is_told_in_a_line_that_says_where(load: Load, sound: str, broken: str, told: list[str]) -> None:
    assert DESK.count(sound) == 1
    assert faults(load, DESK.replace(sound, broken)) == told


@pytest.mark.parametrize(
    ("both", "spanish", "told"),
    [
        ({"bye": ""}, {}, ["desk.bye: no prompt is called bye"]),
        ({}, {"bye": ""}, ["bye: has no text in es"]),
        ({"unused": "Hello."}, {"unused": ""}, ["unused: has no text in es"]),
        ({}, {"bye": "Adiós, {code}."}, ["bye: its languages have different slots"]),
        ({"bye": "Bye, {name}."}, {}, ["desk.bye: bye has the slot name, which nothing fills"]),
        ({"bye": "Bye, {code}."}, {}, []),
    ],
)
def test_a_prompt_that_could_not_be_said_is_told(
    load: Load, both: dict[str, str], spanish: dict[str, str], told: list[str]
) -> None:
    assert faults(load, DESK, both=both, spanish=spanish) == told


def test_a_menu_of_choices_needs_the_words_for_a_choice(load: Load) -> None:
    choices = DESK.replace("{1: yes, 2: no}", "{choices: rooms, into: room}").replace("yes: code, no", "ok: code, none")
    assert faults(load, choices) == [
        "desk.door: no prompt is called choice_option",
        "desk.door: no prompt is called choice_none",
    ]
    assert faults(load, choices, both={"choice_option": "{choice}: {key}", "choice_none": "None: {key}"}) == []


def test_a_menu_of_languages_needs_one_way_for_all_of_them(load: Load) -> None:
    languages = DESK.replace("{1: yes, 2: no}", "languages")
    assert faults(load, languages.replace("yes: code, no: look", "chosen: code")) == []
    assert faults(load, languages) == [
        "desk.door: says no way for the outcome chosen",
        "desk.door: declares no, an outcome it can't come to",
        "desk.door: declares yes, an outcome it can't come to",
    ]


def test_a_flow_that_calls_begin_with_must_be_there(load: Load) -> None:
    book = Phrasebook({"en": TEXTS})
    assert check(load(DESK), EXPECTED, book, ["desk", "yard"]) == [
        "yard: no flow of that name, and calls begin with it"
    ]


def test_a_node_may_be_reached_from_another_flow(load: Load) -> None:
    yard = "flow: yard\nstart: gate\nperson: gate\nleave: gate\nlimit: gate\nnodes: {gate: {end: bye}}\n"
    assert faults(load, DESK, yard) == ["yard.gate: no way leads here"]
    assert faults(load, DESK.replace("found: bye", "found: yard.gate"), yard) == []


def test_a_way_back_into_another_flow_counts_nothing(load: Load) -> None:
    yard = DESK.replace("flow: desk", "flow: yard")
    assert faults(load, DESK.replace("back_to: code", "back_to: yard.code"), yard) == [
        "desk.look: missing goes back to yard.code, which counts no tries"
    ]


def test_several_faults_are_told_at_once(load: Load) -> None:
    broken = (
        DESK.replace("do: look\n", "do: lok\n")
        .replace("saying: not_found", "saying: nobody")
        .replace("{1: yes, 2: no}", "{1: yes, 2: no, 9: maybe}")
        .replace("  late: {end: late}", "  late: {end: late}\n  shed: {end: bye}")
    )
    assert faults(load, broken, spanish={"late": ""}) == [
        "desk.door: says no way for the outcome maybe",
        "desk.look: no action is called lok",
        "desk.door: 9 is no key that a menu may give a meaning of its own",
        "desk.look: no prompt is called nobody",
        "late: has no text in es",
        "desk.shed: no way leads here",
    ]


def test_all_ways_to_nowhere_are_told_at_once(load: Load) -> None:
    broken = (
        DESK.replace("start: door", "start: gate").replace("yes: code", "yes: cod").replace("found: bye", "found: by")
    )
    assert faults(load, broken) == [
        "desk: starts at gate, which is no node of it",
        "desk.door: yes leads to desk.cod, which is no node",
        "desk.look: found leads to desk.by, which is no node",
    ]


# What goes live


def test_the_flows_that_go_live_have_no_fault() -> None:
    assert check(FLOWS, ACTIONS, PHRASEBOOK, ENTRIES) == []


def test_every_flow_is_one_that_calls_begin_with_or_is_entered_from_one() -> None:
    entered = {way.flow for flow in FLOWS.values() for node in flow.nodes.values() for _, way in flow.ways(node)}
    assert set(FLOWS) == set(ENTRIES) | entered


def test_every_action_is_named_by_a_flow() -> None:
    named = {getattr(node, "action", None) for flow in FLOWS.values() for node in flow.nodes.values()} - {None}
    assert named == set(ACTIONS)


@pytest.mark.parametrize("missing", sorted({p for f in FLOWS.values() for n in f.nodes.values() for p in n.prompts()}))
def test_no_prompt_that_is_asked_for_may_be_taken_away(missing: str) -> None:
    texts = {
        language: {key: text for key, text in texts.items() if key != missing}
        for language, texts in PHRASEBOOK.texts.items()
    }
    found = check(FLOWS, ACTIONS, Phrasebook(texts), ENTRIES)
    assert [fault.endswith(f": no prompt is called {missing}") for fault in found] == [True]


def test_a_text_tells_its_slots() -> None:
    assert slots("Call {number}, {name}, {{not this}}, {number}") == {"number", "name"}
