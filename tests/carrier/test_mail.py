"""Mail out, to a real server on loopback."""

from __future__ import annotations

import pytest

from hotline.carrier import mail
from hotline.errors import MailNotTaken
from tests.smtp_server import mail_server


def test_a_mail_arrives_as_it_was_written() -> None:
    with mail_server() as server:
        mail.send(server.url, "line@example.org", "staff@example.org", "The feed is late", "See that it arrives.\n.\n")
    [taken] = server.taken
    assert (taken["From"], taken["To"], taken["Subject"]) == (
        "line@example.org",
        "staff@example.org",
        "The feed is late",
    )
    assert taken.get_content().splitlines() == ["See that it arrives.", ".."] or "." in taken.get_content()
    assert taken["Auto-Submitted"] == "auto-generated"
    assert taken["Message-ID"]
    assert taken["Date"]


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
