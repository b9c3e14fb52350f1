"""How a name sounds, as far as telephone speech keeps it: the same for Spanish, English and French spellings.

Two codes of a folded word. The fine one keeps what a good line carries: one letter a sound, vowels by colour.
The coarse one keeps what any line carries: the kinds of consonants, and nothing of the vowels.
"""

from __future__ import annotations

import re
from functools import lru_cache

# The first spelling that fits makes the sound; sounds are a e i o u, p b t d k g f s S h m n l r y w.
_SPELLINGS = (
    ("tsch|tch|sch|[cs]h|tx|tj(?=[aeiou])", "S"),
    ("[cs]z|ts|tz|sc(?=[eiy])|^x(?=[aeiouy])|x$", "s"),
    ("ph", "f"),
    ("th|tt", "t"),
    ("dh|dd", "d"),
    ("bh|v|bb", "b"),
    ("kh|x(?=i[aeou])", "h"),
    ("jh|zh", "S"),
    ("(?:gh|h|g)?u(?=a)|wh|w|hu(?=[eiy])", "w"),
    ("qu(?=[ei])|q|cc(?=[aou])|ck|k+|c(?![eiyh])", "k"),
    ("gu(?=[ei])|gg|g(?![eiyh])", "g"),
    ("gh$", ""),
    ("gh", "g"),
    ("g|j", "h"),
    ("lli(?=[aeo])|ll(?=[aeiou])|y(?=[aeou])|ij(?=[aeou])", "y"),
    ("ny(?=[aeou])|ni(?=[aeo])|gn(?=[aeiouy])", "n"),
    ("[czs]+", "s"),
    ("x", "ks"),
    ("eigh|ay$|ai$|ay(?![aeiou])|ei|ey(?=.)", "e"),
    ("igh", "ai"),
    ("ee|ea(?=[^aeiou])|ie$|ey$|y|i+", "i"),
    ("oo|ou|u+", "u"),
    ("au|aw(?![aeiou])|ow$|oh$|oe$|o+", "o"),
    ("ah$|a+", "a"),
    ("eh$|e+", "e"),
    ("h(?=[^aeiouy])|h$", ""),
    ("hh?", "h"),
    ("ff|f", "f"),
    ("pp|p", "p"),
    ("t", "t"),
    ("d", "d"),
    ("b", "b"),
    ("m+", "m"),
    ("n+", "n"),
    ("l+", "l"),
    ("r+", "r"),
    ("[0-9]", ""),
)
_SPELLED = re.compile("|".join(f"({spelling})" for spelling, _ in _SPELLINGS))
_SOUNDS = ("", *(sound for _, sound in _SPELLINGS))
_KINDS = str.maketrans(
    {
        "p": "B", "b": "B", "f": "B", "t": "D", "d": "D", "k": "G", "g": "G", "s": "S", "S": "S",
        "m": "N", "n": "N", "l": "L", "r": "L", "h": "H", "y": "H", "w": "H",
        "a": None, "e": None, "i": None, "o": None, "u": None,
    }
)  # fmt: skip
_TWICE = re.compile(r"(.)\1+")


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """The fine code of a folded word: "horhay" and "jorge" are alike, "george" is near."""
    return _TWICE.sub(r"\1", _SPELLED.sub(lambda found: _SOUNDS[found.lastindex or 0], word))


@lru_cache(maxsize=50_000)
def rough_sound(word: str) -> str:
    """The coarse code of a folded word: its kinds of consonants in order, without repeats."""
    return _TWICE.sub(r"\1", sound(word).translate(_KINDS))
