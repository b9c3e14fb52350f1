"""An event, or where things stand, in the words of the subscriber's language. Only for after the PIN."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from sqlalchemy.orm import Session as Transaction

from hotline.rules import custody, names
from hotline.rules.brakes import EventState
from hotline.rules.custody import EventKind, Whereabouts
from hotline.rules.custody_events import records_in_doubt
from hotline.rules.disclosure import earliest_date
from hotline.rules.freshness import Step, reached
from hotline.services.line import Line
from hotline.store import custody as custody_store
from hotline.store import histories, imports, people
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
    if event.kind == EventKind.FEED_STALE:  # since when nothing could be checked, whatever came in the meantime
        return line.say("news_feed_stale", language, person=person, as_of=_time(event.at, language, zone))
    checked = imports.last_good_import(db) or event.received_at
    told = line.say(f"news_{event.kind}", language, person=person, when=day, as_of=_time(checked, language, zone))
    return _perhaps_old(line, told, language, now - checked)


def standing(
    line: Line, db: Transaction, subject_ref: int, language: str, zones: Collection[str], now: datetime
) -> str | None:
    """Where a person stands now, with the time it was last checked; None where only a person may tell.

    Records that are hours old are told as such: what they say may have changed.
    """
    person = _person(db, subject_ref, now)
    stints = [
        custody.Stint(s.stay_id, s.stint_id, s.book_in_at, s.book_out_at, s.release_reason)
        for s in people.stints_of(db, subject_ref, earliest_date(now))
    ]
    stands = custody.status(stints).whereabouts
    if person is None or stands is Whereabouts.UNDER_REVIEW or not _may_be_told(db, subject_ref, stints):
        return None
    checked = imports.last_good_import(db) or now
    as_of = _time(checked, language, zone_of(zones))
    told = line.say(f"standing_{stands}", language, person=person, as_of=as_of)
    return _perhaps_old(line, told, language, now - checked)


def _may_be_told(db: Transaction, subject_ref: int, stints: Collection[custody.Stint]) -> bool:
    """Whether the records say no more and no less than what was let go: nothing waits, nothing was called off."""
    stored = histories.stored_events(db, [subject_ref])[subject_ref]
    states = {event.key: event.state for event in stored}
    last = custody.history(stints)[-1:]
    if records_in_doubt(stored):
        return False
    waits = {EventState.DERIVED, EventState.HELD} & set(states.values()) or custody_store.is_marked(db, subject_ref)
    return not waits and all(states.get(event.key) != EventState.CANCELLED for event in last)


def _person(db: Transaction, subject_ref: int, now: datetime) -> str | None:
    person = people.shown_person(db, subject_ref, earliest_date(now))
    return None if person is None else " ".join(names.shown(person.given_names, person.surnames))


def _perhaps_old(line: Line, told: str, language: str, age: timedelta) -> str:
    return f"{told} {line.say('records_are_old', language)}" if reached(Step.SAY_OLD, age) else told


def _time(at: datetime, language: str, zone: ZoneInfo) -> str:
    day, clock = format_date(at.astimezone(zone), "long", language), format_time(at, "short", zone, language)
    return f"{day}, {clock}".replace("\u202f", " ")


def zone_of(zones: Collection[str]) -> ZoneInfo:
    """The zone in which times are told: the number's own, if it has just one."""
    return ZoneInfo(next(iter(zones)) if len(zones) == 1 else USUAL_ZONE)
