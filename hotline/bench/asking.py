"""Asks the search in a process of its own, as `hotline match` would, and takes the time and the memory it needs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from hotline.bench.callers import Asked
from hotline.bench.measures import Answer
from hotline.bench.sampled import UNTIL


@dataclass(frozen=True, slots=True)
class Asking:
    """The answers of one process that did nothing else; milliseconds, and its greatest memory in MiB."""

    answers: tuple[Answer, ...]
    open_ms: float
    first_ms: float
    rss_mb: float


def ask(asked: Sequence[Asked]) -> Asking:
    """Answers every query in one process of its own, as `hotline match` would, each in a transaction of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_ask, [query.as_line() for query in asked]).result()


def _ask(lines: Sequence[str]) -> Asking:
    from hotline.rules.disclosure import earliest_date
    from hotline.services.line import open_line
    from hotline.services.match_names import answer, read_record
    from hotline.settings import read_settings

    began = time.perf_counter()
    line = open_line(read_settings(), lambda: UNTIL)
    opened = (time.perf_counter() - began) * 1000
    today, languages = earliest_date(UNTIL), line.settings.languages
    answers = []
    for text in lines:
        with line.database.read() as db:
            answers.append(answer_of(answer(db, read_record(text.encode()), today, languages)))
    first = answers[0].ms if answers else 0.0
    return Asking(tuple(answers), opened, first, _greatest_memory())


def answer_of(row: dict[str, Any]) -> Answer:
    """An answer as the match command writes it."""
    ranked = tuple((str(one["subject_id"]), float(one["probability"])) for one in row.get("candidates", ()))
    return Answer(ranked, str(row.get("decision", "")), float(row.get("ms", 0.0)))


def _greatest_memory() -> float:
    """MiB of this process at its greatest; 0 where the system does not tell."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))
