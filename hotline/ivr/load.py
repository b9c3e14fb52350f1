"""Reads flows, prompts and words from their YAML files. What is malformed is told all at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from hotline.errors import FlowError
from hotline.ivr.flow import NONE_KEY, Announce, Collect, Decide, End, Flow, Lexicon, Menu, Node, Record, Way
from hotline.ivr.listen import fold
from hotline.ivr.phrasebook import Phrasebook

_COMMON = {"ask", "say", "into", "then", "again", "example", "by_keypad", "tries"}
MOST_HINTS = 4
"""Phrases of an outcome that the recogniser is told to expect."""

_WAY_KEYS = {"to", "back_to", "saying", "by"}


class _Words(yaml.SafeLoader):
    """YAML in which yes, no, on and off are words: they are outcomes here, not truth values."""


_Words.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
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
            flows[flow.name] = flow
    if faults:
        raise FlowError("\n".join(faults))
    return flows


def load_phrasebook(folder: Path, languages: Iterable[str]) -> Phrasebook:
    """The prompts of each language from `<folder>/<language>/prompts.yaml`. Raises FlowError for a faulty one."""
    texts: dict[str, Mapping[str, str]] = {}
    for language in languages:
        prompts = _mapping(folder / language / "prompts.yaml")
        wrong = [str(key) for key, text in prompts.items() if not isinstance(text, str) or not text.strip()]
        if wrong:
            raise FlowError(f"{language}: a prompt without text: {', '.join(wrong)}")
        texts[language] = {str(key): " ".join(text.split()) for key, text in prompts.items()}
    return Phrasebook(texts)


def load_lexicons(folder: Path, languages: Iterable[str]) -> dict[str, Lexicon]:
    """What callers say, from each `<folder>/<language>/words.yaml`. Raises FlowError for a faulty one."""
    lexicons = {}
    for language in languages:
        path = folder / language / "words.yaml"
        words = _mapping(path)
        try:
            lexicons[language] = Lexicon(
                phrases={str(o): tuple(fold(str(p)) for p in said) for o, said in words["phrases"].items()},
                hints={str(o): tuple(str(p) for p in said[:MOST_HINTS]) for o, said in words["phrases"].items()},
                digits={fold(str(word)): str(digit) for word, digit in words["digits"].items()},
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
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise FlowError(f"{path}: not YAML: {' '.join(str(fault).split())}") from None
    if not isinstance(content, dict):
        raise FlowError(f"{path}: should hold names with values")
    return content


def _flow(path: Path, lexicons: Mapping[str, Lexicon]) -> Flow:
    content = _mapping(path)
    faults: list[str] = []
    for key in ("flow", "start", "person", "leave", "limit", "nodes"):
        if key not in content:
            faults.append(f"{path.name}: needs `{key}`")
    if unknown := set(content) - {"flow", "start", "person", "leave", "limit", "nodes"}:
        faults.append(f"{path.name}: does not know {', '.join(map(str, sorted(unknown)))}")
    if faults:
        raise FlowError("\n".join(faults))
    name = str(content["flow"])
    nodes: dict[str, Node] = {}
    for node_name, spec in (content["nodes"] or {}).items():
        try:
            nodes[node_name] = _node(name, str(node_name), spec, tuple(lexicons))
        except FlowError as fault:
            faults.append(f"{name}.{node_name}: {fault}")
    if faults:
        raise FlowError("\n".join(faults))
    return Flow(
        name=name,
        version=hashlib.sha256(path.read_bytes()).hexdigest()[:12],
        start=str(content["start"]),
        person=_way(name, content["person"]),
        leave=_way(name, content["leave"]),
        limit=_way(name, content["limit"]),
        nodes=nodes,
        lexicons=lexicons,
    )


def _node(flow: str, name: str, spec: Any, languages: Sequence[str]) -> Node:
    if not isinstance(spec, dict):
        raise FlowError("should hold names with values")
    kinds = [kind for kind in _KINDS if kind in spec and not (kind == "say" and len(_KINDS.keys() & spec.keys()) > 1)]
    if len(kinds) != 1:
        raise FlowError(f"needs exactly one of {', '.join(_KINDS)}")
    kind = kinds[0]
    if unknown := set(spec) - _COMMON - {kind}:
        raise FlowError(f"does not know {', '.join(sorted(map(str, unknown)))}")
    then = spec.get("then", {})
    ways = {"next": _way(flow, then)} if isinstance(then, str) else {str(o): _way(flow, to) for o, to in then.items()}
    says: Any = spec.get("ask", spec.get("say", spec.get("end", ())))
    common = {"name": name, "says": (says,) if isinstance(says, str) else tuple(says), "then": ways}
    return _KINDS[kind](spec, common, languages)


def _way(flow: str, to: Any) -> Way:
    if isinstance(to, str):
        to = {"to": to}
    if not isinstance(to, dict) or set(to) - _WAY_KEYS or ("to" in to) == ("back_to" in to):
        raise FlowError(f"a way is a node, or {{to|back_to: node, saying: prompt, by: keypad}}, not {to!r}")
    other, _, node = str(to.get("to") or to["back_to"]).rpartition(".")
    return Way(other or flow, node, "back_to" in to, to.get("saying"), to.get("by") == "keypad")


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
    try:
        return Collect(
            **_question(spec, common),
            into=entry.pop("into"),
            kind=entry.pop("kind"),
            letters=entry.pop("keypad", "digits") == "letters",
            minimum=int(entry.pop("min", 1)),
            maximum=entry.pop("max", None),
            speech=entry.pop("speech", True),
            escapes={str(key): str(outcome) for key, outcome in entry.pop("escapes", {}).items()},
        )
    except KeyError as missing:
        raise FlowError(f"`collect` needs {missing}") from None
    finally:
        if entry.keys() - {"into", "kind"}:
            raise FlowError(f"`collect` does not know {', '.join(sorted(entry))}")


def _record(spec: Mapping[str, Any], common: Mapping[str, Any], languages: Sequence[str]) -> Node:
    return Record(**_question(spec, common), into=spec["record"]["into"], seconds=int(spec["record"]["seconds"]))


_KINDS: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any], Sequence[str]], Node]] = {
    "say": lambda spec, common, languages: Announce(**common),
    "menu": _menu,
    "collect": _collect,
    "record": _record,
    "do": lambda spec, common, languages: Decide(**common, action=spec["do"]),
    "end": lambda spec, common, languages: End(**common),
}
