"""What becomes of a notice when the platform refuses it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules.platform_errors import CODES, CONSEQUENCES, STATUSES, Consequence, Verdict, verdict

PROMISED = {
    Verdict.LATER: [10004, 20429, 21611, 22005, 30001],
    Verdict.AGAIN: [30003, 30008],
    Verdict.OPTED_OUT: [21610],
    Verdict.CHANNEL_DEAD: [21211, 21217, 21612, 21614, 21635, 30005, 30006],
    Verdict.OUR_SETUP: [20003, 21210, 21215, 21219, 21408, 21606, 30032, 30034, 30035],
    Verdict.HELD_FOR_REVIEW: [30007],
    Verdict.TOO_LATE: [21220],
}


def test_the_table_holds_exactly_the_promised_codes() -> None:
    assert {code: kind for kind, codes in PROMISED.items() for code in codes} == dict(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_known_code_means_the_same_however_it_arrives(code: int) -> None:
    for status in (0, 400, 401, 404, 429, 500, 503):
        assert verdict(status, code) is CODES[code]


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_without_a_code_speaks_for_itself(status: int) -> None:
    assert verdict(status, 0) is STATUSES[status]


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, 0, Verdict.GIVE_UP),
        (400, 99999, Verdict.GIVE_UP),
        (404, 20404, Verdict.GIVE_UP),
        (0, 99999, Verdict.GIVE_UP),
        (429, 99999, Verdict.LATER),
        (500, 0, Verdict.AGAIN),
        (502, 0, Verdict.AGAIN),
        (503, 99999, Verdict.AGAIN),
        (504, 0, Verdict.UNCERTAIN),
        (201, 0, Verdict.UNCERTAIN),
        (307, 0, Verdict.UNCERTAIN),
    ],
)
def test_an_unknown_refusal_goes_to_a_person_and_a_broken_platform_is_tried_again(
    status: int, code: int, expected: Verdict
) -> None:
    assert verdict(status, code) is expected


def test_every_verdict_has_its_consequence() -> None:
    assert set(CONSEQUENCES) == set(Verdict)


@pytest.mark.parametrize("kind", Verdict)
def test_nothing_is_sent_again_that_was_refused_for_good_or_may_have_arrived(kind: Verdict) -> None:
    follows = CONSEQUENCES[kind]
    assert follows.again == (kind in {Verdict.LATER, Verdict.AGAIN})
    assert follows.look_up == (kind is Verdict.UNCERTAIN)
    assert not (follows.again and (follows.channel_over or follows.pause or follows.look_up))


def test_one_persons_stop_closes_their_texts_only_and_our_own_fault_pauses_everybodys() -> None:
    assert CONSEQUENCES[Verdict.OPTED_OUT] == Consequence(channel_over=True)
    assert CONSEQUENCES[Verdict.OUR_SETUP] == Consequence(pause=True, staff=True)


def test_whatever_machines_cannot_settle_becomes_a_task_for_staff() -> None:
    tasks = {kind for kind, follows in CONSEQUENCES.items() if follows.staff}
    assert tasks == {Verdict.CHANNEL_DEAD, Verdict.OUR_SETUP, Verdict.HELD_FOR_REVIEW, Verdict.GIVE_UP}


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 599), st.integers(0, 99999))
def test_every_answer_of_the_platform_has_a_verdict(status: int, code: int) -> None:
    kind = verdict(status, code)
    assert kind in CONSEQUENCES
    if 400 <= status < 500 and code not in CODES and status not in STATUSES:
        assert kind is Verdict.GIVE_UP
