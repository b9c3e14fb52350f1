"""Flows, prompts and words that are malformed are told in one line each, all at once, and never go live."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotline.errors import FlowError
from hotline.ivr.flow import Collect, Decide, Menu
from hotline.ivr.load import MOST_HINTS, load_flows, load_lexicons, load_phrasebook
from tests.ivr.conftest import LANGUAGES, LEXICONS, ROOT, Load

HEAD = """
flow: desk
start: door
person: bye
leave: bye
limit: bye
nodes:
  bye: {end: bye}
"""
WAY = "a way is a node, or {to|back_to: node, saying: prompt, by: keypad}, not"
MENU = "menu: {1: yes}, ask: door, then: {yes: bye, give_up: bye}"
ENTRY = "ask: door, then: {ok: bye, give_up: bye}"


def fault_of(load: Load, *texts: str) -> str:
    with pytest.raises(FlowError) as refused:
        load(*texts)
    return str(refused.value)


@pytest.mark.parametrize(
    ("node", "fault"),
    [
        ("5", "should hold names with values"),
        ("[a, b]", "should hold names with values"),
        ("{}", "needs exactly one of say, menu, collect, record, do, end"),
        ("{ask: door}", "needs exactly one of say, menu, collect, record, do, end"),
        ("{say: hello, end: bye}", "needs exactly one of say, menu, collect, record, do, end"),
        ("{menu: {1: yes}, do: look}", "needs exactly one of say, menu, collect, record, do, end"),
        ("{do: look, colour: red, then: bye}", "does not know colour"),
        ("{do: look, tries: 2, ask: door, then: bye}", "does not know ask, tries"),
        ("{end: bye, then: bye}", "does not know then"),
        ("{say: hello, then: 5}", "`say` holds a value of the wrong shape: 'int' object has no attribute 'items'"),
        ("{say: hello, then: {next: 5}}", f"{WAY} 5"),
        ("{say: hello, then: {next: {to: bye, back_to: bye}}}", f"{WAY} {{'to': 'bye', 'back_to': 'bye'}}"),
        ("{say: hello, then: {next: {saying: hello}}}", f"{WAY} {{'saying': 'hello'}}"),
        ("{say: hello, then: {next: {to: bye, if: late}}}", f"{WAY} {{'to': 'bye', 'if': 'late'}}"),
        ("{say: hello, then: {next: {to: bye, by: phone}}}", f"{WAY} {{'to': 'bye', 'by': 'phone'}}"),
        ("{say: hello, then: {next: {to: }}}", f"{WAY} {{'to': None}}"),
        ("{menu: {1: yes}, then: {yes: bye}}", "needs `ask`"),
        (
            "{menu: [yes, no], ask: door}",
            "`menu` is `languages`, keys with outcomes, or {choices: answer, into: answer}",
        ),
        ("{menu: {choices: rooms}, ask: door}", "`menu` needs 'into'"),
        ("{menu: {1: yes}, ask: door, again: {silence: door_again}}", "`menu` needs 'no_match'"),
        (
            "{menu: {1: yes}, ask: door, tries: many}",
            "`menu` holds a value of the wrong shape: invalid literal for int() with base 10: 'many'",
        ),
        (f"{{collect: {{kind: pin, max: 6}}, {ENTRY}}}", "`collect` needs 'into'"),
        (f"{{collect: {{into: pin, speech: false}}, {ENTRY}}}", "`collect` needs 'kind'"),
        (f"{{collect: {{into: pin, kind: pin, length: 4}}, {ENTRY}}}", "`collect` does not know length"),
        (f"{{collect: {{into: pin, kind: pin, speech: no}}, {ENTRY}}}", "`speech` is true or false, not 'no'"),
        (
            f"{{collect: {{into: a, kind: name, keypad: leters}}, {ENTRY}}}",
            "`keypad` is digits or letters, not 'leters'",
        ),
        (f"{{collect: pin, {ENTRY}}}", "`collect` should hold names with values"),
        (f"{{record: greeting, {ENTRY}}}", "`record` should hold names with values"),
        (f"{{record: {{into: take}}, {ENTRY}}}", "`record` needs 'seconds'"),
        ("{end: {all: bye}}", "`end` needs 'every_language'"),
    ],
)
def test_a_malformed_node_is_told_in_one_line(load: Load, node: str, fault: str) -> None:
    assert fault_of(load, f"{HEAD}  door: {node}\n") == f"desk.door: {fault}"


@pytest.mark.parametrize("key", ["flow", "start", "person", "leave", "limit", "nodes"])
def test_a_flow_without_one_of_its_parts_is_told(load: Load, key: str) -> None:
    parts = {
        "flow": "desk",
        "start": "bye",
        "person": "bye",
        "leave": "bye",
        "limit": "bye",
        "nodes": "{bye: {end: a}}",
    }
    del parts[key]
    assert fault_of(load, "\n".join(f"{name}: {part}" for name, part in parts.items())) == f"flow0.yaml: needs `{key}`"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"{HEAD}\ncolour: red\n", "flow0.yaml: does not know colour"),
        (HEAD.replace("\n  bye: {end: bye}", " [door]"), "flow0.yaml: `nodes` should hold names with values"),
        (HEAD.replace("\n  bye: {end: bye}", ""), "flow0.yaml: `nodes` should hold names with values"),
        (HEAD.replace("leave: bye", "leave: {by: keypad}"), f"desk: leave: {WAY} {{'by': 'keypad'}}"),
        (HEAD.replace("limit: bye", "limit: 60"), f"desk: limit: {WAY} 60"),
    ],
)
def test_a_malformed_flow_is_told_in_one_line(load: Load, text: str, fault: str) -> None:
    assert fault_of(load, text) == fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", ": should hold names with values"),
        ("- door\n- bye\n", ": should hold names with values"),
        ("just words", ": should hold names with values"),
        ("flow: desk\n\tstart: door\n", ", line 2: not YAML: found "),
        ("nodes: {door: [}\n", ", line 1: not YAML: "),
        (f"{HEAD}  bye: {{end: late}}\n", ", line 9: not YAML: bye stands twice"),
        (
            "flow: !!python/name:os.getcwd\n",
            ", line 1: not YAML: could not determine a constructor for the tag 'tag:yaml.org,2002:python/name:",
        ),
        ("flow: d\x07sk\n", ": not YAML: unacceptable character #x0007"),
    ],
)
def test_a_file_that_is_no_flow_is_told_with_its_place(load: Load, tmp_path: Path, text: str, fault: str) -> None:
    told = fault_of(load, text)
    assert told.startswith(f"{tmp_path / 'flow0.yaml'}{fault}")
    assert "\n" not in told


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_bytes("flow: teléfono".encode("latin-1"))
    with pytest.raises(FlowError, match=r"^\S+flow\.yaml: not YAML: 'utf-8' codec can't decode .*$"):
        load_flows(tmp_path, LEXICONS)


def test_a_folder_without_a_flow_is_told(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match=r"^no flow in \S+: it should hold one YAML file a flow$"):
        load_flows(tmp_path, LEXICONS)


def test_two_files_may_not_hold_the_same_flow(load: Load) -> None:
    door = f"  door: {{{MENU}}}\n"
    assert fault_of(load, HEAD + door, HEAD + door) == "flow1.yaml: another file holds the flow desk already"


def test_every_fault_of_every_flow_is_told_at_once(load: Load) -> None:
    first = f"{HEAD.replace('leave: bye', 'leave: 9')}  door: {{}}\n  hall: {{do: look, if: late}}\n"
    second = "flow: yard\ncolour: red\n"
    assert fault_of(load, first, second).splitlines() == [
        f"desk: leave: {WAY} 9",
        "desk.door: needs exactly one of say, menu, collect, record, do, end",
        "desk.hall: does not know if",
        *(f"flow1.yaml: needs `{key}`" for key in ("start", "person", "leave", "limit", "nodes")),
        "flow1.yaml: does not know colour",
    ]


# What is well formed


def test_yes_no_on_and_off_stay_words(load: Load) -> None:
    node = (
        "{menu: {1: yes, 2: no, 3: on, 4: off}, ask: door, then: {yes: bye, no: bye, on: bye, off: bye, give_up: bye}}"
    )
    door = load(f"{HEAD}  door: {node}\n")["desk"].nodes["door"]
    assert isinstance(door, Menu)
    assert door.options == {"1": "yes", "2": "no", "3": "on", "4": "off"}
    assert list(door.then) == ["yes", "no", "on", "off", "give_up"]


def test_a_question_has_its_wordings_by_custom_or_by_name(load: Load) -> None:
    text = (
        f"{HEAD}  door: {{{MENU}}}\n  hall: {{{MENU}, again: {{silence: a, no_match: b}}, example: c, by_keypad: d}}\n"
    )
    nodes = load(text)["desk"].nodes
    assert list(nodes["door"].prompts()) == ["door", "door_again", "door_again", "door_example", "door_keys"]
    assert list(nodes["hall"].prompts()) == ["door", "a", "b", "c", "d"]


def test_an_entry_holds_what_its_flow_says(load: Load) -> None:
    entry = "{into: pin, kind: pin, min: 4, max: 6, speech: false, escapes: {9: stop}}"
    node = (
        f"{{collect: {entry}, tries: 2, ask: door, then: {{ok: {{back_to: door, saying: no, by: keypad}}, stop: a.b}}}}"
    )
    door = load(f"{HEAD}  door: {node}\n")["desk"].nodes["door"]
    assert isinstance(door, Collect)
    assert (door.minimum, door.maximum, door.speech, door.letters, door.tries) == (4, 6, False, False, 2)
    assert door.escapes == {"9": "stop"}
    ok, stop = door.then["ok"], door.then["stop"]
    assert (ok.state, ok.back, ok.saying, ok.by_keypad) == ("desk.door", True, "no", True)
    assert (stop.state, stop.back, stop.saying, stop.by_keypad) == ("a.b", False, None, False)


def test_an_action_may_be_announced(load: Load) -> None:
    door = load(f"{HEAD}  door: {{do: look, say: please_wait, then: {{found: bye}}}}\n")["desk"].nodes["door"]
    assert isinstance(door, Decide)
    assert (door.action, door.says) == ("look", ("please_wait",))


def test_a_changed_flow_is_another_version(load: Load) -> None:
    door = f"  door: {{{MENU}}}\n"
    before = load(HEAD + door)["desk"].version
    assert load(HEAD + door)["desk"].version == before
    assert load(HEAD + door.replace("yes", "no"))["desk"].version != before


# Prompts and words


def folder(tmp_path: Path, name: str, text: str) -> Path:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / name).write_text(text, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("hello: Hello.\nbye:\n", "en: a prompt without text: bye"),
        ("hello: '  '\nbye: 5\n", "en: a prompt without text: hello, bye"),
        ("hello: 'Hello {name'\nbye: 'Bye }'\n", "en: a prompt with a brace that names no slot: hello, bye"),
        ("hello: 'Hello {}'\n", "en: a prompt with a brace that names no slot: hello"),
    ],
)
def test_a_prompt_that_could_not_be_said_is_told(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(FlowError) as refused:
        load_phrasebook(folder(tmp_path, "prompts.yaml", text), ["en"])
    assert str(refused.value) == fault


def test_a_prompt_may_be_written_over_several_lines(tmp_path: Path) -> None:
    prompts = load_phrasebook(folder(tmp_path, "prompts.yaml", "hello: >\n  Hello,\n  {name}.\n"), ["en"])
    assert prompts.text("hello", "en", {"name": "Ana"}) == "Hello, Ana."


def test_a_language_without_prompts_or_words_is_told(tmp_path: Path) -> None:
    for load_one, name in ((load_phrasebook, "prompts.yaml"), (load_lexicons, "words.yaml")):
        with pytest.raises(FlowError) as refused:
            load_one(tmp_path, ["vi"])
        assert str(refused.value) == f"no {name} for language vi: expected at {tmp_path / 'vi' / name}"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("phrases: {}\n", "'digits'"),
        ("digits: {}\n", "'phrases'"),
        ("phrases: {yes: sure}\ndigits: {}\n", "no list of phrases: yes"),
        ("phrases: {yes: }\ndigits: {}\n", "no list of phrases: yes"),
        ("phrases: [yes]\ndigits: {}\n", "'list' object has no attribute 'items'"),
        ("phrases: {}\ndigits: {}\nconfidence: {reject: low}\n", "could not convert string to float: 'low'"),
    ],
)
def test_words_of_the_wrong_shape_are_told(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(FlowError) as refused:
        load_lexicons(folder(tmp_path, "words.yaml", text), ["en"])
    assert str(refused.value) == f"words.yaml of en: needs `phrases`, `digits` and `confidence` ({fault})"


def test_words_are_folded_and_the_first_are_hints(tmp_path: Path) -> None:
    text = "phrases: {yes: [Sí, Claro que sí., ok, sure, yeah]}\ndigits: {Séis: 6}\nconfidence: {reject: 0.3}\n"
    lexicon = load_lexicons(folder(tmp_path, "words.yaml", text), ["en"])["en"]
    assert lexicon.phrases == {"yes": ("si", "claro que si", "ok", "sure", "yeah")}
    assert lexicon.hints == {"yes": ("Sí", "Claro que sí.", "ok", "sure")}
    assert len(lexicon.hints["yes"]) == MOST_HINTS
    assert (lexicon.digits, lexicon.reject, lexicon.confirm) == ({"seis": "6"}, 0.3, 0.80)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_names_every_digit_and_its_own_thresholds(language: str) -> None:
    lexicon = load_lexicons(ROOT / "audio", [language])[language]
    assert set(lexicon.digits.values()) == set("0123456789")
    assert 0 < lexicon.reject < lexicon.confirm < 1
