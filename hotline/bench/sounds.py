"""How a name that is said becomes what a recogniser writes: read aloud, misheard, and spelled as it was heard."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from random import Random

from hotline.bench.held import plain, table

_SOUND = re.compile(r"ts|gw|aun|ye|ei|ou|[a-zA-Z]")


@cache
def tradition(country: str) -> str:
    """How people born in a country (by its code) are named and how their callers speak, "other" where not known."""
    return {code: row[0] for row in table("traditions") for code in row[1].split()}.get(country, "other")


def sounds(word: str, spoken_by: str) -> tuple[str, ...]:
    """A written name as one reads it aloud who is of this tradition, in the notation of read_as.tsv."""
    text = _letters(word)
    said, at = "", 0
    while at < len(text):
        for pattern, sound in _readings(spoken_by):
            if found := pattern.match(text, at):
                said += sound
                at = found.end()
                break
        else:
            said += text[at]
            at += 1
    return tuple(_SOUND.findall(re.sub(r"([a-z])\1", r"\1", said)))


def misheard(heard: Sequence[str], speaker: str, changes: int, chance: Random) -> tuple[str, ...]:
    """The sounds after so many confusions, by the speaker's accent or by the telephone."""
    kept = list(heard)
    for _ in range(changes):
        places = [n for n, sound in enumerate(kept) if sound in _confusions(speaker)]
        if not places:
            break
        at = chance.choice(places)
        others, weights = _confusions(speaker)[kept[at]]
        kept[at : at + 1] = _SOUND.findall(chance.choices(others, weights)[0])
    return tuple(kept)


def written(heard: Sequence[str], language: str, chance: Random) -> str:
    """The sounds as a recogniser of English (`en`) or Spanish (`es`) spells what it takes for a name."""
    spellings = _spellings(language)
    parts, at = [], 0
    while at < len(heard):
        end = "$" if at == len(heard) - 1 else ""
        pair = "".join(heard[at : at + 2])
        if at + 1 < len(heard) and pair in spellings:
            parts.append(chance.choice(spellings[pair]))
            at += 2
            continue
        choice = spellings.get(heard[at] + end) or spellings.get(heard[at]) or [heard[at].lower()]
        parts.append(chance.choice(choice))
        at += 1
    return "".join(parts)


def cut_apart(word: str, chance: Random) -> str:
    """A word written as two, between a vowel and a consonant where there is such a place."""
    places = [n for n in range(2, len(word) - 1) if word[n - 1] in "aeiou" and word[n] not in "aeiou"]
    at = chance.choice(places or [max(1, len(word) // 2)])
    return f"{word[:at]} {word[at:]}"


@cache
def known_mishearings() -> dict[tuple[str, str], tuple[str, ...]]:
    """What recognisers of a language are known to write for a name (in plain letters)."""
    known: dict[tuple[str, str], tuple[str, ...]] = defaultdict(tuple)
    for name, language, heard in table("misheard"):
        known[name, language] += tuple(part.strip() for part in heard.split(";"))
    return dict(known)


def alike_key(heard: Sequence[str]) -> str:
    """What is left of a word's sounds when vowels and the finer differences go: words of one key sound alike.

    The first vowel stays, so that short names are not all alike.
    """
    said = "".join(heard)
    vowel = next((sound for sound in said if sound in "aeiou"), "")
    return vowel.translate(_VOWEL) + re.sub(r"(.)\1+", r"\1", said.translate(_COARSE))


_VOWEL = str.maketrans("ou", "uu")
_COARSE = str.maketrans("vSZJzRNm", "bssssrnn", "aeiouhyw")


def _letters(word: str) -> str:
    return "".join("ñ" if letter in "ñÑ" else plain(letter) for letter in word)


@cache
def _readings(spoken_by: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = [row for kind in (spoken_by, "any") for row in table("read_as") if row[0] == kind]
    return tuple((re.compile(letters), "" if sound == "-" else sound) for _, letters, sound in rows)


@cache
def _confusions(speaker: str) -> dict[str, tuple[list[str], list[int]]]:
    found: dict[str, tuple[list[str], list[int]]] = defaultdict(lambda: ([], []))
    for kind, sound, heard, weight in table("confused_with"):
        if kind in (speaker, "line"):
            found[sound][0].append("" if heard == "-" else heard)
            found[sound][1].append(int(weight))
    return dict(found)


@cache
def _spellings(language: str) -> dict[str, list[str]]:
    return {sound: spellings.split() for kind, sound, spellings in table("written_as") if kind == language}
