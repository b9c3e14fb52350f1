from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import custody
from hotline.rules.brakes import EventState
from hotline.rules.custody import EventKind, Stint
from hotline.rules.custody_events import (
    FORMER,
    Amends,
    StoredEvent,
    difference,
    news_of_the_clock,
    records_in_doubt,
)
from hotline.rules.custody_wordings import RAW_WORDINGS

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
TRANSFER = "Transferred"


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def stint(name: str, begins: float, ends: float | None = None, reason: str | None = None) -> Stint:
    """`name` is stay and stint, as "A1"."""
    return Stint(name[0], name, day(begins), None if ends is None else day(ends), reason)


@dataclass
class Records:
    """What is stored of one person, as imports and the clock leave it; all that may be told is told at once."""

    events: list[StoredEvent] = field(default_factory=list)
    corrections: list[tuple[str, Amends]] = field(default_factory=list)
    """Kinds taken back of which somebody was told, and what they are owed."""

    def take(self, *stints: Stint) -> list[str]:
        """An import after which these are the person's stints. Returns the kinds that are new."""
        found = difference(stints, self.events)
        ids = {event.id: event for event in self.events}
        for back in found.taken_back:
            state = EventState.CANCELLED
            ids[back.event.id] = replace(back.event, key=f"{FORMER}{back.event.id}", state=state)
            if back.event.told and back.amends is not Amends.NOTHING:
                self.corrections.append((back.event.kind.value, back.amends))
        for move in found.moved:
            ids[move.event.id] = replace(move.event, key=move.to.key, at=move.to.at)
        self.events = list(ids.values())
        return self._add(found.new)

    def look(self, now: datetime, *stints: Stint) -> list[str]:
        """The clock looks at the person."""
        return self._add(news_of_the_clock(stints, self.events, now))

    def _add(self, new: Iterable[custody.CustodyEvent]) -> list[str]:
        waits = (*custody.NEEDS_APPROVAL, EventKind.UNDER_REVIEW)
        for event in new:
            state = EventState.HELD if event.kind in waits else EventState.RELEASED
            self.events.append(StoredEvent(len(self.events) + 1, event.key, event.kind, event.at, state))
        keys = [event.key for event in self.events]
        assert len(set(keys)) == len(keys)
        return [event.kind.value for event in new]

    def stands(self) -> set[tuple[str, str, datetime]]:
        """The events that stand."""
        return {(e.kind.value, e.key, e.at) for e in self.events if e.state is not EventState.CANCELLED}


def told_by(stints: Iterable[Stint]) -> set[tuple[str, str, datetime]]:
    return {(event.kind.value, event.key, event.at) for event in custody.history(stints)}


IN = stint("A1", 0)
OUT = stint("A1", 0, 5, "Paroled")
LEFT = stint("A1", 0, 5, TRANSFER)
NEXT = stint("A2", 5.2)

# What is read, one list of stints an import; the kinds that each import brings; what was told and is amended.
CORRECTED: list[tuple[str, list[list[Stint]], list[list[str]], list[tuple[str, Amends]]]] = [
    ("the same twice", [[OUT], [OUT]], [["booked_in", "released"], []], []),
    ("a release that was a transfer", [[OUT], [LEFT, NEXT]],
     [["booked_in", "released"], ["transferred"]], [("released", Amends.CORRECTION)]),
    ("a release that was a transfer, arrival not known", [[OUT], [LEFT]],
     [["booked_in", "released"], []], [("released", Amends.CORRECTION)]),
    ("a transfer that was a release", [[LEFT, NEXT], [OUT]],
     [["booked_in", "transferred"], ["released"]], [("transferred", Amends.CORRECTION)]),
    ("a release that was a removal", [[OUT], [replace(OUT, release_reason="Removed")]],
     [["booked_in", "released"], ["removed"]], [("released", Amends.CORRECTION)]),
    ("a release that never was", [[OUT], [IN]], [["booked_in", "released"], []], [("released", Amends.CORRECTION)]),
    ("a release that never was, and then was", [[OUT], [IN], [OUT]],
     [["booked_in", "released"], [], ["released"]], [("released", Amends.CORRECTION)]),
    ("a release of another bond", [[OUT], [replace(OUT, release_reason="Bonded Out - IJ")]],
     [["booked_in", "released"], []], []),
    ("a release on another day", [[OUT], [stint("A1", 0, 7, "Paroled")]],
     [["booked_in", "released"], ["released"]], [("released", Amends.CORRECTION)]),
    ("a release some hours later", [[OUT], [stint("A1", 0, 5.4, "Paroled")]], [["booked_in", "released"], []], []),
    ("a release that is in doubt since", [[OUT], [replace(OUT, release_reason="See file")]],
     [["booked_in", "released"], ["under_review"]], [("released", Amends.REVIEW)]),
    ("a release while another stay turns out to hold them", [[OUT], [OUT, stint("B1", 3)]],
     [["booked_in", "released"], ["booked_in", "under_review"]], [("released", Amends.REVIEW)]),
    ("a doubt that was put right", [[replace(OUT, release_reason="See file")], [OUT]],
     [["booked_in", "under_review"], ["released"]], []),
    ("a booking on another day", [[IN], [stint("A1", -3)]], [["booked_in"], []], []),
    ("an earlier stint of the stay that came late", [[NEXT], [LEFT, NEXT]], [["booked_in"], ["transferred"]], []),
    ("an earlier stay with a release that came late", [[stint("B1", 9)], [OUT, stint("B1", 9)]],
     [["booked_in"], ["booked_in", "released", "returned"]], []),
    ("a return from a release that was a transfer", [[OUT, stint("B1", 9)], [LEFT, stint("B1", 9)]],
     [["booked_in", "released", "returned"], ["booked_in"]], [("released", Amends.CORRECTION)]),
    ("a stay that got another number", [[OUT], [replace(OUT, stay_id="Q")]], [["booked_in", "released"], []], []),
    ("a stint that belongs to somebody else", [[IN, stint("B1", 3, 4, TRANSFER), stint("B2", 4, 6, "Removed")], [IN]],
     [["booked_in", "booked_in", "transferred", "under_review"], []],
     [("booked_in", Amends.REVIEW), ("transferred", Amends.REVIEW)]),
    ("a death that was none, of which nobody was told", [[replace(OUT, release_reason="Died")], [OUT]],
     [["booked_in", "died"], ["released"]], []),
]  # fmt: skip


@pytest.mark.parametrize(("imports", "new", "amended"), [pytest.param(*case[1:], id=case[0]) for case in CORRECTED])
def test_rows_that_are_corrected_correct_what_was_told(
    imports: list[list[Stint]], new: list[list[str]], amended: list[tuple[str, Amends]]
) -> None:
    records = Records()
    assert [records.take(*stints) for stints in imports] == new
    assert records.corrections == amended
    assert records.stands() == told_by(imports[-1])


def test_a_death_that_was_told_and_was_none_is_for_a_person_with_all_that_follows() -> None:
    records = Records()
    records.take(replace(OUT, release_reason="Died"))
    records.events = [replace(event, state=EventState.RELEASED) for event in records.events]
    found = difference([OUT], records.events)
    assert [(back.event.kind, back.amends) for back in found.taken_back] == [(EventKind.DIED, Amends.REVIEW)]
    assert [event.kind for event in found.new] == [EventKind.RELEASED]
    assert found.doubtful


@pytest.mark.parametrize("state", [EventState.DERIVED, EventState.HELD, EventState.CANCELLED])
def test_what_nobody_was_told_needs_no_correction(state: EventState) -> None:
    stored = [StoredEvent(7, "A/A1:released", EventKind.RELEASED, day(5), state)]
    found = difference([LEFT, NEXT], stored)
    assert [(back.event.id, back.amends) for back in found.taken_back] == [(7, Amends.NOTHING)]


def test_what_a_person_decided_not_to_tell_is_not_told_by_the_same_rows() -> None:
    cancelled = [replace(event, state=EventState.CANCELLED) for event in _stored([OUT])]
    assert difference([OUT], cancelled).new == ()
    assert difference([replace(OUT, stay_id="Q")], cancelled).new == ()
    later = difference([stint("A1", 0, 30, "Paroled")], cancelled)
    assert [event.kind for event in later.new] == [EventKind.RELEASED]


def test_a_release_that_a_bad_load_took_back_is_not_told_twice_when_the_records_are_right_again() -> None:
    """The load was held, so no correction went out."""
    [booked, released] = _stored([OUT])
    taken_back = replace(released, key=f"{FORMER}{released.id}")
    found = difference([OUT], [booked, taken_back])
    assert (found.new, found.taken_back) == ((), ())
    assert [(move.event.id, move.to.key) for move in found.moved] == [(released.id, released.key)]
    corrected = replace(taken_back, state=EventState.CANCELLED)
    assert [event.kind for event in difference([OUT], [booked, corrected]).new] == [EventKind.RELEASED]


def _read_as_a_release() -> list[StoredEvent]:
    """A doubtful end, of which a person found that it was a release."""
    [booked, doubt] = _stored([replace(OUT, release_reason="See file")])
    found = StoredEvent(9, f"review:{doubt.id}", EventKind.RELEASED, doubt.at, EventState.RELEASED)
    return [booked, replace(doubt, state=EventState.CANCELLED), found]


def test_what_a_person_found_is_not_told_again_when_the_records_say_the_same() -> None:
    found = difference([OUT], _read_as_a_release())
    assert found.new == ()
    assert [(move.event.id, move.to.key) for move in found.moved] == [(9, "A/A1:released")]


def test_what_a_person_found_and_the_records_deny_later_goes_to_a_person_again() -> None:
    found = difference([replace(OUT, release_reason="Removed")], _read_as_a_release())
    assert [event.kind for event in found.new] == [EventKind.REMOVED]
    assert (9, Amends.REVIEW) in [(back.event.id, back.amends) for back in found.taken_back]


@pytest.mark.parametrize("key", ["gone:3", "review:8", "correction:9", "stale:2", "former:5"])
def test_what_no_stint_tells_is_none_of_its_business(key: str) -> None:
    stored = [*_stored([OUT]), StoredEvent(90, key, EventKind.RELEASED, day(1), EventState.RELEASED)]
    found = difference([OUT], stored)
    assert (found.new, found.moved, found.taken_back) == ((), (), ())


def _stored(stints: Sequence[Stint]) -> list[StoredEvent]:
    records = Records()
    records.take(*stints)
    return records.events


# ---- the clock

GONE_FOR = [(7.9, []), (8, ["transferred"]), (23.9, ["transferred"]), (24, ["in_transit"]), (900, ["in_transit"])]


@pytest.mark.parametrize(("hours", "told"), GONE_FOR)
def test_a_move_without_arrival_is_told_once_by_the_clock(hours: float, told: list[str]) -> None:
    records = Records()
    records.take(LEFT)
    now = day(5) + timedelta(hours=hours)
    assert records.look(now, LEFT) == told
    assert records.look(now, LEFT) == []
    assert records.take(LEFT) == []  # reading the same rows tells nothing and takes nothing back
    assert records.corrections == []


# Hours after leaving at which the clock looks, then the arrival comes: all that is told of the move.
ARRIVALS = [
    ([], ["transferred"]),
    ([9], ["transferred"]),
    ([9, 10, 11], ["transferred"]),
    ([25], ["in_transit", "transferred"]),
    ([9, 25], ["transferred", "in_transit", "transferred"]),
    ([9, 25, 40], ["transferred", "in_transit", "transferred"]),
]


@pytest.mark.parametrize(("looks", "told"), ARRIVALS)
def test_an_arrival_is_told_once_and_again_only_after_word_that_it_was_missing(
    looks: list[float], told: list[str]
) -> None:
    records = Records()
    records.take(LEFT)
    heard = [kind for hours in looks for kind in records.look(day(5) + timedelta(hours=hours), LEFT)]
    heard += records.take(LEFT, NEXT)
    assert heard == told
    for _ in range(2):
        assert records.take(LEFT, NEXT) == []
        assert records.look(day(90), LEFT, NEXT) == []
    assert records.corrections == []


@pytest.mark.parametrize(("hours", "told"), [(9, "transferred"), (25, "in_transit")])
def test_word_of_a_move_that_was_a_release_is_corrected(hours: float, told: str) -> None:
    records = Records()
    records.take(LEFT)
    records.look(day(5) + timedelta(hours=hours), LEFT)
    assert records.take(OUT) == ["released"]
    assert records.corrections == [(told, Amends.CORRECTION)]


def test_a_move_that_surfaces_in_another_stay_is_no_error() -> None:
    records = Records()
    records.take(LEFT)
    records.look(day(5.5), LEFT)
    assert records.take(LEFT, stint("B1", 6)) == ["booked_in"]
    assert records.corrections == []


# ---- any order, in any pieces

moments = st.integers(0, 12).map(day)
versions = st.lists(
    st.builds(
        Stint,
        st.sampled_from("AB"),
        st.sampled_from("123"),
        moments,
        st.none() | moments,
        st.none() | st.sampled_from([*RAW_WORDINGS, "Beamed up", TRANSFER, "Paroled", "Removed"]),
    ),
    min_size=1,
    max_size=8,
)


def as_of(rows: Iterable[tuple[int, Stint]]) -> list[Stint]:
    """The stints that are stored after these rows: of each the newest version."""
    newest = {row.stint_id: row for _, row in sorted(rows, key=lambda row: row[0])}
    return list(newest.values())


@settings(deadline=None, max_examples=150)
@given(versions, st.data())
def test_in_whatever_order_and_pieces_rows_come_the_same_events_stand_at_the_end(
    rows: list[Stint], data: st.DataObject
) -> None:
    numbered = data.draw(st.permutations(list(enumerate(rows))))
    cuts = data.draw(st.sets(st.integers(1, len(rows))))
    records = Records()
    for cut in sorted({*cuts, len(rows)}):
        stints = as_of(numbered[:cut])
        records.take(*stints)
        assert records.stands() == told_by(stints)
    final = as_of(enumerate(rows))
    assert records.stands() == told_by(final)
    assert records.take(*final) == []
    assert records.stands() == told_by(final)


@settings(deadline=None, max_examples=150)
@given(versions, st.sets(st.integers(0, 14)))
def test_the_clock_in_between_adds_moves_alone_and_never_tells_one_twice(rows: list[Stint], looks: set[int]) -> None:
    records = Records()
    for cut in range(1, len(rows) + 1):
        stints = as_of(enumerate(rows[:cut]))
        records.take(*stints)
        if cut in looks:
            records.look(day(14), *stints)
            assert records.look(day(14), *stints) == []
        assert {kind for kind, *_ in records.stands() - told_by(stints)} <= {"in_transit", "transferred"}


@settings(deadline=None, max_examples=150)
@given(versions)
def test_a_correction_goes_only_where_somebody_was_told_what_the_records_deny(rows: list[Stint]) -> None:
    records = Records()
    for cut in range(1, len(rows) + 1):
        stints = as_of(enumerate(rows[:cut]))
        for back in difference(stints, records.events).taken_back:
            if back.amends is Amends.CORRECTION:
                assert back.event.told
                assert back.event.kind not in (EventKind.BOOKED_IN, EventKind.RETURNED, EventKind.RECAPTURED)
        records.take(*stints)


# ---- whether the records have the last word


def stored(number: int, key: str, state: EventState = EventState.RELEASED) -> StoredEvent:
    kind = EventKind.CORRECTION if key.startswith("correction:") else EventKind.REMOVED
    return StoredEvent(number, key, kind, datetime(2026, 3, 1, tzinfo=UTC), state)


CALLED_OFF = (stored(1, "former:1", EventState.CANCELLED), stored(2, "correction:1", EventState.CANCELLED))


@pytest.mark.parametrize(
    ("events", "in_doubt"),
    [
        pytest.param((), False, id="nothing happened"),
        pytest.param((stored(1, "a:removed"),), False, id="the records tell it"),
        pytest.param((stored(1, "former:1"), stored(2, "correction:1")), False, id="corrected"),
        pytest.param(CALLED_OFF, True, id="a correction that was called off"),
        pytest.param((*CALLED_OFF, stored(3, "stale:1"), stored(4, "gone:1")), True, id="and the feed stayed away"),
        pytest.param((*CALLED_OFF, stored(3, "b:removed")), False, id="and it was told again"),
        pytest.param((*CALLED_OFF, stored(3, "b:removed", EventState.HELD)), True, id="and it waits"),
        pytest.param((*CALLED_OFF, stored(3, "review:9")), True, id="and a person told it"),
        pytest.param((stored(1, "a:removed"), CALLED_OFF[1]), False, id="the records tell it as before"),
    ],
)
def test_a_correction_that_was_called_off_leaves_the_records_in_doubt(
    events: tuple[StoredEvent, ...], in_doubt: bool
) -> None:
    assert records_in_doubt(events) is in_doubt
    assert records_in_doubt(reversed(events)) is in_doubt
