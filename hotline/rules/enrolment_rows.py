"""The file by which people who got their news by hand are brought in: one CSV line, one person's wishes.

A line that can't be read costs itself alone; the reason names the column, never what stands there, for it is shown.
The subscriber's own name is no column: nobody needs it.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO, TypeVar

from hotline.errors import FeedRefused, HotlineError
from hotline.rules import birth_dates, countries, phones
from hotline.rules.birth_dates import BirthDate
from hotline.rules.feed_lines import Line, Lines
from hotline.rules.limits import Limits
from hotline.rules.mail_addresses import mail_address

Value = TypeVar("Value")

LONGEST_CELL = 254
"""Characters; the longest mail address that SMTP can carry (RFC 5321, section 4.5.3.1.3)."""

COLUMNS: Mapping[str, str] = {
    "subject_id": "the agency's number of the person whom the news is about; or the names and country instead",
    "given_names": "that person's given names",
    "surnames": "that person's surnames",
    "birth_country": "that person's country of birth, by name or ISO 3166 code",
    "birth_date": "that person's date of birth, YYYY-MM-DD, or only the year; may be blank",
    "channel": "call, text or both",
    "number": "the subscriber's telephone number",
    "language": "the code of an enabled language, such as en or es; blank for the first of them",
    "voicemail": "yes where a message that says nothing may be left; blank or no otherwise",
    "any_hour": "yes where urgent news may come at night; blank or no otherwise",
    "mail": "the subscriber's mail address; may be blank",
}
"""The columns, in the words of the command's help; others are passed over."""

NEEDED = ("channel", "number")
NAMED = ("given_names", "surnames", "birth_country")
"""What says whom a line is about, where there is no subject_id."""

_CHANNELS = {"call": (True, False), "text": (False, True), "both": (True, True)}
_ANSWERS = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}


ASKED_A_MINUTE = 20
"""Numbers: a third of what one call a second lets through."""


class RowUnreadable(HotlineError):
    """One line can't be taken: which column, and why."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the news is about, by names; `country` as in `countries`."""

    given_names: str
    surnames: str
    country: str
    birth: BirthDate | None


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """One line: whom it is about, by number, by names, or by both; and how its subscriber (E.164) is told."""

    subject_id: str | None
    person: Person | None
    number: str
    calls: bool
    texts: bool
    language: str
    voicemail: bool
    any_hour: bool
    mail: str | None


@dataclass(frozen=True, slots=True)
class House:
    """What of the line itself decides over a row: its languages, the first one first, and its own numbers."""

    languages: tuple[str, ...]
    own_numbers: Collection[str]


def rows(stream: BinaryIO, house: House) -> Iterator[tuple[int, EnrolmentRow | RowUnreadable]]:
    """The lines of a file behind its header, each with its number, and what it holds or why it can't be taken.

    CSV (RFC 4180, UTF-8, either line end, no line end within a cell). Raises FeedRefused for a file that is empty,
    of another kind, or lacks a column.
    """
    lines = Lines(stream)
    header = _header(next(lines, None))
    for line in lines:
        try:
            cells = _cells(line)
            if len(cells) != len(header):
                raise RowUnreadable(f"the line has {len(cells)} columns where the header has {len(header)}")
            yield line.number, read_row(dict(zip(header, cells, strict=True)), house)
        except RowUnreadable as unreadable:
            yield line.number, unreadable


def _header(line: Line | None) -> list[str]:
    if line is None:
        raise FeedRefused("the file is empty: it begins with the names of its columns")
    try:
        header = [cell.strip().lower() for cell in _cells(line)]
    except RowUnreadable as unreadable:
        raise FeedRefused(f"the header can't be read: {unreadable}") from None
    whom = () if "subject_id" in header else NAMED
    if lacking := [name for name in (*NEEDED, *whom) if name not in header]:
        raise FeedRefused(f"the header lacks: {', '.join(lacking)} (the columns are separated by commas)")
    if twice := [name for name in COLUMNS if header.count(name) > 1]:
        raise FeedRefused(f"the header holds twice: {', '.join(twice)}")
    return header


def _cells(line: Line) -> list[str]:
    if line.too_long:
        raise RowUnreadable("the line is far too long")
    try:
        text = line.data.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise RowUnreadable("the line is not UTF-8") from None
    try:
        return next(csv.reader([text], strict=True))
    except (csv.Error, StopIteration):
        raise RowUnreadable("a quote is not closed or not doubled") from None


def read_row(fields: Mapping[str, str], house: House) -> EnrolmentRow:
    """One record as typed values; columns that are not in the table are passed over. Raises RowUnreadable."""
    cells = {name: _clean(name, fields.get(name, "")) for name in COLUMNS}
    calls, texts = _read(cells, "channel", _channel)
    return EnrolmentRow(
        subject_id=cells["subject_id"] or None,
        person=_person(cells),
        number=_read(cells, "number", lambda cell: _number(cell, house.own_numbers)),
        calls=calls,
        texts=texts,
        language=_read(cells, "language", lambda cell: _language(cell, house.languages)),
        voicemail=_read(cells, "voicemail", _answer),
        any_hour=_read(cells, "any_hour", _answer),
        mail=_read(cells, "mail", _mail),
    )


def _clean(name: str, cell: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", cell).split())
    if len(text) > LONGEST_CELL:
        raise RowUnreadable(f"{name} is longer than {LONGEST_CELL} characters")
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
        raise RowUnreadable(f"{name} holds a control character")
    return text


def _read(cells: Mapping[str, str], name: str, read: Callable[[str], Value]) -> Value:
    try:
        return read(cells[name])
    except ValueError as fault:
        raise RowUnreadable(f"{name} {fault}") from None


def _person(cells: Mapping[str, str]) -> Person | None:
    given, surnames, country = (cells[name] for name in NAMED)
    if not (given or surnames) and cells["subject_id"]:
        return None
    if missing := [name for name in NAMED if not cells[name]]:
        other = "" if cells["subject_id"] else ", and there is no subject_id"
        raise RowUnreadable(f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} empty{other}")
    code = countries.given(country, ("en", "es"))
    if code is None:
        raise RowUnreadable("birth_country is not a country that this line knows")
    return Person(given, surnames, code, _read(cells, "birth_date", _birth_date))


def _birth_date(cell: str) -> BirthDate | None:
    if not cell:
        return None
    if (read := birth_dates.from_feed(cell)) is None:
        raise ValueError("must be YYYY-MM-DD, YYYY-MM or YYYY and a real date")
    return read


def _channel(cell: str) -> tuple[bool, bool]:
    if (read := _CHANNELS.get(cell.lower())) is None:
        raise ValueError("must be call, text or both")
    return read


def _number(cell: str, own_numbers: Collection[str]) -> str:
    number = phones.e164(cell)
    if number is None:
        raise ValueError("is no telephone number")
    if (refusal := phones.refusal(number, own_numbers)) is not None:
        raise ValueError(f"is one that this line never calls ({refusal.value.replace('_', ' ')})")
    return number


def _language(cell: str, languages: tuple[str, ...]) -> str:
    if not cell:
        return languages[0]
    if cell.lower() not in languages:
        raise ValueError(f"must be one of {', '.join(languages)}")
    return cell.lower()


def _answer(cell: str) -> bool:
    if not cell:
        return False
    if (read := _ANSWERS.get(cell.lower())) is None:
        raise ValueError("must be yes or no")
    return read


def _mail(cell: str) -> str | None:
    if not cell:
        return None
    if (read := mail_address(cell)) is None:
        raise ValueError("is no mail address")
    return read


def asked_after(limits: Limits, before: int, before_to_number: int, before_to_block: int) -> timedelta:
    """How long the question to a number waits, so that a whole file asks no faster than the limits on requests, and
    callers and news are not kept waiting behind it.

    Counts of those lines before this one that are asked, go to the same number, and to its block of numbers.
    """
    of_all = timedelta(minutes=1) * (before // ASKED_A_MINUTE)
    to_number = timedelta(minutes=10) * (before_to_number // limits.sends_per_number_10_minutes)
    return max(of_all, to_number, timedelta(hours=1) * (before_to_block // limits.sends_per_block_hour))
