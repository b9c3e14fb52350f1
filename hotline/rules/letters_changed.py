"""A letter told of a name that was said: "Gonzalez con zeta", "Bryan with a y", "Sarah with an h", "con doble ene".

The letter goes in where it can replace exactly one that sounds like it; a name that has it already stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hotline.rules import spelled
from hotline.rules.names import fold

WITH = (
    "with the letter", "with an", "with a", "with one", "with", "ending in a", "ending in", "ending with a",
    "ends in a", "ends in", "ends with a", "starting with a", "starting with", "starts with a", "starts with",
    "begins with a", "con la letra", "con una sola", "con una", "con un", "con la", "con", "que termina en",
    "que termina con", "termina en", "termina con", "terminado en", "que empieza con", "empieza con", "lleva",
)  # fmt: skip
"""How a letter told of a name begins, longest first."""
_WITHOUT = ("without the letter", "without an", "without a", "without", "sin la letra", "sin la", "sin")
_ENDING = (
    "at the end", "at the beginning", "at the start", "in the middle", "al final", "al principio", "al comienzo",
    "en medio", "en el medio", "inicial", "intermedia",
)  # fmt: skip
_INSTEAD = (
    "instead of", "and not with", "and not", "not with", "no with", "not", "en vez de", "en lugar de", "y no con",
    "no con",
)  # fmt: skip
_AND = ("and with", "and", "y con", "y")
_ARTICLES = ("an", "a", "the", "una", "la")

# The letter told, then what sounds like it and may stand in its place.
_SOUNDS_LIKE = {
    "z": r"s|c(?=[eiy])",
    "s": r"z|c(?=[eiy])",
    "c": r"k|[sz](?=[eiy])|qu(?=[ei])",
    "k": r"c(?![eiyh])|qu(?=[ei])",
    "q": r"k|c(?![eiyh])",
    "b": r"v",
    "v": r"b",
    "w": r"v|gu(?=[aei])|u(?=[aei])",
    "g": r"[jx](?=[eiy])",
    "j": r"g(?=[eiy])|x|y(?=[aeiou])|h(?=[aeiou])",
    "x": r"j|g(?=[eiy])|ks|cs",
    "i": r"y",
    "y": r"ie$|ee$|ll|j(?=[aeiou])|i",
    "ll": r"y(?=[aeiou])|j(?=[aeiou])|(?<!l)l(?!l)",
    "n": r"\u00f1",
    "\u00f1": r"(?<=[aeiou\u00e1\u00e9\u00ed\u00f3\u00fa])n(?=[aeiou\u00e1\u00e9\u00ed\u00f3\u00fa])",
    "f": r"ph",
    "ph": r"f|v",
    "ch": r"sh|x",
    "sh": r"ch|x",
}
_DOUBLED = re.compile(r"^([a-z])\1$")
_LAST = frozenset("szyi")
"""Letters that stand rather at a name's end, when there are several places."""


@dataclass(frozen=True, slots=True)
class Change:
    """Letters told of a name, and how many words it took to tell them."""

    letters: tuple[str, ...]
    words: int


def change_at(folded: Sequence[str], at: int) -> Change | None:
    """What is told here of a name's letters, or None; a whole name spelled after "with" is none."""
    without = spelled.phrase_at(folded, at, _WITHOUT)
    end = at + (without or spelled.phrase_at(folded, at, WITH))
    letters: list[str] = []
    joint = 0
    while end > at and (found := spelled.letter_at(folded, end + joint)):
        letters.append(f"-{found.text}" if without else found.text)
        end += joint + found.words
        if spelled.letter_at(folded, end) and folded[end] not in _AND:
            return None
        joint = spelled.phrase_at(folded, end, _AND)
        if not joint:
            break
        joint += spelled.phrase_at(folded, end + joint, WITH) or spelled.phrase_at(folded, end + joint, _ARTICLES)
    end += spelled.phrase_at(folded, end, _ENDING) if letters else 0
    return Change(tuple(letters), end + instead_at(folded, end) - at) if letters else None


def instead_at(folded: Sequence[str], at: int) -> int:
    """How many words say which letter it is not ("no con ese", "instead of an s")."""
    size = spelled.phrase_at(folded, at, _INSTEAD)
    size += spelled.phrase_at(folded, at + size, _ARTICLES) if size else 0
    wrong = spelled.letter_at(folded, at + size) if size else None
    return size + wrong.words if wrong else 0


def changed(name: str, letters: Sequence[str]) -> str:
    """The name with each of the letters in the place of the one that sounds like it, where that place is plain."""
    for letter in letters:
        spot = _once(name.lower(), letter[1:]) if letter.startswith("-") else _place(name.lower(), letter)
        letter = "" if letter.startswith("-") else letter
        if spot:
            start, end = spot
            put = letter.capitalize() if start == 0 and name[:1].isupper() else letter
            tail = name[end:]
            if start == 0 and len(put) != end:  # another letter is the first now
                tail = tail.lower() if put else tail.capitalize()
            name = name[:start] + put + tail
    return name


def _place(name: str, letter: str) -> tuple[int, int] | None:
    """Where the letter goes in, from and to; None where it is there already, or may go to several places."""
    if letter == "h":
        return _aitch(name)
    places = [found.span() for found in re.finditer(_SOUNDS_LIKE.get(letter, r"(?!)"), name)]
    if letter in _LAST and places and places[-1][1] == len(name):
        return places[-1]
    if letter in name:
        return None
    if not places and _DOUBLED.match(letter):
        places = [found.span() for found in re.finditer(letter[0], name)]
    if len(places) > 1 and places[0][0] == 0:
        return places[0]
    return places[0] if len(places) == 1 else None


def _once(name: str, letter: str) -> tuple[int, int] | None:
    at = name.find(letter)
    return (at, at + len(letter)) if name.count(letter) == 1 else None


def _aitch(name: str) -> tuple[int, int] | None:
    """A silent h: at the end after a vowel, before a vowel at the beginning, else after the only t or first c."""
    plain = fold(name)
    if "h" in plain or not plain or len(plain) != len(name):
        return None
    if plain == "jon":
        return 2, 2
    spots = [1] if re.match(r"c[rl]", plain) else [found.end() for found in re.finditer(r"t(?=[aeiouyr]|$)", plain)]
    if plain[0] in "aeiou" and not spots:
        spots = [0]
    if plain[-1] in "aeiou" and not spots:
        spots = [len(name)]
    return (spots[0], spots[0]) if len(spots) == 1 else None
