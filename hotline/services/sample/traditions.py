"""How a whole name is put together, tradition by tradition: the names, their order, and the field they go into.

Each takes a community, the kind of given name and the chance, and gives (given names, surnames) as the person's
own papers have them. One of the two is empty for somebody with a single name.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from hotline.services.sample.names import Community, Kind, pools

Named = tuple[str, str]
_SINGLE = 0.05
_SINGLE_WHERE_USUAL = 0.28


def _of_100(share: int, chance: random.Random) -> bool:
    return chance.random() * 100 < share


def _given(community: Community, kind: Kind, chance: random.Random, joint: str = " ") -> str:
    first = community.given.draw(kind, chance)
    if " " in first or not _of_100(community.two_given, chance):
        return first
    second = community.given.draw(kind, chance)
    return first if second == first else f"{first}{joint}{second}"


def _spanish(community: Community, kind: Kind, chance: random.Random) -> Named:
    """One to three given names, the father's surname and the mother's."""
    given = _given(community, kind, chance)
    if " " in given and chance.random() < 0.03:
        given = f"{given} {community.given.draw(kind, chance)}"
    surnames = community.surnames.draw("surname", chance)
    if _of_100(community.two_surnames, chance):
        surnames = f"{surnames} {community.surnames.draw('surname', chance)}"
    return given, surnames


def _portuguese(community: Community, kind: Kind, chance: random.Random) -> Named:
    """One to three surnames, the mother's before the father's."""
    surnames = [community.surnames.draw("surname", chance)]
    if _of_100(community.two_surnames, chance):
        surnames.append(community.surnames.draw("surname", chance))
        if chance.random() < 0.25:
            surnames.append(community.surnames.draw("surname", chance))
    return _given(community, kind, chance), " ".join(surnames)


def _plain(community: Community, kind: Kind, chance: random.Random) -> Named:
    """One surname, or two with a hyphen; a Mauritanian son is Ould, a daughter Mint."""
    surname = community.surnames.draw("surname", chance)
    if _of_100(community.two_surnames, chance):
        surname = f"{surname}-{community.surnames.draw('surname', chance)}"
    if kind == "female" and surname.startswith("Ould "):
        surname = f"Mint {surname[5:]}"
    return _given(community, kind, chance), surname


def _haitian(community: Community, kind: Kind, chance: random.Random) -> Named:
    """A hyphen joins two given names as often as a blank does."""
    given = _given(community, kind, chance, "-" if chance.random() < 0.5 else " ")
    return given, _plain(community, kind, chance)[1]


def _slavic(community: Community, kind: Kind, chance: random.Random) -> Named:
    """The surname has its feminine form; the second given name is the father's with its ending."""
    surname = community.surnames.draw("surname", chance)
    given = community.given.draw(kind, chance)
    if _of_100(community.two_given, chance):
        given = f"{given} {patronymic(community.given.draw('male', chance), kind)}"
    return given, feminine(surname) if kind == "female" else surname


def feminine(surname: str) -> str:
    """A woman's form of a Slavic surname in Latin letters: Ivanov, Ivanova; others stay as they are."""
    if surname.endswith(("ov", "ev", "in")):
        return f"{surname}a"
    if surname.endswith(("skiy", "skyi", "tskiy")):
        return f"{surname[:-2]}aya"
    return f"{surname[:-1]}a" if surname.endswith(("ski", "cki")) else surname


def patronymic(father: str, kind: Kind) -> str:
    """The father's name as a second name: Sergey, Sergeevich or Sergeevna."""
    man = kind == "male"
    if father.endswith(("ya", "a")):
        return father.removesuffix("a").removesuffix("y") + ("ich" if man else "ichna")
    if father.endswith(("y", "i")):
        return father[:-1] + ("evich" if man else "evna")
    return father + ("ovich" if man else "ovna")


def _syllables(community: Community, kind: Kind, chance: random.Random) -> Named:
    """A given name of one or two syllables, which records write as one word, apart or with a hyphen."""
    first = community.given.draw(kind, chance).capitalize()
    if _of_100(community.two_given, chance):
        second = community.given.draw(kind, chance)
        at = chance.random()
        first += second if at < 0.62 else f" {second.capitalize()}" if at < 0.88 else f"-{second.capitalize()}"
    return first, community.surnames.draw("surname", chance)


def _vietnamese(community: Community, kind: Kind, chance: random.Random) -> Named:
    """The middle name stands before the given name, or behind it where a clerk turned the name round."""
    given = _given(community, kind, chance)
    at = chance.random()
    if at < 0.85:
        middle = pools()["vietnamese_middle"][kind].draw(chance)
        given = f"{middle} {given}" if at < 0.5 else f"{given} {middle}"
    return given, community.surnames.draw("surname", chance)


def _arabic(community: Community, kind: Kind, chance: random.Random) -> Named:
    """The father's name follows the given name, at times the grandfather's; the article is written four ways."""
    given = community.given.draw(kind, chance)
    if _of_100(community.two_given, chance):
        given = f"{given} {community.given.draw('male', chance)}"
        if chance.random() < 0.25:
            given = f"{given} {community.given.draw('male', chance)}"
    surname = community.surnames.draw("surname", chance)
    if surname.startswith("Al "):
        surname = chance.choice(("Al ", "Al-", "Al", "El ")) + surname[3:]
    return given, surname


def _chain(community: Community, kind: Kind, chance: random.Random) -> Named:
    """One's own name, the father's and the grandfather's, parted at the first or the second blank."""
    own, father = community.given.draw(kind, chance), community.given.draw("male", chance)
    grandfather = community.surnames.draw("surname", chance)
    if _of_100(community.two_given, chance):
        return f"{own} {father}", grandfather
    return own, grandfather if chance.random() < 0.4 else f"{father} {grandfather}"


def _sikh(community: Community, kind: Kind, chance: random.Random) -> Named:
    """Singh or Kaur alone, or with a family's surname after it."""
    given, singh = community.given.draw(kind, chance), "Singh" if kind == "male" else "Kaur"
    if not _of_100(community.two_surnames, chance):
        return given, singh
    surname = community.surnames.draw("surname", chance)
    at = chance.random()
    if at < 0.45:
        return f"{given} {singh}", surname
    return given, f"{singh} {surname}" if at < 0.65 else surname


def _gujarati(community: Community, kind: Kind, chance: random.Random) -> Named:
    """Given name and father's name, each with or without its courtesy: Nileshkumar Rameshbhai."""
    given = community.given.draw(kind, chance)
    if chance.random() < 0.5:
        given += "ben" if kind == "female" else chance.choice(("kumar", "bhai"))
    if _of_100(community.two_given, chance):
        given = f"{given} {community.given.draw('male', chance)}{chance.choice(('bhai', 'kumar', ''))}"
    return given, community.surnames.draw("surname", chance)


def _indian(community: Community, kind: Kind, chance: random.Random) -> Named:
    given = _given(community, kind, chance)
    return given, "" if chance.random() < _SINGLE else community.surnames.draw("surname", chance)


def _single(community: Community, kind: Kind, chance: random.Random) -> Named:
    """A single name is usual."""
    given = _given(community, kind, chance)
    return given, "" if chance.random() < _SINGLE_WHERE_USUAL else community.surnames.draw("surname", chance)


def _bengali(community: Community, kind: Kind, chance: random.Random) -> Named:
    """Md before a man's name; Begum, Akter or Khatun for a woman's surname."""
    given = _given(community, kind, chance)
    if kind == "male":
        title = chance.choice(("Md ", "Md ", "Mohammad ", "", ""))
        return title + given, community.surnames.draw("surname", chance)
    if chance.random() < 0.6:
        return given, chance.choice(("Begum", "Akter", "Khatun", "Bibi"))
    return given, community.surnames.draw("surname", chance)


TRADITIONS: Mapping[str, Callable[[Community, Kind, random.Random], Named]] = {
    "spanish": _spanish,
    "portuguese": _portuguese,
    "plain": _plain,
    "haitian": _haitian,
    "slavic": _slavic,
    "syllables": _syllables,
    "vietnamese": _vietnamese,
    "arabic": _arabic,
    "chain": _chain,
    "sikh": _sikh,
    "gujarati": _gujarati,
    "indian": _indian,
    "single": _single,
    "bengali": _bengali,
}


def named(community: Community, kind: Kind, chance: random.Random) -> Named:
    """The given names and surnames of one person, a man or a woman, of this community."""
    return TRADITIONS[community.tradition](community, kind, chance)
