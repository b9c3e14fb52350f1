"""How much one caller, one number and everybody together may ask of the line, in one table.

Every limit can be set by the environment as HOTLINE_LIMIT_<NAME>. Counts given to the decisions are of what
went before, never including the search, call or send that is being decided.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

DAY = timedelta(hours=24)
WEEK = timedelta(days=7)
MONTH = timedelta(days=30)

CALLS_SPAN = timedelta(minutes=10)
"""In which the calls of one number are counted, and those of everybody for a flood."""
USUAL_AT_LEAST = 20.0
"""Calls in that span that are usual anywhere: a line that few people know does not go short because ten call."""
ON_THE_LINE = timedelta(minutes=2)
"""How long a call that nothing was heard of still keeps its number's next call out: the end of one that was cut off
may never be told, and its caller must get through.
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """One row: what holds if nobody says otherwise, and what it bounds."""

    default: int
    what: str


def limit_row(default: int, what: str) -> int:
    row: int = field(default=default, metadata={"limit": Limit(default, what)})
    return row


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits in force."""

    searches_per_call: int = limit_row(3, "searches in one call")
    searches_per_day: int = limit_row(5, "searches from one number in 24 hours")
    searches_per_30_days: int = limit_row(10, "searches from one number in 30 days")
    people_per_week: int = limit_row(3, "different people asked for from one number in 7 days")
    dates_per_name: int = limit_row(2, "dates of birth that one number may give with one name in 24 hours")
    callers_per_record: int = limit_row(
        5, "numbers that hear one record in 24 hours, none signing up, before staff are told"
    )
    searches_per_minute: int = limit_row(20, "searches by everybody in one minute before each is slowed down")
    phones_per_person: int = limit_row(5, "phones signed up for the same person before a person reviews the next")
    sends_per_number_10_minutes: int = limit_row(3, "codes and requests sent to one number in 10 minutes")
    sends_per_block_hour: int = limit_row(30, "codes and requests sent to one block of numbers in an hour")
    calls_per_number_10_minutes: int = limit_row(10, "calls taken from one number in 10 minutes")
    flood_factor: int = limit_row(3, "times the usual number of calls before the line goes into its short mode")

    @classmethod
    def from_names(cls, overrides: Mapping[str, str]) -> Self:
        """The table with some rows set anew: {"SEARCHES_PER_DAY": "7"}.

        Raises ValueError that names every unknown limit and every value that is not a whole number from 1 to
        999,999,999.
        """
        return cls(**read_rows(LIMITS, overrides))


def rows_of(table: type[DataclassInstance]) -> Mapping[str, Limit]:
    """The rows of a table of limits, by the names that the environment gives them."""
    return {row.name.upper(): row.metadata["limit"] for row in fields(table)}


def read_rows(rows: Mapping[str, Limit], overrides: Mapping[str, str]) -> dict[str, int]:
    """The rows that are set anew, by field. Raises ValueError as Limits.from_names does."""
    faults = [
        f"{name}: no such limit" if name not in rows else f"{name}: not a whole number above zero"
        for name, value in overrides.items()
        if name not in rows or _positive(value) is None
    ]
    if faults:
        raise ValueError("; ".join(faults))
    return {name.lower(): int(value) for name, value in overrides.items()}


LIMITS: Mapping[str, Limit] = rows_of(Limits)


@dataclass(frozen=True, slots=True)
class PastSearch:
    """A search made earlier from the same number: when (aware), and a key for the person asked for.

    `date_key` stands for the date of birth that was given, None where none was: a year's key begins the key of
    every whole date in that year. `subject` is the record that was read back, None where there was none.
    """

    at: datetime
    person_key: str
    date_key: str | None = None
    subject: int | None = None


def search_refused(
    limits: Limits,
    past: Sequence[PastSearch],
    in_this_call: int,
    person_key: str,
    now: datetime,
    subject: int | None = None,
) -> bool:
    """Whether one more search, for this person, would pass a limit; the answer is then the way to a person.

    `past` holds the searches of the same number in the last 30 days or more, those of this call included.
    `subject` is the record that this search comes to: however spelled, one record is one person.
    """
    this = PastSearch(now, person_key, None, subject)
    return (
        in_this_call >= limits.searches_per_call
        or _since(past, now - DAY) >= limits.searches_per_day
        or _since(past, now - MONTH) >= limits.searches_per_30_days
        or _people([*(search for search in past if search.at > now - WEEK), this]) > limits.people_per_week
    )


def name_locked(
    limits: Limits, past: Sequence[PastSearch], person_key: str, date_key: str | None, now: datetime
) -> bool:
    """Whether this number tries dates of birth on this name: the answer is then, for the day, that nobody is found.

    A date that is not given is none; a year and a whole date in it are one.
    """
    given = {search.date_key for search in past if search.at > now - DAY and search.person_key == person_key}
    dates = {date for date in (*given, date_key) if date is not None}
    return sum(not _begins_another(date, dates) for date in dates) > limits.dates_per_name


def alert_raised(limits: Limits, callers: int, signed_up: bool) -> bool:
    """Whether so many numbers came to one record in a day, this one included, that staff are to look at it.

    `signed_up` tells whether any of them signed up about it.
    """
    return callers >= limits.callers_per_record and not signed_up


def slow_mode(limits: Limits, searches_last_minute: int) -> bool:
    """Whether this search is over what everybody together may ask in a minute."""
    return searches_last_minute >= limits.searches_per_minute


def send_refused(limits: Limits, sends_to_number_10_min: int, sends_to_block_hour: int) -> bool:
    """Whether one more code or request may not go to this number, or to its block of numbers."""
    return (
        sends_to_number_10_min >= limits.sends_per_number_10_minutes
        or sends_to_block_hour >= limits.sends_per_block_hour
    )


def call_refused(limits: Limits, calls_from_number_10_min: int) -> bool:
    """Whether this number called so often that it must cool off first."""
    return calls_from_number_10_min >= limits.calls_per_number_10_minutes


def flooded(limits: Limits, calls: int, usual: float) -> bool:
    """Whether so many more calls came than usual in the same span that the line goes into its short mode."""
    return calls > limits.flood_factor * usual


def usual_calls(earlier: int, spans: int) -> float:
    """The usual number of calls in CALLS_SPAN, of which `earlier` came in that many spans, none of them today."""
    return max(USUAL_AT_LEAST, earlier / spans)


def phone_reviewed(limits: Limits, other_phones: int) -> bool:
    """Whether one more phone for the same person waits for a person's review."""
    return other_phones >= limits.phones_per_person


def _people(searches: Sequence[PastSearch]) -> int:
    """How many different people were asked for: a name that came to one record alone is that record."""
    subjects: dict[str, set[int]] = {}
    for search in searches:
        found = subjects.setdefault(search.person_key, set())
        if search.subject is not None:
            found.add(search.subject)
    return len(set().union(*subjects.values())) + sum(not found for found in subjects.values())


def _begins_another(date: str, dates: Collection[str]) -> bool:
    return any(other != date and other.startswith(date) for other in dates)


def _since(past: Sequence[PastSearch], start: datetime) -> int:
    return sum(search.at > start for search in past)


def _positive(value: str) -> int | None:
    text = value.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return None
    return int(text) or None
