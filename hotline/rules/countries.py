"""Countries of birth: recorded, said, keyed and read back.

A code is ISO 3166-1 alpha-2, of a country that is no more its ISO 3166-3 alpha-4 (SUHH, YUCS). Kosovo is XK.
Names come from CLDR; what people say besides stands in `countries.tsv` and `former_countries.tsv`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from hotline.rules import country_names, country_sounds, keypad
from hotline.rules.country_names import codes, name
from hotline.rules.names import fold

__all__ = [
    "CHOICES", "by_keys", "certain", "codes", "equivalent", "from_feed", "given", "is_demonym", "name", "recognise",
]  # fmt: skip

CHOICES = 5
"""How many countries a caller may be offered at once."""
_LEAST_KEYS = 3
_LEAST_NEAR_MISHEARD = 7
_BOTH = ("en", "es")

# Not ISO's former countries, and yet one may be recorded where the other is meant.
_RELATED = (("SD", "SS"), ("ET", "ER"), ("RS", "XK"), ("CN", "HK"), ("CN", "MO"))
_ISLANDS = frozenset(("island", "islands", "isle", "isla", "islas"))
_REPUBLIC = frozenset(("republic", "republica", "country", "pais"))


def from_feed(text: str) -> str | None:
    """The code for an ISO 3166 code of two, three or four letters or a name in English or Spanish, else None.

    A bare name that callers use for several countries means, in a record, the country it officially names.
    """
    code = country_names.iso_codes().get(text.strip().upper())
    if code:
        return code
    bare = text.split("(")[0]
    flipped = " ".join(reversed(bare.split(",")))
    said = (country_names.key(form) for form in (text, bare, flipped))
    return next((_recorded()[key] for key in said if key in _recorded()), None)


def given(text: str, languages: tuple[str, ...]) -> str | None:
    """The one code that a written country means: ISO 3166 code in either case, name in a language, former country.

    None where it isn't certain ("Korea"); a name that is official for one country means that one ("Guinea").
    """
    code = country_names.iso_codes().get(text.strip().upper())
    if code:
        return code
    said = _exact(text, languages) or _exact(text, _BOTH)
    if len(said) == 1:
        return said[0]
    return country_names.official().get(country_names.key(text)) if said else from_feed(text)


def recognise(text: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    """The countries that a spoken answer may mean, at most five, likeliest first; () when it names none.

    An exact name means that country and nothing near it, or all that people call so ("Congo"). A near miss, a town,
    or a name among other words may give one as well: ask `certain` whether to confirm. A citizenship ("mexicana") is
    no country of birth.
    """
    key = country_names.key(text)
    if exact := _exact(text, languages):
        return exact[:CHOICES]
    found = _heard(key)
    if not found and not _unsaid(key, text):
        found = country_sounds.held(key.split(), _spoken(languages))
        if not found and not _tells_citizenship(key):
            said = list(_trimmed(key))
            long = {text: code for text, code in _misheard().items() if len(text) >= _LEAST_NEAR_MISHEARD}
            found = country_sounds.near((said[0], said[-1]), long | _spoken(languages))
    return found[:CHOICES]


def certain(text: str, languages: tuple[str, ...]) -> bool:
    """True when the answer is one country's name, letter by letter; else what was recognised needs a yes.

    So does a name that comes with "no": it may be the one that is not meant.
    """
    return len(_exact(text, languages)) == 1 and "no" not in fold(text).split()


def is_demonym(text: str) -> bool:
    """True for a citizenship in English or Spanish ("Guatemalan", "a Guatemalan citizen") where no country is named."""
    key = country_names.key(text)
    if _exact(text, _BOTH) or country_sounds.held(key.split(), _spoken(_BOTH)):
        return False
    return _tells_citizenship(key)


def _unsaid(key: str, text: str) -> bool:
    """Whether the whole answer is a citizenship, or more than a country ("Africa")."""
    said = set(_trimmed(key))
    return not said.isdisjoint(country_names.regions()) or (
        not said.isdisjoint(country_names.demonyms()) and is_demonym(text)
    )


def _tells_citizenship(key: str) -> bool:
    words = key.split()
    runs = {" ".join(words[at : at + size]) for size in (1, 2) for at in range(len(words))}
    return not runs.isdisjoint(country_names.demonyms())


def by_keys(digits: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    """The countries whose name in one of the languages, English or Spanish begins with these keys, at most five.

    Three keys at least; spaces, hyphens and articles may be left out. A name keyed to its end comes first, then what
    countries are called officially before what people say besides, then the commonest origins. Where no name fits,
    the keys may be an ISO code of three letters.
    """
    keyed = "".join(keypad.words_keyed(digits))
    if len(keyed) < _LEAST_KEYS:
        return ()
    fits: dict[str, tuple[bool, bool, bool]] = {}
    for known in _keyed(tuple(dict.fromkeys((*languages, *_BOTH)))):
        if known.keys.startswith(keyed):
            fit = len(keyed) <= known.lead, known.keys != keyed, known.besides
            fits.update({code: min(fit, fits.get(code, fit)) for code in known.codes})
    if not fits:
        fits = dict.fromkeys(_keyed_codes().get(keyed, ()), (False, False, False))
    ranked = sorted(fits, key=lambda code: (*fits[code], len(code), country_names.commonness(code), code))
    return tuple(ranked[:CHOICES])


def equivalent(code: str) -> frozenset[str]:
    """The code with every other that the same birthplace may be recorded under."""
    same = {code}
    for former, row in country_names.former().items():
        successors = row[0].split()
        if code == former:
            same.update(successors)
        elif code in successors:
            same.add(former)
    for pair in _RELATED:
        if code in pair:
            same.update(pair)
    return frozenset(same)


def _trimmed(key: str) -> Iterator[str]:
    """The key, then without what is said around a name, then without "republic"."""
    yield key
    words = key.split()
    while words and words[0] in country_names.around():
        words = words[1:]
    while words and words[-1] in country_names.around():
        words = words[:-1]
    yield " ".join(words)
    while words and words[0] in _REPUBLIC | country_names.around():
        words = words[1:]
    yield " ".join(words)


def _exact(text: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    index = _spoken(languages)
    return next((index[key] for key in _trimmed(country_names.key(text)) if key in index), ())


def _heard(key: str) -> tuple[str, ...]:
    """What recognisers are known to make of a name, or a known name said in too many or too few words."""
    said = list(_trimmed(key))
    misheard = next((_misheard()[form] for form in said if form in _misheard()), ())
    return misheard or next((_run_together()[form] for form in _together(said) if form in _run_together()), ())


def _together(forms: Iterable[str]) -> Iterator[str]:
    return (joined for form in forms if len(joined := form.replace(" ", "")) >= _LEAST_KEYS + 1)


@cache
def _misheard() -> dict[str, tuple[str, ...]]:
    return {country_names.key(text): (code,) for code, _, kind, text in country_names.rows() if kind == "heard"}


@cache
def _run_together() -> dict[str, tuple[str, ...]]:
    """Names in English and Spanish without their blanks, with and without articles."""
    index: dict[str, tuple[str, ...]] = {}
    for language in _BOTH:
        for text, found in country_names.names_in(language):
            for form in (country_names.key(text), fold(text)):
                index.setdefault(form.replace(" ", ""), found)
    return index | {key.replace(" ", ""): found for key, found in _spoken(_BOTH).items()}


@cache
def _keyed_codes() -> dict[str, tuple[str, ...]]:
    """The keys of ISO's codes of three letters, of today's countries."""
    keyed: dict[str, tuple[str, ...]] = {}
    for code, alpha_2 in country_names.iso_codes().items():
        if len(code) == _LEAST_KEYS and len(alpha_2) == 2:
            keyed[keypad.digits_of(code)] = (*keyed.get(keypad.digits_of(code), ()), alpha_2)
    return keyed


@dataclass(frozen=True, slots=True)
class _Keyed:
    """A name's keys; `lead` of them tell nothing ("the", "islas"); `besides` when it isn't the name read back."""

    keys: str
    codes: tuple[str, ...]
    lead: int
    besides: bool


@cache
def _keyed(languages: tuple[str, ...]) -> tuple[_Keyed, ...]:
    names: dict[_Keyed, None] = {}
    for language in languages:
        for text, found in country_names.names_in(language):
            besides = all(text != name(code, language) for code in found)
            idle = country_names.LINKS | _ISLANDS | (_REPUBLIC if besides else frozenset())
            for form in (fold(text), country_names.key(text)):
                lead = len("".join(itertools.takewhile(idle.__contains__, form.split())))
                names[_Keyed(keypad.digits_of(form), found, lead, besides)] = None
            bare = " ".join(word for word in country_names.key(text).split() if word not in _ISLANDS)
            names[_Keyed(keypad.digits_of(bare), found, 0, besides)] = None
    return tuple(names)


@cache
def _spoken(languages: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Key to codes. A word that people use for several countries means all of them."""
    index: dict[str, tuple[str, ...]] = {}
    for language in languages:
        for text, found in country_names.names_in(language):
            index.setdefault(country_names.key(text), found)
    for language in languages:
        index.update(
            {country_names.key(text): found for text, found in country_names.either(country_names.tongue_of(language))}
        )
    return index


@cache
def _recorded() -> dict[str, str]:
    """Key to code for records: official names before what people say."""
    index = dict(country_names.official())
    for language in _BOTH:
        for text, found in country_names.names_in(language):
            index.setdefault(country_names.key(text), found[0])
    index.pop("", None)
    return index
