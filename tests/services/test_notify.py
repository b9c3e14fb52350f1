"""What is due goes out: once, in turn, at its pace, and nothing of it is lost on the way."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest

from hotline.carrier.outbound import Answer, Request
from hotline.errors import CarrierRefused, CarrierUncertain
from hotline.rules.sending import MOST_SENT
from hotline.services import confirm
from hotline.services.claim_due import claim_batch
from hotline.services.line import Line
from hotline.services.notify import Round, lift_pauses, list_due, run_due
from hotline.store import enrolments
from hotline.store.database import DatabaseBusy
from hotline.store.models import ChannelPause, Enrolment, Subscriber
from hotline.store.outbox import claim
from tests.services.outbox import Outbox, refusing

FIRST, SECOND, THIRD = "+12025550101", "+12025550102", "+12025550103"


@pytest.fixture
def outbox(line: Line) -> Outbox:
    return Outbox.of(line)


@pytest.fixture
def told(outbox: Outbox) -> Outbox:
    """One person, one subscriber by text, and news for them."""
    subject = outbox.person()
    outbox.sign_up(FIRST, subject)
    outbox.news(subject)
    return outbox


# ---- once


def test_what_is_due_is_sent_written_down_and_not_due_any_more(told: Outbox) -> None:
    assert run_due(told.line) == Round(placed=1)
    [attempt], [delivery] = told.attempts(), told.deliveries()
    assert (attempt.status, attempt.sid) == ("accepted", f"SID-{attempt.id}")
    assert (delivery.status, delivery.next_at) == ("trying", None)
    assert delivery.first_attempt_at == attempt.placed_at == told.line.clock()
    assert list_due(told.line) == []
    assert run_due(told.line) == Round()


def test_the_attempt_stands_in_the_table_before_the_platform_hears_of_it(told: Outbox) -> None:
    seen: list[str] = []

    def look(request: Request) -> Answer:
        seen.extend(attempt.status for attempt in told.attempts())
        return Answer(request.key, sid="S1")

    told.platform.says = look
    run_due(told.line)
    assert seen == ["placing"]


def test_a_worker_that_died_before_the_answer_leaves_an_attempt_to_be_looked_up_and_nobody_sends_twice(
    told: Outbox,
) -> None:
    with told.line.database.begin() as db:
        assert len(claim_batch(told.line, db, "text", 10).outgoing) == 1
    for minutes in (1, 5, 60, 600):
        told.goes(minutes=minutes)
        run_due(told.line)
    assert told.platform.asked == []
    assert [attempt.status for attempt in told.attempts()] == ["placing"]


def test_a_worker_that_died_before_its_commit_leaves_it_due(told: Outbox) -> None:
    with told.line.database.begin() as db:
        claim_batch(told.line, db, "text", 10)
        db.rollback()
    assert run_due(told.line) == Round(placed=1)


def test_a_cut_connection_leaves_it_uncertain(told: Outbox) -> None:
    told.platform.says = lambda request: Answer(request.key, fault=CarrierUncertain("cut"))
    assert run_due(told.line) == Round(uncertain=1)
    assert [attempt.status for attempt in told.attempts()] == ["uncertain"]


def test_a_callback_that_is_faster_than_the_answer_keeps_what_it_told(told: Outbox) -> None:
    def faster(request: Request) -> Answer:
        with told.line.database.begin() as db:
            attempt = db.merge(told.attempts()[0])
            attempt.status, attempt.sid, attempt.accepted_at = "delivered", "S1", told.line.clock()
        return Answer(request.key, sid="S1")

    told.platform.says = faster
    run_due(told.line)
    assert [(attempt.status, attempt.sid) for attempt in told.attempts()] == [("delivered", "S1")]


def test_an_id_that_a_look_up_gave_to_another_attempt_stops_nobody(told: Outbox) -> None:
    told.platform.says = lambda request: Answer(request.key, sid="the same")
    run_due(told.line)
    told.goes(minutes=1)
    told.news(told.person_of(FIRST))
    run_due(told.line)
    assert [(attempt.status, attempt.sid) for attempt in told.attempts()] == [
        ("accepted", "the same"),
        ("accepted", None),
    ]


def test_an_answer_about_somebody_who_deleted_everything_meanwhile_is_dropped(told: Outbox) -> None:
    def deleted(request: Request) -> Answer:
        with told.line.database.begin() as db:
            enrolments.delete_enrolment(db, db.query(Enrolment).one(), told.line.clock())
        return Answer(request.key, fault=CarrierUncertain("cut"))

    told.platform.says = deleted
    assert run_due(told.line) == Round(refused=1)
    assert told.attempts() == []


def test_answers_are_not_lost_where_the_database_is_busy(told: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    database, busy = told.line.database, [True, True]

    class Sometimes:
        read = database.read

        @contextmanager
        def begin(self):  # type: ignore[no-untyped-def]
            if told.platform.asked and busy:
                busy.pop()
                raise DatabaseBusy("busy")
            with database.begin() as db:
                yield db

    monkeypatch.setattr("hotline.services.notify.BUSY_PAUSES", (0.0, 0.0, 0.0))
    run_due(replace(told.line, database=Sometimes()))  # type: ignore[arg-type]
    assert busy == []
    assert [attempt.status for attempt in told.attempts()] == ["accepted"]


# ---- in turn


def test_emergencies_and_questions_go_before_the_critical_and_those_before_the_routine(outbox: Outbox) -> None:
    for number, urgency in ((FIRST, "routine"), (SECOND, "critical"), (THIRD, "emergency")):
        subject = outbox.person()
        outbox.sign_up(number, subject)
        outbox.news(subject, urgency)
    run_due(outbox.line)
    assert outbox.platform.called == [THIRD, SECOND, FIRST]


def test_two_events_go_out_side_by_side_however_many_wait_for_the_first(outbox: Outbox) -> None:
    many, one = outbox.person(), outbox.person()
    for n in range(5):
        outbox.sign_up(f"+1202555011{n}", many)
    outbox.sign_up(FIRST, one)
    outbox.news(many)
    outbox.goes(seconds=1)
    outbox.news(one)
    run_due(outbox.line)
    assert FIRST in outbox.platform.called[:2]


def test_two_workers_at_once_never_claim_the_same(outbox: Outbox) -> None:
    subject = outbox.person()
    for number in (FIRST, SECOND, THIRD):
        outbox.sign_up(number, subject)
    outbox.news(subject)
    database = outbox.line.database
    with database.begin() as db:
        first = claim_batch(outbox.line, db, "text", 2)
        if not database.is_sqlite:  # there the second waits for the first
            with database.begin() as other:
                second = claim(other, "text", outbox.line.clock(), 2)  # the bucket is the first one's until its end
                assert len(second) == 1
                assert second[0].id not in {one.placing.delivery_id for one in first.outgoing}
    with database.begin() as db:
        rest = claim_batch(outbox.line, db, "text", 2)
    assert (len(first.outgoing), len(rest.outgoing)) == (2, 1)


# ---- at its pace


def test_no_more_goes_out_than_the_bucket_holds_whoever_asks(line: Line) -> None:
    outbox = Outbox.of(line, segments_per_second=2)
    subject = outbox.person()
    for n in range(5):
        outbox.sign_up(f"+1202555011{n}", subject)
    outbox.news(subject)
    with outbox.line.database.begin() as db:
        first = claim_batch(outbox.line, db, "text", 100)
    with outbox.line.database.begin() as db:
        again = claim_batch(outbox.line, db, "text", 100)
    assert (len(first.outgoing), len(again.outgoing)) == (2, 0)
    assert 0 < again.wait <= 0.5
    assert len(list_due(outbox.line)) == 3


def test_a_channel_that_waits_for_its_pace_holds_up_no_other(line: Line) -> None:
    outbox = Outbox.of(line, segments_per_second=1)
    subject, stopping = outbox.person(), Event()
    for n in range(3):
        outbox.sign_up(f"+1202555011{n}", subject, calls=True, texts=True)
    outbox.news(subject)

    def stop_at_the_calls(request: Request) -> Answer:
        if sum(asked.kind == "Calls" for asked in outbox.platform.asked) == 3:
            stopping.set()
        return Answer(request.key, sid=request.key)

    outbox.platform.says = stop_at_the_calls
    run_due(outbox.line, stopping)
    assert sum(asked.kind == "Messages" for asked in outbox.platform.asked) == 1


# ---- as it stands at this moment


def test_what_was_stopped_since_it_was_planned_ends_there(told: Outbox) -> None:
    [delivery] = told.deliveries()
    told.held(delivery.event_id or 0)
    assert run_due(told.line) == Round()
    [delivery] = told.deliveries()
    assert (delivery.status, delivery.reason, delivery.next_at) == ("stopped", "held", None)


def test_a_stop_that_comes_before_the_request_is_obeyed(told: Outbox) -> None:
    with told.line.database.begin() as db:
        confirm.stop_texts(db, db.query(Subscriber).one(), told.line.clock())
    run_due(told.line)
    assert told.platform.asked == []


def test_what_can_not_be_worded_waits_and_holds_up_nobody(outbox: Outbox) -> None:
    subject = outbox.person()
    outbox.sign_up(FIRST, subject, language="xx")
    outbox.sign_up(SECOND, subject)
    outbox.news(subject)
    assert run_due(outbox.line) == Round(placed=1)
    assert outbox.platform.called == [SECOND]
    assert [d.next_at for d in outbox.deliveries() if d.next_at] == [outbox.line.clock() + timedelta(minutes=15)]


def test_told_to_stop_it_claims_no_more_and_writes_down_what_is_under_way(line: Line) -> None:
    outbox, stopping = Outbox.of(line, concurrency=1), Event()
    subject = outbox.person()
    for n in range(9):
        outbox.sign_up(f"+1202555011{n}", subject)
    outbox.news(subject)

    def stop(request: Request) -> Answer:
        stopping.set()
        return Answer(request.key, sid=request.key)

    outbox.platform.says = stop
    done = run_due(outbox.line, stopping)
    assert 0 < done.placed < 9
    assert {attempt.status for attempt in outbox.attempts()} == {"accepted"}
    assert len(list_due(outbox.line)) == 9 - done.placed


# ---- a channel that stands still


def test_our_own_fault_pauses_the_channel_pages_staff_once_and_the_others_go_on(outbox: Outbox) -> None:
    subject = outbox.person()
    outbox.sign_up(FIRST, subject, calls=True)
    outbox.sign_up(SECOND, subject)
    outbox.news(subject)
    outbox.platform.says = lambda request: (
        refusing(401, 20003)(request) if request.kind == "Messages" else Answer(request.key, sid=request.key)
    )
    assert run_due(outbox.line) == Round(placed=1, refused=2)
    assert (outbox.pages(), outbox.tasks().count("platform_setup")) == (["platform_setup"], 1)
    outbox.goes(minutes=10)
    asked = len(outbox.platform.asked)
    run_due(outbox.line)
    assert all(one.kind == "Calls" for one in outbox.platform.asked[asked:])


def test_after_the_pause_nothing_was_lost_however_often_it_failed(told: Outbox) -> None:
    told.platform.says = refusing(401, 20003)
    for _ in range(MOST_SENT + 2):
        run_due(told.line)
        told.goes(hours=5)
    told.platform.says = lambda request: Answer(request.key, sid="S1")
    assert run_due(told.line) == Round(placed=1)


def test_a_text_that_our_own_fault_stops_for_two_days_is_given_to_a_person_and_never_sent_again(told: Outbox) -> None:
    told.platform.says = refusing(401, 20003)
    for _ in range(12):
        run_due(told.line)
        told.goes(hours=5)
    [delivery] = told.deliveries()
    assert (delivery.status, delivery.reason) == ("dead", "not_delivered")
    assert sorted(set(told.tasks())) == ["not_delivered", "platform_setup"]
    assert told.tasks().count("not_delivered") == 1
    asked = len(told.platform.asked)
    told.platform.says = lambda request: Answer(request.key, sid="S1")
    told.goes(hours=5)
    assert (run_due(told.line), len(told.platform.asked)) == (Round(), asked)


@pytest.mark.parametrize(("calls", "tasks"), [(False, ["channel_dead"]), (True, [])])
def test_who_told_the_platform_alone_to_stop_texts_is_looked_after_where_nothing_else_is_left(
    outbox: Outbox, calls: bool, tasks: list[str]
) -> None:
    subject = outbox.person()
    outbox.sign_up(FIRST, subject, calls=calls)
    outbox.news(subject)
    outbox.platform.says = lambda request: (
        refusing(400, 21610)(request) if request.kind == "Messages" else Answer(request.key, sid=request.key)
    )
    run_due(outbox.line)
    assert [one.status for one in outbox.deliveries(channel="text")] == ["stopped"]
    assert outbox.tasks() == tasks


@pytest.mark.parametrize("answer", [Answer("", sid="S1"), Answer("", fault=CarrierRefused(503, 0))], ids=["ok", "no"])
def test_a_stop_while_a_text_is_on_its_way_to_the_platform_is_its_last(told: Outbox, answer: Answer) -> None:
    def stop(request: Request) -> Answer:
        with told.line.database.begin() as db:
            subscriber = enrolments.subscriber_of(db, FIRST)
            assert subscriber is not None
            confirm.stop_texts(db, subscriber, told.line.clock())
        return replace(answer, key=request.key)

    told.platform.says = stop
    run_due(told.line)
    told.goes(hours=3)
    assert run_due(told.line) == Round()
    [delivery], [attempt] = told.deliveries(), told.attempts()
    assert (delivery.status, delivery.reason) == ("stopped", "opted_out")
    assert attempt.status == ("accepted" if answer.sid else "failed")
    assert told.tasks() == []


def test_a_stop_while_a_text_is_claimed_by_a_worker_that_dies_is_its_last(told: Outbox) -> None:
    with told.line.database.begin() as db:
        claim_batch(told.line, db, "text", 10)
    with told.line.database.begin() as db:
        subscriber = enrolments.subscriber_of(db, FIRST)
        assert subscriber is not None
        confirm.stop_texts(db, subscriber, told.line.clock())
    told.goes(hours=3)
    assert (run_due(told.line), told.platform.asked) == (Round(), [])


def test_staff_who_mended_it_let_the_channel_go_on_at_once(told: Outbox) -> None:
    told.platform.says = refusing(401, 20003)
    run_due(told.line)
    told.goes(minutes=2)
    told.platform.says = lambda request: Answer(request.key, sid="S1")
    assert run_due(told.line) == Round()
    lift_pauses(told.line)
    assert run_due(told.line) == Round(placed=1)
    with told.line.database.read() as db:
        assert db.query(ChannelPause).all() == []


# ---- at the end


def test_where_nobody_took_the_calls_it_is_written_once_more_and_staff_call_by_hand(outbox: Outbox) -> None:
    subject = outbox.person()
    outbox.sign_up(FIRST, subject, calls=True)
    event = outbox.news(subject)
    run_due(outbox.line)
    with outbox.line.database.begin() as db:
        for attempt in outbox.attempts():
            ended = db.merge(attempt)
            ended.status, ended.ended_at = "no_answer", outbox.line.clock()
    outbox.goes(hours=50)
    for delivery in outbox.deliveries(channel="voice"):
        outbox.doctored(delivery.id, next_at=outbox.line.clock())
    for _ in range(2):
        run_due(outbox.line)
    states = {(one.channel, one.occasion): one.status for one in outbox.deliveries()}
    assert states == {
        ("voice", f"event:{event}"): "unconfirmed",
        ("text", f"event:{event}"): "trying",
        ("text", f"event:{event}:end"): "trying",
    }
    assert outbox.tasks() == ["unconfirmed"]
    assert [one.kind for one in outbox.platform.asked].count("Messages") == 2
