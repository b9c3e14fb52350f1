"""Countries of birth: recorded, said, keyed and read back.

A code is ISO 3166-1 alpha-2, of a country that is no more its ISO 3166-3 alpha-4 (SUHH, YUCS). Kosovo is XK.
Names come from CLDR; what people say besides stands in `countries.tsv` and `former_countries.tsv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from babel import Locale, UnknownLocaleError
from rapidfuzz import fuzz, process

from hotline.rules import keypad, tables
from hotline.rules.names import fold, skeleton

CHOICES = 5
"""How many countries a caller may be offered at once."""
_LEAST_KEYS = 3
_LEAST_LETTERS = 4
_NEAR = 75
_SAME_SOUND = 92
_BEHIND_BEST = 12

# Two-letter territories of CLDR that are no countries of ISO 3166-1.
_NOT_COUNTRIES = frozenset(("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"))
# Not ISO's former countries, and yet one may be recorded where the other is meant.
_RELATED = (("SD", "SS"), ("ET", "ER"), ("RS", "XK"), ("CN", "HK"), ("CN", "MO"))
_LINKS = frozenset(("the", "and", "of", "y", "de", "del", "la", "el", "los", "las", "l"))
_ASIDE = re.compile(r" ?\([^)]*\)")
_REPUBLIC = frozenset(("republic", "republica", "country", "pais"))


def from_feed(text: str) -> str | None:
    """The code for an ISO 3166 code of two, three or four letters or a name in English or Spanish, else None.

    A bare name that callers use for several countries means, in a record, the country it officially names.
    """
    code = _iso_codes().get(text.strip().upper())
    if code:
        return code
    bare = text.split("(")[0]
    flipped = " ".join(reversed(bare.split(",")))
    said = (_key(form) for form in (text, bare, flipped))
    return next((_recorded()[key] for key in said if key in _recorded()), None)


def name(code: str, language: str) -> str:
    """The country as people say it in the language (BCP 47), in English where the language isn't known.

    Raises KeyError for a code that is no country.
    """
    tongue = _tongue(language)
    if code in _former():
        return _former()[code][2 if tongue == "es" else 1]
    special = _special_names().get((code, tongue))
    if special:
        return special
    written = (_territories(language) or _territories("en")).get(code) or _territories("en")[code]
    plain = _ASIDE.sub("", written)
    return plain.replace("St. ", "Saint ").replace("&", "and") if tongue == "en" else plain


def recognise(text: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    """The countries that a spoken answer may mean, at most five, likeliest first; () when it names none.

    An exact name means that country and nothing near it, or all that people call so ("Congo"). A near miss
    may give one as well: ask `certain` whether to confirm. A citizenship ("mexicana") is no country of birth.
    """
    exact = _exact(text, languages)
    if exact or is_demonym(text) or not _regions().isdisjoint(_trimmed(_key(text))):
        return exact[:CHOICES]
    return _near(_key(text), languages)


def certain(text: str, languages: tuple[str, ...]) -> bool:
    """True when the answer is one country's name, letter by letter; else what was recognised needs a yes."""
    return len(_exact(text, languages)) == 1


def is_demonym(text: str) -> bool:
    """True for a citizenship in English or Spanish ("Guatemalan") that isn't a country's name as well."""
    if _exact(text, ("en", "es")):
        return False
    said = set(_trimmed(_key(text)))
    return not _demonyms().isdisjoint(said | {form.removesuffix("s") for form in said})


def by_keys(digits: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    """The countries whose name in one of the languages begins with these keys, at most five.

    Three keys at least; spaces, hyphens and articles may be left out. A name keyed to its end comes first,
    then the commonest origins.
    """
    keyed = "".join(keypad.words_keyed(digits))
    if len(keyed) < _LEAST_KEYS:
        return ()
    unfinished: dict[str, bool] = {}
    for spelled, found in _keyed(languages):
        if spelled.startswith(keyed):
            for code in found:
                unfinished[code] = unfinished.get(code, True) and spelled != keyed
    ranked = sorted(unfinished, key=lambda code: (unfinished[code], _commonness(code), len(code), code))
    return tuple(ranked[:CHOICES])


def equivalent(code: str) -> frozenset[str]:
    """The code with every other that the same birthplace may be recorded under."""
    same = {code}
    for former, row in _former().items():
        successors = row[0].split()
        if code == former:
            same.update(successors)
        elif code in successors:
            same.add(former)
    for pair in _RELATED:
        if code in pair:
            same.update(pair)
    return frozenset(same)


def codes() -> frozenset[str]:
    """Every code there is, former countries included."""
    return frozenset(_territories("en")) | frozenset(_former())


@cache
def _around() -> frozenset[str]:
    """Folded words that people say before or after a country."""
    return frozenset(word for _, _, kind, word in _rows() if kind == "around")


def _key(text: str) -> str:
    """A name for comparing: folded, Saint written out, articles and linking words off."""
    words = ["saint" if word == "st" else word for word in fold(text).split()]
    return " ".join(word for word in words if word not in _LINKS) or " ".join(words)


def _trimmed(key: str) -> Iterator[str]:
    """The key, then without what is said around a name, then without "republic"."""
    yield key
    words = key.split()
    while words and words[0] in _around():
        words = words[1:]
    while words and words[-1] in _around():
        words = words[:-1]
    yield " ".join(words)
    while words and words[0] in _REPUBLIC | _around():
        words = words[1:]
    yield " ".join(words)


def _exact(text: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    index = _spoken(languages)
    return next((index[key] for key in _trimmed(_key(text)) if key in index), ())


def _near(key: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    said = list(_trimmed(key))[-1]
    if len(said) < _LEAST_LETTERS:
        return ()
    index = _spoken(languages)
    long = [known for known in index if len(known) >= _LEAST_LETTERS]
    near = process.extract(said, long, scorer=fuzz.ratio, score_cutoff=_NEAR, limit=2 * CHOICES)
    scores = {known: score for known, score, _ in near}
    sound = _sound(said)
    scores.update({known: _SAME_SOUND for known, other in _sounds(languages).items() if sound == other != ""})
    best = max(scores.values(), default=0)
    ranked = sorted(scores, key=lambda known: (-scores[known], known))
    kept = (code for known in ranked if scores[known] >= best - _BEHIND_BEST for code in index[known])
    return tuple(dict.fromkeys(kept))[:CHOICES]


def _sound(key: str) -> str:
    """The skeleton of the whole name; "" where too little is left to go by."""
    sound = skeleton(key.replace(" ", ""))
    return sound if len(sound) > 1 else ""


@cache
def _sounds(languages: tuple[str, ...]) -> dict[str, str]:
    return {key: _sound(key) for key in _spoken(languages)}


@cache
def _keyed(languages: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    spelled: dict[str, tuple[str, ...]] = {}
    for language in languages:
        for text, found in _names(language):
            for form in (fold(text), _key(text)):
                digits = keypad.digits_of(form)
                spelled[digits] = tuple(dict.fromkeys((*spelled.get(digits, ()), *found)))
    return tuple(spelled.items())


@cache
def _spoken(languages: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Key to codes. A word that people use for several countries means all of them."""
    index: dict[str, tuple[str, ...]] = {}
    for language in languages:
        for text, found in _names(language):
            index.setdefault(_key(text), found)
    for language in languages:
        index.update({_key(text): found for text, found in _either(_tongue(language))})
    return index


def _names(language: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every name of every country in the language: CLDR's, what people say, then the former countries'."""
    tongue = _tongue(language)
    for code, text in _territories(language).items():
        yield text, (code,)
        yield name(code, language), (code,)
    yield from ((text, (code,)) for code, of, kind, text in _rows() if of == tongue and kind == "alias")
    yield from _either(tongue)
    for code, (_, english, spanish, others) in _former().items():
        texts = (spanish if tongue == "es" else english, *others.split(";"))
        yield from ((text, (code,)) for text in texts if text)


def _either(tongue: str) -> Iterable[tuple[str, tuple[str, ...]]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, of, kind, text in _rows():
        if of == tongue and kind == "either":
            found[text] = (*found.get(text, ()), code)
    return found.items()


@cache
def _recorded() -> dict[str, str]:
    """Key to code for records: official names before what people say."""
    index: dict[str, str] = {}
    import pycountry

    for country in pycountry.countries:
        for title in ("name", "official_name", "common_name"):
            if text := getattr(country, title, None):
                index.setdefault(_key(text), country.alpha_2)
    for language in ("en", "es"):
        for text, found in _names(language):
            index.setdefault(_key(text), found[0])
    index.pop("", None)
    return index


@cache
def _iso_codes() -> dict[str, str]:
    """Every ISO 3166 code. A withdrawn one that stands for two former countries stands for none."""
    import pycountry  # 35 ms, and no caller waits for a feed

    now = {"XK": "XK", "XKX": "XK", "XKS": "XK"}
    for country in pycountry.countries:
        now |= {country.alpha_2: country.alpha_2, country.alpha_3: country.alpha_2}
    former: dict[str, str | None] = {}
    for country in pycountry.historic_countries:
        for code in {country.alpha_2, country.alpha_3, country.alpha_4}:
            former[code] = None if code in former else country.alpha_4
    return {code: alpha_4 for code, alpha_4 in former.items() if alpha_4} | now


@cache
def _territories(language: str) -> dict[str, str]:
    """CLDR's names of today's countries; empty for a language it doesn't know."""
    try:
        territories = Locale.parse(language.replace("-", "_")).territories
    except (UnknownLocaleError, ValueError):
        return {}
    return {
        code: text
        for code, text in territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES
    }


@cache
def _rows() -> tuple[tuple[str, ...], ...]:
    return tables.read("countries")


@cache
def _special_names() -> dict[tuple[str, str], str]:
    return {(code, of): text for code, of, kind, text in _rows() if kind == "name"}


@cache
def _former() -> dict[str, tuple[str, str, str, str]]:
    """Code to successors, English name, Spanish name, other names."""
    rows = tables.read("former_countries")
    return {code: (then, en, es, others.strip("-")) for code, then, en, es, others in rows}


@cache
def _demonyms() -> frozenset[str]:
    return frozenset(fold(text) for _, _, kind, text in _rows() if kind == "demonym")


@cache
def _regions() -> frozenset[str]:
    """What is more than a country ("Africa"); keyed as countries are."""
    return frozenset(_key(text) for _, _, kind, text in _rows() if kind == "region")


@cache
def _origins() -> dict[str, int]:
    """Rank of the commonest origins: the order in which the table lists their demonyms."""
    listed = dict.fromkeys(code for code, _, kind, _ in _rows() if kind == "demonym")
    return {code: rank for rank, code in enumerate(listed)}


def _commonness(code: str) -> int:
    return _origins().get(code, len(_origins()))


def _tongue(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()
