from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from hotline.rules.feed import Row
from hotline.rules.feed_versions import latest
from hotline.services.line import Line
from hotline.store import custody
from hotline.store.models import NameWord, Stint, Subject
from tests.conftest import NOW
from tests.rules.rows import NEWER, a_row


def take(line: Line, *rows: Row, snapshot: int | None = None) -> custody.Taken:
    with line.database.begin() as db:
        return custody.take_rows(db, latest(rows), snapshot, NOW.date())


# What comes in a second row, and how many rows then count as changed.
SECOND: list[tuple[str, dict[str, object], int]] = [
    ("the same", {}, 0),
    ("older", {"updated_at": NOW - timedelta(days=900), "surnames": "Xol"}, 0),
    ("newer, a person's field", {"updated_at": NEWER, "surnames": "Xol"}, 1),
    ("newer, a stint's field", {"updated_at": NEWER, "release_reason": "Removed", "book_out_at": NEWER}, 1),
    ("as new, shows less", {"protected": True}, 1),
    ("as new, age no longer proved", {"birth_date": None}, 1),
    ("as new, knows an end", {"book_out_at": NEWER}, 1),
]


@pytest.mark.parametrize(("changes", "changed"), [pytest.param(*case[1:], id=case[0]) for case in SECOND])
def test_a_second_row_changes_a_record_where_it_is_newer_or_safer(
    sqlite_line: Line, changes: dict[str, object], changed: int
) -> None:
    assert take(sqlite_line, a_row()).changed == 1
    assert take(sqlite_line, a_row(**changes)).changed == changed  # type: ignore[arg-type]
    assert take(sqlite_line, a_row()).changed == 0
    assert take(sqlite_line, a_row(**changes)).changed == 0  # type: ignore[arg-type]


def test_a_batch_names_its_people_and_keeps_one_record_of_each_stint(line: Line) -> None:
    taken = take(line, a_row(), a_row(), a_row("S1", "A2"), a_row("S2"), a_row("S2", updated_at=NEWER))
    assert (len(taken.subjects), taken.changed) == (2, 3)
    with line.database.read() as db:
        assert db.scalar(select(func.count()).select_from(Subject)) == 2
        assert db.scalar(select(func.count()).select_from(Stint)) == 3


def test_two_agencies_stints_of_the_same_number_belong_to_their_own_people(line: Line) -> None:
    take(line, a_row("S1", "1"), a_row("S2", "2"))
    assert take(line, a_row("S1", "2"), a_row("S2", "1")).changed == 2
    with line.database.read() as db:
        found = custody.stints_of_all(db, take(line, a_row("S1", "1"), a_row("S2", "1")).subjects)
    assert [sorted(stint.stint_id for stint in stints) for stints in found.values()] == [["1", "2"], ["1", "2"]]


def words(line: Line) -> list[tuple[str, str, int, int]]:
    """Every word that somebody carries, with its country and how many carry it as given name and as surname."""
    with line.database.read() as db:
        query = select(NameWord.token, NameWord.country, NameWord.given_count, NameWord.surname_count)
        return [(*row,) for row in db.execute(query.order_by(NameWord.token)) if any(row[2:])]


def test_the_search_words_are_those_of_the_names_and_country_now(line: Line) -> None:
    take(line, a_row())
    assert words(line) == [("toussaint", "HT", 0, 1), ("wilner", "HT", 1, 0)]
    take(line, a_row(surnames="Xol", birth_country="GT", updated_at=NEWER))
    assert words(line) == [("wilner", "GT", 1, 0), ("xol", "GT", 0, 1)]


def test_a_name_of_unusual_length_costs_its_own_word_only(sqlite_line: Line) -> None:
    take(sqlite_line, a_row(surnames="A" * 150 + " Xol"))
    assert [token for token, *_ in words(sqlite_line)] == ["wilner", "xol"]


def test_a_batch_takes_as_many_statements_however_many_rows_it_has(sqlite_line: Line) -> None:
    said: list[str] = []
    engine = sqlite_line.database.engine
    event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_: said.append(statement))
    counts = []
    for size in (1, 5, 150):  # the first of them brings words that are new
        rows = [a_row(f"P{size}-{n}") for n in range(size)]
        said.clear()
        take(sqlite_line, *rows, snapshot=1)
        take(sqlite_line, *(a_row(row.subject_id, updated_at=NEWER, surnames="Xol") for row in rows), snapshot=2)
        counts.append(len(said))
    assert counts[1] == counts[2]


def test_those_whose_stints_changed_come_in_pages_until_their_events_stand(line: Line) -> None:
    taken = take(line, *(a_row(f"S{n}") for n in range(5)))
    with line.database.begin() as db:
        custody.mark_changed(db, taken.subjects)
        custody.mark_changed(db, taken.subjects)
        page = custody.changed_people(db, 3)
        custody.unmark_changed(db, page)
        rest = custody.changed_people(db, 3)
    assert (len(page), len(rest)) == (3, 2)
    assert {*page, *rest} == taken.subjects
