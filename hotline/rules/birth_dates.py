"""Dates of birth: recorded whole or in part, keyed, said, and how far two of them agree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from enum import StrEnum

from hotline.rules import spoken_dates

ADULT_AGE = 18
OLDEST_AGE = 120
_FIRST_YEAR = 1850
_FEED = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


@dataclass(frozen=True, slots=True)
class BirthDate:
    """A date of birth as far as it is known: year, year and month, or the whole date.

    Raises ValueError for a day without a month and for a date that no calendar has.
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise ValueError("a day of birth needs its month")
        date(self.year, 1 if self.month is None else self.month, 1 if self.day is None else self.day)

    def __str__(self) -> str:
        """`YYYY`, `YYYY-MM` or `YYYY-MM-DD`, as `from_feed` reads it."""
        rest = "".join(f"-{part:02d}" for part in (self.month, self.day) if part is not None)
        return f"{self.year:04d}{rest}"

    @property
    def is_precise(self) -> bool:
        """A whole date that isn't 1 January: records put that day where only the year is known."""
        return self.month is not None and self.day is not None and (self.month, self.day) != (1, 1)


class Agreement(StrEnum):
    """How a date said agrees with the recorded one, best first."""

    EXACT = "exact"
    """The same whole date; 1 January is none, for it is put down where only the year is known."""
    SWAPPED = "swapped"
    """The same with day and month the other way round."""
    YEAR = "year"
    """The same year; day and month not known on one side, 1 January there, or otherwise remembered."""
    NEAR = "near"
    """The year is off by one and nothing else speaks against it."""
    UNKNOWN = "unknown"
    """One side has no date."""
    CONTRADICTS = "contradicts"
    """The year is off by more than one, or by one where neither day nor month of two whole dates agrees."""


def from_feed(text: str) -> BirthDate | None:
    """Reads `YYYY-MM-DD`, `YYYY-MM` or `YYYY`, years from 1850; None for anything else."""
    found = _FEED.fullmatch(text.strip())
    if not found:
        return None
    year, month, day = (None if part is None else int(part) for part in found.groups())
    if year is None or not _FIRST_YEAR <= year <= MAXYEAR - ADULT_AGE - 1:
        return None
    return _made(year, month, day)


def from_keys(digits: str, today: date) -> BirthDate | None:
    """Reads eight keys as month, day, year or four as a year; None when it can't be a date of birth.

    Day before month is understood where month before day is impossible. A date after `today` or more than
    120 years before it is none. The key 1 for "not known" is the flow's affair.
    """
    if not (digits.isascii() and digits.isdigit()):
        return None
    if len(digits) == 4:
        return _plausible(_made(int(digits), None, None), today)
    if len(digits) == 8:
        first, second, year = int(digits[:2]), int(digits[2:4]), int(digits[4:])
        return _plausible(_made(year, first, second) or _made(year, second, first), today)
    return None


def from_speech(text: str, language: str, today: date) -> BirthDate | None:
    """Reads a spoken date or year of birth; None when it isn't one or can be read in two ways.

    `language` is a BCP 47 tag. Numbers and months said in English are understood in every language. Of a
    date in bare numbers the month comes first in English and the day elsewhere, unless only the other fits.
    """
    keyed = spoken_dates.keyed(text)
    if keyed:
        return from_keys(keyed, today)
    for year, month, day in spoken_dates.readings(text, language, today):
        birth = _plausible(_made(year, month, day), today)
        if birth:
            return birth
    return None


def unknown(text: str, language: str) -> bool:
    """True when the answer says that the date of birth isn't known; ask `from_speech` first."""
    return spoken_dates.says_unknown(text, language)


def agreement(said: BirthDate | None, recorded: BirthDate | None) -> Agreement:
    """How far two dates agree, the same either way round; `Agreement` says what each answer stands for."""
    if said is None or recorded is None:
        return Agreement.UNKNOWN
    apart = abs(said.year - recorded.year)
    if apart > 1:
        return Agreement.CONTRADICTS
    if said == recorded and said.is_precise:
        return Agreement.EXACT
    days = ((said.month, said.day), (recorded.month, recorded.day))
    swapped = days[0] == days[1][::-1]
    if said.is_precise and recorded.is_precise:
        if apart == 0 and swapped:
            return Agreement.SWAPPED
        if apart == 1 and not swapped and days[0][0] != days[1][0] and days[0][1] != days[1][1]:
            return Agreement.CONTRADICTS
    return Agreement.NEAR if apart else Agreement.YEAR


def adult_on(recorded: BirthDate | None) -> date | None:
    """The first day on which the record proves an age of 18; None without a record.

    A month or a year alone counts from its last day, and so does 1 January, which stands for a year alone.
    Born on 29 February counts from 1 March.
    """
    if recorded is None:
        return None
    year = recorded.year + ADULT_AGE
    if recorded.month is not None and recorded.day is not None and recorded.is_precise:
        return _on_or_after(year, recorded.month, recorded.day)
    if recorded.month is None or recorded.day is not None:
        return date(year, 12, 31)
    following = date(recorded.year + recorded.month // 12, recorded.month % 12 + 1, 1)
    return _on_or_after(year, recorded.month, (following - timedelta(days=1)).day)


def _on_or_after(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, 3, 1)


def _made(year: int, month: int | None, day: int | None) -> BirthDate | None:
    try:
        return BirthDate(year, month, day)
    except (ValueError, OverflowError):
        return None


def _plausible(birth: BirthDate | None, today: date) -> BirthDate | None:
    """None for what lies after `today` or more than 120 years before it, counted by what is known."""
    if birth is None or birth.year < today.year - OLDEST_AGE:
        return None
    began = date(birth.year, birth.month or 1, birth.day or 1)
    if began > today:
        return None
    too_old = birth.day is not None and began < _on_or_after(today.year - OLDEST_AGE, today.month, today.day)
    return None if too_old else birth
