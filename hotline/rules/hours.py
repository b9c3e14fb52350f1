"""The hours in which a telephone may ring, or a text arrive, for somebody who did not ask for the night.

08:00 until 21:00 on the clock of the place called (the hours of 47 CFR 64.1200(c)(1)). A number whose place
is not known (toll-free, abroad, a zone name nobody knows) may be anywhere in the United States, and must
then be reached at a moment that suits every zone there. On one day of UTC such a moment exists for all of
them together; where somebody's zones leave none, the moments of that day which suit the most zones count as
allowed, so that no notice is ever made impossible by where a person may be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

OPENS = time(8)
CLOSES = time(21)

# One zone for each clock kept today in the United States and its territories.
UNITED_STATES: tuple[str, ...] = (
    "America/Puerto_Rico",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Adak",
    "Pacific/Honolulu",
    "Pacific/Pago_Pago",
    "Pacific/Guam",
)


def allowed(now: datetime, zones: Collection[str], any_hour: bool) -> bool:
    """Whether a call or a text may go out at `now` (aware) to somebody who is in one of these zones.

    No zones, or a name that is not a zone's, count as the whole United States. Raises ValueError for a
    naive `now`.
    """
    now = _utc(now)
    if any_hour:
        return True
    places = _places(zones)
    suited = _suited(now, places)
    return suited == len(places) or suited == _most_suited(now.date(), places)


def next_allowed(now: datetime, zones: Collection[str], any_hour: bool) -> datetime:
    """The first moment (UTC, at or after `now`) at which `allowed` is true; never more than two days away.

    Raises ValueError for a naive `now`.
    """
    now = _utc(now)
    if allowed(now, zones, any_hour):
        return now
    places = _places(zones)
    days = [now.date() + timedelta(days=ahead) for ahead in range(3)]
    later = sorted({start for day in days for start in _starts(day, places) if start > now})
    # Every UTC day has an allowed moment, and it begins at one of its starts.
    return next(start for start in later if allowed(start, zones, any_hour))


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone: pass an aware datetime")
    return moment.astimezone(UTC)


def _places(zones: Collection[str]) -> frozenset[ZoneInfo]:
    found = [_zone(name) for name in zones]
    known = [zone for zone in found if zone is not None]
    if len(known) == len(found) and known:
        return frozenset(known)
    return frozenset(known) | _united_states()


@cache
def _united_states() -> frozenset[ZoneInfo]:
    return frozenset(ZoneInfo(name) for name in UNITED_STATES)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _suited(moment: datetime, places: frozenset[ZoneInfo]) -> int:
    """How many of the places are in their hours at this moment."""
    return sum(OPENS <= moment.astimezone(zone).time() < CLOSES for zone in places)


@lru_cache(maxsize=4096)
def _most_suited(day: date, places: frozenset[ZoneInfo]) -> int:
    """The greatest number of places in their hours at once, on one day of UTC."""
    return max(_suited(start, places) for start in _starts(day, places))


def _starts(day: date, places: frozenset[ZoneInfo]) -> Iterator[datetime]:
    """Where the number of places in their hours can rise on one UTC day: its start, and each 08:00."""
    yield datetime.combine(day, time(), UTC)
    for zone in places:
        for local_day in (day - timedelta(days=1), day, day + timedelta(days=1)):
            opening = datetime.combine(local_day, OPENS, zone).astimezone(UTC)
            if opening.date() == day:
                yield opening
