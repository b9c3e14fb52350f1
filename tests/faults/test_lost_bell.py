"""Redis is a bell: whatever becomes of it in the middle of sending, the table knows what is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hotline.store.models import Attempt, Delivery
from tests.faults.stage import Stage, eventually, on_stage
from tests.servers import Den, Postgresql, Server, ask_redis, redis_server_in

pytestmark = pytest.mark.server

DUE = 500
A_SECOND = 70
"""Calls, and segments of texts."""


@pytest.fixture(scope="module")
def redis(_den: Den, _redis_binary: Path) -> Iterator[Server]:
    server = redis_server_in(_den, _redis_binary)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, _postgresql: Postgresql, redis: Server) -> Iterator[Stage]:
    servers, folder = {"postgresql": _postgresql.server(), "redis": redis}, tmp_path_factory.mktemp("bell")
    servers["postgresql"].start()
    with on_stage(folder, servers, calls_per_second=A_SECOND, segments_per_second=A_SECOND) as stage:
        stage.tell_platform(silent=True)
        yield stage
    servers["postgresql"].stop()


def test_three_hundred_who_are_due_at_once_are_paced_and_no_event_waits_for_another(stage: Stage) -> None:
    due = [stage.news(150), stage.news(150)]
    workers = [stage.nursery.fork("worker"), stage.nursery.fork("worker")]
    eventually(lambda: len(stage.taken()) >= 300, stage.said)
    for worker in workers:
        stage.end(worker)
    taken = stage.taken()
    for kind in ("Calls", "Messages"):
        times = [one["at"] for one in taken if one["kind"] == kind]
        assert times[-1] - times[0] >= len(times) / A_SECOND - 1.5  # a full bucket goes out at once
    with stage.outbox.line.database.read() as db:
        query = select(Attempt.token, Delivery.event_id).join(Delivery, Delivery.id == Attempt.delivery_id)
        events = {row.token: row.event_id for row in db.execute(query)}
    halfway = Counter(events[one["token"]] for one in taken[:150])
    assert min(halfway[event] for event in set(events.values())) >= 60
    tally = stage.judge([one for event in due for one in event])
    assert (tally.lost, tally.twice) == ([], [])


def test_five_hundred_notices_go_out_once_though_redis_is_emptied_and_killed_meanwhile(
    stage: Stage, redis: Server
) -> None:
    due, before = stage.news(DUE), len(stage.taken())
    processes = [stage.nursery.fork(command) for command in ("worker", "worker", "clock")]
    eventually(lambda: len(stage.taken()) >= before + DUE // 4, stage.said)
    ask_redis(int(redis.url.split(":")[2].split("/")[0]), "FLUSHALL")
    eventually(lambda: len(stage.taken()) >= before + DUE // 2, stage.said)
    redis.kill()
    redis.start()
    eventually(lambda: len(stage.taken()) >= before + DUE, stage.said)
    assert [stage.end(process) for process in processes] == [0, 0, 0]
    tally = stage.judge(due)
    assert (tally.lost, tally.twice, len(stage.taken())) == ([], [], before + DUE)
    with stage.outbox.line.database.read() as db:
        assert db.scalar(select(func.count(Attempt.sid)).where(Attempt.delivery_id.in_(due))) == DUE
