"""Every task that the line opens is explained to staff."""

import ast
from pathlib import Path

from hotline.rules.platform_errors import CONSEQUENCES
from hotline.rules.staff_pages import WORDS
from hotline.rules.staff_tasks import KINDS, TODAY, due_within
from hotline.services import drop_folder, look_for_watches, protect, release_events

PROGRAM = Path(__file__).resolve().parents[2] / "hotline"


def opened() -> set[str]:
    """The kinds that stand as words where a task is opened."""
    calls = (
        node
        for file in PROGRAM.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr.startswith("open_")
    )
    words = (argument.value for call in calls for argument in call.args[1:2] if isinstance(argument, ast.Constant))
    return {word for word in words if isinstance(word, str)}


def test_every_kind_of_task_tells_staff_what_to_do_and_by_when() -> None:
    assert opened() - KINDS.keys() == set()
    for kind in KINDS.values():
        assert kind.title
        assert kind.to_do.endswith(".")
        assert kind.within.total_seconds() > 0


def test_what_staff_are_paged_about_is_a_task_that_they_can_read() -> None:
    assert {page.value for page, words in WORDS.items() if words.task} - KINDS.keys() == set()


def test_what_the_feed_opens_is_a_task_that_staff_can_read() -> None:
    opened_by_name = {
        drop_folder.FEED_REFUSED,
        look_for_watches.WATCH_MATCH,
        protect.TASK,
        release_events.CUSTODY_REVIEW,
        release_events.DEATH_REVIEW,
    }
    assert opened_by_name - KINDS.keys() == set()


def test_what_the_platform_refuses_is_a_task_that_staff_can_read() -> None:
    told = {verdict.value for verdict, follows in CONSEQUENCES.items() if follows.staff and not follows.pause}
    assert told - KINDS.keys() == set()


def test_a_task_is_due_within_its_kinds_time() -> None:
    assert due_within("channel_dead") == TODAY
