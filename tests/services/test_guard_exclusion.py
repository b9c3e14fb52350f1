"""The line searches for its own hidden records; one that comes up closes the search."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from hotline.errors import NotFound, SearchClosed
from hotline.rules.disclosure import earliest_date
from hotline.rules.matching import Kind, Query
from hotline.rules.name_entries import entry_of
from hotline.rules.readings import Said
from hotline.rules.records import Person
from hotline.rules.test_records import HIDDEN_RECORDS, HiddenRecord
from hotline.services.guard_exclusion import check_exclusion, guard_exclusion, reopen_search
from hotline.services.import_custody import import_file
from hotline.services.line import Line
from hotline.services.sample_custody import people as sampled
from hotline.services.sample_custody import write_csv
from hotline.services.search import find, search
from hotline.store import name_index
from hotline.store.models import (
    AuditEntry,
    Base,
    CustodyEvent,
    ExclusionCheck,
    NameCountry,
    NamePair,
    NameWord,
    SearchClosure,
    StaffPage,
    StaffTask,
    Subject,
)
from hotline.store.people import has_people
from tests.conftest import NOW

JUAN = Query(Said(text="Juan Carlos"), Said(text="Pérez Morales"), "GT", None)


def rows(line: Line, model: type[Base]) -> list[object]:
    with line.database.read() as db:
        return list(db.scalars(select(model)))


def feed(line: Line, people: int = 10, kind: str = "full") -> None:
    text = io.StringIO(newline="")
    write_csv(sampled(people, 7, NOW), text)
    import_file(line, io.BytesIO(text.getvalue().encode()), kind)  # type: ignore[arg-type]


def expose(line: Line, record: HiddenRecord = HIDDEN_RECORDS[0]) -> None:
    """Break the exclusion of one record: its names come into the index, and its row says that it may be shown."""
    with line.database.begin() as db:
        db.execute(update(Subject).where(Subject.id == record.ref).values(disclosable=True, protected=False))
        row = db.get_one(Subject, record.ref)
        person = Person(*(getattr(row, name) for name in Person._fields))
        name_index.add_people(db, [(record.ref, entry_of(person))])


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version of the program that has forgotten whom not to show."""
    monkeypatch.setattr("hotline.store.custody.may_be_shown", lambda *_: True)
    monkeypatch.setattr("hotline.store.people.showable", lambda _: Subject.id != 0)


def test_nobody_comes_up_and_the_search_stays_open(line: Line) -> None:
    feed(line)
    assert check_exclusion(line) == 0
    with line.database.read() as db:
        assert search(db, JUAN, earliest_date(NOW)).kind is Kind.CONFIRM
    assert rows(line, SearchClosure) == rows(line, StaffPage) == []


def test_hidden_records_are_in_the_table_and_in_nothing_that_lists_or_counts(line: Line) -> None:
    check_exclusion(line)
    check_exclusion(line)
    with line.database.read() as db:
        assert set(db.scalars(select(Subject.id))) == {record.ref for record in HIDDEN_RECORDS}
        assert not has_people(db)
        for model in (NamePair, NameWord, NameCountry, CustodyEvent):
            assert db.scalar(select(func.count()).select_from(model)) == 0


def test_a_full_snapshot_without_them_neither_holds_nor_deletes_them(line: Line) -> None:
    check_exclusion(line)
    feed(line)
    feed(line, 9)
    with line.database.read() as db:
        assert db.scalar(select(func.count()).where(Subject.id < 0)) == len(HIDDEN_RECORDS)
        assert db.scalar(select(func.count()).where(CustodyEvent.subject_ref < 0)) == 0


def test_a_version_that_forgets_whom_to_hide_closes_the_search_at_its_first_import(line: Line, broken: None) -> None:
    feed(line)
    [check] = rows(line, ExclusionCheck)
    assert check.hits == len(HIDDEN_RECORDS)  # type: ignore[attr-defined]
    with line.database.read() as db, pytest.raises(SearchClosed):
        search(db, JUAN, earliest_date(NOW))


@pytest.mark.parametrize("record", HIDDEN_RECORDS, ids=lambda record: record.name)
def test_each_of_them_is_found_by_its_names_once_it_is_not_hidden(
    sqlite_line: Line, record: HiddenRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_exclusion(sqlite_line)
    monkeypatch.setattr("hotline.store.people.showable", lambda _: Subject.id != 0)
    expose(sqlite_line, record)
    query = Query(Said(text=record.given_names), Said(text=record.surnames), record.birth_country, None)
    with sqlite_line.database.read() as db:
        assert find(db, query, earliest_date(NOW)).ranked[0].subject == record.ref


def test_one_hit_closes_the_search_pages_staff_and_is_in_the_audit_log(line: Line, broken: None) -> None:
    check_exclusion(line)
    [task] = rows(line, StaffTask)
    [page] = rows(line, StaffPage)
    [entry] = rows(line, AuditEntry)
    assert (task.kind, page.kind, entry.action) == ("search_closed", "search_closed", "search.close")  # type: ignore[attr-defined]


def test_a_closed_search_is_told_once_and_stays_closed_until_a_named_person_opens_it(line: Line) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hotline.store.custody.may_be_shown", lambda *_: True)
        patch.setattr("hotline.store.people.showable", lambda _: Subject.id != 0)
        check_exclusion(line)
        check_exclusion(line)
    assert len(rows(line, SearchClosure)) == len(rows(line, StaffPage)) == 1
    later = replace(line, clock=lambda: NOW + timedelta(days=1))  # a new day: the records are written anew
    assert check_exclusion(later) == 0
    with line.database.read() as db, pytest.raises(SearchClosed):
        search(db, JUAN, earliest_date(NOW))
    reopen_search(line, "A. Ortiz", "a fault of yesterday's version")
    with line.database.read() as db:
        search(db, JUAN, earliest_date(NOW))
    [closure] = rows(line, SearchClosure)
    assert closure.reopened_by == "A. Ortiz"  # type: ignore[attr-defined]
    assert [task.closed_at for task in rows(line, StaffTask)] == [NOW]  # type: ignore[attr-defined]
    assert [entry.reason for entry in rows(line, AuditEntry)][1:] == ["a fault of yesterday's version"]  # type: ignore[attr-defined]


def test_a_search_that_is_open_can_not_be_opened(sqlite_line: Line) -> None:
    with pytest.raises(NotFound):
        reopen_search(sqlite_line, "A. Ortiz", "to be sure")
    assert rows(sqlite_line, AuditEntry) == []


def test_the_clock_searches_every_hour_and_after_each_import(sqlite_line: Line) -> None:
    def checks(**after: float) -> int:
        guard_exclusion(replace(sqlite_line, clock=lambda: NOW + timedelta(**after)))
        return len(rows(sqlite_line, ExclusionCheck))

    assert [checks(), checks(minutes=1), checks(minutes=59), checks(minutes=60), checks(minutes=61)] == [1, 1, 1, 2, 2]
    feed(replace(sqlite_line, clock=lambda: NOW + timedelta(minutes=70)))
    assert checks(minutes=71) == 3
    assert checks(minutes=129) == 3


def test_a_feed_that_brings_such_a_record_has_the_row_in_quarantine(sqlite_line: Line) -> None:
    [row] = [dict(row) for row in sampled(1, 7, NOW) if not row["book_out_at"]][:1]
    text = io.StringIO(newline="")
    write_csv([row, {**row, "subject_id": "TEST-CHILD", "stint_id": "other"}], text)
    report = import_file(sqlite_line, io.BytesIO(text.getvalue().encode()), "delta")
    assert (report.rows, report.refused) == (2, 1)
    assert "test records" in report.refusals[0].reason
