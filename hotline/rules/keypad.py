"""Letters on the telephone's keys: one key a letter, 0 for a space, 1 for a hyphen or an apostrophe."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from hotline.rules.names import fold

# ITU-T E.161, option A.
LETTERS = {
    "2": "abc",
    "3": "def",
    "4": "ghi",
    "5": "jkl",
    "6": "mno",
    "7": "pqrs",
    "8": "tuv",
    "9": "wxyz",
}
SPACE = "0"
MARK = "1"
_KEYS = str.maketrans({letter: key for key, letters in LETTERS.items() for letter in letters})


@lru_cache(maxsize=50_000)
def digits_of(word: str) -> str:
    """The keys that spell a word of any script, one a letter; blanks and marks have none ("Peña" is 7362)."""
    return "".join(letter for letter in fold(word) if letter.isalpha()).translate(_KEYS)


def words_keyed(keys: str) -> tuple[str, ...]:
    """What was keyed, word by word, in digits 2 to 9; () when a key stands for no letter, space or mark.

    A hyphen or apostrophe (1) joins, for its two sides are compared joined and apart alike.
    """
    if not (keys.isascii() and keys.isdigit()):
        return ()
    return tuple(word for part in keys.split(SPACE) if (word := part.replace(MARK, "")))


def fits(keys: str, recorded_tokens: Sequence[str]) -> bool:
    """True when the keys spell a recorded word or several neighbours, with or without space and hyphen."""
    keyed = "".join(words_keyed(keys))
    recorded = [digits_of(token) for token in recorded_tokens]
    return keyed != "" and any(
        keyed == "".join(recorded[start:end])
        for start in range(len(recorded))
        for end in range(start + 1, len(recorded) + 1)
    )
