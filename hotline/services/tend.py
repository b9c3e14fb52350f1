"""One look after everything that is due: what the dispatcher, the worker and the clock all do."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from hotline.services.answer_call import close_forgotten_calls
from hotline.services.derive_events import tell_overdue
from hotline.services.guard_exclusion import guard_exclusion
from hotline.services.import_custody import go_on as go_on_importing
from hotline.services.import_custody import index_names
from hotline.services.line import Line
from hotline.services.notify import run_due
from hotline.services.page_staff import send_pages
from hotline.services.release_events import go_on
from hotline.services.retract_import import retract_on
from hotline.services.settle import settle
from hotline.services.watch_feed import watch_feed

log = structlog.get_logger()

BATCH = 20
MOST_BATCHES = 50


def send_due(line: Line) -> int:
    """Send what is due, batch after batch, until nothing more is. Returns how many the platform took."""
    placed = 0
    for _ in range(MOST_BATCHES):
        done = run_due(line, BATCH)
        placed += done.placed
        if done.placed + done.uncertain + done.refused == 0:
            break
    return placed


def look(line: Line) -> None:
    """Go on with what was killed, watch the feed and who is shown, page staff, send what is due, settle what is
    open, close what was forgotten, make findable who came of age.

    One that fails stops none of the others.
    """
    for work in (
        go_on_importing,
        go_on,
        retract_on,
        tell_overdue,
        watch_feed,
        guard_exclusion,
        send_pages,
        send_due,
        settle,
        close_forgotten_calls,
        index_names,
    ):
        _try(work, line)


def _try(work: Callable[[Line], int], line: Line) -> None:
    try:
        work(line)
    except Exception:
        log.exception("look_failed", work=work.__name__)
