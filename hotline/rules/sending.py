"""Whether a delivery goes out now, later or never: one decision, made anew at the moment of each sending.

Consent, opt-outs, exclusion, the state of the event, the hours and the attempts so far come in as plain facts, so
nothing here can be out of date by more than the time from the decision to the request.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hotline.rules import cadence
from hotline.rules.cadence import VERIFY, PastCall, Urgency
from hotline.rules.delivery import DOUBTFUL, NOT_ARRIVED, Answerer, AttemptState, DeliveryState, call_outcome
from hotline.rules.occasions import Occasion, kind
from hotline.rules.platform_errors import Verdict, verdict

CHANNELS = ("voice", "text", "mail")

URGENCIES = (VERIFY, Urgency.EMERGENCY.value, Urgency.CRITICAL.value, Urgency.ROUTINE.value)
"""In the order in which they go out: a person who signs up holds the phone, and an emergency waits for nothing."""

LOOK_AGAIN = timedelta(minutes=15)
"""When a delivery with an attempt under way is looked at again, even if no callback ever comes."""

CONSENT_AWAITED = timedelta(hours=1)
PENDING_CALL = timedelta(minutes=10)
MOST_SENT = 3
"""Texts or mails of one notice that fail before it is given up."""

MENDED_WITHIN = timedelta(hours=48)
"""How long a text or mail goes again that our own set-up stopped, as long as a call of the longest cadence does: a
warning later than that is a person's to give, who can say why it is late.
"""

SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=15), timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """One call, text or mail of a delivery: `taken` by the platform, a call or text perhaps; times are aware."""

    placed_at: datetime
    status: AttemptState
    taken: bool
    ended: bool
    answered_by: Answerer | None = None
    error_code: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a decision looks at, as it is at the moment of sending.

    `ended_as` is the state of an enrolment that nothing goes out for any more, else None. `reachable`: there is a
    number or an address. `wanted`: the enrolment has this channel. `at_the_phone`: whoever is asked for a yes has just
    signed up, so that any hour is right. `event_released` and `shown` are None where the
    occasion is no event. `attempts` come in the order of their placing.
    """

    occasion: str
    channel: str
    urgency: str
    created_at: datetime
    ended_as: str | None
    active: bool
    any_hour: bool
    wanted: bool
    reachable: bool
    stopped_at: datetime | None
    zones: Collection[str]
    event_released: bool | None = None
    shown: bool | None = None
    at_the_phone: bool = True
    attempts: Sequence[PastAttempt] = ()

    @property
    def taken(self) -> Sequence[PastAttempt]:
        return [attempt for attempt in self.attempts if attempt.taken]


@dataclass(frozen=True, slots=True)
class Send:
    """Now; and when the delivery is looked at again, None where only what the platform tells moves it."""

    look_again_at: datetime | None
    again: bool


@dataclass(frozen=True, slots=True)
class PutOff:
    """Not before `at`; None: not until somebody sets a time."""

    at: datetime | None


@dataclass(frozen=True, slots=True)
class End:
    """Never again, and why; `task` is a kind of task for staff, `last_word`: once more by text or mail, if they may."""

    state: DeliveryState
    reason: str
    task: str | None = None
    last_word: bool = False


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The question to a number got no answer in its time: what follows depends on what it was asked for."""


Decision = Send | PutOff | End | Unanswered


def decide(facts: Facts, now: datetime) -> Decision:
    """What to do with a delivery that is due at `now` (aware)."""
    if stop := _reason_to_stop(facts, now):
        return End(DeliveryState.STOPPED, stop)
    if (facts.event_released is not None and not facts.active) or _waits_for_start(facts, now):
        return PutOff(now + CONSENT_AWAITED)
    if any(_under_way(attempt, facts.channel, now) for attempt in facts.attempts):
        return PutOff(now + timedelta(minutes=1))
    if facts.urgency == VERIFY:
        return _question(facts, now)
    return _call(facts, now) if facts.channel == "voice" else _message(facts, now)


def _reason_to_stop(facts: Facts, now: datetime) -> str | None:
    of = kind(facts.occasion)
    if facts.ended_as is not None and of is not Occasion.ENDED:
        return facts.ended_as
    if not facts.reachable or (facts.stopped_at is not None and not _waits_for_start(facts, now)):
        return "opted_out"
    if of is Occasion.EVENT and not facts.wanted:
        return "opted_out"
    if facts.event_released is False:
        return "held"
    if facts.shown is False:
        return "not_disclosable"
    return None


def _waits_for_start(facts: Facts, now: datetime) -> bool:
    """A number that once said STOP and signs up anew is asked as soon as it says START, for some days."""
    asked_by_text = facts.urgency == VERIFY and facts.channel == "text"
    return asked_by_text and facts.stopped_at is not None and now - facts.created_at < cadence.VERIFICATION.lapses


def _under_way(attempt: PastAttempt, channel: str, now: datetime) -> bool:
    """Whether a call may still be going on, or something may have left: however long it takes, that is looked up first.

    A mail can't be looked up.
    """
    if attempt.ended or channel == "mail":
        return False
    return attempt.status in DOUBTFUL or (channel == "voice" and attempt.placed_at > now - PENDING_CALL)


def _question(facts: Facts, now: datetime) -> Decision:
    sent = [attempt.placed_at for attempt in facts.taken]
    at = cadence.next_verification(facts.created_at if facts.at_the_phone else None, sent, facts.zones, now)
    if at is None:
        lapses = cadence.verification_lapses(sent)
        return PutOff(lapses) if lapses is not None and lapses > now else Unanswered()
    return Send(now + LOOK_AGAIN, bool(sent)) if at <= now else PutOff(at)


def _call(facts: Facts, now: datetime) -> Decision:
    urgency = Urgency(facts.urgency)
    past = [PastCall(one.placed_at, call_outcome(one.status, one.answered_by, False)) for one in facts.taken]
    at = cadence.next_call(urgency, facts.created_at, past, facts.zones, facts.any_hour, now)
    if at is None:
        urgent = urgency is not Urgency.ROUTINE
        return End(DeliveryState.UNCONFIRMED, "end_reached", "unconfirmed" if urgent else None, last_word=urgent)
    return Send(now + LOOK_AGAIN, bool(past)) if at <= now else PutOff(at)


def _message(facts: Facts, now: datetime) -> Decision:
    """A text or mail goes once; one that failed in passing goes again, but not for ever.

    What failed through our own set-up counts as not sent, and goes again once that is mended, within MENDED_WITHIN of
    the first try. A mail can't be looked up: one that was not taken for sure goes again when its time has come
    (rules.mail_answers sets that).
    """
    failed = [one for one in facts.taken if one.status in NOT_ARRIVED]
    if len(failed) < len(facts.taken):
        return PutOff(None)
    not_ours = sum(verdict(0, one.error_code or 0) is not Verdict.OUR_SETUP for one in failed)
    if not_ours >= MOST_SENT or (facts.attempts and now - facts.attempts[0].placed_at >= MENDED_WITHIN):
        return End(DeliveryState.DEAD, "not_delivered", "not_delivered")
    at = cadence.text_at(Urgency(facts.urgency), now, facts.zones, facts.any_hour)
    again = now + LOOK_AGAIN if facts.channel == "mail" else None
    return Send(again, bool(failed)) if at <= now else PutOff(at)


def paused_until(since: datetime, now: datetime) -> datetime:
    """How long a channel stands still whose set-up is broken `since` a time: as long again, within bounds."""
    return now + min(max(SHORTEST_PAUSE, now - since), LONGEST_PAUSE)
