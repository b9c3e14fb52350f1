"""What a text that comes in is an answer to: a question, news that was there to be read, or nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hotline.carrier.signature import Form
from hotline.carrier.webhooks import read_text
from hotline.rules.cadence import VERIFY
from hotline.services.answer_text import answer_text
from hotline.services.line import Line
from hotline.services.notify import run_due
from hotline.store import deliveries
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.models import Attempt, Enrolment, new_id
from tests.services.outbox import Outbox

FIRST = "+12025550101"


@pytest.fixture
def outbox(line: Line) -> Outbox:
    return Outbox.of(line)


def asked(outbox: Outbox, times: int = 1) -> None:
    """Somebody signs up by calls and texts about so many people, and the number is asked by text."""
    for _ in range(times):
        made = outbox.sign_up(
            FIRST, outbox.person(), calls=True, status=EnrolmentStatus.PENDING, confirmed_at=None, pin_hash="-"
        )
        with outbox.line.database.begin() as db:
            deliveries.plan(db, db.get_one(Enrolment, made), VERIFY, VERIFY, outbox.line.clock(), channels=["text"])
    run_due(outbox.line)


def news(outbox: Outbox, status: str = "sent") -> None:
    """News goes out by call and by text, and the text has come so far."""
    subject = outbox.person()
    outbox.sign_up(FIRST, subject, calls=True)
    event = outbox.news(subject)
    run_due(outbox.line)
    [text] = outbox.deliveries(event_id=event, channel="text")
    with outbox.line.database.begin() as db:
        for attempt in db.query(Attempt).filter_by(delivery_id=text.id):
            attempt.status = status


def replies(outbox: Outbox, body: str) -> str:
    """Their reply; what they get for it."""
    form = Form((("MessageSid", new_id()), ("From", FIRST), ("To", outbox.line.settings.number), ("Body", body)))
    return answer_text(outbox.line, read_text(form))


def states(outbox: Outbox) -> dict[str, list[str]]:
    """How the questions and the news stand, by channel."""
    found: dict[str, list[str]] = {}
    for one in outbox.deliveries():
        what = one.channel if one.event_id else "question"
        found.setdefault(what, []).append(one.status)
    return found


def test_one_yes_answers_every_question_to_this_number(outbox: Outbox) -> None:
    asked(outbox, 3)
    assert "This number is set" in replies(outbox, "YES")
    assert states(outbox) == {"question": ["confirmed"] * 3}


def test_one_ok_is_for_all_the_news_that_was_there_to_be_read(outbox: Outbox) -> None:
    news(outbox, "delivered")
    news(outbox)
    assert "We noted that you have it" in replies(outbox, "OK")
    assert states(outbox) == {"text": ["confirmed"] * 2, "voice": ["stopped"] * 2}


def test_yes_answers_the_question_and_leaves_the_news_that_asked_for_ok_to_be_told(outbox: Outbox) -> None:
    news(outbox)
    asked(outbox)
    assert "This number is set" in replies(outbox, "YES")
    assert states(outbox) == {"text": ["trying"], "voice": ["trying"], "question": ["confirmed"]}
    assert "We noted that you have it" in replies(outbox, "YES")  # now it can mean nothing else
    assert states(outbox) == {"text": ["confirmed"], "voice": ["stopped"], "question": ["confirmed"]}


def test_ok_confirms_the_news_and_is_no_yes_to_a_question(outbox: Outbox) -> None:
    news(outbox)
    asked(outbox)
    replies(outbox, "OK")
    assert states(outbox) == {"text": ["confirmed"], "voice": ["stopped"], "question": ["trying"]}


@pytest.mark.parametrize("status", ["placing", "uncertain", "accepted", "queued", "failed", "undelivered"])
@pytest.mark.parametrize("word", ["OK", "YES"])
def test_news_whose_text_has_not_left_is_confirmed_by_no_reply(outbox: Outbox, status: str, word: str) -> None:
    news(outbox, status)
    replies(outbox, word)
    assert states(outbox) == {"text": ["trying"], "voice": ["trying"]}


@pytest.mark.parametrize("said", [lambda box: news(box), lambda box: asked(box)], ids=["news", "question"])
def test_the_answer_to_nothing_is_neither(outbox: Outbox, said: Callable[[Outbox], None]) -> None:
    said(outbox)
    before = states(outbox)
    assert "Thank you for your text" in replies(outbox, "who is this")
    assert states(outbox) == before
