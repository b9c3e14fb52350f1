"""People who got their news by hand are brought in from a file: each asked once, and nobody else told anything."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hotline.errors import FeedRefused, NotFound, SearchClosed
from hotline.services import confirm
from hotline.services.import_enrolments import Imported, KeptOut, Standing, import_enrolments, report
from hotline.services.line import Line
from hotline.store import batches, enrolments, watching
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import AuditEntry, Base, Delivery, Enrolment, Subscriber
from tests.conftest import NOW
from tests.services.enrolled import enrolled, feed

BY = "Ana Ortiz"
HEADER = "subject_id,given_names,surnames,birth_country,birth_date,channel,number,language,voicemail,any_hour,mail"
JUAN = "S1,,,,,both,2025550123,es,yes,yes,"
BY_NAME = ",Rosa,Quispe Mamani,Peru,1970-01-02,call,2025550124,,,,rosa@example.org"


@pytest.fixture
def line(line: Line) -> Line:
    """A line whose records hold Juan, Rosa, and one who may not be shown."""
    feed(
        line,
        {"subject_id": "S1"},
        {
            "subject_id": "S2",
            "given_names": "Rosa",
            "surnames": "Quispe Mamani",
            "birth_country": "PE",
            "birth_date": "1970-01-02",
        },
        {
            "subject_id": "S3",
            "given_names": "Hidden",
            "surnames": "Zapata Luna",
            "birth_country": "MX",
            "protected": "true",
        },
    )
    return line


def give(line: Line, *rows: str, dry_run: bool = False) -> Imported:
    return import_enrolments(line, io.BytesIO("\n".join((HEADER, *rows)).encode()), BY, dry_run=dry_run)


def refused(line: Line, *rows: str) -> dict[int, str]:
    return {one.line: one.reason for one in give(line, *rows).refused}


def counts(line: Line) -> dict[str, int | None]:
    with line.database.read() as db:
        return {
            name: db.scalar(select(func.count()).select_from(table)) for name, table in Base.metadata.tables.items()
        }


def of_line(line: Line, number: int) -> Enrolment:
    with line.database.read() as db:
        return db.query(Enrolment).where(Enrolment.batch_line == number).one()


def ends(line: Line, number: int, status: EnrolmentStatus) -> None:
    with line.database.begin() as db:
        confirm.end_enrolment(db, db.get_one(Enrolment, of_line(line, number).id), status, NOW)


def test_a_line_waits_for_its_subscribers_own_yes(line: Line) -> None:
    assert give(line, JUAN, BY_NAME) == Imported(1, 2, 2, 0, ())
    juan, rosa = of_line(line, 2), of_line(line, 3)
    assert (juan.status, juan.calls, juan.texts, juan.voicemail, juan.any_hour, juan.language) == (
        "pending", True, True, True, True, "es",
    )  # fmt: skip
    assert (rosa.calls, rosa.texts, rosa.voicemail, rosa.any_hour, rosa.language, rosa.mails) == (
        True, False, False, False, "en", True,
    )  # fmt: skip
    assert (juan.pin_hash, juan.consent_at, juan.eligible_at, juan.confirmed_at) == (None, None, None, None)
    with line.database.read() as db:
        asked = db.scalars(select(Delivery).order_by(Delivery.channel)).all()
        assert sorted((one.channel, one.urgency, one.occasion) for one in asked) == [
            ("text", "verify", "verify"),
            ("voice", "verify", "verify"),
            ("voice", "verify", "verify"),
        ]
        assert db.get_one(Subscriber, rosa.subscriber_id).mail_confirmed_at is None
        [entry] = db.scalars(select(AuditEntry))
        assert (entry.actor, entry.action, entry.object) == (BY, "enrolment.import", "batch 1")


def test_the_same_file_twice_changes_nothing(line: Line) -> None:
    rows = (JUAN, BY_NAME, "S9,,,,,call,2025550125,,,,", "S1,,,,,call,12,,,,")
    first = give(line, *rows)
    before = counts(line)
    again = give(line, *rows)
    assert counts(line) == before
    assert (again.batch, again.asked, again.there_before, again.refused) == (first.batch, 0, 2, first.refused)


def test_a_kill_half_way_loses_nothing_and_doubles_nothing(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f"S1,,,,,call,20255501{n:02},,,," for n in range(10)]
    brought_in, calls = batches.brought_in, iter(range(5))

    def killed(*args: object) -> object:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return brought_in(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(batches, "brought_in", killed)
    with pytest.raises(KeyboardInterrupt):
        give(line, *rows)
    monkeypatch.undo()
    assert counts(line)["enrolment"] == 5
    done = give(line, *rows)
    assert (done.batch, done.asked, done.there_before) == (1, 5, 5)
    assert counts(line)["delivery"] == 10
    assert counts(line)["enrolment_batch"] == counts(line)["audit"] == 1


def test_a_dry_run_tells_the_same_and_writes_nothing(line: Line) -> None:
    before = counts(line)
    dry = give(line, JUAN, "S9,,,,,call,2025550125,,,,", dry_run=True)
    assert counts(line) == before
    wet = give(line, JUAN, "S9,,,,,call,2025550125,,,,")
    assert (dry.batch, dry.asked, dry.refused) == (None, wet.asked, wet.refused)
    assert give(line, JUAN, "S9,,,,,call,2025550125,,,,", dry_run=True).there_before == 1


def test_hidden_and_absent_are_told_apart_by_nobody(line: Line) -> None:
    told = refused(
        line,
        "S3,,,,,call,2025550123,,,,",
        "S9,,,,,call,2025550123,,,,",
        ",Hidden,Zapata Luna,Mexico,1985-03-05,call,2025550123,,,,",
        ",Zoraida,Quintanilla,Mexico,1985-03-05,call,2025550123,,,,",
    )
    assert told == dict.fromkeys((2, 3, 4, 5), KeptOut.NOBODY)
    assert counts(line)["subscriber"] == 0


def test_namesakes_want_a_number_or_a_date(line: Line) -> None:
    feed(line, {"subject_id": "S4", "birth_date": "1991-11-02"})
    namesakes = ",Juan Carlos,Pérez Morales,Guatemala,,call,2025550123,,,,"
    assert refused(line, namesakes) == {2: KeptOut.SEVERAL}
    assert refused(line, f"S4{namesakes}") == {}
    assert refused(line, namesakes.replace(",,call", ",1985-03-05,call")) == {}


def test_a_number_of_one_person_with_the_names_of_another_is_not_taken(line: Line) -> None:
    assert refused(line, f"S1{BY_NAME}") == {2: KeptOut.NOT_THE_SAME}
    assert refused(line, f"S2{BY_NAME}") == {}


def test_one_person_is_asked_once_for_one_number_however_many_files_name_them(line: Line) -> None:
    assert refused(line, JUAN, "S1,,,,,text,(202) 555-0123,en,,,") == {3: "stands in line 2 already"}
    assert refused(line, BY_NAME, JUAN) == {3: "brought in before: batch 1, line 2"}


def test_who_signed_up_by_phone_is_asked_like_anybody_else(line: Line) -> None:
    """Staff can't learn from a file who is signed up."""
    enrolled(line, "S1", "+12025550123")
    assert give(line, JUAN).asked == 1


def test_who_said_no_or_stopped_is_not_asked_again_and_who_never_answered_is(line: Line) -> None:
    give(line, JUAN, BY_NAME)
    ends(line, 2, EnrolmentStatus.STOPPED)
    ends(line, 3, EnrolmentStatus.LAPSED)
    assert refused(line, BY_NAME, JUAN) == {3: KeptOut.DECLINED}


def test_who_had_everything_deleted_is_not_brought_back(line: Line) -> None:
    give(line, JUAN)
    with line.database.begin() as db:
        enrolments.delete_enrolment(db, db.get_one(Enrolment, of_line(line, 2).id), NOW)
    assert refused(line, JUAN) == {2: KeptOut.DECLINED}


@pytest.mark.parametrize(("channel", "reasons"), [("call", {2: KeptOut.DECLINED}), ("both", {}), ("text", {})])
def test_a_number_that_stopped_calls_is_asked_by_text_or_not_at_all(
    line: Line, channel: str, reasons: dict[int, str]
) -> None:
    with line.database.begin() as db:
        enrolments.add_subscriber(db, "+12025550123", NOW).calls_stopped_at = NOW
    assert refused(line, f"S1,,,,,{channel},2025550123,,,,") == reasons


def test_numbers_are_asked_by_day_and_one_after_another(line: Line) -> None:
    """At NOW it is ten in the morning in Washington and five on Hawaii."""
    rows = [f"S1,,,,,call,20255501{n:02},,,," for n in range(40)]
    give(line, *rows, "S1,,,,,call,8085550123,,,,")
    with line.database.read() as db:
        query = select(Enrolment.batch_line, Delivery.next_at).join(Delivery, Delivery.enrolment_id == Enrolment.id)
        at = dict(db.execute(query).all())
    limits = line.settings.limits
    assert [at[n] for n in (2, 21, 22)] == [NOW, NOW, NOW + timedelta(minutes=1)]
    assert at[2 + limits.sends_per_block_hour] == NOW + timedelta(hours=1)  # one block of numbers
    assert at[42] == NOW.replace(hour=18) + timedelta(minutes=2)  # eight in Honolulu, and two minutes


def test_nobody_is_looked_for_while_the_search_is_closed(line: Line) -> None:
    with line.database.begin() as db:
        watching.close_search(db, NOW)
    with pytest.raises(SearchClosed):
        give(line, BY_NAME)
    with line.database.begin() as db:
        watching.reopen_search(db, BY, NOW)
    assert give(line, BY_NAME).asked == 1


def test_a_file_that_is_none_makes_no_batch(line: Line) -> None:
    with pytest.raises(FeedRefused, match="lacks: channel"):
        import_enrolments(line, io.BytesIO(b"subject_id,number\nS1,2025550123\n"), BY)
    with pytest.raises(FeedRefused, match="split it"):
        import_enrolments(line, io.BytesIO(bytes(9 * 1024 * 1024)), BY)
    assert counts(line)["enrolment_batch"] == 0


def test_the_report_tells_what_became_of_each_line(line: Line) -> None:
    give(line, *(f"S1,,,,,call,20255501{n:02},,,," for n in range(6)))
    for number, status in (
        (2, EnrolmentStatus.STOPPED),
        (3, EnrolmentStatus.LAPSED),
        (4, EnrolmentStatus.STOPPED),
        (5, EnrolmentStatus.REPLACED),
    ):
        ends(line, number, status)
    with line.database.begin() as db:
        for number in (4, 6):
            found = db.get_one(Enrolment, of_line(line, number).id)
            found.confirmed_at = NOW
    told = report(line)
    assert [(one.line, one.standing) for one in told.lines] == [
        (2, Standing.SAID_NO),
        (3, Standing.DROPPED),
        (4, Standing.STOPPED),
        (5, Standing.REPLACED),
        (6, Standing.CONFIRMED),
        (7, Standing.NOT_YET),
    ]
    assert (told.batch, told.by) == (1, BY)
    assert report(line, 1) == told
    with pytest.raises(NotFound):
        report(line, 2)
