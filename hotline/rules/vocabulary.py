"""The different words of one country's recorded names, and which of them a said word may stand for.

There are far fewer words than people (of 277,000 people 11,000), so each said word is compared with them all.
What is kept here are words, never people: who carries them is in the store alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from math import inf

from rapidfuzz import process
from rapidfuzz.distance import OSA, Levenshtein

from hotline.rules import likeness
from hotline.rules.keypad import digits_of
from hotline.rules.likeness import KEYED, Surprises
from hotline.rules.sounds import rough_sound, sound

MOST_NEAR = 40
"""Words that one said word is thought to stand for, the least surprising ones."""
GAP, GAP_LETTER = 3.0, 0.3
"""What a part of a run costs that is no recorded word: a word with a slip in it. A recorded word costs about 1."""
SHORT = 4
"""Letters with which many names begin; of such a word four times as many are thought of, and so of all keys."""
LEAST_PART = 3
_LEAST_HALVES = 7


class Vocabulary:
    """Words with their row ids. It only grows, as the table does: `last` is the newest id that it has.

    `without` are words of the table that it was made without, since nobody who may be shown carries them any more.
    """

    def __init__(self, without: frozenset[str] = frozenset()) -> None:
        self.without = without
        self.last = 0
        self.ids: dict[str, int] = {}
        self._words: list[str] = []
        self._sounds: list[str] = []
        self._rough_sounds: list[str] = []
        self._keys: list[str] = []
        self._by_keys: dict[str, list[str]] = {}
        self._in_order: list[str] = []
        self._keys_in_order: list[str] = []

    def __len__(self) -> int:
        return len(self._words)

    def add(self, rows: Iterable[tuple[int, str]]) -> None:
        """New rows of the table, ids rising."""
        known = len(self._words)
        for ref, word in rows:
            self.last = ref
            self.ids[word] = ref
            self._words.append(word)
            self._sounds.append(sound(word))
            self._rough_sounds.append(rough_sound(word))
            self._keys.append(digits_of(word))
            self._by_keys.setdefault(self._keys[-1], []).append(word)
        if len(self._words) > known:
            self._in_order = sorted(self._words)
            self._keys_in_order = sorted(self._by_keys)

    def near(self, said: str, bits: Surprises) -> dict[str, float]:
        """The words that folded `said` may stand for, with the surprise of each in bits, the least first."""
        found = self._by_letters(said, bits)
        for word, surprise in self._by_sound(said, bits):
            found[word] = min(surprise, found.get(word, inf))
        for word in self._listed(said):
            found[word] = min(likeness.listed(said, word, bits), found.get(word, inf))
        for word in found:
            if likeness.is_other_form(said, word):
                found[word] = bits.other_form
        if said in self.ids:
            found[said] = bits.same
        is_short = len(said) <= SHORT and said not in self.ids
        return _least(found, 4 * MOST_NEAR if is_short else MOST_NEAR)

    def near_keys(self, keys: str) -> dict[str, float]:
        """The words that keys may stand for: spelled so, begun so, or with a wrong key."""
        most = likeness.most_edits(len(keys))
        found: dict[str, float] = {}
        hits = process.extract(keys, self._keys, scorer=Levenshtein.distance, score_cutoff=most, limit=None)
        for spelled, edits, at in hits:
            found[self._words[at]] = likeness.of_edits(int(edits), min(len(keys), len(spelled)), KEYED)
        if len(keys) >= likeness.LEAST_PREFIX:
            for spelled in _beginning(keys, self._keys_in_order):
                for word in self._by_keys[spelled] if spelled != keys else ():
                    found[word] = min(KEYED.prefix, found.get(word, inf))
        for word, surprise in found.items():
            if surprise > KEYED.same and likeness.keys_of_other_form(keys, word):
                found[word] = KEYED.other_form
        return _least(found, 4 * MOST_NEAR)

    def has(self, said: str, is_keyed: bool) -> bool:
        """Whether a word is recorded just so."""
        return said in (self._by_keys if is_keyed else self.ids)

    def unlike(self, said: str, most: int) -> int | None:
        """The unlike sounds of the recorded word that is nearest to `said`, None where all have more than `most`."""
        heard = sound(said)
        found = process.extractOne(heard, self._sounds, scorer=Levenshtein.distance, score_cutoff=most)
        return None if found is None else int(found[1])

    def _by_letters(self, said: str, bits: Surprises) -> dict[str, float]:
        most = likeness.most_edits(len(said))
        hits = process.extract(said, self._words, scorer=OSA.distance, score_cutoff=most, limit=None)
        return {word: likeness.of_edits(int(edits), min(len(said), len(word)), bits) for word, edits, _ in hits}

    def _by_sound(self, said: str, bits: Surprises) -> Iterator[tuple[str, float]]:
        """Words that sound alike, and words whose consonants are of the same kinds but for one."""
        heard, rough = sound(said), rough_sound(said)
        if len(heard) < 2 or bits.sound == inf:
            return
        most = likeness.most_unlike_sounds(len(heard))
        hits = process.extract(heard, self._sounds, scorer=Levenshtein.distance, score_cutoff=most, limit=None)
        places = {at for _, _, at in hits}
        if len(rough) >= LEAST_PART and said not in self.ids:
            hits = process.extract(rough, self._rough_sounds, scorer=Levenshtein.distance, score_cutoff=1, limit=None)
            places.update(at for _, _, at in hits)
        for at in places:
            unlike = Levenshtein.distance(heard, self._sounds[at])
            if 2 * unlike <= len(heard) + 1:
                yield self._words[at], likeness.of_sounds(said, self._words[at], unlike, bits)

    def _listed(self, said: str) -> Iterator[str]:
        for word in frozenset.union(*likeness.known(said)):
            if word in self.ids:
                yield word
        if len(said) >= likeness.LEAST_PREFIX:
            yield from _beginning(said, self._in_order)


def _beginning(said: str, in_order: list[str]) -> list[str]:
    """The words of an ordered list that begin so."""
    return in_order[bisect_left(in_order, said) : bisect_left(in_order, f"{said}~")]


def _least(found: dict[str, float], most: int = MOST_NEAR) -> dict[str, float]:
    kept = sorted((surprise, word) for word, surprise in found.items() if surprise < inf)[:most]
    return {word: surprise for surprise, word in kept}


def apart(run: str, known: Sequence[Vocabulary], is_keyed: bool, least: int = LEAST_PART) -> tuple[str, ...]:
    """The words that a run of letters or keys is made of: recorded ones of `least` letters or more, the rest as it is.

    The run itself, where it is one word, or most of it would be a guess.
    """
    if least == LEAST_PART and any(vocabulary.has(run, is_keyed) for vocabulary in known):
        return (run,)
    best: list[tuple[float, tuple[str, ...]]] = [(0.0, ()), *[(inf, ())] * len(run)]
    for end in range(least, len(run) + 1):
        for start in range(end - least + 1):
            before, parts = best[start]
            part = run[start:end]
            if before == inf or (start, end) == (0, len(run)):
                continue
            is_word = any(vocabulary.has(part, is_keyed) for vocabulary in known)
            if is_word or least == LEAST_PART:
                cost = before + (_word_cost(part) if is_word else GAP + GAP_LETTER * len(part))
                if cost < best[end][0]:
                    best[end] = (cost, (*parts, part))
    parts = best[len(run)][1]
    words = sum(len(part) for part in parts if any(vocabulary.has(part, is_keyed) for vocabulary in known))
    if parts and 2 * words >= len(run):
        return parts
    return (() if is_keyed or least > LEAST_PART else _halves(run, known)) or (run,)


def _word_cost(word: str) -> float:
    """Few long words explain a run better than many short ones."""
    return 1.0 + 0.3 * max(0, 5 - len(word))


def _halves(run: str, known: Sequence[Vocabulary]) -> tuple[str, ...]:
    """The two parts of a run that sound most like recorded words; () where some would have to be guessed."""
    if len(run) < _LEAST_HALVES:
        return ()
    found: list[tuple[int, tuple[str, str]]] = []
    for at in range(LEAST_PART, len(run) - LEAST_PART + 1):
        halves = (run[:at], run[at:])
        unlike = [min((d for one in known if (d := one.unlike(half, 1)) is not None), default=None) for half in halves]
        if unlike[0] is not None and unlike[1] is not None:
            found.append((unlike[0] + unlike[1], halves))
    return min(found, default=(0, ()))[1]
