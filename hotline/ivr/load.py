"""Reads flows, prompts and words from their YAML files. What is malformed is told all at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as SafeLoader  # reads our files ten times as fast
except ImportError:  # a PyYAML built without libyaml
    from yaml import SafeLoader  # type: ignore[assignment]

from hotline.errors import FlowError
from hotline.ivr.flow import NONE_KEY, Announce, Collect, Decide, End, Flow, Lexicon, Menu, Node, Record, Way
from hotline.ivr.listen import fold
from hotline.ivr.phrasebook import Phrasebook, slots

_FLOW_KEYS = ("flow", "start", "person", "leave", "limit", "nodes")
_ASKING = {"ask", "then", "again", "example", "by_keypad", "tries", "returns"}
_NODE_KEYS: dict[str, set[str]] = {
    "say": {"then"},
    "menu": {*_ASKING, "into"},
    "collect": _ASKING,
    "record": _ASKING,
    "do": {"say", "then"},
    "end": set(),
}
"""What may stand beside the word that tells a node's kind."""

_ENTRY_KEYS = {"into", "kind", "keypad", "min", "max", "speech", "escapes"}
_SHAPELESS = (AttributeError, TypeError, ValueError)
"""What reading a value of the wrong shape raises: a list where names with values should stand, a word for a number."""

MOST_HINTS = 4
"""Phrases of an outcome that the recogniser is told to expect."""

_WAY_KEYS = {"to", "back_to", "saying", "by"}


class _Words(SafeLoader):
    """YAML in which yes, no, on and off are words, for they are outcomes here, and no name stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [name.value for name, _ in node.value]
        for n, name in enumerate(names):
            if name in names[:n]:
                raise yaml.constructor.ConstructorError(None, None, f"{name} stands twice", node.value[n][0].start_mark)
        return super().construct_mapping(node, deep)


_Words.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in SafeLoader.yaml_implicit_resolvers.items()
}
_Words.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def load_flows(folder: Path, lexicons: Mapping[str, Lexicon]) -> dict[str, Flow]:
    """Every flow of a folder by its name. The languages of `lexicons` are the enabled ones, the first the default.

    Raises FlowError with every fault of form, one a line.
    """
    flows: dict[str, Flow] = {}
    faults: list[str] = []
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise FlowError(f"no flow in {folder}: it should hold one YAML file a flow")
    for path in paths:
        try:
            flow = _flow(path, lexicons)
        except FlowError as fault:
            faults.append(str(fault))
        else:
            if flow.name in flows:
                faults.append(f"{path.name}: another file holds the flow {flow.name} already")
            flows[flow.name] = flow
    if faults:
        raise FlowError("\n".join(faults))
    return flows


def load_phrasebook(folder: Path, languages: Iterable[str], file: str = "prompts.yaml") -> Phrasebook:
    """The texts of each language from `<folder>/<language>/<file>`. Raises FlowError for a faulty one."""
    texts: dict[str, Mapping[str, str]] = {}
    for language in languages:
        prompts = _mapping(folder / language / file)
        wrong = [str(key) for key, text in prompts.items() if not isinstance(text, str) or not text.strip()]
        if wrong:
            raise FlowError(f"{language}: a prompt without text: {', '.join(wrong)}")
        if loose := [str(key) for key, text in prompts.items() if not _fillable(text)]:
            raise FlowError(f"{language}: a prompt with a brace that names no slot: {', '.join(loose)}")
        texts[language] = {str(key): " ".join(text.split()) for key, text in prompts.items()}
    return Phrasebook(texts)


def _fillable(text: str) -> bool:
    try:
        text.format_map(dict.fromkeys(slots(text), ""))
    except (ValueError, LookupError, AttributeError):
        return False
    return True


def load_lexicons(folder: Path, languages: Iterable[str]) -> dict[str, Lexicon]:
    """What callers say, from each `<folder>/<language>/words.yaml`. Raises FlowError for a faulty one."""
    lexicons = {}
    for language in languages:
        path = folder / language / "words.yaml"
        words = _mapping(path)
        try:
            if single := [outcome for outcome, said in words["phrases"].items() if not isinstance(said, list)]:
                raise ValueError(f"no list of phrases: {_listed(single)}")
            lexicons[language] = Lexicon(
                phrases={str(o): tuple(fold(str(p)) for p in said) for o, said in words["phrases"].items()},
                hints={str(o): tuple(str(p) for p in said[:MOST_HINTS]) for o, said in words["phrases"].items()},
                digits={fold(str(word)): str(digit) for word, digit in words["digits"].items()},
                homophones={fold(str(word)): str(digit) for word, digit in words.get("homophones", {}).items()},
                **{name: float(value) for name, value in words.get("confidence", {}).items()},
            )
        except (KeyError, TypeError, AttributeError, ValueError) as fault:
            raise FlowError(
                f"{path.name} of {language}: needs `phrases`, `digits` and `confidence` ({fault})"
            ) from None
    return lexicons


def _mapping(path: Path) -> dict[Any, Any]:
    try:
        content = yaml.load(path.read_text("utf-8"), Loader=_Words)
    except OSError:
        raise FlowError(f"no {path.name} for language {path.parent.name}: expected at {path}") from None
    except yaml.MarkedYAMLError as fault:
        line = f", line {fault.problem_mark.line + 1}" if fault.problem_mark else ""
        raise FlowError(f"{path}{line}: not YAML: {fault.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise FlowError(f"{path}: not YAML: {' '.join(str(fault).split())}") from None
    if not isinstance(content, dict):
        raise FlowError(f"{path}: should hold names with values")
    return content


def _flow(path: Path, lexicons: Mapping[str, Lexicon]) -> Flow:
    content = _mapping(path)
    faults = [f"{path.name}: needs `{key}`" for key in _FLOW_KEYS if key not in content]
    if unknown := set(content) - set(_FLOW_KEYS):
        faults.append(f"{path.name}: does not know {_listed(unknown)}")
    if not isinstance(content.get("nodes", {}), dict):
        faults.append(f"{path.name}: `nodes` should hold names with values")
    if faults:
        raise FlowError("\n".join(faults))
    name = str(content["flow"])
    ways: dict[str, Way] = {}
    nodes: dict[str, Node] = {}
    for outcome in ("person", "leave", "limit"):
        try:
            ways[outcome] = _way(name, content[outcome])
        except FlowError as fault:
            faults.append(f"{name}: {outcome}: {fault}")
    for node_name, spec in content["nodes"].items():
        try:
            nodes[str(node_name)] = _node(name, str(node_name), spec, tuple(lexicons))
        except FlowError as fault:
            faults.append(f"{name}.{node_name}: {fault}")
    if faults:
        raise FlowError("\n".join(faults))
    return Flow(
        name=name,
        version=hashlib.sha256(path.read_bytes()).hexdigest()[:12],
        start=str(content["start"]),
        **ways,
        nodes=nodes,
        lexicons=lexicons,
    )


def _node(flow: str, name: str, spec: Any, languages: Sequence[str]) -> Node:
    if not isinstance(spec, dict):
        raise FlowError("should hold names with values")
    kinds = [kind for kind in _KINDS if kind in spec and not (kind == "say" and "do" in spec)]
    if len(kinds) != 1:
        raise FlowError(f"needs exactly one of {', '.join(_KINDS)}")
    kind = kinds[0]
    if unknown := set(spec) - _NODE_KEYS[kind] - {kind}:
        raise FlowError(f"does not know {_listed(unknown)}")
    try:
        if kind in ("collect", "record") and not isinstance(spec[kind], dict):
            raise FlowError(f"`{kind}` should hold names with values")
        then = spec.get("then", {})
        if isinstance(then, str):
            then = {"next": then}
        ways = {str(outcome): _way(flow, to) for outcome, to in then.items()}
        says: Any = spec.get("ask", spec.get("say", spec.get("end", ())))
        if kind == "end" and isinstance(says, dict):
            says = says["every_language"]
        common = {"name": name, "says": (says,) if isinstance(says, str) else tuple(says), "then": ways}
        return _KINDS[kind](spec, common, languages)
    except KeyError as missing:
        raise FlowError(f"`{kind}` needs {missing}") from None
    except _SHAPELESS as fault:
        raise FlowError(f"`{kind}` holds a value of the wrong shape: {fault}") from None


def _listed(names: Iterable[Any]) -> str:
    return ", ".join(sorted(map(str, names)))


def _way(flow: str, to: Any) -> Way:
    if isinstance(to, str):
        to = {"to": to}
    if (
        not isinstance(to, dict)
        or set(to) - _WAY_KEYS
        or ("to" in to) == ("back_to" in to)
        or not all(isinstance(value, str) for value in to.values())
        or to.get("by", "keypad") != "keypad"
    ):
        raise FlowError(f"a way is a node, or {{to|back_to: node, saying: prompt, by: keypad}}, not {to!r}")
    other, _, node = (to.get("to") or to["back_to"]).rpartition(".")
    return Way(other or flow, node, "back_to" in to, to.get("saying"), "by" in to)


def _question(spec: Mapping[str, Any], common: Mapping[str, Any]) -> dict[str, Any]:
    """The prompts for what was missed; by custom `<ask>_again`, `<ask>_example` and `<ask>_keys`."""
    if not common["says"]:
        raise FlowError("needs `ask`")
    ask = common["says"][-1]
    again = spec.get("again", f"{ask}_again")
    if isinstance(again, str):
        again = {"silence": again, "no_match": again}
    return {
        **common,
        "again_silence": again["silence"],
        "again_no_match": again["no_match"],
        "example": spec.get("example", f"{ask}_example"),
        "by_keypad": spec.get("by_keypad", f"{ask}_keys"),
        "tries": int(spec.get("tries", 3)),
        "returns": int(spec["returns"]) if "returns" in spec else None,
    }


def _menu(spec: Mapping[str, Any], common: Mapping[str, Any], languages: Sequence[str]) -> Node:
    menu = spec["menu"]
    question = _question(spec, common)
    if menu == "languages":
        return Menu(**question, languages=True, options={str(n): language for n, language in enumerate(languages, 1)})
    if not isinstance(menu, dict):
        raise FlowError("`menu` is `languages`, keys with outcomes, or {choices: answer, into: answer}")
    if "choices" in menu:
        return Menu(**question, choices=menu["choices"], into=menu["into"], options={NONE_KEY: "none"})
    return Menu(**question, options={str(key): str(outcome) for key, outcome in menu.items()}, into=spec.get("into"))


def _collect(spec: Mapping[str, Any], common: Mapping[str, Any], languages: Sequence[str]) -> Node:
    entry = dict(spec["collect"])
    if unknown := set(entry) - _ENTRY_KEYS:
        raise FlowError(f"`collect` does not know {_listed(unknown)}")
    keypad, speech, maximum = entry.get("keypad", "digits"), entry.get("speech", True), entry.get("max")
    if keypad not in ("digits", "letters"):
        raise FlowError(f"`keypad` is digits or letters, not {keypad!r}")
    if not isinstance(speech, bool):  # `no` is a word here, and would let a PIN be spoken
        raise FlowError(f"`speech` is true or false, not {speech!r}")
    return Collect(
        **_question(spec, common),
        into=entry["into"],
        kind=entry["kind"],
        letters=keypad == "letters",
        minimum=int(entry.get("min", 1)),
        maximum=None if maximum is None else int(maximum),
        speech=speech,
        escapes={str(key): str(outcome) for key, outcome in entry.get("escapes", {}).items()},
    )


def _record(spec: Mapping[str, Any], common: Mapping[str, Any], languages: Sequence[str]) -> Node:
    return Record(**_question(spec, common), into=spec["record"]["into"], seconds=int(spec["record"]["seconds"]))


_KINDS: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any], Sequence[str]], Node]] = {
    "say": lambda spec, common, languages: Announce(**common),
    "menu": _menu,
    "collect": _collect,
    "record": _record,
    "do": lambda spec, common, languages: Decide(**common, action=spec["do"]),
    "end": lambda spec, common, languages: End(**common, every_language=isinstance(spec["end"], dict)),
}
