"""Names as they are recorded, said, compared and read back, in any script."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from anyascii import anyascii

from hotline.rules import tables

# Marks that stand inside one word: the many apostrophes, ayn and hamza, and what anyascii makes of them.
_INSIDE = str.maketrans("", "", "'`\u2018\u2019\u201b\u02bb\u02bc\u02be\u02bf\u00b4\u2032\uff07")
_APART = re.compile(r"[^a-z0-9]+")
_LETTERS = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """The text in small ASCII letters and digits, words parted by one blank; "" when nothing is left.

    Any script; accents off, apostrophes dropped, hyphens and other marks become the blank.
    """
    plain = text.translate(_INSIDE)
    if not plain.isascii():
        plain = anyascii(plain).translate(_INSIDE)
    return _APART.sub(" ", plain.lower()).strip()


@cache
def particles() -> frozenset[str]:
    """Folded words that may be said or left out (de, la, van, al, bin)."""
    return frozenset(word for word, kind in tables.read("particles") if kind == "particle")


@cache
def _bound() -> frozenset[str]:
    """Folded words that are read back together with the word after them."""
    return frozenset(word for word, kind in tables.read("particles") if kind in ("particle", "prefix"))


def shown(given: str, surnames: str) -> tuple[str, str]:
    """First given name and first surname for reading back; "" for one that isn't recorded.

    A surname keeps the small words before it ("De la Cruz"). Names recorded in capitals or in small
    letters throughout get capitals at the beginning of each word.
    """
    return _first(given), _first(surnames)


def _first(recorded: str) -> str:
    words = recorded.replace(",", " ").split()
    last = next((at for at, word in enumerate(words) if fold(word) not in _bound()), len(words) - 1)
    name = " ".join(words[: last + 1])
    return _capitalised(name) if name.isupper() or name.islower() else name


def _capitalised(name: str) -> str:
    words = name.lower().split()
    first, *rest = (_LETTERS.sub(lambda found: _capital(found.group()), word) for word in words)
    return " ".join([first, *(word.lower() if fold(word) in particles() else word for word in rest)])


def _capital(letters: str) -> str:
    if letters.startswith("mc") and len(letters) > 3:
        return "Mc" + letters[2:].capitalize()
    return letters.capitalize()


_SOUNDS = (
    (re.compile(r"ph"), "f"),
    (re.compile(r"th"), "t"),
    (re.compile(r"[cs]h|tch"), "x"),
    (re.compile(r"qu(?=[eiy])|q|ck|kh|c(?![eiy])"), "k"),
    (re.compile(r"c|z"), "s"),
    (re.compile(r"ll|g(?=[eiy])|j|y(?=[aeiou])"), "j"),
    (re.compile(r"[vw]"), "b"),
    (re.compile(r"h"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
    (re.compile(r"^[aeiouy]+"), "A"),
    (re.compile(r"[aeiouy]"), ""),
)


def skeleton(token: str) -> str:
    """A folded word's consonants as they sound, to fetch near spellings; a vowel at the beginning is `A`.

    Survives any change of vowels but at the beginning, doubled letters, silent h, and what Spanish and
    English ears mix up: b v w, s z soft-c, k c qu, y j ll soft-g, f ph.
    """
    for pattern, sound in _SOUNDS:
        token = pattern.sub(sound, token)
    return token
