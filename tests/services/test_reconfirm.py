"""Numbers that were not heard of for long are asked whether they are still the same person's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from hotline.rules import reconfirm as rule
from hotline.services import confirm, number_questions
from hotline.services.line import Line, open_line
from hotline.services.reconfirm import reconfirm
from hotline.settings import read_settings
from hotline.store import deliveries, enrolments
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import Delivery, Enrolment, StaffTask, Subscriber
from tests.conftest import NOW
from tests.services.enrolled import enrolled

HALF_A_YEAR = timedelta(days=180)


def silent_since(line: Line, when: datetime, **wishes: object) -> str:
    """An enrolment whose number was last heard of at this time."""
    made = enrolled(line, "S1")
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, made)
        enrolment.reconfirm_at = rule.next_question(when)
        for wish, value in wishes.items():
            setattr(enrolment, wish, value)
    return made


def questions(line: Line) -> list[tuple[str, str, str]]:
    with line.database.read() as db:
        query = select(Delivery).where(Delivery.urgency == "verify").order_by(Delivery.channel)
        return [(one.channel, one.occasion, one.status) for one in db.scalars(query)]


def answered(line: Line, how: str) -> Enrolment:
    with line.database.begin() as db:
        question = db.scalars(select(Delivery).where(Delivery.urgency == "verify")).first()
        assert question is not None
        match how:
            case "yes":
                assert number_questions.said_yes(db, line.settings.limits, question, NOW)
            case "no":
                number_questions.said_no(db, question, NOW)
            case "nothing":
                number_questions.never_said(db, question, NOW)
        enrolment = db.get_one(Enrolment, question.enrolment_id)
        db.flush()
        db.expunge(enrolment)
    return enrolment


def test_after_half_a_year_the_number_is_asked_by_its_channels_and_once(line: Line) -> None:
    silent_since(line, NOW - HALF_A_YEAR, texts=True)
    assert [reconfirm(line), reconfirm(line)] == [1, 0]
    occasion = f"reconfirm:{NOW.date()}"
    assert questions(line) == [("text", occasion, "waiting"), ("voice", occasion, "waiting")]


@pytest.mark.parametrize(
    "wishes",
    [{"status": EnrolmentStatus.REVIEW}, {"status": EnrolmentStatus.STOPPED}, {"calls": False}],
    ids=["under review", "over", "mail alone"],
)
def test_nobody_else_is_asked(line: Line, wishes: Mapping[str, object]) -> None:
    silent_since(line, NOW - HALF_A_YEAR, **wishes)
    assert (reconfirm(line), questions(line)) == (0, [])


def test_a_day_before_nobody_is_asked(line: Line) -> None:
    silent_since(line, NOW - HALF_A_YEAR + timedelta(seconds=1))
    assert reconfirm(line) == 0


def test_the_question_waits_for_the_day_of_whoever_is_asked(sqlite_environ: Mapping[str, str]) -> None:
    night = NOW.replace(hour=9)  # four in the morning in New York
    line = open_line(read_settings(sqlite_environ), clock=lambda: night)
    made = silent_since(line, night - HALF_A_YEAR)
    assert reconfirm(line) == 0
    with line.database.read() as db:
        assert db.get_one(Enrolment, made).reconfirm_at == NOW.replace(hour=13)
    line.database.close()


def test_a_yes_holds_for_another_half_a_year(line: Line) -> None:
    silent_since(line, NOW - HALF_A_YEAR, texts=True)
    reconfirm(line)
    enrolment = answered(line, "yes")
    assert (enrolment.status, enrolment.reconfirm_at) == ("active", NOW + HALF_A_YEAR)
    assert {status for _, _, status in questions(line)} == {"confirmed"}


def test_a_no_stops_everything_to_the_number_at_once(line: Line) -> None:
    silent_since(line, NOW - HALF_A_YEAR, texts=True)
    reconfirm(line)
    enrolment = answered(line, "no")
    assert enrolment.status == EnrolmentStatus.REVIEW
    assert {status for _, _, status in questions(line)} == {"stopped"}
    with line.database.read() as db:
        [subscriber] = db.scalars(select(Subscriber))
        assert (subscriber.calls_stopped_at, subscriber.texts_stopped_at) == (NOW, NOW)
        assert [task.kind for task in db.scalars(select(StaffTask))] == ["wrong_person"]


def test_without_an_answer_the_news_goes_on_and_one_task_is_opened(line: Line) -> None:
    silent_since(line, NOW - HALF_A_YEAR, texts=True)
    reconfirm(line)
    enrolment = answered(line, "nothing")
    assert (enrolment.status, enrolment.reconfirm_at) == ("active", NOW + HALF_A_YEAR)
    assert {status for _, _, status in questions(line)} == {"unconfirmed"}
    with line.database.read() as db:
        assert [task.kind for task in db.scalars(select(StaffTask))] == ["not_reconfirmed"]


@pytest.mark.parametrize(
    ("how", "is_a_sign"), [("pin", True), ("reply", True), ("called_in", False), ("page", False), ("delivered", False)]
)
def test_only_what_comes_from_the_number_itself_is_a_sign(line: Line, how: str, is_a_sign: bool) -> None:
    made = silent_since(line, NOW - HALF_A_YEAR)
    reconfirm(line)
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, made)
        enrolment.reconfirm_at = NOW
        [news] = deliveries.plan(db, enrolment, "event:1", "critical", NOW)
        db.flush()
        confirm.heard(db, news, how, NOW)
        assert (enrolment.reconfirm_at == NOW + HALF_A_YEAR) is is_a_sign
    assert [status for _, _, status in questions(line)] == ["confirmed" if is_a_sign else "waiting"]
