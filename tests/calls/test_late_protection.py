"""Protection that arrives when somebody is signed up already: all stops at once, and two people look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline.errors import NotFound
from hotline.rules.decisions import WrongDecision
from hotline.services.protect import StillHidden, Verdict, decide, list_frozen
from hotline.services.sample_custody import closed
from hotline.simulator.persona import Persona
from hotline.simulator.telephone import LiveCall
from hotline.store.models import AuditEntry, Delivery, Enrolment, Freeze, StaffTask
from tests.calls.people import ASKS_FOR_JUAN, ASKS_FOR_NOBODY, JUAN
from tests.calls.stage import CALLER, NOON, NUMBER, Stage, over_at
from tests.calls.test_manage import confirmation, entered
from tests.calls.test_news import open_row

pytestmark = pytest.mark.server  # many calls, files or processes

WAYS = {
    "protected": {"protected": "true"},
    "protection not known": {"protected": ""},
    "not to be disclosed": {"disclosable": "false"},
    "disclosure not known": {"disclosable": ""},
    "17 years old after all": {"birth_date": "2009-01-01"},
    "18 in this year at the latest": {"birth_date": "2008"},
    "born on no known day": {"birth_date": ""},
}


def becomes(stage: Stage, **changes: str) -> None:
    """The next delta corrects Juan's record."""
    stage.now += timedelta(minutes=1)
    stage.imports([open_row(JUAN) | {"updated_at": stage.now.isoformat()} | changes])


def removed(stage: Stage, **changes: str) -> None:
    """The next delta says that Juan was removed, at the same time whenever it says so."""
    stage.now += timedelta(minutes=1)
    row = closed(open_row(JUAN), "Removed", NOON - timedelta(hours=1))
    stage.imports([row | {"updated_at": stage.now.isoformat()} | changes])


def until(who: Persona, call: LiveCall, state: str) -> LiveCall:
    """Let this caller answer until the line waits in this node."""
    while call.state != state and not call.ended:
        who.act(call)
    return call.is_at(state)


def enrolment(stage: Stage) -> Enrolment:
    [found] = stage.rows(Enrolment)
    assert isinstance(found, Enrolment)
    return found


@pytest.fixture
def number(stage: Stage) -> str:
    """The confirmation number of somebody who signed up about Juan."""
    return confirmation(stage.signed_up(ASKS_FOR_JUAN))


@pytest.mark.parametrize("way", WAYS)
def test_search_and_notices_stop_in_the_transaction_of_the_import(stage: Stage, number: str, way: str) -> None:
    removed(stage)  # planned, and not sent yet
    removed(stage, **WAYS[way])
    assert enrolment(stage).status == "frozen"
    assert [(d.status, d.reason) for d in stage.rows(Delivery, urgency="critical")] == [("stopped", "frozen")]
    assert len(stage.rows(StaffTask, kind="frozen_review")) == 1
    stage.pass_time(hours=3, every=timedelta(minutes=30))
    assert stage.phone().ringing() == []


def test_who_asks_for_that_person_now_hears_that_nobody_was_found(stage: Stage, number: str) -> None:
    becomes(stage, protected="true")
    juan, nobody = (
        until(replace(who, if_none="9"), stage.dial(number), "inbound.no_match")
        for who, number in ((ASKS_FOR_JUAN, "+12025550177"), (ASKS_FOR_NOBODY, "+12025550178"))
    )
    assert juan.heard_last == nobody.heard_last


def test_a_call_that_rings_is_ended_and_tells_nothing(stage: Stage, number: str) -> None:
    removed(stage)
    stage.look()
    assert stage.phone().ringing()
    removed(stage, protected="true")
    stage.look()
    assert stage.phone().ringing() == []


def test_what_happens_to_a_hidden_person_is_told_to_nobody(stage: Stage, number: str) -> None:
    becomes(stage, protected="true")
    removed(stage, protected="true")
    stage.pass_time(hours=3, every=timedelta(minutes=30))
    assert stage.rows(Delivery, urgency="critical") == []


def test_in_manage_a_frozen_sign_up_sounds_like_one_that_wants_a_second_look(stage: Stage, number: str) -> None:
    reviewed = confirmation(stage.signed_up(ASKS_FOR_JUAN, "+12025550178"))
    becomes(stage, protected="true")
    with stage.line.database.begin() as db:  # as a second sign-up of one phone would be
        db.scalars(select(Enrolment).order_by(Enrolment.consent_at.desc())).all()[0].status = "review"
    heard = []
    for which in (reviewed, number):
        call = entered(stage, which).is_at("manage.menu").press("1").is_at("inbound.to_a_person")
        heard.append(call.heard_last)
        call.never_said("Juan").hang_up()
    assert heard[0] == heard[1]


def test_a_sign_up_that_protection_overtakes_sounds_the_same_and_stays_silent(stage: Stage) -> None:
    call = until(ASKS_FOR_JUAN, stage.dial(), "inbound.consent")
    becomes(stage, protected="true")
    over_at(call.press("1"), "inbound.done").says("You are signed up")
    assert enrolment(stage).status == "frozen"
    stage.pass_time(hours=3, every=timedelta(minutes=30))
    assert stage.phone().ringing() == []


def test_lifted_protection_thaws_nothing_before_the_review(stage: Stage, number: str) -> None:
    becomes(stage, protected="true")
    becomes(stage, protected="false")
    assert enrolment(stage).status == "frozen"
    removed(stage)
    stage.pass_time(hours=1)
    assert stage.phone().ringing() == []
    [waits] = list_frozen(stage.line)
    assert waits.shown_again


def test_who_signs_up_again_on_the_same_number_does_not_get_past_the_review(stage: Stage, number: str) -> None:
    becomes(stage, protected="true")
    becomes(stage, protected="false")
    stage.signed_up(ASKS_FOR_JUAN)
    assert sorted(e.status for e in stage.rows(Enrolment)) == ["frozen", "review"]


def test_a_reply_of_stop_still_counts(stage: Stage) -> None:
    stage.signed_up(replace(ASKS_FOR_JUAN, channel="text"))
    becomes(stage, protected="true")
    stage.phone().text(NUMBER, "STOP")
    stage.phone().text(NUMBER, "HELP")
    assert "more messages" in "".join(stage.phone().texts)


# ---- two people


def test_two_people_restore_it_and_what_was_missed_is_told(stage: Stage, number: str) -> None:
    becomes(stage, protected="true")
    becomes(stage, protected="false")
    removed(stage)
    it = enrolment(stage).id
    assert not decide(stage.line, it, Verdict.RESTORE, "A. Ortiz", "flag set by mistake")
    assert not decide(stage.line, it, Verdict.RESTORE, " a.  ortiz ", "once more")  # the same person
    assert enrolment(stage).status == "frozen"
    assert decide(stage.line, it, Verdict.RESTORE, "B. Chen", "agency confirmed it")
    assert enrolment(stage).status == "active"
    stage.look()
    stage.phone().answer().press("4827#").says("has been removed")
    assert [task.closed_at is not None for task in stage.rows(StaffTask, kind="frozen_review")] == [True]
    entries = [(e.actor, e.action) for e in stage.rows(AuditEntry)]
    assert entries == [(by, "enrolment.restore") for by in ("A. Ortiz", "a. ortiz", "B. Chen")]


def test_a_notice_that_the_freeze_stopped_is_told_after_all(stage: Stage, number: str) -> None:
    removed(stage)
    removed(stage, protected="true")
    removed(stage)
    for by in ("A. Ortiz", "B. Chen"):
        decide(stage.line, enrolment(stage).id, Verdict.RESTORE, by, "flag set by mistake")
    stage.look()
    stage.phone().answer().press("4827#").says("has been removed").press("2")
    stage.pass_time(hours=3, every=timedelta(minutes=30))
    assert stage.phone().ringing() == []


def test_nothing_is_restored_while_the_person_is_hidden(stage: Stage, number: str) -> None:
    becomes(stage, protected="true")
    with pytest.raises(StillHidden):
        decide(stage.line, enrolment(stage).id, Verdict.RESTORE, "A. Ortiz", "please")
    assert stage.rows(AuditEntry) == []


def test_who_differs_begins_anew(stage: Stage, number: str) -> None:
    becomes(stage, protected="true")
    becomes(stage, protected="false")
    it = enrolment(stage).id
    verdicts = [(Verdict.RESTORE, "A. Ortiz"), (Verdict.END, "B. Chen"), (Verdict.END, "A. Ortiz")]
    assert [decide(stage.line, it, verdict, by, "so") for verdict, by in verdicts] == [False, False, True]
    assert enrolment(stage).status == "stopped"
    [freeze] = stage.rows(Freeze)
    assert (freeze.verdict, freeze.first_by, freeze.second_by) == ("end", "B. Chen", "A. Ortiz")


@pytest.mark.parametrize(("by", "reason"), [(" ", "so"), ("A. Ortiz", " ")])
def test_nobody_decides_without_a_name_and_a_reason(stage: Stage, number: str, by: str, reason: str) -> None:
    becomes(stage, protected="true")
    with pytest.raises(WrongDecision):
        decide(stage.line, enrolment(stage).id, Verdict.END, by, reason)
    assert stage.rows(AuditEntry) == []


def test_what_is_not_frozen_can_not_be_decided(stage: Stage, number: str) -> None:
    with pytest.raises(NotFound):
        decide(stage.line, enrolment(stage).id, Verdict.END, "A. Ortiz", "so")


def end(stage: Stage) -> None:
    becomes(stage, protected="true")
    for by in ("A. Ortiz", "B. Chen"):
        decide(stage.line, enrolment(stage).id, Verdict.END, by, "protection confirmed")


def test_an_end_is_silent_where_nothing_else_is_set(stage: Stage, number: str) -> None:
    end(stage)
    stage.pass_time(hours=8, every=timedelta(minutes=30))
    assert stage.phone().ringing() == []
    entered(stage, number).is_at("manage.confirmation")


@pytest.mark.parametrize(("language", "words"), [("en", "has ended"), ("es", "ha terminado")])
def test_a_neutral_end_is_said_once_and_never_why(open_stage: Callable[..., Stage], language: str, words: str) -> None:
    stage = open_stage(HOTLINE_PROTECTED_NOTICE="neutral_end")
    stage.signed_up(replace(ASKS_FOR_JUAN, language=language))
    end(stage)
    stage.look()
    call = over_at(stage.phone().answer(), "ended.ended").says(words)
    for telling in ("Juan", "protect", "proteg", "custod", "record"):
        call.never_said(telling)
    stage.pass_time(hours=8, every=timedelta(minutes=30))
    assert stage.phone().ringing() == []


def test_a_neutral_end_by_text(open_stage: Callable[..., Stage]) -> None:
    stage = open_stage(HOTLINE_PROTECTED_NOTICE="neutral_end")
    stage.signed_up(replace(ASKS_FOR_JUAN, channel="text"))
    end(stage)
    stage.pass_time(hours=1)
    assert [text for text in stage.phone(CALLER).texts if "has ended" in text] == [stage.phone(CALLER).texts[-1]]


def test_a_machine_hears_no_neutral_end(open_stage: Callable[..., Stage]) -> None:
    stage = open_stage(HOTLINE_PROTECTED_NOTICE="neutral_end")
    stage.signed_up(replace(ASKS_FOR_JUAN, voicemail=True))
    end(stage)
    stage.look()
    call = stage.phone().answer(machine="machine_end_beep")
    assert call.ended
    assert call.heard.strip() == ""


def test_a_number_that_never_said_yes_hears_no_end(open_stage: Callable[..., Stage]) -> None:
    stage = open_stage(HOTLINE_PROTECTED_NOTICE="neutral_end")
    stage.sign_up(ASKS_FOR_JUAN)
    end(stage)
    stage.pass_time(hours=3, every=timedelta(minutes=30))
    assert stage.phone().ringing() == []
