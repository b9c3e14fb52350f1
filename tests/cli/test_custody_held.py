"""Staff decide from the command line what waits for a person, and what is to be taken back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

import pytest
from click.testing import CliRunner, Result

from hotline.cli import hotline
from hotline.services.line import Line, open_line
from hotline.settings import read_settings
from hotline.store.models import CustodyImport
from tests.conftest import NOW
from tests.services.test_import_custody import DIED, OUT, REMOVED, enrol, give
from tests.services.test_release_events import ANA, BEN, PEOPLE, WHY, numbered, reached

pytestmark = pytest.mark.server  # many files

Ask = Callable[..., Result]


@pytest.fixture
def line(sqlite_environ: Mapping[str, str]) -> Iterator[Line]:
    """A line on which an import is held, and a death and a doubt wait."""
    opened = open_line(read_settings(sqlite_environ), clock=lambda: NOW)
    give(opened, *numbered({}, PEOPLE + 2))
    for n in range(1, 26):
        enrol(opened, f"S{n}", f"+120255501{n:02}")
    died, odd = numbered({}, PEOPLE + 2)[PEOPLE:]
    give(opened, {**died, **DIED}, {**odd, **OUT, "release_reason": "Paroled - Fear Found, sent elsewhere"})
    give(opened, *numbered(REMOVED))
    yield opened
    opened.database.close()


@pytest.fixture
def ask(line: Line, sqlite_environ: Mapping[str, str]) -> Ask:
    def run(*words: str) -> Result:
        return CliRunner().invoke(hotline, words, env=dict(sqlite_environ))

    return run


def decide(ask: Ask, verdict: str, what: str, *more: str, by: str = ANA) -> Result:
    return ask("custody", "held", verdict, what, "--by", by, "--reason", WHY, *more)


def test_the_list_tells_counts_reasons_and_age_and_nobodys_name(ask: Ask) -> None:
    told = ask("custody", "held", "list").output
    assert "import:3  delta, held" in told
    assert "30 people, 50 critical notices; 30 removed" in told
    assert "because it would send 50 critical notices" in told
    assert "approval by 1 needed" in told
    assert "died of subject S31" in told
    assert "under_review of subject S32" in told
    for private in ("Juan", "Pérez", "1985", "Withdrawal", "Paroled", "Fear"):
        assert private not in told


def test_the_list_for_programs_is_one_object(ask: Ask) -> None:
    told = json.loads(ask("custody", "held", "list", "--json").output)
    assert [one["import_id"] for one in told["imports"]] == [3]
    assert [one["kind"] for one in told["events"]] == ["died", "under_review"]
    assert told["more_events"] == 0


def test_an_import_and_two_events_are_decided_and_nothing_waits(ask: Ask) -> None:
    events = json.loads(ask("custody", "held", "list", "--json").output)["events"]
    died, doubt = (f"event:{one['event_id']}" for one in events)
    assert decide(ask, "approve", "import:3").output == "Done: 50 notices planned.\n"
    assert decide(ask, "approve", died).output == "Done: 0 notices planned.\n"
    assert json.loads(decide(ask, "approve", doubt, "--as", "released", "--json").output) == {
        "missing": 0,
        "deliveries": 0,
    }
    assert ask("custody", "held", "list").output == "Nothing waits.\n"
    assert ask("audit", "verify").output.startswith("The log is whole. Its head: 3:")


def test_the_second_name_is_asked_for(ask: Ask, line: Line) -> None:
    with line.database.begin() as db:
        db.get_one(CustodyImport, 3).approvals = 2
    assert "1 more must say the same" in decide(ask, "cancel", "import:3").output
    assert "so far Ana Ortiz: cancel" in ask("custody", "held", "list").output
    again = decide(ask, "cancel", "import:3")
    assert again.exit_code == 1
    assert "another named person must agree" in str(again.exception)
    assert decide(ask, "cancel", "import:3", by=BEN).output == "Done: 0 notices planned.\n"


@pytest.mark.parametrize("what", ["3", "import", "import:", "import:x", "person:3", "event:-1", "event:²"])
def test_what_names_neither_import_nor_event_is_wrong_usage(ask: Ask, what: str) -> None:
    told = decide(ask, "approve", what)
    assert told.exit_code == 2
    assert "import:12 or event:34" in told.output


def test_a_reading_of_a_whole_import_is_wrong_usage(ask: Ask) -> None:
    assert decide(ask, "approve", "import:3", "--as", "released").exit_code == 2


def test_an_import_is_taken_back(ask: Ask, line: Line) -> None:
    decide(ask, "approve", "import:3")
    reached(line, 10, accepted_at=NOW)
    told = ask("custody", "retract", "3", "--by", ANA, "--reason", WHY)
    assert told.output == "Taken back: 50 notices cancelled, 10 corrections on their way.\n"


def test_an_import_that_is_taken_back_is_told_to_programs(ask: Ask) -> None:
    told = ask("custody", "retract", "3", "--by", ANA, "--reason", WHY, "--json")
    assert json.loads(told.output) == {"cancelled": 0, "corrections": 0, "to_review": 0}
