"""Mails come back, by webhook or in a mailbox: the address gets no more, and everything else goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from hotline.services.bounces import read_mailbox, take_report
from hotline.services.notify import run_due
from hotline.store.models import Enrolment, Subscriber, key_ring
from tests.rules.test_bounces import BOUNCE, COMPLAINT, DELAYED, ID
from tests.services.subscribed import ADDRESS, Post, subscribed


@pytest.fixture
def post(environ: Mapping[str, str], tmp_path: Path) -> Iterator[Post]:
    """Somebody who got a mail, and is called too."""
    for folder in ("new", "cur", "tmp"):
        (tmp_path / "bounces" / folder).mkdir(parents=True)
    with subscribed(environ, HOTLINE_BOUNCE_MAILBOX=str(tmp_path / "bounces")) as made:
        made.has_address()
        with made.line.database.begin() as db:
            db.get_one(Enrolment, made.enrolment).texts = True
            subscriber = db.get_one(Subscriber, made.subscriber().id)
            subscriber.calls_stopped_at = subscriber.texts_stopped_at = made.clock.now
        made.clock.goes(hours=1)
        made.person_is_removed()
        run_due(made.line)
        assert len(made.mails) == 1
        yield made


def about(post: Post, report: str) -> bytes:
    """A report about the mail that went out."""
    return report.replace(ID, str(post.mails[0]["Message-ID"]).strip("<>")).encode()


def test_a_mail_that_came_back_ends_its_delivery_and_its_address(post: Post) -> None:
    assert take_report(post.line, about(post, BOUNCE), trusted=False)
    assert [(one.status, one.reason) for one in post.deliveries()] == [("dead", "mail_bounced")]
    assert [attempt.status for attempt in post.attempts()] == ["failed"]
    assert post.subscriber().mail_stopped_at is not None
    assert post.tasks() == ["mail_bounced"]
    assert post.rows(Enrolment)[0].status == "active"


def test_it_is_done_once_however_often_it_comes(post: Post) -> None:
    for _ in range(3):
        assert take_report(post.line, about(post, BOUNCE), trusted=False)
    assert post.tasks() == ["mail_bounced"]


def test_a_mail_that_is_late_changes_nothing(post: Post) -> None:
    assert take_report(post.line, about(post, DELAYED), trusted=False)
    assert [attempt.status for attempt in post.attempts()] == ["sent"]
    assert post.subscriber().mail_stopped_at is None


def test_a_complaint_is_a_stop(post: Post) -> None:
    assert take_report(post.line, about(post, COMPLAINT), trusted=False)
    assert [(one.status, one.reason) for one in post.deliveries()] == [("stopped", "opted_out")]
    assert post.subscriber().mail_stopped_at is not None
    assert post.tasks() == []


def test_a_mail_service_may_name_the_address_alone_and_nobody_else_may(post: Post) -> None:
    said = json.dumps({"kind": "permanent", "recipient": ADDRESS}).encode()
    assert not take_report(post.line, said, trusted=False)
    assert post.subscriber().mail_stopped_at is None
    assert take_report(post.line, said, trusted=True)
    assert post.subscriber().mail_stopped_at is not None
    assert post.tasks() == ["mail_bounced"]


@pytest.mark.parametrize("changed", ["x@example.org", "x@elsewhere.example"])
def test_a_report_about_no_mail_of_ours_changes_nothing(post: Post, changed: str) -> None:
    assert not take_report(post.line, BOUNCE.replace(ID, changed).encode(), trusted=False)
    assert post.subscriber().mail_stopped_at is None


def test_what_comes_back_from_an_address_of_before_leaves_the_new_one_alone(post: Post) -> None:
    post.clock.goes(minutes=5)
    with post.line.database.begin() as db:
        subscriber = db.get_one(Subscriber, post.subscriber().id)
        subscriber.mail_hash = key_ring(db).index("mail", "new@example.net")
        subscriber.mail_confirmed_at = post.clock.now
    assert take_report(post.line, about(post, BOUNCE), trusted=False)
    assert post.subscriber().mail_stopped_at is None
    assert [one.status for one in post.deliveries()] == ["dead"]


def test_reports_in_the_mailbox_are_taken_and_other_mail_is_left_there(post: Post) -> None:
    folder = post.line.settings.bounce_mailbox
    assert folder is not None
    (folder / "new" / "1.a.mx").write_bytes(about(post, BOUNCE))
    (folder / "new" / "2.b.mx").write_text("Subject: I am on holiday\n\nBack soon.\n")
    (folder / "new" / "3.c.mx").write_bytes(b"\xff\x00" * 1000)
    (folder / "new" / ".hidden").write_text("not a mail")
    assert read_mailbox(post.line) == 1
    assert post.subscriber().mail_stopped_at is not None
    assert sorted(path.name for path in (folder / "new").iterdir()) == [".hidden"]
    assert sorted(path.name for path in (folder / "cur").iterdir()) == ["2.b.mx:2,S", "3.c.mx:2,S"]
    assert read_mailbox(post.line) == 0


def test_a_mailbox_that_is_not_there_is_no_fault(post: Post) -> None:
    folder = post.line.settings.bounce_mailbox
    assert folder is not None
    (folder / "new").rmdir()
    assert read_mailbox(post.line) == 0
