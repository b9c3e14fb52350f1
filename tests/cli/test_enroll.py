"""People are brought in from the command line, and the report tells what became of them without a name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hotline.cli import hotline
from hotline.services.line import Line
from tests.services.enrolled import feed

FILE = """subject_id,channel,number,name
S1,call,2025550123,Ana Ruiz
S9,call,2025550124,Rosa Mora
S1,pigeon,2025550125,Luz Vega
"""
PRIVATE = ("Ana", "Ruiz", "Rosa", "Luz", "2025550123", "555", "Juan", "Pérez")

Ask = Callable[..., Result]


@pytest.fixture
def people(sqlite_line: Line, tmp_path: Path) -> str:
    """A file of three lines, the person of the first of whom is in the records."""
    feed(sqlite_line, {"subject_id": "S1"})
    path = tmp_path / "people.csv"
    path.write_text(FILE)
    return str(path)


@pytest.fixture
def ask(sqlite_environ: Mapping[str, str]) -> Ask:
    def run(*words: str, **options: object) -> Result:
        environ = {"USER": None, "LOGNAME": None, "SUDO_USER": None, **sqlite_environ}
        return CliRunner().invoke(hotline, words, env=environ, **options)  # type: ignore[arg-type]

    return run


def test_a_file_is_brought_in_and_reported_by_line(ask: Ask, people: str) -> None:
    told = ask("enroll", "import", people, "--by", "Ana Ortiz")
    assert told.stdout == "Batch 1: 3 lines read, 1 will be asked to say yes, 0 were there before, 2 not taken.\n"
    assert told.stderr == (
        "  line 3: nobody found that this line can give news about\n  line 4: channel must be call, text or both\n"
    )
    report = ask("enroll", "report").output
    assert report.startswith("Batch 1, brought in ")
    assert "UTC by Ana Ortiz: 1 not yet." in report
    assert "line 2 " in report
    assert not any(word in told.output + report.replace("Ana Ortiz", "") for word in PRIVATE)


def test_the_report_for_programs_is_one_object(ask: Ask, people: str) -> None:
    done = json.loads(ask("enroll", "import", people, "--by", "Ana Ortiz", "--json").stdout)
    assert (done["batch"], done["rows"], done["asked"], done["there_before"]) == (1, 3, 1, 0)
    assert [one["line"] for one in done["refused"]] == [3, 4]
    [line] = json.loads(ask("enroll", "report", "1", "--json").stdout)["lines"]
    assert (line["line"], line["standing"]) == (2, "not yet")


def test_a_dry_run_brings_nobody_in(ask: Ask, people: str) -> None:
    told = ask("enroll", "import", people, "--by", "Ana Ortiz", "--dry-run")
    assert told.stdout.startswith("3 lines read, 1 would be asked")
    assert ask("enroll", "report").exit_code == 1


def test_the_file_may_come_by_standard_input(ask: Ask, people: str) -> None:
    told = ask("enroll", "import", "-", "--by", "Ana Ortiz", "--dry-run", input=FILE)
    assert "1 would be asked" in told.stdout


def test_somebody_must_have_brought_them_in(ask: Ask, people: str) -> None:
    told = ask("enroll", "import", people)
    assert told.exit_code == 2
    assert "--by" in told.output


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("enroll", "import", "/nowhere/people.csv", "--by", "A"), "can't be read"),
        (("enroll", "report", "7"), "no such batch was brought in"),
        (("enroll", "import", "-", "--by", "A"), "the file is empty"),
        (("enroll", "import", "-", "--by", " "), "the name of the person"),
    ],
)
def test_what_can_not_be_done_is_one_plain_line(ask: Ask, words: tuple[str, ...], reason: str) -> None:
    told = ask(*words, input="" if reason != "the name of the person" else FILE)
    assert told.exit_code == 1
    assert reason in str(told.exception)


@pytest.mark.parametrize("batch", ["0", "-1", "x", "1.5"])
def test_a_batch_is_named_by_its_number(ask: Ask, batch: str) -> None:
    assert ask("enroll", "report", batch).exit_code == 2
