"""What a subscriber changes, and what becomes of the notices that wait."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from hotline.rules.occasions import Occasion
from hotline.services import change_enrolment, confirm, number_questions
from hotline.services.enroll import keyed_pin, pin_is_right
from hotline.services.line import Line
from hotline.store import deliveries, enrolments, number_changes
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import (
    Attempt,
    CustodyEvent,
    CustodyImport,
    Delivery,
    Enrolment,
    NumberChange,
    StaffTask,
    Subscriber,
    Tombstone,
    key_ring,
    new_id,
)
from tests.conftest import NOW
from tests.services.enrolled import enrolled

OLD, NEW, THIRD = "+12025550123", "+12025550177", "+12025550188"


def event_of(db: Session, enrolment: Enrolment, n: int = 0, kind: str = "removed") -> CustodyEvent:
    made = CustodyEvent(
        subject_ref=enrolment.subject_ref,
        key=f"{kind}:{n}",
        kind=kind,
        at=NOW - timedelta(hours=9 - n),
        received_at=NOW,
        import_id=db.scalars(select(CustodyImport.id)).first(),
        state="released",
    )
    db.add(made)
    db.flush()
    return made


def told(db: Session, enrolment: Enrolment, n: int = 0, kind: str = "removed") -> list[Delivery]:
    """An event that this enrolment is being told of, put off until tomorrow."""
    event = event_of(db, enrolment, n, kind)
    made = deliveries.plan(db, enrolment, f"event:{event.id}", "critical", NOW, event.id)
    for delivery in made:
        delivery.next_at = NOW + timedelta(hours=20)
    db.flush()
    return made


def of(db: Session, enrolment: Enrolment, **where: object) -> list[Delivery]:
    query = select(Delivery).where(Delivery.enrolment_id == enrolment.id).filter_by(**where)
    return list(db.scalars(query.order_by(Delivery.channel)))


@pytest.fixture
def signed_up(line: Line) -> str:
    """Somebody signed up for calls about one person; the enrolment's id."""
    return enrolled(line, "S1", OLD)


def ask(line: Line, db: Session, enrolment: Enrolment, number: str = NEW, *, calls: bool, texts: bool) -> NumberChange:
    assert change_enrolment.ask_new_number(line, db, enrolment, number, calls, texts, NOW)
    db.flush()
    [change] = number_changes.open_changes(db, enrolment.id)
    return change


def number_of(db: Session, enrolment: Enrolment) -> str | None:
    return db.get_one(Subscriber, enrolment.subscriber_id).unseal("number")


def test_urgent_news_that_waited_for_the_morning_comes_at_once_when_the_night_is_allowed(
    line: Line, signed_up: str
) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        enrolment.any_hour = False
        [waiting] = told(db, enrolment)
        change_enrolment.set_wishes(db, enrolment, NOW, any_hour=True)
        assert (enrolment.any_hour, waiting.next_at) == (True, NOW)


def test_a_wish_that_is_not_given_stays_as_it_was(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        change_enrolment.set_wishes(db, enrolment, NOW, voicemail=True, language="es", fuller_texts=True)
        assert (enrolment.voicemail, enrolment.language, enrolment.fuller_texts) == (True, "es", True)
        change_enrolment.set_wishes(db, enrolment, NOW, voicemail=False)
        assert (enrolment.voicemail, enrolment.language, enrolment.any_hour) == (False, "es", True)


def test_texts_turned_off_stop_those_that_wait_and_no_call(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        enrolment.texts = True
        text, call = told(db, enrolment)[::-1]
        assert change_enrolment.set_channels(db, enrolment, calls=True, texts=False, now=NOW)
        assert (text.status, text.reason, call.status) == ("stopped", "opted_out", "waiting")


def test_a_channel_that_is_new_or_none_at_all_is_not_set_without_a_yes(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        assert not change_enrolment.set_channels(db, enrolment, calls=True, texts=True, now=NOW)
        assert not change_enrolment.set_channels(db, enrolment, calls=False, texts=False, now=NOW)
        assert (enrolment.calls, enrolment.texts) == (True, False)
        enrolment.mails = True
        assert change_enrolment.set_channels(db, enrolment, calls=False, texts=False, now=NOW)


def test_mail_that_is_confirmed_tells_what_waits_and_mail_turned_off_stops(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        told(db, enrolment)
        change_enrolment.set_wishes(db, enrolment, NOW, mails=True)
        assert of(db, enrolment, channel="mail") == []  # nobody confirmed the address
        db.get_one(Subscriber, enrolment.subscriber_id).mail_confirmed_at = NOW
        change_enrolment.set_wishes(db, enrolment, NOW, mails=True)
        change_enrolment.set_wishes(db, enrolment, NOW, mails=True)
        [mail] = of(db, enrolment, channel="mail")
        change_enrolment.set_wishes(db, enrolment, NOW, mails=False)
        assert (mail.status, mail.reason) == ("stopped", "opted_out")


def test_a_new_pin_opens_and_the_old_one_does_not(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        enrolment, ring = enrolments.locked(db, signed_up), key_ring(db)
        change_enrolment.set_pin(ring, enrolment, keyed_pin(ring, "4827"))
        change_enrolment.set_pin(ring, enrolment, keyed_pin(ring, "739155"))
        assert pin_is_right(ring, enrolment.pin_hash, "739155")
        assert not pin_is_right(ring, enrolment.pin_hash, "4827")


def test_the_own_zone_holds_and_news_that_waits_is_looked_at_again(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        subscriber = db.get_one(Subscriber, enrolment.subscriber_id)
        [waiting] = told(db, enrolment)
        change_enrolment.set_zone(db, subscriber, "Pacific/Honolulu", NOW)
        assert (enrolments.zones_of(subscriber), waiting.next_at) == (("Pacific/Honolulu",), NOW)
        with pytest.raises(ValueError, match="no such time zone"):
            change_enrolment.set_zone(db, subscriber, "Mars/Olympus", NOW)
        change_enrolment.set_zone(db, subscriber, None, NOW)
        assert enrolments.zones_of(subscriber) == ("America/New_York",)


def test_a_code_word_is_kept_sealed_and_a_sentence_is_none(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        subscriber = db.get_one(Subscriber, enrolments.locked(db, signed_up).subscriber_id)
        change_enrolment.set_code_word(db, subscriber, "Limon7")
        assert subscriber.unseal("code_word") == "Limon7"
        assert b"Limon7" not in (subscriber.code_word_sealed or b"")
        for word in ("a", "two words", "x" * 13, "call me!"):
            with pytest.raises(ValueError, match="2 to 12"):
                change_enrolment.set_code_word(db, subscriber, word)
        change_enrolment.set_code_word(db, subscriber, None)
        assert subscriber.unseal("code_word") is None


def test_the_old_number_goes_on_until_the_new_one_says_yes(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        ask(line, db, enrolment, calls=True, texts=True)
        questions = of(db, enrolment, urgency="verify")
        asked = {db.get_one(Subscriber, one.subscriber_id).unseal("number") for one in questions}
        assert ([one.channel for one in questions], asked) == (["text", "voice"], {NEW})
        [news] = told(db, enrolment)
        assert (number_of(db, enrolment), news.subscriber_id) == (OLD, enrolment.subscriber_id)


def test_news_that_waits_moves_to_the_new_number_and_its_channels(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        [call] = told(db, enrolment)
        change = ask(line, db, enrolment, calls=False, texts=True)
        assert change_enrolment.number_moved(db, line.settings.limits, change, NOW)
        [text] = of(db, enrolment, channel="text", event_id=call.event_id)
        assert (number_of(db, enrolment), enrolment.calls, enrolment.texts) == (NEW, False, True)
        assert (text.subscriber_id, text.next_at, text.urgency) == (enrolment.subscriber_id, NOW, "critical")
        assert (call.status, enrolment.status) == ("stopped", "active")
        assert [one.status for one in of(db, enrolment, urgency="verify")] == ["confirmed"]


@pytest.mark.parametrize(
    ("texts", "voicemail", "stopped", "channels"),
    [
        (False, False, False, []),
        (False, True, False, ["voice"]),
        (True, True, False, ["text"]),
        (True, True, True, ["voice"]),
        (True, False, True, []),
    ],
)
def test_the_old_number_hears_of_the_change_once_where_it_may_be_left_a_message(
    line: Line, signed_up: str, texts: bool, voicemail: bool, stopped: bool, channels: list[str]
) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        old = db.get_one(Subscriber, enrolment.subscriber_id)
        enrolment.texts, enrolment.voicemail, old.texts_stopped_at = texts, voicemail, NOW if stopped else None
        change = ask(line, db, enrolment, calls=True, texts=False)
        for _ in range(2):
            assert change_enrolment.number_moved(db, line.settings.limits, change, NOW)
        told_old = of(db, enrolment, occasion=Occasion.MOVED.about(change.id))
        assert [(one.channel, one.subscriber_id) for one in told_old] == [(channel, old.id) for channel in channels]


def test_of_two_changes_the_last_one_counts_whichever_number_answers_first(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        first = ask(line, db, enrolment, NEW, calls=True, texts=False)
        second = ask(line, db, enrolment, THIRD, calls=True, texts=False)
        assert not change_enrolment.number_moved(db, line.settings.limits, first, NOW)
        assert number_of(db, enrolment) == OLD
        assert change_enrolment.number_moved(db, line.settings.limits, second, NOW)
        assert not change_enrolment.number_moved(db, line.settings.limits, first, NOW)
        assert number_of(db, enrolment) == THIRD


def test_a_new_channel_is_asked_by_that_channel_alone(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        change = ask(line, db, enrolment, OLD, calls=True, texts=True)
        assert [one.channel for one in of(db, enrolment, urgency="verify")] == ["text"]
        assert change_enrolment.number_moved(db, line.settings.limits, change, NOW)
        assert (enrolment.calls, enrolment.texts, enrolment.status) == (True, True, "active")
        assert of(db, enrolment, occasion=Occasion.MOVED.about(change.id)) == []


def test_a_number_with_somebody_elses_person_on_it_waits_for_a_look(line: Line, signed_up: str) -> None:
    enrolled(line, "S2", NEW)
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        change = ask(line, db, enrolment, calls=True, texts=False)
        assert change_enrolment.number_moved(db, line.settings.limits, change, NOW)
        assert enrolment.status == EnrolmentStatus.REVIEW
        assert [task.kind for task in db.scalars(select(StaffTask))] == ["enrolment_review"]


def test_a_number_that_is_signed_up_about_the_same_person_gets_the_news_once(line: Line, signed_up: str) -> None:
    other = enrolled(line, "S1", NEW)
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        change = ask(line, db, enrolment, calls=True, texts=False)
        assert change_enrolment.number_moved(db, line.settings.limits, change, NOW)
        assert (enrolment.status, db.get_one(Enrolment, other).status) == ("active", "replaced")


@pytest.mark.parametrize("number", ["+19005550123", "+18005550199", "+442079460123", "911"])
def test_numbers_that_cost_or_are_ours_are_never_asked(line: Line, signed_up: str, number: str) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        assert not change_enrolment.ask_new_number(line, db, enrolment, number, True, False, NOW)
        assert of(db, enrolment) == []


def test_a_number_that_is_never_given_leaves_no_trace_of_a_refused_one(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        change = ask(line, db, enrolment, calls=True, texts=False)
        [question] = of(db, enrolment, urgency="verify")
        number_questions.said_no(db, question, NOW)
        assert (change.ended_at, question.status, number_of(db, enrolment)) == (NOW, "stopped", OLD)
        assert not number_questions.said_yes(db, line.settings.limits, question, NOW)
        assert enrolment.status == EnrolmentStatus.ACTIVE


def test_a_change_that_nobody_answers_is_dropped_and_everything_stays(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        change = ask(line, db, enrolment, calls=True, texts=True)
        text, call = of(db, enrolment, urgency="verify")
        number_questions.never_said(db, call, NOW)
        assert (change.ended_at, text.status, call.status) == (NOW, "stopped", "stopped")
        assert (number_of(db, enrolment), enrolment.status) == (OLD, "active")


def test_a_slip_at_sign_up_is_mended_by_another_number_that_says_yes(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        enrolment.status, enrolment.confirmed_at = EnrolmentStatus.PENDING, None
        [asked_first] = deliveries.plan(db, enrolment, Occasion.VERIFY, "verify", NOW)
        db.flush()
        change = ask(line, db, enrolment, calls=True, texts=False)
        assert (asked_first.status, asked_first.reason) == ("stopped", "superseded")
        assert change_enrolment.number_moved(db, line.settings.limits, change, NOW)
        assert (enrolment.status, enrolment.confirmed_at, number_of(db, enrolment)) == ("active", NOW, NEW)
        assert of(db, enrolment, occasion=Occasion.MOVED.about(change.id)) == []  # the other number knows nothing


@pytest.mark.parametrize(("answer", "status"), [("no", "stopped"), ("nothing", "lapsed")])
def test_a_sign_up_that_no_number_ever_said_yes_to_ends_with_its_last_question(
    line: Line, signed_up: str, answer: str, status: str
) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        enrolment.status = EnrolmentStatus.PENDING
        ask(line, db, enrolment, calls=True, texts=False)
        [question] = of(db, enrolment, urgency="verify")
        (number_questions.said_no if answer == "no" else number_questions.never_said)(db, question, NOW)
        assert enrolment.status == status


def test_stop_by_text_is_a_no_of_the_new_number(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        change = ask(line, db, enrolment, calls=False, texts=True)
        confirm.stop_texts(db, db.get_one(Subscriber, change.subscriber_id), NOW)
        assert (change.ended_at, enrolment.status, number_of(db, enrolment)) == (NOW, "active", OLD)


def test_a_number_that_was_asked_too_often_is_not_asked_and_staff_look(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        for _ in range(3):
            change = ask(line, db, enrolment, calls=True, texts=False)
            [question] = of(db, enrolment, occasion=Occasion.CHANGE.about(change.id))
            db.add(Attempt(id=new_id(), delivery_id=question.id, status="accepted", placed_at=NOW))
            db.flush()
        assert not change_enrolment.ask_new_number(line, db, enrolment, NEW, True, False, NOW)
        assert [task.kind for task in db.scalars(select(StaffTask))] == ["too_many_requests"]
        assert len(number_changes.open_changes(db, enrolment.id)) == 1  # the last one may still be answered


def test_a_change_for_a_frozen_enrolment_thaws_nothing(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        change = ask(line, db, enrolment, calls=True, texts=False)
        enrolment.status = EnrolmentStatus.FROZEN
        assert change_enrolment.number_moved(db, line.settings.limits, change, NOW)
        assert (enrolment.status, number_of(db, enrolment)) == ("frozen", NEW)


def test_the_last_notices_are_the_newest_first_and_none_that_was_taken_back(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        for n, kind in enumerate(("booked_in", "transferred", "in_transit", "released", "removed")):
            told(db, enrolment, n, kind)
        wrong = db.scalars(select(CustodyEvent).where(CustodyEvent.kind == "released")).one()
        [correction] = told(db, enrolment, 6, "correction")
        db.get_one(CustodyEvent, correction.event_id).corrects = wrong.id
        db.scalars(select(CustodyEvent).where(CustodyEvent.kind == "in_transit")).one().state = "cancelled"
        event_of(db, enrolment, 8, "escaped")  # nobody is told of it
        db.flush()
        texts = change_enrolment.last_notices(line, db, enrolment, "en", ("America/New_York",), NOW)
        assert ["was not right" in texts[0], "removed" in texts[1], "moved to another" in texts[2]] == [True] * 3
        assert len(texts) == 3
        enrolment.status = EnrolmentStatus.REVIEW
        assert change_enrolment.last_notices(line, db, enrolment, "en", (), NOW) == []


def test_who_heard_the_news_by_calling_in_is_not_called_about_it_and_still_asked_after_half_a_year(
    line: Line, signed_up: str
) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        enrolment.texts = True
        first, second = told(db, enrolment, 0), told(db, enrolment, 1)
        confirm.heard_events(db, enrolment, [one.event_id for one in first if one.event_id], "called_in", NOW)
        assert sorted(one.status for one in first) == ["confirmed", "stopped"]
        assert [one.status for one in second] == ["waiting", "waiting"]
        assert enrolment.reconfirm_at is None


def test_stop_and_delete_forgets_every_number_that_was_ever_given(line: Line, signed_up: str) -> None:
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        enrolment.texts = True
        moved = ask(line, db, enrolment, NEW, calls=True, texts=True)
        change_enrolment.number_moved(db, line.settings.limits, moved, NOW)
        told(db, enrolment)
        ask(line, db, enrolment, THIRD, calls=True, texts=False)
        change_enrolment.stop_and_delete(db, enrolment, NOW)
        db.flush()
        for table in (Enrolment, Delivery, NumberChange, Subscriber):
            assert list(db.scalars(select(table))) == []
        assert len(list(db.scalars(select(Tombstone)))) == 1
        with pytest.raises(NoResultFound):
            enrolments.locked(db, signed_up)


def test_a_number_that_somebody_else_uses_too_outlives_a_deletion(line: Line, signed_up: str) -> None:
    enrolled(line, "S2", NEW)
    with line.database.begin() as db:
        enrolment = enrolments.locked(db, signed_up)
        ask(line, db, enrolment, NEW, calls=True, texts=False)
        change_enrolment.stop_and_delete(db, enrolment, NOW)
        db.flush()
        assert [one.unseal("number") for one in db.scalars(select(Subscriber))] == [NEW]


def test_an_unknown_change_is_no_change(line: Line) -> None:
    with line.database.begin() as db:
        assert number_changes.locked(db, new_id()) is None
