"""Rounds in which a process or a server is killed at a marked point: `python -m tests.faults.rounds --rounds 50`.

In each round ten people have news, and one more stopped since; the platform cuts lines, loses requests and refuses. The
process comes to its point, and kills itself, PostgreSQL or Redis there. What was killed is started again, time goes by,
and the platform's ledger is held against what was due.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.faults.marked import Point
from tests.faults.stage import LOOKS, Stage, Tally, eventually, noise, on_stage
from tests.servers import REDIS, Den, Postgresql, Server, find, found_or_fail, redis_server_in

PEOPLE, STOPPED = 10, 1
ITSELF = "itself"


@dataclass(frozen=True, slots=True)
class Marked:
    """Where a process comes to: it is come to at least `most` times in a round. `faults` are the platform's then."""

    process: str
    module: str
    name: str
    when: str
    most: int = 1
    faults: Mapping[str, str] | None = None


NONE: Mapping[str, str] = {}
TAKEN = "taken by the platform, no answer read"

POINTS: Mapping[str, Marked] = {
    "before it claims": Marked("worker", "hotline.services.notify", "claim_batch", "before", 3),
    "claimed, nothing decided": Marked("worker", "hotline.store.outbox", "claim", "after", 3),
    "put into words": Marked("worker", "hotline.services.claim_due", "_put_into_words", "after", 9),
    "somebody stopped it": Marked("worker", "hotline.services.claim_due", "_end", "after"),
    "written down, not committed": Marked("worker", "hotline.store.outbox", "write_down", "after", 3),
    "paced, not committed": Marked("worker", "hotline.store.channels", "keep_bucket", "after", 3),
    "committed, nobody asked": Marked("worker", "hotline.services.notify", "_Run._send_off", "before", 3),
    "handed on to be asked": Marked("worker", "hotline.carrier.outbound", "Outbound.ask", "after", 3),
    "before one request": Marked("worker", "hotline.carrier.outbound", "Outbound._create", "before", 9),
    TAKEN: Marked("platform", "", "", "", 9),
    "an answer is read": Marked("worker", "hotline.carrier.outbound", "_sid", "before", 4),
    "answers gathered, none written": Marked("worker", "hotline.services.notify", "_Run._gathered", "after", 2),
    "refused, not committed": Marked(
        "worker", "hotline.services.outcomes", "refused", "after", 2, {"2": "503", "3": "429", "5": "500"}
    ),
    "paused, not committed": Marked("worker", "hotline.store.channels", "pause", "after", 1, {"2": "401"}),
    "accepted, not committed": Marked("worker", "hotline.store.outbox", "accept", "after", 2, NONE),
    "answers committed": Marked("worker", "hotline.services.notify", "_Run._written", "after", 2),
    "looks, nobody asked": Marked("settle", "hotline.services.settle", "_found", "before"),
    "looked up, not written": Marked("settle", "hotline.services.settle", "_found", "after"),
    "settled, not committed": Marked("settle", "hotline.services.settle", "_write", "after"),
    "told, not committed": Marked("web", "hotline.services.outcomes", "seen", "after", 9, NONE),
}
"""Twenty of them."""


class Round:
    """One round on a stage. `victim` is `itself`, `postgresql` or `redis`."""

    def __init__(self, stage: Stage, marked: Marked, victim: str, chance: random.Random) -> None:
        self.stage, self.marked, self.victim, self.chance = stage, marked, victim, chance
        self.reached = stage.folder / f"reached-{chance.getrandbits(64):x}"
        self.server = stage.servers.get(victim)
        self.victims = [self.server.pid] if self.server and self.server.pid else []
        self.point: Point = (marked.module, marked.name, chance.randint(1, marked.most), marked.when)
        self.faults = dict(noise(chance, PEOPLE) if marked.faults is None else marked.faults)

    def play(self) -> Tally:
        """To its end; raises AssertionError where the point is not come to."""
        told = self.stage.news(PEOPLE, STOPPED)
        {"worker": self._worker, "platform": self._platform, "settle": self._settle, "web": self._web}[
            self.marked.process
        ]()
        self.stage.settle(told)
        tally = self.stage.judge(told, STOPPED)
        tally.killed[self.victim] += 1
        self.stage.over(told)
        return tally

    def _worker(self) -> None:
        """A worker comes to its point."""
        self.stage.tell_platform(faults=self.faults)
        self._killed_by("worker")

    def _platform(self) -> None:
        """The platform takes a request, and somebody is killed before it answers."""
        faults = {**self.faults, str(self.point[2]): "kill"}
        self.stage.tell_platform(faults=faults, victims=[], reached=str(self.reached))
        worker = self.stage.nursery.fork("worker")
        self.stage.tell_platform(victims=self.victims or [worker])
        self._over(worker)

    def _settle(self) -> None:
        """A worker is killed, and so is who looks after what it left."""
        self.stage.tell_platform(silent=True)
        Round(self.stage, POINTS[TAKEN], ITSELF, self.chance)._platform()
        at = datetime.now(UTC) + timedelta(minutes=LOOKS[0])
        self.stage.tell_platform(ahead=LOOKS[0] * 60)
        self._killed_by("notify", "run", "--at", at.isoformat())
        self.stage.tell_platform(silent=False)

    def _web(self) -> None:
        """The web process comes to its point, with what the platform tells."""
        self.stage.tell_platform(faults=self.faults)
        self.stage.serve(self.point, self.reached, self.victims)
        worker = self.stage.nursery.fork("worker")
        self._over(worker)
        self.stage.serve()

    def _killed_by(self, *command: str) -> None:
        self._over(self.stage.nursery.fork(*command, at=self.point, victims=self.victims, reached=self.reached))

    def _over(self, pid: int) -> None:
        """Somebody was killed: a server starts again, and a process that lives on is ended as its operator would."""
        eventually(self.reached.exists, self.stage.said)
        if self.server:
            self.server.kill()
            self.server.start()
        self.stage.end(pid)


def play(stage: Stage, name: str, rounds: int, first: int = 0) -> Tally:
    """Rounds at one point, in which the process itself, PostgreSQL and Redis are killed in turn, if they are there."""
    tally = Tally()
    for n in range(first, first + rounds):
        victims, chance = (ITSELF, *stage.servers), random.Random(f"{name} {n}")
        tally.add(Round(stage, POINTS[name], victims[n % len(victims)], chance).play())
    return tally


@contextmanager
def real_servers(den: Den) -> Iterator[Mapping[str, Server]]:
    """A PostgreSQL and a Redis to kill."""
    servers = {
        "postgresql": Postgresql(den).server(),
        "redis": redis_server_in(den, found_or_fail(REDIS, find(REDIS))),
    }
    for server in servers.values():
        server.start()
    yield servers
    for server in servers.values():
        server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50, help="rounds at each point (50)")
    parser.add_argument("--first", type=int, default=0, help="number of the first round: others have other faults (0)")
    parser.add_argument("--embedded", action="store_true", help="on SQLite, without Redis")
    parser.add_argument("--points", nargs="*", default=[*POINTS], help="names of points (all)")
    given = parser.parse_args()
    total, den = Tally(), Den()
    with ExitStack() as stack:
        stack.callback(den.close)
        servers = {} if given.embedded else stack.enter_context(real_servers(den))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stage = stack.enter_context(on_stage(folder, servers))
        for name in given.points:
            tally = play(stage, name, given.rounds, given.first)
            print(f"{name:<48} {tally}", flush=True)
            total.add(tally)
    print(f"{'in all':<48} {total}")
    print(*total.faults, sep="\n")
    sys.exit(bool(total.faults))


if __name__ == "__main__":
    main()
