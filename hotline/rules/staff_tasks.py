"""What only a person can settle: what it is, what to do, and by when, one row a kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

SOON, TODAY, THIS_WEEK = timedelta(hours=1), timedelta(hours=24), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class StaffTaskKind:
    """One kind of task, in the words that staff read; `within` is how long it may take."""

    title: str
    to_do: str
    within: timedelta


KINDS: Mapping[str, StaffTaskKind] = {
    "call_back": StaffTaskKind("A caller asked for a call back", "Call the number and help by voice.", TODAY),
    "channel_dead": StaffTaskKind(
        "A number can't be reached this way", "Reach the subscriber by another channel, or ask for a new number.", TODAY
    ),
    "custody_review": StaffTaskKind(
        "Events wait that the feed does not explain", "Read `hotline custody held list`, ask the agency, decide.", SOON
    ),
    "death_review": StaffTaskKind(
        "A death waits for a person", "Confirm it with the agency, then approve or cancel it.", SOON
    ),
    "enrolment_review": StaffTaskKind(
        "An enrolment wants a second look", "See why it stands out, then approve or end it.", TODAY
    ),
    "feed_late": StaffTaskKind(
        "The custody feed is late", "Ask the agency for it; `hotline doctor` tells the last import.", SOON
    ),
    "feed_refused": StaffTaskKind(
        "A file of the feed can't be read", "It lies in the drop folder's `refused`: ask the agency for it again.", SOON
    ),
    "frozen_review": StaffTaskKind(
        "An enrolment stands still: its person is protected now", "Two people look, and restore or end it.", TODAY
    ),
    "give_up": StaffTaskKind(
        "A notice was refused for an unknown reason", "Look the code up, and reach the subscriber by hand.", SOON
    ),
    "held_for_review": StaffTaskKind(
        "A carrier filtered a text", "Read the wording, reach the subscriber by another channel.", TODAY
    ),
    "import_held": StaffTaskKind(
        "An import waits, and nothing of it was sent", "Read `hotline custody held list`, approve or cancel it.", SOON
    ),
    "looks_wrong": StaffTaskKind(
        "A subscriber says that something looks wrong", "Hold the notice against the records, call back.", SOON
    ),
    "mail_bounced": StaffTaskKind(
        "A mail address does not take our mail", "Reach the subscriber by another channel for a new address.", TODAY
    ),
    "many_searches": StaffTaskKind(
        "A number asked for many people", "Look whether the line is abused; lift or keep the limit.", TODAY
    ),
    "not_delivered": StaffTaskKind(
        "A text never arrived", "Reach the subscriber by another channel, or ask for a new number.", SOON
    ),
    "not_reconfirmed": StaffTaskKind(
        "A number did not say that it is still theirs", "Ask by another channel before it is dropped.", THIS_WEEK
    ),
    "pin_locked": StaffTaskKind(
        "Too many wrong PINs", "When the subscriber calls: check who it is, then unlock.", TODAY
    ),
    "platform_setup": StaffTaskKind(
        "Our own set-up is broken: a channel stands still", "Mend it at the platform, then `hotline notify run`.", SOON
    ),
    "record_asked_often": StaffTaskKind(
        "Many callers asked for one person", "Look whether somebody hunts for this person.", SOON
    ),
    "search_closed": StaffTaskKind(
        "Search is closed: a hidden record came up", "Find the cause, then run `hotline custody reopen`.", SOON
    ),
    "too_many_requests": StaffTaskKind(
        "A number, or its block, was asked too often", "Look whether somebody signs strangers up.", TODAY
    ),
    "unconfirmed": StaffTaskKind(
        "Nobody confirmed an urgent notice", "Call the subscriber by hand and tell it after the PIN.", SOON
    ),
    "watch_match": StaffTaskKind(
        "Somebody who is waited for may be in the records", "Compare both, then connect or dismiss.", TODAY
    ),
    "wrong_person": StaffTaskKind(
        "A number says that it is the wrong person", "Find the subscriber by another way, or end it.", TODAY
    ),
}


def due_within(kind: str) -> timedelta:
    """How long a task of this kind may take. Raises KeyError for a kind that is not in the table."""
    return KINDS[kind].within


DECIDED_BY: Mapping[str, str] = {
    "custody_review": "hotline custody held",
    "death_review": "hotline custody held",
    "enrolment_review": "hotline tasks approve, or hotline tasks end",
    "frozen_review": "hotline custody frozen",
    "import_held": "hotline custody held",
    "search_closed": "hotline custody reopen",
    "watch_match": "hotline tasks connect, or hotline tasks dismiss",
}
"""Kinds that are closed by a decision, and by nothing else: the command that takes it."""

ENDS = frozenset({"enrolment_review", "not_reconfirmed", "wrong_person"})
"""Kinds that may come to the end of their enrolment."""

URGENT = frozenset(kind for kind, told in KINDS.items() if told.within <= SOON)
"""Kinds that staff are paged about once they are overdue."""
