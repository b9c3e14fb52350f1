"""Which known name an answer nearly is, or holds among other words. Pure search in an index of folded names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from rapidfuzz import fuzz

from hotline.rules.names import skeleton

Index = Mapping[str, tuple[str, ...]]
"""Folded name to the codes that it may mean."""

_LEAST_LETTERS = 4
_NEAR = 75
"""Likeness (0 to 100) from which a name is offered."""
_SAME_SOUND = 25
"""What it adds to the likeness that two names have the same consonants, up to 92."""
_MOST_BY_SOUND = 92
_BEHIND_BEST = 12
_LONGEST = 6
# "New Mexico" and "New Jersey" are no countries.
_ANOTHER = frozenset(("new", "nuevo", "nueva"))


def held(words: Sequence[str], index: Index) -> tuple[str, ...]:
    """The codes of every name that stands as whole words among these, in their order, the longest names first read."""
    return tuple(dict.fromkeys(code for codes in _held(words, index) for code in codes))


def _held(words: Sequence[str], index: Index) -> Iterator[tuple[str, ...]]:
    at = 0
    while at < len(words):
        for size in range(min(_LONGEST, len(words) - at), 0, -1):
            said = " ".join(words[at : at + size])
            if said in index and len(said) >= _LEAST_LETTERS and not (at and words[at - 1] in _ANOTHER):
                yield index[said]
                at += size
                break
        else:
            at += 1


def near(said: Sequence[str], index: Index) -> tuple[str, ...]:
    """The codes of the names that one of the folded phrases is near to, likeliest first; blanks are not compared."""
    scores: dict[str, float] = {}
    for phrase in {text.replace(" ", "") for text in said}:
        if len(phrase) < _LEAST_LETTERS:
            continue
        sound = sounds(phrase)
        for name in index:
            known = name.replace(" ", "")
            if len(known) >= _LEAST_LETTERS:
                likeness = fuzz.ratio(phrase, known)
                if likeness < _NEAR + 13 and sound and sound == sounds(known):
                    likeness = max(likeness, min(_MOST_BY_SOUND, likeness + _SAME_SOUND))
                if likeness >= max(_NEAR, scores.get(name, 0)):
                    scores[name] = likeness
    best = max(scores.values(), default=0)
    ranked = sorted(scores, key=lambda name: (-scores[name], name))
    kept = (code for name in ranked if scores[name] >= best - _BEHIND_BEST for code in index[name])
    return tuple(dict.fromkeys(kept))


@lru_cache(maxsize=4096)
def sounds(text: str) -> str:
    """The consonants as they sound; "" where too little is left to go by."""
    sound = skeleton(text)
    return sound if len(sound) > 1 else ""
