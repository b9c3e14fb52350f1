"""A platform at the seam of the carrier, with people behind it: it takes calls and texts, loses some of its answers,
and tells their ends late, twice, out of order or never.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from hotline.carrier.forms import Form
from hotline.carrier.outbound import Answer, Request, Told
from hotline.carrier.twilio_rest import Seen
from hotline.errors import CarrierError, CarrierRefused, CarrierUncertain
from hotline.rules.delivery import call_state, message_state

CALL_ENDS = {"completed": 5, "no-answer": 3, "busy": 1, "failed": 0.3}
TEXT_ENDS = {"delivered": 12, "undelivered": 0.5, "failed": 0.2, "sent": 0.05}
"""How often a call or text ends as what. Nobody ever tells of some texts more than that they were sent."""
ERRORS = {"undelivered": (30003, 30005, 30006, 30008), "failed": (30003, 30007, 30008)}


class Killed(BaseException):
    """The process was killed here: nothing of its own mind is left, the database is as it was."""


@dataclass(frozen=True, slots=True)
class Odds:
    """How often, of one, what goes wrong with a request or a callback."""

    killed: float = 0.002
    refused: float = 0.01
    lost: float = 0.01
    callback_late: float = 0.05
    callback_twice: float = 0.1
    callback_never: float = 0.03
    callback_on_the_way: float = 0.2


@dataclass(slots=True)
class Taken:
    """A call or text that the platform took."""

    sid: str
    kind: str
    to: str
    token: str
    at: datetime
    over_at: datetime
    end: str
    code: int | None

    def status(self, now: datetime) -> str:
        """The platform's word for how it stands."""
        return self.end if now >= self.over_at else "queued"


@dataclass(order=True, slots=True)
class Callback:
    """A status that the platform tells of something, at a time."""

    at: datetime
    number: int
    of: Taken = field(compare=False)
    status: str = field(compare=False)


class FarEnd:
    """The platform. It is down until `down_until`; `clock` is the line's own."""

    def __init__(self, clock: Callable[[], datetime], chance: Random, odds: Odds | None = None) -> None:
        self.clock, self.chance, self.odds = clock, chance, odds or Odds()
        self.down_until = clock()
        self.taken: dict[str, Taken] = {}
        self.to: dict[str, list[Taken]] = {}
        self._callbacks: list[Callback] = []
        self._count = 0

    # ---- what the line asks

    def ask(self, requests: Iterable[Request], told: Told) -> None:
        """Make these requests, one after another, and tell each answer at once."""
        for request in requests:
            try:
                told(Answer(request.key, sid=self._create(request.kind, request.form)))
            except CarrierError as fault:
                told(Answer(request.key, fault=fault))

    def call(self, form: Form) -> str:
        return self._create("Calls", form)

    def text(self, form: Form) -> str:
        return self._create("Messages", form)

    def hang_up(self, sid: str) -> None:
        self._answers()
        if (call := self.taken[sid]).over_at <= self.clock():
            raise CarrierRefused(400, 21220)
        call.over_at, call.end = self.clock(), "canceled"

    def look_up_call(self, sid: str) -> Seen:
        self._answers()
        return self._seen(self.taken[sid])

    look_up_text = look_up_call

    def calls_to(self, to: str, since: datetime) -> Sequence[Seen]:
        return self._sent(to, "Calls", since)

    def texts_to(self, to: str, since: datetime) -> Sequence[Seen]:
        return self._sent(to, "Messages", since)

    def close(self) -> None:
        """Nothing is held open."""

    def _sent(self, to: str, kind: str, since: datetime) -> Sequence[Seen]:
        self._answers()
        return [self._seen(one) for one in self.to.get(to, ()) if one.kind == kind and one.at >= since]

    def _seen(self, one: Taken) -> Seen:
        status = one.status(self.clock())
        state = call_state(status) if one.kind == "Calls" else message_state(status)
        return Seen(one.sid, one.to, one.at, state, status, one.code if status == one.end else None)

    def _answers(self) -> None:
        if self.clock() < self.down_until:
            raise CarrierRefused(0, 0)

    # ---- what it does

    def _create(self, kind: str, form: Form) -> str:
        self._answers()
        roll = self.chance.random
        if roll() < self.odds.killed:
            raise Killed
        if roll() < self.odds.refused:
            raise self.chance.choice([CarrierRefused(429, 20429), CarrierRefused(503, 0), CarrierRefused(0, 0)])
        if roll() < self.odds.lost / 2:
            raise CarrierUncertain("the request was lost")
        made = self._take(kind, dict(form))
        if roll() < self.odds.killed:
            raise Killed
        if roll() < self.odds.lost / 2:
            raise CarrierUncertain("the answer was lost")
        return made.sid

    def _take(self, kind: str, form: dict[str, str]) -> Taken:
        now, ends = self.clock(), CALL_ENDS if kind == "Calls" else TEXT_ENDS
        end = self.chance.choices([*ends], [*ends.values()])[0]
        codes = ERRORS.get(end) if kind == "Messages" else None
        token = re.sub(r"#.*", "", form["StatusCallback"]).rpartition("/")[2]
        self._count += 1
        made = Taken(
            sid=f"{'CA' if kind == 'Calls' else 'SM'}{self._count:032x}",
            kind=kind,
            to=form["To"],
            token=token,
            at=now,
            over_at=now + timedelta(seconds=self.chance.uniform(5, 60)),
            end=end,
            code=self.chance.choice(codes) if codes else None,
        )
        self.taken[made.sid] = made
        self.to.setdefault(made.to, []).append(made)
        self._plan_callbacks(made)
        return made

    def _plan_callbacks(self, made: Taken) -> None:
        roll = self.chance.random
        stages = [("ringing" if made.kind == "Calls" else "queued", made.at), (made.end, made.over_at)]
        for status, at in stages:
            told = 1 - self.odds.callback_never if status == made.end else self.odds.callback_on_the_way
            if roll() > told:
                continue
            times = [at + timedelta(seconds=self.chance.uniform(0, 3))]
            times += (
                [times[0] + timedelta(hours=self.chance.uniform(0, 3))] if roll() < self.odds.callback_twice else []
            )
            if roll() < self.odds.callback_late:
                times[0] += timedelta(minutes=self.chance.uniform(1, 180))
            for when in times:
                self._count += 1
                heapq.heappush(self._callbacks, Callback(when, self._count, made, status))

    def next_at(self) -> datetime | None:
        """When the next callback comes."""
        return self._callbacks[0].at if self._callbacks else None

    def callbacks(self, until: datetime) -> Iterator[Callback]:
        """What the platform tells up to a moment."""
        while self._callbacks and self._callbacks[0].at <= until:
            told = heapq.heappop(self._callbacks)
            if told.status != told.of.end and told.of.end == "canceled":
                continue
            yield told
