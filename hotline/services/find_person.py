"""Finds the one person a caller means, and gives nothing away about anybody else."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache

from hotline.errors import SearchClosed
from hotline.ivr.commands import Pause
from hotline.ivr.session import Done
from hotline.rules import birth_dates, countries, names, spoken_names
from hotline.rules.birth_dates import BirthDate
from hotline.rules.keypad import digits_of, words_keyed
from hotline.rules.limits import alert_raised, name_locked, search_refused, slow_mode
from hotline.rules.matching import Decision, Kind, Query
from hotline.rules.readings import Said
from hotline.services.actions import Result, Slowly, Turn, action
from hotline.services.search import search
from hotline.store import people, searches, tasks
from hotline.store.models import key_ring
from hotline.store.seal import KeyRing

SLOW_SECONDS = 3
MOST_READ_BACKS = 2

_OUTCOMES = {Kind.CONFIRM: "one", Kind.KEY_SURNAME: "doubt", Kind.NONE: "none", Kind.PERSON: "many"}


@action("spoken", "keyed", "unclear", gives=("heard_name", "surname_keys"))
def how_was_it_named(turn: Turn) -> Result:
    """What was understood of a spoken name, to be confirmed; a name by keypad needs no read-back."""
    parts = [_heard(turn, part) for part in ("first_name", "last_name") if turn.answers[f"{part}_by"] == "speech"]
    if not parts:
        return Done("keyed", {"surname_keys": None})
    if not all(parts):
        return Done("unclear")
    return Done("spoken", {"heard_name": " ".join(parts), "surname_keys": None})


def _heard(turn: Turn, part: str) -> str:
    text = str(turn.answers[part])
    return "" if spoken_names.masked(text) else spoken_names.heard(text, turn.language)


@action(
    "one",
    "spoken",
    "several",
    "citizenship",
    "none",
    gives=("country", "country_spoken", "countries", "countries_spoken"),
)
def which_country(turn: Turn) -> Result:
    """The country of birth that was said or keyed; one that is not sure is asked, one of several chosen."""
    said, languages = str(turn.answers["country_said"]), turn.line.settings.languages
    by_keys = turn.answers["country_said_by"] == "keys"
    found = countries.by_keys(said, languages) if by_keys else countries.recognise(said, languages)
    spoken = [countries.name(code, turn.language) for code in found]
    if not found:
        return Done("citizenship" if not by_keys and countries.is_demonym(said) else "none")
    if len(found) > 1:
        return Done("several", {"countries": list(found), "countries_spoken": spoken})
    sure = by_keys or (countries.certain(said, languages) and _confident(turn, "country_said"))
    return Done("one" if sure else "spoken", {"country": found[0], "country_spoken": spoken[0]})


@cache
def country_hints(language: str) -> tuple[str, ...]:
    """What the recogniser is told to expect at the country: its names in the call's language and in English."""
    tongues = dict.fromkeys((language, "en"))
    return tuple(
        dict.fromkeys(countries.name(code, tongue) for tongue in tongues for code in sorted(countries.codes()))
    )


def _confident(turn: Turn, answer: str) -> bool:
    confidence = turn.answers.get(f"{answer}_confidence")
    return confidence is not None and confidence > turn.line.flows["inbound"].lexicons[turn.language].confirm


@action("ok", "unclear", gives=("birth",))
def read_birth_date(turn: Turn) -> Result:
    """The date or year of birth, or that it is not known. It is checked and never said."""
    said, today = str(turn.answers["birth_said"]), turn.today
    if turn.answers["birth_said_by"] == "keys":
        if said == "1":
            return Done("ok", {"birth": None})
        birth = birth_dates.from_keys(said, today)
    else:
        birth = birth_dates.from_speech(said, turn.language, today)
        if birth is None and birth_dates.unknown(said, turn.language):
            return Done("ok", {"birth": None})
    return Done("unclear") if birth is None else Done("ok", {"birth": [birth.year, birth.month, birth.day]})


@action("one", "doubt", "none", "many", "limited", gives=("subject", "match_given", "match_surname", "match_country"))
def look_up_person(turn: Turn) -> Result:
    """Search by all that was said. Nobody found, hidden and limited differ in nothing that a caller can measure."""
    query, now, limits = query_of(turn), turn.now, turn.line.settings.limits
    ring = key_ring(turn.db)
    caller = turn.call.caller_hash or ring.index("withheld", turn.call.id)
    person = ring.index("person", _person_key(turn))
    past = searches.past_searches(turn.db, caller, now)
    try:
        decision = search(turn.db, query, turn.today)
    except SearchClosed:  # alike for everybody: the way to a person, never "nobody found"
        return Done("limited")
    slow = slow_mode(limits, searches.searches_since(turn.db, now - timedelta(minutes=1)))
    locked = False
    if not turn.answers.get("surname_keys"):  # the surname once more belongs to the same search
        asked = searches.searches_in_call(turn.db, turn.call.id)
        if search_refused(limits, past, asked, person, now, decision.subject):
            return Done("limited")
        date_key = _date_key(ring, person, query.birth)
        locked = name_locked(limits, past, person, date_key, now)
        searches.add_search(turn.db, turn.call.id, caller, person, date_key, now)
    done = Done("none") if locked else _told(turn, decision)
    if "subject" in done.answers:
        _came_to(turn, person, done.answers["subject"])
    if slow:
        tasks.open_once(turn.db, "many_searches", now)
        return Slowly(Pause(SLOW_SECONDS), done)
    return done


def _came_to(turn: Turn, person_hash: str, subject: int) -> None:
    """Keep whom a search came to; staff look at a record that many callers come to and nobody signs up about."""
    searches.came_to(turn.db, turn.call.id, person_hash, subject)
    callers = searches.callers_of(turn.db, subject, turn.now)
    if alert_raised(turn.line.settings.limits, callers, searches.signed_up(turn.db, subject, turn.now)):
        tasks.open_daily(turn.db, "record_asked_often", str(subject), turn.now)


def _told(turn: Turn, decision: Decision) -> Done:
    if decision.subject is None:
        return Done(_OUTCOMES[decision.kind])
    person = people.shown_person(turn.db, decision.subject, turn.today)
    if person is None:
        return Done("none")
    if turn.call.read_backs >= MOST_READ_BACKS:
        return Done("limited")
    turn.call.read_backs += 1
    given, surname = names.shown(person.given_names, person.surnames)
    return Done(
        "one",
        {
            "subject": decision.subject,
            "match_given": given,
            "match_surname": surname,
            "match_country": countries.name(person.birth_country, turn.language),
        },
    )


def query_of(turn: Turn) -> Query:
    """All that the caller has said of the person so far."""
    answers = turn.answers
    surname_keys = answers.get("surname_keys")
    surnames = _said(turn, "last_name")
    if surname_keys:
        surnames = Said(surnames.text, str(surname_keys), surnames.confidence)
    birth = answers.get("birth")
    return Query(_said(turn, "first_name"), surnames, str(answers["country"]), BirthDate(*birth) if birth else None)


def _said(turn: Turn, part: str) -> Said:
    if turn.answers[f"{part}_by"] == "keys":
        return Said(keys=str(turn.answers[part]))
    return Said(text=_heard(turn, part), confidence=turn.answers.get(f"{part}_confidence"))


def _person_key(turn: Turn) -> str:
    """The person asked for, alike whether spoken or keyed, for counting different people."""
    parts = (_said(turn, "first_name"), _said(turn, "last_name"))
    spelled = ["".join(words_keyed(said.keys or "")) or digits_of(said.text or "") for said in parts]
    return f"{turn.answers['country']}:{':'.join(spelled)}"


def _date_key(ring: KeyRing, person_hash: str, birth: BirthDate | None) -> str | None:
    """The date of birth given with a name, as `limits.PastSearch` wants it; of another name it says nothing."""
    if birth is None:
        return None
    year, whole = (ring.index("birth", f"{person_hash} {part}")[:32] for part in (birth.year, birth))
    return year if birth.month is None else year + whole


@action("noted", gives=("subject", "watch"))
def keep_watching(turn: Turn) -> Result:
    """Nobody yet: keep what was said, so that each import can look again."""
    query = query_of(turn)
    kept = {
        "given": [query.given.text, query.given.keys, query.given.confidence],
        "surnames": [query.surnames.text, query.surnames.keys, query.surnames.confidence],
        "country": query.country,
        "birth": turn.answers.get("birth"),
    }
    return Done("noted", {"subject": None, "watch": json.dumps(kept, ensure_ascii=False)})


def watched(text: str) -> Query:
    """The query of a kept watch."""
    kept = json.loads(text)
    birth = kept["birth"]
    return Query(Said(*kept["given"]), Said(*kept["surnames"]), kept["country"], BirthDate(*birth) if birth else None)
