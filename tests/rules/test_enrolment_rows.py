"""The file by which people are brought in: what is taken of it, and what each line that is not taken is told."""

from __future__ import annotations

import contextlib
import csv
import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.errors import FeedRefused
from hotline.rules.birth_dates import BirthDate
from hotline.rules.enrolment_rows import COLUMNS, EnrolmentRow, House, Person, RowUnreadable, asked_after, rows
from hotline.rules.limits import Limits

HOUSE = House(("en", "es"), frozenset({"+18005550199"}))
HEADER = "given_names,surnames,birth_country,birth_date,channel,number,language,voicemail,any_hour,mail"
JUAN = "Juan Carlos,Pérez Morales,Guatemala,1985-03-05,call,(202) 555-0123,es,yes,no,ana@example.org"


def read(text: str | bytes) -> list[tuple[int, EnrolmentRow | RowUnreadable]]:
    return list(rows(io.BytesIO(text.encode() if isinstance(text, str) else text), HOUSE))


def only(cells: str, header: str = HEADER) -> EnrolmentRow | RowUnreadable:
    [(_, row)] = read(f"{header}\n{cells}\n")
    return row


def test_a_whole_line_is_taken() -> None:
    assert only(JUAN) == EnrolmentRow(
        subject_id=None,
        person=Person("Juan Carlos", "Pérez Morales", "GT", BirthDate(1985, 3, 5)),
        number="+12025550123",
        calls=True,
        texts=False,
        language="es",
        voicemail=True,
        any_hour=False,
        mail="ana@example.org",
    )


def test_the_shortest_line_says_whom_how_and_where() -> None:
    row = only("S1,both,+12025550123", "subject_id,channel,number")
    assert isinstance(row, EnrolmentRow)
    assert (row.subject_id, row.person, row.calls, row.texts) == ("S1", None, True, True)
    assert (row.language, row.voicemail, row.any_hour, row.mail) == ("en", False, False, None)


@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n"])
def test_files_of_any_spreadsheet_are_read_alike(bom: str, end: str) -> None:
    found = read(f"{bom}{HEADER.upper()}{end}{JUAN}{end}{JUAN}")
    assert [isinstance(row, EnrolmentRow) for _, row in found] == [True, True]


def test_the_subscribers_own_name_is_passed_over() -> None:
    row = only("Ana Ruiz,S1,call,2025550123", "name,subject_id,channel,number")
    assert isinstance(row, EnrolmentRow)
    assert "Ruiz" not in repr(row)


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("given_names", "", "given_names is empty, and there is no subject_id"),
        ("birth_country", "Atlantis", "birth_country is not a country that this line knows"),
        ("birth_date", "5/3/1985", "birth_date must be YYYY-MM-DD, YYYY-MM or YYYY and a real date"),
        ("birth_date", "1985-02-30", "birth_date must be YYYY-MM-DD, YYYY-MM or YYYY and a real date"),
        ("channel", "", "channel must be call, text or both"),
        ("channel", "pigeon", "channel must be call, text or both"),
        ("number", "", "number is no telephone number"),
        ("number", "555-0123", "number is no telephone number"),
        ("number", "9005550123", "number is one that this line never calls (premium)"),
        ("number", "+18005550199", "number is one that this line never calls (own)"),
        ("number", "+442079460123", "number is one that this line never calls (country)"),
        ("language", "fr", "language must be one of en, es"),
        ("voicemail", "perhaps", "voicemail must be yes or no"),
        ("any_hour", "2", "any_hour must be yes or no"),
        ("mail", "ana at example", "mail is no mail address"),
        ("mail", "a" * 255, "mail is longer than 254 characters"),
        ("surnames", "Pérez\x07", "surnames holds a control character"),
    ],
)
def test_a_line_that_is_not_taken_says_why_and_not_what_stands_there(column: str, cell: str, reason: str) -> None:
    names = HEADER.split(",")
    cells = next(csv.reader([JUAN]))
    cells[names.index(column)] = cell
    row = only(",".join(cells))
    assert isinstance(row, RowUnreadable)
    assert str(row) == reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"too,few", "the line has 2 columns where the header has 10"),
        (b'"open,x', "a quote is not closed or not doubled"),
        (b"\xff\xfe", "the line is not UTF-8"),
        (b"x" * 300_000, "the line is far too long"),
    ],
)
def test_a_broken_line_costs_itself_alone(line: bytes, reason: str) -> None:
    good = JUAN.encode()
    found = read(b"\n".join((HEADER.encode(), good, line, good)))
    assert [(number, isinstance(row, EnrolmentRow)) for number, row in found] == [(2, True), (3, False), (4, True)]
    assert str(found[1][1]) == reason


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("", "the file is empty"),
        ("number,channel\n", "the header lacks: given_names, surnames, birth_country"),
        ("subject_id;number;channel\n", "separated by commas"),
        ("subject_id,number,number,channel\n", "the header holds twice: number"),
        (b"PK\x03\x04rest", "a zip or Excel file"),
        ('"subject_id\n', "the header can't be read"),
    ],
)
def test_a_file_of_another_kind_is_refused_whole(file: str | bytes, reason: str) -> None:
    with pytest.raises(FeedRefused, match=reason):
        read(file)


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    found = read(f"{HEADER}\n{JUAN}\n".encode() + data + f"\n{JUAN}\n".encode())
    assert isinstance(found[0][1], EnrolmentRow)
    assert isinstance(found[-1][1], EnrolmentRow)
    assert [number for number, _ in found] == sorted({number for number, _ in found})


@given(st.lists(st.text(max_size=30), min_size=len(COLUMNS), max_size=len(COLUMNS)))
def test_no_cells_break_the_reader_and_no_reason_repeats_them(cells: list[str]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([list(COLUMNS), cells])
    for _, row in read(text.getvalue()):
        assert isinstance(row, (EnrolmentRow, RowUnreadable))
        if isinstance(row, RowUnreadable):
            assert not any(len(cell) > 6 and cell in str(row) for cell in cells)


@given(st.binary(max_size=200))
def test_no_file_breaks_the_reader(data: bytes) -> None:
    with contextlib.suppress(FeedRefused):
        read(data)


def test_a_file_asks_no_faster_than_numbers_and_their_neighbours_may_be_asked() -> None:
    limits = Limits()
    assert asked_after(limits, 0, 0, 0) == timedelta(0)
    assert asked_after(limits, 19, 2, 19) == timedelta(0)
    assert asked_after(limits, 40, 0, 0) == timedelta(minutes=2)
    assert asked_after(limits, 3, 3, 3) == timedelta(minutes=10)
    assert asked_after(limits, 399, 0, 60) == timedelta(hours=2)
