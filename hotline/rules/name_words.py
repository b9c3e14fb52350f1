"""A recorded field as words: fillers, titles and suffixes off, two words that are one name joined."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from hotline.rules import names, scripts, tables

EASTERN = frozenset({"chinese", "korean", "vietnamese"})
_ARTICLES = frozenset({"al", "el", "ul", "ur"})
_INITIAL = "."


@cache
def tradition(country: str) -> str:
    """How names of a country (ISO 3166-1 alpha-2) are built, as name_traditions.tsv has it; "" where by default."""
    return next((name for name, countries in tables.read("name_traditions") if country in countries.split()), "")


def is_initial(word: str) -> bool:
    """True for a single letter that stands for a name; it carries its full stop through this room."""
    return word.endswith(_INITIAL)


def bare(word: str) -> str:
    """A word without the mark of an initial."""
    return word.removesuffix(_INITIAL)


@lru_cache(maxsize=50_000)
def words(text: str, country: str, surnames: bool) -> tuple[str, ...]:
    """The folded words of a recorded field, without fillers and titles, compounds joined, initials marked."""
    found: list[str] = []
    for raw in text.split():
        letters = "." in raw or not surnames
        found += [f"{word}{_INITIAL}" if len(word) == 1 and letters else word for word in _folded(raw, country)]
    return _joined(_without_fillers(found, tradition(country)), surnames)


def _folded(raw: str, country: str) -> list[str]:
    return scripts.latin(raw, country).split()


@cache
def _fillers(*kinds: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(phrase.split()) for phrase, where in tables.read("name_fillers") if where in kinds)


@cache
def _longest_filler() -> int:
    return max(len(phrase) for phrase in _fillers("anywhere"))


def _without_fillers(field: Sequence[str], of: str) -> list[str]:
    plain = tuple(bare(word) for word in field)
    if plain in _fillers("field", *(() if of in EASTERN else ("western",))):
        return []
    kept: list[str] = []
    at = 0
    longest = _longest_filler()
    while at < len(plain):
        sizes = range(min(longest, len(plain) - at), 0, -1)
        size = next((size for size in sizes if plain[at : at + size] in _fillers("anywhere")), 0)
        kept += [] if size else [field[at]]
        at += size or 1
    while len(kept) > 1 and (kept[0],) in _fillers("title"):
        kept.pop(0)
    return kept


@cache
def _compounds() -> dict[str, list[tuple[frozenset[str], bool]]]:
    """The words that may follow each first word (* for any), and whether only in surnames."""
    table: dict[str, list[tuple[frozenset[str], bool]]] = {}
    for firsts, seconds, where in tables.read("compounds"):
        for first in firsts.split():
            table.setdefault(first, []).append((frozenset(seconds.split()), where == "surname"))
    return table


@cache
def articles() -> frozenset[str]:
    """The Arabic article as it is said before every letter."""
    return _ARTICLES | frozenset(word for word, kind in tables.read("particles") if kind == "article")


def _joined(field: Sequence[str], surnames: bool) -> tuple[str, ...]:
    out: list[str] = []
    at = 0
    while at < len(field):
        after = at + 1
        is_parted = field[after : after + 1] and field[after] in articles() and field[at] in _compounds()
        after += 1 if is_parted else 0
        if after < len(field) and _are_one(field[at], field[after], surnames):
            article = ("ul" if field[at].startswith("abd") else "al") if is_parted else ""
            out.append(field[at].removesuffix(article) + article + field[after])
            at = after + 1
        else:
            out.append(field[at])
            at += 1
    return tuple(out)


def _are_one(first: str, second: str, surnames: bool) -> bool:
    return not is_initial(second) and any(
        (second in seconds or ("*" in seconds and second not in names.particles())) and (surnames or not only_surnames)
        for seconds, only_surnames in _compounds().get(first, ())
    )


@cache
def _suffixes() -> dict[str, list[tuple[str, str]]]:
    table: dict[str, list[tuple[str, str]]] = {}
    for text, kind, tongue in tables.read("suffixes"):
        table.setdefault(text, []).append((kind, tongue))
    return table


@cache
def suffix_kind(word: str, of: str) -> str:
    """generation, name, marriage or birth as suffixes.tsv has it for a tradition; "" for any other word."""
    return next((kind for kind, tongue in _suffixes().get(word, ()) if tongue in ("any", of)), "")


def ended(field: Sequence[str], of: str, surnames: bool, alone: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A field's names and the suffixes at its end; `alone` when the other field is empty."""
    cut = len(field)
    while cut and (kind := suffix_kind(field[cut - 1], of)):
        is_last_name = cut == 1 and alone
        if is_last_name or not (kind == "generation" or (kind == "name" and surnames and cut > 1)):
            break
        cut -= 1
    return tuple(field[:cut]), tuple(field[cut:])
