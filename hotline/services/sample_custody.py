"""A synthetic custody feed: invented people with the names, dates, stays and gaps that a real feed has.

Nobody in it exists. Names are drawn from short lists of very common given names and surnames, put down from
general knowledge; the shares of countries are invented, with a Spanish-speaking majority and a long tail.

The first people are always the same and in custody, and nobody else of their country shares one of their
given names and one of their surnames:

| subject  | given names | surnames      | born in     | date of birth | to a caller                       |
|----------|-------------|---------------|-------------|---------------|-----------------------------------|
| S0000001 | Juan Carlos | Pérez Morales | Guatemala   | 1985-03-05    | found                             |
| S0000002 | María       | López         | El Salvador | 1979-06-14    | found, told from her namesake by  |
| S0000003 | María       | López         | El Salvador | 1991-11-02    | the date or year of birth         |
| S0000004 | Wilner      | Toussaint     | Haiti       | 1990-09-20    | found                             |
| S0000005 | Thị Mai     | Nguyễn        | Vietnam     | 1988          | found                             |
| S0000006 | Ana Lucía   | Ramírez Soto  | Guatemala   | 1990-07-19    | never found: protected            |
| S0000007 | Kevin       | Aguilar Cruz  | Honduras    | a child       | never found: under age            |
"""

from __future__ import annotations

import csv
import random
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from importlib import resources
from itertools import accumulate
from typing import TextIO

from hotline.rules.custody import RAW_WORDINGS, EventKind
from hotline.rules.feed import COLUMNS


@dataclass(frozen=True, slots=True)
class _Person:
    given: str
    surnames: str
    sex: str
    country: str
    birth: str
    disclosable: str = "true"
    protected: str = "false"
    other_names: str = ""
    country_as_recorded: str = ""


_DEMO = (
    _Person("Juan Carlos", "Pérez Morales", "M", "GT", "1985-03-05"),
    _Person("María", "López", "F", "SV", "1979-06-14"),
    _Person("María", "López", "F", "SV", "1991-11-02"),
    _Person("Wilner", "Toussaint", "M", "HT", "1990-09-20"),
    _Person("Thị Mai", "Nguyễn", "F", "VN", "1988"),
    _Person("Ana Lucía", "Ramírez Soto", "F", "GT", "1990-07-19", protected="true"),
    _Person("Kevin", "Aguilar Cruz", "M", "HN", "a child"),
)

# Code, name, state, hours from UTC: all invented.
_FACILITIES = (
    ("EXTX1", "Example South Center", "TX", -6),
    ("EXTX2", "Example Prairie Center", "TX", -6),
    ("EXLA1", "Example Bayou Center", "LA", -6),
    ("EXAZ1", "Example Desert Center", "AZ", -7),
    ("EXCA1", "Example Valley Center", "CA", -8),
    ("EXGA1", "Example Pines Center", "GA", -5),
    ("EXFL1", "Example Coast Center", "FL", -5),
    ("EXNJ1", "Example Harbor Center", "NJ", -5),
)

# How the stays of a person end, and of 1,000 people how many go that way; None is a stint that is still open.
_STORIES: tuple[tuple[int, tuple[EventKind | None, ...]], ...] = (
    (430, (None,)),
    (190, (EventKind.REMOVED,)),
    (180, (EventKind.RELEASED,)),
    (40, (EventKind.RELEASED, None)),
    (40, (EventKind.REMOVED, None)),
    (35, (EventKind.DEPARTED,)),
    (30, (EventKind.REMOVED, EventKind.REMOVED)),
    (15, (EventKind.TO_OTHER_AGENCY,)),
    (5, (EventKind.TO_OTHER_AGENCY, None)),
    (15, (EventKind.UNDER_REVIEW,)),
    (10, (EventKind.TRANSFERRED,)),
    (5, (EventKind.DEPARTED, None)),
    (3, (EventKind.ESCAPED, None)),
    (1, (EventKind.ESCAPED,)),
    (1, (EventKind.DIED,)),
)

_WORDINGS: Mapping[EventKind, list[str]] = {
    kind: [wording for wording, told in RAW_WORDINGS.items() if told is kind] for kind in EventKind
}
# A wording that no table has, as every agency invents one sooner or later.
_UNKNOWN_WORDING = "Closed - See File"

_NAMESAKE = 0.015
_DOUBLE_SURNAME = 0.7
_SECOND_GIVEN_NAME = 0.4


def people(count: int, seed: int, until: datetime) -> Iterator[dict[str, str]]:
    """The feed's rows of `count` people, one row a stint, people in order and their stints by time.

    The same `seed` and `until` give the same rows, and a smaller `count` their beginning. No time lies after
    `until` (aware). The demo people at the head of this page come first and are counted. Raises ValueError
    for an `until` without its zone.
    """
    if until.tzinfo is None:
        raise ValueError("until needs a time zone")
    chance = random.Random(seed)
    until = until.astimezone(UTC).replace(second=0, microsecond=0)
    lately: deque[_Person] = deque(maxlen=300)
    for number in range(1, count + 1):
        if number <= len(_DEMO):
            person = _demo_person(number, until)
            stays = _placed([(None, timedelta(0))], chance, until - timedelta(days=3 * number))
        else:
            person = _invented(chance, until.date(), lately)
            lately.append(person)
            stays = _placed(_story(chance), chance, until)
        yield from _rows(f"S{number:07d}", person, stays, chance, until)


def closed(row: Mapping[str, str], wording: str, at: datetime) -> dict[str, str]:
    """The same stint, ended `at` (aware) with this wording: what the next delta says of it."""
    told = at.isoformat(timespec="seconds")
    return {**row, "book_out_at": told, "release_reason": wording, "updated_at": told}


def write_csv(rows: Iterable[Mapping[str, str]], stream: TextIO) -> None:
    """Writes a feed file with its header; open the stream with `newline=""`."""
    writer = csv.DictWriter(stream, [column.name for column in COLUMNS])
    writer.writeheader()
    writer.writerows(rows)


def _demo_person(number: int, until: datetime) -> _Person:
    person = _DEMO[number - 1]
    born = f"{until.year - 12}-02-11" if person.birth == "a child" else person.birth
    return replace(person, birth=born, country_as_recorded=person.country)


@dataclass(frozen=True, slots=True)
class _Pool:
    """Names by kind with their running weights: the nth is as common as 1/(n+5), about as names are."""

    names: Mapping[str, list[str]]
    weights: Mapping[str, list[float]]

    def draw(self, kind: str, chance: random.Random) -> str:
        return chance.choices(self.names[kind], cum_weights=self.weights[kind])[0]


@cache
def _pools() -> dict[str, _Pool]:
    names: dict[str, dict[str, list[str]]] = {}
    for pool, kind, listed in _table("sample_names"):
        names.setdefault(pool, {})[kind] = [name.replace("_", " ") for name in listed.split(" ")]
    return {
        pool: _Pool(
            kinds,
            {kind: list(accumulate(1 / (n + 5) for n in range(len(kinds[kind])))) for kind in kinds},
        )
        for pool, kinds in names.items()
    }


@dataclass(frozen=True, slots=True)
class _Country:
    code: str
    recorded_as: tuple[str, ...]
    pools: tuple[str, ...]
    pool_weights: tuple[int, ...]


@cache
def _countries() -> tuple[tuple[_Country, ...], list[int]]:
    countries, shares = [], []
    for code, share, alpha3, name, pools in _table("sample_countries"):
        weighted = [pool.partition(":") for pool in pools.split(",")]
        countries.append(
            _Country(
                code,
                (code, alpha3, name, name.upper()),
                tuple(pool for pool, _, _ in weighted),
                tuple(int(weight or 1) for _, _, weight in weighted),
            )
        )
        shares.append(int(share))
    return tuple(countries), list(accumulate(shares))


def _table(name: str) -> list[list[str]]:
    text = resources.files(__package__).joinpath(f"{name}.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")][1:]


def _invented(chance: random.Random, today: date, lately: deque[_Person]) -> _Person:
    person = _named(chance)
    if lately and chance.random() < _NAMESAKE:
        person = replace(chance.choice(lately), other_names="")
    while _taken_for_demo(person):
        person = _named(chance)
    if chance.random() < 0.5:
        person = _in_capitals(person, plain=chance.random() < 0.6)
    return replace(
        person,
        birth=_birth(chance, today),
        disclosable=chance.choices(("true", "false", ""), (960, 30, 10))[0],
        protected=chance.choices(("false", "true", ""), (970, 20, 10))[0],
    )


def _named(chance: random.Random) -> _Person:
    countries, shares = _countries()
    country = chance.choices(countries, cum_weights=shares)[0]
    pool = _pools()[chance.choices(country.pools, country.pool_weights)[0]]
    sex = "M" if chance.random() < 0.85 else "F"
    kind = "male" if sex == "M" else "female"
    given, surname = pool.draw(kind, chance), pool.draw("surname", chance)
    if chance.random() < _SECOND_GIVEN_NAME and pool is not _pools()["han"]:
        second = pool.draw(kind, chance)
        given = given if second == given else f"{given} {second}"
    other = ""
    if "spanish" in country.pools and chance.random() < _DOUBLE_SURNAME:
        second = pool.draw("surname", chance)
        joint = "-" if chance.random() < 0.05 else " "
        surname = f"{surname}{joint}{second}"
        other = f"{given.split()[0]}|{second}" if chance.random() < 0.08 else ""
    recorded_as = chance.choices(country.recorded_as, (70, 10, 10, 10))[0]
    return _Person(given, surname, sex, country.code, "", other_names=other, country_as_recorded=recorded_as)


def _taken_for_demo(person: _Person) -> bool:
    """Whether a caller who asks for a demo person could get this one instead."""
    taken = _demo_words().get(person.country)
    if not taken:
        return False
    words = _words(f"{person.given} {person.surnames} {person.other_names}")
    return any(words & given and words & surnames for given, surnames in taken)


@cache
def _demo_words() -> dict[str, list[tuple[set[str], set[str]]]]:
    words: dict[str, list[tuple[set[str], set[str]]]] = {}
    for demo in _DEMO:
        words.setdefault(demo.country, []).append((_words(demo.given), _words(demo.surnames)))
    return words


def _words(names: str) -> set[str]:
    return set(_plain(names).casefold().replace("|", " ").replace("-", " ").split())


def _plain(text: str) -> str:
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(char for char in parts if not unicodedata.combining(char)))


def _in_capitals(person: _Person, plain: bool) -> _Person:
    given, surnames, other = person.given.upper(), person.surnames.upper(), person.other_names.upper()
    if plain:
        given, surnames, other = _plain(given), _plain(surnames), _plain(other)
    return replace(person, given=given, surnames=surnames, other_names=other)


def _birth(chance: random.Random, today: date) -> str:
    years = chance.uniform(1, 17.9) if chance.random() < 0.03 else chance.triangular(18.1, 70, 28)
    born = today - timedelta(days=int(years * 365.25))
    match chance.choices(("day", "none", "year", "month", "placeholder"), (93, 2, 2, 1, 2))[0]:
        case "none":
            return ""
        case "year":
            return f"{born:%Y}"
        case "month":
            return f"{born:%Y-%m}"
        case "placeholder":
            return f"{born:%Y}-01-01"
    return born.isoformat()


_Ending = tuple[EventKind | None, timedelta]


def _story(chance: random.Random) -> list[_Ending]:
    """The endings of a person's stints, each with the time until the next book-in (or until now)."""
    story = chance.choices([ends for _, ends in _STORIES], [weight for weight, _ in _STORIES])[0]
    endings: list[_Ending] = []
    for kind in story:
        moves = chance.choices((0, 1, 2, 3, 5), (40, 30, 17, 9, 4))[0]
        endings += [(EventKind.TRANSFERRED, timedelta(minutes=chance.randint(20, 20 * 60))) for _ in range(moves)]
        endings.append((kind, timedelta(hours=chance.randint(12, 24 * 400))))
    last, ago = endings[-1]
    if last is None:
        ago = timedelta(0)
    elif last is EventKind.TRANSFERRED:
        ago = timedelta(minutes=chance.randint(30, 40 * 60))
    endings[-1] = (last, ago)
    return endings


@dataclass(frozen=True, slots=True)
class _Placed:
    stay: int
    begins: datetime
    ends: datetime | None
    kind: EventKind | None


def _placed(endings: list[_Ending], chance: random.Random, until: datetime) -> list[_Placed]:
    """Puts the stints on the calendar, backwards from `until`, and numbers their stays from 1."""
    placed: list[_Placed] = []
    next_begins = until
    for kind, pause in reversed(endings):
        ends = next_begins - pause
        begins = ends - timedelta(minutes=chance.randint(60, 60 * 24 * 60))
        placed.append(_Placed(0, begins, None if kind is None else ends, kind))
        next_begins = begins
    placed.reverse()
    stay = 1
    numbered = []
    for stint in placed:
        numbered.append(replace(stint, stay=stay))
        stay += stint.kind is not EventKind.TRANSFERRED
    return numbered


def _rows(
    subject: str, person: _Person, stints: list[_Placed], chance: random.Random, until: datetime
) -> Iterator[dict[str, str]]:
    for number, stint in enumerate(stints, start=1):
        code, facility, state, offset = chance.choice(_FACILITIES)
        zone = timezone(timedelta(hours=offset))
        changed = min((stint.ends or stint.begins) + timedelta(minutes=chance.randint(1, 30)), until)
        yield {
            "subject_id": subject,
            "given_names": person.given,
            "surnames": person.surnames,
            "other_names": person.other_names,
            "sex": person.sex,
            "birth_date": person.birth,
            "birth_country": person.country_as_recorded,
            "disclosable": person.disclosable,
            "protected": person.protected,
            "stay_id": f"{subject}-{stint.stay}",
            "stint_id": f"{subject}-{stint.stay}-{number}",
            "facility_code": code,
            "facility_name": facility,
            "facility_state": state,
            "book_in_at": stint.begins.astimezone(zone).isoformat(timespec="seconds"),
            "book_out_at": stint.ends.astimezone(zone).isoformat(timespec="seconds") if stint.ends else "",
            "release_reason": _wording(stint.kind, chance),
            "updated_at": changed.isoformat(timespec="seconds"),
        }


def _wording(kind: EventKind | None, chance: random.Random) -> str:
    if kind is None:
        return ""
    if kind is EventKind.UNDER_REVIEW and chance.random() < 0.2:
        return _UNKNOWN_WORDING
    return chance.choice(_WORDINGS[kind])
