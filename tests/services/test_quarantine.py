from __future__ import annotations

import io
import json

import pytest
from sqlalchemy import select

from hotline.errors import NotFound
from hotline.rules import feed
from hotline.rules.decisions import WrongDecision
from hotline.services.import_custody import import_file
from hotline.services.line import Line
from hotline.services.quarantine import drop, listed, retry
from hotline.store import quarantine
from hotline.store.models import AuditEntry, Quarantine
from tests.services.test_import_custody import ROW, deliveries, enrol, events, give

STRANGE = {"subject_id": "S2", "birth_country": "Narnia"}
BROKEN = b'{"subject_id": "S3", "given_names": "Ana"\n'


def test_the_list_tells_where_and_why_and_only_the_first_letters_of_names(line: Line) -> None:
    report = give(line, {}, STRANGE)
    (kept,) = listed(line)
    assert (kept.import_id, kept.line, kept.subject_id) == (report.import_id, 3, "S2")
    assert kept.reason == "birth_country is not a country that this line knows"
    assert kept.name == "J… C… P… M…"
    assert listed(line, import_id=99) == []


def test_a_row_is_taken_when_todays_rules_can_read_it_and_told_once(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(line, {"subject_id": "S2"})
    enrol(line, "S2")
    give(
        line,
        {**STRANGE, "book_out_at": "2026-03-01T09:00:00Z", "release_reason": "Removed"}
        | {"updated_at": "2026-03-01T10:00:00Z"},
    )
    assert (retry(line).taken, retry(line).left) == (0, 1)
    read = {column.name: column.read for column in feed.COLUMNS} | {"birth_country": lambda cell: "GT"}
    monkeypatch.setattr(
        feed, "_READERS", tuple((c.name, c.required, c.limit, read[c.name], c.absent) for c in feed.COLUMNS)
    )
    done = retry(line)
    assert (done.taken, done.left) == (1, 0)
    assert [kind for _, kind, _ in events(line)] == ["booked_in", "removed"]
    assert len(deliveries(line)) == 2
    assert listed(line) == []
    assert retry(line).taken == 0
    with line.database.read() as db:
        row = db.scalars(select(Quarantine)).one()
        assert (row.settled, row.row_sealed) == ("retried", None)


def test_a_line_that_is_no_record_is_kept_as_it_stands_and_stays(line: Line) -> None:
    import_file(line, io.BytesIO(BROKEN + json.dumps(ROW).encode()), "delta")
    with line.database.read() as db:
        assert json.loads(db.scalars(select(Quarantine)).one().unseal("row") or "") == {"line": BROKEN.decode()}
    assert listed(line)[0].subject_id is None
    assert retry(line).left == 1


def test_a_row_of_sixty_four_thousand_characters_is_kept_whole(sqlite_line: Line) -> None:
    cells = {f"column{n}": "x" * 9000 for n in range(6)}
    header, row = ",".join([*ROW, *cells]), ",".join([*{**ROW, "updated_at": ""}.values(), *cells.values()])
    import_file(sqlite_line, io.BytesIO(f"{header}\n{row}\n".encode()), "delta")
    with sqlite_line.database.read() as db:
        kept = json.loads(db.scalars(select(Quarantine)).one().unseal("row") or "")
    assert {name: kept[name] for name in cells} == cells


def test_a_row_is_dropped_by_somebody_with_a_reason_and_what_stood_there_is_gone(line: Line) -> None:
    give(line, STRANGE, {**STRANGE, "subject_id": "S4"})
    first, second = listed(line)
    assert drop(line, [first.id], "A. Clerk", "sent again on Monday") == 1
    assert [kept.id for kept in listed(line)] == [second.id]
    with line.database.read() as db:
        row = db.get_one(Quarantine, first.id)
        assert (row.settled, row.row_sealed, row.reason) == ("dropped", None, first.reason)
        said = db.scalars(select(AuditEntry)).one()
    assert (said.actor, said.reason) == ("A. Clerk", "sent again on Monday")
    assert said.object == f"import {first.import_id} line {first.line}"


@pytest.mark.parametrize(("by", "reason"), [("", "why"), ("A. Clerk", " ")])
def test_nothing_is_dropped_without_a_name_and_a_reason(sqlite_line: Line, by: str, reason: str) -> None:
    give(sqlite_line, STRANGE)
    with pytest.raises(WrongDecision):
        drop(sqlite_line, [listed(sqlite_line)[0].id], by, reason)
    assert len(listed(sqlite_line)) == 1


def test_a_row_that_does_not_wait_is_not_dropped_nor_are_those_named_with_it(sqlite_line: Line) -> None:
    give(sqlite_line, STRANGE)
    with pytest.raises(NotFound, match="no such row waits in quarantine: nobody"):
        drop(sqlite_line, [listed(sqlite_line)[0].id, "nobody"], "A. Clerk", "a reason")
    assert len(listed(sqlite_line)) == 1


def test_a_row_that_does_not_wait_is_not_read_again_nor_are_those_named_with_it(sqlite_line: Line) -> None:
    give(sqlite_line, STRANGE)
    with pytest.raises(NotFound, match="nobody"):
        retry(sqlite_line, [listed(sqlite_line)[0].id, "nobody"])


def test_more_rows_than_one_statement_can_name_are_settled(sqlite_line: Line) -> None:
    many = 40_000
    give(sqlite_line, ROW)
    with sqlite_line.database.begin() as db:
        quarantine.keep(db, 1, [(number, "odd", None) for number in range(many)])
    with sqlite_line.database.begin() as db:
        ids = [row.id for row in quarantine.waiting(db, None, None)]
        quarantine.settle(db, ids, "retried", sqlite_line.clock())
    assert (len(ids), listed(sqlite_line)) == (many, [])
