"""The name search over a file: what staff and outside judges of the search read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hotline.cli import hotline
from hotline.services.line import open_line
from hotline.services.match_names import BATCH, LONGEST_LINE
from hotline.settings import read_settings
from tests.conftest import ENVIRON

JUAN = {"id": "q1", "country": "GT", "text": "Juan Carlos Pérez Morales", "birth_date": "1985-03-05"}
HIDDEN = {"id": "q2", "country": "GT", "text": "Ana Lucía Ramírez Soto", "birth_date": "1990-07-19"}
CHILD = {"id": "q3", "country": "Honduras", "text": "Kevin Aguilar Cruz"}


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The environment of a line whose database holds the sample's people."""
    environ = {**ENVIRON, "HOTLINE_DATA_DIR": str(tmp_path_factory.mktemp("fed"))}
    sample = [sys.executable, "-m", "hotline.cli", "sample", "custody", "--people", "200"]
    feed = subprocess.run(sample, capture_output=True, check=True, env={"PATH": os.environ["PATH"]}).stdout
    assert run(environ, "db", "upgrade").exit_code == 0
    assert run(environ, "custody", "import", "-", "--kind", "full", stdin=feed).exit_code == 0
    return environ


def run(environ: Mapping[str, str], *words: str, stdin: bytes = b"") -> Result:
    """The command in this process, with this environment."""
    return CliRunner().invoke(hotline, words, input=stdin, env={**environ, "DATABASE_URL": None, "REDIS_URL": None})


def match(environ: Mapping[str, str], *records: object, options: tuple[str, ...] = ()) -> tuple[int, list[Any]]:
    """The exit status, and the answers to records, or to lines as they are where bytes are given."""
    lines = [record if isinstance(record, bytes) else json.dumps(record).encode() for record in records]
    told = run(environ, "match", *options, stdin=b"\n".join(lines) + b"\n")
    assert told.exception is None or isinstance(told.exception, SystemExit)
    return told.exit_code, [json.loads(line) for line in told.stdout.splitlines()]


def test_a_query_is_answered_with_the_person_by_the_feeds_id(fed: Mapping[str, str]) -> None:
    status, [told] = match(fed, JUAN)
    assert status == 0
    assert list(told) == ["id", "decision", "candidates", "ms"]
    assert (told["id"], told["decision"]) == ("q1", "confirm")
    assert told["candidates"][0]["subject_id"] == "S0000001"
    assert 0.9 < told["candidates"][0]["probability"] <= 1
    assert told["ms"] > 0
    probabilities = [candidate["probability"] for candidate in told["candidates"]]
    assert probabilities == sorted(probabilities, reverse=True)
    assert len(probabilities) <= 5


@pytest.mark.parametrize(
    "asked",
    [
        {"given": "Juan Carlos", "surnames": "Pérez Morales"},
        {"given": "se llama Juan Carlos", "surnames": "uh, Pérez Morales", "confidence": 0.8},
        {"given_keys": "58260227567", "surnames_keys": "7373906672537"},
        {"given": "Juan Carlos", "surnames_keys": "7373906672537"},
        {"given": "Juan Carlos", "surnames": "Pérez Morales", "surnames_keys": "7373906672537"},
        {"text": "Juan Carlos Pérez Morales", "confidence": None, "note": "of another program"},
    ],
    ids=["parts", "spoken", "keys", "spoken and keyed", "a second try", "more fields"],
)
def test_a_name_may_come_in_parts_as_words_as_keys_or_both(fed: Mapping[str, str], asked: Mapping[str, object]) -> None:
    status, [told] = match(fed, {"id": 1, "country": "Guatemala", "birth_date": "1985", **asked})
    assert (status, told["id"], told["decision"]) == (0, 1, "confirm")
    assert told["candidates"][0]["subject_id"] == "S0000001"


@pytest.mark.parametrize("record", [HIDDEN, CHILD], ids=["protected", "under age"])
def test_people_who_may_not_be_shown_never_appear(fed: Mapping[str, str], record: Mapping[str, object]) -> None:
    status, [told] = match(fed, record, options=("--explain",))
    assert (status, told["decision"]) == (0, "none")
    shown = {candidate["subject_id"] for candidate in told["candidates"]}
    assert shown.isdisjoint({"S0000006", "S0000007"})


def test_the_evidence_is_told_when_it_is_asked_for(fed: Mapping[str, str]) -> None:
    _, [told] = match(fed, JUAN, options=("--explain",))
    assert len(told["evidence"]) == len(told["candidates"])
    assert "juan" in json.dumps(told["evidence"][0])


UNREADABLE: list[tuple[object, str]] = [
    (b"nonsense", "not a line of JSON"),
    (b"\xff\xfe", "not a line of JSON"),
    (b"[" * 30_000, "not a line of JSON"),
    (b'{"id": "q", "country": "GT", "text": "\\ud800"}', "not a line of JSON"),
    (b'{"id": "q", "confidence": NaN}', "not a line of JSON"),
    (b'{"id": "q", "text": "' + b"x" * LONGEST_LINE + b'"}', "65,536 bytes at most"),
    (["a", "list"], "not an object"),
    ({**JUAN, "id": 1.5}, "id: "),
    ({**JUAN, "country": None}, "country: "),
    ({**JUAN, "country": "Atlantis"}, "country: "),
    ({**JUAN, "text": None}, "text: "),
    ({**JUAN, "text": 7}, "text: "),
    ({**JUAN, "text": "x" * 501}, "text: "),
    ({**JUAN, "given": "Juan"}, "text: "),
    ({**JUAN, "surnames_keys": "73-73"}, "surnames_keys: "),
    ({**JUAN, "birth_date": "5 March"}, "birth_date: "),
    ({**JUAN, "birth_date": "1985-03"}, "birth_date: "),
    ({**JUAN, "birth_date": "1985-02-30"}, "birth_date: "),
    ({**JUAN, "confidence": 1.1}, "confidence: "),
    ({**JUAN, "confidence": True}, "confidence: "),
]


@pytest.mark.parametrize(("record", "sentence"), UNREADABLE, ids=[str(n) for n in range(len(UNREADABLE))])
def test_a_line_that_can_not_be_read_is_told_and_the_others_answered(
    fed: Mapping[str, str], record: object, sentence: str
) -> None:
    status, told = match(fed, JUAN, record, b"", HIDDEN)
    assert status == 1
    assert [answer.get("decision") for answer in told] == ["confirm", None, "none"]
    assert sentence in told[1]["error"]
    assert "\n" not in told[1]["error"]
    assert "candidates" not in told[1]
    known = isinstance(record, dict) and isinstance(record["id"], str)
    assert told[1].get("id") == ("q1" if known else None)


@pytest.mark.parametrize("text", ["", " ", "***", "J*** P***", "?", "\u0000", "\u0634", "'" * 500, "a " * 250])
def test_a_name_that_says_nothing_means_nobody(fed: Mapping[str, str], text: str) -> None:
    for asked in ({"text": text}, {"given": text, "surnames": text}):
        status, [told] = match(fed, {"id": "q", "country": "GT", **asked})
        assert (status, told["decision"], told["candidates"]) == (0, "none", [])


def test_no_query_is_no_answer(fed: Mapping[str, str]) -> None:
    assert match(fed, b"") == (0, [])


def test_a_file_of_many_queries_is_answered_line_by_line_in_its_order(fed: Mapping[str, str], tmp_path: Path) -> None:
    file = tmp_path / "queries.jsonl"
    count = BATCH + 5
    file.write_text("".join(json.dumps({**(JUAN if n % 2 else HIDDEN), "id": n}) + "\n" for n in range(count)))
    told = run(fed, "match", str(file))
    assert [json.loads(line)["id"] for line in told.stdout.splitlines()] == list(range(count))


def test_a_file_that_is_not_there_is_told(fed: Mapping[str, str], tmp_path: Path) -> None:
    told = run(fed, "match", str(tmp_path / "no.jsonl"))
    assert "can't be read" in str(told.exception)
    assert told.stdout == ""


def test_another_program_may_wait_for_each_answer_before_it_asks_on(fed: Mapping[str, str]) -> None:
    asked = subprocess.Popen(
        [sys.executable, "-m", "hotline.cli", "match"],
        env={"PATH": os.environ["PATH"], **fed},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert asked.stdin is not None
    assert asked.stdout is not None
    for record in (JUAN, HIDDEN):
        asked.stdin.write(json.dumps(record).encode() + b"\n")
        asked.stdin.flush()
        assert json.loads(asked.stdout.readline())["id"] == record["id"]
    assert asked.communicate(timeout=20)[0] == b""
    assert asked.returncode == 0


def test_nothing_is_written_by_matching(fed: Mapping[str, str]) -> None:
    file = Path(fed["HOTLINE_DATA_DIR"], "hotline.db")
    line = open_line(read_settings(fed))
    line.database.close()
    before = file.read_bytes()
    match(fed, JUAN, HIDDEN, CHILD, b"nonsense")
    assert file.read_bytes() == before
