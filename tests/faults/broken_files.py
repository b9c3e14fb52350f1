"""A corpus of broken feed files, made by rules: each holds good rows, and the names of those that must come through."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.services.test_import_custody import ROW, a_record

HEADER = ",".join(ROW)


@dataclass(frozen=True, slots=True)
class Broken:
    """A file, the subjects of its good rows, and whether the whole file must be refused or break off."""

    data: bytes
    good: frozenset[str]
    refused: bool = False


def good(n: int) -> str:
    """The nth good row as a line of CSV without its end."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="").writerow(a_record({"subject_id": f"G{n}"}).values())
    return out.getvalue()


def around(bad: bytes, rows: int = 6, end: bytes = b"\n", head: bytes = HEADER.encode()) -> Broken:
    """Good rows before and after something bad."""
    lines = [good(n).encode() for n in range(rows)]
    data = end.join([head, *lines[: rows // 2], bad, *lines[rows // 2 :], b""])
    return Broken(data, names(rows))


def names(rows: int) -> frozenset[str]:
    return frozenset(f"G{n}" for n in range(rows))


def with_cell(column: str, cell: str) -> bytes:
    row = a_record({"subject_id": "BAD", column: cell})
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="").writerow(row.values())
    return out.getvalue().encode("utf-8", "surrogatepass")


def plain(rows: int = 6, end: str = "\n") -> bytes:
    return end.join([HEADER, *map(good, range(rows)), ""]).encode()


def swapped() -> Broken:
    """Columns in another order are no fault."""
    names_of = list(ROW)[::-1]
    lines = [",".join(names_of)]
    for n in range(6):
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="").writerow(a_record({"subject_id": f"G{n}"})[name] for name in names_of)
        lines.append(out.getvalue())
    return Broken("\n".join(lines).encode(), names(6))


def wide() -> Broken:
    more = [f"extra{n}" for n in range(1000)]
    lines = [",".join([HEADER, *more]), *(",".join([good(n), *more]) for n in range(6)), ",".join(more)]
    return Broken("\n".join(lines).encode(), names(6))


def json_lines(bad: bytes) -> Broken:
    rows = [json.dumps(a_record({"subject_id": f"G{n}"})).encode() for n in range(6)]
    return Broken(b"\n".join([*rows[:3], bad, *rows[3:]]), names(6))


def cut_gzip() -> Broken:
    stored = gzip.compress(plain(6), compresslevel=0)
    return Broken(stored[: stored.index(b"G4")], names(4), refused=True)


CORPUS: Mapping[str, Callable[[], Broken]] = {
    "whole": lambda: Broken(plain(), names(6)),
    "Latin-1": lambda: around(with_cell("surnames", "Peña").decode().encode("latin-1")),
    "UTF-16": lambda: Broken(plain().decode().encode("utf-16"), frozenset(), refused=True),
    "half a character": lambda: around(b"\xe2\x82"),
    "a surrogate": lambda: around(with_cell("surnames", "\ud800")),
    "NUL bytes": lambda: around(with_cell("surnames", "Pe\0rez")),
    "a line of NUL bytes": lambda: around(b"\0" * 5000),
    "a field of ten megabytes": lambda: around(with_cell("surnames", "x" * 10_000_000)),
    "a quoted field of ten megabytes": lambda: around(with_cell("surnames", 'x"' * 5_000_000)),
    "a quote that is never closed": lambda: around(b'BAD,"Juan'),
    "a stray quote": lambda: around(good(99).replace("Juan", '"Juan').replace("G99", "BAD").encode()),
    "too few columns": lambda: around(b"BAD,1,2"),
    "too many columns": lambda: around(good(99).replace("G99", "BAD").encode() + b",x,y"),
    "swapped columns": swapped,
    "swapped cells": lambda: around(with_cell("book_in_at", "Juan")),
    "dates as Excel counts them": lambda: around(with_cell("book_in_at", "46054.4166")),
    "dates as Excel shows them": lambda: around(with_cell("book_in_at", "2/1/2026 10:00")),
    "a date without offset": lambda: around(with_cell("book_in_at", "2026-02-01T10:00:00")),
    "a byte order mark": lambda: Broken(b"\xef\xbb\xbf" + plain(), names(6)),
    "CRLF": lambda: Broken(plain(end="\r\n"), names(6)),
    "blank lines": lambda: around(b"\n   \n\n"),
    "no end of the last line": lambda: Broken(plain().rstrip(), names(6)),
    "truncated gzip": cut_gzip,
    "damaged gzip": lambda: Broken(gzip.compress(plain())[:-9] + b"xxxxxxxxx", frozenset(), refused=True),
    "rubbish after gzip": lambda: Broken(gzip.compress(plain()) + b"rubbish", names(6), refused=True),
    "two gzips in one": lambda: Broken(gzip.compress(plain(3)) + gzip.compress(plain(6)[len(plain(3)) :]), names(6)),
    "header only": lambda: Broken(HEADER.encode() + b"\n", frozenset()),
    "empty": lambda: Broken(b"", frozenset(), refused=True),
    "one end of line": lambda: Broken(b"\n", frozenset(), refused=True),
    "a column twice": lambda: Broken(plain().replace(b"sex", b"surnames", 1), frozenset(), refused=True),
    "a needed column lacking": lambda: Broken(plain().replace(b"updated_at", b"updated", 1), frozenset(), refused=True),
    "a thousand columns more": wide,
    "a header again": lambda: around(HEADER.encode()),
    "the right to left mark": lambda: around(with_cell("given_names", "\u202e")),
    "a formula": lambda: around(with_cell("birth_country", "=HYPERLINK(A1)")),
    "a zip": lambda: Broken(b"PK\x03\x04" + plain(), frozenset(), refused=True),
    "a JSON array": lambda: Broken(b"[" + json.dumps(ROW).encode() + b"]", frozenset(), refused=True),
    "JSON cut in the middle": lambda: json_lines(b'{"subject_id": "BAD", "given'),
    "JSON in depth": lambda: json_lines(b'{"subject_id": ' + b"[" * 100_000),
    "JSON with a huge number": lambda: json_lines(b'{"subject_id": ' + b"9" * 100_000 + b"}"),
    "JSON with NaN": lambda: json_lines(b'{"subject_id": NaN}'),
    "JSON that is no object": lambda: json_lines(b'"BAD"'),
    "JSON with a name twice": lambda: json_lines(b'{"subject_id": "BAD", "subject_id": "BAD2"}'),
}
