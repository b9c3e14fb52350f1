"""Who is killed at a marked point, and whatever it is: each notice goes out, and none goes out twice.

Here once at each point; fifty times by `python -m tests.faults.rounds`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.marked import owner
from tests.faults.rounds import POINTS, TAKEN, play
from tests.faults.stage import Stage, on_stage
from tests.servers import Den, Postgresql, redis_server_in

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def production(
    tmp_path_factory: pytest.TempPathFactory, _den: Den, _postgresql: Postgresql, _redis_binary: Path
) -> Iterator[Stage]:
    """PostgreSQL and Redis, to be killed."""
    servers = {"postgresql": _postgresql.server(), "redis": redis_server_in(_den, _redis_binary)}
    for server in servers.values():
        server.start()
    with on_stage(tmp_path_factory.mktemp("production"), servers) as stage:
        yield stage
    for server in servers.values():
        server.stop()


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """SQLite, and no bell."""
    with on_stage(tmp_path_factory.mktemp("embedded"), {}) as stage:
        yield stage


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_marked_point_nothing_is_lost_and_nothing_goes_out_twice(production: Stage, point: str) -> None:
    tally = play(production, point, 1, first=[*POINTS].index(point))
    assert tally.faults == []


@pytest.mark.parametrize("point", [*POINTS][1::5])
def test_on_the_embedded_default_neither(embedded: Stage, point: str) -> None:
    assert play(embedded, point, 1).faults == []


def test_the_points_are_twenty_and_each_lies_in_the_program() -> None:
    places = {(point.module, point.name, point.when) for point in POINTS.values()}
    assert len(POINTS) == len(places) == 20
    for point in POINTS.values():
        assert point is POINTS[TAKEN] or callable(getattr(owner(point.module, point.name), point.name.split(".")[-1]))
