"""What countries are called: in CLDR, by ISO 3166, by people, and by the former names that records still hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from babel import Locale, UnknownLocaleError

from hotline.rules import tables
from hotline.rules.names import fold

# Two-letter territories of CLDR that are no countries of ISO 3166-1.
_NOT_COUNTRIES = frozenset(("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"))
LINKS = frozenset(("the", "and", "of", "y", "de", "del", "la", "el", "los", "las", "l"))
"""Folded articles and linking words, which are not compared."""
_ASIDE = re.compile(r" ?\([^)]*\)")


def name(code: str, language: str) -> str:
    """The country as people say it in the language (BCP 47), in English where the language isn't known.

    Raises KeyError for a code that is no country.
    """
    tongue = tongue_of(language)
    if code in former():
        return former()[code][2 if tongue == "es" else 1]
    special = _special_names().get((code, tongue))
    if special:
        return special
    written = (_territories(language) or _territories("en")).get(code) or _territories("en")[code]
    plain = _ASIDE.sub("", written)
    return plain.replace("St. ", "Saint ").replace("&", "and") if tongue == "en" else plain


def codes() -> frozenset[str]:
    """Every code there is, former countries included."""
    return frozenset(_territories("en")) | frozenset(former())


def key(text: str) -> str:
    """A name for comparing: folded, Saint written out, articles and linking words off."""
    words = ["saint" if word == "st" else word for word in fold(text).split()]
    return " ".join(word for word in words if word not in LINKS) or " ".join(words)


def names_in(language: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every name of every country in the language: CLDR's, what people say, then the former countries'."""
    tongue = tongue_of(language)
    for code, text in _territories(language).items():
        yield text, (code,)
        yield name(code, language), (code,)
    yield from ((text, (code,)) for code, of, kind, text in rows() if of == tongue and kind == "alias")
    yield from either(tongue)
    for code, (_, english, spanish, others) in former().items():
        texts = (spanish if tongue == "es" else english, *others.split(";"))
        yield from ((text, (code,)) for text in texts if text)


def either(tongue: str) -> Iterable[tuple[str, tuple[str, ...]]]:
    """The names in a language that people use for several countries, with their codes."""
    found: dict[str, tuple[str, ...]] = {}
    for code, of, kind, text in rows():
        if of == tongue and kind == "either":
            found[text] = (*found.get(text, ()), code)
    return found.items()


@cache
def official() -> dict[str, str]:
    """Key to code for the names that ISO 3166 gives."""
    import pycountry

    index: dict[str, str] = {}
    for country in pycountry.countries:
        for title in ("name", "official_name", "common_name"):
            if text := getattr(country, title, None):
                index.setdefault(key(text), country.alpha_2)
    return index


@cache
def iso_codes() -> dict[str, str]:
    """Every ISO 3166 code. A withdrawn one that stands for two former countries stands for none."""
    import pycountry  # 35 ms, and no caller waits for a feed

    now = {"XK": "XK", "XKX": "XK", "XKS": "XK"}
    for country in pycountry.countries:
        now |= {country.alpha_2: country.alpha_2, country.alpha_3: country.alpha_2}
    withdrawn: dict[str, str | None] = {}
    for country in pycountry.historic_countries:
        for code in {country.alpha_2, country.alpha_3, country.alpha_4}:
            withdrawn[code] = None if code in withdrawn else country.alpha_4
    return {code: alpha_4 for code, alpha_4 in withdrawn.items() if alpha_4} | now


@cache
def around() -> frozenset[str]:
    """Folded words that people say before or after a country."""
    return frozenset(word for _, _, kind, word in rows() if kind == "around")


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
def rows() -> tuple[tuple[str, ...], ...]:
    """The table of what people say: code, language, kind, text."""
    return tables.read("countries")


@cache
def _special_names() -> dict[tuple[str, str], str]:
    return {(code, of): text for code, of, kind, text in rows() if kind == "name"}


@cache
def former() -> dict[str, tuple[str, str, str, str]]:
    """Code to successors, English name, Spanish name, other names."""
    table = tables.read("former_countries")
    return {code: (then, en, es, others.strip("-")) for code, then, en, es, others in table}


@cache
def demonyms() -> frozenset[str]:
    """Folded citizenships, every gender and number."""
    return frozenset(
        form for _, language, kind, text in rows() if kind == "demonym" for form in _inflected(key(text), language)
    )


def _inflected(demonym: str, language: str) -> Iterator[str]:
    """A citizenship with its plural, in Spanish its feminine and their plurals too (mexicano, inglés, alemán)."""
    if language == "en":
        yield from (demonym, f"{demonym}s", demonym.removesuffix("man") + "men")
        return
    feminine = demonym[:-1] + "a" if demonym.endswith("o") else f"{demonym}a"
    both = (demonym, feminine) if demonym[-1] in "osnlr" and not demonym.endswith("ense") else (demonym,)
    yield from (form + ending for form in both for ending in ("", "s", "es"))


@cache
def regions() -> frozenset[str]:
    """What is more than a country ("Africa"); keyed as countries are."""
    return frozenset(key(text) for _, _, kind, text in rows() if kind == "region")


@cache
def _origins() -> dict[str, int]:
    """Rank of the commonest origins: the order in which the table lists their demonyms."""
    listed = dict.fromkeys(code for code, _, kind, _ in rows() if kind == "demonym")
    return {code: rank for rank, code in enumerate(listed)}


def commonness(code: str) -> int:
    """The country's rank among origins, 0 for the commonest."""
    return _origins().get(code, len(_origins()))


def tongue_of(language: str) -> str:
    """The language of a BCP 47 tag, without region."""
    return language.replace("_", "-").split("-")[0].lower()
