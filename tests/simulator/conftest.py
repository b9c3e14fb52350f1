from __future__ import annotations

from collections.abc import Iterator

import pytest

from hotline.simulator.server import Simulator
from hotline.simulator.telephone import Telephone
from tests.simulator.far_side import CALLER, LINE, OPERATOR, PUBLIC, SID, STAFF_LINE, TOKEN, FarSide, far_side


@pytest.fixture
def far() -> Iterator[FarSide]:
    with far_side() as far:
        yield far


@pytest.fixture
def platform(far: FarSide) -> Iterator[Simulator]:
    simulator = Simulator(SID, TOKEN, LINE, PUBLIC, far.url, staff_number=STAFF_LINE, operator_number=OPERATOR)
    with simulator:
        yield simulator


@pytest.fixture
def phone(platform: Simulator) -> Telephone:
    return platform.telephone(CALLER)
