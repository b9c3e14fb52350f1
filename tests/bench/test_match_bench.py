"""The measures are exact on answers made by hand, and a small bench runs from feed to report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from hotline.bench.callers import Asked, Call, Kind, queries
from hotline.bench.calls import Played, summed
from hotline.bench.held import FeedPerson
from hotline.bench.match import Report, judge, measure, write_queries
from hotline.bench.match_report import growth_table
from hotline.bench.measures import (
    Answer,
    Bin,
    Pair,
    brier,
    by_country,
    figures,
    kind_figures,
    percentiles,
    recall_at_far,
    reliability,
)
from hotline.bench.peers import answered
from hotline.bench.sampled import held_database, sample
from hotline.errors import HotlineError

pytestmark = pytest.mark.server  # many rows, calls or processes


def _found(subject: str, *ranked: tuple[str, float], decided: bool = True) -> Pair:
    return Asked("q", Kind.EXACT, "MX", wanted=subject, decided_by_name=decided), Answer(ranked, "confirm", 2.0)


def _nobody(*ranked: tuple[str, float], kind: Kind = Kind.STRANGER) -> Pair:
    return Asked("q", kind, "MX"), Answer(ranked, "none", 1.0)


PAIRS = [
    _found("A", ("A", 0.95), ("B", 0.03)),
    _found("B", ("A", 0.45), ("C", 0.3), ("B", 0.2)),
    _found("C"),
    _found("D", ("E", 0.92)),
    _found("F", ("G", 0.91), decided=False),
    _nobody(("A", 0.25)),
    _nobody(),
    _nobody(("A", 0.93), kind=Kind.OTHER_SEX),
]


def test_recall_counts_those_whom_the_name_decides() -> None:
    found = figures(PAIRS)
    assert (found.first, found.third) == (1 / 4, 2 / 4)


def test_wrong_accepts_are_told_by_far_near_and_namesake() -> None:
    found = figures(PAIRS)
    assert (found.far, found.near, found.namesakes) == (0.0, 1.0, 1.0)
    exact = next(row for row in found.kinds if row.kind is Kind.EXACT)
    assert (exact.queries, exact.decided, exact.accepted, exact.wrong) == (5, 4, 0.5, 0.25)


def test_recall_behind_the_barrier_of_strangers() -> None:
    far = [_nobody(("X", score / 100)) for score in range(100)]
    right = [_found("A", ("A", 0.985)), _found("A", ("A", 0.98)), _found("A", ("A", 0.97)), _found("A", ("B", 0.99))]
    assert recall_at_far(far + right, 0.01) == 1 / 4
    assert recall_at_far(far + right, 0.03) == 3 / 4
    assert recall_at_far(right, 0.01) == 3 / 4


def test_brier_is_the_mean_square_of_stated_less_true() -> None:
    pairs = [_found("A", ("A", 0.8)), _found("A", ("B", 0.6)), _nobody(("B", 0.1)), _nobody(), _found("A")]
    assert brier(pairs) == pytest.approx((0.2**2 + 0.6**2 + 0.1**2) / 5)
    assert brier([]) == 0.0


def test_reliability_has_ten_bins_and_leaves_the_empty_ones_out() -> None:
    pairs = [
        _found("A", ("A", 1.0)),
        _found("A", ("A", 0.95)),
        _found("A", ("B", 0.9)),
        _nobody(("B", 0.05)),
        _nobody(),
    ]
    low, high = reliability(pairs)
    assert low == Bin(0.05, 0.0, 1)
    assert high.stated == pytest.approx(0.95)
    assert (high.right, high.count) == (2 / 3, 3)


def test_countries_with_few_queries_have_no_recall_of_their_own() -> None:
    many = [_found("A", ("A", 0.9)) for _ in range(29)]
    assert by_country(many) == ()
    assert by_country([*many, _found("A", ("B", 0.9))]) == (("MX", 29 / 30, 30),)


def test_percentiles_of_times() -> None:
    assert percentiles([float(n) for n in range(101)]) == (50.0, 95.0, 99.0)
    assert percentiles([]) == (0.0, 0.0, 0.0)
    assert percentiles([3.0]) == (3.0, 3.0, 3.0)


def test_keys_that_fit_many_lower_what_drawing_lots_would_reach() -> None:
    asked = Asked("q", Kind.PREFIXES, "MX", wanted="A", decided_by_name=True, fitting=4)
    row = kind_figures(Kind.PREFIXES, [(asked, Answer((("A", 0.3),))), (replace(asked, fitting=1), Answer())])
    assert row.by_lot == (1 / 4 + 1) / 2


def test_calls_are_summed_by_group() -> None:
    person = sample(20)[0]
    right = Call(Asked("c", Kind.SPEECH, "GT", wanted=person.subject_id, decided_by_name=True), frozenset(), ())
    contradicting = replace(right, asked=replace(right.asked, birth_date="1999"), contradicts=True)
    fishing = Call(Asked("c", Kind.FISHING, "GT"), frozenset(), ())
    found = summed(
        [
            (right, Played(person.subject_id, 0, True, 1)),
            (right, Played(person.subject_id, 0, False, 2)),
            (right, Played(None, 1, False, 2)),
            (contradicting, Played(person.subject_id, 0, True, 1)),
            (fishing, Played("S9", 1, True, 1)),
        ],
        {person.subject_id: person, "S9": person},
    )
    unique = found.groups["unique name"]
    assert (unique.right_at_once, unique.right, unique.read_back) == (1 / 3, 2 / 3, 1 / 3)
    assert found.groups["fishing"].wrong == 1.0
    assert found.contradicting == 1
    assert found.questions == 7 / 5


@pytest.fixture(scope="module")
def report() -> Report:
    return measure(300, per_kind=12, seed=1, peers=("exact", "token_set"), calls=60)


def test_a_small_bench_runs_from_feed_to_report(report: Report) -> None:
    exact = next(row for row in report.search.kinds if row.kind is Kind.EXACT)
    assert exact.first == 1.0
    assert report.hiding.shown == 0
    assert report.calls is not None
    assert report.calls.contradicting == 0
    assert [name for name, _ in report.peers] == ["exact", "token_set"]
    assert report.asking.rss_mb > 10


def test_the_report_reads_alike_for_people_and_programs(report: Report) -> None:
    told = json.loads(json.dumps(report.as_json()))
    assert told["half"] == "development"
    assert len(told["search"]["kinds"]) == len(Kind)
    text = report.as_table()
    assert text.startswith("hotline bench match --people 300 --per-kind 12 --seed 1")
    assert all(kind in text for kind in Kind)
    assert "whole calls" in text


def test_answers_of_the_command_are_judged_from_files(tmp_path: Path) -> None:
    write_queries(tmp_path, 300, 4, 1)
    asked = (tmp_path / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    truth = (tmp_path / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    wanted = {row["id"]: row["wanted"] for row in map(json.loads, truth)}
    answers = [
        json.dumps(
            {"id": i, "decision": "confirm", "ms": 1, "candidates": [{"subject_id": wanted[i], "probability": 1}]}
        )
        if wanted[i]
        else json.dumps({"id": i, "decision": "none", "ms": 1, "candidates": []})
        for i in (json.loads(line)["id"] for line in asked)
    ]
    found = judge(truth, answers)
    assert (found.first, found.far, found.brier) == (1.0, 0.0, 0.0)
    with pytest.raises(HotlineError, match="1 queries have no answer"):
        judge(truth, answers[1:])


def test_a_database_with_people_in_it_is_not_measured_on(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'people.db'}"
    with held_database(10, address):
        pass
    with pytest.raises(HotlineError, match="empty database"), held_database(10, address):
        pass


@pytest.mark.parametrize("name", ["exact", "token_set"])
def test_a_plain_method_finds_a_name_said_as_recorded(name: str, people: Sequence[FeedPerson]) -> None:
    assert _found_by(name, people, None) == 1.0


def test_trigrams_find_a_name_said_as_recorded_on_postgresql(people: Sequence[FeedPerson], postgresql_url: str) -> None:
    assert _found_by("trigram", people, postgresql_url) == 1.0


def test_a_method_without_what_it_needs_is_left_out(people: Sequence[FeedPerson]) -> None:
    assert answered("trigram", people, [], None) is None


def _found_by(name: str, people: Sequence[FeedPerson], postgresql: str | None) -> float:
    asked = [query for query in queries(people, 10, 1) if query.kind is Kind.EXACT]
    answers = answered(name, people, asked, postgresql)
    assert answers is not None
    return figures(answers).first


def test_growth_is_told_size_by_size(report: Report) -> None:
    heading, first, second = growth_table([report, replace(report, people=600)]).splitlines()
    assert "p95" in heading
    assert first.split()[0] == "300"
    assert second.split()[0] == "600"
