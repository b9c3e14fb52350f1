"""What staff are paged about, and in which words: they go by mail and text, so they tell of nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType


class Page(StrEnum):
    """One kind of page; a staff task that is opened with it has the same name."""

    FEED_LATE = "feed_late"
    FEED_FRESH = "feed_fresh"
    SEARCH_CLOSED = "search_closed"
    IMPORT_HELD = "import_held"
    TASK_OVERDUE = "task_overdue"
    PLATFORM_SETUP = "platform_setup"


@dataclass(frozen=True, slots=True)
class Words:
    """A page's subject, and its text: what happened, and what to do. A text holds 160 characters of GSM-7.

    `task` tells whether something is left for a person to do.
    """

    subject: str
    text: str
    task: bool = True


WORDS: Mapping[Page, Words] = MappingProxyType(
    {
        Page.FEED_LATE: Words(
            "The custody feed is late",
            "Hotline: no good import of the custody feed for 45 minutes. See that the feed arrives; hotline doctor "
            "tells the last one.",
        ),
        Page.FEED_FRESH: Words(
            "The custody feed is back",
            "Hotline: the custody feed was imported again. Nothing is to be done.",
            task=False,
        ),
        Page.SEARCH_CLOSED: Words(
            "Search is closed: a hidden record came up",
            "Hotline: a record that nobody may see came up, and search is closed. Find the cause, then run: hotline "
            "custody reopen --help",
        ),
        Page.IMPORT_HELD: Words(
            "An import waits for approval",
            "Hotline: an import of the custody feed is held; nothing of it was sent. A named person decides: hotline "
            "custody held list",
        ),
        Page.PLATFORM_SETUP: Words(
            "Calls or texts stand still: our set-up at the platform is broken",
            "Hotline: the platform refuses our calls or texts, so that channel stands still. Mend it there, then run: "
            "hotline notify run",
        ),
        Page.TASK_OVERDUE: Words(
            "An urgent task is overdue",
            "Hotline: a task that should be settled within the hour still waits. Take it: hotline tasks list",
            task=False,
        ),
    }
)

TRY_AGAIN = timedelta(minutes=5)
"""How long after a mail or text that did not leave it is tried again."""

GIVE_UP = timedelta(hours=24)
"""After so long a page goes out no more: the task still stands."""
