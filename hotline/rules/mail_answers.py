"""What a mail server's answers mean: its codes in one table, by the step of the conversation that they answer.

Codes are those of RFC 5321, 4.2; the finer ones (5.1.1 and the like) those of RFC 3463, and go first where they are
given. A mail can't be looked up afterwards: where the line was cut after its text had left, it may have arrived. Then
it goes out once more only to somebody who has no other channel: one mail too many is borne, one warning too few is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from hotline.rules.platform_errors import Verdict


class Step(StrEnum):
    """What a mail server was asked."""

    GREETING = "greeting"  # hello, encryption, password
    SENDER = "sender"
    RECIPIENT = "recipient"
    TEXT = "text"


# By the finer code's class of subject (RFC 3463, 3), of answers that are final.
SUBJECTS: Mapping[str, Verdict] = {
    "1": Verdict.CHANNEL_DEAD,  # the address
    "2": Verdict.CHANNEL_DEAD,  # the mailbox
    "3": Verdict.LATER,  # the other system
    "4": Verdict.LATER,  # the way to it
    "5": Verdict.OUR_SETUP,  # the protocol
    "6": Verdict.HELD_FOR_REVIEW,  # the form of the text
    "7": Verdict.HELD_FOR_REVIEW,  # policy: filtered
}
FULL = "5.2.2"
"""A mailbox that is full today."""

# Final answers without a finer code, by what they answer.
STEPS: Mapping[Step, Verdict] = {
    Step.GREETING: Verdict.OUR_SETUP,
    Step.SENDER: Verdict.OUR_SETUP,
    Step.RECIPIENT: Verdict.CHANNEL_DEAD,
    Step.TEXT: Verdict.HELD_FOR_REVIEW,
}
# Those that mean the same at whatever step.
CODES: Mapping[int, Verdict] = {
    452: Verdict.LATER,  # no room
    454: Verdict.LATER,  # no encryption for now
    530: Verdict.OUR_SETUP,  # a password is asked for
    534: Verdict.OUR_SETUP,
    535: Verdict.OUR_SETUP,  # the password is refused
    538: Verdict.OUR_SETUP,
    552: Verdict.LATER,  # no room in the mailbox
}

AGAIN = (
    timedelta(minutes=1),
    timedelta(minutes=10),  # servers that turn strangers away at first take them by now
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
)
"""How long after the first, second … refusal for now a mail goes out again; after the last it is given up."""

GO_ON = 354
"""The last that a server says before a mail leaves: the code of an attempt that was cut off after it."""
UNCERTAIN_AGAIN = timedelta(minutes=10)


def verdict(step: Step, code: int, words: str = "") -> Verdict:
    """What an answer of 400 or more means; `words` are the server's own, which begin with the finer code."""
    if code < 500:
        return Verdict.LATER
    if code in CODES:
        return CODES[code]
    finer = re.match(r"5\.(\d{1,3})\.\d{1,3}\b", words)
    if step in (Step.GREETING, Step.SENDER) or finer is None:
        return STEPS[step]
    return Verdict.LATER if finer[0] == FULL else SUBJECTS.get(finer[1], STEPS[step])


def again_after(refusals: int) -> timedelta | None:
    """How long to wait after so many refusals for now, this one included; None when it is given up."""
    return AGAIN[refusals - 1] if refusals <= len(AGAIN) else None


def uncertain_goes_again(only_channel: bool, before: int) -> bool:
    """Whether a mail that may have arrived goes out once more; `before` counts earlier ones that were cut off so."""
    return only_channel and before == 0
