from __future__ import annotations

import csv
import gzip
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.errors import FeedRefused
from hotline.rules import matching
from hotline.rules.birth_dates import BirthDate
from hotline.rules.readings import Said
from hotline.services import import_custody
from hotline.services.import_custody import import_file
from hotline.services.line import Line, open_line
from hotline.services.look_for_watches import look_for_watches
from hotline.services.search import search
from hotline.settings import read_settings
from hotline.store import enrolments, imports
from hotline.store.database import Database
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import (
    CustodyEvent,
    CustodyImport,
    Delivery,
    Enrolment,
    NameCountry,
    NamePair,
    NameWord,
    Quarantine,
    StaffTask,
    Stint,
    Subject,
    key_ring,
    new_id,
)
from tests.conftest import ENVIRON, NOW

pytestmark = pytest.mark.server  # many calls, files or processes

ROW = {
    "subject_id": "S1",
    "given_names": "Juan Carlos",
    "surnames": "Pérez Morales",
    "other_names": "",
    "sex": "M",
    "birth_date": "1985-03-05",
    "birth_country": "GT",
    "disclosable": "true",
    "protected": "false",
    "stay_id": "A",
    "stint_id": "A1",
    "facility_code": "TX1",
    "facility_name": "Example Center",
    "facility_state": "TX",
    "book_in_at": "2026-02-01T10:00:00Z",
    "book_out_at": "",
    "release_reason": "",
    "updated_at": "2026-02-01T11:00:00Z",
}
OUT = {"book_out_at": "2026-03-01T09:00:00Z", "updated_at": "2026-03-01T10:00:00Z"}
REMOVED = {**OUT, "release_reason": "Removed"}
DIED = {**OUT, "release_reason": "Died"}
MOVED = {**OUT, "release_reason": "Transferred"}
ARRIVED = {"stint_id": "A2", "book_in_at": "2026-03-01T20:00:00Z", "updated_at": "2026-03-01T21:00:00Z"}
AGAIN = {**ARRIVED, "stay_id": "B", "stint_id": "B1"}

Changes = Mapping[str, str]
Tables = dict[str, list[tuple[Any, ...]]]


def a_record(changes: Changes) -> dict[str, str]:
    """A row of the feed; the stints of everybody but S1 have numbers of their own."""
    row = {**ROW, **changes}
    prefix = "" if row["subject_id"] == "S1" else f"{row['subject_id']}-"
    return {**row, "stay_id": prefix + row["stay_id"], "stint_id": prefix + row["stint_id"]}


def a_feed(rows: Sequence[Changes]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(ROW))
    writer.writeheader()
    writer.writerows(a_record(changes) for changes in rows)
    return out.getvalue().encode()


def give(line: Line, *rows: Changes, kind: import_custody.FeedKind = "delta", **options: Any) -> Any:
    return import_file(line, io.BytesIO(a_feed(rows)), kind, **options)


def events(line: Line) -> list[tuple[str, str, bool]]:
    """Events as (subject, kind, held), as they happened."""
    with line.database.read() as db:
        query = select(Subject.subject_id, CustodyEvent.kind, CustodyEvent.state == "held").join_from(
            CustodyEvent, Subject
        )
        return [(*row,) for row in db.execute(query.order_by(Subject.subject_id, CustodyEvent.at, CustodyEvent.key))]


def deliveries(line: Line) -> list[tuple[str, str, str]]:
    """Deliveries as (kind of event, channel, urgency)."""
    with line.database.read() as db:
        query = select(CustodyEvent.kind, Delivery.channel, Delivery.urgency).join_from(Delivery, CustodyEvent)
        return sorted((*row,) for row in db.execute(query))


def tables(line: Line) -> Tables:
    """All that an import writes of people, without row ids."""
    with line.database.read() as db:
        ours = select(Subject).where(Subject.subject_id.not_like("TEST-%"))  # every deployment's test records
        own = {subject.id: subject.subject_id for subject in db.scalars(ours)}
        found: Tables = {}
        for table, left_out in (
            (Subject, {"id", "seen_import"}),
            (Stint, {"id"}),
            (CustodyEvent, {"id", "import_id"}),
        ):
            names = [column.name for column in table.__table__.columns if column.name not in left_out]
            of_whom = getattr(table, "id" if table is Subject else "subject_ref")
            query = select(*(getattr(table, name) for name in names)).where(of_whom.in_(own))
            rows = db.execute(query).mappings()
            found[table.__tablename__] = sorted(
                (tuple(own[row[n]] if n == "subject_ref" else row[n] for n in names) for row in rows), key=repr
            )
        return {**found, **index_of_names(db, own), "delivery": deliveries(line)}


def index_of_names(db: Session, own: Mapping[int, str]) -> Tables:
    """The index of names in words; those that nobody carries any more are left out."""
    tokens = {word.id: (word.country, word.token) for word in db.scalars(select(NameWord))}
    words = select(NameWord.country, NameWord.token, NameWord.given_count, NameWord.surname_count)
    counts = select(NameCountry.country, NameCountry.people, NameCountry.given_words, NameCountry.surname_words)
    pairs = [
        (*sorted({tokens[part] for part in (pair >> 31, pair & (1 << 31) - 1) if part}), born, own[ref])
        for pair, born, ref in db.execute(select(NamePair.pair, NamePair.born, NamePair.subject_ref))
    ]
    return {
        "name_word": sorted((*row,) for row in db.execute(words) if any(row[2:])),
        "name_country": sorted((*row,) for row in db.execute(counts) if row[1]),
        "name_pair": sorted(pairs, key=repr),
    }


def enrol(line: Line, subject_id: str | None = "S1", number: str = "+12025550123", **values: Any) -> str:
    """An enrolment as it stands after its number said yes."""
    with line.database.begin() as db:
        subscriber = enrolments.add_subscriber(db, number, NOW)
        ref = db.scalar(select(Subject.id).where(Subject.subject_id == subject_id))
        watch = values.pop("watch", None)
        made = Enrolment(
            **{
                "id": new_id(), "subscriber_id": subscriber.id, "subject_ref": ref, "status": EnrolmentStatus.ACTIVE,
                "language": "en", "calls": True, "texts": True, "voicemail": False, "any_hour": False,
                "confirmation_hash": new_id(), "pin_hash": "-", "call_id": new_id(), "eligible_text": "-",
                "eligible_at": NOW, "consent_text": "-", "consent_at": NOW, "confirmed_at": NOW, **values,
            }
        )  # fmt: skip
        if watch is not None:
            made.seal(key_ring(db), "watch", json.dumps(watch))
        db.add(made)
        return made.id


def last_good(line: Line) -> datetime | None:
    with line.database.read() as db:
        return imports.last_good_import(db)


# ---- rows to records, records to events

BOOKED_IN = ("S1", "booked_in", False)
FEEDS: dict[str, tuple[list[list[Changes]], list[tuple[str, str, bool]]]] = {
    "somebody new": ([[{}]], [BOOKED_IN]),
    "removed": ([[REMOVED]], [BOOKED_IN, ("S1", "removed", False)]),
    "removed, told by a second file": ([[{}], [REMOVED]], [BOOKED_IN, ("S1", "removed", False)]),
    "released": (
        [[{**OUT, "release_reason": "Order of recognizance"}]],
        [BOOKED_IN, ("S1", "released", False)],
    ),
    "departed": ([[{**OUT, "release_reason": "Voluntary Return"}]], [BOOKED_IN, ("S1", "departed", False)]),
    "died": ([[DIED]], [BOOKED_IN, ("S1", "died", True)]),
    "a wording that nobody knows": (
        [[{**OUT, "release_reason": "Sent elsewhere"}]],
        [BOOKED_IN, ("S1", "under_review", True)],
    ),
    "moved, arrival not known": ([[MOVED]], [BOOKED_IN]),
    "moved and arrived": ([[MOVED, ARRIVED]], [BOOKED_IN, ("S1", "transferred", False)]),
    "moved, then arrived in a later file": ([[MOVED], [ARRIVED]], [BOOKED_IN, ("S1", "transferred", False)]),
    "back after a removal": (
        [[REMOVED], [AGAIN]],
        [BOOKED_IN, ("S1", "removed", False), ("S1", "returned", False)],
    ),
    "two people": ([[{}, {"subject_id": "S2"}]], [BOOKED_IN, ("S2", "booked_in", False)]),
}


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_tells_what_happened(sqlite_line: Line, name: str) -> None:
    files, told = FEEDS[name]
    reports = [give(sqlite_line, *rows) for rows in files]
    assert events(sqlite_line) == told
    counted = [kind for report in reports for kind, count in report.events.items() for _ in range(count)]
    assert sorted(counted) == sorted(kind for _, kind, _ in told)
    assert sum(report.held for report in reports) == sum(held for *_, held in told)


def test_a_record_is_kept_as_the_agency_gave_it(line: Line) -> None:
    report = give(line, {**REMOVED, "other_names": "Johnny|Perez; |Moráles"})
    assert (report.rows, report.changed, report.refused) == (1, 1, 0)
    with line.database.read() as db:
        subject = db.scalars(select(Subject).where(Subject.subject_id == "S1")).one()
        stint = db.scalars(select(Stint).where(Stint.subject_ref == subject.id)).one()
        words = set(db.execute(select(NameWord.token, NameWord.country, NameWord.given_count, NameWord.surname_count)))
    assert (subject.given_names, subject.surnames) == ("Juan Carlos", "Pérez Morales")
    assert (subject.other_names, subject.birth_date) == ("Johnny|Perez;|Moráles", "1985-03-05")
    assert (subject.disclosable, subject.protected) == (True, False)
    assert subject.adult_on is not None
    assert subject.adult_on.isoformat() == "2003-03-05"
    assert (stint.stay_id, stint.stint_id, stint.release_reason) == ("A", "A1", "Removed")
    assert stint.book_out_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert words >= {("perez", "GT", 0, 1), ("morales", "GT", 0, 1), ("juan", "GT", 1, 0), ("johnny", "GT", 1, 0)}


def found(line: Line, given: str, surnames: str) -> bool:
    query = matching.Query(Said(given), Said(surnames), "GT", BirthDate(1985, 3, 5))
    with line.database.read() as db:
        return search(db, query, NOW.date()).kind is matching.Kind.CONFIRM


def test_a_person_is_found_by_the_name_that_the_record_has_now(line: Line) -> None:
    give(line, {})
    assert found(line, "Juan Carlos", "Perez")
    give(line, {"given_names": "Mateo", "surnames": "Xol", "updated_at": "2026-02-03T00:00:00Z"})
    assert found(line, "Mateo", "Xol")
    assert not found(line, "Juan Carlos", "Perez")


def test_the_same_file_twice_changes_nothing(line: Line) -> None:
    rows = [REMOVED, AGAIN, {"subject_id": "S2"}, {"subject_id": "S3", **DIED}]
    give(line, {})
    enrol(line)
    give(line, *rows)
    before = tables(line)
    for kind in ("delta", "full", "full"):
        report = import_file(line, io.BytesIO(a_feed(rows)), kind)  # type: ignore[arg-type]
        assert (report.rows, report.changed, report.events, report.deliveries) == (4, 0, {}, 0)
    assert tables(line) == before


def test_an_older_row_never_overwrites_a_newer_one(line: Line) -> None:
    give(line, {**REMOVED, "surnames": "Xol", "protected": "true"})
    before = tables(line)
    assert give(line, {}).changed == 0
    assert give(line, {"surnames": "Pop", "updated_at": "2026-02-28T00:00:00-08:00"}).changed == 0
    assert tables(line) == before


def test_an_older_stint_that_comes_late_is_kept_and_leaves_the_persons_fields_alone(sqlite_line: Line) -> None:
    give(sqlite_line, {**AGAIN, "surnames": "Xol"})
    assert give(sqlite_line, REMOVED).changed == 1
    with sqlite_line.database.read() as db:
        subject = db.scalars(select(Subject).where(Subject.subject_id == "S1")).one()
        assert subject.surnames == "Xol"
        assert len(db.scalars(select(Stint).where(Stint.subject_ref == subject.id)).all()) == 2


@pytest.mark.parametrize(
    "hides",
    [{"protected": "true"}, {"protected": ""}, {"disclosable": "false"}, {"disclosable": ""}, {"birth_date": ""}],
)
@pytest.mark.parametrize("hiding_first", [True, False])
def test_of_two_rows_of_the_same_moment_the_one_stays_that_shows_less(
    sqlite_line: Line, hides: Changes, hiding_first: bool
) -> None:
    for changes in (hides, {}) if hiding_first else ({}, hides):
        give(sqlite_line, changes)
    assert not found(sqlite_line, "Juan Carlos", "Perez")


ENDED = {"updated_at": "2026-03-01T23:00:00Z"}
MANY = [
    {**MOVED},
    {**ARRIVED},
    {**ARRIVED, **ENDED, "book_out_at": "2026-03-01T22:00:00Z", "release_reason": "Removed"},
    {**ARRIVED, **ENDED, "book_out_at": "2026-03-01T22:30:00Z", "release_reason": "Paroled"},
    {"surnames": "Perez", "updated_at": "2026-02-01T11:00:00Z"},
    {"stay_id": "Z", "stint_id": "Z1", "book_in_at": "2026-02-27T00:00:00Z"},
    {"subject_id": "S2", "protected": "true"},
    {"subject_id": "S2", "protected": "false", "given_names": "Ana"},
    {"subject_id": "S2", **REMOVED},
    {"subject_id": "S2", **AGAIN},
]


@pytest.fixture(scope="module")
def after(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sequence[Changes]], Tables]:
    """The tables of a new database after one file."""
    opened = open_line(read_settings({**ENVIRON, "HOTLINE_DATA_DIR": str(migrated_file.parent)}), clock=lambda: NOW)

    def imported(rows: Sequence[Changes]) -> Tables:
        file = shutil.copy(migrated_file, tmp_path_factory.mktemp("after"))
        line = replace(opened, database=Database(f"sqlite:///{file}", opened.database.ring))
        try:
            give(line, *rows)
            return tables(line)
        finally:
            line.database.close()

    return imported


@settings(max_examples=20, deadline=None)
@given(rows=st.permutations(MANY), batch=st.integers(1, 12))
def test_rows_in_any_order_and_batches_end_in_the_same_records(
    after: Callable[[Sequence[Changes]], Tables], rows: list[Changes], batch: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(import_custody.BATCHES, "sqlite", batch)
        assert after(rows) == after(MANY)


def test_a_row_of_unusual_length_is_taken_and_told_once(line: Line) -> None:
    odd = {"stay_id": "獄" * 64, "stint_id": "😀" * 64, "sex": "x" * 32, "surnames": "A" * 200}
    rows = [{**odd, **OUT, "release_reason": "Removed" + "!" * 490}]
    assert give(line, *rows).events == {"booked_in": 1, "removed": 1}
    assert give(line, *rows, kind="full").events == {}


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of 250 rows on both databases."""
    for name in import_custody.BATCHES:
        monkeypatch.setitem(import_custody.BATCHES, name, 250)


@pytest.mark.usefixtures("small_batches")
def test_progress_tells_the_rows_so_far_and_ends_at_all_of_them(sqlite_line: Line) -> None:
    told: list[int] = []
    give(sqlite_line, *({"subject_id": f"S{n}"} for n in range(600)), progress=told.append)
    assert told == sorted(told)
    assert told[0] < 600
    assert told[-1] == 600


# ---- who hears of it


def test_a_removal_is_planned_once_for_each_channel_that_was_chosen(line: Line) -> None:
    give(line, {})
    enrol(line)
    enrol(line, number="+12025550124", texts=False)
    report = give(line, REMOVED)
    assert report.deliveries == 3
    assert deliveries(line) == [
        ("removed", "text", "critical"),
        ("removed", "voice", "critical"),
        ("removed", "voice", "critical"),
    ]


WAITING = {
    EnrolmentStatus.PENDING: 2,
    EnrolmentStatus.ACTIVE: 2,
    EnrolmentStatus.REVIEW: 0,
    EnrolmentStatus.FROZEN: 0,
    EnrolmentStatus.STOPPED: 0,
    EnrolmentStatus.LAPSED: 0,
    EnrolmentStatus.REPLACED: 0,
}


@pytest.mark.parametrize("status", EnrolmentStatus)
def test_only_those_who_still_wait_are_told(sqlite_line: Line, status: EnrolmentStatus) -> None:
    give(sqlite_line, {})
    enrol(sqlite_line, status=status)
    assert give(sqlite_line, REMOVED).deliveries == WAITING[status]


HIDDEN: dict[str, Changes] = {
    "protected": {"protected": "true"},
    "protection not stated": {"protected": ""},
    "not disclosable": {"disclosable": "false"},
    "disclosure not stated": {"disclosable": ""},
    "under age": {"birth_date": "2008-03-03"},
    "of unknown age": {"birth_date": ""},
}


@pytest.mark.parametrize("why", HIDDEN)
def test_nobody_is_told_of_a_person_who_may_not_be_shown_any_more(sqlite_line: Line, why: str) -> None:
    give(sqlite_line, {})
    enrol(sqlite_line)
    report = give(sqlite_line, {**REMOVED, **HIDDEN[why]})
    assert (report.events, report.deliveries) == ({"removed": 1}, 0)
    assert deliveries(sqlite_line) == []


@pytest.mark.parametrize("wording", ["Died", "Sent elsewhere", "ORR-Runaway"])
def test_nobody_is_told_of_what_a_person_must_read_first(sqlite_line: Line, wording: str) -> None:
    give(sqlite_line, {})
    enrol(sqlite_line)
    report = give(sqlite_line, {**OUT, "release_reason": wording})
    assert (report.held, report.deliveries) == (1, 0)
    assert deliveries(sqlite_line) == []


def test_the_bell_rings_when_deliveries_were_planned_and_only_then(environ: Mapping[str, str]) -> None:
    rung: list[bool] = []
    line = open_line(read_settings(environ), clock=lambda: NOW, ring_bell=lambda: rung.append(True))
    give(line, {}, {"subject_id": "S2"})
    enrol(line)
    give(line, {**REMOVED, "subject_id": "S2"})
    give(line, REMOVED, dry_run=True)
    assert rung == []
    give(line, REMOVED)
    assert rung == [True]
    line.database.close()


def test_an_enrolment_in_the_middle_of_being_made_hears_of_what_comes_in_meanwhile(line: Line) -> None:
    give(line, {})
    enrolled = enrol(line, status=EnrolmentStatus.STOPPED)
    with line.database.read() as db:
        values = {c.name: getattr(db.get_one(Enrolment, enrolled), c.name) for c in Enrolment.__table__.columns}
    importing = threading.Thread(target=give, args=(line, REMOVED))
    with line.database.begin() as db:
        fresh = {"id": new_id(), "confirmation_hash": new_id(), "call_id": new_id(), "status": EnrolmentStatus.PENDING}
        db.add(Enrolment(**{**values, **fresh}))
        db.flush()
        importing.start()
        importing.join(0.5)
        assert importing.is_alive()
    importing.join(10)
    assert [kind for kind, *_ in deliveries(line)] == ["removed", "removed"]


# ---- rows and files that can't be read


def test_a_row_that_cannot_be_read_is_sealed_away_and_the_rest_goes_on(line: Line) -> None:
    refused = {"subject_id": "S2", "surnames": "Zyxwvut", "book_in_at": "yesterday"}
    report = give(line, {}, refused, {"subject_id": "S3"})
    assert (report.rows, report.changed, report.refused) == (3, 2, 1)
    assert [(refusal.line, "book_in_at" in refusal.reason) for refusal in report.refusals] == [(3, True)]
    with line.database.read() as db:
        kept = db.scalars(select(Quarantine)).one()
        assert (kept.line, kept.import_id, kept.reason) == (3, report.import_id, report.refusals[0].reason)
        assert "Zyxwvut" in (kept.unseal("row") or "")
    assert [subject for subject, *_ in events(line)] == ["S1", "S3"]


def test_the_name_in_a_refused_row_does_not_stand_in_the_database_file(sqlite_line: Line, tmp_path: Path) -> None:
    give(sqlite_line, {"surnames": "Kept"}, {"subject_id": "S2", "surnames": "Zyxwvut", "updated_at": ""})
    sqlite_line.database.close()
    held = b"".join(path.read_bytes() for path in tmp_path.glob("hotline.db*"))
    assert b"Kept" in held
    assert b"Zyxwvut" not in held


def test_a_long_or_broken_row_is_kept_in_part_and_its_report_stays_short(line: Line) -> None:
    long = {"updated_at": "", "facility_name": "x" * 9000}
    rows = [json.dumps({**ROW, **long, "subject_id": f"S{n}"}) for n in range(30)]
    rows.append(json.dumps({**ROW, "surnames": "\ud800"}))
    report = import_file(line, io.BytesIO("\n".join(rows).encode()), "delta")
    assert (report.refused, len(report.refusals)) == (31, 20)
    with line.database.read() as db:
        assert max(len(kept.unseal("row") or "") for kept in db.scalars(select(Quarantine))) > 9000


def test_a_file_that_breaks_off_gives_what_stands_before_the_break_and_is_no_good_import(line: Line) -> None:
    give(line, {}, kind="full")
    good = last_good(line)
    enrol(line)
    rows = [REMOVED, *({"subject_id": f"N{n}", "surnames": f"Q{os.urandom(9).hex()}x"} for n in range(2, 900))]
    whole = gzip.compress(a_feed(rows))
    with pytest.raises(FeedRefused, match=r"rows read before that: \d+"):
        import_file(line, io.BytesIO(whole[: len(whole) // 2]), "full")
    assert len(deliveries(line)) == 2
    assert all(kind != "under_review" for _, kind, _ in events(line))
    with line.database.read() as db:
        last = db.scalars(select(CustodyImport).order_by(CustodyImport.id.desc())).first()
        assert last is not None
        assert last.finished_at is None
        assert 1 < last.rows < 899
    assert last_good(line) == good
    assert import_file(line, io.BytesIO(whole), "full").deliveries == 0
    assert len({subject for subject, *_ in events(line)}) == 899


def test_the_last_rows_before_a_break_are_told_too(sqlite_line: Line) -> None:
    give(sqlite_line, {})
    enrol(sqlite_line)
    stored = gzip.compress(a_feed([REMOVED, {"subject_id": "S2"}]), compresslevel=0)
    with pytest.raises(FeedRefused, match="rows read before that: 1;"):
        import_file(sqlite_line, io.BytesIO(stored[: stored.index(b"S2")]), "delta")
    assert len(deliveries(sqlite_line)) == 2


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 a workbook", b"name,born\r\nAna,1990\r\n", b"[{}]"])
def test_a_file_of_another_kind_is_refused_and_changes_nothing(line: Line, data: bytes) -> None:
    before = tables(line)
    with pytest.raises(FeedRefused, match="rows read before that: 0;"):
        import_file(line, io.BytesIO(data), "full")
    assert last_good(line) is None
    assert tables(line) == before


# ---- killed half-way


class Killed(Exception):
    pass


def kill_at(call: int, how: Callable[[], None]) -> Callable[[int], None]:
    """A progress callback that ends the import at its nth call."""
    left = iter(range(call - 1))

    def progress(rows: int) -> None:
        if next(left, None) is None:
            how()

    return progress


def die() -> None:
    raise Killed


CROWD = [{"subject_id": f"S{n}", **(REMOVED if n % 2 else {})} for n in range(1, 600)] + [{**AGAIN}]


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("kind", ["full", "delta"])
def test_killed_between_batches_and_started_again_it_ends_the_same(line: Line, kind: import_custody.FeedKind) -> None:
    give(line, {})
    enrol(line)
    for call in range(1, 5):  # three batches of rows, one of people; the next import goes on with the rest
        with pytest.raises(Killed):
            give(line, *CROWD, kind=kind, progress=kill_at(call, die))
        assert last_good(line) == NOW
    assert give(line, *CROWD, kind=kind).import_id == 6
    assert len(events(line)) == 599 + 300 + 1
    assert deliveries(line) == [
        ("removed", "text", "critical"),
        ("removed", "voice", "critical"),
        ("returned", "text", "critical"),
        ("returned", "voice", "critical"),
    ]
    before = tables(line)
    give(line, *CROWD, kind=kind)
    assert tables(line) == before


def test_what_a_killed_import_took_is_told_by_the_next_file_even_without_those_rows(line: Line) -> None:
    give(line, {})
    enrol(line)
    with pytest.raises(Killed):
        give(line, REMOVED, progress=kill_at(1, die))
    assert deliveries(line) == []
    assert give(line, {"subject_id": "S2"}).deliveries == 2
    assert give(line, {"subject_id": "S2"}).deliveries == 0


def test_the_report_tells_of_what_was_killed_and_ended_first_all_that_it_brought(line: Line) -> None:
    give(line, {})
    enrol(line)
    refused = {"subject_id": "S2", "updated_at": ""}
    with pytest.raises(Killed):
        give(line, REMOVED, refused, {"subject_id": "S3", **DIED}, progress=kill_at(2, die))
    report = give(line, {"subject_id": "S4"})
    (cut,) = report.resumed
    assert (report.rows, report.events, report.deliveries) == (1, {"booked_in": 1}, 0)
    assert (cut.import_id, cut.rows, cut.changed, cut.refused, cut.status) == (2, 3, 2, 1, "finished")
    assert (cut.events, cut.held, cut.deliveries) == ({"booked_in": 1, "died": 1, "removed": 1}, 1, 2)
    assert [refusal.line for refusal in cut.refusals] == [3]
    assert give(line, {"subject_id": "S5"}).resumed == ()


def test_a_row_of_a_file_that_is_given_again_waits_in_quarantine_once(line: Line) -> None:
    rows = [{}, {"subject_id": "S2", "updated_at": ""}, {"subject_id": "S3", "birth_country": "Narnia"}]
    with pytest.raises(Killed):
        give(line, *rows, progress=kill_at(1, die))
    report = give(line, *rows)
    other = give(line, {}, {"subject_id": "S4", "updated_at": ""})
    with line.database.read() as db:
        kept = db.execute(select(Quarantine.import_id, Quarantine.line).order_by(Quarantine.import_id, Quarantine.line))
        assert [(*row,) for row in kept] == [(report.import_id, 3), (report.import_id, 4), (other.import_id, 3)]


def test_a_broken_snapshot_that_is_ended_later_makes_nobody_missing(line: Line) -> None:
    give(line, {}, {"subject_id": "S2"}, kind="full")
    stored = gzip.compress(a_feed([REMOVED, {"subject_id": "S2"}]), compresslevel=0)
    with pytest.raises(Killed):
        import_file(line, io.BytesIO(stored[: stored.index(b"S2")]), "full", progress=kill_at(2, die))
    assert give(line, {"subject_id": "S3"}).resumed[0].events == {"removed": 1}
    assert [kind for _, kind, _ in events(line)] == ["booked_in", "removed", "booked_in", "booked_in"]


KILLED = """
import os, signal, sys
from hotline.services import import_custody
from hotline.services.import_custody import import_file
from hotline.services.line import open_line
from hotline.settings import read_settings

import_custody.BATCHES = dict.fromkeys(import_custody.BATCHES, 250)
left = int(sys.argv[2])

def progress(rows):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

with open(sys.argv[1], "rb") as stream:
    import_file(open_line(read_settings()), stream, "delta", progress=progress)
"""


def test_a_process_killed_outright_leaves_nothing_that_the_next_import_does_not_put_right(
    line: Line, environ: Mapping[str, str], tmp_path: Path
) -> None:
    give(line, {})
    enrol(line)
    file = tmp_path / "feed.csv"
    file.write_bytes(a_feed(CROWD))
    for call in (1, 3, 4):
        command = [sys.executable, "-c", KILLED, str(file), str(call)]
        assert subprocess.run(command, env={**os.environ, **environ}, timeout=60).returncode == -signal.SIGKILL
    give(line, *CROWD)
    assert len(events(line)) == 599 + 300 + 1
    assert len(deliveries(line)) == 4


def test_two_imports_at_the_same_time_end_as_one_after_the_other(line: Line) -> None:
    give(line, {})
    enrol(line)
    faults: list[BaseException] = []

    def run(rows: Sequence[Changes]) -> None:
        try:
            give(line, *rows)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(rows,)) for rows in (CROWD, CROWD[::-1], CROWD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert len(events(line)) == 599 + 300 + 1
    assert len(deliveries(line)) == 4


@pytest.mark.usefixtures("small_batches")
def test_callers_have_their_turn_while_a_long_import_is_on_its_way(line: Line) -> None:
    importing = threading.Thread(target=give, args=(line, *CROWD, *({"subject_id": f"T{n}"} for n in range(3000))))
    importing.start()
    turns = 0
    while importing.is_alive():
        with line.database.begin() as db:  # raises DatabaseBusy where it can't begin in time
            enrolments.add_subscriber(db, f"+120255501{turns % 100:02d}", NOW)
        turns += 1
    assert turns > 3
    assert last_good(line) == NOW


# ---- full snapshots


def test_a_person_missing_from_a_snapshot_is_held_for_review_once_for_each_time(line: Line) -> None:
    both = [{}, {"subject_id": "S2"}, {"subject_id": "S3", **REMOVED}]
    give(line, *both, kind="full")
    enrol(line)
    missing = give(line, {"subject_id": "S2"}, kind="full")
    assert (missing.events, missing.held, missing.deliveries) == ({"under_review": 1}, 1, 0)
    assert give(line, {"subject_id": "S2"}, kind="full").events == {}
    assert give(line, *both, kind="full").events == {}
    assert give(line, {"subject_id": "S2"}, kind="full").events == {"under_review": 1}
    assert deliveries(line) == []


def test_a_person_missing_from_a_delta_is_no_news(sqlite_line: Line) -> None:
    give(sqlite_line, {}, {"subject_id": "S2"}, kind="full")
    assert give(sqlite_line, {"subject_id": "S2"}).events == {}


def test_more_people_than_a_batch_holds_go_missing_and_each_is_held(sqlite_line: Line) -> None:
    give(sqlite_line, *({"subject_id": f"S{n}"} for n in range(600)), kind="full")
    assert give(sqlite_line, {"subject_id": "S5"}, kind="full").held == 599


# ---- tried dry


@pytest.mark.parametrize("kind", ["full", "delta"])
def test_a_dry_run_says_what_would_be_sent_and_writes_nothing(line: Line, kind: import_custody.FeedKind) -> None:
    give(line, {}, {"subject_id": "S9"}, kind="full")
    enrol(line)
    rows: list[Changes] = [REMOVED, AGAIN, {"subject_id": "S2"}, {"subject_id": "S3", "updated_at": ""}]
    before = tables(line)
    dry = give(line, *rows, kind=kind, dry_run=True)
    assert tables(line) == before
    with line.database.read() as db:
        assert len(db.scalars(select(CustodyImport)).all()) == 1
        assert db.scalars(select(Quarantine)).all() == []
    wet = give(line, *rows, kind=kind)
    assert dry.import_id is None
    for name in ("rows", "changed", "refused", "refusals", "events", "held", "deliveries"):
        assert getattr(dry, name) == getattr(wet, name), name
    assert wet.deliveries == 4


# ---- watches

WATCH = {"given": ["Juan Carlos", None], "surnames": ["Perez", None], "country": "GT", "birth": [1985, 3, 5]}


def watch_tasks(line: Line) -> list[StaffTask]:
    with line.database.read() as db:
        return list(db.scalars(select(StaffTask).where(StaffTask.kind == "watch_match")))


def test_a_person_who_was_waited_for_is_shown_to_staff_once_and_nobody_is_called(line: Line) -> None:
    enrolment_id = enrol(line, None, watch=WATCH)
    give(line, {"subject_id": "S2", "surnames": "Xol"})
    assert watch_tasks(line) == []
    give(line, {})
    (task,) = watch_tasks(line)
    assert (task.enrolment_id, task.closed_at) == (enrolment_id, None)
    with line.database.begin() as db:
        db.get_one(StaffTask, task.id).closed_at = NOW + timedelta(hours=1)
    give(line, REMOVED)
    assert look_for_watches(line) == 0
    assert len(watch_tasks(line)) == 1
    assert deliveries(line) == []


def test_somebody_else_who_fits_better_later_is_shown_to_staff_too(line: Line) -> None:
    enrol(line, None, watch=WATCH)
    give(line, {})
    give(line, {"subject_id": "S1", "birth_date": "1950-01-01", "updated_at": "2026-02-03T11:00:00Z"})
    give(line, {"subject_id": "S2"})
    assert len({task.unseal("note", line.database.ring) for task in watch_tasks(line)}) == 2


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([{"protected": "true"}], id="protected"),
        pytest.param([{"birth_date": "2012-01-05"}], id="a child"),
        pytest.param([{}, {"subject_id": "S2"}], id="namesakes"),
        pytest.param([{"birth_country": "HN"}], id="born elsewhere"),
        pytest.param([{"surnames": "Pineda"}], id="another surname"),
    ],
)
def test_a_watch_tells_staff_of_nobody_whom_a_caller_would_not_find(sqlite_line: Line, rows: list[Changes]) -> None:
    enrol(sqlite_line, None, watch=WATCH)
    give(sqlite_line, *rows)
    assert watch_tasks(sqlite_line) == []


@pytest.mark.parametrize("status", [status for status in EnrolmentStatus if status is not EnrolmentStatus.ACTIVE])
def test_only_a_watch_that_its_number_said_yes_to_is_looked_for(sqlite_line: Line, status: EnrolmentStatus) -> None:
    enrol(sqlite_line, None, watch=WATCH, status=status)
    give(sqlite_line, {})
    assert watch_tasks(sqlite_line) == []


def test_a_dry_run_looks_for_no_watch(sqlite_line: Line) -> None:
    enrol(sqlite_line, None, watch=WATCH)
    give(sqlite_line, {}, dry_run=True)
    assert watch_tasks(sqlite_line) == []
