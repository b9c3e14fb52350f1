"""What a person has in the index of names: the words by which they are found, name by name."""

from __future__ import annotations

from typing import NamedTuple

from hotline.rules.evidence import index_words
from hotline.rules.records import Person, other_names

MOST_WORDS = 6
"""Given names, and surnames, of one name that are indexed."""
LONGEST_WORD = 100

Name = tuple[tuple[str, ...], tuple[str, ...]]
"""The folded words of the given names and of the surnames of one recorded name, each in order."""


class Entry(NamedTuple):
    """One person's entry. `born` is the year, 0 where it is not known; the names stand apart, for a pair of words
    never mixes two of them."""

    country: str
    born: int
    names: tuple[Name, ...]

    @property
    def given(self) -> tuple[str, ...]:
        """The words of all given names."""
        return self._side(0)

    @property
    def surnames(self) -> tuple[str, ...]:
        """The words of all surnames."""
        return self._side(1)

    def _side(self, side: int) -> tuple[str, ...]:
        if len(self.names) == 1:
            return self.names[0][side]
        return tuple(sorted({word for name in self.names for word in name[side]}))


def entry_of(person: Person) -> Entry:
    """A person's entry. An other name that lacks a part has that of the first name."""
    first = (person.given_names, person.surnames)
    others = [(given or first[0], surnames or first[1]) for given, surnames in other_names(person.other_names)]
    names = dict.fromkeys((first, *others))
    return Entry(
        person.birth_country, born(person.birth_date), tuple(_words(name, person.birth_country) for name in names)
    )


def born(birth_date: str | None) -> int:
    """The year of a recorded date of birth, 0 where there is none."""
    return int(birth_date[:4]) if birth_date else 0


def _words(name: tuple[str, str], country: str) -> Name:
    given, surnames = index_words([name], country)
    return _kept(given), _kept(surnames)


def _kept(words: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(word for word in words if len(word) <= LONGEST_WORD)[:MOST_WORDS])
