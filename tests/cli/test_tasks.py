"""Staff see, take and settle what waits for them, from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from hotline.cli import hotline
from hotline.services.line import Line
from hotline.store import tasks
from tests.conftest import NOW
from tests.services.enrolled import enrolled

BY = ("--by", "Ana Ortiz")
WHY = ("--reason", "I call back now")

Ask = Callable[..., Result]


@pytest.fixture
def ask(sqlite_environ: Mapping[str, str]) -> Ask:
    def run(*words: str) -> Result:
        return CliRunner().invoke(hotline, ("tasks", *words), env=dict(sqlite_environ))

    return run


@pytest.fixture
def call_back(sqlite_line: Line) -> str:
    """Somebody asked for a call, a year after which nobody called."""
    with sqlite_line.database.begin() as db:
        return tasks.open_task(db, "call_back", NOW - timedelta(days=365), note="+12025550123").id


def test_the_list_says_what_to_do_and_nothing_about_anybody(ask: Ask, call_back: str) -> None:
    told = ask("list").output
    assert told.startswith(f"{call_back}  call_back  OVERDUE 2025-03-03 15:00 UTC: A caller asked for a call back.")
    assert "555" not in told
    [one] = json.loads(ask("list", "--json").output)
    assert (one["id"], one["overdue"], one["owner"]) == (call_back, True, None)
    assert ask("list", "--kind", "looks_wrong").output == "Nothing waits.\n"


def test_a_task_is_taken_shown_and_closed(ask: Ask, call_back: str) -> None:
    assert ask("take", call_back, *BY).output == "It is yours.\n"
    assert "Ana Ortiz sees to it" in ask("list").output
    assert ask("show", call_back, *BY, *WHY).output == "number: +12025550123\n"
    assert json.loads(ask("show", call_back, *BY, *WHY, "--json").output) == {"number": "+12025550123"}
    assert ask("close", call_back, *BY, "--note", "called, all is well").output == "Closed.\n"
    assert ask("list").output == "Nothing waits.\n"
    assert "done by Ana Ortiz" in ask("list", "--all").output


def test_a_pin_is_unlocked(ask: Ask, sqlite_line: Line) -> None:
    who = enrolled(sqlite_line, "S1")
    with sqlite_line.database.begin() as db:
        task = tasks.open_task(db, "pin_locked", NOW, enrolment_id=who).id
    assert ask("unlock", task, *BY, *WHY).output == "Done.\n"


def test_a_task_with_nothing_behind_it_says_so(ask: Ask, sqlite_line: Line) -> None:
    with sqlite_line.database.begin() as db:
        task = tasks.open_task(db, "many_searches", NOW).id
    assert ask("show", task, *BY, *WHY).output == "Nothing is sealed behind it.\n"


@pytest.mark.parametrize(
    "words", [("take",), ("show", *WHY), ("close", "--note", "done"), *((deed, *WHY) for deed in (
        "connect", "dismiss", "unlock", "approve", "end"))]
)  # fmt: skip
def test_a_task_that_is_not_there_is_one_plain_line(ask: Ask, sqlite_line: Line, words: tuple[str, ...]) -> None:
    told = ask(words[0], "nothing", *words[1:], *BY)
    assert told.exit_code == 1
    assert str(told.exception) == "no such task is open: see `hotline tasks list`"


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--kind", "gossip"),
        ("take", "X"),
        ("take", *BY),
        ("show", "X", *BY),
        ("close", "X", *BY),
        ("connect", "X", *WHY),
        ("unlock", "X", *BY),
    ],
)
def test_a_deed_without_its_name_or_reason_is_wrong_usage(ask: Ask, words: tuple[str, ...]) -> None:
    assert ask(*words).exit_code == 2
