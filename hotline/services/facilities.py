"""The look-up of facilities for staff: a list that is imported whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from hotline.rules.facilities import Facility, ListUnreadable, read_list
from hotline.services.line import Line
from hotline.store import facilities

LONGEST_LIST = 10_000_000
"""Bytes; a few thousand places fit many times."""


def import_facilities(line: Line, stream: IO[bytes]) -> int:
    """Put the list of a file in the place of the one before, or change nothing. Raises ListUnreadable."""
    data = stream.read(LONGEST_LIST + 1)
    if len(data) > LONGEST_LIST:
        raise ListUnreadable(f"the list is longer than {LONGEST_LIST:,} bytes")
    try:
        found = list(read_list(data.decode("utf-8")))
    except UnicodeDecodeError:
        raise ListUnreadable("the list is not UTF-8") from None
    if not found:
        raise ListUnreadable("the list is empty: the one before stays")
    with line.database.begin() as db:
        return facilities.replace_all(db, found)


def list_facilities(line: Line, words: str = "") -> Sequence[Facility]:
    """The facilities by code; only those whose code, name or state holds the words, where any are given."""
    with line.database.read() as db:
        return facilities.listed(db, words)
