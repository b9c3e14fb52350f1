"""Names as strings: their parts, their other spellings, slips of the finger, their own script."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache

from hotline.services.sample.names import table

# A word, the place of the slip in it, the chance.
Change = Callable[[str, int, random.Random], str]

_SLIPS = "aeioursnltmc"
# Letters that have their stroke inside, and no accent to take off.
_WHOLE = str.maketrans("ıđĐłŁ", "idDlL")
_SMALL = frozenset(
    ("de", "del", "la", "las", "los", "da", "das", "do", "dos", "di", "van", "el", "al", "ben", "ould", "mint", "abu")
)


def name_parts(names: str) -> list[str]:
    """Names one by one, each with the small words before it: De la Cruz Peña is De la Cruz and Peña."""
    parts: list[str] = []
    small: list[str] = []
    for word in names.split():
        small.append(word)
        if word.lower() not in _SMALL:
            parts.append(" ".join(small))
            small = []
    if small:
        parts.append(" ".join(small))
    return parts


def plain(text: str) -> str:
    """The text without accents and tildes: Núñez is Nunez."""
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFD", text.translate(_WHOLE))
    return unicodedata.normalize("NFC", "".join(char for char in parts if not unicodedata.combining(char)))


@cache
def variants(kind: str) -> dict[str, tuple[str, ...]]:
    """For every word of a group of spellings the others; for a name that has nicknames those."""
    found: dict[str, tuple[str, ...]] = {}
    for of, words in table("variants"):
        if of != kind:
            continue
        group = words.split()
        for word in group if kind == "spelling" else group[:1]:
            found.setdefault(word, tuple(other for other in group if other != word))
    return found


def respelling(names: str, chance: random.Random) -> str | None:
    """The names with one of them spelled another way; None where no other spelling is known."""
    words = names.split()
    places = [at for at, word in enumerate(words) if plain(word) in variants("spelling")]
    if not places:
        return None
    at = chance.choice(places)
    words[at] = chance.choice(variants("spelling")[plain(words[at])])
    return " ".join(words)


def slip(names: str, change: Change, chance: random.Random) -> str | None:
    """The names with one slip of the finger inside a word of four letters or more, never in its first letter."""
    words = names.split()
    places = [at for at, word in enumerate(words) if len(word) > 3 and word.isalpha() and not word.isupper()]
    if not places:
        return None
    at = chance.choice(places)
    words[at] = change(words[at], chance.randrange(1, len(words[at]) - 1), chance)
    return " ".join(words)


def changed(word: str, at: int, chance: random.Random) -> str:
    """Another letter in this place."""
    return word[:at] + chance.choice(_SLIPS) + word[at + 1 :]


def dropped(word: str, at: int, chance: random.Random) -> str:
    """The letter of this place left out."""
    return word[:at] + word[at + 1 :]


def doubled(word: str, at: int, chance: random.Random) -> str:
    """The letter of this place twice."""
    return word[: at + 1] + word[at:]


def transposed(word: str, at: int, chance: random.Random) -> str:
    """The letter of this place after the next one."""
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


@cache
def _scripts() -> dict[str, dict[str, str]]:
    by_script: dict[str, dict[str, str]] = {}
    for script, name, native in table("scripts"):
        by_script.setdefault(script, {})[name] = native
    return by_script


_SCRIPT_OF: Mapping[str, str] = {
    **dict.fromkeys(("RU", "UA", "BY", "KZ", "SUHH"), "cyrillic"),
    **dict.fromkeys(("EG", "JO", "SY", "IQ", "LB", "YE", "MA", "TN", "DZ", "SD", "TD"), "arabic"),
    **dict.fromkeys(("CN", "TW", "HK"), "han"),
}


def in_own_script(names: tuple[str, str], country: str) -> tuple[str, str] | None:
    """Given names and surnames as they are written in the country; None unless every word has such a form."""
    script = _SCRIPT_OF.get(country, "")
    native = _scripts().get(script, {})
    fields = [field.replace("-", " ").split() for field in names]
    if not all(word in native for words in fields for word in words):
        return None
    joint = "" if script == "han" else " "
    given, surnames = (joint.join(native[word] for word in words) for words in fields)
    return given, surnames
