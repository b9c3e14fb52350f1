"""What can happen to a person in custody, or to what we said about them, and how urgent it is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class EventKind(StrEnum):
    """Everything that can happen to a person, or to what we said about them."""

    BOOKED_IN = "booked_in"
    TRANSFERRED = "transferred"
    IN_TRANSIT = "in_transit"
    RELEASED = "released"
    REMOVED = "removed"
    DEPARTED = "departed"
    TO_OTHER_AGENCY = "to_other_agency"
    RETURNED = "returned"
    ESCAPED = "escaped"
    RECAPTURED = "recaptured"
    DIED = "died"
    UNDER_REVIEW = "under_review"
    CORRECTION = "correction"
    FEED_STALE = "feed_stale"


class EventClass(StrEnum):
    """How urgent an event is; a held one is never sent."""

    EMERGENCY = "emergency"
    CRITICAL = "critical"
    ROUTINE = "routine"
    HELD = "held"


# A correction has the class of what it corrects, so it stands in no row: see class_of.
CLASSES: Mapping[EventKind, EventClass] = MappingProxyType(
    {
        EventKind.BOOKED_IN: EventClass.ROUTINE,
        EventKind.TRANSFERRED: EventClass.ROUTINE,
        EventKind.IN_TRANSIT: EventClass.CRITICAL,
        EventKind.RELEASED: EventClass.CRITICAL,
        EventKind.REMOVED: EventClass.CRITICAL,
        EventKind.DEPARTED: EventClass.CRITICAL,
        EventKind.TO_OTHER_AGENCY: EventClass.CRITICAL,
        EventKind.RETURNED: EventClass.CRITICAL,
        EventKind.ESCAPED: EventClass.EMERGENCY,
        EventKind.RECAPTURED: EventClass.CRITICAL,
        EventKind.DIED: EventClass.CRITICAL,
        EventKind.UNDER_REVIEW: EventClass.HELD,
        EventKind.FEED_STALE: EventClass.ROUTINE,
    }
)

# Nobody hears of these before a person has approved the notice.
NEEDS_APPROVAL = frozenset({EventKind.DIED})


def class_of(kind: EventKind, corrects: EventKind | None = None) -> EventClass:
    """How urgent an event is. A correction is as urgent as the event `corrects` that it takes back.

    Raises ValueError for a correction of nothing, or of another correction.
    """
    told = corrects if kind is EventKind.CORRECTION else kind
    if told is None or told is EventKind.CORRECTION:
        raise ValueError("a correction needs the kind of the event that it corrects")
    return CLASSES[told]
