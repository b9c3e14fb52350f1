"""Which words are looked up: whoever may be meant is among those who carry them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules.lookups import MOST_ALONE, MOST_PAIRS, Lookups, lookups
from hotline.rules.matching import Candidate, Kind, Query
from hotline.rules.names import particles
from hotline.rules.readings import Said
from tests.rules.records import Records, crowd, index, keyed, pressed, recorded, spelled, spoken, whole

PEOPLE = [
    recorded(1, "Juan Carlos", "Pérez Morales", "GT", "1985-03-05"),
    recorded(2, "María José", "De la Cruz Xol", "GT", "1990-07-21"),
    recorded(3, "Gurpreet", "Singh", "IN", "1995-04-04", ("Goldy", "Singh Dhaliwal")),
    recorded(4, "Văn Minh", "Nguyễn", "VN", "1971-02-14"),
    recorded(5, "Fnu", "Ahmadullah", "AF", "1993-01-01"),
    recorded(6, "Ivan", "Petrov", "SUHH", "1969-10-10"),
    recorded(7, "Mohammed", "Hussein", "SO", "1990-01-01"),
    recorded(8, "Xiaoming", "Wang", "CN", "1992"),
    recorded(9, "Jean-Pierre", "N'Diaye", "SN", "1988-08-08"),
    recorded(10, "Abdul Rahman", "Al-Sayed", "SY", "1983-05-17"),
]
RECORDS = Records([*PEOPLE, *crowd("GT", 300, PEOPLE), *crowd("AF", 300, PEOPLE)])


def looked_up(query: Query) -> Lookups:
    return lookups(RECORDS.hear(query))


def fetched(wanted: Lookups) -> list[Candidate]:
    """Whoever carries both words of a pair, or the word that is looked up alone."""
    words = ((person, frozenset.union(*index(person))) for person in RECORDS.people)
    pairs = (*wanted.exact, *wanted.near)
    return [
        person
        for person, carried in words
        if carried & set(wanted.alone) or any(one in carried and other in carried for one, other in pairs)
    ]


@pytest.mark.parametrize(
    ("query", "subject"),
    [
        (spelled("Juan Carlos", "Pérez Morales", "GT"), 1),
        (spelled("Juan", "Pérez", "GT"), 1),
        (spelled("Carlos", "Morales", "GT"), 1),
        (spelled("Morales", "Juan", "GT"), 1),
        (spelled("Juancarlos", "Perezmorales", "GT"), 1),
        (spoken("Juhan", "Peres", "GT"), 1),
        (whole("Juan Perez", "GT"), 1),
        (whole("Perez Morales Juan Carlos", "GT"), 1),
        (keyed("Juan", "Perez", "GT"), 1),
        (keyed("JuanCarlos", "Perez Morales", "GT"), 1),
        (keyed("Jua", "Per", "GT"), 1),
        (keyed("5827", "73739", "GT"), 1),
        (Query(Said("Juhan", None, 0.5), Said("Peres", pressed("Perez"), 0.5), "GT", None), 1),
        (spelled("Mariajosé", "Delacruz", "GT"), 2),
        (spelled("María", "Cruz", "GT"), 2),
        (spoken("José", "Xoll", "GT"), 2),
        (spelled("Gurprit", "Sing", "IN"), 3),
        (spelled("Gurpreet", "Dhaliwal", "IN"), 3),
        (spelled("Goldy", "Singh", "IN"), 3),
        (spelled("Van Minh", "Nguyen", "VN"), 4),
        (spelled("Nguyen", "Minh", "VN"), 4),
        (whole("Ahmadullah", "AF"), 5),
        (spelled("Fnu", "Ahmadullah", "AF"), 5),
        (spelled("Иван", "Петров", "RU"), 6),
        (spoken("Mohamad", "Husein", "SO"), 7),
        (spelled("Xiao Ming", "Wang", "CN"), 8),
        (whole("王小明", "CN"), 8),
        (spelled("Jeanpierre", "N Diaye", "SN"), 9),
        (spelled("Abdulrahman", "Sayed", "SY"), 10),
        (spelled("Abdul Rahman", "Alsayed", "SY"), 10),
    ],
)  # fmt: skip
def test_whoever_may_be_meant_is_fetched(query: Query, subject: int) -> None:
    assert subject in {person.subject for person in fetched(looked_up(query))}


def test_two_words_as_they_were_said_come_before_what_they_may_be_meant_for() -> None:
    wanted = looked_up(spelled("Juan", "Perez", "GT"))
    assert ("juan", "perez") in wanted.exact
    assert not wanted.exact & set(wanted.near)
    assert wanted.worth(["juan", "perez"]) > wanted.worth(["juan"])


def test_a_rare_word_is_looked_up_alone_and_a_common_one_is_not() -> None:
    wanted = looked_up(spelled("Maria", "Xol", "GT"))
    assert "xol" in wanted.alone
    assert "maria" not in wanted.alone


def test_particles_lead_to_nobody() -> None:
    for query in (spelled("María", "de la Cruz", "GT"), whole("Maria de los Santos", "GT")):
        wanted = looked_up(query)
        words = {word for pair in (*wanted.exact, *wanted.near) for word in pair} | set(wanted.alone)
        assert not words & particles()


def test_words_that_are_one_are_no_pair_with_what_they_are_made_of() -> None:
    wanted = looked_up(spelled("María", "de la Cruz", "GT"))
    assert ("cruz", "delacruz") not in wanted.exact
    assert ("cruz", "maria") in wanted.exact


NAMES = st.sampled_from(
    ["Juan", "Jua", "Maria Jose", "Juancarlos", "Perez", "Peres", "de la Cruz", "Xol", "Gomsales Lopes", "Ana Maria",
     "Lopez Garcia Martinez Hernandez", "Zoila", "Ngoc", "Mar", ""]
)  # fmt: skip


@given(NAMES, NAMES, st.sampled_from(["spelled", "spoken", "keyed", "both", "whole"]))
@settings(max_examples=80, deadline=None)
def test_no_name_is_looked_up_by_more_than_the_store_can_bear(first: str, last: str, channel: str) -> None:
    query = {
        "spelled": spelled(first, last, "GT"),
        "spoken": spoken(first, last, "GT"),
        "keyed": keyed(first, last, "GT"),
        "both": replace(spoken(first, last, "GT"), surnames=Said(last, pressed("Perez Lopez"), 0.5)),
        "whole": whole(f"{first} {last}", "GT"),
    }[channel]
    wanted = looked_up(query)
    assert len(wanted.exact) + len(wanted.near) <= MOST_PAIRS
    assert len(wanted.alone) <= MOST_ALONE
    assert all(one < other for one, other in wanted.exact)
    assert all(one <= other for one, other in wanted.near)


@given(NAMES, NAMES, st.sampled_from(["", "1985", "1985-03-05"]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_whoever_is_confirmed_among_all_is_confirmed_among_those_who_are_fetched(
    first: str, last: str, birth: str, by_keys: bool
) -> None:
    query = (keyed if by_keys else spelled)(first, last, "GT", birth)
    of_all = RECORDS.decide(query)
    if of_all.kind is Kind.CONFIRM:
        assert RECORDS.decide(query, fetched(looked_up(query))).subject == of_all.subject
