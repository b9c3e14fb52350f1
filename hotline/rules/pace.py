"""How fast the line sends: token buckets, one a channel, shared by every process that sends.

The platform queues what comes faster than the account's calls per second and the number's segments per second, and
what waits there can't be looked at again: so it waits here (/docs/voice/api/call-resource).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from hotline.rules.limits import Limit, limit_row, read_rows, rows_of


@dataclass(frozen=True, slots=True)
class Pace:
    """The speeds in force. A full bucket holds what goes out in one second."""

    calls_per_second: int = limit_row(1, "calls placed in a second, by all processes together")
    segments_per_second: int = limit_row(1, "segments of texts sent in a second, by all processes together")
    mails_per_second: int = limit_row(10, "mails sent in a second, by all processes together")
    concurrency: int = limit_row(20, "requests to the platform that one process has open at once")

    @classmethod
    def from_names(cls, overrides: Mapping[str, str]) -> Self:
        """The table with some rows set anew: {"CALLS_PER_SECOND": "5"}. Raises ValueError as Limits.from_names does."""
        return cls(**read_rows(PACE, overrides))

    def of(self, channel: str) -> int:
        """Tokens a second of `voice`, `text` or `mail`."""
        return {"voice": self.calls_per_second, "text": self.segments_per_second, "mail": self.mails_per_second}[
            channel
        ]


PACE: Mapping[str, Limit] = rows_of(Pace)

CLOCKS_APART = timedelta(seconds=5)
"""How far the clocks of two machines that send may be from one another."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """How much may go out: `tokens`, as they were `at` a time (aware). Below zero is a debt."""

    tokens: float
    at: datetime


def refilled(bucket: Bucket | None, rate: int, now: datetime) -> Bucket:
    """The bucket as it is now, `rate` tokens a second and never more than a second's; full where there was none.

    Clocks of two machines differ a little: a bucket of the near future gains nothing. One of a far future was written
    by a clock that was wrong, and must not stop the line until then: it goes on from now.
    """
    if bucket is None:
        return Bucket(rate, now)
    if bucket.at - now > CLOCKS_APART:
        return Bucket(min(rate, bucket.tokens), now)
    passed = max(0.0, (now - bucket.at).total_seconds())
    return Bucket(min(rate, bucket.tokens + passed * rate), max(now, bucket.at))


def fitting(bucket: Bucket, costs: Sequence[int], rate: int) -> int:
    """How many of these, in their order, may go now; what costs more than a full bucket goes from a full one."""
    tokens = bucket.tokens
    for place, cost in enumerate(costs):
        if tokens < min(cost, rate):
            return place
        tokens -= cost
    return len(costs)


def seconds_until(bucket: Bucket, cost: int, rate: int) -> float:
    """How long until something of this cost may go."""
    return max(0.0, (min(cost, rate) - bucket.tokens) / rate)
