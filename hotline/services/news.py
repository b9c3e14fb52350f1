"""An event, or where things stand, in the words of the subscriber's language. Only for after the PIN."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from sqlalchemy.orm import Session as Transaction

from hotline.rules import custody, names
from hotline.rules.custody import Whereabouts
from hotline.rules.disclosure import earliest_date
from hotline.services.line import Line
from hotline.store import imports, people
from hotline.store.models import CustodyEvent

USUAL_ZONE = "America/New_York"
"""For numbers that tell no zone, such as toll-free ones."""


def news(
    line: Line, db: Transaction, event: CustodyEvent, language: str, zones: Collection[str], now: datetime
) -> str | None:
    """What happened, when, and as of when; None where the person may no longer be shown."""
    person = _person(db, event.subject_ref, now)
    if person is None:
        return None
    zone = zone_of(zones)
    day = format_date(event.at.astimezone(zone), "long", locale=language)
    return line.say(
        f"news_{event.kind}", language, person=person, when=day, as_of=_as_of(db, event.received_at, language, zone)
    )


def standing(
    line: Line, db: Transaction, subject_ref: int, language: str, zones: Collection[str], now: datetime
) -> str | None:
    """Where a person stands now, with the time it was last checked; None where only a person may tell."""
    person = _person(db, subject_ref, now)
    stints = [
        custody.Stint(s.stay_id, s.stint_id, s.book_in_at, s.book_out_at, s.release_reason)
        for s in people.stints_of(db, subject_ref, earliest_date(now))
    ]
    stands = custody.status(stints).whereabouts
    if person is None or stands is Whereabouts.UNDER_REVIEW:
        return None
    zone = zone_of(zones)
    return line.say(f"standing_{stands}", language, person=person, as_of=_as_of(db, now, language, zone))


def _person(db: Transaction, subject_ref: int, now: datetime) -> str | None:
    person = people.shown_person(db, subject_ref, earliest_date(now))
    return None if person is None else " ".join(names.shown(person.given_names, person.surnames))


def _as_of(db: Transaction, otherwise: datetime, language: str, zone: ZoneInfo) -> str:
    checked = imports.last_good_import(db) or otherwise
    day, clock = format_date(checked.astimezone(zone), "long", language), format_time(checked, "short", zone, language)
    return f"{day}, {clock}".replace("\u202f", " ")


def zone_of(zones: Collection[str]) -> ZoneInfo:
    """The zone in which times are told: the number's own, if it has just one."""
    return ZoneInfo(next(iter(zones)) if len(zones) == 1 else USUAL_ZONE)
