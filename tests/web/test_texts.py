from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from hotline.services.line import Line
from hotline.simulator import twiml
from hotline.store.models import TextIn
from tests.web.conftest import CALLER, Clock, Reply, Web, rows, text_form, unchanged


def answer(reply: Reply) -> str:
    """The text that goes back, empty where there is none."""
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("text/xml")
    messages = list(twiml.document(reply.body).iter("Message"))
    assert len(messages) <= 1
    return (messages[0].text or "") if messages else ""


def texts(line: Line) -> list[TextIn]:
    with line.database.read() as db:
        return list(db.scalars(select(TextIn)))


@pytest.mark.parametrize("body", ["STOP", "stop", " Unsubscribe ", "START", "HELP", "info"])
def test_a_word_that_the_platform_answers_is_not_answered_twice(web: Web, line: Line, body: str) -> None:
    assert answer(web.text(body)) == ""
    assert len(texts(line)) == 1


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        ("please stop texting me", "stop"), ("ya no más, gracias", "stop"), ("YES", "yes"), ("sí", "yes"), ("ok", "ok"),
        ("ayuda", "help"), ("who is this?", "other"), ("", "other"), ("🙂" * 400, "other"), ("\x00\x1b<&>", "other"),
        ("x" * 1600, "other"),
    ],
)  # fmt: skip
def test_a_stranger_gets_a_plain_answer_that_tells_nothing(web: Web, line: Line, body: str, meaning: str) -> None:
    said = answer(web.text(body))
    assert said
    assert len(said) <= 320
    assert texts(line)[0].meaning == meaning


@pytest.mark.parametrize("opt_out", ["STOP", "START", "HELP"])
def test_what_the_platform_has_read_itself_is_not_answered(web: Web, line: Line, opt_out: str) -> None:
    assert answer(web.text("whatever they wrote", OptOutType=opt_out)) == ""
    assert texts(line)[0].meaning == opt_out.lower()


@pytest.mark.parametrize(
    "sender", ["68849", "12345", "SUPPORT", "729725", "", "anonymous", "+266696687", "sip:1000@203.0.113.5"]
)
@pytest.mark.parametrize("body", ["Your code is 1234", "STOP", "YES"])
def test_a_sender_without_a_number_of_its_own_gets_no_answer_and_leaves_nothing(
    web: Web, line: Line, sender: str, body: str
) -> None:
    with unchanged(line):
        assert answer(web.text(body, sender=sender)) == ""


@pytest.mark.parametrize("sid", ["", "SM 1", "x" * 100])
def test_a_text_without_a_usable_id_leaves_nothing(web: Web, line: Line, sid: str) -> None:
    with unchanged(line):
        assert answer(web.text("hello", sid=sid)) == ""


def test_a_text_delivered_again_later_gets_the_same_answer_and_counts_once(
    each_line: Line, serve: Callable[[Line], Web], clock: Clock
) -> None:
    web = serve(each_line)
    first = web.text("hello", sid="SM1")
    for n in range(30):
        web.text("hello", sender=f"+1202555{100 + n:04}", sid=f"SM-other-{n}")
    clock.ahead = timedelta(days=2)
    with unchanged(each_line):
        assert web.text("hello", sid="SM1").body == first.body
        assert web.text("STOP", sid="SM1").body == first.body  # a replay can't be made to say something else
    assert rows(each_line)["text_in"] == 31


def test_twenty_copies_of_a_text_at_once_are_one_text(each_line: Line, serve: Callable[[Line], Web]) -> None:
    web = serve(each_line)
    with ThreadPoolExecutor(20) as threads:
        replies = list(threads.map(lambda _: web.text("hello", sid="SM1"), range(20)))
    assert {reply.status for reply in replies} == {200}
    assert len({reply.body for reply in replies}) == 1
    assert rows(each_line)["text_in"] == 1


def test_twenty_texts_at_once_are_twenty_texts(each_line: Line, serve: Callable[[Line], Web]) -> None:
    web = serve(each_line)
    with ThreadPoolExecutor(20) as threads:
        replies = list(threads.map(lambda n: web.text("YES", f"+1202555{100 + n:04}", f"SM{n}"), range(20)))
    assert {reply.status for reply in replies} == {200}
    assert rows(each_line)["text_in"] == 20


def test_a_machine_that_answers_every_answer_is_soon_left_alone(web: Web, clock: Clock) -> None:
    answers = [answer(web.text("I am away", sid=f"SM{n}")) for n in range(8)]
    assert [bool(said) for said in answers] == [True] * 5 + [False] * 3
    clock.ahead = timedelta(minutes=11)
    assert answer(web.text("hello?", sid="SM-later"))


def test_a_status_of_a_text_that_was_never_sent_changes_nothing(web: Web, line: Line) -> None:
    with unchanged(line):
        for path in ("/sms/status", "/sms/status/unknown"):
            for status in ("delivered", "failed", "", "something-new"):
                form = text_form("", MessageStatus=status, ErrorCode="30003")
                assert answer(web.post(path, form)) == ""


def test_neither_the_senders_number_nor_their_words_stand_in_the_file(web: Web, line: Line, data_dir: Path) -> None:
    web.text("Juan Pérez is my brother", sid="SM1")
    line.database.close()
    with closing(sqlite3.connect(data_dir / "hotline.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    stored = b"".join(path.read_bytes() for path in data_dir.glob("hotline.db*"))
    assert b"SM1" in stored
    for private in (CALLER, CALLER[2:], "Juan", "brother"):
        assert private.encode() not in stored


def test_the_answer_names_the_hotlines_number_and_no_link(web: Web) -> None:
    said = answer(web.text("ayuda"))
    assert "800 555 0199" in said
    assert "http" not in ElementTree.tostring(twiml.document(web.text("ayuda").body)).decode()
