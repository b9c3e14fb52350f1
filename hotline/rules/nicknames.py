"""Pet names: who is meant by Chuy, Lupita, Zé, Sasha or Tunde, and what a recorded name may be called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from hotline.rules import tables

# Diminutives are made by rule from the words of their tradition in the table: Juanito, Carmencita, Paulinho.
_SMALL = (
    ("spanish", re.compile(r"(.{2,})it([oa])(s?)")),
    ("spanish", re.compile(r"(.{2,}?)e?cit([oa])(s?)")),
    ("portuguese", re.compile(r"(.{2,})inh([oa])(s?)")),
    ("portuguese", re.compile(r"(.{2,})zinh([oa])(s?)")),
)
_IS_SMALL = re.compile(r".+(it|inh)[oa]s?")
_LEAST_SHORT = 4
# A consonant's spelling before i, and before a, o or nothing: Paquito of Paco, Dieguito of Diego, Lucita of Luz.
_HARDENED = (("qu", "c"), ("gu", "g"), ("c", "z"))


@dataclass(frozen=True, slots=True)
class _Names:
    """Short to full and full to short, and by tradition the words that diminutives are made of."""

    full: dict[str, frozenset[str]]
    short: dict[str, frozenset[str]]
    bases: dict[str, frozenset[str]]
    meant: dict[str, frozenset[str]]


@cache
def _names() -> _Names:
    full: dict[str, set[str]] = {}
    short: dict[str, set[str]] = {}
    bases: dict[str, set[str]] = {}
    meant: dict[str, set[str]] = {}
    for tradition, word, names in tables.read("nicknames"):
        whole = [name.replace("+", " ") for name in names.split()]
        full.setdefault(word, set()).update(whole)
        bases.setdefault(tradition, set()).update(name for name in whole if " " not in name)
        if len(word) >= _LEAST_SHORT and word[-1] in "oae" and not _IS_SMALL.fullmatch(word):
            bases[tradition].add(word)
            meant.setdefault(f"{tradition} {word}", set()).update(whole)
        for name in whole:
            short.setdefault(name, set()).add(word)
    return _Names(*({key: frozenset(words) for key, words in table.items()} for table in (full, short, bases, meant)))


def full_names(word: str) -> frozenset[str]:
    """The names, folded, for which a folded word is short; empty for a word that is short for none.

    A full name of two words has a blank between them, small words left out ("chema": "jose maria"). A word
    may be a name of its own too (Beto, Alex, Jack), and is never among its own full names.
    """
    found = set(_names().full.get(word, ()))
    for tradition, base in _bases(word):
        found |= {base} | _names().meant.get(f"{tradition} {base}", frozenset())
    return frozenset(found - {word})


def short_names(name: str) -> frozenset[str]:
    """The folded words by which a folded full name is called; two words are written with a blank.

    Holds the diminutives of the name and of its short forms; `name` is in `full_names` of each.
    """
    table = _names().short.get(name, frozenset())
    small = {word for base in {name, *table} for word in _diminutives(base) if name in full_names(word)}
    return (table | small) - {name}


def _bases(word: str) -> set[tuple[str, str]]:
    """The words of which a word is the diminutive, each with its tradition."""
    found = set()
    for tradition, pattern in _SMALL:
        if match := pattern.fullmatch(word):
            stem, vowel, plural = match.groups()
            ends = (f"{vowel}s", "es") if plural else ("", vowel, "e")
            words = {start + end for start in _stems(stem) for end in ends}
            found |= {(tradition, base) for base in words & _names().bases[tradition]}
    return found


def _stems(stem: str) -> Iterator[str]:
    yield stem
    for soft, hard in _HARDENED:
        if stem.endswith(soft):
            yield stem.removesuffix(soft) + hard


@cache
def _diminutives(base: str) -> frozenset[str]:
    """What a word becomes in Spanish and Portuguese mouths, in either sex where the ending is silent on it."""
    match = re.fullmatch(r"(.+[^oaeiuy])([oae])(s?)", base)
    stem, vowel, plural = match.groups() if match else (base, "", "")
    if stem[-1:] in "aeiouy":
        sex = "a" if base.endswith("a") else "o"
        return frozenset({f"{base}zinh{sex}"} if base in _names().bases["portuguese"] else ())
    stem = next((stem.removesuffix(hard) + soft for soft, hard in _HARDENED if stem.endswith(hard)), stem)
    made = set()
    for sex in vowel if vowel in ("o", "a") else "oa":
        if base in _names().bases["spanish"]:
            made |= {f"{stem}it{sex}{plural}"} | ({f"{base}cit{sex}"} if base[-1] in "nr" else set())
        if base in _names().bases["portuguese"]:
            made |= {f"{stem}inh{sex}{plural}"}
    return frozenset(made)
