"""The processes of the Procfile, real ones, killed in the middle of their work."""

from __future__ import annotations

import signal
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from hotline.jobs import bell
from hotline.jobs.dispatcher import EMBEDDED_SECONDS, SWEEP_SECONDS
from hotline.services.demo import leaving, load_sample
from hotline.simulator.telephone import Telephone
from hotline.store.models import Attempt, Delivery
from tests.calls.people import ASKS_FOR_JUAN, JUAN
from tests.calls.stage import CALLER, NUMBER, over_at
from tests.jobs.conftest import Production, eventually, free_port

pytestmark = pytest.mark.server


def attempts(line: Production) -> list[Attempt]:
    with line.line.database.read() as db:
        return list(db.scalars(select(Attempt)))


def signed_up(line: Production) -> Telephone:
    """Somebody signs up about Juan over the real web process, and the phone says yes."""
    load_sample(line.line)
    line.serve()
    phone = line.platform.telephone(CALLER)
    over_at(ASKS_FOR_JUAN.live(phone.dial(NUMBER)), "inbound.done")
    eventually(phone.ringing)
    over_at(phone.answer().press("1"), "verify.confirmed")
    return phone


def removed(line: Production) -> subprocess.CompletedProcess[bytes]:
    return line.run("custody", "import", "-", given=leaving(line.line, JUAN, "Removed").encode())


def confirmed(line: Production) -> bool:
    with line.line.database.read() as db:
        return [d.status for d in db.scalars(select(Delivery).where(Delivery.urgency == "critical"))] == ["confirmed"]


def test_in_production_the_bell_wakes_a_worker_and_the_notice_is_confirmed(production: Production) -> None:
    production.start("worker")
    production.start("clock")
    phone = signed_up(production)
    assert removed(production).returncode == 0
    eventually(phone.ringing, seconds=20)  # sooner than the sweeper of the worker or the clock would look
    phone.answer().press("4827#").says("has been removed from the United States").press("2")
    eventually(lambda: confirmed(production))
    assert len(production.platform.exchange.calls) == 3
    assert not production.platform.violations


def test_without_redis_the_worker_finds_what_is_due_by_itself(embedded: Production) -> None:
    embedded.start("worker")
    phone = signed_up(embedded)
    removed(embedded)
    eventually(phone.ringing)
    phone.answer().press("4827#").press("2")
    eventually(lambda: confirmed(embedded))


def doomed_worker(line: Production, fault: str) -> subprocess.Popen[bytes]:
    """A worker that is about to place the call about Juan's removal, and meets a fault of the platform."""
    line.platform.fail_next(fault, seconds=8)
    removed(line)
    return line.start("worker")


def later(line: Production, minutes: int) -> None:
    """What a worker would do by then."""
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    assert line.run("notify", "run", "--at", at.isoformat()).returncode == 0


@pytest.mark.parametrize("moment", ["written down", "asked of the platform"])
def test_a_worker_killed_at_its_worst_moment_loses_nothing_and_calls_once(embedded: Production, moment: str) -> None:
    worker = embedded.start("worker")
    phone = signed_up(embedded)
    worker.send_signal(signal.SIGTERM)
    worker.wait(timeout=30)
    asked = len(embedded.platform.requests)
    doomed = doomed_worker(embedded, "stall")
    eventually(
        lambda: len(attempts(embedded)) == 2 if moment == "written down" else len(embedded.platform.requests) > asked
    )
    doomed.kill()
    doomed.wait(timeout=30)
    for minutes in (2, 5, 6):
        later(embedded, minutes)
    eventually(phone.ringing)
    phone.answer().press("4827#").says("has been removed").press("2")
    eventually(lambda: confirmed(embedded))
    assert len(embedded.platform.exchange.calls) == 3


def test_a_redis_that_may_throw_keys_away_is_refused_in_one_line(production: Production, redis_url: str) -> None:
    from redis import Redis

    redis = Redis.from_url(redis_url)
    redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        done = production.run("worker")
    finally:
        redis.config_set("maxmemory-policy", "noeviction")
    assert done.returncode == 1
    assert b"noeviction" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_reply_by_text_ends_the_call_that_rings_within_five_seconds(production: Production) -> None:
    production.start("worker")
    load_sample(production.line)
    production.serve()
    phone = production.platform.telephone(CALLER)
    over_at(replace(ASKS_FOR_JUAN, channel="both").live(phone.dial(NUMBER)), "inbound.done")
    eventually(phone.ringing)
    over_at(phone.answer().press("1"), "verify.confirmed")
    removed(production)
    eventually(phone.ringing, seconds=20)
    eventually(lambda: len(phone.texts) == 2)
    phone.text(NUMBER, "OK")
    eventually(lambda: not phone.ringing(), seconds=5)


def test_a_ring_reaches_every_worker(production: Production, redis_url: str) -> None:
    for _ in range(2):
        production.start("worker")
    redis = bell.connect(redis_url)
    eventually(lambda: redis.zcard(bell.LISTENING) == 2)
    bell.ring(redis)
    queues = [f"rq:queue:{name.decode()}" for name, _ in redis.zscan_iter(bell.LISTENING)]
    eventually(lambda: not any(redis.llen(queue) for queue in queues))


def test_a_worker_that_is_gone_is_rung_no_more(redis_url: str) -> None:
    redis = bell.connect(redis_url)
    redis.zadd(bell.LISTENING, {"notices-gone": 1})
    bell.ring(redis)
    assert redis.zscore(bell.LISTENING, "notices-gone") is None
    assert not redis.exists("rq:queue:notices-gone")


def test_a_redis_that_is_gone_leaves_the_worker_to_look_by_itself_every_two_seconds() -> None:
    silent = bell.connect(f"redis://127.0.0.1:{free_port()}")
    assert bell.Listener(silent).pause() == EMBEDDED_SECONDS
    bell.ring(silent)  # says so in the log, and nothing else


def test_a_redis_that_is_there_leaves_it_to_the_bell(redis_url: str) -> None:
    assert bell.Listener(bell.connect(redis_url)).pause() == SWEEP_SECONDS


def test_processes_end_gracefully_when_told(embedded: Production) -> None:
    embedded.serve()
    for name in ("worker", "clock"):
        embedded.start(name)
        eventually(lambda name=name: "Looking after" in embedded.said(name))
    for process in embedded._running:
        process.send_signal(signal.SIGTERM)
    assert [process.wait(timeout=30) for process in embedded._running] == [0, 0, 0]
