"""Dates of birth in words: months, numbers and "I don't know", as callers say them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from babel import Locale, UnknownLocaleError

from hotline.rules.names import fold

Reading = tuple[int, int | None, int | None]
"""Year, month, day."""

_PARTS = re.compile(r"\d+|[a-z]+")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|ro|er|do|to|o|a)\b")

_UNITS = {
    "en": "one two three four five six seven eight nine",
    "es": "uno dos tres cuatro cinco seis siete ocho nueve",
}
_TEENS = {
    "en": "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
    "es": "diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "es": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
}
_OTHERS = {
    "en": {
        "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
        "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14,
        "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19,
        "twentieth": 20, "thirtieth": 30, "fourty": 40, "zero": 0, "oh": 0, "o": 0,
    },
    "es": {
        "primero": 1, "primer": 1, "un": 1, "cero": 0, "cien": 100, "ciento": 100, "doscientos": 200,
        "novecientos": 900, "ochocientos": 800, "veintiuno": 21, "veintiun": 21, "veintidos": 22,
        "veintitres": 23, "veinticuatro": 24, "veinticinco": 25, "veintiseis": 26, "veintisiete": 27,
        "veintiocho": 28, "veintinueve": 29,
    },
}  # fmt: skip
_HUNDRED = {"hundred"}
_THOUSAND = {"thousand", "mil"}
_LINKS = {"and", "y"}
_LONGEST = 120  # characters of an answer that are read
_APART = 0  # the last number is over
_FULL = 1  # nothing but a thousand may join it
_MONTH_ALIASES = {"en": {"sept": 9}, "es": {"setiembre": 9}}
_UNKNOWN = {
    "en": (
        "dont know", "do not know", "not sure", "unsure", "no idea", "unknown", "not known", "cant remember",
        "cannot remember", "dont remember", "do not remember", "dunno", "dont have it", "cant recall",
        "dont recall", "never knew",
    ),
    "es": (
        "no se", "no lo se", "no la se", "no recuerdo", "no lo recuerdo", "no la recuerdo", "no me acuerdo",
        "ni idea", "no tengo idea", "desconozco", "desconocida", "desconocido", "no estoy seguro",
        "no estoy segura", "no conozco", "no lo conozco", "no la conozco", "no sabria", "quien sabe",
    ),
}  # fmt: skip


def says_unknown(text: str, language: str) -> bool:
    """True when the answer says in the call's language, or in English, that the caller doesn't know."""
    said = f" {fold(text)} "
    return any(f" {phrase} " in said for of in {_tongue(language), "en"} for phrase in _UNKNOWN.get(of, ()))


def keyed(text: str) -> str:
    """The four or eight digits of an answer of bare digits ("0 3 0 5 1 9 8 0", "1980"), else ""."""
    digits = [DIGIT_WORDS.get(part, part) for part in fold(text).split()]
    joined = "".join(digits)
    bare = len(digits) == 1 or all(len(part) == 1 for part in digits)
    return joined if bare and joined.isdigit() and len(joined) in (4, 8) else ""


def readings(text: str, language: str, today: date) -> Iterator[Reading]:
    """What an answer may mean, as (year, month, day), likeliest first; impossible dates are among them."""
    parts = _PARTS.findall(_ORDINAL.sub("", fold(text[:_LONGEST])))
    months = [(at, month) for at, part in enumerate(parts) if (month := _months(_tongue(language)).get(part))]
    if len(months) > 1:
        return
    if months:
        at, month = months[0]
        yield from _with_month(_numbers(parts[:at]), month, _numbers(parts[at + 1 :]), today)
    else:
        yield from _in_numbers(_numbers(parts), _tongue(language) == "en", today)


def _with_month(before: list[int], month: int, after: list[int], today: date) -> Iterator[Reading]:
    """`5 March 1980`, `March 5 1980`, `March 1980`, `1980 March 5`."""
    before, after = _without_zeros(before), _without_zeros(after)
    if len(before) == 1 and (year := _year(after, today)):
        yield year, month, before[0]
    elif not before and after:
        if (year := _year(after, today)) and (after[0] > 31 or (len(after) > 1 and after[0] in (19, 20))):
            yield year, month, None
        if year := _year(after[1:], today):
            yield year, month, after[0]
    elif len(after) == 1 and (year := _year(before, today)):
        yield year, month, after[0]


def _in_numbers(numbers: list[int], month_first: bool, today: date) -> Iterator[Reading]:
    """`1980`, `19 80`, `3 1980`, `3 5 1980`, `1980 3 5`."""
    numbers = _without_zeros(numbers)
    if numbers and (numbers[0] >= 100 or len(numbers) > 1) and (year := _year(numbers, today)):
        yield year, None, None
    elif len(numbers) == 2 and numbers[1] >= 1000:
        yield numbers[1], numbers[0], None
    elif len(numbers) == 3 and numbers[0] >= 1000:
        yield numbers[0], numbers[1], numbers[2]
    elif year := _year(numbers[2:], today):
        first, second = numbers[:2]
        yield (year, first, second) if month_first else (year, second, first)
        yield (year, second, first) if month_first else (year, first, second)


def _without_zeros(numbers: list[int]) -> list[int]:
    """`oh three oh five nineteen eighty` without its zeros, but `twenty oh one` as it is."""
    for at, shortest in ((0, 2), (1, 4)):
        if len(numbers) >= shortest and numbers[at] == 0:
            numbers = numbers[:at] + numbers[at + 1 :]
    return numbers


def _year(numbers: list[int], today: date) -> int | None:
    """1980 of [1980], [19, 80] or [80]; two digits alone mean the latest such year that has begun."""
    match numbers:
        case [year] if year >= 1000:
            return year
        case [short] if short < 100:
            year = today.year - today.year % 100 + short
            return year if year <= today.year else year - 100
        case [19 | 20 as century, 0, unit] if unit < 10:
            return century * 100 + unit
        case [19 | 20 as century, rest] if 9 < rest < 100:
            return century * 100 + rest
    return None


def _numbers(parts: list[str]) -> list[int]:
    """The numbers among an answer's words; each word joins the number before it where speech does so."""
    out: list[int] = []
    room = _APART  # what the next word must stay below to belong to the last number
    for at, part in enumerate(parts):
        value = int(part) if part.isdigit() else _number_words().get(part)
        if part in _THOUSAND:
            _thousand(out, room != _APART, _number_words().get("".join(parts[at + 1 : at + 2]), 0))
            room = 1000
        elif part in _HUNDRED and out and 0 < out[-1] % 1000 < 100:
            out[-1] += out[-1] % 1000 * 99
            room = 100
        elif value is None:
            room = room if part in _LINKS else _APART
        elif part.isdigit() or not 0 < value < room:
            out.append(value)
            room = _FULL if part.isdigit() else _room(value)
        else:
            out[-1] += value
            room = _room(value)
    return out


def _room(value: int) -> int:
    """What may follow in the same number: tens and units after a hundred, a unit after twenty."""
    return 100 if value >= 100 else 10 if value >= 20 and value % 10 == 0 else _FULL


def _thousand(out: list[int], beside: bool, following: int) -> None:
    """Adds a thousand: `two thousand`; bare `mil` before hundreds; `twenty two thousand` is 20, 2000."""
    last = out[-1] if beside else 0
    if last in (1, 2) and (following < 100 or last == 1):
        out[-1] = last * 1000
    elif last in (22, 32) and following < 100:
        out[-1:] = [last - 2, 2000]
    else:
        out.append(1000)


@cache
def _number_words() -> dict[str, int]:
    words: dict[str, int] = {}
    for language, others in _OTHERS.items():
        words.update({word: at for at, word in enumerate(_UNITS[language].split(), 1)})
        words.update({word: at for at, word in enumerate(_TEENS[language].split(), 10)})
        words.update({word: at * 10 for at, word in enumerate(_TENS[language].split(), 2)})
        words.update(others)
    return words


DIGIT_WORDS = {
    **{word: str(at) for words in _UNITS.values() for at, word in enumerate(words.split(), 1)},
    "zero": "0",
    "oh": "0",
    "o": "0",
    "cero": "0",
}


@cache
def _months(language: str) -> dict[str, int]:
    """Folded names and short forms of the months, in the language and in English."""
    names: dict[str, int] = {}
    for tongue in ("en", language):
        try:
            months = Locale.parse(tongue).months["format"]
        except (UnknownLocaleError, ValueError):
            continue
        for width in ("wide", "abbreviated"):
            names.update({word: at for at, name in months[width].items() if (word := fold(name)).isalpha()})
        names.update(_MONTH_ALIASES.get(tongue, {}))
    return names


def _tongue(language: str) -> str:
    """`en` of `en-US`: the tables go by the primary subtag of BCP 47."""
    return language.replace("_", "-").split("-")[0].lower()
