"""A new number must say yes before anything is sent to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hotline.store.models import Attempt, Enrolment
from tests.calls.people import ASKS_FOR_JUAN
from tests.calls.stage import NUMBER, Stage, over_at
from tests.calls.test_news import TELLING, juan_is

pytestmark = pytest.mark.server  # many calls, files or processes

BY_TEXT = replace(ASKS_FOR_JUAN, channel="text")


def test_yes_by_call(stage: Stage) -> None:
    stage.sign_up(ASKS_FOR_JUAN)
    stage.look()
    call = stage.phone().answer().is_at("verify.hello")
    for word in TELLING:
        call.never_said(word)
    over_at(call.press("1"), "verify.confirmed")
    assert [e.status for e in stage.rows(Enrolment)] == ["active"]


def test_no_by_call_stops_at_once(stage: Stage) -> None:
    stage.sign_up(ASKS_FOR_JUAN)
    stage.look()
    over_at(stage.phone().answer().press("2"), "verify.stopped")
    juan_is(stage, "Removed")
    stage.pass_time(hours=80, every=timedelta(hours=2))
    assert stage.phone().ringing() == []
    assert [e.status for e in stage.rows(Enrolment)] == ["stopped"]


def test_yes_by_text_in_its_own_neutral_words(stage: Stage) -> None:
    stage.sign_up(BY_TEXT)
    stage.look()
    [text] = stage.phone().texts
    assert all(word in text for word in ("YES", "STOP", "HELP", "911"))
    assert not any(word.casefold() in text.casefold() for word in TELLING if word != "ICE")
    stage.phone().text(NUMBER, "Yes!")
    assert [e.status for e in stage.rows(Enrolment)] == ["active"]
    assert len(stage.phone().texts) == 2


def test_unanswered_one_more_after_a_day_and_dropped_after_three(stage: Stage) -> None:
    stage.sign_up(BY_TEXT)
    stage.pass_time(hours=80, every=timedelta(hours=1))
    assert len(stage.phone().texts) == 2
    assert [e.status for e in stage.rows(Enrolment)] == ["lapsed"]
    stage.phone().text(NUMBER, "YES")
    assert [e.status for e in stage.rows(Enrolment)] == ["lapsed"]


def test_a_machine_confirms_nothing_and_hears_nothing(stage: Stage) -> None:
    stage.sign_up(replace(ASKS_FOR_JUAN, voicemail=True))
    stage.look()
    call = stage.phone().answer(machine="machine_end_beep")
    assert call.ended
    assert call.heard.strip() == ""
    assert [e.status for e in stage.rows(Enrolment)] == ["pending"]


def test_stop_by_text_ends_texts_and_start_brings_them_back(stage: Stage) -> None:
    stage.signed_up(BY_TEXT)
    stage.phone().text(NUMBER, "STOP")
    juan_is(stage, "Transferred")
    texts = len(stage.phone().texts)
    stage.pass_time(hours=3)
    assert len(stage.phone().texts) == texts
    stage.phone().text(NUMBER, "START")
    texts = len(stage.phone().texts)
    juan_is(stage, "Removed")
    stage.look()
    assert len(stage.phone().texts) == texts + 1


def test_stop_in_answer_to_the_question_is_a_no(stage: Stage) -> None:
    stage.sign_up(BY_TEXT)
    stage.look()
    stage.phone().text(NUMBER, "STOP")
    assert [e.status for e in stage.rows(Enrolment)] == ["stopped"]


def test_a_number_that_once_said_stop_is_asked_when_it_says_start(stage: Stage) -> None:
    stage.signed_up(BY_TEXT)
    stage.phone().text(NUMBER, "STOP")
    over_at(stage.sign_up(replace(BY_TEXT, pin="739155")), "inbound.done").says("START")
    stage.look()
    texts = len(stage.phone().texts)
    stage.phone().text(NUMBER, "START")
    stage.look()
    assert "YES" in stage.phone().texts[-1]
    assert len(stage.phone().texts) >= texts + 1
    stage.phone().text(NUMBER, "YES")
    assert sorted(e.status for e in stage.rows(Enrolment)) == ["active", "replaced"]


def test_at_most_three_requests_in_ten_minutes_reach_one_number(stage: Stage) -> None:
    for n in range(5):
        caller = f"+1202555013{n}"
        stage.sign_up(replace(ASKS_FOR_JUAN, number="+12025550177"), caller)
        stage.look()
        if stage.phone("+12025550177").ringing():
            stage.phone("+12025550177").let_ring_out()
            stage.platform.settle()
    assert len(stage.rows(Attempt)) == 3
