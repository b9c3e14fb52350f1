"""Mail as a channel in a whole life: sign-up by call, an address by page, news, the PIN, and no more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from hotline.store.models import Delivery, Subscriber
from hotline.web.app import make_app
from tests.calls.people import ASKS_FOR_JUAN
from tests.calls.stage import PUBLIC_URL, Stage
from tests.calls.test_manage import confirmation
from tests.calls.test_news import juan_is
from tests.smtp_server import MailServer, mail_server

pytestmark = pytest.mark.server  # many calls, files or processes

ADDRESS = "ana@example.net"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


@pytest.fixture
def stage(open_stage: Callable[..., Stage], server: MailServer) -> Stage:
    return open_stage(HOTLINE_SMTP_URL=server.url, HOTLINE_MAIL_FROM="line@example.org")


class Pages:
    """The subscriber's browser."""

    def __init__(self, stage: Stage) -> None:
        self.client: FlaskClient = make_app(stage.line).test_client()
        self.page = ""

    def get(self, path: str) -> str:
        self.page = self.client.get(path, base_url=PUBLIC_URL).get_data(as_text=True)
        return self.page

    def post(self, path: str, **form: str) -> str:
        found = re.search(r'name="form" value="([^"]+)"', self.page)
        sent = {"form": found[1] if found else "", **form}
        answer = self.client.post(path, base_url=PUBLIC_URL, data=sent, follow_redirects=True)
        self.page = answer.get_data(as_text=True)
        return self.page


def links_in(server: MailServer) -> list[str]:
    body = server.taken[-1].get_body(("plain",))
    assert body is not None
    return [urlsplit(address).path for address in re.findall(r"https://\S+/l/\S+", body.get_content())]


def by_mail_too(stage: Stage, server: MailServer) -> Pages:
    """Somebody who signed up by call added an address on their page, and said yes in its mailbox."""
    number = confirmation(stage.signed_up(ASKS_FOR_JUAN))
    pages = Pages(stage)
    pages.get("/messages")
    pages.post("/messages/open", confirmation=number, pin="4827")
    assert "Juan Pérez is in custody" in pages.page
    pages.post("/messages/address", address=ADDRESS)
    [yes] = links_in(server)
    pages.get(yes)
    assert "This address is set" in pages.post(yes)
    return pages


def test_news_comes_by_mail_and_the_page_behind_its_link_ends_the_calls(stage: Stage, server: MailServer) -> None:
    pages = by_mail_too(stage, server)
    juan_is(stage, "Removed")
    stage.look()
    assert [str(mail["Subject"]) for mail in server.taken] == ["Is this address yours?", "A message you asked for"]
    assert "Juan" not in server.taken[-1].as_string()
    read, _ = links_in(server)
    pages.get(read)
    pages.post(read, pin="4827")
    events = re.search(r'name="events" value="([\d,]+)"', pages.page)
    assert events
    assert "has been removed" in pages.page
    pages.post("/messages/do/read", events=events[1])
    told = {(one.channel, one.status) for one in stage.rows(Delivery) if one.event_id is not None}
    assert {status for _, status in told} == {"confirmed", "stopped"}
    before = len(stage.phone().ringing())
    stage.pass_time(hours=3)
    assert len(stage.phone().ringing()) <= before


def test_no_more_mails_at_once_and_calls_go_on(stage: Stage, server: MailServer) -> None:
    by_mail_too(stage, server)
    juan_is(stage, "Removed")
    stage.look()
    *_, stop = links_in(server)
    answer = make_app(stage.line).test_client().post(stop, base_url=PUBLIC_URL, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    [subscriber] = stage.rows(Subscriber)
    assert subscriber.mail_stopped_at == stage.now
    stage.pass_time(hours=2)
    assert len(server.taken) == 2
    stage.phone().answer().is_at("notify.pin")


def test_the_right_pin_in_a_call_stops_a_mail_that_has_not_gone(stage: Stage, server: MailServer) -> None:
    by_mail_too(stage, server)
    server.says["RCPT"] = "450 later"
    juan_is(stage, "Removed")
    stage.look()
    stage.phone().answer().press("4827#").says("has been removed").press("2")
    del server.says["RCPT"]
    stage.pass_time(hours=3)
    assert len(server.taken) == 1
    assert {one.status for one in stage.rows(Delivery) if one.channel == "mail"} == {"stopped"}
