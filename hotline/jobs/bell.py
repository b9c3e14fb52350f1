"""The bell: a job in Redis that wakes a worker. It says nothing but "look"; the table says the rest."""

from __future__ import annotations

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import DuplicateJobError

from hotline.errors import HotlineError
from hotline.services.line import Line
from hotline.services.tend import send_due

log = structlog.get_logger()

QUEUE = "notices"
JOB = "look"
SERIALIZER = "json"

_line: Line | None = None


def connect(url: str) -> Redis:
    """A connection that gives up soon: nothing waits for the bell."""
    return Redis.from_url(url, socket_connect_timeout=1, socket_timeout=5)


def ring(redis: Redis) -> None:
    """Wake a worker, if the bell can be reached; the sweeper looks anyway."""
    try:
        Queue(QUEUE, connection=redis, serializer=SERIALIZER).enqueue_call(
            f"{__name__}.answer_bell", job_id=JOB, unique=True, result_ttl=0, failure_ttl=60, ttl=60
        )
    except DuplicateJobError:
        return  # one ring that is not answered yet is enough
    except RedisError as fault:
        log.warning("bell_silent", fault=type(fault).__name__)


def refuse_lossy(redis: Redis) -> None:
    """Raises HotlineError where Redis can't be reached, or may throw keys away."""
    try:
        policy = redis.config_get("maxmemory-policy").get("maxmemory-policy")
    except RedisError as fault:
        raise HotlineError(f"REDIS_URL: Redis can't be reached ({type(fault).__name__}): see that it runs") from None
    if policy != "noeviction":
        raise HotlineError(f"REDIS_URL: Redis evicts keys ({policy}): set its maxmemory-policy to noeviction")


def answer_bell() -> int:
    """The job: send what is due."""
    if _line is None:
        raise HotlineError("the bell was answered outside of a worker")
    return send_due(_line)


def work(line: Line, redis: Redis) -> None:
    """Answer the bell until SIGTERM; the job under way is finished first."""
    global _line
    _line = line
    queue = Queue(QUEUE, connection=redis, serializer=SERIALIZER)
    SimpleWorker([queue], connection=redis, serializer=SERIALIZER).work(logging_level="WARNING")
