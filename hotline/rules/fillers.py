"""What people say around a name: fillers, corrections, and what is no name any more; `fillers.tsv` has the words.

Fillers of both languages are known in every call, for people mix them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from hotline.rules import spelled, tables

_AND = ("and", "y")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was written, folded, and whether a mark after it shows a pause."""

    text: str
    folded: str
    pause: bool = False


def correction(words: list[Word]) -> tuple[int, int, int]:
    """The last correction that has words on both sides: where what it corrects begins and ends, where it ends itself.

    All are 0 where there is none. "No es Lopes, es Lopez" corrects as well.
    """
    folded = [word.folded for word in words]
    denied = _phrase(folded, 0, _fillers("denial"))
    corrections = _fillers("correction assertion" if denied else "correction")
    known = _anywhere() | _fillers("rest") | corrections
    at, found = denied, (0, 0, 0)
    while at < len(folded):
        size = _phrase(folded, at, known)
        end = at + size
        letter = size == 1 and not words[at].pause and folded[end : end + 1] in (["con"], ["with"])  # "no con ese"
        if at > denied and end < len(folded) and " ".join(folded[at:end]) in corrections and not letter:
            found = denied, at, end
        at = end if size else at + 1
    return found


def without_fillers(words: list[Word], language: str) -> list[Word]:
    """The words that are no fillers, or all where nothing else was said."""
    off = _fillers_marked(words, language)
    kept = [word for word, drop in zip(words, off, strict=True) if not drop]
    if kept or not words:
        return kept
    folded = [word.folded for word in words]
    lone = [at for at in range(len(words)) if folded[at] in _names_too()]
    return [words[lone[-1]]] if lone and len(words) > 1 and lone[-1] == len(words) - 1 else words


def _fillers_marked(words: list[Word], language: str) -> list[bool]:
    """For each word, whether it is a filler."""
    folded = [word.folded for word in words]
    off = [False] * len(words)
    _mark_anywhere(folded, off)
    own = frozenset[str]().union(*(_fillers("own", tongue) for tongue in _tongues(folded, language)))
    _mark_own(folded, off, own)
    before: list[bool] = []
    while off != before:
        before = list(off)
        _mark_pauses(words, off)
        _mark_ends(folded, off)
    return off


def _tongues(folded: list[str], language: str) -> set[str]:
    """The call's language, and whichever is spoken in the answer by a filler of several words."""
    spoken = {
        tongue for tongue in ("en", "es") if any(_phrase(folded, at, _sayings(tongue)) for at in range(len(folded)))
    }
    return spoken | {language}


def _mark_anywhere(folded: list[str], off: list[bool]) -> None:
    at = 0
    while at < len(folded):
        if not all(off[:at]) and _phrase(folded, at, _fillers("rest")):
            off[at:] = [True] * (len(folded) - at)
            return
        size = _phrase(folded, at, _anywhere())
        off[at : at + size] = [True] * size
        if size > 1 and at and folded[at - 1] in _AND:
            off[at - 1] = True
        at += size or 1


def _mark_own(folded: list[str], off: list[bool], own: frozenset[str]) -> None:
    """Fillers that are such in one language, before another word; letters spelled may look like them."""
    at = 0
    while at + 1 < len(folded):
        run = spelled.run_at(folded, at)
        letters = run.words if run and run.spells else 0
        off[at] = off[at] or (not letters and folded[at] in own)
        at += letters or 1


def _mark_ends(folded: list[str], off: list[bool]) -> None:
    """Fillers at both ends, one after the other, until a word of the name stands there."""
    first, last = _fillers("start edge"), _fillers("end edge")
    start, end = 0, len(folded)
    while start < end:
        if off[start]:
            start += 1
        elif off[end - 1]:
            end -= 1
        elif size := _phrase(folded[start:end], 0, first):
            off[start : start + size] = [True] * size
        elif size := next((n for n in range(_longest(), 0, -1) if " ".join(folded[start:end][-n:]) in last), 0):
            off[max(start, end - size) : end] = [True] * min(size, end - start)
        else:
            return


def _mark_pauses(words: list[Word], off: list[bool]) -> None:
    """Fillers that are names too, where a pause or another filler stands on each side."""
    for at, word in enumerate(words):
        left = at == 0 or words[at - 1].pause or off[at - 1]
        right = at + 1 == len(words) or word.pause or off[at + 1]
        if left and right and word.folded in _fillers("pause"):
            off[at] = True


def _phrase(folded: Sequence[str], at: int, phrases: frozenset[str]) -> int:
    """How many words the longest of the phrases takes that stands at this place; 0 when none does."""
    longest = min(_longest(), len(folded) - at)
    return next((size for size in range(longest, 0, -1) if " ".join(folded[at : at + size]) in phrases), 0)


@cache
def _fillers(kinds: str, language: str = "") -> frozenset[str]:
    """The phrases of the kinds, parted by blanks, in both languages or in the one given (BCP 47)."""
    tongue = language.replace("_", "-").split("-")[0].lower()
    rows = tables.read("fillers")
    return frozenset(words for of, kind, words in rows if kind in kinds.split() and (not language or of == tongue))


@cache
def _sayings(language: str = "") -> frozenset[str]:
    """Phrases of several words, which no name holds."""
    return frozenset(phrase for phrase in _fillers("start end edge", language) if " " in phrase)


@cache
def _anywhere() -> frozenset[str]:
    """What is no part of a name wherever it stands: single words marked so, and phrases of several words."""
    return _fillers("middle") | _sayings()


@cache
def _names_too() -> frozenset[str]:
    """Single words that are a name where nothing else was said."""
    return frozenset(phrase for phrase in _fillers("edge middle own pause") if " " not in phrase)


@cache
def _longest() -> int:
    return max(words.count(" ") + 1 for _, _, words in tables.read("fillers"))
