"""From a row in the feed to a notice that is confirmed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from hotline.services.sample_custody import closed, people
from hotline.simulator.persona import Persona
from hotline.simulator.telephone import LiveCall
from hotline.store.models import Attempt, CustodyEvent, Delivery, Enrolment, StaffTask
from tests.calls.people import ASKS_FOR_JUAN, JUAN
from tests.calls.stage import CALLER, NOON, NUMBER, Stage, over_at

pytestmark = pytest.mark.server  # many calls, files or processes

TELLING = ("Juan", "custody", "detention", "immigration", "removed", "released", "ICE", "agency", "Guatemala", "news")


def open_row(subject_id: str) -> dict[str, str]:
    """The row of the stint that a person of the sample is in."""
    return next(r for r in people(10, 7, NOON) if r["subject_id"] == subject_id and not r["book_out_at"])


def juan_is(stage: Stage, wording: str) -> None:
    stage.imports([closed(open_row(JUAN), wording, stage.now - timedelta(hours=1))])


def tasks(stage: Stage) -> list[str]:
    """What staff are to do about the sign-ups; the feed has tasks of its own."""
    return [task.kind for task in stage.rows(StaffTask) if task.enrolment_id is not None]


@pytest.fixture
def told(stage: Stage) -> Stage:
    """A line with one subscriber by phone, day and night."""
    stage.signed_up(ASKS_FOR_JUAN)
    [enrolment] = stage.rows(Enrolment)
    assert enrolment.status == "active"
    return stage


def answered(stage: Stage, number: str = CALLER) -> LiveCall:
    stage.look()
    return stage.phone(number).answer()


def test_a_removal_is_told_after_the_pin_and_nothing_before_it(told: Stage) -> None:
    juan_is(told, "Removed")
    call = answered(told).is_at("notify.pin")
    for word in TELLING:
        call.never_said(word)
    call.press("4827#").is_at("notify.message")
    call.says("Juan Pérez has been removed from the United States").says("March 10").says("911")
    over_at(call.press("2"), "notify.goodbye")
    [delivery] = told.rows(Delivery, channel="voice", urgency="critical")
    assert (delivery.status, delivery.reason) == ("confirmed", "pin")


def test_the_pin_ends_every_further_attempt(told: Stage) -> None:
    juan_is(told, "Removed")
    answered(told).press("4827#").press("2")
    told.pass_time(hours=50, every=timedelta(minutes=30), fed=True)
    assert told.phone().ringing() == []
    assert len(told.rows(Attempt)) == 2  # the question to the number, and the notice


def test_calls_come_again_until_the_pin_and_then_a_person_looks(told: Stage) -> None:
    juan_is(told, "Removed")
    rings: list[datetime] = []
    for _ in range(4 * 50):
        told.pass_time(minutes=15, every=timedelta(minutes=15), fed=True)
        if told.phone().ringing():
            told.phone().let_ring_out()
            told.platform.settle()
            rings.append(told.now)
    [delivery] = told.rows(Delivery, urgency="critical")
    assert delivery.status == "unconfirmed"
    assert len(rings) >= 20
    assert all(sum(at <= other < at + timedelta(hours=24) for other in rings) <= 12 for at in rings)
    assert tasks(told) == ["unconfirmed"]


@pytest.mark.parametrize("machine", ["machine_start", "machine_end_beep", "fax"])
def test_a_machine_hears_nothing_where_no_message_is_allowed(told: Stage, machine: str) -> None:
    juan_is(told, "Removed")
    told.look()
    call = told.phone().answer(machine=machine)
    assert call.ended
    assert call.heard.strip() == ""
    assert [d.status for d in told.rows(Delivery, urgency="critical")] == ["trying"]


def test_a_voicemail_is_neutral_and_confirms_nothing(stage: Stage) -> None:
    stage.signed_up(replace(ASKS_FOR_JUAN, voicemail=True))
    juan_is(stage, "Removed")
    stage.look()
    call = stage.phone().answer(machine="machine_end_beep")
    assert "8, 0, 0" in call.heard
    for word in TELLING:
        call.never_said(word)
    assert [d.status for d in stage.rows(Delivery, urgency="critical")] == ["trying"]
    stage.pass_time(hours=3)
    assert stage.phone().ringing()


def test_a_right_pin_wins_over_what_the_machine_detection_said(told: Stage) -> None:
    juan_is(told, "Removed")
    told.look()
    call = told.phone().answer(machine="unknown").press("4827#").is_at("notify.message")
    call.hang_up()
    assert [d.status for d in told.rows(Delivery, urgency="critical")] == ["confirmed"]


def test_three_wrong_pins_end_the_call_and_another_one_comes(told: Stage) -> None:
    juan_is(told, "Removed")
    call = answered(told)
    for _ in range(3):
        call.press("9182#")
    over_at(call, "notify.goodbye").never_said("Juan")
    told.pass_time(hours=2)
    told.phone().answer().press("4827#").says("has been removed")


def test_wrong_person_stops_every_call_and_opens_a_review(told: Stage) -> None:
    juan_is(told, "Removed")
    over_at(answered(told).press("9#"), "notify.stopped")
    told.pass_time(hours=50, every=timedelta(hours=1))
    assert told.phone().ringing() == []
    assert tasks(told) == ["wrong_person"]


@pytest.mark.parametrize(
    ("key", "end", "task"), [("3", "notify.review_opened", "looks_wrong"), ("4", "notify.calls_stopped", "")]
)
def test_after_the_news_a_review_or_a_stop(told: Stage, key: str, end: str, task: str) -> None:
    juan_is(told, "Removed")
    over_at(answered(told).press("4827#").press("1").is_at("notify.message").press(key), end)
    assert tasks(told) == ([task] if task else [])
    [enrolment] = told.rows(Enrolment)
    assert enrolment.status == ("active" if task else "stopped")


def test_a_text_is_neutral_and_a_reply_confirms_it(stage: Stage) -> None:
    who = replace(ASKS_FOR_JUAN, channel="both")
    stage.signed_up(who)
    juan_is(stage, "Bonded Out - IJ")
    stage.look()
    news = stage.phone().texts[-1]
    assert not any(word.casefold() in news.casefold() for word in TELLING if word not in ("ICE", "news"))
    assert "STOP" in news
    assert "911" in news
    stage.phone().text(NUMBER, "ok")
    states = {d.channel: (d.status, d.reason) for d in stage.rows(Delivery, urgency="critical")}
    assert states == {"text": ("confirmed", "reply"), "voice": ("stopped", "confirmed_elsewhere")}
    stage.look()  # the call that still rings is ended
    assert stage.phone().ringing() == []


def test_a_delivered_text_tells_where_text_is_the_only_channel(stage: Stage) -> None:
    stage.signed_up(replace(ASKS_FOR_JUAN, channel="text"))
    juan_is(stage, "Removed")
    stage.look()
    assert [d.status for d in stage.rows(Delivery, urgency="critical")] == ["told"]


@pytest.mark.parametrize("wording", ["Died", "Withdrawal", "Processing Disposition Changed Locally", "Something New"])
def test_a_death_and_what_nobody_understands_tell_nobody_by_themselves(told: Stage, wording: str) -> None:
    before = len(told.rows(Delivery))
    juan_is(told, wording)
    told.pass_time(hours=2)
    assert told.phone().ringing() == []
    assert len(told.rows(Delivery)) == before
    [event] = [e for e in told.rows(CustodyEvent) if e.subject_ref == 1 and e.received_at >= NOON and e.state == "held"]
    assert event.kind in ("died", "under_review")


@pytest.mark.parametrize(
    ("wording", "said"),
    [
        ("Bonded Out - IJ", "is no longer in custody, and was released in the United States"),
        ("Paroled - Fear Found", "is no longer in custody, and was released in the United States"),
        ("Voluntary departure", "has left the United States"),
        ("U.S. Marshals or other agency", "custody of another agency"),
        ("Escaped", "has escaped"),
    ],
)
def test_each_ending_has_words_of_its_own_and_never_the_agencys(told: Stage, wording: str, said: str) -> None:
    juan_is(told, wording)
    call = answered(told).press("4827#").says(said)
    if wording != "Escaped":
        call.never_said(wording)
    call.never_said("fear").never_said("bonded").never_said("parole")


def test_a_transfer_is_told_once_the_arrival_is_known(told: Stage) -> None:
    row = open_row(JUAN)
    left = closed(row, "Transferred", told.now - timedelta(hours=2))
    told.imports([left])
    told.look()
    assert told.phone().ringing() == []
    arrival = {
        **row,
        "stint_id": "next-one",
        "facility_code": "X",
        "book_in_at": left["book_out_at"],
        "updated_at": left["updated_at"],
    }
    told.imports([arrival])
    answered(told).press("4827#").says("was moved to another place").never_said("X")


def test_the_same_feed_twice_tells_once(told: Stage) -> None:
    juan_is(told, "Removed")
    juan_is(told, "Removed")
    assert len(told.rows(Delivery, urgency="critical")) == 1


def test_news_from_before_the_yes_waits_for_it(stage: Stage) -> None:
    stage.sign_up(ASKS_FOR_JUAN)
    juan_is(stage, "Removed")
    stage.look()
    stage.phone().answer().is_at("verify.hello").press("1")
    stage.look()
    stage.phone().answer().press("4827#").says("has been removed")


def test_a_person_protected_since_is_told_to_nobody(told: Stage) -> None:
    told.imports([closed(open_row(JUAN), "Removed", told.now) | {"protected": "true"}])
    told.look()
    assert told.phone().ringing() == []
    assert told.rows(Delivery, urgency="critical") == []


def test_protection_that_comes_between_ring_and_pin_is_kept(told: Stage) -> None:
    juan_is(told, "Removed")
    call = answered(told)
    told.imports([closed(open_row(JUAN), "Removed", told.now) | {"protected": "true"}])
    over_at(call.press("4827#"), "notify.nothing_new")
    call.never_said("Juan")


def test_by_day_only_waits_for_the_morning(stage: Stage) -> None:
    stage.signed_up(replace(ASKS_FOR_JUAN, night=False))
    stage.pass_time(hours=12, every=timedelta(hours=1))  # one in the morning in Washington
    juan_is(stage, "Removed")
    stage.look()
    assert stage.phone().ringing() == []
    stage.pass_time(hours=7, minutes=15)
    assert stage.phone().ringing()


def test_two_people_signed_up_by_one_phone_go_to_review(told: Stage) -> None:
    other = Persona(given_name="Wilner", surnames="Toussaint", country="Haiti", birth=1990, pin="730518")
    told.signed_up(other)
    assert sorted(e.status for e in told.rows(Enrolment)) == ["active", "review"]
    assert tasks(told) == ["enrolment_review"]
