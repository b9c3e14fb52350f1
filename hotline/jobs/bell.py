"""The bell: a job in Redis that wakes a worker. It says nothing but "look"; the table says the rest.

Each worker process has a queue of its own, so that a ring reaches them all. Which queues those are stands in a sorted
set in Redis, each until a time by which its worker says again that it listens.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from threading import Thread
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import DuplicateJobError
from rq.timeouts import TimerDeathPenalty

from hotline.errors import HotlineError
from hotline.jobs.dispatcher import EMBEDDED_SECONDS, SWEEP_SECONDS

log = structlog.get_logger()

LISTENING = "hotline:listening"
LISTENS_FOR = 3 * SWEEP_SECONDS
"""Seconds after which a worker that was not heard of is rung no more."""
SERIALIZER = "json"

_wake: Callable[[], None] | None = None


def connect(url: str) -> Redis:
    """A connection that gives up soon: nothing waits for the bell."""
    return Redis.from_url(url, socket_connect_timeout=1, socket_timeout=5)


def ring(redis: Redis) -> None:
    """Wake every worker, if the bell can be reached; their sweepers look anyway."""
    try:
        now = time.time()
        for name, until in _listening(redis):
            if until > now:
                _ring_one(_queue(redis, name))
            else:
                redis.zrem(LISTENING, name)
                _queue(redis, name).delete()
    except RedisError as fault:
        log.warning("bell_silent", fault=type(fault).__name__)


def _listening(redis: Redis) -> list[tuple[str, float]]:
    """The workers' queues, each with the time until which it is believed to be listened to."""
    found: Any = redis.zrange(LISTENING, 0, -1, withscores=True)
    return [(name.decode(), until) for name, until in found]


def _ring_one(queue: Queue) -> None:
    try:
        queue.enqueue_call(
            f"{__name__}.answer_bell", job_id=queue.name, unique=True, result_ttl=0, failure_ttl=60, ttl=60
        )
    except DuplicateJobError:
        return  # one ring that is not answered yet is enough


def _queue(redis: Redis, name: str) -> Queue:
    return Queue(name, connection=redis, serializer=SERIALIZER)


def refuse_lossy(redis: Redis) -> None:
    """Raises HotlineError where Redis can't be reached, or may throw keys away."""
    try:
        policy = redis.config_get("maxmemory-policy").get("maxmemory-policy")
    except RedisError as fault:
        raise HotlineError(f"REDIS_URL: Redis can't be reached ({type(fault).__name__}): see that it runs") from None
    if policy != "noeviction":
        raise HotlineError(f"REDIS_URL: Redis evicts keys ({policy}): set its maxmemory-policy to noeviction")


def answer_bell() -> None:
    """The job: wake who sends."""
    if _wake is None:
        raise HotlineError("the bell was answered outside of a worker")
    _wake()


class Listener:
    """This process's own bell. While Redis can't be reached, the sweeper looks as often as it would without one."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._name = f"notices-{secrets.token_hex(8)}"

    def start(self, wake: Callable[[], None]) -> None:
        """Answer each ring by `wake`, in a thread of its own, as long as the process lives."""
        global _wake
        _wake = wake
        self.pause()
        Thread(target=self._listen, name="bell", daemon=True).start()

    def pause(self) -> float:
        """Say that this process listens. Returns in how many seconds its sweeper is to look again."""
        try:
            self._redis.zadd(LISTENING, {self._name: time.time() + LISTENS_FOR})
        except RedisError:
            return EMBEDDED_SECONDS
        return SWEEP_SECONDS

    def _listen(self) -> None:
        while True:
            try:
                queue = _queue(self._redis, self._name)
                _Worker([queue], connection=self._redis, serializer=SERIALIZER).work(logging_level="CRITICAL")
            except Exception as fault:  # whatever Redis, or what stands there, has come to
                log.warning("bell_silent", fault=type(fault).__name__)
            time.sleep(EMBEDDED_SECONDS)


class _Worker(SimpleWorker):
    """Jobs are done in this process, and in a thread: signals are the main thread's."""

    death_penalty_class = TimerDeathPenalty

    def _install_signal_handlers(self) -> None:
        return

    def procline(self, message: Any) -> None:
        return
