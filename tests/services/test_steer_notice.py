"""Staff have a notice go out anew, or not at all."""

from __future__ import annotations

import pytest

from hotline.errors import NotFound
from hotline.services.line import Line
from hotline.services.notify import Round, list_due, run_due
from hotline.services.steer_notice import NotToBeSteered, cancel, retry
from hotline.store import audit
from tests.services.outbox import Outbox, refusing

BY, WHY = "A. Ortiz", "the number is reachable again"


@pytest.fixture
def told(line: Line) -> Outbox:
    outbox = Outbox.of(line)
    subject = outbox.person()
    outbox.sign_up("+12025550101", subject)
    outbox.news(subject)
    return outbox


def logged(outbox: Outbox) -> list[tuple[str, str, str]]:
    with outbox.line.database.read() as db:
        return [(entry.actor, entry.action, entry.object) for entry in audit.lines(db)]


def test_a_notice_whose_channel_was_dead_goes_out_as_if_it_had_never_been_tried(told: Outbox) -> None:
    told.platform.says = refusing(400, 21614)
    run_due(told.line)
    [dead] = told.deliveries()
    assert dead.status == "dead"
    retry(told.line, dead.id, BY, WHY)
    assert [delivery.id for delivery in list_due(told.line)] == [dead.id]
    assert logged(told) == [(BY, "delivery.retry", f"delivery {dead.id}")]
    told.platform.says = type(told.platform)().says
    assert run_due(told.line) == Round(placed=1)


def test_calls_begin_anew_with_their_whole_rhythm(told: Outbox) -> None:
    subject = told.person()
    told.sign_up("+12025550102", subject, calls=True, texts=False)
    told.news(subject)
    run_due(told.line)
    [call] = told.deliveries(channel="voice")
    told.goes(hours=60)
    told.doctored(call.id, next_at=told.line.clock())
    run_due(told.line)
    [call] = told.deliveries(channel="voice")
    assert call.status == "unconfirmed"
    retry(told.line, call.id, BY, WHY)
    assert run_due(told.line).placed == 1
    assert [one.status for one in told.deliveries(channel="voice")] == ["trying"]


def test_a_cancelled_notice_goes_to_nobody(told: Outbox) -> None:
    [delivery] = told.deliveries()
    cancel(told.line, delivery.id, BY, "told in person")
    assert run_due(told.line) == Round()
    [delivery] = told.deliveries()
    assert (delivery.status, delivery.reason) == ("stopped", "cancelled")
    assert logged(told) == [(BY, "delivery.cancel", f"delivery {delivery.id}")]


def test_what_is_over_or_under_way_is_not_steered_and_nothing_is_logged(told: Outbox) -> None:
    [delivery] = told.deliveries()
    with pytest.raises(NotToBeSteered, match="waiting"):
        retry(told.line, delivery.id, BY, WHY)
    cancel(told.line, delivery.id, BY, WHY)
    with pytest.raises(NotToBeSteered, match="over"):
        cancel(told.line, delivery.id, BY, WHY)
    assert len(logged(told)) == 1


@pytest.mark.parametrize("steer", [retry, cancel])
def test_a_notice_that_is_not_there_is_told_in_one_line(told: Outbox, steer) -> None:
    with pytest.raises(NotFound, match="no such delivery"):
        steer(told.line, "nobody's", BY, WHY)
