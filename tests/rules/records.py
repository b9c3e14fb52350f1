"""People in the records as the rules see them: words, how common they are, and candidates, without a store."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from hotline.rules import birth_dates, countries, matching
from hotline.rules.evidence import index_words
from hotline.rules.keypad import digits_of
from hotline.rules.matching import Candidate, Decision, Heard, Query
from hotline.rules.readings import Frequencies, Said
from hotline.rules.vocabulary import Vocabulary

TODAY = date(2026, 11, 25)


def recorded(subject: int, given: str, surnames: str, country: str, birth: str, *others: tuple[str, str]) -> Candidate:
    """A person in the records; `birth` as in a feed, "" for none."""
    return Candidate(subject, given, surnames, others, country, birth_dates.from_feed(birth))


def spoken(given: str, surnames: str, country: str, birth: str = "", confidence: float | None = 0.7) -> Query:
    """Both names said to a recogniser that was not sure of them."""
    return Query(Said(given, None, confidence), Said(surnames, None, confidence), country, birth_dates.from_feed(birth))


def spelled(given: str, surnames: str, country: str, birth: str = "") -> Query:
    """Both names letter by letter."""
    return spoken(given, surnames, country, birth, None)


def keyed(given: str, surnames: str, country: str, birth: str = "") -> Query:
    """Both names by their keys; names given in letters are pressed one key a letter, 0 between words."""
    return Query(Said(keys=pressed(given)), Said(keys=pressed(surnames)), country, birth_dates.from_feed(birth))


def whole(name: str, country: str, birth: str = "") -> Query:
    """The whole name in one string."""
    return Query(Said(name), Said(), country, birth_dates.from_feed(birth))


def pressed(name: str) -> str:
    """The keys of a name; keys stay as they are."""
    return name if not any(map(str.isalpha, name)) else "0".join(digits_of(word) for word in name.split())


def index(candidate: Candidate) -> tuple[frozenset[str], frozenset[str]]:
    """The words by which a person is found, as the store keeps them."""
    others = ((given or candidate.given, surnames or candidate.surnames) for given, surnames in candidate.others)
    return index_words([(candidate.given, candidate.surnames), *others], candidate.country)


_GIVEN = """
    Maria Jose Juan Ana Luis Carlos Rosa Manuel Pedro Marta Francisco Julia Miguel Elena Jorge Sandra Mario Silvia
    Roberto Claudia Oscar Irma Cesar Gloria Hector Blanca Edgar Norma Victor Alba Marvin Reina Wilmer Lesly Selvin
    Ingrid Elmer Karla Noe Zoila
"""
_SURNAMES = """
    Lopez Garcia Martinez Hernandez Perez Rodriguez Gonzalez Ramirez Flores Gomez Diaz Morales Reyes Cruz Ramos Ortiz
    Castillo Mejia Vasquez Aguilar Mendez Rivera Santos Orellana Pineda Alvarado Escobar Figueroa Cordova Funes Tzoc
    Quispe Mamani Zelaya Bonilla Caceres Urbina Xitumul Ajpop Lainez
"""


def crowd(country: str, count: int, apart_from: Iterable[Candidate] = ()) -> list[Candidate]:
    """Invented people of Spanish names, common ones often and rare ones seldom, numbered from 1,000.

    None of them has a given name and a surname in common with any of the others that are told.
    """
    chance = random.Random(f"{country} {count}")
    taken = [index(person) for person in apart_from if person.country in countries.equivalent(country)]
    weights = [1 / rank for rank in range(1, 41)]
    made: list[Candidate] = []
    while len(made) < count:
        given = " ".join(dict.fromkeys(chance.choices(_GIVEN.split(), weights, k=chance.choice((1, 2)))))
        surnames = " ".join(dict.fromkeys(chance.choices(_SURNAMES.split(), weights, k=2)))
        birth = f"{chance.randint(1950, 2006)}-{chance.randint(1, 12):02d}-{chance.randint(2, 28):02d}"
        person = recorded(1_000 + len(made), given, surnames, country, birth)
        as_given, as_surname = index(person)
        if not any(as_given & others[0] and as_surname & others[1] for others in taken):
            made.append(person)
    return made


@dataclass(frozen=True)
class Records:
    """All people who may be shown."""

    people: Sequence[Candidate]

    @cached_property
    def words(self) -> dict[str, tuple[Counter[str], Counter[str], int]]:
        """By country: how many carry each word as given name, as surname, and how many people there are."""
        found: dict[str, tuple[Counter[str], Counter[str], int]] = {}
        for person in self.people:
            given, surnames, count = found.get(person.country, (Counter(), Counter(), 0))
            as_given, as_surname = index(person)
            given.update(as_given)
            surnames.update(as_surname)
            found[person.country] = given, surnames, count + 1
        return found

    @cached_property
    def vocabularies(self) -> dict[str, Vocabulary]:
        return {country: vocabulary(given | surnames) for country, (given, surnames, _) in self.words.items()}

    def known(self, country: str) -> list[Vocabulary]:
        places = sorted(countries.equivalent(country))
        return [self.vocabularies[place] for place in places if place in self.vocabularies]

    def common(self, country: str) -> Frequencies:
        given: Counter[str] = Counter()
        surnames: Counter[str] = Counter()
        count = 0
        for place in countries.equivalent(country) & self.words.keys():
            there = self.words[place]
            given, surnames, count = given + there[0], surnames + there[1], count + there[2]
        everywhere: Counter[str] = Counter()
        for as_given, as_surname, _ in self.words.values():
            everywhere += as_given + as_surname
        shares = {word: carried / everywhere.total() for word, carried in everywhere.items()}
        return Frequencies(given, surnames, given.total(), surnames.total(), count, shares)

    def hear(self, query: Query) -> Heard:
        """The readings of a query, weighed by how common its words are."""
        heard = matching.read(query, self.known(query.country))
        matching.weigh(heard, self.common(query.country))
        return heard

    def decide(self, query: Query, candidates: Iterable[Candidate] | None = None) -> Decision:
        """Who is meant among the candidates, or among everybody."""
        people = self.common(query.country).people
        return matching.decide(
            query, self.hear(query), self.people if candidates is None else candidates, people, TODAY
        )


def vocabulary(words: Iterable[str]) -> Vocabulary:
    """A vocabulary of these words, ids from 1 in the order of the alphabet."""
    made = Vocabulary()
    made.add(enumerate(sorted(words), 1))
    return made
