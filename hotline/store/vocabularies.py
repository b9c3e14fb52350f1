"""The words of recorded names, kept by a process country by country: words only, never who carries them.

The table is the truth. Before each search the rows that are new since the last one are added, in the search's own
transaction; counts and people are always read from the tables.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from hotline.rules.vocabulary import Vocabulary
from hotline.store.models import UNUSED, Base, NameWord

MOST_WORDS = 150_000
"""Words kept at once, about 60 MB; the countries asked for longest ago go first."""

WORD = Base.metadata.tables[NameWord.__tablename__]
_NEWER = (
    select(WORD.c.id, WORD.c.token)
    .where(
        WORD.c.country == bindparam("of"), WORD.c.id > bindparam("last"), WORD.c.given_count + WORD.c.surname_count > 0
    )
    .order_by(WORD.c.id)
)
_UNUSED = select(WORD.c.token).where(WORD.c.country == bindparam("of"), text(UNUSED))


class Vocabularies:
    """The vocabularies of a process. Safe to be used by several threads."""

    def __init__(self, most_words: int = MOST_WORDS) -> None:
        self._most = most_words
        self._kept: OrderedDict[str, Vocabulary] = OrderedDict()
        self._lock = Lock()

    def of(self, session: Session, countries: Iterable[str]) -> list[Vocabulary]:
        """The vocabularies of these countries as they stand in the table now."""
        with self._lock:
            found = [self._current(session, country) for country in sorted(countries)]
            while len(self._kept) > len(found) and sum(map(len, self._kept.values())) > self._most:
                self._kept.popitem(last=False)
        return found

    def _current(self, session: Session, country: str) -> Vocabulary:
        unused = frozenset(session.scalars(_UNUSED, {"of": country}))
        vocabulary = self._kept.get(country)
        if vocabulary is None or vocabulary.without != unused:
            # A word that only a hidden person carries must leave no trace, so all begins anew without it.
            vocabulary = self._kept[country] = Vocabulary(unused)
        self._kept.move_to_end(country)
        newer = session.execute(_NEWER, {"of": country, "last": vocabulary.last})
        vocabulary.add((ref, token) for ref, token in newer)
        return vocabulary


def vocabularies_of(session: Session) -> Vocabularies:
    """The vocabularies of the process that a session belongs to."""
    kept = session.info["vocabularies"]
    assert isinstance(kept, Vocabularies)
    return kept
