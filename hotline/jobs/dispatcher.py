"""Threads that look again and again, with no bell at all."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

import structlog

from hotline.services.drop_folder import FeedWatch
from hotline.services.end_calls import end_calls
from hotline.services.line import Line
from hotline.services.notify import run_due
from hotline.services.tend import tend

log = structlog.get_logger()

EMBEDDED_SECONDS = 2.0
FEED_SECONDS = 15.0
"""How often the feed is looked after, in a thread of its own: an import takes minutes."""
SWEEP_SECONDS = 30.0
"""How often a sweeper looks where a bell wakes the workers in between."""


class Dispatcher:
    """Does its work, waits as many seconds as `pause` says then, and does it again; at once when it is woken."""

    def __init__(
        self,
        line: Line,
        work: Callable[[Line], object],
        pause: Callable[[], float] = lambda: EMBEDDED_SECONDS,
        stopping: Event | None = None,
    ) -> None:
        self.line = line
        self._work = work
        self._pause = pause
        self._stopping = stopping or Event()
        self._woken = Event()
        self._thread = Thread(target=self._run, name="dispatcher", daemon=True)

    def start(self) -> Dispatcher:
        self._thread.start()
        return self

    def wake(self) -> None:
        """Look now."""
        self._woken.set()

    def stop(self) -> None:
        """Finish the work under way and end."""
        self._stopping.set()
        self._woken.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._work(self.line)
            except Exception:  # the next look may fare better; a thread that ended would look no more
                log.exception("look_failed")
            self._woken.wait(self._pause())
            self._woken.clear()


def tending(line: Line, seconds: float = EMBEDDED_SECONDS) -> Dispatcher:
    """Looks after all that is not sent (services.tend)."""
    return Dispatcher(line, tend, lambda: seconds)


def watching(line: Line) -> Dispatcher:
    """Looks after the feed's drop folder."""
    return Dispatcher(line, FeedWatch(), lambda: FEED_SECONDS)


def sending(line: Line, pause: Callable[[], float] = lambda: EMBEDDED_SECONDS) -> Dispatcher:
    """Sends what is due: by itself, as it waits for the pace of its channels, and others must not wait with it."""
    stopping = Event()
    return Dispatcher(line, lambda line: run_due(line, stopping), pause, stopping)


def hanging_up(line: Line) -> Dispatcher:
    """Ends calls that nobody needs any more, within seconds, whatever the others wait for."""
    return Dispatcher(line, end_calls)
