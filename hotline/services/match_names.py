"""Answers whole files of names as a search would: for staff and for measuring, never for callers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain, islice
from time import perf_counter
from typing import Any

from sqlalchemy.orm import Session as Transaction

from hotline.errors import HotlineError
from hotline.rules import birth_dates, countries, spoken_names
from hotline.rules.birth_dates import BirthDate
from hotline.rules.disclosure import earliest_date
from hotline.rules.matching import Query
from hotline.rules.readings import Said
from hotline.services.line import Line
from hotline.services.search import search
from hotline.store import people

BATCH = 300
"""Records that are answered from one and the same state of the database."""

LONGEST_LINE = 65_536
LONGEST_NAME = 500
"""Characters; no recogniser and no keypad hands over more."""


class RecordUnreadable(HotlineError):
    """A record that is no query: one plain line that says what to give. `record_id` is its id, where it has one."""

    def __init__(self, what: str, record_id: object = None) -> None:
        super().__init__(what)
        self.record_id = record_id


def match_lines(line: Line, lines: Iterable[bytes], explain: bool = False) -> Iterator[dict[str, Any]]:
    """The answer to each line of JSON, in their order, one at a time; a line that can't be read gets an "error".

    Raises DatabaseBusy.
    """
    languages, rest = line.settings.languages, filter(bytes.strip, lines)
    for first in rest:
        today = earliest_date(line.clock())
        with line.database.read() as db:
            for raw in chain([first], islice(rest, BATCH - 1)):
                try:
                    yield answer(db, read_record(raw), today, languages, explain)
                except RecordUnreadable as fault:
                    known = {} if fault.record_id is None else {"id": fault.record_id}
                    yield {**known, "error": str(fault)}


def read_record(raw: bytes) -> Mapping[str, Any]:
    """One line of JSON as a record. Raises RecordUnreadable."""
    if len(raw) > LONGEST_LINE:
        raise RecordUnreadable(f"a line may have {LONGEST_LINE:,} bytes at most")
    try:
        record = json.loads(raw)
        json.dumps(record, ensure_ascii=False, allow_nan=False).encode()  # half a character or NaN can't be answered
    except (ValueError, RecursionError):
        raise RecordUnreadable("not a line of JSON in UTF-8") from None
    if not isinstance(record, dict):
        raise RecordUnreadable('not an object: give {"id": …, "country": …, "text": …}')
    if not isinstance(record.get("id"), str | int | None):
        raise RecordUnreadable("id: give a string or a whole number")
    return record


def answer(
    db: Transaction, record: Mapping[str, Any], today: date, languages: tuple[str, ...], explain: bool = False
) -> dict[str, Any]:
    """The decision upon one record, with at most 5 candidates by the feed's ids, and its time in milliseconds.

    Raises RecordUnreadable.
    """
    began = perf_counter()
    try:
        query = query_of(record, languages)
    except RecordUnreadable as fault:
        raise RecordUnreadable(str(fault), record.get("id")) from None
    decision = search(db, query, today)
    ids = people.subject_ids(db, [ranked.subject for ranked in decision.ranked], today)
    told = {
        "id": record.get("id"),
        "decision": decision.kind.value,
        "candidates": [
            {"subject_id": ids[ranked.subject], "probability": round(ranked.probability, 6)}
            for ranked in decision.ranked
            if ranked.subject in ids
        ],
        "ms": round((perf_counter() - began) * 1000, 3),
    }
    return {**told, "evidence": decision.evidence} if explain else told


def query_of(record: Mapping[str, Any], languages: tuple[str, ...]) -> Query:
    """What a record asks for: `text`, a whole name, or its two parts, as words, as keys or as both.

    Raises RecordUnreadable.
    """
    country = countries.given(_text(record, "country") or "", languages)
    if country is None:
        raise RecordUnreadable("country: give a country of birth by its ISO code or its name")
    confidence = _confidence(record)
    whole, given, surnames = (_spoken(record, part, languages) for part in ("text", "given", "surnames"))
    keys = {part: _keys(record, f"{part}_keys") for part in ("given", "surnames")}
    if whole is not None and (given is not None or surnames is not None):
        raise RecordUnreadable("text: give a whole name, or given and surnames, not both")
    if all(part is None for part in (whole, given, surnames, *keys.values())):
        raise RecordUnreadable("text: give a whole name, or given and surnames, or given_keys and surnames_keys")
    return Query(
        Said(given if whole is None else whole, keys["given"], confidence),
        Said(surnames, keys["surnames"], confidence),
        country,
        _birth(record),
        whole is not None,
    )


def _text(record: Mapping[str, Any], name: str) -> str | None:
    value = record.get(name)
    if value is not None and not (isinstance(value, str) and len(value) <= LONGEST_NAME):
        raise RecordUnreadable(f"{name}: give a string of {LONGEST_NAME} characters at most")
    return value


def _spoken(record: Mapping[str, Any], name: str, languages: tuple[str, ...]) -> str | None:
    """A name as the calls take it: without fillers, letters joined, nothing where a word is masked."""
    text = _text(record, name)
    if text is None:
        return None
    return "" if spoken_names.masked(text) else spoken_names.heard(text, languages[0])


def _keys(record: Mapping[str, Any], name: str) -> str | None:
    keys = _text(record, name)
    if keys is not None and not (keys.isascii() and keys.isdigit()):
        raise RecordUnreadable(f"{name}: give digits alone, as on the keypad")
    return keys


def _birth(record: Mapping[str, Any]) -> BirthDate | None:
    text = _text(record, "birth_date")
    if text is None:
        return None
    birth = birth_dates.from_feed(text)
    if birth is None or (birth.month is not None and birth.day is None):
        raise RecordUnreadable("birth_date: give YYYY-MM-DD, or YYYY alone")
    return birth


def _confidence(record: Mapping[str, Any]) -> float | None:
    value = record.get("confidence")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise RecordUnreadable("confidence: give a number from 0 to 1")
    return float(value)
