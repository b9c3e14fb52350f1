"""The bench's people, few enough to be looked through one by one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hotline.bench.held import FeedPerson
from hotline.bench.sampled import outsiders, sample


@pytest.fixture(scope="session")
def people() -> Sequence[FeedPerson]:
    return sample(300)


@pytest.fixture(scope="session")
def many_people() -> Sequence[FeedPerson]:
    return sample(6_000)


@pytest.fixture(scope="session")
def strangers() -> Sequence[FeedPerson]:
    return outsiders()[:2_000]
