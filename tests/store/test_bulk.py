"""Many values in one statement, whatever stands in them."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from sqlalchemy import select

from hotline.rules.feed_versions import latest
from hotline.services.line import Line
from hotline.store import bulk, custody
from hotline.store.models import Base
from tests.conftest import NOW
from tests.rules.rows import a_row

SUBJECT = Base.metadata.tables["subject"]
ODD = ("{", "}", ",", '"', "\\", "'", "NULL", "[1]", "a,b", "日本", "😀", "%s", ":x")


@pytest.fixture
def odd_people(line: Line) -> Line:
    """A line with somebody for each of the odd numbers."""
    with line.database.begin() as db:
        custody.take_rows(db, latest(a_row(name) for name in ODD), None, NOW.date())
    return line


@pytest.mark.parametrize("sought", [ODD, ODD[:1], (), ("nobody", *ODD[3:5])], ids=["all", "one", "none", "some"])
def test_people_are_found_by_numbers_of_any_letters(odd_people: Line, sought: Collection[str]) -> None:
    query = select(SUBJECT.c.subject_id)
    with odd_people.database.read() as db:
        found = set(db.scalars(query.where(bulk.among(db, SUBJECT.c.subject_id, sought))))
    assert found == set(sought) & set(ODD)


def test_there_may_be_more_of_them_than_a_statement_has_parameters(odd_people: Line) -> None:
    with odd_people.database.read() as db:
        ids = set(db.scalars(select(SUBJECT.c.id).where(bulk.among(db, SUBJECT.c.id, range(1, 100_000)))))
    assert len(ids) == len(ODD)
