"""Pages staff by mail and text. The table is the truth: a page that did not leave is tried again."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from hotline.carrier import mail
from hotline.carrier.forms import text_form
from hotline.errors import CarrierError, CarrierUncertain
from hotline.rules.staff_pages import GIVE_UP, TRY_AGAIN, WORDS, Page
from hotline.rules.staff_tasks import URGENT
from hotline.services.line import Line
from hotline.store import tasks, watching
from hotline.store.models import StaffPage, new_id

log = structlog.get_logger()

NOT_PAGED_YET = URGENT - {page.value for page in WORDS}
"""Urgent kinds of tasks that page nobody when they are opened."""


@dataclass(frozen=True, slots=True)
class _Due:
    """A page, and the ways on which it still has to go out."""

    id: str
    kind: Page
    by_mail: bool
    by_text: bool


def page_overdue(line: Line) -> int:
    """Page staff of urgent tasks that became overdue since they were last paged of one. Returns the pages written."""
    now = line.clock()
    with line.database.read() as db:
        if not tasks.any_overdue(db, NOT_PAGED_YET, watching.last_page(db, Page.TASK_OVERDUE), now):
            return 0
    with line.database.begin() as db:
        watching.lock(db)
        if not tasks.any_overdue(db, NOT_PAGED_YET, watching.last_page(db, Page.TASK_OVERDUE), now):
            return 0
        watching.page(db, Page.TASK_OVERDUE, now)
    return 1


def send_pages(line: Line) -> int:
    """Send the pages that are due. Returns how many mails and texts were taken."""
    now, settings = line.clock(), line.settings
    mails = settings.smtp_url is not None and settings.staff_mail is not None
    texts = settings.staff_page_number is not None
    with line.database.read() as db:
        if not watching.any_page_due(db, now):
            return 0
    with line.database.begin() as db:
        due = []
        for page in watching.due_pages(db, now):
            page.next_at = now + TRY_AGAIN if now < page.at + GIVE_UP else None
            due.append(
                _Due(page.id, Page(page.kind), mails and page.mailed_at is None, texts and page.texted_at is None)
            )
    return sum(_send(line, one) for one in due)


def _send(line: Line, due: _Due) -> int:
    """Speak to the servers, outside of any transaction, and write down what they took."""
    now = line.clock()
    mailed = due.by_mail and _mail(line, due.kind)
    texted = due.by_text and _text(line, due.kind)
    with line.database.begin() as db:
        page = db.get_one(StaffPage, due.id)
        page.mailed_at = now if mailed else page.mailed_at
        page.texted_at = now if texted else page.texted_at
        if mailed == due.by_mail and texted == due.by_text:
            page.next_at = None
    return mailed + texted


def _mail(line: Line, kind: Page) -> bool:
    url, to, words = line.settings.smtp_url or "", line.settings.staff_mail or "", WORDS[kind]
    try:
        mail.send(url, to, to, words.subject, words.text)
    except CarrierError:
        log.warning("page_not_sent", channel="mail")
        return False
    return True


def _text(line: Line, kind: Page) -> bool:
    settings, token = line.settings, new_id()  # nobody's token: no delivery waits for it
    form = text_form(settings.number, settings.staff_page_number or "", WORDS[kind].text, settings.public_url, token)
    try:
        line.carrier.text(form)
    except CarrierUncertain:
        return True  # a page that may have come is not sent twice
    except CarrierError:
        log.warning("page_not_sent", channel="text")
        return False
    return True
