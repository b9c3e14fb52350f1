"""How surprising a word is as it was said, spelled or keyed, when another word is recorded.

Surprise is counted in bits: -log2 of the probability. One table holds the error model of every channel; its
figures were fitted by `hotline bench match` on generated callers, never on callers that it is judged by.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from math import inf

from rapidfuzz.distance import OSA, Levenshtein

from hotline.rules import tables
from hotline.rules.keypad import digits_of
from hotline.rules.nicknames import full_names, short_names
from hotline.rules.sounds import rough_sound, sound
from hotline.rules.variants import spellings

LEAST_PREFIX = 3
"""Letters or keys that a name begun and not ended must have."""


@dataclass(frozen=True, slots=True)
class Surprises:
    """The error model of one channel, in bits. An edit is one letter, sound or key added, lost or changed."""

    same: float
    """The word just as it is recorded."""
    variant: float
    """Another accepted spelling of the same name (Mohamed, Muhammad)."""
    nickname: float
    """The short form of the recorded name, or the long one of a short one recorded."""
    prefix: float
    """The beginning of the word, and no more."""
    slip: float
    """One letter or key that is wrong, missing or doubled, before what `edit` adds for each."""
    edit: float
    sound: float
    """The word written down as it sounds, before what each unlike sound adds."""
    vowel: float
    consonant: float
    other_form: float
    """The form of the name for the other sex: near in sound and spelling, and hardly ever meant."""
    instead: float
    """More than for a word too many, where the record has one there that was not said: then they are two names."""


SPELLED = Surprises(
    same=0.2,
    variant=5.0,
    nickname=6.0,
    prefix=6.5,
    slip=4.0,
    edit=6.0,
    sound=7.0,
    vowel=3.0,
    consonant=4.0,
    other_form=15.0,
    instead=4.0,
)
"""What was typed or spelled, and speech whose recogniser was sure."""
HEARD = Surprises(
    same=0.8,
    variant=5.5,
    nickname=5.0,
    prefix=8.0,
    slip=4.5,
    edit=3.5,
    sound=4.0,
    vowel=1.25,
    consonant=3.0,
    other_form=10.0,
    instead=0.75,
)
"""What speech recognition wrote down."""
KEYED = Surprises(
    same=0.3,
    variant=5.0,
    nickname=6.0,
    prefix=3.5,
    slip=4.5,
    edit=4.5,
    sound=inf,
    vowel=inf,
    consonant=inf,
    other_form=14.0,
    instead=4.0,
)
"""What was pressed on the telephone, one key a letter; edits are of keys."""


def most_edits(length: int) -> int:
    """Wrong letters that a word of this length may have and still be thought of."""
    return 1 if length < 4 else 2 if length < 9 else 3


def most_unlike_sounds(length: int) -> int:
    """Unlike sounds that a word of so many sounds may have and still be thought of."""
    return max(1, (length * 2 + 2) // 5)


def of_edits(edits: int, length: int, bits: Surprises) -> float:
    """The surprise of so many wrong letters or keys in a word of `length`; inf beyond what is thought of."""
    if edits == 0:
        return bits.same
    return bits.slip + bits.edit * edits if edits <= most_edits(length) else inf


def of_sounds(said: str, word: str, unlike: int, bits: Surprises) -> float:
    """The surprise of hearing `word` and writing `said`, which have `unlike` unlike sounds."""
    consonants = Levenshtein.distance(rough_sound(said), rough_sound(word))
    return bits.sound + bits.vowel * unlike + bits.consonant * consonants


def spoken(said: str, word: str, bits: Surprises) -> float:
    """The surprise of folded `said` when folded `word` is recorded; inf where one can't be meant by the other."""
    if said == word:
        return bits.same
    if is_other_form(said, word):
        return bits.other_form
    edits = OSA.distance(said, word)
    least = of_edits(edits, min(len(said), len(word)), bits)
    heard, meant = sound(said), sound(word)
    unlike = Levenshtein.distance(heard, meant)
    if unlike <= most_unlike_sounds(len(meant)):
        least = min(least, of_sounds(said, word, unlike, bits))
    return min(least, listed(said, word, bits))


def is_other_form(one: str, other: str) -> bool:
    """Whether two words are one name's forms for the two sexes, and not two spellings of it (Ibrahim, Ibrahima)."""
    if one in known(other)[0] or one in known(other)[1]:
        return False
    if one in _sex_forms().get(other, ()):
        return True
    short, long = sorted((one, other), key=len)
    if len(short) == len(long):
        return short[:-1] == long[:-1] and {short[-1:], long[-1:]} == {"a", "o"}
    return len(short) >= LEAST_PREFIX and long == f"{short}a"


@cache
def _sex_forms() -> dict[str, set[str]]:
    forms: dict[str, set[str]] = {}
    for male, female in tables.read("sex_forms"):
        forms.setdefault(male, set()).add(female)
        forms.setdefault(female, set()).add(male)
    return forms


def keys_of_other_form(keys: str, word: str) -> bool:
    """Whether keys spell the form of a recorded word for the other sex."""
    forms = {word[:-1] + "ao"[word[-1] == "a"], f"{word}a", word.removesuffix("a"), *_sex_forms().get(word, ())}
    return keys != digits_of(word) and any(keys == digits_of(form) for form in forms)


@lru_cache(maxsize=20_000)
def known(word: str) -> tuple[frozenset[str], frozenset[str]]:
    """The other spellings of a folded word, and the names that it is short or long for, written as one word."""
    return spellings(word), frozenset(name.replace(" ", "") for name in full_names(word) | short_names(word))


def listed(said: str, word: str, bits: Surprises) -> float:
    """The surprise by what is known of the two words: spellings, short forms, a beginning; else inf."""
    same, shortened = known(said)
    if word in same:
        return bits.variant
    if word in shortened:
        return bits.nickname
    if len(said) >= LEAST_PREFIX and word.startswith(said):
        return bits.prefix
    return inf


def keyed(keys: str, word_keys: str, bits: Surprises = KEYED) -> float:
    """The surprise of `keys` when a word with `word_keys` is recorded; inf where it can't be meant."""
    edits = Levenshtein.distance(keys, word_keys)
    least = of_edits(edits, min(len(keys), len(word_keys)), bits)
    if len(keys) >= LEAST_PREFIX and word_keys.startswith(keys):
        least = min(least, bits.prefix) if edits else bits.same
    return least
