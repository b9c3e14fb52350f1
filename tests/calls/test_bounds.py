"""Callers who say nothing, only nonsense, or only stars; and the ways to a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from hotline.simulator.persona import Manner
from hotline.store.models import Call, CallStep, StaffTask
from tests.calls.people import ASKS_FOR_JUAN
from tests.calls.stage import Stage, over_at

pytestmark = pytest.mark.server  # hundreds of calls over HTTP


@pytest.mark.parametrize("manner", [Manner.SILENT, Manner.NONSENSE, Manner.STARS])
@pytest.mark.parametrize("after", range(0, 16, 3))
def test_whoever_gives_up_in_the_middle_is_brought_to_an_end(stage: Stage, manner: Manner, after: int) -> None:
    call = stage.dial()
    for _ in range(after):
        ASKS_FOR_JUAN.act(call)
    replace(ASKS_FOR_JUAN, manner=manner).live(call, at_most=70)
    assert call.ended
    steps = stage.rows(CallStep)
    assert len(steps) <= 62


@pytest.mark.parametrize("manner", [Manner.SILENT, Manner.NONSENSE, Manner.STARS])
def test_a_placed_call_to_somebody_who_does_not_answer_its_questions_ends(stage: Stage, manner: Manner) -> None:
    stage.sign_up(ASKS_FOR_JUAN)
    stage.look()
    replace(ASKS_FOR_JUAN, manner=manner).live(stage.phone().answer(), at_most=70)


def test_a_silent_caller_reaches_a_person_and_hears_no_blame(stage: Stage) -> None:
    call = stage.dial()
    for _ in range(4):
        call.wait()
    call.is_at("inbound.to_a_person")
    for word in ("invalid", "wrong", "incorrect", "failed"):
        call.never_said(word)


def test_zero_reaches_the_operator_from_every_question(stage: Stage) -> None:
    call = stage.dial()
    walked = 0
    while not call.ended:
        at = call.state
        probe = stage.phone("+12025550190").dial(stage.settings.number)
        for _ in range(walked):
            ASKS_FOR_JUAN.act(probe)
        if probe.state == at:
            probe.press("0") if (probe.waiting_for or {}).get("num_digits") == 1 else probe.press("0#")
            assert probe.state == "inbound.to_a_person", (at, probe.story())
            assert (probe.waiting_for or {}).get("verb") == "dial"
        probe.hang_up()
        if walked >= 5:  # past the search every probe would be one more search
            break
        ASKS_FOR_JUAN.act(call)
        walked += 1


def test_where_nobody_is_free_a_number_is_left_for_a_call_back(open_stage: Callable[..., Stage]) -> None:
    stage = open_stage()
    stage.phone(stage.settings.operator_number or "").set(picks_up=False)
    call = stage.dial().press("1").press("0").is_at("inbound.to_a_person")
    stage.phone(stage.settings.operator_number or "").let_ring_out()
    call.look().is_at("inbound.hand_over").press("1").is_at("inbound.callback_number")
    over_at(call.press("2025550144#"), "inbound.callback_kept")
    [task] = stage.rows(StaffTask, kind="call_back")
    assert b"0144" not in task.note_sealed


def test_nine_leaves_from_the_menu_and_stores_only_the_call(stage: Stage) -> None:
    before = stage.counts()
    over_at(stage.dial().press("1").press("9"), "inbound.goodbye")
    after = stage.counts()
    assert {table for table in before if before[table] != after[table]} == {"call", "call_step"}


def test_an_early_key_counts(stage: Stage) -> None:
    stage.dial().press("1").press("1").press("1").press("5826#").press("73739#").press("4828#").is_at(
        "inbound.birth_date"
    )


def test_a_hang_up_is_noticed_and_a_call_that_is_never_heard_of_again_is_closed(stage: Stage) -> None:
    stage.dial().press("1").hang_up()
    stage.platform.settle()
    [call] = stage.rows(Call)
    assert (call.ending, call.node, call.session_sealed) == ("hung_up", "main_menu", None)


def test_a_number_keyed_with_a_pound_after_its_last_digit_is_no_silence(stage: Stage) -> None:
    call = stage.dial()
    while call.state != "inbound.birth_date":
        ASKS_FOR_JUAN.act(call)
    call.press("03051985#").is_at("inbound.confirm_match")
    [row] = stage.rows(Call)
    assert row.node == "confirm_match"
    assert [s.misses for s in stage.rows(CallStep)] == [0] * row.steps
