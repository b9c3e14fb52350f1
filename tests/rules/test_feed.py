from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import tracemalloc
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.errors import FeedRefused
from hotline.rules import feed
from hotline.rules.birth_dates import BirthDate
from hotline.rules.feed import OtherName, RowRefused

ROW = {
    "subject_id": "S0001",
    "given_names": "Juan Carlos",
    "surnames": "Pérez Morales",
    "other_names": "",
    "sex": "M",
    "birth_date": "1985-03-05",
    "birth_country": "GT",
    "disclosable": "true",
    "protected": "false",
    "stay_id": "A",
    "stint_id": "A1",
    "facility_code": "TXHOU",
    "facility_name": "Example Center",
    "facility_state": "TX",
    "book_in_at": "2026-03-01T07:30:00-06:00",
    "book_out_at": "",
    "release_reason": "",
    "updated_at": "2026-03-01T14:00:00Z",
}
NAMES = list(ROW)
REQUIRED = [
    *("subject_id", "given_names", "surnames", "birth_country"),
    *("stay_id", "stint_id", "book_in_at", "updated_at"),
]


def line(**changes: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([{**ROW, **changes}[name] for name in NAMES])
    return out.getvalue().encode()


HEADER = (",".join(NAMES) + "\r\n").encode()


def read(data: bytes) -> list[tuple[int, str]]:
    """Each record as (line, subject) or (line, reason of refusal)."""
    return [
        (number, str(found) if isinstance(found, RowRefused) else found["subject_id"])
        for number, found in feed.records(io.BytesIO(data))
    ]


def refusal(**changes: str | None) -> str:
    with pytest.raises(RowRefused) as refused:
        feed.read_row({**ROW, **changes})
    return str(refused.value)


def test_the_columns_are_those_of_the_agreement_and_the_needed_ones_are_needed() -> None:
    assert [column.name for column in feed.COLUMNS] == NAMES
    assert [column.name for column in feed.COLUMNS if column.required] == REQUIRED


def test_a_row_becomes_typed_values_with_times_in_utc() -> None:
    given = {"other_names": "Juan|Morales; |Peres", "book_out_at": "2026-03-02 00:00+00:00"}
    row = feed.read_row({**ROW, **given})
    assert row.birth_date == BirthDate(1985, 3, 5)
    assert row.birth_country == "GT"
    assert (row.disclosable, row.protected) == (True, False)
    assert row.other_names == (OtherName("Juan", "Morales"), OtherName("", "Peres"))
    assert row.book_in_at == datetime(2026, 3, 1, 13, 30, tzinfo=UTC)
    assert row.book_in_at.tzinfo is UTC
    assert row.book_out_at == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize("column", feed.COLUMNS, ids=lambda column: column.name)
@pytest.mark.parametrize("blank", ["", "   ", "\t", "\u200b", None])
def test_a_blank_cell_is_absent_and_only_a_needed_one_refuses_the_row(column: feed.Column, blank: str | None) -> None:
    if column.required:
        assert refusal(**{column.name: blank}) == f"{column.name} is empty"
    else:
        assert getattr(feed.read_row({**ROW, column.name: blank}), column.name) == column.absent


@pytest.mark.parametrize("column", feed.COLUMNS, ids=lambda column: column.name)
def test_a_cell_over_its_limit_refuses_the_row(column: feed.Column) -> None:
    assert refusal(**{column.name: "x" * (column.limit + 1)}) == (
        f"{column.name} is longer than {column.limit} characters"
    )


@pytest.mark.parametrize("column", feed.COLUMNS, ids=lambda column: column.name)
@pytest.mark.parametrize("bad", ["Zq\x00x", "Zq\x1bx", "Zq\x85\x07x", "Zq\ud800x"])
def test_a_control_character_refuses_the_row_without_repeating_it(column: feed.Column, bad: str) -> None:
    assert refusal(**{column.name: bad}) == f"{column.name} holds a control character"


@pytest.mark.parametrize(
    ("column", "bad", "reason"),
    [
        ("disclosable", "yes", "must be true or false"),
        ("protected", "0", "must be true or false"),
        ("protected", "1", "must be true or false"),
        ("disclosable", "truе", "must be true or false"),
        ("birth_date", "5/3/1985", "must be YYYY-MM-DD"),
        ("birth_date", "31111", "must be YYYY-MM-DD"),
        ("birth_date", "1985-02-30", "must be YYYY-MM-DD"),
        ("birth_date", "19850305", "must be YYYY-MM-DD"),
        ("birth_country", "Atlantis", "is not a country"),
        ("birth_country", "1985-03-05", "is not a country"),
        ("book_in_at", "2026-03-01T07:30:00", "has no offset"),
        ("book_in_at", "2026-03-01", "has no offset"),
        ("book_in_at", "46082.3125", "must be an ISO 8601"),
        ("book_out_at", "3/1/2026 7:30", "must be an ISO"),
        ("updated_at", "1899-12-30T00:00:00Z", "lies outside"),
        ("book_out_at", "9999-12-31T23:59:59Z", "lies out"),
        ("book_in_at", "0001-01-01T00:00:00+14:00", "lies outside"),
        ("updated_at", "GT", "must be an ISO 8601"),
        ("given_names", "1985-03-05", "holds no letter"),
        ("surnames", "---", "holds no letter"),
        ("other_names", "Juan Morales", "must read given|surname"),
        ("other_names", "|", "must read given|surname"),
        ("other_names", "A|B|C", "must read given|surname"),
        ("stint_id", "A 1", "holds a blank"),
    ],
)  # fmt: skip
def test_a_cell_of_the_wrong_kind_refuses_the_row_with_its_column_and_never_its_value(
    column: str, bad: str, reason: str
) -> None:
    text = refusal(**{column: bad})
    assert text.startswith(f"{column} {reason}")
    assert len(bad) < 3 or bad not in text


@pytest.mark.parametrize(("cell", "flag"), [("true", True), ("TRUE", True), (" False ", False), ("false", False)])
def test_a_flag_is_true_or_false_in_any_case(cell: str, flag: bool) -> None:
    assert feed.read_row({**ROW, "protected": cell}).protected is flag


@pytest.mark.parametrize(
    ("recorded", "kept"),
    [
        ("Jose\u0301", "José"), ("  María \t del\u00a0Carmen\n", "María del Carmen"), ("张伟", "张伟"),
        ("محمد", "محمد"), ("Иван", "Иван"), ("नि\u200dया", "नि\u200dया"), ("\u202eoãoJ", "oãoJ"),
        ("O'Brien-Ñandú", "O'Brien-Ñandú"), ("Nguyễn", "Nguyễn"),
    ],
)  # fmt: skip
def test_a_name_in_any_script_is_kept_as_recorded(recorded: str, kept: str) -> None:
    assert feed.read_row({**ROW, "given_names": recorded}).given_names == kept


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40), min_size=1, max_size=4))
def test_no_row_whatever_it_holds_does_more_than_be_refused(changes: dict[str, str]) -> None:
    try:
        row = feed.read_row({**ROW, **changes})
    except RowRefused as refused:
        reason = str(refused)
        assert reason.split()[0] in NAMES
    else:
        assert "\x00" not in row.given_names + row.surnames
        row.given_names.encode()


JSON = json.dumps(ROW, ensure_ascii=False).encode() + b"\n"


def two_parts(data: bytes) -> bytes:
    """gzip files may be put one behind the other."""
    return gzip.compress(data[:9], mtime=0) + gzip.compress(data[9:], mtime=0)


@pytest.mark.parametrize(
    "data",
    [
        HEADER + line(), b"\xef\xbb\xbf" + HEADER + line(), (HEADER + line()).replace(b"\r\n", b"\n"),
        (HEADER + line()).rstrip(), b"\r\n" + HEADER + b"\n" + line() + b"\r\n\r\n",
        HEADER.replace(b"sex", b" Sex ") + line(), JSON,
        b"\xef\xbb\xbf" + JSON, b"\n  \n" + JSON, JSON.rstrip(),
    ],
)  # fmt: skip
@pytest.mark.parametrize("pack", [bytes, gzip.compress, two_parts])
def test_a_feed_is_read_in_every_form_it_may_have(data: bytes, pack: Callable[[bytes], bytes]) -> None:
    ((_, record),) = feed.records(io.BytesIO(pack(data)))
    assert isinstance(record, Mapping)
    assert feed.read_row(record) == feed.read_row(ROW)


def test_a_line_break_comma_or_quote_inside_a_quoted_cell_is_part_of_it() -> None:
    data = HEADER + line(facility_name='North "Old"\r\nHouse, 2\n\nEnd') + line(subject_id="S0002")
    (first, record), (second, _) = feed.records(io.BytesIO(data))
    assert (first, second) == (2, 6)
    assert isinstance(record, Mapping)
    assert record["facility_name"] == 'North "Old"\r\nHouse, 2\n\nEnd'


GOOD = [line(subject_id=f"S{number}") for number in range(2, 9)]
BROKEN_LINES = {
    "a wrong encoding": (line(surnames="Pérez").decode().encode("latin-1"), "the line is not UTF-8"),
    "too many columns": (line().rstrip() + b",more\r\n", "the line has 19 columns where the header has 18"),
    "too few columns": (b"S0001,Juan\r\n", "the line has 2 columns where the header has 18"),
    "a field of 20,000 characters": (line(surnames="x" * 20_000), "surnames is longer than 10000 characters"),
    "a field of 1 MB": (line(surnames="x" * 1_000_000), "the line is longer than 262144 bytes"),
    "a quote opened and never closed": (
        line().replace(b"Juan", b'"Juan'), "a quote is not closed or not doubled"),
    "a quote closed and never opened": (
        line().replace(b"S0001,Juan", b'"S0001"x,Juan'), "a quote is not closed or not doubled"),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN_LINES)
@pytest.mark.parametrize("place", [0, 3, 7])
def test_one_broken_line_is_refused_and_every_good_one_kept(broken: str, place: int) -> None:
    data, reason = BROKEN_LINES[broken]
    rows = [*GOOD[:place], data, *GOOD[place:]]
    found = read(HEADER + b"".join(rows))
    expected = [(number, row[:2].decode()) for number, row in enumerate(rows, start=2)]
    expected[place] = (place + 2, reason)
    assert found == expected


def test_a_stray_quote_among_quoted_rows_costs_its_own_line_only() -> None:
    quoted = [row.replace(b"Juan Carlos", b'"Juan ""JC"" Carlos"') for row in GOOD]
    broken = BROKEN_LINES["a quote opened and never closed"][0]
    found = read(HEADER + broken + b"".join(quoted * 20) + broken + b"".join(quoted))
    assert [number for number, what in found if "quote" in what] == [2, 143]
    assert len(found) == 149


def test_a_quote_inside_an_unquoted_cell_is_only_a_character() -> None:
    assert read(HEADER + line().replace(b"Juan Carlos", b'Juan "JC') + GOOD[0]) == [(2, "S0001"), (3, "S2")]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b'{"subject_id": "S1"', "the line is not one JSON object"),
        (b"[1, 2]", "the line is not one JSON object"),
        (b"null", "the line is not one JSON object"),
        (b"[" * 50_000, "the line is not one JSON object"),
        (b'{"sex": NaN}', "the line is not one JSON object"),
        (b'{"sex": ["M"]}', "sex holds a list or an object"),
        (b'{"sex": {"a": 1}}', "sex holds a list or an object"),
        (b'{"sex":"M","sex":"F"}', "sex stands there twice"),
        (b'{"sex": "' + b"x" * 20_000 + b'"}', "sex is longer than 10000 characters"),
        (b'{"sex": "\xff"}', "the line is not UTF-8"),
        (b"x" * 300_000, "the line is longer than 262144 bytes"),
    ],
)  # fmt: skip
def test_one_broken_line_of_json_is_refused_and_every_good_one_kept(broken: bytes, reason: str) -> None:
    assert read(JSON + broken + b"\n" + JSON) == [(1, "S0001"), (2, reason), (3, "S0001")]


def test_json_may_hold_numbers_truth_values_nulls_and_columns_of_its_own() -> None:
    plain = {**ROW, "subject_id": 10**30, "protected": False, "disclosable": True, "sex": None, "more": [1]}
    ((_, record),) = feed.records(io.BytesIO(json.dumps(plain).encode()))
    assert isinstance(record, Mapping)
    row = feed.read_row(record)
    assert (row.subject_id, row.protected, row.disclosable, row.sex) == (str(10**30), False, True, None)


@pytest.mark.parametrize("lacking", REQUIRED)
def test_a_header_without_a_needed_column_refuses_the_file_and_names_it(lacking: str) -> None:
    with pytest.raises(FeedRefused, match=f"header lacks: {lacking}$"):
        read(HEADER.replace(lacking.encode(), b"other") + line())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\n \r\n", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b"PK\x03\x04rest", "zip or Excel"),
        (HEADER.decode().encode("utf-16"), "UTF-16"),
        (b'[{"subject_id": 1}]', "one JSON array"),
        (HEADER.replace(b"sex", b"protected"), "twice: protected"),
        (b"\xe9," + HEADER, "header can't be read: the line is not UTF-8"),
        (line(), "header lacks"),
        (b"x" * 300_000, "header can't be read"),
        (b"\x1f\x8bnot gzip at all", "breaks off or is damaged"),
        (gzip.compress(HEADER, mtime=0)[:12], "breaks off or is damaged"),
    ],
)  # fmt: skip
def test_a_file_of_another_kind_is_refused_with_one_line_that_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(FeedRefused, match=reason) as refused:
        read(data)
    assert "\n" not in str(refused.value)


def test_a_header_alone_is_a_feed_without_changes() -> None:
    assert read(HEADER) == []


def until_refused(data: bytes) -> tuple[list[tuple[int, bool]], str]:
    """Each record as (line, refused?), and what was said of the file at the end."""
    found = []
    try:
        for number, record in feed.records(io.BytesIO(data)):
            found.append((number, isinstance(record, RowRefused)))
    except FeedRefused as refused:
        return found, str(refused)
    return found, ""


@pytest.mark.parametrize("damage", ["cut", "flipped", "followed by rubbish"])
def test_the_rows_before_a_break_in_a_gzip_file_are_read(damage: str) -> None:
    rows = [
        line(subject_id=f"S{number}", release_reason=hashlib.sha256(b"%d" % number).hexdigest())
        for number in range(20_000)
    ]
    packed = bytearray(gzip.compress(HEADER + b"".join(rows), mtime=0))
    if damage == "cut":
        del packed[-len(packed) // 4 :]
    elif damage == "flipped":
        packed[len(packed) * 3 // 4] ^= 0xFF
    else:
        packed += b"rubbish"
    found, reason = until_refused(bytes(packed))
    assert "breaks off or is damaged after line" in reason
    assert len(found) > 10_000


def test_a_stray_quote_just_before_a_break_does_not_cost_the_rows_after_it() -> None:
    rows = [line(subject_id=f"S{number}") for number in range(5)]
    rows[2] = line(subject_id="S2").replace(b"Juan", b'"Juan')
    packed = gzip.compress(HEADER + b"".join(rows), mtime=0)
    found, reason = until_refused(packed[:-8])
    assert found == [(2, False), (3, False), (4, True), (5, False), (6, False)]
    assert "breaks off or is damaged after line 6" in reason


class Drip(io.RawIOBase):
    """A pipe that gives three bytes at a time and can't be rewound."""

    def __init__(self, data: bytes) -> None:
        self._rest = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._rest.read(min(size, 3) if size >= 0 else 3)


def test_a_feed_comes_through_a_slow_pipe_and_the_pipe_stays_open() -> None:
    for data in (HEADER + line(), gzip.compress(HEADER + line(), mtime=0)):
        pipe: BinaryIO = Drip(data)  # type: ignore[assignment]
        assert len(list(feed.records(pipe))) == 1
        assert not pipe.closed


class Endless(io.RawIOBase):
    """20 MB of one unfinished line, then a good row."""

    def __init__(self) -> None:
        self._parts = iter([HEADER, *[b"x" * 100_000] * 200, b"\n" + line()])

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        part = next(self._parts, b"") if not getattr(self, "_rest", b"") else self._rest
        self._rest = part[size:]
        return part[:size]


def test_a_line_of_20_megabytes_is_passed_over_in_little_memory() -> None:
    tracemalloc.start()
    try:
        endless: BinaryIO = Endless()  # type: ignore[assignment]
        found = [number for number, record in feed.records(endless) if not isinstance(record, RowRefused)]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found == [3]
    assert peak < 4_000_000


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(cells, min_size=len(NAMES), max_size=len(NAMES)), max_size=4))
def test_whatever_a_csv_writer_writes_is_read_back_as_it_was(rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([NAMES, *rows])
    found = [record for _, record in feed.records(io.BytesIO(out.getvalue().encode()))]
    assert found == [dict(zip(NAMES, row, strict=True)) for row in rows]


@settings(deadline=None, max_examples=150)
@given(st.lists(st.binary(max_size=60) | st.sampled_from(GOOD), max_size=8))
def test_rubbish_between_good_rows_loses_none_of_them(rows: list[bytes]) -> None:
    data = HEADER + b"".join(row if row in GOOD else row.replace(b'"', b"") + b"\n" for row in rows)
    found = [what for _, what in read(data)]
    wanted = [row[:2].decode() for row in rows if row in GOOD]
    assert [what for what in found if what in {row[:2].decode() for row in GOOD}] == wanted


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=300), st.sampled_from([b"", HEADER, b"{", b"\x1f\x8b\x08", b'"']))
def test_no_bytes_whatever_they_are_do_more_than_be_refused(rubbish: bytes, start: bytes) -> None:
    found, reason = until_refused(start + rubbish)
    assert "\n" not in reason
    assert [number for number, _ in found] == sorted({number for number, _ in found})
