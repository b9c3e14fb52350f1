"""How long a search takes for those who may not be shown, beside one for somebody who is not there at all."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from statistics import median, quantiles
from typing import Any

from hotline.bench.held import FeedPerson
from hotline.bench.sampled import UNTIL, held_database, outsiders
from hotline.rules.birth_dates import from_feed
from hotline.rules.disclosure import earliest_date
from hotline.rules.matching import Query
from hotline.rules.readings import Said

KINDS: Mapping[str, Mapping[str, str]] = {
    "protected": {"protected": "true"},
    "child": {"birth_date": f"{UNTIL.year - 12}-02-11"},
    "not disclosable": {"disclosable": "false"},
    "no date of birth": {"birth_date": ""},
    "protected later": {},
    "not there": {},
}
"""What makes the people of each kind hidden; the last ones are in no table."""
CLOSE = 50.0
"""Milliseconds within which the medians must lie."""
WARM_UP = 50


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one kind's searches, and how many of them came to anybody of its own."""

    kind: str
    searches: int
    p50: float
    p95: float
    came_up: int


@dataclass(frozen=True, slots=True)
class HiddenFigures:
    """The times of every kind, and the widest distance of two medians."""

    people: int
    times: Sequence[Times]

    @property
    def apart(self) -> float:
        medians = [one.p50 for one in self.times]
        return max(medians) - min(medians)

    def as_json(self) -> dict[str, Any]:
        return {"people": self.people, "times": [asdict(one) for one in self.times], "apart_ms": round(self.apart, 3)}

    def as_table(self) -> str:
        lines = [f"{'kind':<18}{'searches':>9}{'p50 ms':>9}{'p95 ms':>9}{'came up':>9}"]
        lines += [
            f"{one.kind:<18}{one.searches:>9}{one.p50:>9.2f}{one.p95:>9.2f}{one.came_up:>9}" for one in self.times
        ]
        good = "within" if self.apart <= CLOSE else "NOT WITHIN"
        return "\n".join(
            [*lines, f"{self.people} people held; medians {self.apart:.2f} ms apart, {good} {CLOSE:.0f} ms"]
        )


def measure(people: int, searches: int = 500, database: str | None = None) -> HiddenFigures:
    """Search so often for people of each kind by full name, country and date, the kinds in turn."""
    asked = {kind: list(who) for kind, who in zip(KINDS, _groups(searches), strict=True)}
    with held_database(people, database):
        from hotline.services.line import open_line
        from hotline.settings import read_settings

        line = open_line(read_settings(), lambda: UNTIL)
        _import(line, asked)
        times = _times(line, asked)
        line.database.close()
    return HiddenFigures(people, times)


def _groups(searches: int) -> Iterator[Sequence[FeedPerson]]:
    """People whom the feed does not have, dealt to the kinds in turn, so that their names are alike."""
    whole = [one for one in outsiders() if one.shown and len(one.birth) == 10]
    for number in range(len(KINDS)):
        yield list(islice(whole[number :: len(KINDS)], searches))


def _import(line: Any, asked: Mapping[str, Sequence[FeedPerson]]) -> None:
    from hotline.services.import_custody import import_file
    from hotline.services.sample_custody import write_csv

    held = {kind: who for kind, who in asked.items() if kind != "not there"}
    for rows in (
        [_row(one, kind, changes) for kind, changes in KINDS.items() for one in held.get(kind, ())],
        [
            _row(one, kind, {"protected": "true", "updated_at": "2026-05-03T00:00:00Z"})
            for kind in ("protected later",)
            for one in held[kind]
        ],
    ):
        text = io.StringIO(newline="")
        write_csv(rows, text)
        import_file(line, io.BytesIO(text.getvalue().encode()), "delta")


def _row(one: FeedPerson, kind: str, changes: Mapping[str, str]) -> dict[str, str]:
    number = _number(one, kind)
    return {
        "subject_id": number,
        "given_names": one.given,
        "surnames": one.surnames,
        "birth_date": one.birth,
        "birth_country": one.country,
        "disclosable": "true",
        "protected": "false",
        "stay_id": number,
        "stint_id": number,
        "book_in_at": "2026-05-01T00:00:00Z",
        "updated_at": "2026-05-02T00:00:00Z",
        **changes,
    }


def _number(one: FeedPerson, kind: str) -> str:
    return f"{kind.upper().replace(' ', '-')}-{one.subject_id}"[-32:]


def _times(line: Any, asked: Mapping[str, Sequence[FeedPerson]]) -> list[Times]:
    from hotline.services.search import search
    from hotline.store.people import subject_ids

    today = earliest_date(UNTIL)
    spent: dict[str, list[float]] = {kind: [] for kind in asked}
    came_up = dict.fromkeys(asked, 0)
    turns = list(zip(*asked.values(), strict=True))
    for number, turn in enumerate([*turns[:WARM_UP], *turns]):
        for kind, one in zip(asked, turn, strict=True):
            query = Query(Said(text=one.given), Said(text=one.surnames), one.country, from_feed(one.birth))
            with line.database.read() as db:
                began = time.perf_counter()
                decision = search(db, query, today)
                milliseconds = (time.perf_counter() - began) * 1000
                found = subject_ids(db, [ranked.subject for ranked in decision.ranked], today)
            if number >= min(WARM_UP, len(turns)):
                spent[kind].append(milliseconds)
                came_up[kind] += _number(one, kind) in found.values()
    return [
        Times(kind, len(ms), median(ms), quantiles(ms, n=20)[-1] if len(ms) > 1 else ms[0], came_up[kind])
        for kind, ms in spent.items()
    ]
