from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import custody, custody_wordings
from hotline.rules.custody import EventKind

TRANSFER = "Transferred"
MARSHALS = "U.S. Marshals or other agency (explain in Comments)"

CUSTODY_PAGE = {
    "released": [
        "Paroled", "Order of recognizance", "Paroled - Fear Found", "Bonded Out - IJ",
        "Paroled - Humanitarian", "Order of supervision", "Order of Recognizance - Humanitarian",
        "Bonded Out - Field Office",
        "Order of Supervision - No SLRRFF", "Relief Granted by IJ", "Proceedings Terminated",
        "Paroled - Public Benefit", "Order of Supervision - Humanitarian",
        "Order of Supervision - Re-Release",
    ],
    "removed": ["Removed"],
    "departed": ["Voluntary departure", "Voluntary Return"],
    "to_other_agency": [MARSHALS, "U.S. Marshals or other agency"],
    "transferred": [TRANSFER],
    "escaped": ["Escaped"],
    "died": ["Died"],
    "under_review": [
        "Processing Disposition Changed Locally", "Withdrawal", "Title 42 Return",
        "ORR - Office of Refugee Resettlement", "ORR-Runaway",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "wording"), [(k, w) for k, words in CUSTODY_PAGE.items() for w in words])
def test_each_wording_of_the_agency_tells_the_event_that_it_means(kind: str, wording: str) -> None:
    assert custody_wordings.outcome(wording) == kind
    assert custody_wordings.known(wording)


def test_the_table_holds_the_wordings_of_the_page_and_no_other() -> None:
    assert sorted(custody_wordings.RAW_WORDINGS) == sorted(w for words in CUSTODY_PAGE.values() for w in words)


@pytest.mark.parametrize("wording", sorted(custody_wordings.RAW_WORDINGS))
def test_a_wording_typed_otherwise_is_the_same_wording(wording: str) -> None:
    expected = custody_wordings.RAW_WORDINGS[wording]
    spaced, dashed = wording.replace(" ", "  "), wording.replace("-", "–")
    typed_otherwise = [
        wording.upper(), f"  {wording.lower()} ", spaced, dashed, dashed.replace(" ", ""), f"{wording} - ",
        f"- {wording}", f"{wording}.", f'"{wording}"', wording.replace(" ", "\u00a0"), f"{wording}\t",
        wording.replace("-", "\u2014"), f"{wording}\u200b", wording.replace(" ", "_"),
    ]  # fmt: skip
    for typed in typed_otherwise:
        assert custody_wordings.outcome(typed) is expected, typed


@pytest.mark.parametrize("wording", sorted(custody_wordings.RAW_WORDINGS))
@pytest.mark.parametrize("note", ["(explain in Comments)", " (EXPLAIN IN COMMENTS) ", "(explain in Comm", " (", "(e"])
def test_a_note_of_the_form_behind_a_wording_changes_nothing_even_cut_off(wording: str, note: str) -> None:
    bare = wording.removesuffix("(explain in Comments)").strip()
    assert custody_wordings.outcome(f"{bare} {note}") is custody_wordings.RAW_WORDINGS[wording]


@pytest.mark.parametrize(
    ("wording", "known"),
    [
        ("ORR - Sponsor", True), ("orr", True), ("Title 42", True), ("TITLE 42 - Expulsion", True),
        ("Released", False), ("Not removed", False), ("Removed (voided)", False), ("Transferred?x", False),
        ("", False), (" - ", False), (None, False), ("Died in hospital", False), ("(explain in Comments)", False),
        ("Removed (see Comments)", False), ("Removed / Paroled", False), ("Paroled - Fear", False),
        ("Bonded Out", False), ("Order of", False), ("U.S. Marshals", False), ("explain in Comments", False),
        ("null", False), ("N/A", False),
    ],
)  # fmt: skip
def test_a_wording_that_we_cannot_be_sure_of_goes_to_a_person(wording: str | None, known: bool) -> None:
    assert custody_wordings.outcome(wording) is EventKind.UNDER_REVIEW
    assert custody_wordings.known(wording) is known


def test_a_death_is_never_a_release_and_waits_for_a_person() -> None:
    died = {w for w, kind in custody_wordings.RAW_WORDINGS.items() if "died" in w.casefold() or kind is EventKind.DIED}
    assert died == {"Died"}
    assert custody_wordings.outcome("Died") in custody.NEEDS_APPROVAL


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60))
def test_any_wording_at_all_means_one_thing_and_an_unknown_one_is_for_a_person(wording: str) -> None:
    kind = custody_wordings.outcome(wording)
    assert kind in custody.LEFT_AS
    assert custody_wordings.known(wording) or kind is EventKind.UNDER_REVIEW
