"""Spellings of one name: Mohamed and Maxamed, Zhang and Cheung, Yesenia and Llesenia."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from hotline.rules import tables

_ARABIC = "arabic"
_ARTICLES = ("al", "el", "as", "ash", "at", "ar", "an")
# "Servant of" and the article, run together with one of the names of God; the article's l takes on the sound after it.
_SERVANT = re.compile(r"c?abd(?:ou|[aeiou])?(.{3,})")
_SERVANTS = ("abd", "abdul", "abdel", "abdal", "abdou", "abdoul", "abdi", "abde", "abdu")


@dataclass(frozen=True, slots=True)
class _Clusters:
    """Cluster keys by spelling, spellings by key, the keys of Arabic names, and keys by native script."""

    keys: dict[str, frozenset[str]]
    spellings: dict[str, frozenset[str]]
    arabic: frozenset[str]
    scripts: dict[str, str]


@cache
def _clusters() -> _Clusters:
    keys: dict[str, set[str]] = {}
    spellings: dict[str, frozenset[str]] = {}
    arabic = set()
    scripts: dict[str, str] = {}
    for tradition, latin, native in tables.read("variants"):
        words = latin.split()
        spellings[words[0]] = frozenset(words)
        for word in words:
            keys.setdefault(word, set()).add(words[0])
        if tradition == _ARABIC:
            arabic.add(words[0])
        scripts |= {} if native == "-" else dict.fromkeys(native.split(), words[0])
    return _Clusters({word: frozenset(of) for word, of in keys.items()}, spellings, frozenset(arabic), scripts)


def _table_keys(word: str) -> frozenset[str]:
    return _clusters().keys.get(word, frozenset())


def clusters(word: str) -> frozenset[str]:
    """The keys of the clusters in which a folded word stands, to index by; empty for a name of one spelling.

    A key is the commonest spelling. An Arabic article run together with a listed name is passed over
    ("alhassan"), and a servant of a listed name has a key of its own ("abd karim").
    """
    bare = {key for rest in _without_article(word) for key in _table_keys(rest) & _clusters().arabic}
    return _table_keys(word) | bare | {f"abd {key}" for key in _served(word)}


def spellings(word: str) -> frozenset[str]:
    """Every listed spelling of the names that a folded word may be, the word among them."""
    listed = {other for key in clusters(word) for other in _clusters().spellings.get(key, ())}
    rests = {other for key in _served(word) for other in _clusters().spellings[key]}
    return frozenset({word} | listed | {servant + rest for servant in _SERVANTS for rest in rests})


def same_name(one: str, other: str) -> bool:
    """True when two folded words are spellings of one name; not transitive, for Chang is Zhang and Jang."""
    return one == other or bool(clusters(one) & clusters(other))


@cache
def listed(tradition: str) -> frozenset[str]:
    """Every folded spelling of a tradition's rows ("chinese" and "korean" hold surnames)."""
    rows = tables.read("variants")
    return frozenset(word for of, latin, _ in rows if of == tradition for word in latin.split())


def from_script(word: str) -> str | None:
    """The commonest folded spelling of a name in its own script; None when the table doesn't list it."""
    return _clusters().scripts.get(word)


def _without_article(word: str) -> set[str]:
    return {word.removeprefix(article) for article in _ARTICLES if word.startswith(article)} - {word}


def _served(word: str) -> frozenset[str]:
    """For a name that begins with Abd, the keys of what may follow it; empty for any other."""
    match = _SERVANT.fullmatch(word)
    if not match:
        return frozenset()
    rest = match[1]
    tails = {rest} | ({rest[1:]} if rest[0] in (rest[1], "l") else set())
    return frozenset(key for tail in tails for key in _table_keys(tail) & _clusters().arabic)
