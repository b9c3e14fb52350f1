"""What callers, typists and fingers do to a word: accents, slips of a keyboard, other spellings, letters one by one."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from random import Random

from hotline.bench.held import keys, plain, table

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_MARKED = str.maketrans("aeioun", "áéíóúñ")
_WRONGLY = {"a": "àâã", "e": "èêë", "i": "ìï", "o": "òôõ", "u": "ùü", "n": "ñ", "c": "ç", "s": "š", "z": "ž"}
_PAD = {"1": "24", "2": "135", "3": "26", "4": "157", "5": "2468", "6": "359", "7": "48", "8": "5790", "9": "68"}


def accents(word: str, chance: Random) -> str:
    """The word with its marks dropped, put where none belong, or wrong; in capitals or small, with a stop."""
    match chance.randrange(5):
        case 0:
            word = plain_marks(word)
        case 1:
            word = _one_letter(word, chance, lambda letter: letter.translate(_MARKED))
        case 2:
            word = _one_letter(word, chance, lambda letter: chance.choice(_WRONGLY.get(letter, letter)))
        case 3:
            word = unicodedata.normalize("NFD", word)
        case _:
            word = plain_marks(word) if chance.random() < 0.5 else word
    word = chance.choice((str.upper, str.lower, str.title, str))(word)
    return word + chance.choice((".", ",", "", "", "", ""))


def plain_marks(word: str) -> str:
    """The word without its marks, capitals and hyphens kept."""
    parts = unicodedata.normalize("NFD", word)
    return "".join(char for char in parts if not unicodedata.combining(char))


def _one_letter(word: str, chance: Random, change: Callable[[str], str]) -> str:
    places = [n for n, letter in enumerate(word) if letter in _WRONGLY]
    if not places:
        return word
    at = chance.choice(places)
    return word[:at] + change(word[at]) + word[at + 1 :]


def typed(word: str, chance: Random) -> str:
    """The word, in plain small letters, with one slip of a QWERTY keyboard."""
    word = plain(word)
    at = chance.randrange(len(word))
    match chance.choices(("near", "swap", "double", "drop", "extra"), (35, 20, 15, 22, 8))[0]:
        case "swap" if len(word) > 1:
            at = min(at, len(word) - 2)
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case "double":
            return word[: at + 1] + word[at:]
        case "drop" if len(word) > 2:
            return word[:at] + word[at + 1 :]
        case "extra":
            return word[:at] + chance.choice(_neighbours(word[at])) + word[at:]
        case _:
            return word[:at] + chance.choice(_neighbours(word[at])) + word[at + 1 :]


def slipped(given: Sequence[str], surnames: Sequence[str], chance: Random) -> tuple[tuple[str, ...], tuple[str, ...]]:
    words = [*given, *surnames]
    for _ in range(chance.choice((1, 1, 2))):
        places = [n for n, word in enumerate(words) if len(plain(word)) > 2] or list(range(len(words)))
        at = chance.choice(places)
        words[at] = typed(words[at], chance)
    words = [plain_marks(word).lower() for word in words]
    return tuple(words[: len(given)]), tuple(words[len(given) :])


@cache
def _neighbours(letter: str) -> str:
    row, column = next((r, line.index(letter)) for r, line in enumerate(_ROWS) if letter in line)
    near = [(row, column - 1), (row, column + 1), (row - 1, column), (row + 1, column), (row + 1, column - 1)]
    return "".join(_ROWS[r][c] for r, c in near if 0 <= r < len(_ROWS) and 0 <= c < len(_ROWS[r]))


def keyed_slip(keyed: str, chance: Random) -> str:
    """The keys with one of them wrong, missing or doubled."""
    at = chance.choice([n for n, key in enumerate(keyed) if key not in "01"])
    match chance.choices(("near", "any", "missing", "doubled"), (40, 20, 22, 18))[0]:
        case "near":
            return keyed[:at] + chance.choice(_PAD[keyed[at]].strip("01")) + keyed[at + 1 :]
        case "any":
            return keyed[:at] + chance.choice([key for key in "23456789" if key != keyed[at]]) + keyed[at + 1 :]
        case "missing":
            return keyed[:at] + keyed[at + 1 :]
        case _:
            return keyed[: at + 1] + keyed[at:]


def on_keys(words: Sequence[str], chance: Random) -> str:
    """The keys of several words as people key them: 0 or nothing between words, 1 or nothing for a hyphen."""
    between, hyphen = chance.choice(("0", "0", "")), chance.choice(("1", "1", ""))
    return between.join(hyphen.join(keys(part) for part in re.split("[-‐–]", word)) for word in words)


def other_spelling(word: str, tradition: str, chance: Random) -> str | None:
    """The word as another spelling of the same name has it, by the list or a rule; None where neither knows one."""
    listed = [other for other in _spellings(tradition).get(plain(word), ()) if plain(other) != plain(word)]
    if listed and chance.random() < 0.8:
        return chance.choice(listed)
    low = plain_marks(word.lower()) if tradition not in ("turkic", "portuguese") else word.lower()
    fitting = [(old, new) for old, new in _same_sound(tradition) if old in low and len(low) > 3]
    if fitting:
        old, new = chance.choice(fitting)
        at = chance.choice([found.start() for found in re.finditer(re.escape(old), low)])
        return low[:at] + new + low[at + len(old) :]
    return chance.choice(listed) if listed else None


@cache
def _same_sound(tradition: str) -> tuple[tuple[str, str], ...]:
    rules = [rule.partition("/") for row in table("same_sound") if row[0] == tradition for rule in row[1].split()]
    return tuple((old, new) for old, _, new in rules)


@cache
def _spellings(tradition: str) -> dict[str, tuple[str, ...]]:
    """By plain word; a tradition's own rows before those of the others."""
    found: dict[str, tuple[str, ...]] = {}
    for row in sorted(table("spellings"), key=lambda row: row[0] != tradition):
        group = tuple(row[1].split())
        for word in group:
            found.setdefault(plain(word), group)
    return found


def short_form(word: str, tradition: str, chance: Random) -> str | None:
    """What familiar people call somebody of this name, None where nothing shorter is known."""
    known = _short_forms()
    shorts = known.get((tradition, plain(word))) or known.get(("spanish", plain(word)))
    shorts = shorts or known.get(("english", plain(word)))
    return chance.choice(shorts) if shorts else None


@cache
def _short_forms() -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for tradition, full, shorts in table("hypocoristics"):
        found[tradition, plain(full)] += shorts.split()
    return dict(found)


@cache
def other_sex() -> dict[str, str]:
    """The other sex's form of a plain given name, both ways."""
    rows = table("sex_forms")
    return {one: other for man, woman in reversed(rows) for one, other in ((man, woman), (woman, man))}
