"""What a delivery is for: an event, a question to a number, or a neutral word that something changed or ended."""

from __future__ import annotations

from enum import StrEnum


class Occasion(StrEnum):
    """The kind of an occasion, which stands before its colon: `event:17`, `change:<id>`, `ended`."""

    EVENT = "event"
    VERIFY = "verify"
    """Does a number that was given at sign-up want our calls?"""
    CHANGE = "change"
    """Does a number that an enrolment is to move to?"""
    RECONFIRM = "reconfirm"
    """Does a number that said yes long ago still?"""
    MOVED = "moved"
    """The number that an enrolment has left hears that changes were made."""
    LINK = "link"
    """A link to one of their own pages, that somebody asked for."""
    ENDED = "ended"
    """Nothing more will come."""

    def about(self, which: object) -> str:
        """The occasion of this kind about one thing, such as a change's id or a day."""
        return f"{self.value}:{which}"


def kind(occasion: str) -> Occasion:
    """What an occasion is for. Raises ValueError for one that nobody knows."""
    return Occasion(occasion.partition(":")[0])


def subject(occasion: str) -> str:
    """What an occasion is about: what stands after its colon, "" where nothing does."""
    return occasion.partition(":")[2]
