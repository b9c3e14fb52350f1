"""The custody feed: bytes to records, a record to one row of typed values.

What can't be read is refused with a reason that holds no value of the row, for reasons are stored and shown.
A broken row never costs its neighbours; a broken file (FeedRefused) costs only what comes after the break.
"""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, BinaryIO, NamedTuple

from hotline.errors import FeedRefused, HotlineError
from hotline.rules import birth_dates, countries
from hotline.rules.birth_dates import BirthDate
from hotline.rules.feed_lines import LONGEST_LINE, Line, Lines

# Characters. Nothing that a row can hold comes near it, so a longer field is a file gone wrong.
LONGEST_FIELD = 10_000
# Bytes of a line that is no record, kept for quarantine.
MOST_OF_A_LINE = 64 * 1024
# Lines that one quoted field may run over before its opening quote is taken for a stray one.
MOST_LINES_A_RECORD = 50
# Begins the numbers of the line's own test records; no feed may bring or change one.
OURS = "TEST-"


class RowRefused(HotlineError):
    """One row can't be read: for quarantine. The text says which column and why, never what stands there.

    `line` is the beginning of the line as it stands in the file, where that is no record.
    """

    line: str | None = None


@dataclass(frozen=True, slots=True)
class OtherName:
    """One further name that the agency has recorded; either part may be empty, never both."""

    given_names: str
    surnames: str


class Row(NamedTuple):
    """One stint as the agency reports it. Times are aware UTC; None is a cell that was blank."""

    subject_id: str
    given_names: str
    surnames: str
    other_names: tuple[OtherName, ...]
    sex: str | None
    birth_date: BirthDate | None
    birth_country: str
    disclosable: bool | None
    protected: bool | None
    stay_id: str
    stint_id: str
    facility_code: str | None
    facility_name: str | None
    facility_state: str | None
    book_in_at: datetime
    book_out_at: datetime | None
    release_reason: str | None
    updated_at: datetime


def _text(cell: str) -> str:
    return cell


def _code(cell: str) -> str:
    if " " in cell:  # every blank is a plain one by now
        raise ValueError("holds a blank")
    return cell


def _subject_id(cell: str) -> str:
    if cell.upper().startswith(OURS):
        raise ValueError("begins as those of this line's own test records do")
    return _code(cell)


def _name(cell: str) -> str:
    if not any(map(str.isalpha, cell)):
        raise ValueError("holds no letter")
    return cell


def _other_names(cell: str) -> tuple[OtherName, ...]:
    names = []
    for entry in cell.split(";"):
        if not entry.strip():
            continue
        parts = [part.strip() for part in entry.split("|")]
        if len(parts) != 2 or not any(parts):
            raise ValueError("must read given|surname, several separated by ;")
        names.append(OtherName(*parts))
    return tuple(names)


@lru_cache(maxsize=50_000)
def _birth_date(cell: str) -> BirthDate:
    if (read := birth_dates.from_feed(cell)) is None:
        raise ValueError("must be YYYY-MM-DD, YYYY-MM or YYYY and a real date")
    return read


@lru_cache(maxsize=5_000)
def _country(cell: str) -> str:
    if (read := countries.from_feed(cell)) is None:
        raise ValueError("is not a country that this line knows")
    return read


_FLAGS = {"true": True, "false": False}


def _flag(cell: str) -> bool:
    try:
        return _FLAGS[cell.lower()]
    except KeyError:
        raise ValueError("must be true or false") from None


def _time(cell: str) -> datetime:
    try:
        read = datetime.fromisoformat(cell)
    except ValueError:
        raise ValueError("must be an ISO 8601 time with its offset") from None
    if read.tzinfo is None:
        raise ValueError("has no offset from UTC")
    # Spreadsheets and empty dates of old systems turn up as 1899, 1900 or 9999.
    if not 1950 <= read.year <= 2100:
        raise ValueError("lies outside the years 1950 to 2100")
    return read if read.tzinfo is UTC else read.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, whether every row needs it, its longest text in characters, its reader."""

    name: str
    required: bool
    limit: int
    read: Callable[[str], object]
    absent: object = None


COLUMNS: tuple[Column, ...] = (
    Column("subject_id", True, 32, _subject_id),
    Column("given_names", True, 200, _name),
    Column("surnames", True, 200, _name),
    Column("other_names", False, 2000, _other_names, absent=()),
    Column("sex", False, 32, _text),
    Column("birth_date", False, 10, _birth_date),
    Column("birth_country", True, 100, _country),
    Column("disclosable", False, 5, _flag),
    Column("protected", False, 5, _flag),
    Column("stay_id", True, 64, _code),
    Column("stint_id", True, 64, _code),
    Column("facility_code", False, 32, _text),
    Column("facility_name", False, 200, _text),
    Column("facility_state", False, 64, _text),
    Column("book_in_at", True, 40, _time),
    Column("book_out_at", False, 40, _time),
    Column("release_reason", False, 500, _text),
    Column("updated_at", True, 40, _time),
)

_NAMES = tuple(column.name for column in COLUMNS)
# The columns in the order of Row's fields; a loop over plain tuples is what a million rows have time for.
_READERS: Any = tuple((column.name, column.required, column.limit, column.read, column.absent) for column in COLUMNS)


def read_row(fields: Mapping[str, str | None]) -> Row:
    """One record as typed values; columns that the feed does not have are ignored. Raises RowRefused."""
    cells = []
    for name, required, limit, read, absent in _READERS:
        cell = fields.get(name)
        try:
            if cell and (cell := _clean(cell)):
                if len(cell) > limit:
                    raise ValueError(f"is longer than {limit} characters")
                cells.append(read(cell))
            elif required:
                raise ValueError("is empty")
            else:
                cells.append(absent)
        except ValueError as fault:
            raise RowRefused(f"{name} {fault}") from None
    return Row(*cells)


# Joiners that Persian, Hindi and other scripts spell with; every other invisible mark only deceives the eye.
_JOINERS = "\u200c\u200d"


def _clean(cell: str) -> str:
    """Composed (NFC), blanks made plain and single. Raises ValueError for characters that no text holds."""
    if cell.isascii():
        if cell.isprintable() and " " not in cell:
            return cell
    else:
        cell = unicodedata.normalize("NFC", cell)
    if not cell.isprintable():
        cell = "".join(map(_printable, cell))
    return " ".join(cell.split())


def _printable(char: str) -> str:
    if char.isspace():
        return " "
    match unicodedata.category(char):
        case "Cc" | "Cs":
            raise ValueError("holds a control character")
        case "Cf":
            return char if char in _JOINERS else ""
    return char


Record = tuple[int, Mapping[str, str] | RowRefused]


def records(stream: BinaryIO) -> Iterator[Record]:
    """The records of a file, each with the number of its first line, or what is wrong with that line.

    CSV (RFC 4180, UTF-8, a header, either line end) or JSON Lines, told apart by the first character; gzip by
    its first bytes. Reads forward only and holds about a megabyte at most. Raises FeedRefused for a file that
    is empty, of another kind, or lacks a required column, and after the last good row of a damaged gzip.
    """
    lines = Lines(stream)
    first = next(lines, None)
    if first is None:
        raise FeedRefused("the feed is empty: a file without changes still has its header")
    lines.put_back([first])
    opening = first.data.lstrip()[:1]
    if opening == b"[":
        raise FeedRefused("the feed is one JSON array: write one object to a line")
    yield from _json_records(lines) if opening == b"{" else _csv_records(lines)


def _json_records(lines: Lines) -> Iterator[Record]:
    for line in lines:
        try:
            yield line.number, _json_record(_decoded(line))
        except RowRefused as refused:
            yield line.number, _with_line(refused, line)


def _json_record(text: str) -> Mapping[str, str]:
    try:
        # Numbers stay as they are written: an identifier may be one, and a huge one costs nothing.
        pairs = json.loads(
            text, parse_int=str, parse_float=str, parse_constant=_refuse_constant, object_pairs_hook=_Pairs
        )
    except (ValueError, RecursionError):
        raise RowRefused("the line is not one JSON object") from None
    if not isinstance(pairs, _Pairs):
        raise RowRefused("the line is not one JSON object")
    record: dict[str, str] = {}
    for name, value in pairs:
        if name not in _NAMES:
            continue
        if name in record:
            raise RowRefused(f"{name} stands there twice")
        if isinstance(value, bool):
            value = "true" if value else "false"
        if not isinstance(value, str | None):
            raise RowRefused(f"{name} holds a list or an object")
        record[name] = value or ""
    return _short_enough(record)


class _Pairs(list[tuple[str, Any]]):
    """The members of one JSON object as they stand there, repeated ones included."""


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _csv_records(lines: Lines) -> Iterator[Record]:
    header = _header(next(lines))
    for line in lines:
        try:
            cells = _csv_cells(line, lines, len(header))
            yield line.number, _short_enough(dict(zip(header, cells, strict=True)))
        except RowRefused as refused:
            yield line.number, _with_line(refused, line)


def _with_line(refused: RowRefused, line: Line) -> RowRefused:
    refused.line = line.data[:MOST_OF_A_LINE].decode("utf-8", "backslashreplace")
    return refused


def _header(line: Line) -> list[str]:
    try:
        cells = _cells(_decoded(line))
    except RowRefused as refused:
        raise FeedRefused(f"the header can't be read: {refused}") from None
    header = [cell.strip().lower() for cell in cells or ()]
    lacking = [column.name for column in COLUMNS if column.required and column.name not in header]
    if lacking:
        raise FeedRefused(f"the feed's header lacks: {', '.join(lacking)}")
    twice = [name for name in _NAMES if header.count(name) > 1]
    if twice:
        raise FeedRefused(f"the feed's header holds twice: {', '.join(twice)}")
    return header


def _csv_cells(line: Line, lines: Lines, columns: int) -> list[str]:
    """The cells of the record that begins with `line`. Raises RowRefused, having put back what follows it."""
    text = _decoded(line)
    cells = _cells(text)
    following: list[Line] = []
    if cells is None:
        # A quoted field may hold line ends: it is closed where the number of quotes becomes even.
        while text.count('"') % 2 and len(following) < MOST_LINES_A_RECORD and len(text) < LONGEST_LINE:
            if (further := lines.take()) is None:
                break
            following.append(further)
            try:
                text += _decoded(further)
            except RowRefused:
                break
        cells = _cells(text)
    if cells is not None and len(cells) == columns:
        return cells
    # A stray quote must cost its own line only, not the good rows that it seems to swallow.
    lines.put_back(following)
    if cells is None or following:
        raise RowRefused("a quote is not closed or not doubled")
    raise RowRefused(f"the line has {len(cells)} columns where the header has {columns}")


def _cells(text: str) -> list[str] | None:
    """One record split by RFC 4180; None where its quotes don't fit."""
    text = text.rstrip("\r\n")
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True), None)
    except csv.Error:
        return None


def _decoded(line: Line) -> str:
    if line.too_long:
        raise RowRefused(f"the line is longer than {LONGEST_LINE} bytes")
    try:
        return line.data.decode("utf-8")
    except UnicodeDecodeError:
        raise RowRefused("the line is not UTF-8") from None


def _short_enough(record: Mapping[str, str]) -> Mapping[str, str]:
    if max(map(len, record.values()), default=0) > LONGEST_FIELD:
        name = next(name for name, cell in record.items() if len(cell) > LONGEST_FIELD)
        raise RowRefused(f"{name if name in _NAMES else 'a column'} is longer than {LONGEST_FIELD} characters")
    return record
