"""Mail out, to a real server on loopback."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hotline.carrier import mail
from hotline.carrier.mail import Mail
from hotline.errors import MailNotTaken, MailRefused, MailUncertain
from hotline.rules.mail_answers import Step
from tests.smtp_server import mail_server

NEWS = Mail(
    to="ana@example.net",
    subject="Un mensaje que pidió",
    text="Aquí hay un mensaje.\n.\n..dos\n",
    html="<p>Aquí hay un mensaje.</p>\n",
    message_id="Zm9vYmFyYmF6cXV4@example.org",
    headers={"List-Unsubscribe": "<https://hotline.example.org/l/t>", "Content-Language": "es"},
    envelope_from="line@example.org",
)


def test_a_mail_arrives_as_it_was_written() -> None:
    with mail_server() as server:
        mail.send(server.url, "line@example.org", "staff@example.org", "The feed is late", "See that it arrives.\n.\n")
    [taken] = server.taken
    assert (taken["From"], taken["To"], taken["Subject"]) == (
        "line@example.org",
        "staff@example.org",
        "The feed is late",
    )
    assert taken.get_content().splitlines() == ["See that it arrives.", ".."]
    assert taken["Auto-Submitted"] == "auto-generated"
    assert taken["Message-ID"]
    assert taken["Date"]


def test_news_arrives_as_text_and_as_html_that_say_the_same() -> None:
    with mail_server() as server:
        mail.send_notice(server.url, NEWS)
    [taken] = server.taken
    plain, rich = taken.get_body(("plain",)), taken.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert plain.get_content().splitlines() == ["Aquí hay un mensaje.", "..", "...dos"]  # dots are doubled on the wire
    assert rich.get_content().splitlines() == NEWS.html.splitlines()
    assert taken["Subject"] == NEWS.subject
    assert taken["Message-ID"] == f"<{NEWS.message_id}>"
    assert taken["List-Unsubscribe"] == "<https://hotline.example.org/l/t>"
    assert (taken["Content-Language"], taken["Auto-Submitted"]) == ("es", "auto-generated")


@pytest.mark.parametrize(
    ("asked", "answer", "step", "code"),
    [
        ("HELLO", "421 too many", Step.GREETING, 421),
        ("HELLO", "554 not you", Step.GREETING, 554),
        ("HELLO", "", Step.GREETING, 421),
        ("MAIL", "550 no such sender", Step.SENDER, 550),
        ("MAIL", "", Step.SENDER, 421),
        ("RCPT", "550 5.1.1 no such user", Step.RECIPIENT, 550),
        ("RCPT", "450 later", Step.RECIPIENT, 450),
        ("RCPT", "", Step.RECIPIENT, 421),
        ("DATA", "451 not now", Step.TEXT, 451),
        ("DATA", "", Step.TEXT, 421),
        ("END", "554 5.7.1 filtered", Step.TEXT, 554),
        ("END", "421 shutting down", Step.TEXT, 421),
    ],
)
def test_a_no_is_told_with_what_it_answers_and_the_servers_code(asked: str, answer: str, step: Step, code: int) -> None:
    with mail_server() as server:
        server.says[asked] = answer
        with pytest.raises(MailRefused) as told:
            mail.send_notice(server.url, NEWS)
    assert (told.value.step, told.value.code) == (step, code)
    assert NEWS.to not in str(told.value)


def test_a_line_that_is_cut_after_the_text_left_leaves_it_uncertain() -> None:
    with mail_server() as server:
        server.says["END"] = ""
        with pytest.raises(MailUncertain):
            mail.send_notice(server.url, NEWS)
    assert len(server.taken) == 1


def test_a_server_that_hangs_up_after_it_took_a_mail_took_it() -> None:
    with mail_server() as server:
        server.says["QUIT"] = ""
        mail.send_notice(server.url, NEWS)
    assert len(server.taken) == 1


def test_a_password_that_a_server_does_not_ask_for_is_our_own_fault() -> None:
    with mail_server() as server:
        url = server.url.replace("smtp://", "smtp://user:pw-of-mail@")
        with pytest.raises(MailRefused) as told:
            mail.send_notice(url, NEWS)
    assert (told.value.step, told.value.code) == (Step.GREETING, 538)
    assert server.taken == []


def test_an_address_that_no_header_can_hold_is_refused_and_nothing_is_sent() -> None:
    with mail_server() as server, pytest.raises(MailRefused):
        mail.send_notice(server.url, replace(NEWS, to="ana@example.net\nBcc: all@example.net"))
    assert server.taken == []


def test_a_server_that_says_no_is_told_apart_in_one_line_without_its_password() -> None:
    with mail_server() as server:
        server.refuses = True
        with pytest.raises(MailNotTaken) as told:
            mail.send(server.url, "line@example.org", "staff@example.org", "Subject", "Text")
    assert server.taken == []
    assert "\n" not in str(told.value)


def test_no_server_at_all_is_no_crash() -> None:
    with mail_server() as server:
        url = server.url.replace("smtp://", "smtp://user:pw-of-mail@")
    with pytest.raises(MailNotTaken) as told:
        mail.send(url, "line@example.org", "staff@example.org", "Subject", "Text")
    assert "pw-of-mail" not in str(told.value)
