"""Callers who try dates on a name, and a record that many callers come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

import pytest

from hotline.simulator.persona import Persona
from hotline.simulator.telephone import LiveCall
from hotline.store.models import Search, StaffTask, Subject
from tests.calls.people import ASKS_FOR_JUAN, ASKS_FOR_NOBODY, JUAN
from tests.calls.stage import CALLER, Stage

pytestmark = pytest.mark.server  # many rows, calls or processes

Birth = date | int | None
RIGHT = date(1985, 3, 5)
ROOMY = {
    "HOTLINE_LIMIT_SEARCHES_PER_CALL": "20",
    "HOTLINE_LIMIT_SEARCHES_PER_DAY": "20",
    "HOTLINE_LIMIT_SEARCHES_PER_30_DAYS": "20",
}


@pytest.fixture
def stage(open_stage: Callable[..., Stage]) -> Stage:
    """A stage on which only the limits of this page hold."""
    return open_stage(**ROOMY)


def search(stage: Stage, who: Persona, number: str = CALLER, shown_as: str | None = None) -> LiveCall:
    """A call as far as the answer to its search; then the caller hangs up."""
    call = stage.phone(number).dial(stage.settings.number, **({} if shown_as is None else {"shown_as": shown_as}))
    while call.state not in ("inbound.confirm_match", "inbound.no_match", "inbound.key_surname"):
        who.act(call)
    call.hang_up()
    return call


def answers(stage: Stage, births: Iterable[Birth], who: Persona = ASKS_FOR_JUAN, number: str = CALLER) -> list[str]:
    return [search(stage, replace(who, birth=birth), number).state.removeprefix("inbound.") for birth in births]


@pytest.mark.parametrize(
    "births",
    [
        [1950, 1960, RIGHT],
        [1950, 1960, 1970, RIGHT],
        [date(1950, 1, 2), date(1950, 1, 3), RIGHT],
        [RIGHT, 1950, 1960, RIGHT],
    ],
)
def test_whoever_tries_a_third_date_on_a_name_finds_nobody_by_it_that_day(stage: Stage, births: list[Birth]) -> None:
    assert answers(stage, births)[-1] == "no_match"
    assert answers(stage, [RIGHT], number="+12025550140") == ["confirm_match"]
    stage.pass_time(hours=24)
    assert answers(stage, [RIGHT]) == ["confirm_match"]


@pytest.mark.parametrize("births", [[1950, RIGHT], [None, 1950, None, RIGHT], [1985, 1950, RIGHT]])
def test_whoever_corrects_a_date_once_or_says_more_of_it_still_finds_the_person(
    stage: Stage, births: list[Birth]
) -> None:
    assert answers(stage, births)[-1] == "confirm_match"


def test_a_locked_name_sounds_as_a_name_that_nobody_has(stage: Stage) -> None:
    births: list[Birth] = [1950, 1960, 1970]
    locked = [search(stage, replace(ASKS_FOR_JUAN, birth=birth)) for birth in births][-1]
    nobody = search(stage, replace(ASKS_FOR_NOBODY, birth=1970), "+12025550140")
    assert locked.state == nobody.state == "inbound.no_match"
    assert locked.heard == nobody.heard


def test_a_lock_on_one_name_leaves_the_others_open(stage: Stage) -> None:
    answers(stage, [1950, 1960, 1970], ASKS_FOR_NOBODY)
    assert answers(stage, [RIGHT]) == ["confirm_match"]


def test_the_fifth_caller_who_hears_one_record_and_does_not_sign_up_alerts_staff_once_a_day(stage: Stage) -> None:
    numbers = [f"+1202555014{n}" for n in range(8)]
    for number in [*numbers[:4], *numbers[:4]]:
        search(stage, ASKS_FOR_JUAN, number)
    assert stage.rows(StaffTask, kind="record_asked_often") == []
    for number in numbers[4:]:
        search(stage, ASKS_FOR_JUAN, number)
    [task] = stage.rows(StaffTask, kind="record_asked_often")
    [juan] = stage.rows(Subject, subject_id=JUAN)
    assert task.kind == "record_asked_often"
    assert task.unseal("note", stage.line.database.ring) == str(juan.id)
    stage.pass_time(hours=24)
    for number in numbers:
        search(stage, ASKS_FOR_JUAN, number)
    assert [task.kind for task in stage.rows(StaffTask, kind="record_asked_often")] == ["record_asked_often"] * 2


def test_a_caller_who_withholds_the_number_is_another_caller_at_each_call(stage: Stage) -> None:
    for _ in range(5):
        search(stage, ASKS_FOR_JUAN, shown_as="anonymous")
    assert [task.kind for task in stage.rows(StaffTask, kind="record_asked_often")] == ["record_asked_often"]


def test_a_record_that_somebody_signs_up_about_alerts_nobody(stage: Stage) -> None:
    stage.sign_up(ASKS_FOR_JUAN, "+12025550150")
    for n in range(6):
        search(stage, ASKS_FOR_JUAN, f"+1202555014{n}")
    assert stage.rows(StaffTask, kind="record_asked_often") == []


def test_callers_who_find_nobody_alert_nobody(stage: Stage) -> None:
    for n in range(6):
        search(stage, ASKS_FOR_NOBODY, f"+1202555014{n}")
    assert stage.rows(StaffTask, kind="record_asked_often") == []


def test_a_person_asked_for_in_several_spellings_is_one_person_of_the_week(stage: Stage) -> None:
    for given, surnames in (("Juan", "Pérez"), ("Juan Carlos", "Pérez"), ("Juan Carlos", "Pérez Morales")):
        who = replace(ASKS_FOR_JUAN, given_name=given, surnames=surnames)
        assert search(stage, who).state == "inbound.confirm_match"
    assert search(stage, ASKS_FOR_NOBODY).state == "inbound.no_match"
    assert search(stage, replace(ASKS_FOR_NOBODY, given_name="Wendolyn")).state == "inbound.no_match"


def test_what_is_kept_of_a_search_names_nobody_and_no_date(stage: Stage) -> None:
    search(stage, ASKS_FOR_JUAN)
    [row] = stage.rows(Search)
    kept = " ".join(str(getattr(row, column.key)) for column in Search.__table__.columns)
    for plain in ("Juan", "Pérez", "5826", "73739", "GT", "Guatemala", "1985", "0305", "2025550123"):
        assert plain not in kept.replace(str(row.at), "")
