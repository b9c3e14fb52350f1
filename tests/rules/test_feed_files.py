from __future__ import annotations

import pytest

from hotline.rules.feed_files import kind_of, whole

NAMES: dict[str, str | None] = {
    "2026-03-01.full.csv": "full",
    "2026-03-01.full.csv.gz": "full",
    "a.delta.jsonl": "delta",
    "a.delta.jsonl.gz": "delta",
    "a.b.c.delta.csv": "delta",
    "Año nuevo.delta.csv": "delta",
    "a.full.csv.done": None,
    "a.csv": None,
    "full.csv": None,
    "a.full.xlsx": None,
    "a.full.csv.gz.part": None,
    ".a.full.csv": None,
    "../a.full.csv": None,
    "a\n.full.csv": None,
    "": None,
}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_says_by_its_name_what_it_is(name: str) -> None:
    assert kind_of(name) == NAMES[name]


def test_a_file_is_taken_when_its_size_has_stood_still_or_its_twin_is_there_in_order_of_name() -> None:
    before = {"c.full.csv": 5, "b.delta.csv": 4, "notes.txt": 1}
    now = {"c.full.csv": 5, "b.delta.csv": 9, "a.delta.csv": 7, "a.delta.csv.done": 0, "d.full.csv": 3, "notes.txt": 1}
    assert whole(before, now) == ["a.delta.csv", "c.full.csv"]
