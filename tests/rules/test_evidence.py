"""How well a recorded name explains what was said, and which words lead to a person."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hotline.rules import evidence
from hotline.rules.evidence import Evidence, index_words, prepared
from hotline.rules.matching import Query
from hotline.rules.readings import Said
from tests.rules.records import Records, crowd, keyed, pressed, recorded, spelled, spoken, whole

RECORDED = ("Juan Carlos", "Pérez Xol")
OTHERS = [
    recorded(1, *RECORDED, "GT", "1985-03-05"),
    recorded(2, "María José", "De la Cruz Ajpop", "GT", "1990-07-21"),
    recorded(3, "Luis Fernando", "Tzoc", "GT", "1990-07-21"),
]
RECORDS = Records([*OTHERS, *crowd("GT", 400, OTHERS)])


def weighed(query: Query, name: tuple[str, str] = RECORDED) -> Evidence:
    heard = RECORDS.hear(query)
    return evidence.weigh(heard.first_try, prepared(*name, "GT"), heard.second_try)


def bits(given_names: str, surnames: str, name: tuple[str, str] = RECORDED) -> float:
    return weighed(spelled(given_names, surnames, "GT"), name).bits


FOUND = [
    ("Juan Carlos", "Pérez Xol"),
    ("Juan", "Pérez"),
    ("Carlos", "Xol"),
    ("Carlos Juan", "Xol Pérez"),
    ("Pérez", "Juan"),
    ("Juan Carlos", "Peres"),
    ("Juancarlos", "Pérez"),
    ("Juan Car los", "Pérez"),
    ("Juan Carlos", "Perezxol"),
]


@pytest.mark.parametrize(("given_names", "surnames"), FOUND)
def test_a_name_said_in_any_order_in_part_joined_or_with_a_slip_speaks_for_its_person(
    given_names: str, surnames: str
) -> None:
    found = weighed(spelled(given_names, surnames, "GT"))
    assert found.bits > 0
    assert (found.given_met, found.surname_met) == (True, True)
    assert weighed(keyed(given_names, surnames, "GT")).bits > 0
    assert weighed(whole(f"{given_names} {surnames}", "GT")).bits > 0


@pytest.mark.parametrize(
    ("given_names", "surnames"),
    [("Pedro", "Ramírez"), ("Juan", "Ramírez"), ("Rosa", "Pérez"), ("Ngoc", "Do"), ("Juana", "Xola")],
)
def test_another_name_speaks_against_the_person(given_names: str, surnames: str) -> None:
    assert bits(given_names, surnames) < 0


# Of each pair the first speaks for the person more than the second.
ORDERED = [
    ("all of it, and half of it", ("Juan Carlos", "Pérez Xol"), ("Juan", "Pérez")),
    ("first names first, and last", ("Juan", "Pérez"), ("Pérez", "Juan Carlos Ramiro")),
    ("the first surname alone, and the second", ("Zoila", "Pérez"), ("Zoila", "Ramos")),
    ("as recorded, and with slips", ("Juan Carlos", "Pérez Xol"), ("Juhan Carlo", "Perrez Zol")),
    ("without a name that is not recorded, and with it", ("Juan Carlos", "Pérez"), ("Juan Carlos", "Pérez Mamani")),
    ("the name, and its form for the other sex", ("Juan", "Xol"), ("Juana", "Xol")),
]


@pytest.mark.parametrize(("more", "less"), [pytest.param(*case[1:], id=case[0]) for case in ORDERED])
def test_what_fits_better_speaks_more_for_the_person(more: tuple[str, str], less: tuple[str, str]) -> None:
    assert bits(*more) > bits(*less)


def test_a_name_more_costs_less_than_another_name_in_the_place_of_a_recorded_one() -> None:
    one_surname = ("Juan Carlos", "Pérez")
    extra = bits("Juan Carlos", "Pérez") - bits("Juan Carlos", "Pérez Mamani", one_surname)
    instead = bits("Juan Carlos", "Pérez") - bits("Juan Carlos", "Pérez Mamani", RECORDED)
    assert 0 < extra < instead
    assert bits("Juan", "Pérez", ("Juan", "Pérez")) > bits("Juan Zoila", "Pérez", ("Juan", "Pérez"))
    assert bits("Juan Zoila", "Pérez", ("Juan", "Pérez")) > bits("Juan Zoila", "Pérez", ("Juan Carlos", "Pérez"))


def test_a_rare_name_says_more_of_its_person_than_a_common_one() -> None:
    assert bits("Juan", "Xol") > bits("Juan", "Pérez")
    assert bits("Luis", "Tzoc", ("Luis Fernando", "Tzoc")) > bits("Juan", "Pérez")


@pytest.mark.parametrize(
    ("given_names", "surnames", "is_whole"),
    [
        ("Juan Carlos", "Pérez Xol", True),
        ("Xol Pérez", "Carlos Juan", True),
        ("Juan", "Pérez Xol", False),
        ("Juan Carlos", "Xol", False),
        ("Juancarlos", "Perezxol", True),
    ],
)
def test_a_name_is_whole_where_every_recorded_word_was_said(given_names: str, surnames: str, is_whole: bool) -> None:
    assert weighed(spelled(given_names, surnames, "GT")).whole is is_whole


@pytest.mark.parametrize("surnames", ["de la Cruz", "Cruz", "Delacruz", "la Cruz"])
def test_particles_may_be_said_left_out_or_joined(surnames: str) -> None:
    recorded_name = ("María José", "De la Cruz Ajpop")
    found = weighed(spelled("María José", surnames, "GT"), recorded_name)
    assert found.surname_met
    assert found.bits > 0
    assert abs(found.bits - bits("María José", "Cruz", recorded_name)) < bits("María José", "Cruz", recorded_name)


# ---- a name given once more


def again(keys: str) -> float:
    query = spoken("Juan", "Peres", "GT")
    return weighed(replace(query, surnames=replace(query.surnames, keys=pressed(keys)))).bits


def test_the_surname_by_keypad_settles_what_speech_left_open() -> None:
    assert again("Perez") > weighed(spoken("Juan", "Peres", "GT")).bits
    assert again("Perez") > again("Peres") > again("Ramos")
    assert again("Xol") > again("Ramos")


def test_a_second_try_in_the_same_words_counts_half() -> None:
    heard = RECORDS.hear(replace(spoken("Juan", "Perez", "GT"), surnames=Said("Perez", pressed("Perez"))))
    name = prepared(*RECORDED, "GT")
    once = evidence.weigh(heard.first_try, name).bits
    twice = evidence.weigh(heard.first_try, name, heard.second_try).bits
    alone = evidence.weigh(heard.second_try, name).bits + evidence.NOTHING_OF
    assert 0 < twice - once <= alone
    assert twice - once == pytest.approx(evidence.SECOND_TRY * alone)


# ---- the explanation


def test_every_word_said_is_explained_once_and_the_bits_of_the_steps_are_those_of_the_whole() -> None:
    found = weighed(spelled("Juan Carlos", "Peres Xol", "GT"))
    assert [(step.said, step.recorded) for step in found.steps] == [
        ("juan", "juan"),
        ("carlos", "carlos"),
        ("peres", "perez"),
        ("xol", "xol"),
    ]
    assert sum(step.bits for step in found.steps) == pytest.approx(found.bits)


WORDS = ["juan", "carlos", "perez", "peres", "xol", "maria", "de", "la", "mamani", "jose", "gomsales"]
PHRASES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)


@given(PHRASES, PHRASES, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_words_within_a_name_never_matters(
    first: list[str], last: list[str], chance: random.Random
) -> None:
    said = {"de", "la"} & {*first, *last}
    assume(not {*first} & {*last})  # a name told twice is taken once
    shuffled = [chance.sample(words, len(words)) for words in (first, last)]
    if not said and all("gomsales" not in words for words in (first, last)):
        before, after = (bits(" ".join(one), " ".join(other)) for one, other in ((first, last), shuffled))
        assert before == pytest.approx(after)


@given(PHRASES, PHRASES, st.booleans())
@settings(max_examples=80, deadline=None)
def test_whatever_is_said_is_weighed_and_met_where_a_recorded_word_stands_for_it(
    first: list[str], last: list[str], by_keys: bool
) -> None:
    query = (keyed if by_keys else spelled)(" ".join(first), " ".join(last), "GT")
    for name in (RECORDED, ("Fnu", "Ahmadullah"), ("Gurpreet", ""), ("", "Singh"), ("", "")):
        found = weighed(query, name)
        assert found.bits > float("-inf")
        assert not found.given_met or any(step.recorded for step in found.steps)
        assert not found.other > found.bits + 1_000


# ---- which words lead to a person

INDEXED: list[tuple[str, str, str, set[str], set[str]]] = [
    ("GT", "María José", "De la Cruz Xol", {"maria", "jose"}, {"cruz", "lacruz", "delacruz", "xol"}),
    ("BR", "João Pedro", "dos Santos Silva", {"joao", "pedro"}, {"santos", "dossantos", "silva"}),
    ("VN", "Thị Ngọc", "Nguyễn", {"ngoc", "thingoc"}, {"nguyen"}),
    ("CN", "小明", "王", {"xiaoming"}, {"wang"}),
    ("KR", "민수", "김", {"minsu"}, {"kim"}),
    ("RU", "Иван Сергеевич", "Петров", {"ivan", "sergeevich"}, {"petrov"}),
    ("SN", "Jean-Pierre", "N'Diaye", {"jean", "pierre"}, {"ndiaye"}),
    ("SY", "Abdul Rahman", "Al-Sayed", {"abdulrahman"}, {"sayed", "alsayed"}),
    ("IE", "Seán", "O'Connor", {"sean"}, {"oconnor"}),
    ("HT", "Wilner", "Jean Baptiste", {"wilner"}, {"jean", "baptiste"}),
    ("US", "Fnu", "Ahmadullah", set(), {"ahmadullah"}),
    ("ET", "Abebe Bikila", "Demissie", {"abebe"}, {"bikila", "demissie"}),
    ("IN", "Gurpreet", "Singh Dhaliwal", {"gurpreet", "singh"}, {"dhaliwal"}),
]  # fmt: skip


@pytest.mark.parametrize(("country", "given_names", "surnames", "as_given", "as_surname"), INDEXED)
def test_a_name_is_found_by_each_of_its_words_with_and_without_particles(
    country: str, given_names: str, surnames: str, as_given: set[str], as_surname: set[str]
) -> None:
    found = index_words([(given_names, surnames)], country)
    assert as_given | as_surname <= found[0] | found[1]
    assert not (found[0] | found[1]) & {"de", "la", "dos", "al", "fnu"}


def test_every_recorded_name_leads_to_the_person() -> None:
    names = [("Gurpreet", "Singh"), ("Gurpreet", "Dhaliwal"), ("Goldy", "Singh")]
    as_given, as_surname = index_words(names, "IN")
    assert {"gurpreet", "goldy", "dhaliwal"} <= as_given | as_surname
    assert index_words([], "IN") == (frozenset(), frozenset())


@given(st.text(max_size=20), st.text(max_size=20), st.sampled_from(["GT", "SY", "VN", "RU", "KR", "XX", ""]))
@settings(max_examples=150, deadline=None)
def test_no_recorded_name_breaks_the_index(given_names: str, surnames: str, country: str) -> None:
    words = frozenset.union(*index_words([(given_names, surnames)], country))
    assert all(word.isascii() and word and " " not in word for word in words)
    assert set(prepared(given_names, surnames, country).words) <= words
