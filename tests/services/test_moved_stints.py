from __future__ import annotations

from itertools import permutations

import pytest
from sqlalchemy import select

from hotline.rules import matching
from hotline.rules.birth_dates import BirthDate
from hotline.rules.readings import Said
from hotline.services.line import Line
from hotline.services.search import search
from hotline.store.models import Enrolment, Stint, Subject
from tests.conftest import NOW
from tests.services.test_import_custody import AGAIN, REMOVED, ROW, a_feed, enrol, events, give

pytestmark = pytest.mark.server

LATER = {"updated_at": "2026-03-01T12:00:00Z"}


def stints(line: Line) -> dict[str, list[str]]:
    """Whose stints there are, without the test records."""
    with line.database.read() as db:
        query = select(Subject.subject_id, Stint.stint_id).join_from(Stint, Subject).order_by(Stint.stint_id)
        found: dict[str, list[str]] = {}
        for subject, stint in db.execute(query.where(Subject.subject_id.like("S%"))):
            found.setdefault(subject, []).append(stint)
        return found


def shown(line: Line, given: str) -> str | None:
    """Who is found by this given name, if just one is."""
    query = matching.Query(Said(given), Said("Pérez Morales"), "GT", BirthDate(1985, 3, 5))
    with line.database.read() as db:
        decision = search(db, query, NOW.date())
        return None if decision.subject is None else db.get_one(Subject, decision.subject).subject_id


def merged(stint: str = "A", **changes: str) -> dict[str, str]:
    """A stint of S2 as it stands in the feed once S2 has become S1; the feed of the tests gives S1's as they are."""
    return {**LATER, "subject_id": "S1", "stay_id": f"S2-{stint}", "stint_id": f"S2-{stint}1", **changes}


def test_two_people_made_one_are_one(line: Line) -> None:
    give(line, REMOVED, {"subject_id": "S2", "given_names": "Mateo", "book_in_at": "2026-03-01T20:00:00Z"})
    give(line, merged(book_in_at="2026-03-01T20:00:00Z"))
    assert stints(line) == {"S1": ["A1", "S2-A1"]}
    assert {subject for subject, *_ in events(line)} == {"S1"}
    assert shown(line, "Mateo") is None
    assert shown(line, "Juan Carlos") == "S1"


def test_what_was_told_of_a_number_is_not_told_again_of_the_number_that_takes_its_place(line: Line) -> None:
    give(line, {"subject_id": "S2", **REMOVED})
    told = events(line)
    report = give(line, merged(**REMOVED) | {"updated_at": "2026-03-01T12:00:00Z"})
    assert stints(line) == {"S1": ["S2-A1"]}
    assert events(line) == [("S1", kind, held) for _, kind, held in told]
    assert report.events == {}


def test_one_person_made_two_is_two_and_each_has_their_own_stints(line: Line) -> None:
    give(line, REMOVED, {**AGAIN, "stint_id": "S2-B1", "stay_id": "S2-B"})
    give(line, {**AGAIN, **LATER, "updated_at": "2026-03-01T22:00:00Z", "subject_id": "S2", "given_names": "Mateo"})
    assert stints(line) == {"S1": ["A1"], "S2": ["S2-B1"]}
    assert (shown(line, "Juan Carlos"), shown(line, "Mateo")) == ("S1", "S2")


def test_whoever_waits_to_hear_of_a_number_that_is_gone_is_left_for_people_to_review(line: Line) -> None:
    give(line, {"subject_id": "S2"})
    enrolment_id = enrol(line, "S2")
    give(line, merged())
    with line.database.read() as db:
        assert db.get_one(Enrolment, enrolment_id).status == "frozen"


def test_the_old_file_given_again_changes_nothing(line: Line) -> None:
    old = {"subject_id": "S2", "given_names": "Mateo"}
    give(line, {}, old)
    give(line, merged())
    give(line, {}, old)
    assert stints(line) == {"S1": ["A1", "S2-A1"]}
    assert shown(line, "Mateo") is None


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("at_once", [True, False])
def test_rows_of_before_and_after_in_any_order_end_the_same(
    sqlite_line: Line, order: tuple[int, ...], at_once: bool
) -> None:
    rows = [{}, {"subject_id": "S2", "given_names": "Mateo"}, merged()]
    files = [[rows[n] for n in order]] if at_once else [[rows[n]] for n in order]
    for file in files:
        give(sqlite_line, *file)
    assert stints(sqlite_line) == {"S1": ["A1", "S2-A1"]}
    assert shown(sqlite_line, "Mateo") is None


# What keeps two stints apart though their numbers are the same.
APART: dict[str, dict[str, str]] = {
    "as new": {"updated_at": ROW["updated_at"]},
    "another book-in": {"book_in_at": "2026-02-01T10:01:00Z"},
    "another date of birth": {"birth_date": "1985-03-06"},
    "another country of birth": {"birth_country": "HN"},
}


@pytest.mark.parametrize("why", APART)
def test_numbers_that_each_person_has_of_their_own_are_not_taken_for_one(sqlite_line: Line, why: str) -> None:
    give(sqlite_line, {"subject_id": "S2"})
    give(sqlite_line, merged(**APART[why]))
    assert stints(sqlite_line) == {"S1": ["S2-A1"], "S2": ["S2-A1"]}


def test_a_number_that_comes_back_with_a_newer_row_is_found_again(sqlite_line: Line) -> None:
    give(sqlite_line, {}, {"subject_id": "S2", "given_names": "Mateo"})
    give(sqlite_line, merged())
    give(sqlite_line, {"subject_id": "S2", "given_names": "Mateo", "updated_at": "2026-03-01T23:00:00Z"})
    assert stints(sqlite_line) == {"S1": ["A1"], "S2": ["S2-A1"]}
    assert shown(sqlite_line, "Mateo") == "S2"


def test_a_row_of_the_tests_is_what_the_feed_holds() -> None:
    assert b"S2-A1" in a_feed([{"subject_id": "S2"}])
    assert b"S1-A1" not in a_feed([{}])
