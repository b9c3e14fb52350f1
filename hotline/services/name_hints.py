"""What the recogniser is told to expect at the questions for a name: names that many carry, and nobody's alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session as Transaction

from hotline.store import people
from hotline.store.people import NamePart

PARTS: Mapping[str, NamePart] = {"first_name": NamePart.GIVEN, "last_name": NamePart.SURNAME}
"""The nodes that ask for a part of a name."""

KEPT = timedelta(minutes=15)


class NameHints:
    """The hints of one process; they are looked up again when they are a quarter of an hour old."""

    def __init__(self) -> None:
        self._kept: dict[NamePart, tuple[datetime, tuple[str, ...]]] = {}

    def at(self, db: Transaction, node: str, most: int, now: datetime) -> tuple[str, ...]:
        """The commonest names for this node's question, the most frequent first, at most so many; else none."""
        part = PARTS.get(node)
        if part is None:
            return ()
        then, names = self._kept.get(part, (None, ()))
        if then is None or not then <= now < then + KEPT:
            names = tuple(word.capitalize() for word in people.frequent_names(db, part, most))
            self._kept[part] = now, names
        return names[:most]
