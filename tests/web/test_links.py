"""Links that we sent: what they open, for whom, how often, and what programs that follow every link make of them."""

from __future__ import annotations

import re

import pytest

from hotline.rules.links import Purpose
from hotline.services.links import make_link, send_link
from hotline.services.notify import run_due
from hotline.store.models import Enrolment, Link, Subscriber, key_ring
from tests.services.subscribed import ADDRESS, BOUNCE_TOKEN, PIN, Post
from tests.web.reader import HOST, Reader

NEUTRAL = ("Juan", "Pérez", "custody", "removed", "immigra", "crime", "victim", "detention", ADDRESS, "5550123")


@pytest.fixture
def reader(post: Post) -> Reader:
    return Reader(post)


def link(post: Post, purpose: Purpose) -> str:
    """The path of a new link."""
    with post.line.database.begin() as db:
        return make_link(post.line, db, post.enrolment, purpose, post.clock.now).removeprefix(HOST)


def gives_address(post: Post, reader: Reader, address: str = ADDRESS, pin: str = PIN) -> None:
    path = link(post, Purpose.ADDRESS)
    reader.get(path)
    reader.post(path, pin=pin, address=address)


# ---- what opens


@pytest.mark.parametrize("purpose", [Purpose.MANAGE, Purpose.ADDRESS, Purpose.ADDRESS_YES, Purpose.UNSUBSCRIBE])
def test_a_link_shows_nothing_about_anybody(post: Post, reader: Reader, purpose: Purpose) -> None:
    path = link(post, purpose)
    assert reader.get(path).status_code == 200
    assert not any(word in reader.page for word in NEUTRAL)
    assert "<title>Messages</title>" in reader.page
    assert re.fullmatch(r"/l/[A-Za-z0-9_-]{22}", path)


def test_a_link_and_the_pin_open_the_messages(post: Post, reader: Reader) -> None:
    path = link(post, Purpose.MANAGE)
    reader.get(path)
    assert reader.post(path, pin="9182").status_code == 403
    assert "does not match" in reader.page
    assert reader.post(path, pin=PIN).status_code == 200
    assert "Juan Pérez is in custody" in reader.page


def test_pins_behind_links_count_with_all_others(post: Post, reader: Reader) -> None:
    path = link(post, Purpose.MANAGE)
    for _ in range(5):
        reader.get(path)
        reader.post(path, pin="9182")
    assert reader.enters().status_code == 403
    assert "locked for now" in reader.page


@pytest.mark.parametrize("purpose", [Purpose.MANAGE, Purpose.ADDRESS, Purpose.ADDRESS_YES, Purpose.CHOOSE_PIN])
def test_a_link_that_is_too_old_opens_nothing(post: Post, reader: Reader, purpose: Purpose) -> None:
    path = link(post, purpose)
    post.clock.goes(days=7)
    assert reader.get(path).status_code == 404
    assert "does not work any more" in reader.page
    assert reader.post(path, pin=PIN).status_code == 404


def test_a_link_of_a_deleted_sign_up_opens_nothing(post: Post, reader: Reader) -> None:
    path = link(post, Purpose.MANAGE)
    reader.enters()
    reader.acts("delete")
    assert reader.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/l/" + "a" * 22, "/l/x", "/l/" + "a" * 2000, "/l/%00", "/l/%F0%9F%98%80"])
def test_a_link_that_nobody_sent_opens_nothing(reader: Reader, path: str) -> None:
    assert reader.get(path).status_code == 404
    assert reader.post(path).status_code == 404


def test_a_link_by_text_is_made_when_it_goes_out_and_ends_its_text_once_used(post: Post, reader: Reader) -> None:
    with post.line.database.begin() as db:
        enrolment = db.get_one(Enrolment, post.enrolment)
        assert send_link(post.line, db, enrolment, "manage", post.clock.now)
    assert post.rows(Link) == []
    run_due(post.line)
    assert [made.purpose for made in post.rows(Link)] == ["manage"]
    path = link(post, Purpose.MANAGE)
    reader.get(path)
    reader.post(path, pin=PIN)
    assert [(one.status, one.reason) for one in post.deliveries("text")] == [("confirmed", "link_used")]


def test_nobody_is_sent_a_link_that_goes_by_mail_alone(post: Post) -> None:
    with post.line.database.begin() as db, pytest.raises(ValueError, match="by text"):
        send_link(post.line, db, db.get_one(Enrolment, post.enrolment), "unsubscribe", post.clock.now)


def test_a_number_that_stopped_texts_gets_no_link(post: Post) -> None:
    with post.line.database.begin() as db:
        db.get_one(Subscriber, post.subscriber().id).texts_stopped_at = post.clock.now
        assert not send_link(post.line, db, db.get_one(Enrolment, post.enrolment), "manage", post.clock.now)


# ---- a mail address


def test_an_address_gets_nothing_but_a_question_until_it_says_yes(post: Post, reader: Reader) -> None:
    gives_address(post, reader)
    assert "We sent a mail to that address" in reader.page
    [mail] = post.mails
    assert mail["To"] == ADDRESS
    assert not any(word in post.last_text for word in ("Juan", "custody", "news", "sign"))
    post.person_is_removed()
    run_due(post.line)
    assert len(post.mails) == 1
    [path] = post.links()
    reader.get(path)
    assert post.subscriber().mail_confirmed_at is None, "programs that follow links say no yes"
    reader.post(path)
    assert "This address is set" in reader.page
    run_due(post.line)
    assert [str(one["Subject"]) for one in post.mails] == ["Is this address yours?", "A message you asked for"]


def test_a_yes_counts_once_and_without_a_form_of_the_page_not_at_all(post: Post, reader: Reader) -> None:
    gives_address(post, reader)
    [path] = post.links()
    stranger = Reader(post)
    assert stranger.post(path).status_code == 403
    assert post.subscriber().mail_confirmed_at is None
    stranger.get(path)
    assert stranger.post(path).status_code == 200
    assert stranger.get(path).status_code == 404


def test_the_first_address_can_say_no_yes_once_there_is_a_second(post: Post, reader: Reader) -> None:
    gives_address(post, reader, "typo@example.net")
    [first] = post.links()
    gives_address(post, reader)
    assert reader.get(first).status_code == 404
    [second] = post.links()
    assert reader.get(second).status_code == 200


def test_a_new_address_stops_mail_to_the_one_before(post: Post, reader: Reader) -> None:
    post.has_address("old@example.net")
    gives_address(post, reader)
    post.person_is_removed()
    run_due(post.line)
    assert [str(mail["To"]) for mail in post.mails] == [ADDRESS]


def test_a_link_to_give_an_address_works_once_and_only_with_the_pin(post: Post, reader: Reader) -> None:
    path = link(post, Purpose.ADDRESS)
    reader.get(path)
    reader.post(path, pin="9182", address=ADDRESS)
    assert post.mails == []
    reader.post(path, pin=PIN, address=ADDRESS)
    assert len(post.mails) == 1
    assert reader.get(path).status_code == 404


@pytest.mark.parametrize("bad", ["", "ana", "ana@", "ana@example.net\r\nBcc: all@example.net", "a@b"])
def test_what_is_no_address_is_asked_for_once_more(post: Post, reader: Reader, bad: str) -> None:
    gives_address(post, reader, bad)
    assert "does not look like a mail address" in reader.page
    assert post.mails == []


def test_three_mails_in_ten_minutes_are_all(post: Post, reader: Reader) -> None:
    for _ in range(4):
        gives_address(post, reader)
    assert "several mails already" in reader.page
    assert len(post.mails) == 3
    post.clock.goes(minutes=11)
    gives_address(post, reader)
    assert len(post.mails) == 4


def test_a_server_that_takes_no_mail_now_is_told_at_once(post: Post, reader: Reader) -> None:
    post.server.says["RCPT"] = "450 later"
    gives_address(post, reader)
    assert "could not send a mail just now" in reader.page


def test_an_address_is_kept_sealed_and_can_be_deleted(post: Post, reader: Reader) -> None:
    gives_address(post, reader)
    kept = post.subscriber()
    assert ADDRESS.encode() not in (kept.mail_sealed or b"")
    reader.acts("forget-address")
    assert (post.subscriber().mail_sealed, post.subscriber().mail_hash) == (None, None)
    [path] = post.links()
    assert reader.get(path).status_code == 404


# ---- no more mails


def news_by_mail(post: Post) -> str:
    """News went out by mail; the path of its way to stop."""
    post.has_address()
    post.person_is_removed()
    run_due(post.line)
    return post.links()[-1]


def test_a_mail_readers_own_button_stops_mails_at_once_however_often(post: Post, reader: Reader) -> None:
    path = news_by_mail(post)
    for _ in range(2):
        answer = reader.client.post(path, base_url=HOST, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert post.subscriber().mail_stopped_at == post.clock.now
    assert [(one.status, one.reason) for one in post.deliveries()] == [("stopped", "opted_out")]
    assert [one.status for one in post.deliveries("voice")] == ["trying"], "calls go on"


def test_a_program_that_follows_every_link_stops_nothing(post: Post, reader: Reader) -> None:
    reader.get(news_by_mail(post))
    assert post.subscriber().mail_stopped_at is None
    assert "No more mails will come to this address" in reader.page
    reader.post(post.links()[-1])
    assert post.subscriber().mail_stopped_at is not None
    assert "No more mails will come." in reader.page


def test_the_oldest_mail_can_still_stop_them(post: Post, reader: Reader) -> None:
    path = news_by_mail(post)
    post.clock.goes(days=400)
    assert reader.post(path).status_code == 200
    assert post.subscriber().mail_stopped_at is not None


def test_a_mail_to_an_address_of_before_stops_nothing_at_the_new_one(post: Post, reader: Reader) -> None:
    path = news_by_mail(post)
    gives_address(post, reader, "new@example.net")
    [yes] = post.links()
    reader.get(yes)
    reader.post(yes)
    assert reader.post(path).status_code == 200
    assert post.subscriber().mail_stopped_at is None


def test_a_sign_up_that_had_mails_alone_is_over_then(post: Post, reader: Reader) -> None:
    post.wants(calls=False)
    reader.post(news_by_mail(post))
    assert post.rows(Enrolment)[0].status == "stopped"


# ---- a first PIN


@pytest.fixture
def brought_in(post: Post) -> str:
    """Somebody from a file who said YES: the path of their link."""
    post.wants(status="pending", pin_hash=None, consent_at=None)
    return link(post, Purpose.CHOOSE_PIN)


def test_whoever_was_brought_in_agrees_and_chooses_a_pin(post: Post, reader: Reader, brought_in: str) -> None:
    assert reader.get(brought_in).status_code == 200
    assert "We will call you." in reader.page
    reader.post(brought_in, eligible="on", consent="on", pin="719353", again="719353")
    found = re.search(r"(\d{4}) (\d{4})</strong>", reader.page)
    assert found
    enrolment = post.rows(Enrolment)[0]
    assert (enrolment.status, enrolment.consent_at) == ("active", post.clock.now)
    assert reader.enters(found[1] + found[2], "719353").status_code == 200
    assert reader.get(brought_in).status_code == 404


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"pin": "719353", "again": "719353"}, "tick both boxes"),
        ({"eligible": "on", "pin": "719353", "again": "719353"}, "tick both boxes"),
        ({"eligible": "on", "consent": "on", "pin": "1234", "again": "1234"}, "counts up or down"),
        ({"eligible": "on", "consent": "on", "pin": "719353", "again": "1"}, "not the same"),
    ],
)
def test_without_consent_or_a_good_pin_nothing_is_signed_up(
    post: Post, reader: Reader, brought_in: str, form: dict[str, str], says: str
) -> None:
    reader.get(brought_in)
    assert reader.post(brought_in, **form).status_code == 422
    assert says in reader.page
    assert post.rows(Enrolment)[0].status == "pending"
    assert reader.get(brought_in).status_code == 200


# ---- what came back


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer wrong", f"Basic {BOUNCE_TOKEN}", "Bearer \u00e9"])
def test_only_the_mail_service_may_report_what_came_back(post: Post, reader: Reader, shown: str) -> None:
    post.has_address()
    said = {"kind": "permanent", "recipient": ADDRESS}
    answer = reader.client.post("/mail/bounces", json=said, headers={"Authorization": shown.encode("latin-1")})
    assert answer.status_code == 403
    assert post.subscriber().mail_stopped_at is None


def test_the_mail_service_reports_an_address_that_is_dead(post: Post, reader: Reader) -> None:
    post.has_address()
    allowed = {"Authorization": f"Bearer {BOUNCE_TOKEN}"}
    for recipient in ("nobody@example.net", ADDRESS):
        said = {"kind": "permanent", "recipient": recipient}
        assert reader.client.post("/mail/bounces", json=said, headers=allowed).status_code == 204
    assert post.subscriber().mail_stopped_at is not None
    assert post.tasks() == ["mail_bounced"]
    with post.line.database.read() as db:
        assert post.subscriber().mail_hash == key_ring(db).index("mail", ADDRESS)
