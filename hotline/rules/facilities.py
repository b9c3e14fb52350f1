"""A list of places of detention with their public numbers: for staff screens, never for callers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from hotline.errors import HotlineError
from hotline.rules.phones import e164

COLUMNS = ("code", "name", "state", "public_number", "source", "as_of")
LONGEST = {"code": 64, "name": 200, "state": 64, "public_number": 20, "source": 200, "as_of": 10}


class ListUnreadable(HotlineError):
    """A list of facilities can't be read: which line, and why."""


@dataclass(frozen=True, slots=True)
class Facility:
    """One place: `public_number` is E.164 or None, `source` says where it was read, `as_of` when."""

    code: str
    name: str
    state: str | None
    public_number: str | None
    source: str
    as_of: date


def read_list(text: str) -> Iterator[Facility]:
    """The places of a CSV with the columns code, name, state, public_number, source, as_of. Raises ListUnreadable."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise ListUnreadable(f"the list lacks the column {missing[0]}: it needs {', '.join(COLUMNS)}")
    try:
        for row in reader:
            try:
                yield _facility({name: " ".join((row[name] or "").split()) for name in COLUMNS})
            except ValueError as fault:
                raise ListUnreadable(f"line {reader.line_num}: {fault}") from None
    except csv.Error:
        raise ListUnreadable(f"line {reader.line_num}: not a row of CSV") from None


def _facility(cells: dict[str, str]) -> Facility:
    for name in ("code", "name", "source"):
        if not cells[name]:
            raise ValueError(f"{name} is empty")
    for name, limit in LONGEST.items():
        if len(cells[name]) > limit:
            raise ValueError(f"{name} is longer than {limit} characters")
    number = e164(cells["public_number"]) if cells["public_number"] else None
    if cells["public_number"] and number is None:
        raise ValueError("public_number is no telephone number of the United States")
    try:
        as_of = date.fromisoformat(cells["as_of"])
    except ValueError:
        raise ValueError("as_of must be YYYY-MM-DD") from None
    return Facility(cells["code"], cells["name"], cells["state"] or None, number, cells["source"], as_of)
