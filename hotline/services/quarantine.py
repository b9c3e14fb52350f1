"""Rows that could not be read: what staff see of them, reading them again, dropping them."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session as Transaction

from hotline.errors import NotFound
from hotline.rules.decisions import given, named
from hotline.rules.feed import RowRefused, read_row
from hotline.services.import_custody import import_file
from hotline.services.import_reports import ImportReport
from hotline.services.line import Line
from hotline.store import audit, quarantine
from hotline.store.models import Quarantine

BROKEN_LINE = "line"
"""The only member of what is kept of a line that is no record."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A row in quarantine as staff see it: names masked; `subject_id` where the row says one."""

    id: str
    import_id: int
    line: int
    reason: str
    subject_id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Retried:
    """Rows that are taken now, rows that still can't be read, and the import that took them, if any."""

    taken: int
    left: int
    report: ImportReport | None


def listed(line: Line, import_id: int | None = None, most: int = 1000) -> Sequence[Kept]:
    """What waits in quarantine, by import and line; at most `most`."""
    with line.database.read() as db:
        rows = [(row, _record(row.unseal("row"))) for row in quarantine.waiting(db, import_id, most)]
    return [
        Kept(row.id, row.import_id, row.line, row.reason, record.get("subject_id") or None, _masked(record))
        for row, record in rows
    ]


def retry(line: Line, row_ids: Collection[str] = (), import_id: int | None = None) -> Retried:
    """Read rows again by today's rules, all that wait where none are named; those that can be read are imported.

    Killed in between and run again, nothing is told twice: a row that is there already changes nothing.
    Raises NotFound for a row that does not wait.
    """
    good: dict[str, Mapping[str, str]] = {}
    left = 0
    with line.database.read() as db:
        for row in _waiting(db, row_ids, import_id):
            record = _record(row.unseal("row"))
            try:
                read_row(record)
                good[row.id] = record
            except RowRefused:
                left += 1
    if not good:
        return Retried(0, left, None)
    feed = io.BytesIO("\n".join(map(json.dumps, good.values())).encode())
    report = import_file(line, feed, "delta")
    with line.database.begin() as db:
        quarantine.settle(db, list(good), "retried", line.clock())
    return Retried(len(good), left, report)


def drop(line: Line, row_ids: Collection[str], by: str, reason: str) -> int:
    """Give rows up: what stood there is deleted, line and reason stay, and the audit log says who did it and why.

    Returns how many. Raises WrongDecision without a name or a reason, NotFound for a row that does not wait.
    """
    now, by, reason = line.clock(), named(by), given(reason)
    with line.database.begin() as db:
        rows = _waiting(db, row_ids)
        quarantine.settle(db, [row.id for row in rows], "dropped", now)
        for row in rows:
            audit.append(db, by, "quarantine.drop", f"import {row.import_id} line {row.line}", reason, now)
    return len(rows)


def _waiting(db: Transaction, row_ids: Collection[str], import_id: int | None = None) -> list[Quarantine]:
    """The rows that wait, of these ids or all. Raises NotFound where one of the ids does not wait."""
    rows = [row for row in quarantine.waiting(db, import_id, None) if not row_ids or row.id in row_ids]
    if unknown := sorted(set(row_ids) - {row.id for row in rows}):
        raise NotFound(f"no such row waits in quarantine: {', '.join(unknown)}")
    return rows


def _record(text: str | None) -> dict[str, str]:
    """What was kept, as columns and cells; empty for a line that was no record."""
    try:
        found = json.loads(text or "{}")
    except ValueError:  # a row of more than is kept
        return {}
    is_record = isinstance(found, dict) and all(isinstance(cell, str) for cell in found.values())
    return found if is_record and found.keys() != {BROKEN_LINE} else {}


def _masked(record: Mapping[str, str]) -> str:
    """Names by their first letters."""
    words = f"{record.get('given_names', '')} {record.get('surnames', '')}".split()
    return " ".join(f"{word[0]}…" for word in words[:6])
