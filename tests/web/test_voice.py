from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from hotline.services.answer_call import LONGEST_CALL, MOST_HOLDS, close_forgotten_calls
from hotline.services.line import Line
from hotline.simulator import twiml
from hotline.store.models import Call, CallStep
from tests.web.conftest import (
    CALLER,
    LINE,
    OPERATOR,
    PUBLIC,
    Clock,
    Reply,
    Web,
    call_form,
    rows,
    with_phrasebook_lacking,
)

SID = "CA" + "a" * 32
ENGLISH = "1"


def only_call(line: Line) -> Call:
    with line.database.read() as db:
        return db.scalars(select(Call)).one()


def steps(line: Line) -> list[CallStep]:
    with line.database.read() as db:
        return list(db.scalars(select(CallStep).order_by(CallStep.n)))


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another program writes to the database and does not end."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def is_an_apology_with_a_way_to_a_person(reply: Reply) -> bool:
    return (
        reply.status == 200
        and reply.verbs == ["Say", "Say", "Dial", "Hangup"]
        and reply.dials == [OPERATOR]
        and reply.state == "fallback.apology"
    )


def test_a_caller_is_greeted_and_asked_for_a_language(web: Web, line: Line) -> None:
    reply = web.call()
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("text/xml")
    assert reply.state == "inbound.welcome"
    assert reply.verbs == ["Gather", "Redirect"]
    call = only_call(line)
    assert (call.sid, call.direction, call.steps, call.ended_at) == (SID, "in", 1, None)


def test_each_answer_names_its_node_and_only_plain_absolute_addresses(web: Web) -> None:
    reply, seen = web.call(), []
    for keys in (ENGLISH, "1", "1", "5826", "5826", "", "77", "0"):
        twiml.read(reply.body)
        seen.append(reply.state)
        assert reply.addresses
        for address in reply.addresses:
            assert re.fullmatch(r"https://hotline\.example\.org/[a-z]+(/[A-Za-z0-9_-]+)+", address)
        reply = web.call(reply.next, Digits=keys)
    assert seen[:4] == ["inbound.welcome", "inbound.main_menu", "inbound.eligible", "inbound.first_name"]


def test_the_same_request_twice_gets_the_same_bytes_and_one_step(each_line: Line, serve: Callable[[Line], Web]) -> None:
    web = serve(each_line)
    first, again = web.call(), web.call()
    assert first.body == again.body
    assert first.state == again.state
    second, second_again = web.call(first.next, Digits=ENGLISH), web.call(first.next, Digits=ENGLISH)
    assert second.body == second_again.body
    assert second.body != first.body
    assert len(steps(each_line)) == 2


def test_eight_first_requests_of_one_call_at_once_make_one_call(each_line: Line, serve: Callable[[Line], Web]) -> None:
    web = serve(each_line)
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: web.call(), range(8)))
    assert {reply.body for reply in replies} == {replies[0].body}
    assert {reply.state for reply in replies} == {"inbound.welcome"}
    assert (rows(each_line)["call"], rows(each_line)["call_step"]) == (1, 1)


def test_eight_copies_of_an_answer_at_once_count_once(each_line: Line, serve: Callable[[Line], Web]) -> None:
    web = serve(each_line)
    after = web.call().next
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: web.call(after, Digits=ENGLISH), range(8)))
    assert {reply.body for reply in replies} == {replies[0].body}
    assert {reply.state for reply in replies} == {"inbound.main_menu"}
    assert [step.event for step in steps(each_line)] == ["started", "keys"]


def test_a_late_copy_of_an_earlier_question_gets_its_old_answer_and_moves_nothing(web: Web, line: Line) -> None:
    first = web.call()
    second = web.call(first.next, Digits=ENGLISH)
    third = web.call(second.next, Digits="1")
    assert third.state == "inbound.eligible"
    late = web.call(first.next, Digits="2")  # other keys than the first time: still the same webhook
    assert late.body == second.body
    assert only_call(line).node == "eligible"


@pytest.mark.parametrize("path", ["/voice/step/unknown", "/voice/step/x%20y", "/voice/hold/1/unknown"])
def test_a_token_that_was_never_given_out_gets_an_apology_with_status_200(web: Web, line: Line, path: str) -> None:
    assert is_an_apology_with_a_way_to_a_person(web.call(path, Digits="1"))  # no such call at all
    web.call()
    before = only_call(line)
    assert is_an_apology_with_a_way_to_a_person(web.call(path, Digits="1"))
    after = only_call(line)
    assert (after.node, after.waiting_token, after.steps) == (before.node, before.waiting_token, before.steps)


@pytest.mark.parametrize("sid", ["", "CA 1", "C" * 65, "CA\n", "ÇA" + "a" * 32])
def test_a_call_without_a_usable_id_gets_an_apology_and_leaves_nothing(web: Web, line: Line, sid: str) -> None:
    assert is_an_apology_with_a_way_to_a_person(web.call(sid=sid))
    assert set(rows(line).values()) == {0}


def test_a_missing_table_is_told_with_an_apology_and_the_way_to_a_person(
    each_line: Line, serve: Callable[[Line], Web]
) -> None:
    web = serve(each_line)
    first = web.call()
    with each_line.database.begin() as db:
        db.execute(text("ALTER TABLE call_step RENAME TO lost"))
    assert is_an_apology_with_a_way_to_a_person(web.call(first.next, Digits=ENGLISH))
    assert is_an_apology_with_a_way_to_a_person(web.call(sid="CA" + "b" * 32))
    assert only_call(each_line).node == "welcome"


def test_a_missing_text_is_told_with_an_apology_and_nothing_of_the_step_is_kept(
    line: Line, serve: Callable[[Line], Web]
) -> None:
    first = serve(line).call()
    poorer = serve(with_phrasebook_lacking(line, "main_menu"))
    assert is_an_apology_with_a_way_to_a_person(poorer.call(first.next, Digits=ENGLISH))
    assert (only_call(line).node, len(steps(line))) == ("welcome", 1)
    assert serve(line).call(first.next, Digits=ENGLISH).state == "inbound.main_menu"


def test_a_caller_waits_a_moment_while_the_database_is_busy_and_then_hears_the_question_again(
    web: Web, line: Line, data_dir: Path
) -> None:
    question = web.call(web.call().next, Digits=ENGLISH)
    with held(data_dir / "hotline.db"):
        hold = web.call(question.next, Digits="1")
    assert (hold.status, hold.verbs, hold.state) == (200, ["Say", "Pause", "Redirect"], "fallback.hold")
    twiml.read(hold.body)
    again = web.call(hold.next)
    assert again.state == question.state
    assert steps(line)[-1].event == "resumed"
    assert steps(line)[-1].misses == 0
    assert web.call(again.next, Digits="1").state == "inbound.eligible"


def test_a_caller_who_waited_before_the_greeting_is_greeted(web: Web, line: Line, data_dir: Path) -> None:
    with held(data_dir / "hotline.db"):
        hold = web.call()
    assert hold.verbs == ["Say", "Pause", "Redirect"]
    assert web.call(hold.next).state == "inbound.welcome"
    assert rows(line)["call"] == 1


def test_a_caller_is_not_made_to_wait_for_ever(web: Web, data_dir: Path) -> None:
    with held(data_dir / "hotline.db"):
        last = web.call(f"/voice/hold/{MOST_HOLDS}/start")
    assert is_an_apology_with_a_way_to_a_person(last)


def test_the_fallback_needs_no_database(web: Web, line: Line, data_dir: Path) -> None:
    line.database.close()
    for file in data_dir.glob("hotline.db*"):
        file.unlink()
    reply = web.call("/voice/fallback", ErrorCode="11200", ErrorUrl=f"{PUBLIC}/voice/incoming")
    assert is_an_apology_with_a_way_to_a_person(reply)
    twiml.read(reply.body)
    assert not (data_dir / "hotline.db").exists()


def test_without_an_operator_the_apology_says_when_to_call_again(line: Line, serve: Callable[[Line], Web]) -> None:
    alone = replace(line, settings=replace(line.settings, operator_number=None))
    assert serve(alone).call("/voice/fallback").verbs == ["Say", "Say", "Hangup"]


def test_a_hang_up_closes_the_call_and_a_second_notice_of_it_changes_nothing(
    each_line: Line, serve: Callable[[Line], Web], clock: Clock
) -> None:
    web = serve(each_line)
    web.call()
    first = web.call("/voice/status", CallStatus="completed", CallDuration="12")
    closed = only_call(each_line)
    clock.ahead = timedelta(minutes=3)
    again = web.call("/voice/status", CallStatus="no-answer", CallDuration="0")
    assert (first.status, again.status) == (200, 200)
    assert twiml.read(first.body) == ()
    assert (closed.ending, closed.session_sealed) == ("hung_up", None)
    assert only_call(each_line).ended_at == closed.ended_at
    assert only_call(each_line).ending == "hung_up"


@pytest.mark.parametrize("status", ["initiated", "ringing", "in-progress", "queued", "", "something-new"])
def test_a_notice_that_a_call_goes_on_does_not_close_it(web: Web, line: Line, status: str) -> None:
    web.call()
    assert web.call("/voice/status", CallStatus=status).status == 200
    assert only_call(line).ended_at is None


def test_a_notice_for_a_call_that_was_never_heard_of_is_taken_and_kept_nowhere(web: Web, line: Line) -> None:
    assert web.call("/voice/status", CallStatus="completed").status == 200
    assert web.call("/voice/status/unknown", CallStatus="completed").status == 200
    assert set(rows(line).values()) == {0}
    assert web.call().state == "inbound.welcome"


def test_a_call_that_is_over_is_answered_with_a_hang_up_and_hears_its_old_answers(web: Web, line: Line) -> None:
    first = web.call()
    second = web.call(first.next, Digits=ENGLISH)
    web.call("/voice/status", CallStatus="completed")
    late = web.call(second.next, Digits="1")
    assert (late.status, late.verbs, late.state) == (200, ["Hangup"], "inbound.main_menu")
    assert web.call(first.next, Digits=ENGLISH).body == second.body
    assert len(steps(line)) == 2


def test_a_call_of_more_than_half_an_hour_comes_to_its_end(web: Web, line: Line, clock: Clock) -> None:
    first = web.call()
    clock.ahead = LONGEST_CALL + timedelta(seconds=1)
    last = web.call(first.next, Digits=ENGLISH)
    assert last.status == 200
    assert steps(line)[-1].event == "timeup"
    twiml.read(last.body)
    if last.verbs[-1] == "Dial":  # a person takes over; what comes after that ends the call
        last = web.call(last.next, DialCallStatus="no-answer")
    assert last.verbs[-1] == "Hangup"
    assert only_call(line).ended_at is not None


def test_a_call_whose_end_was_never_told_is_closed_in_time(web: Web, line: Line, clock: Clock) -> None:
    web.call()
    assert close_forgotten_calls(line) == 0
    clock.ahead = timedelta(minutes=41)
    assert close_forgotten_calls(line) == 1
    assert (only_call(line).ending, only_call(line).session_sealed) == ("abandoned", None)


def test_a_caller_who_asks_for_a_person_is_connected_and_the_call_ends_after_they_talked(web: Web, line: Line) -> None:
    reply = web.call(web.call().next, Digits="0")
    assert reply.dials == [OPERATOR]
    after = web.call(reply.next, DialCallStatus="completed", DialBridged="true", DialCallDuration="60")
    assert after.status == 200
    assert after.verbs[-1] == "Hangup"
    assert only_call(line).ended_at is not None


def test_a_call_placed_for_an_enrolment_that_is_gone_hangs_up(web: Web, line: Line) -> None:
    reply = web.call("/voice/out/unknown", AnsweredBy="human", Direction="outbound-api")
    assert (reply.status, reply.verbs, reply.state) == (200, ["Hangup"], "fallback.gone")
    assert set(rows(line).values()) == {0}


ODD = [
    {"Digits": "1" * 100},
    {"Digits": "<&>"},
    {"Digits": "\x00"},
    {"SpeechResult": "\x00\ud7ff\uffff🙂" * 200, "Confidence": "NaN"},
    {"SpeechResult": "juan", "Confidence": "-1"},
    {"SpeechResult": "   "},
    {"Confidence": "0.9"},
    {"CallStatus": "something-new", "Unknown": "x"},
    {"From": ""},
    {"From": "sip:1000@203.0.113.5"},
    {"From": "+266696687"},
    {"ErrorCode": "9" * 400},
    {"AnsweredBy": "alien"},
]


def test_odd_fields_never_cost_the_caller_an_answer(each_line: Line, serve: Callable[[Line], Web]) -> None:
    web = serve(each_line)
    for n, odd in enumerate(ODD):
        fields = {"From": f"+120255501{n:02}", **odd}
        first = web.call(sid=f"CA{n:032}", **fields)
        for reply in (first, web.call(first.next, sid=f"CA{n:032}", **fields)):
            assert reply.status == 200
            assert reply.state.startswith("inbound."), odd
            twiml.read(reply.body)


def test_the_callers_number_stands_nowhere_in_the_file(web: Web, line: Line, data_dir: Path) -> None:
    reply = web.call()
    for keys in (ENGLISH, "1", "1", "5826", "66725"):
        reply = web.call(reply.next, Digits=keys)
    web.call(reply.next, SpeechResult="Guatemala", Confidence="0.9")
    line.database.close()
    with closing(sqlite3.connect(data_dir / "hotline.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    stored = b"".join(path.read_bytes() for path in data_dir.glob("hotline.db*"))
    assert SID.encode() in stored
    for private in (CALLER, CALLER[1:], CALLER[2:], "5826", "66725"):
        assert private.encode() not in stored
    assert b"Guatemala" not in stored
    assert LINE.encode() not in stored


def test_a_withheld_number_is_a_call_like_any_other(web: Web, line: Line) -> None:
    assert web.call(**dict(call_form(From="anonymous")[1:])).state == "inbound.welcome"
    assert only_call(line).caller_hash is None
