"""The embedded dispatcher: a thread that looks after what is due, with no bell at all."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

from hotline.services.line import Line
from hotline.services.tend import look

EMBEDDED_SECONDS = 2.0
FEED_SECONDS = 15.0
"""How often the feed is looked after, in a thread of its own: an import takes minutes."""
SWEEP_SECONDS = 30.0
"""How often a sweeper looks where a bell wakes the workers in between."""


class Dispatcher:
    """Looks every `seconds`, and at once when it is woken."""

    def __init__(self, line: Line, seconds: float = EMBEDDED_SECONDS, work: Callable[[Line], object] = look) -> None:
        self.line = line
        self.seconds = seconds
        self._work = work
        self._stopping = Event()
        self._woken = Event()
        self._thread = Thread(target=self.run, name="dispatcher", daemon=True)

    def start(self) -> Dispatcher:
        self._thread.start()
        return self

    def wake(self) -> None:
        """Look now."""
        self._woken.set()

    def run(self) -> None:
        """Look again and again until `stop`; the look under way is finished first."""
        while not self._stopping.is_set():
            self._work(self.line)
            self._woken.wait(self.seconds)
            self._woken.clear()

    def stop(self) -> None:
        """Finish the look under way and end."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)
