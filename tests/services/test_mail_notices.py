"""News by mail, from the event to the server and what the server made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from hotline.rules.mail_answers import AGAIN, UNCERTAIN_AGAIN
from hotline.services.notify import run_due
from hotline.store.models import ChannelPause, Link, Subscriber, key_ring
from tests.services.subscribed import ADDRESS, Post, subscribed

TELLING = ("Juan", "Pérez", "custody", "removed", "immigration", "victim", "news", "sign", "ICE", "enrol")


@pytest.fixture
def post(environ: Mapping[str, str]) -> Iterator[Post]:
    """Somebody who is reached by mail, and by nothing else that works: their phone's calls are stopped."""
    with subscribed(environ) as made:
        made.has_address()
        made.wants(calls=False)
        yield made


def sent(post: Post) -> None:
    post.person_is_removed()
    run_due(post.line)


def test_news_goes_out_in_neutral_words_that_tell_what_to_do(post: Post) -> None:
    sent(post)
    [mail] = post.mails
    assert (mail["To"], mail["From"], mail["Subject"]) == (ADDRESS, "line@example.org", "A message you asked for")
    whole = mail.as_string()
    assert not any(word in whole.replace("List-Unsubscribe", "") for word in TELLING)
    assert all(word in post.last_text for word in ("911", "PIN", "+1 800 555 0199", "stop"))
    assert len(post.links()) == 2
    [delivery] = post.deliveries()
    assert (delivery.status, delivery.next_at) == ("trying", None)


def test_html_and_text_say_the_same_and_fetch_nothing(post: Post) -> None:
    sent(post)
    rich = post.mails[0].get_body(("html",))
    assert rich is not None
    html = rich.get_content()
    assert all(paragraph in html for paragraph in post.last_text.split("\n\n"))
    assert not any(word in html for word in ("<img", "src=", "style", "script", "<link"))


def test_the_message_id_holds_the_attempts_token_and_nothing_else(post: Post) -> None:
    sent(post)
    [attempt] = post.attempts()
    assert post.mails[0]["Message-ID"] == f"<{attempt.token}@example.org>"


def test_one_press_stops_it_as_rfc_8058_asks(post: Post) -> None:
    sent(post)
    mail = post.mails[0]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"] == f"<https://hotline.example.org{post.links()[-1]}>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"]


def test_news_in_spanish_with_the_code_word_first(post: Post) -> None:
    post.wants(language="es")
    with post.line.database.begin() as db:
        db.get_one(Subscriber, post.subscriber().id).seal(key_ring(db), "code_word", "girasol")
    sent(post)
    assert post.mails[0]["Subject"] == "girasol: Un mensaje que pidió"
    assert post.last_text.startswith("girasol\n")
    assert post.mails[0]["Content-Language"] == "es"


def test_tokens_of_links_are_kept_hashed(post: Post) -> None:
    sent(post)
    kept = {link.token_hash for link in post.rows(Link)}
    assert len(kept) == 2
    assert not any(path.removeprefix("/l/") in kept for path in post.links())


def test_nothing_goes_to_an_address_that_has_not_said_yes(post: Post) -> None:
    with post.line.database.begin() as db:
        db.get_one(Subscriber, post.subscriber().id).mail_confirmed_at = None
    sent(post)
    assert post.mails == []


def test_it_goes_once(post: Post) -> None:
    sent(post)
    post.clock.goes(hours=5)
    run_due(post.line)
    assert len(post.mails) == 1


def test_an_address_that_does_not_exist_gets_no_more_and_a_person_looks(post: Post) -> None:
    post.server.says["RCPT"] = "550 5.1.1 no such user"
    sent(post)
    [delivery] = post.deliveries()
    assert (delivery.status, delivery.reason) == ("dead", "mail_bounced")
    assert post.tasks() == ["mail_bounced"]
    assert post.subscriber().mail_stopped_at is not None


@pytest.mark.parametrize(("word", "says"), [("RCPT", "450 later"), ("HELLO", "421 busy"), ("DATA", "")])
def test_a_refusal_for_now_goes_again_and_arrives(post: Post, word: str, says: str) -> None:
    post.server.says[word] = says
    sent(post)
    assert post.mails == []
    [delivery] = post.deliveries()
    assert delivery.next_at == post.clock.now + AGAIN[0]
    del post.server.says[word]
    post.clock.goes(minutes=1)
    run_due(post.line)
    assert len(post.mails) == 1
    assert [attempt.status for attempt in post.attempts()] == ["failed", "sent"]


def test_a_server_that_never_takes_it_leaves_it_to_a_person(post: Post) -> None:
    post.server.says["RCPT"] = "450 later"
    sent(post)
    for pause in AGAIN:
        post.clock.now += pause
        run_due(post.line)
    assert len(post.attempts()) == len(AGAIN) + 1
    assert post.deliveries()[0].status == "dead"
    assert post.tasks() == ["mail_bounced"]


def test_a_filter_is_read_by_a_person_and_the_address_stays_good(post: Post) -> None:
    post.server.says["END"] = "554 5.7.1 looks like spam"
    sent(post)
    assert post.tasks() == ["held_for_review"]
    assert post.subscriber().mail_stopped_at is None


def test_a_login_that_is_broken_pauses_mail_for_everybody_and_loses_nothing(post: Post) -> None:
    post.server.says["MAIL"] = "530 log in first"
    sent(post)
    assert [pause.channel for pause in post.rows(ChannelPause)] == ["mail"]
    del post.server.says["MAIL"]
    post.clock.goes(hours=5)
    run_due(post.line)
    assert len(post.mails) == 1


def test_a_mail_cut_off_goes_once_more_where_nothing_else_reaches_them(post: Post) -> None:
    post.server.says["END"] = ""
    sent(post)
    assert len(post.mails) == 1
    assert post.deliveries()[0].next_at == post.clock.now + UNCERTAIN_AGAIN
    for _ in range(3):
        post.clock.now += UNCERTAIN_AGAIN
        run_due(post.line)
    assert len(post.mails) == 2, "once more, and never a third time"
    assert [attempt.status for attempt in post.attempts()] == ["failed", "uncertain"]


def test_a_mail_cut_off_does_not_go_again_where_a_phone_rings_too(post: Post) -> None:
    post.wants(texts=True)
    post.server.says["END"] = ""
    post.person_is_removed()
    with post.line.database.begin() as db:
        for delivery in db.query(type(post.deliveries("text")[0])).filter_by(channel="text"):
            delivery.next_at = None  # on its way
    run_due(post.line)
    post.clock.goes(hours=1)
    run_due(post.line)
    assert len(post.mails) == 1
    assert [attempt.status for attempt in post.attempts()] == ["uncertain"]
