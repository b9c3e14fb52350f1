"""People who got their news by hand are brought in from a file: each says yes, chooses a PIN, and agrees, first."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest

from hotline.services.import_enrolments import Imported, Standing, import_enrolments, report
from hotline.simulator.telephone import LiveCall
from hotline.store.models import Attempt, Enrolment, Link, Subscriber
from tests.calls.people import JUAN
from tests.calls.stage import CALLER, NUMBER, Stage, over_at
from tests.calls.test_news import TELLING, juan_is
from tests.smtp_server import mail_server

pytestmark = pytest.mark.server  # many calls, files or processes

PIN = "7391"


def brought_in(stage: Stage, channel: str = "call", language: str = "en", mail: str = "") -> Imported:
    file = f"subject_id,channel,number,language,mail\n{JUAN},{channel},{CALLER},{language},{mail}\n"
    return import_enrolments(stage.line, io.BytesIO(file.encode()), "Ana Ortiz")


def rings(stage: Stage) -> LiveCall:
    """The phone rings, and is picked up."""
    stage.look()
    return stage.phone().answer().is_at("verify.hello")


def enrolment(stage: Stage) -> Enrolment:
    [found] = stage.rows(Enrolment)
    assert isinstance(found, Enrolment)
    return found


def standing(stage: Stage) -> Standing:
    [line] = report(stage.line).lines
    return line.standing


def taken_up(stage: Stage) -> LiveCall:
    call = rings(stage).press("1").is_at("verify.pin").press(PIN + "#").press(PIN + "#")
    return over_at(call.press("1").press("1"), "verify.taken_up")


def test_a_call_is_taken_up_with_a_pin_and_consent(stage: Stage) -> None:
    brought_in(stage)
    call = rings(stage)
    call.press("1").is_at("verify.pin").press(f"{PIN}#").is_at("verify.pin_again")
    for word in TELLING:
        call.never_said(word)
    call.press(f"{PIN}#").is_at("verify.eligible").press("1").is_at("verify.consent")
    assert enrolment(stage).status == "pending"
    over_at(call.press("1"), "verify.taken_up")
    found = enrolment(stage)
    assert found.status == "active"
    assert all((found.pin_hash, found.eligible_text, found.eligible_at, found.consent_text, found.consent_at))
    assert standing(stage) is Standing.CONFIRMED


def test_the_words_agreed_to_are_those_of_a_sign_up_by_phone(stage: Stage) -> None:
    brought_in(stage)
    taken_up(stage).says("confirmation number")


def test_the_news_comes_after_that_and_opens_with_the_pin(stage: Stage) -> None:
    brought_in(stage)
    taken_up(stage)
    juan_is(stage, "Removed")
    stage.look()
    call = stage.phone().answer().is_at("notify.pin").press(f"{PIN}#")
    call.is_at("notify.message").says("Juan Pérez")


def test_nothing_is_told_before_and_what_happened_meanwhile_is_told_then(stage: Stage) -> None:
    brought_in(stage)
    stage.look()
    juan_is(stage, "Removed")
    stage.look()
    call = stage.phone().answer().is_at("verify.hello")
    assert len(stage.rows(Attempt)) == 1
    call.press("1").press(f"{PIN}#").press(f"{PIN}#").press("1").press("1")
    stage.look()
    stage.phone().answer().is_at("notify.pin")


def test_an_easy_pin_is_refused_with_its_reason(stage: Stage) -> None:
    brought_in(stage)
    call = rings(stage).press("1")
    call.press(f"{CALLER[-5:]}#").is_at("verify.pin").says("your own phone number")
    call.press("1234#").is_at("verify.pin").says("counts up or down")
    call.press(f"{PIN}#").press("7392#").is_at("verify.pin").says("not the same")


@pytest.mark.parametrize(
    ("keys", "ends_at"),
    [
        (("2",), "verify.stopped"),
        (("1", f"{PIN}#", f"{PIN}#", "2"), "verify.general_information"),
        (("1", f"{PIN}#", f"{PIN}#", "1", "2"), "verify.stopped"),
    ],
    ids=["not mine", "not eligible", "no consent"],
)
def test_a_no_anywhere_stops_at_once(stage: Stage, keys: tuple[str, ...], ends_at: str) -> None:
    brought_in(stage)
    call = rings(stage)
    for key in keys:
        call.press(key)
    over_at(call, ends_at)
    stage.pass_time(hours=80, every=timedelta(hours=4))
    assert stage.phone().ringing() == []
    assert standing(stage) is Standing.SAID_NO


def test_who_hangs_up_in_the_middle_is_asked_once_more_and_then_dropped(stage: Stage) -> None:
    brought_in(stage)
    rings(stage).press("1").press(f"{PIN}#").hang_up()
    assert enrolment(stage).pin_hash is None
    assert standing(stage) is Standing.NOT_YET
    stage.pass_time(hours=25, every=timedelta(hours=1))
    stage.phone().answer().is_at("verify.hello").hang_up()
    stage.pass_time(hours=50, every=timedelta(hours=2))
    assert stage.phone().ringing() == []
    assert standing(stage) is Standing.DROPPED


def test_nobody_is_asked_at_night(stage: Stage) -> None:
    stage.now += timedelta(hours=13)  # two at night in Washington
    brought_in(stage)
    stage.look()
    assert stage.phone().ringing() == []
    stage.pass_time(hours=6, every=timedelta(minutes=30))
    stage.phone().answer().is_at("verify.hello")


def test_it_is_asked_in_the_language_of_the_file(stage: Stage) -> None:
    brought_in(stage, language="es")
    rings(stage).says("Alguien pidió llamadas").press("1").says("elija un PIN")


def test_the_address_of_the_file_is_asked_once_and_only_after_the_sign_up(open_stage: Callable[..., Stage]) -> None:
    with mail_server() as server:
        stage = open_stage(HOTLINE_SMTP_URL=server.url, HOTLINE_MAIL_FROM="line@example.org")
        brought_in(stage, mail="ana@example.org")
        stage.look()
        assert server.taken == []
        stage.phone().answer().press("1").press(f"{PIN}#").press(f"{PIN}#").press("1").press("1")
        server.refuses = True
        stage.look()
        assert (server.taken, stage.rows(Link)) == ([], [])
        server.refuses = False
        stage.look()
        stage.look()
        assert [mail["To"] for mail in server.taken] == ["ana@example.org"]
        assert [subscriber.mail_confirmed_at for subscriber in stage.rows(Subscriber)] == [None]


def test_yes_by_text_brings_the_link_and_confirms_nothing_yet(stage: Stage) -> None:
    brought_in(stage, "text")
    stage.look()
    [asked] = stage.phone().texts
    assert "YES" in asked
    stage.phone().text(NUMBER, "YES")
    assert "One more step" in stage.phone().texts[-1]
    stage.look()
    assert "https://hotline.example.org/l/" in stage.phone().texts[-1]
    assert [link.purpose for link in stage.rows(Link)] == ["pin"]
    assert (enrolment(stage).status, enrolment(stage).confirmed_at) == ("pending", None)
    assert standing(stage) is Standing.NOT_YET


def test_stop_in_answer_to_the_question_is_a_no(stage: Stage) -> None:
    brought_in(stage, "text")
    stage.look()
    stage.phone().text(NUMBER, "STOP")
    assert standing(stage) is Standing.SAID_NO
