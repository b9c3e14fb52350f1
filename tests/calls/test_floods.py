"""Many calls at once: one number keeps nobody else out, and in a flood everybody still gets to a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from hotline.simulator.telephone import LiveCall
from hotline.store.models import Call, StaffTask, new_id
from tests.calls.stage import CALLER, NUMBER, Stage, over_at

pytestmark = pytest.mark.server  # whole calls over HTTP

OTHER = "+12025550161"


def rings_off(stage: Stage, number: str = CALLER) -> None:
    """A call that is taken and over at once."""
    stage.dial(number).is_at("inbound.welcome").hang_up()
    stage.platform.settle()


def earlier(stage: Stage, count: int, ago: timedelta) -> None:
    """Calls of other people, that long ago."""
    with stage.line.database.begin() as db:
        for _ in range(count):
            at = stage.now - ago
            db.add(
                Call(
                    id=new_id(), sid=new_id(), direction="in", flow="inbound", version="-", node="goodbye",
                    language="en", started_at=at, touched_at=at, ended_at=at, ending="completed",
                )
            )  # fmt: skip


def test_a_second_call_at_once_from_one_number_is_told_so_in_every_language_and_the_first_goes_on(
    stage: Stage,
) -> None:
    first = stage.dial().is_at("inbound.welcome")
    second = stage.phone("+12025550162").dial(NUMBER, shown_as=CALLER)  # an exchange with one number for all
    over_at(second, "inbound.busy").says("Another call from your number").says("Hay otra llamada de su número")
    second.says("dial 911").says("marque 911")
    first.press("1").is_at("inbound.main_menu")
    stage.dial(OTHER).is_at("inbound.welcome")


def test_once_the_first_call_is_over_the_number_gets_in(stage: Stage) -> None:
    rings_off(stage)
    stage.dial().is_at("inbound.welcome")


def test_whose_call_was_cut_off_without_a_word_of_it_gets_in_two_minutes_later(stage: Stage) -> None:
    cut = stage.dial()
    stage.platform.exchange.calls[cut.sid].program.status_url = ""  # its end is never told
    cut.hang_up()
    stage.platform.settle()
    over_at(stage.dial(), "inbound.busy")
    stage.now += timedelta(minutes=2, seconds=1)
    stage.dial().is_at("inbound.welcome")


def test_after_ten_calls_in_ten_minutes_a_number_waits_and_then_gets_in_however_often_it_tried(stage: Stage) -> None:
    for _ in range(10):
        rings_off(stage)
    for _ in range(12):
        over_at(stage.dial(), "inbound.too_often").says("Please wait ten minutes").says("espere diez minutos")
    stage.dial(OTHER).is_at("inbound.welcome")
    stage.now += timedelta(minutes=10)
    stage.dial().is_at("inbound.welcome")


def test_callers_who_withhold_their_number_are_never_one_number(open_stage: Callable[..., Stage]) -> None:
    stage = open_stage(HOTLINE_LIMIT_CALLS_PER_NUMBER_10_MINUTES="1")
    for withheld in ("anonymous", "anonymous", "+266696687", ""):
        phones = (stage.phone(number) for number in ("+12025550163", "+12025550164"))
        for call in [phone.dial(NUMBER, shown_as=withheld).is_at("inbound.welcome") for phone in phones]:
            call.hang_up()


def in_english(stage: Stage, number: str = CALLER) -> LiveCall:
    return stage.dial(number).is_at("inbound.welcome").press("1")


def test_in_a_flood_a_caller_chooses_a_language_and_then_gets_a_person_or_a_call_back(stage: Stage) -> None:
    earlier(stage, 60, timedelta(minutes=1))
    call = in_english(stage).is_at("inbound.hand_over").says("Many people are calling").says("To talk to a person now")
    over_at(call.press("1").press("2025550123#"), "inbound.callback_kept")
    assert [task.kind for task in stage.rows(StaffTask) if task.call_id] == ["call_back"]


def test_a_flood_is_over_ten_minutes_after_it(stage: Stage) -> None:
    earlier(stage, 60, timedelta(minutes=1))
    stage.now += timedelta(minutes=9)
    in_english(stage).is_at("inbound.main_menu")


@pytest.mark.parametrize(("usually", "leads_to"), [(7 * 120, "inbound.hand_over"), (7 * 180, "inbound.main_menu")])
def test_as_many_calls_as_this_hour_has_on_other_days_are_no_flood(stage: Stage, usually: int, leads_to: str) -> None:
    for days in range(1, 8):
        earlier(stage, usually // 7, timedelta(days=days))
    earlier(stage, 89, timedelta(minutes=1))
    in_english(stage).is_at(leads_to)
