"""A year of notices on a clock of its own: the real engine, a platform at its seam, and people who do as people do.

The platform is down, the database is busy, and the process is killed between any two steps. At the end of it the audit
must find nothing.
"""

from __future__ import annotations

import heapq
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from sqlalchemy import Select, case, event, func, select

from hotline.bench.far_end import FarEnd, Killed
from hotline.bench.notice_answers import Answers
from hotline.bench.notice_lives import Lives
from hotline.bench.notice_people import Clock, Size
from hotline.bench.sampled import held_environment
from hotline.errors import HotlineError
from hotline.rules.delivery import FIRST_LOOK, NEXT_LOOK, AttemptState
from hotline.rules.notice_faults import Difference
from hotline.services import notify
from hotline.services.audit_notices import audit_notices
from hotline.services.line import Line, open_line
from hotline.services.settle import settle
from hotline.settings import read_settings
from hotline.store.migrate import migrate
from hotline.store.models import Attempt, CustodyEvent, Delivery, Enrolment
from hotline.store.people import has_people

STEP = timedelta(seconds=60)
"""What falls due within one step is done together."""
LOOKS = (timedelta(minutes=1), FIRST_LOOK, NEXT_LOOK)
"""When an attempt of unknown fate is looked up; one without an end; and one that was looked up before."""

_DOUBTFUL = Attempt.status.in_((AttemptState.PLACING, AttemptState.UNCERTAIN))
SOONEST = select(
    select(func.min(Delivery.next_at)).where(Delivery.next_at.is_not(None)).scalar_subquery(),
    func.min(case((_DOUBTFUL, func.coalesce(Attempt.looked_up_at, Attempt.placed_at)))),
    func.min(case((~_DOUBTFUL & Attempt.looked_up_at.is_(None), Attempt.placed_at))),
    func.min(case((~_DOUBTFUL, Attempt.looked_up_at))),
).where(Attempt.ended_at.is_(None))
"""The next delivery that is due, and the oldest of each of LOOKS."""

QUIET = timedelta(days=3)
"""After the last news, so that everything comes to its end."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a year was, how long it took to play and to audit in seconds, and what the audit found."""

    size: Size
    played: float
    audited: float
    happened: Mapping[str, int]
    differences: Sequence[Difference]

    def as_json(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            **asdict(self.size),
            "played_seconds": round(self.played, 1),
            "audited_seconds": round(self.audited, 1),
            "happened": dict(self.happened),
            "differences": [one.as_json() for one in self.differences],
        }

    def as_table(self) -> str:
        """The same for a person."""
        size = self.size
        rows = [
            f"{size.days} days, {size.people:,} people, {size.subscribers:,} subscribers, "
            f"{size.events:,} events (seed {size.seed})",
            *(f"{what.replace('_', ' '):<20} {times:>9,}" for what, times in self.happened.items()),
            f"{'played in':<20} {self.played:>9.1f} s",
            f"{'audited in':<20} {self.audited:>9.1f} s",
            f"{'differences':<20} {len(self.differences):>9,}",
            *map(str, self.differences),
        ]
        return "\n".join(rows)


class Year:
    """One year on a line that goes by this clock."""

    def __init__(self, line: Line, clock: Clock, size: Size) -> None:
        self.clock = clock
        self.far = FarEnd(clock, Random(size.seed + 1))
        self.line = replace(line, carrier=self.far, outbound=self.far)  # type: ignore[arg-type]
        self.lives = Lives(self.line, self.far, size)
        self.answers = Answers(self.lives)

    def run(self) -> None:
        """From the first day to the last, and on until everything has come to its end."""
        agenda = self.lives.agenda
        self.lives.people.settle_in()
        self.lives.plan_the_year()
        quiet = self.lives.end + QUIET
        while self.clock.now < quiet:
            due, looked_up = self._due()
            if due is not None and due <= self.clock.now:
                self._alive(lambda: notify.run_due(self.line))
                due, looked_up = self._due()
            if looked_up is not None and looked_up <= self.clock.now:
                self._alive(lambda: settle(self.line, 500))
            known = [due, looked_up, self.far.next_at(), agenda[0][0] if agenda else None]
            soonest = min((one for one in known if one is not None), default=quiet)
            self.clock.now = min(quiet, max(self.clock.now, soonest) + STEP)
            while agenda and agenda[0][0] <= self.clock.now:
                self._alive(heapq.heappop(agenda)[2])
            for told in self.far.callbacks(self.clock.now):
                self._alive(partial(self.answers.called_back, told))

    def _due(self) -> tuple[datetime | None, datetime | None]:
        """When the next delivery is due, and when the next attempt is looked up."""
        with self.line.database.read() as db:
            due, *waiting = db.execute(SOONEST).one()
        looks = [at + wait for at, wait in zip(waiting, LOOKS, strict=True) if at is not None]
        return due, min(looks, default=None)

    def _alive(self, work: Callable[[], object]) -> None:
        """One piece of work, in a process that may be killed in it and is started again."""
        try:
            work()
        except Killed:
            self.lives.count("killed")


COUNTED: Mapping[str, Select[Any]] = {
    "events_watched": select(func.count())
    .select_from(CustodyEvent)
    .where(CustodyEvent.subject_ref.in_(select(Enrolment.subject_ref))),
    "enrolments": select(func.count()).select_from(Enrolment),
    "deliveries": select(func.count()).select_from(Delivery),
    "attempts": select(func.count()).select_from(Attempt),
}
"""What a report counts of what the year left behind."""

SETTINGS: Mapping[str, str] = {
    # Nothing waits for its turn here: the clock stands still while it would.
    "HOTLINE_SEND_CALLS_PER_SECOND": "1000000",
    "HOTLINE_SEND_SEGMENTS_PER_SECOND": "1000000",
    "HOTLINE_BRAKE_CRITICAL": "1000000",
    "HOTLINE_BRAKE_LEAVING_PEOPLE": "1000000",
}


@contextmanager
def year_line(clock: Clock, database: str | None = None) -> Iterator[Line]:
    """A line that goes by this clock, over an empty database: `database`, or SQLite that is thrown away.

    Raises HotlineError where it is not empty.
    """
    with TemporaryDirectory() as folder, held_environment(Path(folder), database):
        os.environ.update(SETTINGS)
        line = open_line(read_settings(), clock)
        if line.database.is_sqlite:  # who is killed here dies in Python alone, so nothing need reach the disk
            event.listen(line.database.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
        migrate(line.database.engine)
        with line.database.read() as db:
            if has_people(db):
                raise HotlineError("the bench needs an empty database: give the address of one")
        with mock.patch.object(notify, "GATHERING", 0.0):  # the far end answers before it is asked again
            yield line
        line.database.close()


def play(size: Size, database: str | None = None) -> Report:
    """One year, and its audit; in an empty database, or in SQLite that is thrown away."""
    clock = Clock()
    with year_line(clock, database) as line:
        return play_on(line, clock, size)


def play_on(line: Line, clock: Clock, size: Size) -> Report:
    """The same on a line that is there."""
    year = Year(line, clock, size)
    began = time.monotonic()
    year.run()
    played = time.monotonic()
    found = list(audit_notices(year.line))
    audited = time.monotonic()
    happened = dict(year.lives.happened)
    with year.line.database.read() as db:
        for name, what in COUNTED.items():
            happened[name] = db.scalar(what) or 0
    return Report(size, played - began, audited - played, happened, found)
