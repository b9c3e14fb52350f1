"""What to do when the platform says no, or says nothing: its error codes in one table.

Codes are those of Twilio's error dictionary (/docs/api/errors), met in the answer to a request or as the
ErrorCode of a status callback.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What an error means for this attempt, and for those that come after it."""

    LATER = "later"  # never processed, too much at once: again after a pause with jitter
    AGAIN = "again"  # nothing was placed, or it failed in passing: again
    UNCERTAIN = "uncertain"  # may have been placed: look it up before anything is sent again
    OPTED_OUT = "opted_out"  # the person stopped texts from this sender
    CHANNEL_DEAD = "channel_dead"  # this number can't be reached this way
    OUR_SETUP = "our_setup"  # our account, registration or sender is at fault, for everybody alike
    HELD_FOR_REVIEW = "held_for_review"  # filtered: a person reads the wording first
    TOO_LATE = "too_late"  # the call is over already: nothing to do
    GIVE_UP = "give_up"  # refused for a reason not in the table: a person looks


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from a verdict, beside keeping the code.

    `again`: this attempt may be made once more by itself. `look_up`: ask the platform first.
    `channel_over`: no more on this channel to this person. `pause`: nobody gets anything on this channel
    until staff say so. `staff`: a task for a person. The other channels go on whatever the verdict.
    """

    again: bool = False
    look_up: bool = False
    channel_over: bool = False
    pause: bool = False
    staff: bool = False


CONSEQUENCES: Mapping[Verdict, Consequence] = {
    Verdict.LATER: Consequence(again=True),
    Verdict.AGAIN: Consequence(again=True),
    Verdict.UNCERTAIN: Consequence(look_up=True),
    Verdict.OPTED_OUT: Consequence(channel_over=True),
    Verdict.CHANNEL_DEAD: Consequence(channel_over=True, staff=True),
    Verdict.OUR_SETUP: Consequence(pause=True, staff=True),
    Verdict.HELD_FOR_REVIEW: Consequence(staff=True),
    Verdict.TOO_LATE: Consequence(),
    Verdict.GIVE_UP: Consequence(staff=True),
}

CODES: Mapping[int, Verdict] = {
    10004: Verdict.LATER,  # too many calls at once for the account
    20003: Verdict.OUR_SETUP,  # credentials refused
    20429: Verdict.LATER,  # too many requests at once
    21210: Verdict.OUR_SETUP,  # the calling number is not ours
    21211: Verdict.CHANNEL_DEAD,  # not a telephone number
    21215: Verdict.OUR_SETUP,  # calls to that country are not switched on
    21217: Verdict.CHANNEL_DEAD,  # the number does not look like one
    21219: Verdict.OUR_SETUP,  # a trial account may not reach it
    21220: Verdict.TOO_LATE,  # a change to a call that is not in progress
    21408: Verdict.OUR_SETUP,  # texts to that country are not switched on
    21606: Verdict.OUR_SETUP,  # the sending number is not ours, or can't send
    21610: Verdict.OPTED_OUT,  # the person replied STOP
    21611: Verdict.LATER,  # the sender's queue is full
    21612: Verdict.CHANNEL_DEAD,  # no way from our sender to that number
    21614: Verdict.CHANNEL_DEAD,  # not a mobile number
    21635: Verdict.CHANNEL_DEAD,  # a landline
    22005: Verdict.LATER,  # the account's queue of calls is full
    30001: Verdict.LATER,  # the messaging service's queue is full
    30003: Verdict.AGAIN,  # handset switched off, or out of reach
    30005: Verdict.CHANNEL_DEAD,  # no such handset
    30006: Verdict.CHANNEL_DEAD,  # a landline, or a carrier that takes no texts
    30007: Verdict.HELD_FOR_REVIEW,  # filtered by a carrier
    30008: Verdict.AGAIN,  # failed without a reason
    30032: Verdict.OUR_SETUP,  # the toll-free number is not verified
    30034: Verdict.OUR_SETUP,  # the number is not registered for texts from applications
    30035: Verdict.OUR_SETUP,  # its registration is on the way in or out
}

# Where the code says nothing, the HTTP status does. A gateway that timed out may have passed the request on.
STATUSES: Mapping[int, Verdict] = {
    0: Verdict.AGAIN,
    401: Verdict.OUR_SETUP,
    403: Verdict.OUR_SETUP,
    408: Verdict.UNCERTAIN,
    429: Verdict.LATER,
    504: Verdict.UNCERTAIN,
}


def verdict(http_status: int, code: int) -> Verdict:
    """What to do after an error.

    `http_status` is 0 where the request never left, or where the code came by a status callback; `code` is
    0 where the platform gave none. A known code decides, whatever the status. Otherwise: 5xx again, a 2xx
    or 3xx that was taken for an error is uncertain, and every other refusal goes to a person.
    """
    if code in CODES:
        return CODES[code]
    if http_status == 0 and code:
        return Verdict.GIVE_UP
    if http_status in STATUSES:
        return STATUSES[http_status]
    if http_status >= 500:
        return Verdict.AGAIN
    return Verdict.UNCERTAIN if http_status < 400 else Verdict.GIVE_UP
