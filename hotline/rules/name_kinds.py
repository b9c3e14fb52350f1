"""Recorded names as words that each know their part, in the tradition of the country of birth.

The kind says how likely a caller is to say the word, and as what; order and roles are the matcher's affair.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from hotline.rules import names, scripts, tables, variants
from hotline.rules.name_words import EASTERN, articles, bare, ended, is_initial, suffix_kind, tradition, words

_Words = tuple[str, ...]

_FATHERS = re.compile(r".{2,}([oea]vi[ct]+h|[oie]vych|[oe]vna|[iy]vna|inichna|awna|avich)|ilyich|kuzmich|lukich|fomich")
_CHILD_OF = frozenset({"bin", "bint", "binte", "binti", "ibn", "ibnu", "ould", "wuld", "mint"})
_SIKH = frozenset({"singh", "kaur"})
_TWO_SURNAMES = frozenset({"spanish", "portuguese"})
_ARTICLED = frozenset({"arabic", "lineage"})


class Kind(StrEnum):
    """What a word is in a name."""

    GIVEN = "given"
    PATRONYMIC = "patronymic"
    """A father's or a grandfather's own name."""
    PATERNAL = "paternal"
    """The surname by which a person goes."""
    MATERNAL = "maternal"
    """A surname more: a mother's, a husband's, a maiden name."""
    PARTICLE = "particle"
    """May be said or left out: de, al, bin, Thi."""
    SUFFIX = "suffix"
    """Jr, III, Hijo, viuda."""


@dataclass(frozen=True, slots=True)
class Token:
    """One folded word of a recorded name; an initial is its letter."""

    text: str
    kind: Kind


def recorded(given: str, surnames: str, country: str) -> tuple[Token, ...]:
    """The words of a recorded name in any script, given names before surnames; () for fillers alone.

    `country` of birth is ISO 3166-1 alpha-2; one that isn't known, or "", has given names and one surname.
    A whole name in one field is parted as its tradition writes it. Two words that are one name are one
    token ("Abd al-Rahman", "Gebre Medhin", "Mc Kay").
    """
    of = tradition(country)
    given, surnames = _fields(given, surnames)
    first, last = words(given, country, False), words(surnames, country, True)
    first, first_ends = ended(first, of, False, not last)
    last, last_ends = ended(last, of, True, not first)
    if not first or not last:
        first, last = _parted(first, last, of)
    parts = (_given(first, of), _suffixes(first_ends), _surnames(last, of, bool(first)), _suffixes(last_ends))
    return tuple(token for part in parts for token in part)


def _fields(given: str, surnames: str) -> tuple[str, str]:
    """The two fields, of "Surname, Given" in one where the other is blank."""
    if names.fold(given) and names.fold(surnames):
        return given, surnames
    whole = given if names.fold(given) else surnames
    before, comma, after = whole.partition(",")
    if comma and names.fold(before) and any(not suffix_kind(word, "") for word in names.fold(after).split()):
        return after, before
    return scripts.apart(given), scripts.apart(surnames)


def _parted(first: _Words, last: _Words, of: str) -> tuple[_Words, _Words]:
    """A whole name in one field as given names and surnames; surnames alone stay surnames in the west."""
    whole = first or last
    groups = _units(whole, of)
    if len(groups) < 2 or of == "lineage" or (last and of not in EASTERN):
        return first, last
    if (of in EASTERN and _leads(whole, of)) or (of == "slavic" and len(whole) > 2 and _is_fathers(whole[-1], of)):
        return whole[1:], whole[:1]
    surnames = 2 if of in _TWO_SURNAMES and len(groups) > 2 else 1
    cut = len(whole) - sum(len(group) for group in groups[-surnames:])
    return whole[:cut], whole[cut:]


def _leads(whole: Sequence[str], of: str) -> bool:
    """True when the family name comes first: always but where only the last word is a known one."""
    families = variants.listed(of)
    return of == "vietnamese" or whole[0] in families or whole[-1] not in families


@cache
def _table(kind: str) -> frozenset[str]:
    return frozenset(word for word, of in tables.read("particles") if of == kind)


@cache
def _small(of: str) -> frozenset[str]:
    """The words that a tradition's callers may leave out."""
    if of in EASTERN:
        return frozenset()
    return names.particles() | (articles() if of in _ARTICLED else frozenset())


def _units(field: Sequence[str], of: str) -> list[list[str]]:
    """A field's names, each with the small words before it ("de la Cruz", "San Martín")."""
    groups: list[list[str]] = []
    group: list[str] = []
    binding = _small(of) | (frozenset() if of in EASTERN else _table("prefix"))
    for word in field:
        group.append(word)
        if word not in binding:
            groups.append(group)
            group = []
    return [*groups, group] if group else groups


def _unit(group: Sequence[str], kind: Kind, of: str) -> list[Token]:
    """One name's tokens; a small word with no name after it is the name itself."""
    is_child = any(word in _CHILD_OF for word in group[:-1])
    name = Kind.PATRONYMIC if is_child else kind
    small = _small(of) if any(word not in _small(of) for word in group) else frozenset()
    return [Token(bare(word), Kind.PARTICLE if word in small else name) for word in group]


def _given(field: Sequence[str], of: str) -> list[Token]:
    tokens: list[Token] = []
    middles = _table("middle") if of == "vietnamese" else frozenset()
    for group in _units(field, of):
        is_later = bool(tokens)
        kind = Kind.PATRONYMIC if is_later and (of == "lineage" or _is_fathers(group[-1], of)) else Kind.GIVEN
        tokens += _unit(group, kind, of)
    return [
        Token(token.text, Kind.PARTICLE) if token.text in middles and _is_middle(at, token, tokens) else token
        for at, token in enumerate(_with_children(tokens, of))
    ]


def _is_middle(at: int, token: Token, tokens: Sequence[Token]) -> bool:
    return len(tokens) > 1 and (token.text == "thi" or at < len(tokens) - 1)


def _is_fathers(word: str, of: str) -> bool:
    return of == "slavic" and not is_initial(word) and bool(_FATHERS.fullmatch(word))


def _with_children(tokens: list[Token], of: str) -> list[Token]:
    """The same, where a child word (oglu, qizi) makes the name before it a father's and is small itself."""
    if of != "slavic":
        return tokens
    out = list(tokens)
    for at, token in enumerate(tokens):
        if at and token.text in _table("child"):
            out[at] = Token(token.text, Kind.PARTICLE)
            out[at - 1] = Token(tokens[at - 1].text, Kind.PATRONYMIC if at > 1 else tokens[at - 1].kind)
    return out


def _surnames(field: Sequence[str], of: str, has_given: bool) -> list[Token]:
    """Surnames by their tradition; what follows a marriage or a birth is a surname more."""
    places = range(1, len(field) - 1)
    cut = next((at for at in places if suffix_kind(field[at], of) in ("marriage", "birth")), len(field))
    groups = _units(field[:cut], of)
    tokens = [
        token for at, group in enumerate(groups) for token in _unit(group, _surname_kind(at, groups, of, has_given), of)
    ]
    others = [token for group in _units(field[cut + 1 :], of) for token in _unit(group, Kind.MATERNAL, of)]
    return [*_with_children(tokens, of), *_suffixes(field[cut : cut + 1]), *others]


def _surname_kind(at: int, groups: Sequence[Sequence[str]], of: str, has_given: bool) -> Kind:
    is_first, is_last, word = at == 0, at == len(groups) - 1, groups[at][-1]
    if of == "lineage":
        return Kind.PATRONYMIC if has_given or not is_first else Kind.GIVEN
    if of == "punjabi" and word in _SIKH and len(groups) > 1:
        return Kind.GIVEN
    if _is_fathers(word, of) and len(groups) > 1:
        return Kind.PATRONYMIC
    if of == "arabic" and not is_last:
        return Kind.PATRONYMIC
    if (of == "spanish" and not is_first) or (of == "portuguese" and not is_last):
        return Kind.MATERNAL
    return Kind.PATERNAL


def _suffixes(field: Sequence[str]) -> list[Token]:
    return [Token(bare(word), Kind.SUFFIX) for word in field]
