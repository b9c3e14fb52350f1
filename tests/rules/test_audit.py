from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules.audit import EMPTY, Fault, Head, Line, Wrong, faults, seal, seal_head

KEY = b"k" * 32
AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
WORDS = st.text(max_size=20)


def chain(*reasons: str) -> list[Line]:
    """A log with one line for each reason."""
    made: list[Line] = []
    for sequence, reason in enumerate(reasons, start=1):
        before = made[-1].hash if made else EMPTY.hash
        line = Line(sequence, AT, "Ana", "import.cancel", "import 1", reason, before)
        made.append(replace(line, hash=seal(KEY, line)))
    return made


LOGS = st.lists(WORDS, min_size=1, max_size=12).map(lambda reasons: chain(*reasons))


def head_of(log: list[Line]) -> Head:
    return Head(log[-1].sequence, log[-1].hash)


def found(log: list[Line], *heads: Head) -> set[Wrong]:
    return {fault.wrong for fault in faults(KEY, log, heads)}


@settings(deadline=None)
@given(LOGS)
def test_a_log_that_nobody_touched_is_whole(log: list[Line]) -> None:
    assert faults(KEY, log, [head_of(log)]) == ()


@settings(deadline=None)
@given(LOGS, st.data())
def test_whatever_is_altered_is_told(log: list[Line], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(log) - 1))
    field = data.draw(st.sampled_from(("actor", "action", "object", "reason", "at")))
    before = getattr(log[n], field)
    other = before + timedelta(microseconds=1) if field == "at" else before + data.draw(WORDS.filter(bool))
    altered = [*log[:n], replace(log[n], **{field: other}), *log[n + 1 :]]
    assert faults(KEY, altered, [head_of(log)]) == (Fault(Wrong.ALTERED, n + 1, n + 1),)


@settings(deadline=None)
@given(LOGS, st.data())
def test_whatever_is_removed_is_told_where_it_stood(log: list[Line], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(log) - 1))
    last = data.draw(st.integers(first, len(log) - 1))
    rest = [*log[:first], *log[last + 1 :]]
    wrong = Wrong.TAIL_CUT if last == len(log) - 1 else Wrong.REMOVED
    assert faults(KEY, rest, [head_of(log)]) == (Fault(wrong, first + 1, last + 1),)


@settings(deadline=None)
@given(LOGS, st.data())
def test_lines_that_are_numbered_anew_do_not_hide_a_removal(log: list[Line], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(log) - 1))
    rest = [*log[:n], *(replace(line, sequence=line.sequence - 1) for line in log[n + 1 :])]
    wrong = Wrong.TAIL_CUT if n == len(log) - 1 else Wrong.REMOVED
    assert faults(KEY, rest, [head_of(log)]) == (Fault(wrong, n + 1, n + 1),)


@settings(deadline=None)
@given(LOGS.filter(lambda log: len(log) > 1), st.data())
def test_lines_that_change_places_are_told(log: list[Line], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(log) - 2))
    one, two = log[n], log[n + 1]
    swapped = [*log[:n], replace(two, sequence=one.sequence), replace(one, sequence=two.sequence), *log[n + 2 :]]
    assert found(swapped, head_of(log))


def test_a_tail_that_was_written_anew_is_told_to_whoever_kept_the_old_head() -> None:
    kept = head_of(chain("one", "two"))
    assert found(chain("one", "another", "three"), kept) == {Wrong.TAIL_CUT}
    assert found(chain("one", "two", "three"), kept) == set()


def test_the_hour_is_the_same_in_any_zone() -> None:
    [line] = chain("one")
    elsewhere = replace(line, at=AT.astimezone(timezone(timedelta(hours=-5))))
    assert seal(KEY, elsewhere) == line.hash


def test_fields_do_not_run_into_one_another() -> None:
    [line] = chain("one")
    assert seal(KEY, replace(line, actor="An", action="aimport.cancel")) != line.hash


def test_a_head_is_read_as_it_was_printed_and_its_seal_is_no_hash_of_a_line() -> None:
    head = head_of(chain("one"))
    assert Head.read(f" {head}\n") == head
    assert seal_head(KEY, head) not in (head.hash, seal_head(b"o" * 32, head))


@pytest.mark.parametrize("text", ["", ":", "1", "1:ab", "-1:" + "0" * 64, "x:" + "0" * 64, "1:" + "0" * 65])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="SEQUENCE:HASH"):
        Head.read(text)
