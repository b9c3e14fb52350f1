"""The states of a delivery and of an attempt, and what the platform's words say about them.

Both only move forward: each state has a rank, and of two states the higher stands. So callbacks may come
twice, late, or in any order, and the end is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from hotline.rules.cadence import CallOutcome


class DeliveryState(StrEnum):
    """One event, one subscriber, one channel; in order of rank.

    What a person truly learned stands above every wish to stop, and that above every failure: someone who
    opts out after the end is left alone, and a YES that comes late still counts.
    """

    WAITING = "waiting"  # not yet due, or consent not yet given
    TRYING = "trying"
    UNCONFIRMED = "unconfirmed"  # the end was reached
    DEAD = "dead"  # the channel can't be used
    STOPPED = "stopped"  # cancelled, opted out, excluded
    TOLD = "told"  # the text arrived, where text is the only channel
    CONFIRMED = "confirmed"  # right PIN, or a reply of YES or OK


class AttemptState(StrEnum):
    """One call or one text; in order of rank.

    Delivered after failed is delivered, and failed after delivered too: a text that once arrived was read.
    Of the ends of a call, the one that got further stands. `completed` says that something answered, never
    that a person was told.
    """

    PLACING = "placing"  # written down, not yet spoken to the platform
    UNCERTAIN = "uncertain"  # cut off after sending: look before anything is sent again
    ACCEPTED = "accepted"
    QUEUED = "queued"
    SENT = "sent"
    RINGING = "ringing"
    ANSWERED = "answered"
    FAILED = "failed"
    CANCELED = "canceled"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    COMPLETED = "completed"
    UNDELIVERED = "undelivered"
    DELIVERED = "delivered"


class Answerer(StrEnum):
    """Who or what took the call."""

    PERSON = "person"
    MACHINE_READY = "machine_ready"  # its greeting is over: the neutral voicemail may be left
    MACHINE_WAIT = "machine_wait"  # its greeting still runs: hang up
    FAX = "fax"  # hang up


class MachineDetection(StrEnum):
    """When the platform tells who took a call."""

    SYNC = "sync"  # before the first word: a person hears some seconds of silence
    ASYNC = "async"  # meanwhile: a person hears us at once, a machine's call is turned afterwards
    OFF = "off"  # never: whatever takes the call hears what a person hears


State = TypeVar("State", DeliveryState, AttemptState)

_DELIVERY_RANK = {state: rank for rank, state in enumerate(DeliveryState)}
_ATTEMPT_RANK = {state: rank for rank, state in enumerate(AttemptState)}

FINAL_DELIVERIES: frozenset[DeliveryState] = frozenset(DeliveryState) - {
    DeliveryState.WAITING,
    DeliveryState.TRYING,
}
FINAL_ATTEMPTS: frozenset[AttemptState] = frozenset(
    {
        AttemptState.FAILED,
        AttemptState.CANCELED,
        AttemptState.BUSY,
        AttemptState.NO_ANSWER,
        AttemptState.COMPLETED,
        AttemptState.UNDELIVERED,
        AttemptState.DELIVERED,
    }
)

NOT_ARRIVED: frozenset[AttemptState] = frozenset({AttemptState.FAILED, AttemptState.UNDELIVERED, AttemptState.CANCELED})
"""Ends of a text that reached nobody."""

# CallStatus of the platform's call resource and its callbacks (/docs/voice/api/call-resource).
CALL_STATUS: Mapping[str, AttemptState] = {
    "queued": AttemptState.ACCEPTED,
    "initiated": AttemptState.ACCEPTED,
    "ringing": AttemptState.RINGING,
    "in-progress": AttemptState.ANSWERED,
    "completed": AttemptState.COMPLETED,
    "busy": AttemptState.BUSY,
    "failed": AttemptState.FAILED,
    "no-answer": AttemptState.NO_ANSWER,
    "canceled": AttemptState.CANCELED,
}

# MessageStatus of a text that went out; `receiving` and `received` belong to texts that came in.
MESSAGE_STATUS: Mapping[str, AttemptState] = {
    "accepted": AttemptState.ACCEPTED,
    "scheduled": AttemptState.ACCEPTED,
    "queued": AttemptState.QUEUED,
    "sending": AttemptState.QUEUED,
    "sent": AttemptState.SENT,
    "delivered": AttemptState.DELIVERED,
    "partially_delivered": AttemptState.UNDELIVERED,
    "read": AttemptState.DELIVERED,
    "undelivered": AttemptState.UNDELIVERED,
    "failed": AttemptState.FAILED,
    "canceled": AttemptState.CANCELED,
}

# AnsweredBy, of both ways of machine detection (/docs/voice/answering-machine-detection).
ANSWERED_BY: Mapping[str, Answerer] = {
    "human": Answerer.PERSON,
    "unknown": Answerer.PERSON,
    "machine_start": Answerer.MACHINE_WAIT,
    "machine_end_beep": Answerer.MACHINE_READY,
    "machine_end_silence": Answerer.MACHINE_READY,
    "machine_end_other": Answerer.MACHINE_READY,
    "fax": Answerer.FAX,
}

# What a call came to, by its last state; the states that are missing here are not known yet.
_CALL_OUTCOME: Mapping[AttemptState, CallOutcome] = {
    AttemptState.ANSWERED: CallOutcome.ANSWERED,
    AttemptState.COMPLETED: CallOutcome.ANSWERED,
    AttemptState.BUSY: CallOutcome.NO_ANSWER,
    AttemptState.NO_ANSWER: CallOutcome.NO_ANSWER,
    AttemptState.FAILED: CallOutcome.NO_ANSWER,
    AttemptState.CANCELED: CallOutcome.NO_ANSWER,
}

DOUBTFUL = (AttemptState.PLACING, AttemptState.UNCERTAIN)
"""Of these it is not known whether the platform has them."""

DOUBT_LOOK = timedelta(minutes=1)
"""How long after it was placed, or last looked up, such an attempt is looked up."""
FIRST_LOOK, NEXT_LOOK = timedelta(minutes=10), timedelta(minutes=15)
"""The same of one that the platform has, but whose end it never told."""
LAST_LOOK = timedelta(hours=24)
"""After so long nothing more is expected to be told."""


def advance(current: State, seen: State) -> State:
    """The state that stands after `seen` arrived: the one of higher rank."""
    return max(current, seen, key=rank)


def rank(state: DeliveryState | AttemptState) -> int:
    """The place of a state in its order, from 0; comparable within one of the two kinds only."""
    return _DELIVERY_RANK[state] if isinstance(state, DeliveryState) else _ATTEMPT_RANK[state]


def call_state(call_status: str) -> AttemptState | None:
    """Our word for the platform's CallStatus; None for one that is not known."""
    return CALL_STATUS.get(call_status)


def message_state(message_status: str) -> AttemptState | None:
    """Our word for the platform's MessageStatus of a text sent; None for one that is not known."""
    return MESSAGE_STATUS.get(message_status)


def answerer(answered_by: str | None) -> Answerer:
    """Who took the call; unknown, absent and never-heard-of answers are treated as a person."""
    return ANSWERED_BY.get(answered_by or "", Answerer.PERSON)


def detection(wanted: MachineDetection, asks_pin: bool) -> MachineDetection:
    """How it is found out who takes a call: before its first word where no PIN keeps a machine from answering it."""
    return MachineDetection.SYNC if wanted is MachineDetection.ASYNC and not asks_pin else wanted


def call_outcome(state: AttemptState, taken_by: Answerer | None, right_pin: bool) -> CallOutcome:
    """What the cadence makes of a call; a right PIN wins over whatever the machine detection said."""
    if right_pin:
        return CallOutcome.CONFIRMED
    outcome = _CALL_OUTCOME.get(state, CallOutcome.PENDING)
    if outcome is CallOutcome.ANSWERED and taken_by not in (None, Answerer.PERSON):
        return CallOutcome.VOICEMAIL
    return outcome


def failure_shown(state: AttemptState, code: int | None) -> int | None:
    """The kept error code where it is shown: never beside a text that arrived or a call that was taken."""
    return code if state in FINAL_ATTEMPTS - {AttemptState.DELIVERED, AttemptState.COMPLETED} else None
