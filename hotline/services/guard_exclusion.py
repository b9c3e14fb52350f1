"""Searches for the line's own hidden records, as a caller does. One that comes up closes the search, at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session as Transaction

from hotline.errors import NotFound
from hotline.rules.decisions import given, named
from hotline.rules.disclosure import earliest_date
from hotline.rules.keypad import SPACE, digits_of
from hotline.rules.matching import Query
from hotline.rules.readings import Said
from hotline.rules.staff_pages import Page
from hotline.rules.test_records import HIDDEN_RECORDS, HiddenRecord
from hotline.services import protect
from hotline.services.line import Line
from hotline.services.search import find
from hotline.store import audit, custody, imports, people, test_records, watching
from hotline.store.database import Database
from hotline.store.models import ExclusionCheck

EVERY = timedelta(hours=1)


def guard_exclusion(line: Line) -> int:
    """The clock's look: search when the last time is an hour ago or an import came since. Returns the hits."""
    now = line.clock()
    with line.database.read() as db:
        checked, imported = watching.last_check(db), imports.last_good_import(db)
    fresh = checked is not None and checked > now - EVERY and (imported is None or imported <= checked)
    return 0 if fresh else check_exclusion(line)


def place_test_records(database: Database, now: datetime) -> None:
    """See that the hidden records are in the tables as an import of today would write them."""
    with database.begin() as db:
        custody.lock(db)
        test_records.place(db, now, earliest_date(now))


def check_exclusion(line: Line) -> int:
    """Write the hidden records anew and search for each of them. Returns how many came up; there should be none."""
    now = line.clock()
    place_test_records(line.database, now)
    today = earliest_date(now)
    with line.database.read() as db:
        hits = sum(_comes_up(db, record, now, today) for record in HIDDEN_RECORDS)
    with line.database.begin() as db:
        watching.lock(db)
        db.add(ExclusionCheck(at=now, hits=hits))
        protect.freeze_hidden(db, None, now)  # whoever signed up in the very moment of an import
        if hits and not watching.search_closed(db):
            watching.close_search(db, now)
            watching.page(db, Page.SEARCH_CLOSED, now)
            audit.append(db, "hotline", "search.close", "search", f"{hits} hidden records came up", now)
    return hits


def _comes_up(db: Transaction, record: HiddenRecord, now: datetime, today: date) -> bool:
    """Whether any way in which callers ask leads to a record, or the record itself may be read."""
    if people.shown_person(db, record.ref, today) is not None:
        return True
    return any(
        ranked.subject == record.ref for query in _queries(record, today) for ranked in find(db, query, today).ranked
    )


def _queries(record: HiddenRecord, today: date) -> Iterator[Query]:
    """The full name, country and date, as said and as keyed, and without the date."""
    names = (record.given_names, record.surnames)
    spoken = [Said(text=name) for name in names]
    keyed = [Said(keys=SPACE.join(map(digits_of, name.split()))) for name in names]
    for given_names, surnames in (spoken, keyed):
        for birth in dict.fromkeys((record.born(today), None)):
            yield Query(given_names, surnames, record.birth_country, birth)


def reopen_search(line: Line, by: str, reason: str) -> None:
    """A named person opens the search again. Raises NotFound where it is open, WrongDecision."""
    now, by, reason = line.clock(), named(by), given(reason)
    with line.database.begin() as db:
        watching.lock(db)
        if not watching.search_closed(db):
            raise NotFound("search is open")
        watching.reopen_search(db, by, now)
        audit.append(db, by, "search.reopen", "search", reason, now)
