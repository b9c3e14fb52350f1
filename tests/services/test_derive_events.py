from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hotline.rules.brakes import Brakes
from hotline.rules.custody_wordings import RAW_WORDINGS
from hotline.services import derive_events
from hotline.services.decide_held import Verdict, decide_import
from hotline.services.derive_events import tell_overdue
from hotline.services.line import Line, open_line
from hotline.services.release_events import go_on
from hotline.settings import read_settings
from hotline.store.database import Database
from hotline.store.models import (
    ArrivalAwaited,
    Attempt,
    Base,
    CustodyEvent,
    CustodyImport,
    Delivery,
    StaffTask,
    Subject,
    new_id,
)
from tests.conftest import ENVIRON, NOW
from tests.services.test_import_custody import AGAIN, ARRIVED, MOVED, OUT, REMOVED, Changes, enrol, give

pytestmark = pytest.mark.server  # many files, threads or a PostgreSQL

LEFT_AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
"""When MOVED left."""
FREED = {**OUT, "release_reason": "Paroled"}


def at(line: Line, hours: float) -> Line:
    """The same line, some hours after the transfer."""
    return replace(line, clock=lambda: LEFT_AT + timedelta(hours=hours))


def stands(line: Line, subject_id: str = "S1") -> list[tuple[str, str]]:
    """Events as (kind, state), as they were stored, without those that were taken back."""
    with line.database.read() as db:
        query = select(CustodyEvent.kind, CustodyEvent.state).join(Subject, Subject.id == CustodyEvent.subject_ref)
        query = query.where(Subject.subject_id == subject_id, CustodyEvent.state != "cancelled")
        return [(*row,) for row in db.execute(query.order_by(CustodyEvent.id))]


def kinds(line: Line, subject_id: str = "S1") -> list[str]:
    return [kind for kind, _ in stands(line, subject_id)]


def sent(line: Line) -> list[tuple[str, str, str]]:
    """Deliveries as (kind of event, channel, status)."""
    with line.database.read() as db:
        query = select(CustodyEvent.kind, Delivery.channel, Delivery.status).join_from(Delivery, CustodyEvent)
        return sorted((*row,) for row in db.execute(query))


def open_tasks(line: Line) -> list[str]:
    with line.database.read() as db:
        return [task.kind for task in db.scalars(select(StaffTask).where(StaffTask.closed_at.is_(None)))]


def reaches(line: Line, *channels: str) -> None:
    """What waits on these channels goes out, and the platform takes it."""
    with line.database.begin() as db:
        for delivery in db.scalars(
            select(Delivery).where(Delivery.status == "waiting", Delivery.channel.in_(channels))
        ):
            delivery.status = "trying"
            taken = {"status": "sent", "placed_at": NOW, "accepted_at": NOW}
            db.add(Attempt(id=new_id(), delivery_id=delivery.id, token=new_id(), **taken))


# ---- the transfer hold

# Hours after leaving at which the clock looks; what is told of the move by then.
LOOKS: list[tuple[list[float], list[str]]] = [
    ([1, 7.9], []),
    ([8], ["transferred"]),
    ([8, 9, 23], ["transferred"]),
    ([24], ["in_transit"]),
    ([8, 24, 25, 400], ["transferred", "in_transit"]),
]


@pytest.mark.parametrize(("looks", "told"), LOOKS)
def test_a_transfer_waits_for_the_arrival_and_the_clock_tells_it(
    line: Line, looks: list[float], told: list[str]
) -> None:
    give(at(line, 0.5), MOVED)
    counted = sum(tell_overdue(at(line, hours)) for hours in looks)
    assert (kinds(line), counted) == (["booked_in", *told], len(told))


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ([], ["transferred"]),
        ([9], ["transferred"]),
        ([30], ["in_transit", "transferred"]),
        ([9, 30], ["transferred", "in_transit", "transferred"]),
    ],
)
def test_an_arrival_is_told_once_however_late_it_comes(line: Line, looks: list[float], told: list[str]) -> None:
    give(at(line, 0.5), MOVED)
    for hours in looks:
        tell_overdue(at(line, hours))
    for _ in range(2):
        give(at(line, 40), MOVED, ARRIVED, kind="full")
        assert tell_overdue(at(line, 90)) == 0
    assert kinds(line) == ["booked_in", *told]
    with line.database.read() as db:
        assert db.scalars(select(ArrivalAwaited)).all() == []


def test_what_the_clock_tells_reaches_those_who_wait_for_it(line: Line) -> None:
    give(at(line, 0), {})
    enrol(line)
    give(at(line, 0.5), MOVED)
    tell_overdue(at(line, 8))
    assert sent(line) == [("transferred", "text", "waiting"), ("transferred", "voice", "waiting")]
    tell_overdue(at(line, 24))
    assert [row for row in sent(line) if row[0] == "in_transit"] == [
        ("in_transit", "text", "waiting"),
        ("in_transit", "voice", "waiting"),
    ]


def test_two_clocks_at_once_tell_each_once(line: Line) -> None:
    give(line, *({"subject_id": f"S{n}", **MOVED} for n in range(60)))
    told: list[int] = []
    threads = [threading.Thread(target=lambda: told.append(tell_overdue(line))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    told.append(tell_overdue(line))
    assert sum(told) == 60
    assert all(kinds(line, f"S{n}") == ["booked_in", "in_transit"] for n in range(60))


class Killed(Exception):
    pass


def test_a_clock_killed_between_storing_and_telling_goes_on_where_it_was(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(at(line, 0), {})
    enrol(line)
    give(at(line, 0.5), MOVED)

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(derive_events, "release", die)
        with pytest.raises(Killed):
            tell_overdue(at(line, 25))
    assert sent(line) == []
    for hours in (25, 26):
        go_on(at(line, hours))
        tell_overdue(at(line, hours))
    assert stands(line)[-1] == ("in_transit", "released")
    assert sent(line) == [("in_transit", "text", "waiting"), ("in_transit", "voice", "waiting")]


def test_the_clock_goes_through_more_people_than_a_batch_holds(
    sqlite_line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derive_events, "BATCHES", {"sqlite": 7})
    give(sqlite_line, *({"subject_id": f"S{n}", **MOVED} for n in range(40)))
    assert tell_overdue(sqlite_line) == 40
    assert tell_overdue(sqlite_line) == 0


def test_the_clock_waits_for_rows_that_are_being_read(line: Line) -> None:
    give(at(line, 0.5), MOVED)
    with line.database.begin() as db:
        ref = db.scalars(select(Subject.id).where(Subject.subject_id == "S1")).one()
        derive_events.custody.mark_changed(db, [ref])
    assert tell_overdue(at(line, 30)) == 0
    give(at(line, 30), ARRIVED)
    assert tell_overdue(at(line, 30)) == 0
    assert kinds(line) == ["booked_in", "transferred"]


def test_the_clocks_look_is_no_sign_that_the_feed_is_fresh(line: Line) -> None:
    give(at(line, 0.5), MOVED)
    tell_overdue(at(line, 30))
    with line.database.read() as db:
        assert [one.kind for one in db.scalars(select(CustodyImport).order_by(CustodyImport.id))] == ["delta", "clock"]
        good = derive_events.imports.unfinished(db)
    assert list(good) == []


# ---- corrections

NEWER = {"updated_at": "2026-03-01T12:00:00Z"}


def test_a_release_that_was_a_transfer_is_corrected_to_exactly_those_who_were_told(line: Line) -> None:
    give(line, {})
    enrol(line)
    give(line, FREED)
    reaches(line, "voice")
    enrol(line, number="+12025550124")
    report = give(line, {**MOVED, **NEWER}, {**ARRIVED, **NEWER})
    assert report.events == {"correction": 1, "transferred": 1}
    assert [row for row in sent(line) if row[0] in ("released", "correction")] == [
        ("correction", "voice", "waiting"),
        ("released", "text", "stopped"),
        ("released", "voice", "stopped"),
    ]
    assert stands(line) == [("booked_in", "released"), ("correction", "released"), ("transferred", "released")]
    give(line, {**MOVED, **NEWER}, {**ARRIVED, **NEWER}, kind="full")
    assert len([row for row in sent(line) if row[0] == "correction"]) == 1


def test_a_release_of_which_nobody_was_told_yet_is_just_cancelled(line: Line) -> None:
    give(line, {})
    enrol(line)
    give(line, FREED)
    give(line, {**NEWER, "book_out_at": "", "release_reason": ""})
    assert [(kind, status) for kind, _, status in sent(line)] == [("released", "stopped")] * 2


def test_a_release_on_another_day_is_corrected_and_told_anew(line: Line) -> None:
    give(line, {})
    enrol(line, texts=False)
    give(line, FREED)
    reaches(line, "voice")
    give(line, {**FREED, **NEWER, "book_out_at": "2026-02-25T09:00:00Z"})
    assert [(kind, status) for kind, _, status in sent(line)] == [
        ("correction", "waiting"),
        ("released", "stopped"),
        ("released", "waiting"),
    ]


def test_a_release_that_is_only_in_doubt_waits_for_a_person_who_decides_about_the_correction(line: Line) -> None:
    give(line, {})
    enrol(line)
    give(line, FREED)
    reaches(line, "voice", "text")
    give(line, {**FREED, **NEWER, "release_reason": "See file"})
    assert stands(line)[2:] == [("correction", "held"), ("under_review", "held")]
    assert all(kind == "released" for kind, *_ in sent(line))


def test_a_doubt_that_the_agency_put_right_waits_no_longer(line: Line) -> None:
    give(line, {})
    enrol(line)
    give(line, {**OUT, "release_reason": "See file"})
    assert open_tasks(line) == ["custody_review"]
    give(line, {**FREED, **NEWER})
    assert open_tasks(line) == []
    assert stands(line) == [("booked_in", "released"), ("released", "released")]
    assert {kind for kind, *_ in sent(line)} == {"released"}


def test_back_and_forth_tells_each_change(line: Line) -> None:
    give(line, {})
    enrol(line, texts=False)
    for n, out in enumerate((FREED, {"book_out_at": "", "release_reason": ""}, FREED)):
        give(line, {**out, "updated_at": f"2026-03-01T1{n}:30:00Z"})
        reaches(line, "voice")
    assert [kind for kind, *_ in sent(line)] == ["correction", "released", "released"]
    assert kinds(line) == ["booked_in", "correction", "released"]


def braked(line: Line) -> Line:
    """The same line, where a single critical notice is too much for one import."""
    return replace(line, settings=replace(line.settings, brakes=Brakes(critical=0, critical_factor=0)))


def test_missing_arrivals_pass_the_brakes_too(line: Line) -> None:
    give(at(line, 0), {})
    enrol(line)
    give(at(line, 0.5), MOVED)
    tell_overdue(braked(at(line, 25)))
    assert stands(line)[-1] == ("in_transit", "held")
    assert sent(line) == []


@pytest.mark.parametrize("verdict", Verdict)
def test_a_load_that_takes_back_what_was_told_waits_for_a_person(line: Line, verdict: Verdict) -> None:
    give(line, {})
    enrol(line)
    give(line, FREED)
    reaches(line, "voice")
    open_again = {"book_out_at": "", "release_reason": ""}
    load = give(braked(line), {**open_again, **NEWER})
    assert load.status == "held"
    assert {(kind, status) for kind, _, status in sent(line)} == {("released", "trying"), ("released", "waiting")}
    decide_import(line, load.import_id, verdict, "A. Supervisor", "read the file")
    give(line, {**FREED, "updated_at": "2026-03-01T13:00:00Z"})
    told_again = {
        Verdict.APPROVE: [("correction", "waiting"), *[("released", "stopped")] * 2, *[("released", "waiting")] * 2],
        Verdict.CANCEL: [("released", "trying"), ("released", "waiting")],
    }
    assert sorted((kind, status) for kind, _, status in sent(line)) == told_again[verdict]


def test_a_load_that_the_records_undo_before_anybody_decided_tells_nothing(line: Line) -> None:
    give(line, {})
    enrol(line)
    give(line, FREED)
    reaches(line, "voice", "text")
    load = give(braked(line), {"book_out_at": "", "release_reason": "", **NEWER})
    give(line, {**FREED, "updated_at": "2026-03-01T13:00:00Z"})
    decide_import(line, load.import_id, Verdict.APPROVE, "A. Supervisor", "looked right")
    assert [(kind, status) for kind, _, status in sent(line)] == [("released", "trying")] * 2
    assert stands(line) == [("booked_in", "released"), ("released", "released")]


def test_a_person_who_stands_in_a_snapshot_again_need_not_be_looked_for(line: Line) -> None:
    both = [{}, {"subject_id": "S2"}]
    for rows in (both, both[1:], both):
        give(line, *rows, kind="full")
        assert open_tasks(line) == (["custody_review"] if len(rows) == 1 else [])
    assert kinds(line) == ["booked_in"]


# ---- what a person reads first


@pytest.mark.parametrize(
    ("wording", "task"), [("Died", "death_review"), ("Withdrawal", "custody_review"), ("", "custody_review")]
)
def test_a_death_and_a_doubt_stand_in_the_review_queue_when_the_import_ends(
    line: Line, wording: str, task: str
) -> None:
    give(line, {})
    enrol(line)
    give(line, {**OUT, "release_reason": wording})
    assert stands(line)[-1][1] == "held"
    assert open_tasks(line) == [task]
    assert sent(line) == []


def test_the_agencys_wordings_leave_nowhere_but_their_own_column(
    sqlite_line: Line, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    odd = [*RAW_WORDINGS, "Zyxwvut - Credible Fear Found"]
    rows = [{"subject_id": f"S{n}", **OUT, "release_reason": wording} for n, wording in enumerate(odd)]
    report = give(sqlite_line, *rows)
    later = {"updated_at": "2026-03-01T12:00:00Z", "book_out_at": "", "release_reason": ""}
    give(sqlite_line, *({**row, **later} for row in rows))
    tell_overdue(at(sqlite_line, 60))
    printed = capsys.readouterr()
    seen = f"{report} {printed.out} {printed.err} {caplog.text} {_all_but_the_wordings(sqlite_line)}".casefold()
    short = {"transferred", "removed", "paroled", "died", "escaped"}  # words of our own, too
    told = [wording for wording in odd if wording.casefold() not in short and wording.casefold() in seen]
    assert told == []
    assert "fear" not in seen
    assert "paroled" not in seen


def _all_but_the_wordings(line: Line) -> str:
    """Every row of every table, but for the column that holds what the agency said."""
    with line.database.read() as db:
        found = []
        for table in Base.metadata.tables.values():
            columns = [column for column in table.columns if column.name != "release_reason"]
            found += [str(dict(row)) for row in db.execute(select(*columns)).mappings()]
            for row in db.scalars(select(StaffTask)) if table.name == "staff_task" else ():
                found.append(str(row.unseal("note")))
    return "\n".join(found)


# ---- any order, in any pieces

VERSIONS: list[Changes] = [
    {},
    FREED,
    {**MOVED, "updated_at": "2026-03-01T11:00:00Z"},
    {**ARRIVED},
    {
        **ARRIVED,
        "book_out_at": "2026-03-01T23:00:00Z",
        "release_reason": "Removed",
        "updated_at": "2026-03-02T01:00:00Z",
    },
    {**AGAIN, "book_in_at": "2026-03-02T06:00:00Z", "updated_at": "2026-03-02T07:00:00Z"},
    {**AGAIN, "stint_id": "B0", "book_in_at": "2026-03-02T05:00:00Z", "updated_at": "2026-03-02T07:30:00Z"},
    {"subject_id": "S2", **REMOVED},
    {"subject_id": "S2", **REMOVED, "release_reason": "Bonded Out - IJ", "updated_at": "2026-03-01T11:00:00Z"},
]


@pytest.fixture(scope="module")
def imported(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Sequence[Sequence[Changes]], Sequence[str]], set[tuple[str, ...]]]:
    """What stands after some files of some kinds, each time in a new database."""
    opened = open_line(read_settings({**ENVIRON, "HOTLINE_DATA_DIR": str(migrated_file.parent)}), clock=lambda: NOW)

    def read(files: Sequence[Sequence[Changes]], kinds_of_files: Sequence[str]) -> set[tuple[str, ...]]:
        file = shutil.copy(migrated_file, tmp_path_factory.mktemp("imported"))
        line = replace(opened, database=Database(f"sqlite:///{file}", opened.database.ring))
        try:
            for rows, kind in zip(files, kinds_of_files, strict=True):
                give(line, *rows, kind=kind)  # type: ignore[arg-type]
            return _told(line)
        finally:
            line.database.close()

    return read


def _told(line: Line) -> set[tuple[str, ...]]:
    """Events that stand; not corrections, and nobody who went missing from a snapshot that was cut in pieces."""
    with line.database.read() as db:
        query = select(Subject.subject_id, CustodyEvent).join(Subject, Subject.id == CustodyEvent.subject_ref)
        return {
            (subject_id, event.kind, event.key, event.at.isoformat(), event.state)
            for subject_id, event in db.execute(query)
            if event.state != "cancelled" and event.kind != "correction" and not event.key.startswith("gone:")
        }


@settings(max_examples=12, deadline=None)
@given(st.permutations(VERSIONS), st.data())
def test_rows_in_any_order_and_any_number_of_files_tell_the_same_in_the_end(
    imported: Callable[[Sequence[Sequence[Changes]], Sequence[str]], set[tuple[str, ...]]],
    rows: list[Mapping[str, str]],
    data: st.DataObject,
) -> None:
    cuts = sorted({0, len(rows), *data.draw(st.sets(st.integers(1, len(rows) - 1), max_size=4))})
    files = [rows[start:end] for start, end in pairwise(cuts)]
    kinds_of_files = data.draw(st.lists(st.sampled_from(["full", "delta"]), min_size=len(files), max_size=len(files)))
    assert imported(files, kinds_of_files) == imported([VERSIONS], ["delta"])
