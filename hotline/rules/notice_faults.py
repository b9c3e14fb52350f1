"""The kinds of difference between the notices that should exist and what was done, in words for staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fault(StrEnum):
    """The kinds of difference."""

    MISSING = "missing"
    NEVER_TRIED = "never_tried"
    LATE = "late"
    CALL_OVERDUE = "call_overdue"
    GAVE_UP = "gave_up"
    NOT_RELEASED = "not_released"
    AFTER_TAKEN_BACK = "after_taken_back"
    WRONG_PERSON = "wrong_person"
    NOT_CONSENTED = "not_consented"
    ENROLMENT_OVER = "enrolment_over"
    HIDDEN = "hidden"
    NOT_FROZEN = "not_frozen"
    AFTER_STOP = "after_stop"
    WRONG_CHANNEL = "wrong_channel"
    WRONG_NUMBER = "wrong_number"
    WRONG_URGENCY = "wrong_urgency"
    OUTSIDE_HOURS = "outside_hours"
    AFTER_CONFIRMED = "after_confirmed"
    DOUBLED = "doubled"
    TOO_MANY = "too_many"
    TOO_CLOSE = "too_close"
    PAST_THE_END = "past_the_end"
    UNCORRECTED = "uncorrected"
    CORRECTED_UNTOLD = "corrected_untold"
    NO_TASK = "no_task"
    NO_END = "no_end"


@dataclass(frozen=True, slots=True)
class Wording:
    """What is wrong, and what staff do about it."""

    wrong: str
    to_do: str


WORDINGS: Mapping[Fault, Wording] = {
    Fault.MISSING: Wording("no notice was ever made", "Call the subscriber by hand and tell it after the PIN."),
    Fault.NEVER_TRIED: Wording("the notice was never tried", "Call the subscriber by hand and tell it after the PIN."),
    Fault.LATE: Wording("the first try came too late", "See what stood still then: the log, `hotline doctor`."),
    Fault.CALL_OVERDUE: Wording("the next call is overdue", "See that a worker runs, then `hotline notify run`."),
    Fault.GAVE_UP: Wording("calls ended before their time", "Call the subscriber by hand and tell it after the PIN."),
    Fault.NOT_RELEASED: Wording("something went out about an event that may not be told", "Tell a supervisor at once."),
    Fault.AFTER_TAKEN_BACK: Wording("something went out after the event was taken back", "Tell a supervisor at once."),
    Fault.WRONG_PERSON: Wording("the notice is about somebody else", "Tell a supervisor at once."),
    Fault.NOT_CONSENTED: Wording("something went out before the number had said yes", "Tell a supervisor at once."),
    Fault.ENROLMENT_OVER: Wording("something went out after the enrolment was over", "Tell a supervisor at once."),
    Fault.HIDDEN: Wording("something went out while the enrolment stood still", "Tell a supervisor at once."),
    Fault.NOT_FROZEN: Wording("its person may not be shown, and it does not stand still", "Tell a supervisor at once."),
    Fault.AFTER_STOP: Wording("something went out after STOP", "Tell a supervisor; see that STOP is in effect."),
    Fault.WRONG_CHANNEL: Wording("something went out by a way not chosen", "See what the subscriber chose, and when."),
    Fault.WRONG_NUMBER: Wording("it went to a number that is not the subscriber's", "Tell a supervisor at once."),
    Fault.WRONG_URGENCY: Wording("it is not as urgent as its event", "Call by hand if it is less; tell a supervisor."),
    Fault.OUTSIDE_HOURS: Wording("something went out outside the hours", "See the subscriber's zone and wish."),
    Fault.AFTER_CONFIRMED: Wording("it went on after it was confirmed", "See what stood still then: the log."),
    Fault.DOUBLED: Wording("it went out twice", "See whether the platform could say that the first was gone."),
    Fault.TOO_MANY: Wording("there were too many tries", "Stop it with `hotline notify cancel`."),
    Fault.TOO_CLOSE: Wording("two calls came too close", "See whether the platform could say that one was placed."),
    Fault.PAST_THE_END: Wording("calls went on past their end", "Stop it with `hotline notify cancel`."),
    Fault.UNCORRECTED: Wording("what was told was wrong, and nobody said so", "Call by hand and say so after the PIN."),
    Fault.CORRECTED_UNTOLD: Wording("a correction went to somebody who was not told", "Call by hand and explain."),
    Fault.NO_TASK: Wording(
        "it ended untold, and no task asks staff", "Call the subscriber by hand; tell a supervisor."
    ),
    Fault.NO_END: Wording(
        "a try has no end and was not looked up", "See that a worker runs, then `hotline notify run`."
    ),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it should be, since `at` (UTC)."""

    fault: Fault
    at: datetime
    enrolment_id: str
    event_id: int | None = None
    channel: str | None = None
    delivery_id: str | None = None

    def as_json(self) -> dict[str, str | int | None]:
        """The same for a program."""
        return {
            "fault": self.fault.value,
            "at": self.at.isoformat(),
            "enrolment": self.enrolment_id,
            "event": self.event_id,
            "channel": self.channel,
            "delivery": self.delivery_id,
            "wrong": WORDINGS[self.fault].wrong,
            "to_do": WORDINGS[self.fault].to_do,
        }

    def __str__(self) -> str:
        of = [f"enrolment {self.enrolment_id}"]
        of += [f"event {self.event_id}"] if self.event_id is not None else []
        of += [self.channel] if self.channel else []
        of += [f"delivery {self.delivery_id}"] if self.delivery_id else []
        words = WORDINGS[self.fault]
        return f"{self.at:%Y-%m-%d %H:%M:%SZ}  {', '.join(of)}: {words.wrong}. {words.to_do}"
