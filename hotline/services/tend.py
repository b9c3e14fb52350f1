"""One look after everything that is due: what the dispatcher, the worker and the clock all do."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from hotline.services.answer_call import close_forgotten_calls
from hotline.services.ask_addresses import ask_addresses
from hotline.services.bounces import read_mailbox
from hotline.services.derive_events import tell_overdue
from hotline.services.end_calls import end_calls
from hotline.services.guard_exclusion import guard_exclusion
from hotline.services.import_custody import go_on as go_on_importing
from hotline.services.import_custody import index_names
from hotline.services.line import Line
from hotline.services.notify import run_due
from hotline.services.page_staff import page_overdue, send_pages
from hotline.services.reconfirm import reconfirm
from hotline.services.release_events import go_on
from hotline.services.retract_import import retract_on
from hotline.services.settle import settle
from hotline.services.watch_feed import watch_feed

log = structlog.get_logger()


def look(line: Line) -> None:
    """All that is done again and again, once: tend, send what is due, end the calls that nobody needs any more."""
    tend(line)
    _try(run_due, line)
    _try(end_calls, line)


def tend(line: Line) -> None:
    """Go on with what was killed, watch the feed and who is shown, page staff, ask old numbers and new addresses,
    settle what is open, read what mails came back, close what was forgotten, make findable who came of age.

    One that fails stops none of the others.
    """
    for work in (
        go_on_importing,
        go_on,
        retract_on,
        tell_overdue,
        watch_feed,
        guard_exclusion,
        page_overdue,
        send_pages,
        reconfirm,
        ask_addresses,
        settle,
        read_mailbox,
        close_forgotten_calls,
        index_names,
    ):
        _try(work, line)


def _try(work: Callable[[Line], object], line: Line) -> None:
    try:
        work(line)
    except Exception:
        log.exception("look_failed", work=work.__name__)
