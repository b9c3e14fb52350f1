"""Who is meant: invented people of many naming cultures, and callers as they are."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import birth_dates, matching
from hotline.rules.keypad import digits_of
from hotline.rules.matching import Candidate, Decision, Kind, Query, Said

TODAY = date(2026, 11, 25)


def recorded(subject: int, given: str, surnames: str, country: str, birth: str, *others: tuple[str, str]) -> Candidate:
    return Candidate(
        subject, tuple(given.split()), tuple(surnames.split()), others, country, birth_dates.from_feed(birth)
    )


PEOPLE = [
    recorded(1, "JUAN CARLOS", "PÉREZ MORALES", "GT", "1985-03-05"),
    recorded(2, "María José", "De la Cruz Xol", "GT", "1990-07-21"),
    recorded(3, "Mario", "López", "SV", "1985-03-05"),
    recorded(4, "María", "López", "SV", "1990-01-01"),
    recorded(5, "Maria", "Lopez", "SV", "1979-11-30"),
    recorded(6, "Văn Minh", "Nguyễn", "VN", "1971-02-14"),
    recorded(7, "Ngọc", "Đỗ", "VN", "1980-09-09"),
    recorded(8, "Xiaoming", "Wang", "CN", "1992"),
    recorded(9, "Mamadou Saliou", "Diallo", "GN", "1999-12-01"),
    recorded(10, "Jean-Pierre", "N'Diaye", "SN", "1988-08-08"),
    recorded(11, "Abdul Rahman", "Al-Sayed", "SY", "1983-05-17"),
    recorded(12, "Gurpreet", "Singh", "IN", "1995-04-04", ("Gurpreet", "Singh Dhaliwal")),
    recorded(13, "Ivan", "Petrov", "SUHH", "1969-10-10"),
    recorded(14, "Wilner", "Jean Baptiste", "HT", "1977-06-06"),
    recorded(15, "João Pedro", "dos Santos Silva", "BR", "1994-03-12"),
    recorded(16, "Seán", "O'Connor", "IE", "1981-01-02"),
    recorded(17, "Juana", "Pérez", "GT", "1985-03-05"),
    recorded(18, "Łukasz", "Wójcik", "PL", "1986-11-11"),
    recorded(19, "Bo", "Li", "CN", "1978-04-30"),
    recorded(20, "Mohammed", "Hussein", "SO", "1990-01-01"),
    recorded(21, "Fnu", "Ahmadullah", "AF", "1993-01-01"),
    recorded(22, "José", "Hernández", "HN", "1987-05-06"),
    recorded(23, "José", "Hernández", "HN", "1987-06-05"),
    recorded(24, "José", "Hernández", "HN", "1990"),
]


def spoken(given: str, surnames: str, country: str, birth: str = "") -> Query:
    return Query(Said(given), Said(surnames), country, birth_dates.from_feed(birth))


def keyed(given: str, surnames: str, country: str, birth: str = "") -> Query:
    return Query(Said(keys=given), Said(keys=surnames), country, birth_dates.from_feed(birth))


def decide(query: Query) -> Decision:
    return matching.decide(query, PEOPLE, TODAY)


def one(subject: int) -> Decision:
    return Decision(Kind.ONE, subject)


@pytest.mark.parametrize(
    ("query", "subject"),
    [
        (spoken("Juan", "Pérez", "GT"), 1),
        (spoken("Juan Carlos", "Pérez Morales", "GT"), 1),
        (spoken("juan carlos", "PEREZ", "GT"), 1),
        (spoken("Carlos", "Morales", "GT"), 1),
        (spoken("Carlos Juan", "Morales Perez", "GT"), 1),
        (spoken("Pérez", "Juan", "GT"), 1),
        (spoken("Juan Perez", "Perez", "GT"), 1),
        (spoken("Juan", "Juan Perez", "GT"), 1),
        (spoken("Maria Jose", "Cruz", "GT"), 2),
        (spoken("Mariajosé", "Delacruz", "GT"), 2),
        (spoken("María", "de la Cruz", "GT"), 2),
        (spoken("José", "Xol", "GT"), 2),
        (spoken("Minh", "Nguyen", "VN"), 6),
        (spoken("Van Minh", "Nguyen", "VN"), 6),
        (spoken("Nguyen", "Minh", "VN"), 6),
        (spoken("Ngoc", "Do", "VN"), 7),
        (spoken("Xiao Ming", "Wang", "CN"), 8),
        (spoken("Mamadou", "Diallo", "GN"), 9),
        (spoken("Jean Pierre", "Ndiaye", "SN"), 10),
        (spoken("Jeanpierre", "N Diaye", "SN"), 10),
        (spoken("Abdulrahman", "Sayed", "SY"), 11),
        (spoken("Abdul Rahman", "Alsayed", "SY"), 11),
        (spoken("Gurpreet", "Dhaliwal", "IN"), 12),
        (spoken("Ivan", "Petrov", "RU"), 13),
        (spoken("Иван", "Петров", "RU"), 13),
        (spoken("Ivan", "Petrov", "UA"), 13),
        (spoken("Wilner", "Jean-Baptiste", "HT"), 14),
        (spoken("Wilner", "Baptiste", "HT"), 14),
        (spoken("João", "Silva", "BR"), 15),
        (spoken("Pedro", "Santos", "BR"), 15),
        (spoken("Sean", "OConnor", "IE"), 16),
        (spoken("Sean", "O Connor", "IE"), 16),
        (spoken("Lukasz", "Wojcik", "PL"), 18),
        (spoken("Bo", "Li", "CN"), 19),
        (keyed(digits_of("Juan"), digits_of("Perez"), "GT"), 1),
        (keyed(digits_of("JuanCarlos"), digits_of("PerezMorales"), "GT"), 1),
        (keyed("58260227567", "737390" + digits_of("Morales"), "GT"), 1),
        (keyed(digits_of("maria") + "0" + digits_of("jose"), "330520" + digits_of("Cruz"), "GT"), 2),
        (keyed(digits_of("maria"), digits_of("delacruz"), "GT"), 2),
        (keyed(digits_of("sean"), "61266667", "IE"), 16),
        (keyed(digits_of("jean") + "1" + digits_of("pierre"), "613" + digits_of("iaye"), "SN"), 10),
        (keyed(digits_of("bo"), digits_of("li"), "CN", "1978"), 19),
        (Query(Said("Bo"), Said(keys=digits_of("li")), "CN", birth_dates.from_feed("1978-04-30")), 19),
    ],
)  # fmt: skip
def test_a_caller_who_knows_the_name_finds_the_person(query: Query, subject: int) -> None:
    assert decide(query) == one(subject)


@pytest.mark.parametrize(
    "query",
    [
        spoken("Juan", "", "GT"),
        spoken("", "Pérez", "GT"),
        spoken("Juan", "Carlos", "GT"),
        spoken("Pérez", "Morales", "GT"),
        spoken("Juan", "P", "GT"),
        spoken("J", "Pérez", "GT"),
        spoken("de", "la", "GT"),
        spoken("J***", "Pérez", "GT"),
        spoken("Juan", "P****", "GT"),
        spoken("Juan", "Pérez", "HN"),
        spoken("Juan", "Ramírez", "GT"),
        spoken("Pedro", "Pérez", "GT"),
        spoken("Juan Luis", "Pérez", "GT"),
        spoken("Juan", "Pérez Leiva", "GT"),
        spoken("Mariana", "Cruz", "HN"),
        keyed("52", "52", "GT"),
        keyed("58", "73739", "GT"),
        keyed(digits_of("bo"), digits_of("li"), "CN"),
        keyed(digits_of("juan"), digits_of("pere"), "GT"),
        keyed(digits_of("juan"), "73738", "GT"),
        keyed("", "", "GT"),
        keyed("0000", "1111", "GT"),
        keyed("5*26", "73739", "GT"),
        Query(Said(), Said(), "GT", None),
    ],
)  # fmt: skip
def test_half_a_name_another_country_or_somebody_else_finds_nobody(query: Query) -> None:
    assert decide(query) == Decision(Kind.NONE)


@pytest.mark.parametrize(
    "query",
    [
        spoken("Juan", "Peres", "GT"),
        spoken("Juan", "Peres", "GT", "1985-03-05"),
        spoken("Ivan Sergeevich", "Petrov", "RU"),
        spoken("Juan", "Pérez Morales Xitumul", "GT"),
        spoken("Ngoc Anh", "Do", "VN"),
        spoken("Jozé", "Ernandes", "HN"),
        spoken("Mohamed", "Husein", "SO"),
        spoken("Juanca", "rlosperez", "GT"),
        spoken("Gurprit", "Singh", "IN"),
    ],
)
def test_a_spoken_name_that_is_only_near_is_never_enough(query: Query) -> None:
    assert decide(query) == Decision(Kind.DOUBT)


@pytest.mark.parametrize(
    ("first_try", "surname_keyed", "decision"),
    [
        (spoken("Juan", "Peres", "GT"), "Perez", one(1)),
        (spoken("Ivan Sergeevich", "Petrov", "RU"), "Petrov", one(13)),
        (spoken("Gurprit", "Singh", "IN"), "Singh", one(12)),
        (spoken("Jozé", "Ernandes", "HN", "1987-05-06"), "Hernandez", one(22)),
        (spoken("Jozé", "Ernandes", "HN"), "Hernandez", Decision(Kind.MANY)),
        (spoken("Jozé", "Ernandes", "HN", "1960"), "Hernandez", Decision(Kind.NONE)),
        (spoken("Juan", "Peres", "GT"), "Peres", Decision(Kind.NONE)),
        (spoken("Juan", "Peres", "GT"), "Morales", one(1)),
        (spoken("Pedro", "Peres", "GT", "1985-03-05"), "Perez", Decision(Kind.NONE)),
        (spoken("Juan", "Perez", "GT"), "PerezLeiva", Decision(Kind.NONE)),
    ],
)
def test_the_last_name_by_keypad_settles_what_speech_left_open(
    first_try: Query, surname_keyed: str, decision: Decision
) -> None:
    both = replace(first_try, surnames=replace(first_try.surnames, keys=digits_of(surname_keyed)))
    assert decide(both) == decision


@pytest.mark.parametrize(("said", "other"), [("Maria", "Mario"), ("Mario", "Maria"), ("Juan", "Juana")])
def test_the_other_sexs_form_of_a_name_is_never_a_slip(said: str, other: str) -> None:
    person = recorded(1, other, "Quispe Mamani", "PE", "1985-03-05")
    for surnames in (Said("Quispe"), Said("Quispes", digits_of("Quispe"))):
        query = Query(Said(said), surnames, "PE", birth_dates.from_feed("1985-03-05"))
        assert matching.decide(query, [person], TODAY) == Decision(Kind.NONE)


@pytest.mark.parametrize(
    ("birth", "decision"),
    [
        ("1987-05-06", one(22)),
        ("1987-06-05", one(23)),
        ("1990", one(24)),
        ("1990-02-03", one(24)),
        ("1991", one(24)),
        ("1987", Decision(Kind.MANY)),
        ("1987-09-09", Decision(Kind.MANY)),
        ("", Decision(Kind.MANY)),
        ("1975", Decision(Kind.NONE)),
        ("1993", Decision(Kind.NONE)),
    ],
)
def test_the_date_of_birth_tells_namesakes_apart(birth: str, decision: Decision) -> None:
    assert decide(spoken("José", "Hernández", "HN", birth)) == decision


def test_a_swapped_date_finds_its_person_where_no_namesake_has_it() -> None:
    alone = [person for person in PEOPLE if person.subject != 22]
    assert matching.decide(spoken("José", "Hernández", "HN", "1987-05-06"), alone, TODAY) == one(23)


def test_a_near_name_with_the_very_date_keeps_the_exact_name_without_it_in_doubt() -> None:
    peres = recorded(30, "Juan", "Peres", "GT", "1985-11-20")
    query = spoken("Juan", "Peres", "GT", "1985-03-05")
    assert matching.decide(query, [*PEOPLE, peres], TODAY) == Decision(Kind.DOUBT)
    assert matching.decide(query, [peres], TODAY) == one(30)
    second = replace(query, surnames=Said("Peres", digits_of("Perez")))
    assert matching.decide(second, [*PEOPLE, peres], TODAY) == one(1)


def test_a_person_without_a_recorded_date_is_found_by_name_alone() -> None:
    person = Candidate(1, ("Ana",), ("Quispe",), (), "PE", None)
    assert matching.decide(spoken("Ana", "Quispe", "PE", "1985"), [person], TODAY) == one(1)


def test_the_same_person_fetched_twice_is_no_namesake() -> None:
    assert matching.decide(spoken("Juan", "Pérez", "GT"), [PEOPLE[0], PEOPLE[0]], TODAY) == one(1)


def test_a_date_of_birth_to_come_counts_as_not_told() -> None:
    assert decide(spoken("Juan", "Pérez", "GT", "2085-03-05")) == one(1)


def test_nobody_in_the_records_is_nobody_found() -> None:
    assert matching.decide(spoken("Juan", "Pérez", "GT"), [], TODAY) == Decision(Kind.NONE)


QUERIES = st.builds(
    spoken,
    st.sampled_from(["Juan", "María José", "Maria", "Mario", "José", "Jose Luis", "Juana", "Gurprit", "Bo"]),
    st.sampled_from(["Pérez", "Peres", "López", "De la Cruz", "Hernández", "Singh", "Li", "Morales Pérez"]),
    st.sampled_from(["GT", "SV", "HN", "IN", "CN"]),
    st.sampled_from(["", "1985", "1985-03-05", "1987-05-06", "1990-01-01", "1979"]),
)


@given(QUERIES, st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_the_order_of_the_records_never_changes_the_decision(query: Query, chance: random.Random) -> None:
    shuffled = list(PEOPLE)
    chance.shuffle(shuffled)
    assert matching.decide(query, shuffled, TODAY) == decide(query)


SPELLINGS: list[Callable[[str], str]] = [
    str.upper,
    str.lower,
    lambda text: text.translate(str.maketrans("áéíóúñ", "aeioun")),
    lambda text: text.replace(" ", "-"),
    lambda text: " ".join(reversed(text.split())) if "de" not in text.lower().split() else text,
    lambda text: f" {text}. ",
]


@given(QUERIES, st.sampled_from(SPELLINGS), st.sampled_from(SPELLINGS))
@settings(max_examples=120, deadline=None)
def test_case_accents_hyphens_and_order_never_change_the_decision(
    query: Query, one_way: Callable[[str], str], other_way: Callable[[str], str]
) -> None:
    same = replace(
        query,
        given=Said(one_way(query.given.text or "")),
        surnames=Said(other_way(query.surnames.text or "")),
    )
    assert decide(same) == decide(query)


@given(st.sampled_from(PEOPLE), st.integers(2, 40), st.booleans(), st.booleans())
@settings(max_examples=120, deadline=None)
def test_a_year_off_by_more_than_one_never_gives_the_person(
    person: Candidate, apart: int, later: bool, whole: bool
) -> None:
    assert person.birth is not None
    year = person.birth.year + (apart if later else -apart)
    year = year if year <= TODAY.year else person.birth.year - apart
    birth = birth_dates.BirthDate(year, 3, 5) if whole else birth_dates.BirthDate(year)
    query = Query(Said(" ".join(person.given)), Said(" ".join(person.surnames)), person.country, birth)
    assert decide(query).subject != person.subject


@given(st.sampled_from(PEOPLE))
@settings(max_examples=40, deadline=None)
def test_everybody_is_found_by_the_recorded_name_and_date(person: Candidate) -> None:
    said = Query(Said(" ".join(person.given)), Said(" ".join(person.surnames)), person.country, person.birth)
    keys = Query(
        Said(keys="0".join(map(digits_of, person.given))),
        Said(keys="0".join(map(digits_of, person.surnames))),
        person.country,
        person.birth,
    )
    assert decide(said) == decide(keys) == one(person.subject)


@given(st.text(max_size=20), st.text(max_size=20), st.text("0123456789*#", max_size=12))
@settings(max_examples=150, deadline=None)
def test_no_answer_breaks_the_search(given_said: str, last_said: str, keys: str) -> None:
    for query in (
        spoken(given_said, last_said, "GT"),
        Query(Said(given_said), Said(last_said, keys), "GT", None),
        keyed(keys, keys, "GT"),
    ):
        assert decide(query).kind in Kind
        matching.search_words(query)


def test_a_name_of_a_hundred_words_finds_nobody() -> None:
    assert decide(spoken("Juan " * 100, "Pérez " * 100, "GT")) == Decision(Kind.NONE)
    assert decide(keyed("58260" * 100, "737390" * 100, "GT")) == Decision(Kind.NONE)


@pytest.mark.parametrize(("count", "decision"), [(1, one(1)), (2, one(1)), (8, Decision(Kind.NONE))])
def test_one_word_over_and_over_is_compared_at_once(count: int, decision: Decision) -> None:
    person = recorded(1, "Ana " * 8, "Ana " * 8, "PE", "1985")
    words = "Ana " * count
    began = perf_counter()
    assert matching.decide(spoken(words, words, "PE"), [person], TODAY) == decision
    assert matching.decide(spoken(words, words[:-4] + "Zoe", "PE"), [person], TODAY).kind is not Kind.ONE
    assert perf_counter() - began < 1


def hit(query: Query, person: Candidate) -> bool:
    """What the store does: any key of the given name and any of the surname among those kept."""
    others = (name for other in person.others for name in other)
    names = [" ".join(person.given), " ".join(person.surnames), *others]
    kept = matching.index_words(names)
    words = matching.search_words(query)
    return all(
        side.tokens & kept.tokens or side.digits & kept.digits or side.skeletons & kept.skeletons
        for side in (words.given, words.surnames)
    )


@pytest.mark.parametrize(
    ("query", "subject"),
    [
        (spoken("Mariajosé", "Delacruz", "GT"), 2),
        (spoken("María", "Cruz", "GT"), 2),
        (spoken("Morales", "Juan", "GT"), 1),
        (spoken("Xiao Ming", "Wang", "CN"), 8),
        (spoken("Jozé", "Ernandes", "HN"), 22),
        (spoken("Gurprit", "Sing", "IN"), 12),
        (spoken("Gurpreet", "Dhaliwal", "IN"), 12),
        (spoken("Mohamad", "Husein", "SO"), 20),
        (spoken("Van Minh", "Nguyen", "VN"), 6),
        (spoken("Ngoc", "Do", "VN"), 7),
        (keyed(digits_of("JuanCarlos"), digits_of("Perez") + "0" + digits_of("Morales"), "GT"), 1),
        (keyed(digits_of("sean"), "61266667", "IE"), 16),
        (Query(Said("Juhan"), Said("Peres", digits_of("Perez")), "GT", None), 1),
    ],
)
def test_the_store_fetches_whoever_may_be_meant(query: Query, subject: int) -> None:
    assert hit(query, next(person for person in PEOPLE if person.subject == subject))


@given(QUERIES)
@settings(max_examples=80, deadline=None)
def test_whoever_is_decided_for_was_fetched(query: Query) -> None:
    fetched = [person for person in PEOPLE if hit(query, person)]
    decision = decide(query)
    assert matching.decide(query, fetched, TODAY) == decision or decision.kind is Kind.DOUBT


def test_particles_fetch_nobody_by_themselves() -> None:
    words = matching.search_words(spoken("María", "de la Cruz", "GT"))
    assert not {"de", "la"} & words.surnames.tokens
    assert "cruz" in words.surnames.tokens
    assert not {"de", "la"} & matching.index_words(["De la Cruz"]).tokens
