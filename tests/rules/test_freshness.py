"""How old the feed may grow before who is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hotline.rules.freshness import AFTER, Step, reached

TOLD = {
    Step.PAGE_STAFF: timedelta(minutes=45),
    Step.SAY_OLD: timedelta(hours=4),
    Step.TELL_SUBSCRIBERS: timedelta(hours=12),
}


def test_every_step_has_its_time() -> None:
    assert AFTER == TOLD
    assert list(AFTER) == list(Step)
    assert list(AFTER.values()) == sorted(AFTER.values())


@pytest.mark.parametrize("step", list(Step))
def test_a_step_is_reached_at_its_time_and_not_a_moment_before(step: Step) -> None:
    assert reached(step, AFTER[step])
    assert not reached(step, AFTER[step] - timedelta(microseconds=1))
    assert not reached(step, timedelta(0))
