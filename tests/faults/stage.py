"""A line of real processes, a platform with a ledger, and rounds in which somebody is killed at a marked point."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import create_engine, select, text

from hotline.rules.delivery import FINAL_ATTEMPTS
from hotline.services.line import open_line
from hotline.settings import read_settings
from hotline.store import deliveries
from hotline.store.deliveries import OPEN
from hotline.store.enrolments import EnrolmentStatus
from hotline.store.migrate import migrate
from hotline.store.models import Attempt, Delivery, Enrolment
from tests.conftest import ENVIRON
from tests.faults.marked import Point
from tests.faults.nursery import Nursery
from tests.servers import Server, free_port
from tests.services.outbox import Outbox

LOOKS = (2, 5, 6, 17, 30, 45, 60, 75)
"""Minutes after a kill at which somebody looks: what is doubtful is looked up from one on, given up from three on, and
what the platform has is looked up from ten on."""

UNKNOWN = "what nobody wrote down"


def eventually(happened: Callable[[], object], said: Callable[[], str] = str, seconds: float = 60) -> None:
    """Hold something that other processes do to happen; where it does not, what they `said` is shown."""
    pause = Event()
    for _ in range(int(seconds * 50)):
        if happened():
            return
        pause.wait(0.02)
    raise AssertionError(f"it did not happen within {seconds} s\n{said()}")


@dataclass
class Tally:
    """What came of some rounds."""

    rounds: int = 0
    notices: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    unread: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.rounds += other.rounds
        self.notices += other.notices
        self.killed += other.killed
        self.unread += other.unread
        for name in ("lost", "twice", "open"):
            getattr(self, name).extend(getattr(other, name))

    def __str__(self) -> str:
        killed = ", ".join(f"{who} {count}" for who, count in self.killed.items())
        return (
            f"{self.rounds} rounds, {self.notices} notices, killed: {killed}; taken with no answer read {self.unread}, "
            f"lost {len(self.lost)}, twice {len(self.twice)}, open {len(self.open)}"
        )

    @property
    def faults(self) -> list[str]:
        """What must never be."""
        return [f"{name}: {one}" for name in ("lost", "twice", "open") for one in getattr(self, name)]


class Stage:
    """The processes of one line; on SQLite without a bell where there are no servers."""

    def __init__(self, folder: Path, servers: Mapping[str, Server], **pace: int) -> None:
        self.folder, self.servers = folder, servers
        self.ledger, self._port, self._people = folder / "ledger", free_port(), 0
        fast = {"calls_per_second": 1000, "segments_per_second": 1000, "concurrency": 4, **pace}
        self.environ = {
            **os.environ, **ENVIRON, "HOTLINE_DATA_DIR": str(folder), "PORT": str(self._port),
            **{f"HOTLINE_SEND_{name.upper()}": str(value) for name, value in fast.items()},
        }  # fmt: skip
        self._carrier = self._start_carrier()
        carrier_out = self._carrier.stdout
        assert carrier_out is not None
        self._platform_port = int(carrier_out.readline())
        self.environ["TWILIO_API_URL"] = f"http://127.0.0.1:{self._platform_port}"
        if servers:
            self.environ |= {"DATABASE_URL": servers["postgresql"].url, "REDIS_URL": servers["redis"].url}
            _keep_what_is_committed(servers["postgresql"].url)
        line = open_line(read_settings(self.environ))
        migrate(line.database.engine)
        self.outbox = Outbox.of(line)
        self.nursery = Nursery(self.environ, folder / "log")
        self.web = 0

    def _start_carrier(self) -> subprocess.Popen[str]:
        given = (str(self.ledger), ENVIRON["TWILIO_ACCOUNT_SID"], ENVIRON["TWILIO_AUTH_TOKEN"], str(self._port))
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.ledger_carrier", *given],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def close(self) -> None:
        self.nursery.close()
        self._carrier.communicate(timeout=30)
        self.outbox.line.database.close()

    def said(self) -> str:
        """The last that the processes said."""
        return (self.folder / "log").read_text()[-3000:]

    # ---- its people

    def news(self, people: int, stopped: int = 0) -> Sequence[str]:
        """News for so many people, by call and by text in turn, and for some who stopped since; its deliveries, those
        of who stopped last.
        """
        subject = self.outbox.person()
        for n in range(people + stopped):
            self._people += 1
            area, last = divmod(self._people, 100)
            by_call = n % 2 == 0
            wishes = {"calls": by_call, "texts": not by_call}
            self.outbox.sign_up(f"+1{201 + area % 780}55501{last:02}", subject, **wishes)
        event = self.outbox.news(subject)
        with self.outbox.line.database.begin() as db:
            query = select(Delivery).where(Delivery.event_id == event).order_by(Delivery.turn)
            planned = db.scalars(query).all()
            for one in planned[people:]:
                db.get_one(Enrolment, one.enrolment_id).status = EnrolmentStatus.STOPPED
            return [one.id for one in planned]

    def over(self, delivery_ids: Sequence[str]) -> None:
        """Nothing more is to go out for these."""
        with self.outbox.line.database.begin() as db:
            events = {db.get_one(Delivery, one).event_id for one in delivery_ids}
            deliveries.stop_events(db, [event for event in events if event], "over", datetime.now(UTC))

    # ---- its platform and processes

    def tell_platform(self, **told: Any) -> None:
        platform = HTTPConnection("127.0.0.1", self._platform_port, timeout=10)
        platform.request("POST", "/told", json.dumps(told))
        platform.getresponse().read()
        platform.close()

    def taken(self) -> list[dict[str, Any]]:
        """What stands in the platform's ledger."""
        return [json.loads(line) for line in self.ledger.read_text().splitlines()]

    def serve(self, at: Point | None = None, reached: Path | None = None, victims: Sequence[int] = ()) -> None:
        """Have a web process, in place of the one there is; it kills somebody at a point."""
        if self.web:
            self.end(self.web, signal.SIGKILL)
        command = ("web", "--workers", "1", "--host", "127.0.0.1")
        self.web = self.nursery.fork(*command, at=at, reached=reached, victims=victims)
        eventually(self._answers)

    def _answers(self) -> bool:
        web = HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            web.request("GET", "/healthz")
            return web.getresponse().status == 200
        except OSError:
            return self.nursery.status(self.web) is not None
        finally:
            web.close()

    def end(self, pid: int, how: signal.Signals = signal.SIGTERM) -> int:
        """End a process and what it started, and wait for it; its exit status."""
        ended: list[int] = []

        def over() -> bool:
            status = self.nursery.status(pid)
            ended.extend([] if status is None else [status])
            return bool(ended)

        if not over():
            (os.killpg if how is signal.SIGKILL else os.kill)(pid, how)
            eventually(over)
        return ended[0]

    def run(self, *command: str) -> int:
        """Run a command to its end; its exit status."""
        pid = self.nursery.fork(*command)
        statuses: list[int] = []
        eventually(lambda: (status := self.nursery.status(pid)) is not None and not statuses.append(status))  # type: ignore[func-returns-value]
        return statuses[0]

    def settle(self, delivery_ids: Sequence[str]) -> None:
        """Time goes by, and somebody looks again and again, until nothing of these is open."""
        began = datetime.now(UTC)
        for minutes in LOOKS:
            at = began + timedelta(minutes=minutes)
            self.tell_platform(ahead=minutes * 60)
            self.run("notify", "run", "--at", at.isoformat())
            if not self.open_ones(delivery_ids):
                break
        self.tell_platform(ahead=0, late=True)

    def open_ones(self, delivery_ids: Sequence[str]) -> Sequence[str]:
        """Deliveries of which nothing that was sent has come to its end, or something is in doubt."""
        with self.outbox.line.database.read() as db:
            of_it = select(Attempt.id).where(Attempt.delivery_id == Delivery.id)
            is_over = Attempt.status.in_([state.value for state in FINAL_ATTEMPTS])
            waits = Delivery.status.in_(OPEN) & ~of_it.where(Attempt.accepted_at.is_not(None), is_over).exists()
            query = select(Delivery.id).where(Delivery.id.in_(delivery_ids), waits | of_it.where(~is_over).exists())
            return db.scalars(query).all()

    # ---- what came of it

    def judge(self, delivery_ids: Sequence[str], stopped: int = 0) -> Tally:
        """Hold the platform's ledger against what was due."""
        wanted = dict.fromkeys(delivery_ids, 1) | dict.fromkeys(delivery_ids[len(delivery_ids) - stopped :], 0)
        with self.outbox.line.database.read() as db:
            query = select(Attempt.token, Attempt.delivery_id)
            tokens = {row.token: row.delivery_id for row in db.execute(query)}
        got, unread = Counter[str](), 0
        for one in self.taken():
            told = tokens.get(one["token"], UNKNOWN)
            got[told] += 1
            unread += not one["answered"] and told in wanted
        tally = Tally(rounds=1, notices=len(delivery_ids), unread=unread, open=[*self.open_ones(delivery_ids)])
        tally.lost = [one for one, count in wanted.items() if got[one] < count]
        tally.twice = [one for one, count in wanted.items() if got[one] > count]
        tally.twice += [UNKNOWN] * got[UNKNOWN]
        return tally


def _keep_what_is_committed(url: str) -> None:
    """The servers of tests may lose what they said was committed; one that is to be killed may not."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ALTER DATABASE postgres SET synchronous_commit = on"))
    engine.dispose()


@contextmanager
def on_stage(folder: Path, servers: Mapping[str, Server], **pace: int) -> Iterator[Stage]:
    """A stage with its web process, to its end."""
    stage = Stage(folder, servers, **pace)
    try:
        stage.serve()
        yield stage
    finally:
        stage.close()


NOISE: Sequence[str] = ("cut", "lost", "429", "500", "503")


def noise(chance: random.Random, requests: int) -> dict[str, str]:
    """Faults of the platform for about a third of so many requests."""
    return {str(n): chance.choice(NOISE) for n in range(1, requests + 1) if chance.random() < 0.3}
