"""A name spoken on the telephone, as the recogniser wrote it: right words, near ones, fillers, a confidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from weakref import WeakKeyDictionary

from hotline.bench.held import Held, plain
from hotline.bench.slips import plain_marks
from hotline.bench.sounds import alike_key, cut_apart, known_mishearings, misheard, sounds, tradition, written

_FILLERS = {
    "en": ("uh", "um", "his name is", "her name is", "it's", "yeah", "okay", "so", "that's", "the name is"),
    "es": ("eh", "este", "se llama", "su nombre es", "es", "pues", "bueno", "mmm", "a ver", "creo que"),
}
_BEFORE_SURNAME = {"en": ("last name", "the last name is", "uh"), "es": ("apellido", "de apellido", "eh")}


@dataclass(frozen=True, slots=True)
class Recognised:
    """Either name as written down, or the whole in `text` where it was said in one breath; confidence 0.5 to 0.95."""

    given: tuple[str, ...]
    surnames: tuple[str, ...]
    text: str
    confidence: float


def recognised(
    given: Sequence[str],
    surnames: Sequence[str],
    country: str,
    held: Held,
    bad: bool,
    chance: Random,
    apart: bool = False,
) -> Recognised:
    """One name said by a caller about somebody born in `country`. `bad` is spoken almost beyond recognition; `apart`
    is never in one breath.
    """
    own = tradition(country)
    speaker = own if chance.random() < 0.8 else "english"
    language = "es" if chance.random() < (0.4 if own == "spanish" else 0.1) else "en"
    words = [*given, *surnames]
    heard = [plain_marks(word).lower() if chance.random() < 0.4 else word.title() for word in words]
    changed = _changed_places(words, country, held, bad, chance)
    for at in changed:
        heard[at] = _heard(words[at], own, speaker, language, held, bad, chance)
    firsts, lasts = heard[: len(given)], heard[len(given) :]
    if chance.random() < (0.5 if bad else 0.12):
        firsts, lasts = _run_or_cut(firsts, chance), _run_or_cut(lasts, chance)
    confidence = round(min(0.95, max(0.5, chance.gauss(0.86, 0.08) - 0.07 * len(changed) - 0.12 * bad)), 2)
    filled = chance.random() < 0.2
    if filled:
        firsts = [chance.choice(_FILLERS[language]), *firsts]
    if not apart and chance.random() < 0.5:
        if filled and chance.random() < 0.3:
            lasts = [chance.choice(_BEFORE_SURNAME[language]), *lasts]
        text = " ".join([*firsts, *lasts])
        return Recognised((), (), text + chance.choice(("", "", ".")), confidence)
    return Recognised(tuple(firsts), tuple(lasts), "", confidence)


def _changed_places(words: Sequence[str], country: str, held: Held, bad: bool, chance: Random) -> list[int]:
    """Which words the recogniser gets wrong: rare ones more often than those that it has heard before."""
    places = [n for n, word in enumerate(words) if len(plain(word)) > 1]
    if bad:
        return sorted(chance.sample(places, min(len(places), chance.randint(3, 5))))
    everybody = max(1, len(held.by_country.get(country, ())))
    wrong = []
    for n in places:
        share = len(held.carriers.get(country, {}).get(plain(words[n]), ())) / everybody
        if chance.random() < (0.28 if share > 0.01 else 0.42 if share > 0.001 else 0.6):
            wrong.append(n)
    return wrong or ([chance.choice(places)] if places else [])


def _heard(word: str, own: str, speaker: str, language: str, held: Held, bad: bool, chance: Random) -> str:
    dictated = known_mishearings().get((plain(word), language))
    if dictated and chance.random() < 0.45:
        return chance.choice(dictated)
    changes = chance.randint(1, 3) if bad else chance.choices((0, 1, 2), (35, 50, 15))[0]
    heard = misheard(sounds(word, own), speaker, changes, chance)
    if chance.random() < (0.3 if bad else 0.5):  # a recogniser would rather write a name that it knows
        tongues = dict.fromkeys((own, "spanish" if language == "es" else "english"))
        known = [name for tongue in tongues for name in _alike(held).get((tongue, alike_key(heard)), ())]
        others = [name for name in known if name != plain(word) and abs(len(name) - len(plain(word))) <= 1]
        if others:
            return chance.choice(others)
    return written(heard, language, chance) or plain(word)


def _run_or_cut(words: list[str], chance: Random) -> list[str]:
    if len(words) > 1 and chance.random() < 0.5:
        at = chance.randrange(len(words) - 1)
        return [*words[:at], words[at] + words[at + 1].lower(), *words[at + 2 :]]
    longer = [n for n, word in enumerate(words) if len(word) > 5]
    if not longer:
        return words
    at = chance.choice(longer)
    return [*words[:at], cut_apart(words[at], chance), *words[at + 1 :]]


_Alike = dict[tuple[str, str], list[str]]
_ALIKE: WeakKeyDictionary[Held, _Alike] = WeakKeyDictionary()


def _alike(held: Held) -> _Alike:
    """The words of a tradition's names by what is left of their sound: a recogniser takes one for another."""
    if held not in _ALIKE:
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for country, carriers in held.carriers.items():
            own = tradition(country)
            for word, numbers in carriers.items():
                if len(numbers) > 1 or len(carriers) < 500:
                    found[own, alike_key(sounds(word, own))].add(word)
        _ALIKE[held] = {key: sorted(words) for key, words in found.items()}
    return _ALIKE[held]
