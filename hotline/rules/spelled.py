"""Letters said one by one, in English and Spanish: "L O P E Z", "ele o pe e zeta", "G as in golf", "doble ele".

Words are given folded (`names.fold`). What the words may be stands in `spelling_words.tsv`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from hotline.rules import tables

_LEAST = 3
"""Letters that make a word spelled; two may be initials."""
_LEAST_UNSURE = 4
_LONGEST_WORD = 3
_LINKS = {
    "en": ("as in", "like in", "is for", "stands for", "for", "like", "as"),
    "es": ("como en", "como de", "es de", "de", "como"),
}
_DOUBLE = frozenset(("double", "doble", "two", "dos"))
_BREAKS = frozenset(("space", "espacio", "hyphen", "dash", "guion"))
_ACCENTS = (
    "with an accent", "with accent", "with a tilde", "con acento", "con tilde", "con dieresis", "acento", "accent",
)  # fmt: skip
_WHERE = ("mark", "on the", "over the", "en la", "sobre la", "on", "en", "a la")

# Letters that a recogniser takes for each other over the telephone, and those that sound alike in Spanish.
_CONFUSED = ("bdeptvgcz", "mn", "sfx", "ajkh", "iye", "quwk", "szc", "bv", "gj", "ly", "lr", "oa")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter said, or two of it.

    `words` is how many words it took; `sure` when it can't have been another word; `aided` when a word came with it
    ("as in golf") or it was doubled; `bare` when such a word stood for it alone ("zulu"); `person` when the word that
    was said is somebody's name as well.
    """

    text: str
    words: int
    sure: bool = False
    aided: bool = False
    bare: bool = False
    person: bool = False

    @property
    def told(self) -> bool:
        """Whether it was told of a name rather than as a part of one ("V as in Victor")."""
        return self.aided and self.words > 2


@dataclass(frozen=True, slots=True)
class Run:
    """Letters said one after the other: the words that they spell, one for each part between spaces."""

    text: str
    words: int
    letters: tuple[Letter, ...]

    @property
    def spells(self) -> bool:
        """Whether these letters are a word spelled and not a name that looks like letters ("De la O", "Jay Dee")."""
        count = len(self.letters)
        if any(letter.bare for letter in self.letters):
            return count >= _LEAST and 2 * sum(letter.person for letter in self.letters) <= count
        if all(letter.aided for letter in self.letters):
            return count >= 2
        sure = sum(letter.sure for letter in self.letters)
        names = all(letter.person for letter in self.letters)  # "Kay Jay Dee Bea"
        return count >= _LEAST and (2 * sure >= count or (count >= _LEAST_UNSURE and not names))


def phrase_at(words: Sequence[str], at: int, phrases: Sequence[str]) -> int:
    """How many words the first of the phrases takes that stands at this place; 0 when none does."""
    for phrase in phrases:
        size = phrase.count(" ") + 1
        if " ".join(words[at : at + size]) == phrase:
            return size
    return 0


def run_at(words: Sequence[str], at: int) -> Run | None:
    """The letters said from this place on, or None when the word here is no letter.

    A run is of letters or of spelling words alone, so that a name may follow what was spelled.
    """
    letters: list[Letter] = []
    text, end = "", at
    while end < len(words):
        skipped = accent_at(words, end) if letters else 0
        if skipped:
            end += skipped
            continue
        parted = bool(letters) and words[end] in _BREAKS
        found = letter_at(words, end + parted)
        if found is None or (letters and found.bare != letters[0].bare):
            break
        letters.append(found)
        text += " " * parted + found.text
        end += parted + found.words
    return Run(text, end - at, tuple(letters)) if letters else None


def accent_at(words: Sequence[str], at: int) -> int:
    """How many words speak of an accent at this place ("con tilde en la ene"); accents are not compared."""
    size = phrase_at(words, at, _ACCENTS)
    if not size:
        return 0
    where = phrase_at(words, at + size, _WHERE)
    if words[at + size : at + size + 1] == ["mark"]:
        size, where = size + 1, phrase_at(words, at + size + 1, _WHERE)
    found = _named(words, at + size + where) if where else None
    return size + where + found.words if found else size


def is_break(word: str) -> bool:
    """Whether the word is a space or a hyphen said."""
    return word in _BREAKS


def letter_at(words: Sequence[str], at: int) -> Letter | None:
    """The letter said at this place, with the word that came with it, or None."""
    found = _named(words, at)
    if found is not None:
        return _with_its_word(words, at, found)
    if at + 1 < len(words) and words[at] in _DOUBLE and (once := _singular(words, at + 1)):
        once = _with_its_word(words, at + 1, once)
        return Letter(once.text * 2, 1 + once.words, sure=True, aided=True)
    known = _spelling_words()
    for size in range(_LONGEST_WORD, 0, -1):
        said = " ".join(words[at : at + size])
        if said in known:
            return Letter(known[said], size, bare=True, person=said in _phrases("person"))
    return None


def _singular(words: Sequence[str], at: int) -> Letter | None:
    """A letter after "double" or "two": its name may be in the plural ("two ls", "dos eles")."""
    return _named(words, at) or (_named((words[at][:-1],), 0) if words[at].endswith("s") else None)


def _named(words: Sequence[str], at: int) -> Letter | None:
    """The letter whose name alone stands here."""
    for size in range(min(_LONGEST_WORD, len(words) - at), 0, -1):
        said = " ".join(words[at : at + size])
        if said in _phrases("letter"):
            return Letter(_phrases("letter")[said], size, sure=True)
        if len(said) == 1 and (said.isalpha() or said == "0"):
            return Letter("o" if said == "0" else said, 1, sure=True)
        for kind in ("like", "called"):
            if said in _phrases(kind):
                return Letter(_phrases(kind)[said], size, person=kind == "called")
    return None


def _with_its_word(words: Sequence[str], at: int, letter: Letter) -> Letter:
    """The letter with "as in golf" after it. Where the word begins otherwise, the recogniser misheard the letter."""
    after = at + letter.words
    for language in ("en", "es"):
        size = phrase_at(words, after, _LINKS[language])
        word = words[after + size] if after + size < len(words) else ""
        if size and _helps(letter, word, loose=size > 1):
            two = " ".join(words[after + size : after + size + 2]) in _spelling_words()
            text = letter.text if _plain(letter.text) == word[0] else word[0]
            return Letter(text, letter.words + size + 1 + two, sure=True, aided=True)
    word = words[after] if after < len(words) else ""
    if letter.sure and _plain(letter.text) == _spelling_words().get(word):
        return Letter(letter.text, letter.words + 1, sure=True, aided=True)
    return letter


def _helps(letter: Letter, word: str, loose: bool) -> bool:
    """Whether a word after "as in" (loose), "for" or "de" stands for the letter."""
    if not word or (len(word) < _LEAST and not loose) or (not loose and _named((word,), 0)):
        return False
    if word[0] == _plain(letter.text):
        return True
    return _confused(letter.text, word[0]) and (loose or (letter.sure and word in _spelling_words()))


def _plain(letter: str) -> str:
    return "n" if letter == "\u00f1" else letter


def _confused(one: str, other: str) -> bool:
    return any(one in group and other in group for group in _CONFUSED)


@cache
def _phrases(kind: str) -> dict[str, str]:
    """Folded words to letters, of one kind."""
    return {words: letters for _, of, letters, words in tables.read("spelling_words") if of == kind}


@cache
def _spelling_words() -> dict[str, str]:
    return _phrases("word") | _phrases("person")
