"""`hotline bench match` as whoever measures the search types it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hotline.bench.callers import Kind
from hotline.cli import hotline
from tests.conftest import ENVIRON

pytestmark = pytest.mark.server  # many rows, calls or processes


def bench(*words: str) -> Result:
    return CliRunner().invoke(hotline, ["bench", "match", *words])


def run(environ: Mapping[str, str], *words: str) -> Result:
    told = CliRunner().invoke(hotline, words, env={**environ, "DATABASE_URL": None, "REDIS_URL": None})
    assert told.exit_code == 0, told.output
    return told


@pytest.mark.server  # a process for each size
def test_sizes_are_measured_one_after_the_other_and_what_grows_is_told() -> None:
    told = bench("--people", "300, 400", "--per-kind", "3")
    assert told.exit_code == 0, told.output
    first, second = (
        f"hotline bench match --people {n} --per-kind 3 --seed 100   (test seed, sqlite)" for n in (300, 400)
    )
    assert told.stdout.index(first) < told.stdout.index(second)
    growth = told.stdout.rstrip().splitlines()[-3:]
    assert [line.split()[0] for line in growth] == ["people", "300", "400"]


@pytest.mark.server  # a process for each size
def test_programs_read_one_object_with_calls_and_peers() -> None:
    told = bench("--people", "300", "--per-kind", "3", "--seed", "2", "--peers", "--calls", "30", "--json")
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    assert (found["people"], found["seed"], found["half"]) == (300, 2, "development")
    assert {"exact", "token_set"} <= found["peers"].keys()
    assert "trigram: not here, left out" in told.stderr
    assert sum(group["calls"] for group in found["calls"]["groups"].values()) == 30
    assert found["search"]["off"] == []


@pytest.mark.server  # a process for each size
def test_a_database_of_ones_own_is_measured_on_once(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'bench.db'}"
    assert bench("--people", "50", "--per-kind", "1", "--database", address).exit_code == 0
    again = bench("--people", "50", "--per-kind", "1", "--database", address)
    assert "empty database" in str(again.exception)


def test_a_calibration_is_printed_with_where_it_belongs() -> None:
    told = bench("--calibrate", "--people", "300", "--per-kind", "3")
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("# Isotonic curves")
    assert "--seed 1`" in told.stdout
    assert "hotline/rules/calibration.tsv" in told.stderr
    found = json.loads(bench("--calibrate", "--people", "300", "--per-kind", "3", "--json").stdout)
    assert found["curves"]["heard"][0] == [0.0, 0.0]


def test_queries_that_are_written_answered_by_the_match_command_and_judged(tmp_path: Path) -> None:
    """The way of whoever judges another search: its answers are measured as this one's are."""
    folder, environ = tmp_path / "asked", {**ENVIRON, "HOTLINE_DATA_DIR": str(tmp_path)}
    assert bench("--people", "300", "--per-kind", "4", "--write", str(folder)).exit_code == 0
    run(environ, "db", "upgrade")
    run(environ, "custody", "import", str(folder / "people.csv"), "--kind", "full")
    answers = folder / "answers.jsonl"
    answers.write_text(run(environ, "match", str(folder / "queries.jsonl")).stdout, encoding="utf-8")
    told = bench("--judge", str(folder / "truth.jsonl"), str(answers))
    assert told.exit_code == 0, told.output
    assert "R@FAR1" in told.stdout
    found = json.loads(bench("--judge", str(folder / "truth.jsonl"), str(answers), "--json").stdout)
    exact = next(row for row in found["kinds"] if row["kind"] == Kind.EXACT)
    assert (exact["queries"], exact["first"]) == (4, 1.0)


@pytest.mark.parametrize(
    ("truth", "answers", "sentence"),
    [
        ("{}", '{"id": 1}', "truth, line 1: not what `hotline bench match --write` writes"),
        ("", "nonsense", "answers, line 1: not what `hotline match` writes"),
        ("", '{"id": 1}\n[]', "answers, line 2"),
        ("", '{"id": 1, "candidates": [{}]}', "answers, line 1"),
        ("", '{"country": "MX"}', "answers, line 1"),
    ],
    ids=["truth", "no json", "no object", "no candidate", "no id"],
)
def test_a_file_that_is_something_else_is_told_by_its_line(
    tmp_path: Path, truth: str, answers: str, sentence: str
) -> None:
    (tmp_path / "truth").write_text(truth, encoding="utf-8")
    (tmp_path / "answers").write_text(answers, encoding="utf-8")
    told = bench("--judge", str(tmp_path / "truth"), str(tmp_path / "answers"))
    assert told.exit_code == 1
    assert sentence in str(told.exception)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--people", "0"], "give whole numbers from 1 to 10,000,000"),
        (["--people", "100,"], "give whole numbers"),
        (["--people", "9" * 5000], "give whole numbers"),
        (["--people", "10,20", "--database", "sqlite:///x.db"], "--database takes one number of --people"),
        (["--people", "10,20", "--write", "x"], "--write takes one number of --people"),
        (["--postgresql", "postgresql://127.0.0.1/x"], "--postgresql is for --peers"),
        (["--calibrate", "--seed", "100"], "--calibrate takes a --seed below 100"),
        (["--calibrate", "--calls", "5"], "--calibrate goes without"),
        (["--calibrate", "--write", "x"], "give one of them"),
        (["--judge", "no-file", "no-file"], "does not exist"),
        (["--judge", __file__], "--judge"),
        (["--seed", "-1"], "--seed"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_options_that_do_not_go_together_are_wrong_usage_in_one_line(words: list[str], sentence: str) -> None:
    told = bench(*words)
    assert told.exit_code == 2
    assert told.stderr.splitlines()[-1].startswith("Error: ")
    assert sentence in told.stderr


def test_trigrams_where_no_postgresql_is_are_told_before_anything_is_measured() -> None:
    told = bench("--people", "300", "--peers", "--postgresql", "postgresql://127.0.0.1:1/x")
    assert told.exit_code == 1
    assert "can't be reached" in str(told.exception)
    assert told.stdout == ""


@pytest.mark.server
def test_trigrams_are_measured_on_the_postgresql_that_is_given(postgresql_url: str) -> None:
    told = bench("--people", "300", "--per-kind", "2", "--peers", "--postgresql", postgresql_url, "--json")
    assert told.exit_code == 0, told.output
    assert "trigram" in json.loads(told.stdout)["peers"]
