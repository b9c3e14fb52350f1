"""Rows of a feed as what they say of people and stints: of each the version that stays, ready to be written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import blake2b

from hotline.rules import birth_dates
from hotline.rules.birth_dates import BirthDate
from hotline.rules.feed import Row
from hotline.rules.name_entries import Entry, entry_of
from hotline.rules.records import Person, Stint

StintKey = tuple[str, str]
"""Subject and stint, by the agency's own numbers."""


@dataclass(frozen=True, slots=True)
class Versions:
    """By the agency's own numbers: each person with the stint of their row, their entries in the index of names as
    far as they may ever stand there, and each stint."""

    people: Mapping[str, tuple[Person, str]]
    entries: Mapping[str, Entry]
    stints: Mapping[StintKey, Stint]


def latest(rows: Iterable[Row]) -> Versions:
    """Of these rows, in any order, the versions that stay."""
    people: dict[str, tuple[Person, str]] = {}
    stints: dict[StintKey, Stint] = {}
    for row in rows:
        known = people.get(row.subject_id)
        if known is None or row.updated_at >= known[0].updated_at:
            person = _person(row)
            if known is None or person.rank > known[0].rank:
                people[row.subject_id] = person, row.stint_id
        key, stint = (row.subject_id, row.stint_id), _stint(row)
        if key not in stints or stint.rank > stints[key].rank:
            stints[key] = stint
    entries = {name: entry_of(person) for name, (person, _) in people.items() if _may_grow_findable(person)}
    return Versions(people, entries, stints)


def _may_grow_findable(person: Person) -> bool:
    return person.disclosable is True and person.protected is False and person.adult_on is not None


def _person(row: Row) -> Person:
    birth_date, adult_on = _born(row.birth_date)
    return Person(
        row.subject_id,
        row.given_names,
        row.surnames,
        ";".join([f"{name.given_names}|{name.surnames}" for name in row.other_names]) or None,
        row.sex,
        birth_date,
        row.birth_country,
        row.disclosable,
        row.protected,
        adult_on,
        row.updated_at,
    )


@lru_cache(maxsize=50_000)
def _born(recorded: BirthDate | None) -> tuple[str | None, date | None]:
    return None if recorded is None else str(recorded), birth_dates.adult_on(recorded)


def _stint(row: Row) -> Stint:
    return Stint(
        row.stay_id,
        row.stint_id,
        row.facility_code,
        row.facility_name,
        row.facility_state,
        row.book_in_at,
        row.book_out_at,
        row.release_reason,
        row.updated_at,
        fingerprint(row),
    )


def fingerprint(row: Row) -> int:
    """A number of 63 bits by which this stint is known again, whoever it belongs to (store.moved_stints)."""
    born = row.birth_date and (row.birth_date.year, row.birth_date.month, row.birth_date.day)
    parts = f"{row.stay_id}\0{row.stint_id}\0{row.book_in_at.timestamp()}\0{born}\0{row.birth_country}"
    return int.from_bytes(blake2b(parts.encode(), digest_size=8).digest()) >> 1
