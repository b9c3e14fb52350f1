"""The feed stays away: staff hear of it at 45 minutes, callers hear "as of", subscribers are told once at 12 hours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from hotline.services.watch_feed import watch_feed
from hotline.store.models import CustodyEvent, Delivery, FeedStretch, StaffPage, StaffTask
from tests.calls.people import ASKS_FOR_JUAN, JUAN
from tests.calls.stage import NOON, Stage
from tests.calls.test_manage import confirmation, entered
from tests.calls.test_news import juan_is, open_row
from tests.smtp_server import MailServer, mail_server

pytestmark = pytest.mark.server  # many calls, files or processes

STAFF_PHONE = "+12025550190"


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def watched(open_stage: Callable[..., Stage], mail: MailServer) -> Stage:
    """A line whose staff are paged by mail and by text."""
    stage = open_stage(
        HOTLINE_SMTP_URL=mail.url, HOTLINE_STAFF_MAIL="staff@example.org", HOTLINE_STAFF_PAGE_NUMBER=STAFF_PHONE
    )
    with stage.line.database.begin() as db:  # what the sample's first import gave them to read is done
        db.execute(update(StaffTask).values(closed_at=NOON))
    return stage


def feed_comes(stage: Stage) -> None:
    """The hourly delta, in which nothing changed."""
    stage.imports([open_row(JUAN)])


def pages(stage: Stage) -> list[str]:
    return [page.kind for page in sorted(stage.rows(StaffPage), key=lambda page: page.at)]


def test_staff_are_paged_at_45_minutes_and_not_before(watched: Stage, mail: MailServer) -> None:
    watched.pass_time(minutes=44)
    assert (pages(watched), mail.taken, watched.phone(STAFF_PHONE).texts) == ([], [], [])
    watched.pass_time(minutes=1)
    assert pages(watched) == ["feed_late"]
    assert [taken["Subject"] for taken in mail.taken] == ["The custody feed is late"]
    assert "45 minutes" in watched.phone(STAFF_PHONE).texts[0]
    assert [task.kind for task in watched.rows(StaffTask, closed_at=None)].count("feed_late") == 1


def test_staff_are_paged_once_and_told_once_that_it_is_back(watched: Stage, mail: MailServer) -> None:
    watched.pass_time(hours=6, every=timedelta(minutes=15))
    feed_comes(watched)
    watched.pass_time(minutes=40)
    assert pages(watched) == ["feed_late", "feed_fresh"]
    assert len(mail.taken) == len(watched.phone(STAFF_PHONE).texts) == 2
    assert watched.rows(StaffTask, kind="feed_late", closed_at=None) == []


def test_each_stretch_is_told_anew(watched: Stage) -> None:
    for _ in range(2):
        watched.pass_time(hours=1)
        feed_comes(watched)
        watched.look()
    assert pages(watched) == ["feed_late", "feed_fresh"] * 2
    assert all(stretch.ended_at for stretch in watched.rows(FeedStretch))


def test_a_feed_that_comes_in_time_pages_nobody(watched: Stage) -> None:
    for _ in range(8):
        watched.pass_time(minutes=30)
        feed_comes(watched)
    assert pages(watched) == []


def test_a_mail_server_that_is_down_is_asked_again(watched: Stage, mail: MailServer) -> None:
    mail.refuses = True
    watched.pass_time(minutes=50)
    assert mail.taken == []
    assert len(watched.phone(STAFF_PHONE).texts) == 1
    mail.refuses = False
    watched.pass_time(minutes=10)
    assert len(mail.taken) == 1
    watched.pass_time(hours=2)
    assert (len(mail.taken), len(watched.phone(STAFF_PHONE).texts)) == (1, 1)


def test_without_a_way_to_page_the_task_stands(stage: Stage) -> None:
    stage.pass_time(minutes=45)
    assert [task.kind for task in stage.rows(StaffTask, closed_at=None)].count("feed_late") == 1
    assert [page.next_at for page in stage.rows(StaffPage)] == [None]


# ---- callers and subscribers


@pytest.fixture
def number(stage: Stage) -> str:
    """The confirmation number of somebody who signed up."""
    return confirmation(stage.signed_up(ASKS_FOR_JUAN))


OLD = {"en": "this may have changed", "es": "Esto puede haber cambiado"}


def test_from_four_hours_on_a_status_is_told_as_one_that_may_have_changed(stage: Stage, number: str) -> None:
    stage.pass_time(hours=3, minutes=59, every=timedelta(minutes=30))
    entered(stage, number).press("1").says("As of March 10, 2026, 1:00 PM, Juan Pérez is in custody").never_said(
        OLD["en"]
    ).hang_up()
    stage.pass_time(minutes=1)
    entered(stage, number).press("1").says("As of March 10, 2026, 1:00 PM, Juan Pérez is in custody").says(OLD["en"])


@pytest.mark.parametrize("language", ["en", "es"])
def test_news_that_waited_for_the_feed_four_hours_is_told_so_too(stage: Stage, language: str) -> None:
    stage.signed_up(replace(ASKS_FOR_JUAN, language=language))
    juan_is(stage, "Removed")
    stage.now += timedelta(hours=4)
    stage.look()
    stage.phone().answer().press("4827#").says(OLD[language])


def test_the_hours_before_change_nothing_in_that(stage: Stage, number: str) -> None:
    stage.pass_time(hours=2, every=timedelta(minutes=30))
    feed_comes(stage)
    stage.pass_time(minutes=30)
    entered(stage, number).press("1").says("As of March 10, 2026, 3:00 PM")


def told(stage: Stage) -> list[CustodyEvent]:
    return stage.rows(CustodyEvent, kind="feed_stale")


def morning(stage: Stage) -> None:
    """Until half past eight in Washington: routine news waits for the day."""
    stage.pass_time(hours=7, minutes=30, every=timedelta(minutes=30))


def test_subscribers_are_told_once_by_day_after_twelve_hours(stage: Stage, number: str) -> None:
    stage.pass_time(hours=11, minutes=59, every=timedelta(minutes=30))
    assert told(stage) == []
    stage.pass_time(minutes=1)
    [event] = told(stage)
    assert event.at == NOON
    assert stage.phone().ringing() == []  # one in the morning
    morning(stage)
    call = stage.phone().answer().press("4827#")
    call.says("could not check for news about Juan Pérez since March 10, 2026, 1:00 PM").press("2")
    stage.pass_time(hours=40, every=timedelta(hours=1))
    assert stage.phone().ringing() == []
    assert len(told(stage)) == 1
    assert [d.status for d in stage.rows(Delivery, urgency="routine")] == ["confirmed"]


def test_who_was_not_told_yet_is_not_told_any_more_once_the_feed_is_back(stage: Stage, number: str) -> None:
    stage.pass_time(hours=12, every=timedelta(minutes=30))
    assert len(told(stage)) == 1
    feed_comes(stage)
    morning(stage)
    [notice] = [d for d in stage.rows(Delivery, urgency="routine") if d.event_id == told(stage)[0].id]
    assert (notice.status, notice.reason, notice.first_attempt_at) == ("stopped", "feed_is_back", None)


def test_a_second_stretch_is_told_again(stage: Stage, number: str) -> None:
    for _ in range(2):
        stage.pass_time(hours=12, every=timedelta(hours=1))
        feed_comes(stage)
        stage.look()
    assert len(told(stage)) == 2


def test_nobody_hears_about_a_person_who_may_not_be_shown(stage: Stage, number: str) -> None:
    stage.now += timedelta(minutes=1)
    stage.imports([open_row(JUAN) | {"protected": "true", "updated_at": stage.now.isoformat()}])
    stage.pass_time(hours=13, every=timedelta(hours=1))
    assert told(stage) == []


def test_two_looks_or_a_killed_one_tell_nobody_twice(
    stage: Stage, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.now += timedelta(hours=12)
    with monkeypatch.context() as patch:
        patch.setattr("hotline.store.deliveries.plan_event", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            watch_feed(stage.line)
    assert told(stage) == []
    watch_feed(stage.line)
    watch_feed(stage.line)
    assert len(told(stage)) == len(stage.rows(Delivery, urgency="routine")) == 1


def test_monitors_read_the_age_of_the_feed(stage: Stage) -> None:
    from hotline.services.figures import metrics

    stage.now += timedelta(minutes=90)
    assert "hotline_feed_age_seconds 5400" in metrics(stage.line)
    feed_comes(stage)
    assert "hotline_feed_age_seconds 0" in metrics(stage.line)
