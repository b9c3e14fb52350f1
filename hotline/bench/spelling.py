"""Names spelled on the telephone, letter by letter."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from hotline.bench.held import plain, table


def spelled(word: str, language: str, misheard: bool, chance: Random) -> str:
    """A word letter by letter as a recogniser of English (`en`) or Spanish (`es`) writes it down."""
    letters = ["ñ" if letter in "ñÑ" else plain(letter)[:1] for letter in word if plain(letter) or letter in "ñÑ"]
    rows = {row[0]: row for row in table("spelling_alphabet")}
    if misheard and (places := [n for n, letter in enumerate(letters) if _misheard(rows[letter])]):
        at = chance.choice(places)
        letters[at] = chance.choice(_misheard(rows[letters[at]]))
    style = chance.choices(("letters", "names", "words"), (60, 20, 20))[0]
    said, n = [], 0
    while n < len(letters):
        letter = letters[n]
        double = n + 1 < len(letters) and letters[n + 1] == letter and chance.random() < 0.7
        one = _letter_said(rows[letter], language, style, chance)
        said.append(f"{'double' if language == 'en' else 'doble'} {one}" if double else one)
        n += 2 if double else 1
    joint = "-" if style == "letters" and chance.random() < 0.2 else " "
    return joint.join(said)


def _misheard(row: Sequence[str]) -> list[str]:
    return row[5].split() if len(row) > 5 else []


def _letter_said(row: Sequence[str], language: str, style: str, chance: Random) -> str:
    spanish = language == "es"
    names, words = row[2 if spanish else 1].split(), row[4 if spanish else 3].split()
    name = row[2] if row[0] == "w" and spanish else chance.choice(names)
    match style:
        case "words" if chance.random() < 0.6:
            joint = "de" if spanish else chance.choice(("as in", "for", "like"))
            return f"{row[0].upper()} {joint} {chance.choice(words)}"
        case "names":
            return name
        case _:
            return row[0].upper()
