"""A synthetic custody feed: invented people with the names, dates, stays and gaps that a real feed has.

Nobody in it exists. Names are drawn as often as the people of a country of birth bear them, put together as they
do it, and spoiled as records spoil them; the tables of `hotline/services/sample/` say where their figures are from.

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
from bisect import bisect
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import TextIO

from hotline.rules.custody import EventKind
from hotline.rules.custody_wordings import RAW_WORDINGS
from hotline.rules.feed import COLUMNS
from hotline.services.sample.flaws import Person, spoiled
from hotline.services.sample.names import Community, Country, Kind, countries, pool_of
from hotline.services.sample.spelling import plain
from hotline.services.sample.traditions import named

_DEMO = (
    Person("Juan Carlos", "Pérez Morales", "M", "GT", "1985-03-05"),
    Person("María", "López", "F", "SV", "1979-06-14"),
    Person("María", "López", "F", "SV", "1991-11-02"),
    Person("Wilner", "Toussaint", "M", "HT", "1990-09-20"),
    Person("Thị Mai", "Nguyễn", "F", "VN", "1988"),
    Person("Ana Lucía", "Ramírez Soto", "F", "GT", "1990-07-19", protected="true"),
    Person("Kevin", "Aguilar Cruz", "M", "HN", "a child"),
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

# Of all people: the same names as somebody shortly before in the feed, or their brother or sister.
_NAMESAKE = 0.003
_SIBLING = 0.012
_MEN = 0.85
_UNDER_AGE = 0.03


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
    lately: deque[_Known] = deque(maxlen=300)
    for number in range(1, count + 1):
        if number <= len(_DEMO):
            person = _demo_person(number, until)
            stays = _placed([(None, timedelta(0))], chance, until - timedelta(days=3 * number))
        else:
            person = _invented(chance, until.date(), lately)
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


def _demo_person(number: int, until: datetime) -> Person:
    person = _DEMO[number - 1]
    born = f"{until.year - 12}-02-11" if person.birth == "a child" else person.birth
    return replace(person, birth=born, country_as_recorded=person.country)


@dataclass(frozen=True, slots=True)
class _Known:
    """One person as they are, before any record of them."""

    person: Person
    country: Country
    community: Community


def _invented(chance: random.Random, today: date, lately: deque[_Known]) -> Person:
    """A new person as recorded; who they are goes into `lately`, the people met shortly before."""
    while True:
        known = _met(chance, today, lately)
        if _taken_for_demo(known.person):
            continue
        recorded = spoiled(known.person, chance)
        if not _taken_for_demo(recorded):
            break
    lately.append(known)
    return replace(
        recorded,
        country_as_recorded=chance.choices(known.country.recorded_as, (70, 10, 10, 10))[0],
        disclosable=chance.choices(("true", "false", ""), (960, 30, 10))[0],
        protected=chance.choices(("false", "true", ""), (970, 20, 10))[0],
    )


def _met(chance: random.Random, today: date, lately: deque[_Known]) -> _Known:
    at = chance.random()
    birth = _birth(chance, today)
    if not lately or at >= _NAMESAKE + _SIBLING:
        listed, sums = countries()
        country = listed[bisect(sums, int(chance.random() * sums[-1]))]
        return _stranger(chance, birth, country, pool_of(country.code).community(chance))
    known = chance.choice(lately)
    if at < _NAMESAKE:
        return replace(known, person=replace(known.person, birth=birth))
    other = _stranger(chance, birth, known.country, known.community)
    if other.person.sex != known.person.sex:
        return other
    return replace(other, person=replace(other.person, surnames=known.person.surnames))


def _stranger(chance: random.Random, birth: str, country: Country, community: Community) -> _Known:
    kind: Kind = "male" if chance.random() < _MEN else "female"
    given, surnames = named(community, kind, chance)
    return _Known(Person(given, surnames, "M" if kind == "male" else "F", country.code, birth), country, community)


def _taken_for_demo(person: Person) -> bool:
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
    return set(plain(names).casefold().replace("|", " ").replace("-", " ").split())


def _birth(chance: random.Random, today: date) -> str:
    years = chance.uniform(1, 17.9) if chance.random() < _UNDER_AGE else chance.triangular(18.1, 70, 28)
    return (today - timedelta(days=int(years * 365.25))).isoformat()


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
    subject: str, person: Person, stints: list[_Placed], chance: random.Random, until: datetime
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
