"""How records spoil names and dates: each flaw in a function, its rate in the table of flaws.

A flaw takes a person and the chance and gives the person as recorded, or None where it cannot happen to them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from hotline.services.sample.names import pool_of, table
from hotline.services.sample.spelling import (
    Change,
    changed,
    doubled,
    dropped,
    in_own_script,
    name_parts,
    plain,
    respelling,
    slip,
    transposed,
    variants,
)


@dataclass(frozen=True, slots=True)
class Person:
    """One person as a feed tells of them; `other_names`, `birth`, `disclosable` and `protected` as its cells."""

    given: str
    surnames: str
    sex: str
    country: str
    birth: str
    disclosable: str = "true"
    protected: str = "false"
    other_names: str = ""
    country_as_recorded: str = ""


Flaw = Callable[[Person, random.Random], Person | None]

NO_GIVEN = ("FNU", "FNU", "FNU", "NO FIRST NAME GIVEN", "UNKNOWN")
NO_SURNAME = ("LNU", "LNU", "NO LAST NAME GIVEN", "NLN", "UNKNOWN")
LONGEST_CUT = 20


def spoiled(person: Person, chance: random.Random) -> Person:
    """The person as recorded: every flaw of the table has its chance, and nobody is left without a name."""
    person = _with_both_names(person, chance)
    for flaw, rate in _flaws():
        if chance.random() < rate:
            person = flaw(person, chance) or person
    return person


@cache
def _flaws() -> tuple[tuple[Flaw, float], ...]:
    return tuple((FLAWS[name], int(per_10000) / 10_000) for name, per_10000 in table("flaws"))


def _with_both_names(person: Person, chance: random.Random) -> Person:
    """A single name stands as the surname as often as not, and a filler for what is missing."""
    if person.given and person.surnames:
        return person
    name = person.given or person.surnames
    if chance.random() < 0.55:
        return replace(person, given=chance.choice(NO_GIVEN), surnames=name)
    return replace(person, given=name, surnames=chance.choice(NO_SURNAME))


def _two_surnames(person: Person) -> tuple[str, str] | None:
    parts = name_parts(person.surnames)
    return (parts[0], parts[1]) if len(parts) == 2 else None


def _second_surname_missing(person: Person, chance: random.Random) -> Person | None:
    two = _two_surnames(person)
    return replace(person, surnames=two[0]) if two else None


def _surnames_swapped(person: Person, chance: random.Random) -> Person | None:
    two = _two_surnames(person)
    return replace(person, surnames=f"{two[1]} {two[0]}") if two else None


def _first_surname_among_given(person: Person, chance: random.Random) -> Person | None:
    two = _two_surnames(person)
    return replace(person, given=f"{person.given} {two[0]}", surnames=two[1]) if two else None


def _both_surnames_among_given(person: Person, chance: random.Random) -> Person | None:
    given = f"{person.given} {person.surnames}"
    return replace(person, given=given, surnames=chance.choice(NO_SURNAME)) if _two_surnames(person) else None


def _given_and_surnames_swapped(person: Person, chance: random.Random) -> Person | None:
    return replace(person, given=person.surnames, surnames=person.given)


def _second_given_missing(person: Person, chance: random.Random) -> Person | None:
    names = name_parts(person.given)
    return replace(person, given=names[0]) if len(names) == 2 else None


def _second_given_as_initial(person: Person, chance: random.Random) -> Person | None:
    names = name_parts(person.given)
    return replace(person, given=f"{names[0]} {names[1][0]}") if len(names) == 2 else None


def _given_missing(person: Person, chance: random.Random) -> Person | None:
    return replace(person, given=chance.choice(NO_GIVEN))


def _surnames_missing(person: Person, chance: random.Random) -> Person | None:
    return replace(person, surnames=chance.choice(NO_SURNAME))


# ---- spelling


def _respelled(person: Person, chance: random.Random) -> Person | None:
    if chance.random() < 0.5 and (given := respelling(person.given, chance)):
        return replace(person, given=given)
    surnames = respelling(person.surnames, chance)
    return replace(person, surnames=surnames) if surnames else None


def _slip(change: Change) -> Flaw:
    def slipped(person: Person, chance: random.Random) -> Person | None:
        if chance.random() < 0.4:
            given = slip(person.given, change, chance)
            return replace(person, given=given) if given else None
        surnames = slip(person.surnames, change, chance)
        return replace(person, surnames=surnames) if surnames else None

    return slipped


# ---- other names


def _with_other(person: Person, given: str, surname: str) -> Person:
    entry = f"{given}|{surname}"
    return replace(person, other_names=f"{person.other_names};{entry}" if person.other_names else entry)


def _nickname(person: Person, chance: random.Random) -> Person | None:
    nicknames = variants("nickname").get(plain(person.given.split()[0]))
    return _with_other(person, chance.choice(nicknames), name_parts(person.surnames)[0]) if nicknames else None


def _variant(person: Person, chance: random.Random) -> Person | None:
    surnames = respelling(person.surnames, chance)
    return _with_other(person, person.given, surnames) if surnames else None


def _short_form(person: Person, chance: random.Random) -> Person | None:
    two = _two_surnames(person)
    return _with_other(person, person.given.split()[0], two[1]) if two else None


def _other_surname(person: Person, chance: random.Random) -> Person | None:
    """Before or after a marriage, or a name once given to the police."""
    if person.sex == "M" and chance.random() < 0.8:
        return None
    return _with_other(person, person.given, pool_of(person.country).draw("surname", chance))


# ---- writing


def _suffix(person: Person, chance: random.Random) -> Person | None:
    if person.sex != "M":
        return None
    return replace(person, surnames=f"{person.surnames} {chance.choice(('Jr', 'Jr', 'Jr.', 'Sr', 'II', 'III'))}")


def _particle_joined(person: Person, chance: random.Random) -> Person | None:
    parts = name_parts(person.surnames)
    if all(" " not in part for part in parts):
        return None
    return replace(person, surnames=" ".join(part.replace(" ", "").capitalize() for part in parts))


def _surnames_joined(person: Person, chance: random.Random) -> Person | None:
    two = _two_surnames(person)
    return replace(person, surnames=f"{two[0]}{two[1]}".replace(" ", "").capitalize()) if two else None


def _hyphen(person: Person, chance: random.Random) -> Person | None:
    two = _two_surnames(person)
    return replace(person, surnames=f"{two[0]}-{two[1]}") if two else None


def _other_script(person: Person, chance: random.Random) -> Person | None:
    native = in_own_script((person.given, person.surnames), person.country)
    return replace(person, given=native[0], surnames=native[1]) if native else None


def _accents_off(person: Person, chance: random.Random) -> Person | None:
    if not plain(person.given[0]).isascii():
        return None  # in other scripts the marks are part of the letters
    given, surnames = plain(person.given), plain(person.surnames)
    return replace(person, given=given, surnames=surnames, other_names=plain(person.other_names))


def _capitals(person: Person, chance: random.Random) -> Person | None:
    given, surnames = person.given.upper(), person.surnames.upper()
    return replace(person, given=given, surnames=surnames, other_names=person.other_names.upper())


def _cut(person: Person, chance: random.Random) -> Person | None:
    given, surnames = person.given[:LONGEST_CUT].rstrip(" -"), person.surnames[:LONGEST_CUT].rstrip(" -")
    return replace(person, given=given, surnames=surnames)


# ---- dates of birth


def _birth(change: Callable[[str], str]) -> Flaw:
    def changed(person: Person, chance: random.Random) -> Person | None:
        return replace(person, birth=change(person.birth)) if len(person.birth) == len("YYYY-MM-DD") else None

    return changed


def _day_and_month_swapped(birth: str) -> str:
    year, month, day = birth.split("-")
    return f"{year}-{day}-{month}" if int(day) <= 12 else birth


FLAWS: Mapping[str, Flaw] = {
    "second_surname_missing": _second_surname_missing,
    "surnames_swapped": _surnames_swapped,
    "first_surname_among_given": _first_surname_among_given,
    "both_surnames_among_given": _both_surnames_among_given,
    "given_and_surnames_swapped": _given_and_surnames_swapped,
    "second_given_missing": _second_given_missing,
    "second_given_as_initial": _second_given_as_initial,
    "given_missing": _given_missing,
    "surnames_missing": _surnames_missing,
    "respelled": _respelled,
    "letter_changed": _slip(changed),
    "letter_dropped": _slip(dropped),
    "letter_doubled": _slip(doubled),
    "letters_transposed": _slip(transposed),
    "nickname_as_other_name": _nickname,
    "variant_as_other_name": _variant,
    "short_form_as_other_name": _short_form,
    "other_surname_as_other_name": _other_surname,
    "suffix": _suffix,
    "particle_joined": _particle_joined,
    "surnames_joined": _surnames_joined,
    "hyphen": _hyphen,
    "other_script": _other_script,
    "accents_off": _accents_off,
    "capitals": _capitals,
    "cut_at_20_letters": _cut,
    "birth_missing": _birth(lambda birth: ""),
    "birth_year_only": _birth(lambda birth: birth[:4]),
    "birth_month_only": _birth(lambda birth: birth[:7]),
    "birth_first_of_january": _birth(lambda birth: f"{birth[:4]}-01-01"),
    "birth_day_and_month_swapped": _birth(_day_and_month_swapped),
}
