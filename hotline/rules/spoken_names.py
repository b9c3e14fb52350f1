"""A name as speech recognition wrote it: what was said around it off, letters joined, corrections followed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from hotline.rules import letters_changed, spelled
from hotline.rules.fillers import Word, correction, without_fillers
from hotline.rules.names import fold, skeleton
from hotline.rules.spelled import Run

_EDGES = ' \t\r\n.,;:!?\u00a1\u00bf"\u201c\u201d\u2026\u3002()[]'
_PAUSE = re.compile(r"[.,;:!?\u2026\u3002]+$")
_LETTER_BY_LETTER = re.compile(r"^(?:[^\W\d_]|dou?ble)(?:[-.](?:[^\W\d_]|dou?ble))+$", re.IGNORECASE)
_ALIKE = 66
"""Likeness (0 to 100) from which a word spelled is the word said just before."""
_MOST_SAID = 3
_INITIALS = 2
_LEAST_TWICE = 4


def heard(text: str, language: str) -> str:
    """The name alone in an answer, in the letters that recognition gave it; "" for an answer without a word.

    An answer that is nothing but fillers stays as it is: a few of them are somebody's name ("Um"). A name said and
    then spelled is the one spelled where the two are near each other; else they are two names, and both stay. After a
    correction ("Lopes, no, Lopez") what follows counts, in place of the last word alone where it is near that word.
    """
    words = _words(text)
    named = _corrected(words, language)
    name = " ".join(_joined(_written(named)))
    return name if fold(name) else " ".join(word.text for word in words)


def masked(text: str) -> bool:
    """True when speech recognition hid part of the answer ("D*** Bao"): not a name, to be asked again."""
    return "*" in text or "\uff0a" in text


def _words(text: str) -> list[Word]:
    """The words of an answer; letters written in one ("L-O-P-E-Z") come apart, digits go where words are left."""
    words: list[Word] = []
    for written in text.split():
        if bare := written.strip(_EDGES):
            parts = re.split(r"[-.]", bare) if _LETTER_BY_LETTER.match(bare) else [bare]
            words.extend(Word(part, fold(part)) for part in parts)
        if words and _PAUSE.search(written):
            words[-1] = replace(words[-1], pause=True)
    named = [word for word in words if not word.text.isdigit() or word.text == "0"]
    return named if any(word.text != "0" for word in named) else words


def _corrected(words: list[Word], language: str) -> list[Word]:
    """The words without fillers, those after a correction in the place of what they correct."""
    start, end, then = correction(words)
    if not then:
        return without_fillers(words, language)
    before, after = without_fillers(words[start:end], language), without_fillers(words[then:], language)
    folded = [word.folded for word in after]
    if spelled.phrase_at(folded, 0, letters_changed.WITH):  # "no, con zeta"
        return [*before, *after]
    if len(after) == 1 and len(before) > 1 and _near(before[-1].folded, folded[0]):
        return [*before[:-1], *after]
    return before if before and len(after) == 1 and spelled.letter_at(folded, 0) else after


def _joined(words: list[str]) -> Iterator[str]:
    """The words with an apostrophe that was said put between its two sides."""
    at = 0
    while at < len(words):
        if 0 < at + 1 < len(words) - 1 and fold(words[at + 1]) in ("apostrophe", "apostrofe", "apostrofo"):
            yield f"{words[at]}'{words[at + 2]}"
            at += 3
        else:
            yield words[at]
            at += 1


def _written(words: list[Word]) -> list[str]:
    """The words with letters joined to the words that they spell, or put into the word that they are about."""
    folded = [
        "enye" if "\u00f1" in word.text.lower() and word.folded in ("n", "ene") else word.folded for word in words
    ]
    out: list[str] = []
    pending: tuple[str, ...] = ()
    at = 0
    while at < len(words):
        lead = spelled.phrase_at(folded, at, letters_changed.WITH)
        run = spelled.run_at(folded, at + lead)
        if _before_a_run(words, at, run):
            run = None
        if out and (size := spelled.accent_at(folded, at)):
            at += size
        elif change := letters_changed.change_at(folded, at):
            if out:
                out[-1] = letters_changed.changed(out[-1], change.letters)
            else:
                pending = change.letters
            at += change.words
        elif out and (size := letters_changed.instead_at(folded, at)):
            at += size
        elif run and _spells(run, words, out):
            out = _with_spelled(out, _spelling(words[at + lead : at + lead + run.words], run))
            at += lead + run.words
        elif run and out and not lead and run.letters[0].told:
            out[-1] = letters_changed.changed(out[-1], (run.letters[0].text,))
            at += run.letters[0].words
        else:
            if not (out and at + 1 < len(words) and spelled.is_break(folded[at])):
                out.append(letters_changed.changed(words[at].text, pending))
                pending = ()
            at += 1
    return _said_again(out, words)


def _spells(run: Run, words: list[Word], out: list[str]) -> bool:
    """Whether the letters are a word; two are one only where they can be nothing else."""
    if run.spells:
        return True
    if len(run.letters) != _INITIALS or not all(letter.sure for letter in run.letters):
        return False
    first = run.letters[0]
    if first.told or run.letters[1].told:
        return not out or (
            first.text not in fold(out[-1]) and letters_changed.changed(out[-1], (first.text,)) == out[-1]
        )
    return run.words == len(words) or bool(out and fold(out[-1]) == run.text)


def _before_a_run(words: list[Word], at: int, run: Run | None) -> bool:
    """Whether the word is a name that was said before it or another was spelled ("Oh O H", "Jay, L O P E Z")."""
    after = spelled.run_at([word.folded for word in words], at + 1) if run and len(words[at].folded) > 1 else None
    if not run or not after or run.letters[0].bare:
        return False
    paused = words[at].pause and not words[at + 1].pause
    return after.text == words[at].folded or (paused and run.letters[0].person and after.spells)


def _spelling(words: Sequence[Word], run: Run) -> list[str]:
    """The words spelled, with the accents of letters that were written alone."""
    text = "".join(word.text for word in words) if all(len(word.text) == 1 for word in words) else run.text
    text = run.text if "0" in text else text.lower()
    half = len(text) // 2
    if half >= _LEAST_TWICE and text[:half] == text[half:]:  # spelled twice
        text = text[:half]
    return [part.capitalize() for part in text.split()]


def _with_spelled(said: list[str], parts: list[str]) -> list[str]:
    """What was said before with what was spelled; it takes the place of the last words where they are near."""
    letters = "".join(fold(part) for part in parts).replace(" ", "")
    best, count = 0.0, 0
    for size in range(1, min(_MOST_SAID, len(said)) + 1):
        near = _likeness("".join(fold(word).replace(" ", "") for word in said[-size:]), letters)
        if near > best:
            best, count = near, size
    if best < _ALIKE:
        return [*said, *parts]
    if count > 1 and len(parts) == 1:
        parts = _cut(parts[0], said[-count:])
    return [*said[:-count], *parts]


def _cut(letters: str, said: list[str]) -> list[str]:
    """The letters cut where the words said were, when they are as long together."""
    if len(letters) != sum(len(word) for word in said):
        return [letters]
    parts, at = [], 0
    for word in said:
        parts.append(letters[at : at + len(word)].capitalize())
        at += len(word)
    return parts


def _said_again(out: list[str], words: list[Word]) -> list[str]:
    """Without the same word again after it was spelled."""
    twice = len(out) == 2 and len(words) > 2 and fold(out[0]) == fold(out[1])
    return out[:1] if twice else out


def _near(one: str, other: str) -> bool:
    return _likeness(one, other) >= _ALIKE


def _likeness(one: str, other: str) -> float:
    """How alike two folded words are, 0 to 100; what sounds the same is near."""
    same_sound = bool(skeleton(one)) and skeleton(one) == skeleton(other) and one[:1] == other[:1]
    return max(fuzz.ratio(one, other), _ALIKE if same_sound else 0)
