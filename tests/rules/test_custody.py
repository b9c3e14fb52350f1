from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import custody
from hotline.rules.custody import EventClass, EventKind, Standing, Stint, Whereabouts
from hotline.rules.custody_wordings import RAW_PREFIXES, RAW_WORDINGS, outcome

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
TRANSFER = "Transferred"
MARSHALS = "U.S. Marshals or other agency (explain in Comments)"


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def stint(name: str, begins: float, ends: float | None = None, reason: str | None = None) -> Stint:
    """`name` is stay and stint, as "A1"."""
    return Stint(name[0], name, day(begins), None if ends is None else day(ends), reason)


def told(*stints: Stint) -> list[tuple[str, str, float]]:
    """What history tells, as (kind, stint, day)."""
    return [
        (event.kind.value, event.stint_id, (event.at - START) / timedelta(days=1)) for event in custody.history(stints)
    ]


CLASSES = {
    "booked_in": "routine", "transferred": "routine", "in_transit": "critical", "released": "critical",
    "removed": "critical", "departed": "critical", "to_other_agency": "critical", "returned": "critical",
    "escaped": "emergency", "recaptured": "critical", "died": "critical", "under_review": "held",
    "feed_stale": "routine",
}  # fmt: skip


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_event_is_as_urgent_as_promised(kind: EventKind) -> None:
    if kind is EventKind.CORRECTION:
        assert kind not in custody.CLASSES
    else:
        assert custody.class_of(kind) == CLASSES[kind]
        assert custody.class_of(EventKind.CORRECTION, corrects=kind) == CLASSES[kind]
    assert (kind in custody.NEEDS_APPROVAL) is (kind is EventKind.DIED)


def test_a_correction_of_nothing_has_no_class() -> None:
    for corrected in (None, EventKind.CORRECTION):
        with pytest.raises(ValueError, match="correct"):
            custody.class_of(EventKind.CORRECTION, corrects=corrected)


def test_only_what_is_under_review_is_held_back() -> None:
    held = [kind for kind, urgency in custody.CLASSES.items() if urgency is EventClass.HELD]
    assert held == [EventKind.UNDER_REVIEW]


IN = ("booked_in", "A1", 0)


@pytest.mark.parametrize(
    ("says", "stints", "events", "stands"),
    [
        ("a person without stints", [], [], (Whereabouts.UNDER_REVIEW, None)),
        ("booked in", [stint("A1", 0)], [IN], (Whereabouts.IN_CUSTODY, 0)),
        ("a transfer is not told before the arrival",
         [stint("A1", 0, 2, TRANSFER)], [IN], (Whereabouts.MOVED, 2)),
        ("moved, told with the time of leaving",
         [stint("A1", 0, 2, TRANSFER), stint("A2", 2.5)], [IN, ("transferred", "A1", 2)],
         (Whereabouts.IN_CUSTODY, 2.5)),
        ("moved twice",
         [stint("A1", 0, 2, TRANSFER), stint("A2", 2, 4, TRANSFER), stint("A3", 4)],
         [IN, ("transferred", "A1", 2), ("transferred", "A2", 4)], (Whereabouts.IN_CUSTODY, 4)),
        ("moved, then removed",
         [stint("A1", 0, 2, TRANSFER), stint("A2", 2, 5, "Removed")],
         [IN, ("transferred", "A1", 2), ("removed", "A2", 5)], (Whereabouts.REMOVED, 5)),
        ("arrived before the clerk had closed the old place",
         [stint("A1", 0, 2.1, TRANSFER), stint("A2", 2)], [IN, ("transferred", "A1", 2.1)],
         (Whereabouts.IN_CUSTODY, 2)),
        ("released and back in another stay, years later",
         [stint("A1", 0, 2, "Paroled"), stint("B1", 2000)],
         [IN, ("released", "A1", 2), ("returned", "B1", 2000)], (Whereabouts.IN_CUSTODY, 2000)),
        ("removed and back", [stint("A1", 0, 2, "Removed"), stint("B1", 9)],
         [IN, ("removed", "A1", 2), ("returned", "B1", 9)], (Whereabouts.IN_CUSTODY, 9)),
        ("left by themselves and back", [stint("A1", 0, 2, "Voluntary Return"), stint("B1", 9)],
         [IN, ("departed", "A1", 2), ("returned", "B1", 9)], (Whereabouts.IN_CUSTODY, 9)),
        ("to the marshals and back in the same stay", [stint("A1", 0, 2, MARSHALS), stint("A2", 9)],
         [IN, ("to_other_agency", "A1", 2), ("returned", "A2", 9)], (Whereabouts.IN_CUSTODY, 9)),
        ("with the marshals", [stint("A1", 0, 2, MARSHALS)], [IN, ("to_other_agency", "A1", 2)],
         (Whereabouts.OTHER_AGENCY, 2)),
        ("escaped", [stint("A1", 0, 2, "Escaped")], [IN, ("escaped", "A1", 2)], (Whereabouts.ESCAPED, 2)),
        ("escaped and caught in the same stay", [stint("A1", 0, 2, "Escaped"), stint("A2", 3)],
         [IN, ("escaped", "A1", 2), ("recaptured", "A2", 3)], (Whereabouts.IN_CUSTODY, 3)),
        ("escaped and caught in a new stay", [stint("A1", 0, 2, "Escaped"), stint("B1", 3)],
         [IN, ("escaped", "A1", 2), ("recaptured", "B1", 3)], (Whereabouts.IN_CUSTODY, 3)),
        ("a death never says released", [stint("A1", 0, 2, "Died")], [IN, ("died", "A1", 2)],
         (Whereabouts.UNDER_REVIEW, 2)),
        ("after a death nothing is told any more",
         [stint("A1", 0, 2, "Died"), stint("B1", 3, 4, "Paroled")],
         [IN, ("died", "A1", 2), ("under_review", "B1", 3)], (Whereabouts.UNDER_REVIEW, 2)),
        ("a death goes to a person as a death, whatever another stay says",
         [stint("A1", 0, 2, "Died"), stint("B1", 1)],
         [IN, ("booked_in", "B1", 1), ("died", "A1", 2)], (Whereabouts.UNDER_REVIEW, 2)),
        ("a transfer of one stay while another holds them",
         [stint("A1", 0, 2, TRANSFER), stint("B1", 1)], [IN, ("booked_in", "B1", 1)],
         (Whereabouts.IN_CUSTODY, 1)),
        ("a stint that lies within another one", [stint("A1", 0, 9, "Removed"), stint("B1", 3, 4, "Paroled")],
         [IN, ("booked_in", "B1", 3), ("under_review", "B1", 4), ("removed", "A1", 9)],
         (Whereabouts.REMOVED, 9)),
        ("an old place that lets go of them after the next one did",
         [stint("A1", 0, 9, "Paroled"), stint("A2", 3, 5, "Removed")],
         [IN, ("removed", "A2", 5), ("under_review", "A1", 9)], (Whereabouts.UNDER_REVIEW, 9)),
        ("a transfer that is closed after the arrival was over",
         [stint("A1", 0, 9, TRANSFER), stint("A2", 3, 5, "Removed")],
         [IN, ("removed", "A2", 5), ("under_review", "A1", 9)], (Whereabouts.REMOVED, 5)),
        ("back after a release that was followed by something doubtful",
         [stint("A1", 0, 2, "Paroled"), stint("A0", -3, 3, "Removed"), stint("B1", 2000)],
         [("booked_in", "A0", -3), ("released", "A1", 2), ("under_review", "A0", 3), ("returned", "B1", 2000)],
         (Whereabouts.IN_CUSTODY, 2000)),
        ("back years later, in the same stay, after a place that a clerk closed late",
         [stint("A1", 0, 9, TRANSFER), stint("A2", 3, 5, "Removed"), stint("A3", 900)],
         [IN, ("removed", "A2", 5), ("under_review", "A1", 9), ("returned", "A3", 900)],
         (Whereabouts.IN_CUSTODY, 900)),
        ("a gap between two stints of a stay", [stint("A1", 0, 2, TRANSFER), stint("A2", 40)],
         [IN, ("transferred", "A1", 2)], (Whereabouts.IN_CUSTODY, 40)),
        ("removed twice", [stint("A1", 0, 2, "Removed"), stint("B1", 400, 402, "Removed")],
         [IN, ("removed", "A1", 2), ("returned", "B1", 400), ("removed", "B1", 402)], (Whereabouts.REMOVED, 402)),
        ("escaped, caught and released", [stint("A1", 0, 2, "Escaped"), stint("B1", 3, 9, "Paroled")],
         [IN, ("escaped", "A1", 2), ("recaptured", "B1", 3), ("released", "B1", 9)], (Whereabouts.RELEASED, 9)),
        ("a wording that nobody knows", [stint("A1", 0, 2, "Sent to the moon")],
         [IN, ("under_review", "A1", 2)], (Whereabouts.UNDER_REVIEW, 2)),
        ("no wording at all", [stint("A1", 0, 2)], [IN, ("under_review", "A1", 2)],
         (Whereabouts.UNDER_REVIEW, 2)),
        ("a wording without its date", [stint("A1", 0, None, "Removed")], [IN, ("under_review", "A1", 0)],
         (Whereabouts.UNDER_REVIEW, 0)),
        ("out before in", [stint("A1", 0, -1, "Removed")], [IN, ("under_review", "A1", 0)],
         (Whereabouts.UNDER_REVIEW, 0)),
        ("a local change of papers, still held",
         [stint("A1", 0, 2, "Processing Disposition Changed Locally"), stint("A2", 2)],
         [IN, ("under_review", "A1", 2)], (Whereabouts.IN_CUSTODY, 2)),
        ("a new stay after a doubtful end", [stint("A1", 0, 2, "Withdrawal"), stint("B1", 5)],
         [IN, ("under_review", "A1", 2), ("booked_in", "B1", 5)], (Whereabouts.IN_CUSTODY, 5)),
        ("released while another stay still holds them",
         [stint("A1", 0, 5, "Paroled"), stint("B1", 3)],
         [IN, ("booked_in", "B1", 3), ("under_review", "A1", 5)], (Whereabouts.UNDER_REVIEW, 5)),
        ("one release reported under two stays is told once",
         [stint("A1", 0, 5, "Paroled"), stint("B1", 0, 5, "Paroled")],
         [IN, ("booked_in", "B1", 0), ("under_review", "A1", 5), ("released", "B1", 5)],
         (Whereabouts.RELEASED, 5)),
        ("released from a place that they had left by then",
         [stint("A1", 0, 5, "Paroled"), stint("A2", 3)], [IN, ("under_review", "A1", 5)],
         (Whereabouts.UNDER_REVIEW, 5)),
        ("the row that closes the old place has not come yet",
         [stint("A1", 0), stint("A2", 3, 6, "Removed")], [IN, ("removed", "A2", 6)],
         (Whereabouts.REMOVED, 6)),
        ("a transfer that surfaces in another stay", [stint("A1", 0, 2, TRANSFER), stint("B1", 3)],
         [IN, ("booked_in", "B1", 3)], (Whereabouts.IN_CUSTODY, 3)),
        ("in and out in the same minute, and on",
         [stint("A1", 0, 0, TRANSFER), stint("A2", 0, 0, TRANSFER), stint("A3", 0)],
         [IN, ("transferred", "A1", 0), ("transferred", "A2", 0)], (Whereabouts.IN_CUSTODY, 0)),
        ("freed and taken again in the same minute", [stint("A1", 0, 2, "Paroled"), stint("B1", 2)],
         [IN, ("released", "A1", 2), ("returned", "B1", 2)], (Whereabouts.IN_CUSTODY, 2)),
    ],
)  # fmt: skip
def test_a_way_through_custody_is_told_as_it_was(
    says: str,
    stints: list[Stint],
    events: list[tuple[str, str, float]],
    stands: tuple[Whereabouts, float | None],
) -> None:
    assert told(*reversed(stints)) == [(kind, name, pytest.approx(at)) for kind, name, at in events], says
    since = None if stands[1] is None else day(stands[1])
    assert custody.status(stints) == Standing(stands[0], since)


HOURS = timedelta(hours=1)


@pytest.mark.parametrize(
    ("waited", "kind"),
    [
        (timedelta(0), None), (8 * HOURS - timedelta(seconds=1), None), (8 * HOURS, EventKind.TRANSFERRED),
        (24 * HOURS - timedelta(seconds=1), EventKind.TRANSFERRED), (24 * HOURS, EventKind.IN_TRANSIT),
        (900 * HOURS, EventKind.IN_TRANSIT), (-HOURS, None),
    ],
)  # fmt: skip
def test_a_move_without_arrival_is_told_after_8_hours_and_urgently_after_24(
    waited: timedelta, kind: EventKind | None
) -> None:
    events = custody.overdue([stint("A1", 0, 1, TRANSFER), stint("A2", 1, 2, TRANSFER)], day(2) + waited)
    expected = [(kind, "A2", day(2))] if kind else []
    assert [(event.kind, event.stint_id, event.at) for event in events] == expected


def test_a_move_through_a_place_in_the_same_minute_is_told_of_the_last_place() -> None:
    (event,) = custody.overdue([stint("A1", 0, 2, TRANSFER), stint("A2", 2, 2, TRANSFER)], day(9))
    assert (event.kind, event.stint_id) == (EventKind.IN_TRANSIT, "A2")


def test_the_clock_has_nothing_to_tell_once_the_arrival_is_known() -> None:
    leaving = stint("A1", 0, 2, TRANSFER)
    assert custody.overdue([leaving], day(2.5))
    assert custody.overdue([leaving, stint("A2", 2.9)], day(30)) == ()


def test_the_clock_looks_at_8_and_at_24_hours_after_a_transfer_and_then_no_more() -> None:
    leaving = [stint("A1", 0, 2, TRANSFER)]
    looks = []
    since = custody.read(leaving).awaited_since
    at = custody.look_again_at(since, None)
    while at is not None:
        looks.append(at - day(2))
        assert len(custody.overdue(leaving, at)) == 1
        at = custody.look_again_at(since, at)
    assert looks == [8 * HOURS, 24 * HOURS]
    for others in ([], [stint("A1", 0)], [*leaving, stint("A2", 3)], [stint("A1", 0, 2, "Removed")]):
        assert custody.read(others).awaited_since is None
    assert custody.look_again_at(None, None) is None


@pytest.mark.parametrize("wording", sorted(RAW_WORDINGS))
def test_no_wording_of_the_agency_leaves_with_what_it_tells(wording: str) -> None:
    stints = [stint("A1", 0, 2, wording), stint("A2", 3)]
    told = f"{custody.history(stints)} {custody.status(stints)} {custody.overdue(stints[:1], day(9))}"
    kinds = {kind.value for kind in EventKind} | {place.value for place in Whereabouts}
    if wording.casefold() not in kinds:
        assert wording.casefold() not in told.casefold()


@pytest.mark.parametrize(
    "stints",
    [[], [stint("A1", 0)], [stint("A1", 0, 2, "Paroled")], [stint("A1", 0, 2, TRANSFER), stint("B1", 9)]],
)
def test_nobody_is_in_transit_who_is_held_or_gone(stints: list[Stint]) -> None:
    assert custody.overdue(stints, day(30)) == ()


def test_a_key_holds_neither_the_wording_nor_a_clash_of_odd_identifiers() -> None:
    odd = [
        Stint("a/b", "c", day(0), day(1), "Paroled - Fear Found"),
        Stint("a", "b/c", day(2), day(3), "Paroled - Fear Found"),
    ]
    keys = [event.key for event in custody.history(odd)]
    assert keys == ["a%2Fb/c:booked_in", "a%2Fb/c:released", "a/b%2Fc:returned", "a/b%2Fc:released"]


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_ending_of_a_stint_leaves_the_person_somewhere(kind: EventKind) -> None:
    endings = {*RAW_WORDINGS.values(), *RAW_PREFIXES.values()}
    assert (kind in custody.LEFT_AS) is (kind in endings)


@pytest.mark.parametrize("place", list(Whereabouts))
def test_a_book_in_is_a_return_only_for_those_who_had_left(place: Whereabouts) -> None:
    still_held = {Whereabouts.IN_CUSTODY, Whereabouts.MOVED, Whereabouts.UNDER_REVIEW}
    assert (place in custody.BACK_FROM) is (place not in still_held)


moments = st.integers(0, 12).map(day)
stints_of_one = st.lists(
    st.builds(
        Stint,
        st.sampled_from("ABC"),
        st.sampled_from("1234"),
        moments,
        st.none() | moments,
        st.none() | st.sampled_from([*RAW_WORDINGS, "Beamed up", ""]),
    ),
    max_size=9,
)


@settings(deadline=None, max_examples=200)
@given(stints_of_one, st.randoms())
def test_the_order_of_the_rows_changes_nothing(stints: list[Stint], random: object) -> None:
    shuffled = list(stints)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert custody.history(shuffled) == custody.history(stints)
    assert custody.status(shuffled) == custody.status(stints)
    assert custody.overdue(shuffled, day(20)) == custody.overdue(stints, day(20))


@settings(deadline=None, max_examples=200)
@given(stints_of_one)
def test_whatever_the_rows_say_each_event_comes_once_and_in_time(stints: list[Stint]) -> None:
    events = custody.history(stints)
    assert custody.history([*stints, *stints]) == events
    assert len({event.key for event in events}) == len(events)
    assert [event.at for event in events] == sorted(event.at for event in events)
    for event in custody.overdue(stints, day(20)):
        assert event.key not in {known.key for known in events}


@settings(deadline=None, max_examples=200)
@given(stints_of_one)
def test_after_a_death_nothing_else_is_told(stints: list[Stint]) -> None:
    stints = [*stints, Stint("D", "1", day(3), day(4), "Died")]
    kinds = [event.kind for event in custody.history(stints)]
    assert set(kinds[kinds.index(EventKind.DIED) + 1 :]) <= {EventKind.UNDER_REVIEW}
    assert custody.status(stints).whereabouts is Whereabouts.UNDER_REVIEW


LEFT = {
    EventKind.RELEASED, EventKind.REMOVED, EventKind.DEPARTED, EventKind.TO_OTHER_AGENCY, EventKind.ESCAPED,
}  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(stints_of_one)
def test_nobody_leaves_twice_without_being_back_in_between(stints: list[Stint]) -> None:
    gone: EventKind | None = None
    for event in custody.history(stints):
        if event.kind in LEFT:
            assert gone is None
            gone = event.kind
        elif event.kind in (EventKind.RETURNED, EventKind.RECAPTURED):
            assert gone is not None
            assert (gone is EventKind.ESCAPED) is (event.kind is EventKind.RECAPTURED)
            gone = None
        elif event.kind in (EventKind.BOOKED_IN, EventKind.TRANSFERRED):
            assert gone is None


@settings(deadline=None, max_examples=200)
@given(stints_of_one)
def test_nobody_is_said_to_be_gone_while_another_stay_holds_them(stints: list[Stint]) -> None:
    held_from = day(6)
    stints = [*stints, Stint("D", "1", held_from, None, None)]
    gone = {EventKind.RELEASED, EventKind.REMOVED, EventKind.DEPARTED, EventKind.TO_OTHER_AGENCY}
    events = custody.history(stints)
    assert not [event for event in events if event.kind in gone and event.at > held_from]


@settings(deadline=None, max_examples=200)
@given(stints_of_one)
def test_every_ending_is_told_or_goes_to_a_person(stints: list[Stint]) -> None:
    rows = {(stint.stay_id, stint.stint_id): stint for stint in stints}
    leaving = set(custody.LEFT_AS) - {EventKind.TRANSFERRED}
    heard_of = {(e.stay_id, e.stint_id) for e in custody.history(rows.values()) if e.kind in leaving}
    for ids, stint in rows.items():
        if stint.book_out_at and outcome(stint.release_reason) is not EventKind.TRANSFERRED:
            assert ids in heard_of
