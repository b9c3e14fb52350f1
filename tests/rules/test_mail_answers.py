from __future__ import annotations

from datetime import timedelta

import pytest

from hotline.rules.mail_answers import AGAIN, Step, again_after, uncertain_goes_again, verdict
from hotline.rules.platform_errors import Verdict


@pytest.mark.parametrize(
    ("step", "code", "words", "meant"),
    [
        (Step.RECIPIENT, 550, "5.1.1 no such user", Verdict.CHANNEL_DEAD),
        (Step.RECIPIENT, 550, "no such user", Verdict.CHANNEL_DEAD),
        (Step.RECIPIENT, 553, "", Verdict.CHANNEL_DEAD),
        (Step.RECIPIENT, 550, "5.2.1 disabled", Verdict.CHANNEL_DEAD),
        (Step.RECIPIENT, 552, "5.2.2 full", Verdict.LATER),
        (Step.RECIPIENT, 550, "5.2.2 full", Verdict.LATER),
        (Step.RECIPIENT, 550, "5.4.4 no route", Verdict.LATER),
        (Step.RECIPIENT, 550, "5.7.1 refused by policy", Verdict.HELD_FOR_REVIEW),
        (Step.TEXT, 554, "looks like spam", Verdict.HELD_FOR_REVIEW),
        (Step.TEXT, 550, "5.1.1 no such user", Verdict.CHANNEL_DEAD),
        (Step.TEXT, 451, "4.7.1 try again", Verdict.LATER),
        (Step.SENDER, 550, "5.1.1 we know no such sender", Verdict.OUR_SETUP),
        (Step.GREETING, 554, "go away", Verdict.OUR_SETUP),
        (Step.GREETING, 535, "", Verdict.OUR_SETUP),
        (Step.GREETING, 421, "", Verdict.LATER),
        (Step.RECIPIENT, 450, "greylisted", Verdict.LATER),
    ],
)
def test_what_a_server_says_means(step: Step, code: int, words: str, meant: Verdict) -> None:
    assert verdict(step, code, words) is meant


@pytest.mark.parametrize("step", list(Step))
def test_every_answer_means_something_and_nobody_is_given_up_for_what_passes(step: Step) -> None:
    for code in range(400, 600):
        meant = verdict(step, code)
        assert code >= 500 or meant is Verdict.LATER
        assert meant is not Verdict.CHANNEL_DEAD or step is Step.RECIPIENT


def test_a_refusal_for_now_is_tried_again_after_longer_and_longer_pauses_for_most_of_a_day() -> None:
    pauses = [again_after(n) for n in range(1, len(AGAIN) + 2)]
    assert pauses == [*AGAIN, None]
    assert list(AGAIN) == sorted(AGAIN)
    assert timedelta(hours=18) < sum(AGAIN, timedelta()) < timedelta(hours=24)


def test_a_mail_that_may_have_come_goes_once_more_and_only_to_whom_nothing_else_reaches() -> None:
    assert uncertain_goes_again(only_channel=True, before=0)
    assert not uncertain_goes_again(only_channel=True, before=1)
    assert not uncertain_goes_again(only_channel=False, before=0)
