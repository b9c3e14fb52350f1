"""Who is meant: invented people of many naming cultures, and callers as they are."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import birth_dates, matching
from hotline.rules.birth_dates import Agreement, BirthDate
from hotline.rules.matching import HELD, SHOWN, SURE, SURE_WITH_DATE, Candidate, Decision, Kind, Query
from hotline.rules.readings import Said
from tests.rules.records import TODAY, Records, crowd, keyed, pressed, recorded, spelled, spoken, whole

PEOPLE = [
    recorded(1, "JUAN CARLOS", "PÉREZ MORALES", "GT", "1985-03-05"),
    recorded(2, "María José", "De la Cruz Xol", "GT", "1990-07-21"),
    recorded(3, "Mario", "López Tzoc", "SV", "1985-03-05"),
    recorded(4, "María", "López Tzoc", "SV", "1990-06-17"),
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
    recorded(21, "Fnu", "Ahmadullah", "AF", "1993-04-01"),
    recorded(22, "José", "Hernández Ajpop", "HN", "1987-05-06"),
    recorded(23, "José", "Hernández Ajpop", "HN", "1987-11-20"),
    recorded(24, "José", "Hernández Ajpop", "HN", "1990"),
]
RECORDS = Records([*PEOPLE, *(one for country in ("GT", "HN", "SV", "AF") for one in crowd(country, 250, PEOPLE))])
BY_SUBJECT = {person.subject: person for person in PEOPLE}


def decide(query: Query) -> Decision:
    return RECORDS.decide(query)


def dated(query: Query, subject: int) -> Query:
    """The same with the date of birth that is recorded."""
    return replace(query, birth=BY_SUBJECT[subject].birth)


def likely(decision: Decision) -> dict[int, float]:
    return {one.subject: one.probability for one in decision.ranked}


KNOWN = [
    (spoken("Juan", "Pérez", "GT"), 1),
    (spoken("Juan Carlos", "Pérez Morales", "GT"), 1),
    (spoken("juan carlos", "PEREZ", "GT"), 1),
    (spoken("Carlos", "Morales", "GT"), 1),
    (spoken("Carlos Juan", "Morales Perez", "GT"), 1),
    (spoken("Pérez", "Juan", "GT"), 1),
    (whole("Juan Perez", "GT"), 1),
    (whole("Morales Perez Juan Carlos", "GT"), 1),
    (spoken("Maria Jose", "Cruz", "GT"), 2),
    (spoken("Mariajosé", "Delacruz", "GT"), 2),
    (spoken("María", "de la Cruz", "GT"), 2),
    (spoken("José", "Xol", "GT"), 2),
    (spoken("Minh", "Nguyen", "VN"), 6),
    (spoken("Van Minh", "Nguyen", "VN"), 6),
    (spoken("Nguyen", "Minh", "VN"), 6),
    (spoken("Ngoc", "Do", "VN"), 7),
    (spoken("Xiao Ming", "Wang", "CN"), 8),
    (whole("王小明", "CN"), 8),
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
    (spoken("Mohamed", "Husein", "SO"), 20),
    (spoken("Gurprit", "Sing", "IN"), 12),
    (keyed("Juan", "Perez", "GT"), 1),
    (keyed("JuanCarlos", "PerezMorales", "GT"), 1),
    (keyed("Juan Carlos", "Perez Morales", "GT"), 1),
    (keyed("maria jose", "de la Cruz", "GT"), 2),
    (keyed("maria", "delacruz", "GT"), 2),
    (keyed("sean", "61266667", "IE"), 16),
    (keyed("53261743773", "6134293", "SN"), 10),
    (keyed("bo", "li", "CN"), 19),
    (Query(Said("Bo"), Said(keys=pressed("li")), "CN", None), 19),
]


@pytest.mark.parametrize(("query", "subject"), KNOWN)
def test_a_caller_who_knows_the_name_and_the_date_of_birth_finds_the_person(query: Query, subject: int) -> None:
    decision = decide(dated(query, subject))
    assert (decision.kind, decision.subject) == (Kind.CONFIRM, subject)
    assert decision.ranked[0].probability >= 0.9


@pytest.mark.parametrize(("query", "subject"), KNOWN)
def test_a_caller_who_does_not_know_the_date_is_asked_more_or_finds_the_person_and_nobody_else(
    query: Query, subject: int
) -> None:
    decision = decide(query)
    assert decision.subject in (subject, None)
    if decision.kind is not Kind.NONE:
        assert decision.ranked[0].subject == subject
        assert decision.ranked[0].probability >= 0.4


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: str(person.subject))
def test_everybody_is_found_by_the_recorded_name_and_date(person: Candidate) -> None:
    born = str(person.birth)
    for query in (
        spelled(person.given, person.surnames, person.country, born),
        spoken(person.given, person.surnames, person.country, born),
        keyed(person.given, person.surnames, person.country, born),
        whole(f"{person.given} {person.surnames}", person.country, born),
        whole(f"{person.surnames} {person.given}", person.country, born),
    ):
        assert decide(query).subject == person.subject


FISHING = [
    ("a first name alone", spoken("Juan", "", "GT")),
    ("a surname alone", spoken("", "Pérez", "GT")),
    ("a common first name, and nothing else", whole("Maria", "GT")),
    ("a common first name twice", spoken("Maria", "Maria", "GT")),
    ("first names only", whole("Maria Jose Luis", "GT")),
    ("an initial for the surname", spoken("Juan", "P", "GT")),
    ("an initial for the first name", spoken("J", "Pérez", "GT")),
    ("initials", spoken("J", "P", "GT")),
    ("particles", spoken("de", "la", "GT")),
    ("a masked first name", spoken("J***", "Pérez", "GT")),
    ("a masked surname", spoken("Juan", "P****", "GT")),
    ("two keys and two keys", keyed("52", "52", "GT")),
    ("two keys and a surname", keyed("58", "73739", "GT")),
    ("a short name by keys", keyed("bo", "li", "CN")),
    ("no keys", keyed("", "", "GT")),
    ("keys of no letter", keyed("0000", "1111", "GT")),
    ("keys with a star", keyed("5*26", "73739", "GT")),
    ("silence", Query(Said(), Said(), "GT", None)),
    ("another first name", spoken("Ngoc", "Xol", "GT")),
    ("another country", spoken("Juan Carlos", "Pérez Morales", "PL")),
    ("a country without people", spoken("Juan Carlos", "Pérez Morales", "UY")),
    ("a name that nobody has", spoken("Ngoc", "Ahmadullah", "GT")),
]


@pytest.mark.parametrize("query", [pytest.param(query, id=name) for name, query in FISHING])
def test_half_a_name_another_country_or_somebody_else_finds_nobody(query: Query) -> None:
    decision = decide(query)
    assert (decision.kind, decision.subject) == (Kind.NONE, None)


@pytest.mark.parametrize(
    "query",
    [
        spoken("Juan", "Carlos", "GT"),
        spoken("Pérez", "Morales", "GT"),
        whole("Perez Morales", "GT"),
        whole("Ajpop", "HN"),
        whole("Zoila", "HN"),
    ],
)
def test_half_of_a_name_names_nobody(query: Query) -> None:
    decision = decide(query)
    assert decision.kind in (Kind.NONE, Kind.KEY_SURNAME)
    assert max(likely(decision).values(), default=0.0) <= 0.4


@pytest.mark.parametrize("knows", ["nothing", "the year"])
@pytest.mark.parametrize(("said", "subject"), [("Maria", 3), ("Mario", 4)])
def test_the_other_sexs_form_of_a_name_is_no_slip_that_a_year_of_birth_could_mend(
    said: str, subject: int, knows: str
) -> None:
    records = Records([one for one in RECORDS.people if one.subject not in (3, 4) or one.subject == subject])
    birth = BY_SUBJECT[subject].birth
    born = "" if birth is None or knows == "nothing" else str(birth.year)
    for query in (
        spoken(said, "López Tzoc", "SV", born),
        keyed(said, "Lopez Tzoc", "SV", born),
        Query(Said(said, None, 0.7), Said("Lopes", pressed("Lopez"), 0.7), "SV", birth_dates.from_feed(born)),
    ):
        decision = records.decide(query)
        assert decision.subject is None
        assert likely(decision).get(subject, 0.0) < SURE_WITH_DATE


# ---- the surname keyed after it was said


@pytest.mark.parametrize(
    ("first_try", "surname_keyed", "subject"),
    [
        (spoken("Juan Carlos", "Peres", "GT", "1985"), "Perez", 1),
        (spoken("Juan Carlos", "Peres", "GT", "1985"), "Perez Morales", 1),
        (spoken("Maria Jose", "Crus", "GT"), "de la Cruz Xol", 2),
    ],
)
def test_the_last_name_by_keypad_settles_what_speech_left_open(
    first_try: Query, surname_keyed: str, subject: int
) -> None:
    both = replace(first_try, surnames=replace(first_try.surnames, keys=pressed(surname_keyed)))
    before, after = decide(first_try), decide(both)
    assert (after.kind, after.subject) == (Kind.CONFIRM, subject)
    assert likely(after)[subject] > likely(before).get(subject, 0.0)


@pytest.mark.parametrize(
    ("first_try", "surname_keyed"),
    [
        (spoken("Juan Carlos", "Peres", "GT"), "Xitumul"),
        (spoken("Pedro", "Peres", "GT", "1985-03-05"), "Perez"),
        (spoken("Jozé", "Ernandes", "HN", "1960"), "Hernandez Ajpop"),
        (spoken("Ngoc", "Peres", "GT"), "Perez"),
    ],
)
def test_the_last_name_by_keypad_finds_nobody_where_the_rest_speaks_against_it(
    first_try: Query, surname_keyed: str
) -> None:
    both = replace(first_try, surnames=replace(first_try.surnames, keys=pressed(surname_keyed)))
    assert decide(both).kind in (Kind.NONE, Kind.PERSON)
    assert decide(both).subject is None


def test_the_last_name_is_keyed_once_and_no_more() -> None:
    both = replace(spoken("José", "Ernandes", "HN"), surnames=Said("Ernandes", pressed("Hernandez Ajpop"), 0.7))
    assert decide(spoken("José", "Ernandes", "HN")).kind is Kind.KEY_SURNAME
    assert decide(both).kind is Kind.PERSON
    assert decide(keyed("Jose", "Hernandez Ajpop", "HN")).kind is Kind.PERSON


# ---- the date of birth


@pytest.mark.parametrize(
    ("birth", "subject"),
    [("1987-05-06", 22), ("1987-11-20", 23), ("1990", 24), ("1990-02-03", 24)],
)
def test_the_date_of_birth_tells_namesakes_apart(birth: str, subject: int) -> None:
    decision = decide(spelled("José", "Hernández Ajpop", "HN", birth))
    assert (decision.kind, decision.subject) == (Kind.CONFIRM, subject)


@pytest.mark.parametrize("birth", ["1987", "1987-09-09", ""])
def test_namesakes_that_nothing_tells_apart_are_never_guessed_among(birth: str) -> None:
    for query in (
        spelled("José", "Hernández Ajpop", "HN", birth),
        keyed("José", "Hernández Ajpop", "HN", birth),
        whole("Jose Hernandez Ajpop", "HN", birth),
        replace(spelled("José", "Hernández", "HN", birth), surnames=Said("Hernández", pressed("Hernandez Ajpop"))),
    ):
        decision = decide(query)
        assert decision.kind in (Kind.KEY_SURNAME, Kind.PERSON)
        assert decision.subject is None
        assert max(likely(decision).values()) <= 0.5


@pytest.mark.parametrize("birth", ["1975", "1993", "1993-05-06", "2005-01-01"])
def test_a_year_that_no_namesake_has_finds_none_of_them(birth: str) -> None:
    decision = decide(spelled("José", "Hernández Ajpop", "HN", birth))
    assert decision.kind is Kind.NONE
    assert not {22, 23, 24} & likely(decision).keys()


@given(st.sampled_from(PEOPLE), st.integers(2, 40), st.booleans(), st.booleans(), st.booleans())
@settings(max_examples=80, deadline=None)
def test_a_year_off_by_more_than_one_never_gives_the_person(
    person: Candidate, apart: int, later: bool, is_whole: bool, by_keys: bool
) -> None:
    assert person.birth is not None
    year = person.birth.year + (apart if later else -apart)
    year = year if year <= TODAY.year else person.birth.year - apart
    birth = str(BirthDate(year, 3, 5) if is_whole else BirthDate(year))
    decision = decide((keyed if by_keys else spelled)(person.given, person.surnames, person.country, birth))
    assert decision.subject != person.subject
    assert person.subject not in likely(decision)


def test_a_swapped_date_finds_its_person_where_no_namesake_has_it() -> None:
    decision = decide(spelled("José", "Hernández Ajpop", "HN", "1987-06-05"))
    assert (decision.kind, decision.subject) == (Kind.CONFIRM, 22)
    assert decision.ranked[0].agreed is Agreement.SWAPPED


def test_of_namesakes_whose_dates_are_each_others_the_one_said_is_the_likelier() -> None:
    swapped = recorded(25, "José", "Hernández Ajpop", "HN", "1987-06-05")
    decision = Records([*RECORDS.people, swapped]).decide(spelled("José", "Hernández Ajpop", "HN", "1987-05-06"))
    assert decision.subject in (22, None)
    assert [one.subject for one in decision.ranked[:2]] == [22, 25]


def test_the_first_of_january_stands_for_its_year() -> None:
    for recorded_birth, said in (("1990-01-01", "1990-05-17"), ("1990-05-17", "1990-01-01"), ("1990", "1990-05-17")):
        person = recorded(1, "Zoila", "Ajpop Xitumul", "HN", recorded_birth)
        decision = Records([person, *RECORDS.people]).decide(spelled("Zoila", "Ajpop Xitumul", "HN", said))
        assert decision.subject == 1
        assert decision.ranked[0].agreed is Agreement.YEAR


AGREEING = ["1985-03-05", "1985-05-03", "1985", "", "1985-07-09", "1986"]


def test_the_better_the_date_agrees_the_likelier_the_person() -> None:
    shares = [likely(decide(spelled("Juan", "Pérez", "GT", birth)))[1] for birth in AGREEING]
    assert shares[0] >= shares[1] >= shares[2] > shares[3]
    assert shares[2] > shares[4]
    assert shares[3] > shares[5]


def test_a_date_of_birth_to_come_counts_as_not_told() -> None:
    assert decide(spoken("Juan", "Pérez", "GT", "2085-03-05")) == decide(spoken("Juan", "Pérez", "GT"))


def test_a_person_without_a_recorded_date_may_be_found_by_the_whole_name() -> None:
    person = Candidate(1, "Zoila", "Ajpop Xitumul", (), "HN", None)
    decision = Records([person, *RECORDS.people]).decide(spelled("Zoila", "Ajpop Xitumul", "HN", "1985"))
    assert decision.subject == 1
    assert decision.ranked[0].agreed is Agreement.UNKNOWN


def test_without_a_date_a_person_is_named_only_where_the_name_makes_it_nearly_certain() -> None:
    assert SURE >= SURE_WITH_DATE
    for query, _ in KNOWN:
        decision = decide(query)
        if decision.kind is Kind.CONFIRM:
            assert decision.ranked[0].probability >= SURE
            assert sum(one.probability for one in decision.ranked[1:]) <= 1 - SURE


# ---- one name for a person


@pytest.mark.parametrize("name", ["Ahmadullah", "Fnu Ahmadullah"])
def test_a_name_of_one_word_is_found_whole_and_with_the_whole_date_alone(name: str) -> None:
    assert decide(whole(name, "AF", "1993-04-01")).subject == 21
    for birth in ("", "1993", "1993-05-17"):
        assert decide(whole(name, "AF", birth)).subject is None
    assert decide(whole(f"{name} Xol", "AF", "1993")).subject is None
    assert decide(whole("Ahmadul", "AF")).subject is None


# ---- probabilities


QUERIES = st.builds(
    lambda make, first, last, country, birth: make(first, last, country, birth),
    st.sampled_from([spelled, spoken, keyed]),
    st.sampled_from(["Juan", "María José", "Maria", "Mario", "José", "Jose Luis", "Juana", "Gurprit", "Bo"]),
    st.sampled_from(["Pérez", "Peres", "López", "De la Cruz", "Hernández", "Hernandez Ajpop", "Singh", "Li", "Xol"]),
    st.sampled_from(["GT", "SV", "HN", "IN", "CN"]),
    st.sampled_from(["", "1985", "1985-03-05", "1987-05-06", "1990-01-01", "1979"]),
)


@given(QUERIES)
@settings(max_examples=60, deadline=None)
def test_the_probabilities_of_all_are_no_more_than_one_and_the_best_comes_first(query: Query) -> None:
    decision = decide(query)
    assert sum(likely(decision).values()) <= 1 + 1e-9
    assert all(0 <= share <= 1 for share in likely(decision).values())
    assert len(decision.ranked) <= SHOWN
    bits = [one.bits for one in decision.ranked]
    assert bits == sorted(bits, reverse=True)
    assert (decision.subject is not None) == (decision.kind is Kind.CONFIRM)
    assert decision.subject in (None, decision.ranked[0].subject if decision.ranked else None)


@given(QUERIES, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_records_never_changes_the_decision(query: Query, chance: random.Random) -> None:
    before = decide(query)
    after = RECORDS.decide(query, chance.sample(list(RECORDS.people), len(RECORDS.people)))
    assert (after.kind, after.subject) == (before.kind, before.subject)
    assert likely(after) == pytest.approx(likely(before))


@given(QUERIES, st.randoms(use_true_random=False), st.integers(0, 200))
@settings(max_examples=40, deadline=None)
def test_more_candidates_never_make_one_of_them_likelier(query: Query, chance: random.Random, more: int) -> None:
    there = [person for person in RECORDS.people if person.country == query.country]
    chance.shuffle(there)
    few, many = (likely(RECORDS.decide(query, people)) for people in (there[:20], there[: 20 + more]))
    assert all(many[subject] <= few.get(subject, 1.0) + 1e-9 for subject in many if subject in few)


def test_nobody_among_the_candidates_is_nobody_found() -> None:
    assert RECORDS.decide(spelled("Juan", "Pérez", "GT"), []) == Decision(Kind.NONE)


@given(st.integers(1, 400), st.sampled_from(["", "1985"]), st.sampled_from([spelled, keyed]))
@settings(max_examples=20, deadline=None)
def test_the_more_people_bear_a_name_the_less_likely_one_of_them_is_meant(
    more: int, birth: str, ask: Callable[[str, str, str, str], Query]
) -> None:
    query = ask("Wilmer", "Xol", "GT", birth)
    person = recorded(1, "Wilmer", "Xol", "GT", "1985-03-05")
    crowded = [replace(person, subject=10_000 + n) for n in range(more)]
    few, many = (
        likely(Records([person, *RECORDS.people, *others]).decide(query, [person]))[1] for others in ([], crowded)
    )
    assert many <= few


def test_two_who_fit_alike_are_alike_likely_and_each_half_as_much_as_one() -> None:
    person = recorded(1, "Zoila Reina", "Ajpop Xitumul", "HN", "1985-03-05")
    twin = replace(person, subject=2)
    records = Records([person, twin, *RECORDS.people])
    query = spelled("Zoila Reina", "Ajpop Xitumul", "HN")
    both, one = likely(records.decide(query, [person, twin])), likely(records.decide(query, [person]))
    assert both[1] == pytest.approx(both[2])
    assert both[1] <= 0.5 <= one[1]
    assert records.decide(query).subject is None


def test_a_name_tells_less_where_more_people_are_held() -> None:
    query, people = spelled("Juan", "Pérez", "GT"), RECORDS.common("GT").people
    heard = RECORDS.hear(query)
    shares = [
        likely(matching.decide(query, heard, PEOPLE, count, TODAY))[1]
        for count in (people, 10 * people, 1_000 * people)
    ]
    assert shares[0] > shares[1] > shares[2]
    assert 0 < HELD < 1
    assert log2(people * (1 - HELD) / HELD) > 0


# ---- spelling, jumbles, endless answers

SPELLINGS: list[Callable[[str], str]] = [
    str.upper,
    str.lower,
    lambda text: text.translate(str.maketrans("áéíóúñ", "aeioun")),
    lambda text: text.replace(" ", "-"),
    lambda text: f" {text}. ",
]


@given(QUERIES, st.sampled_from(SPELLINGS), st.sampled_from(SPELLINGS))
@settings(max_examples=60, deadline=None)
def test_case_accents_and_hyphens_never_change_the_decision(
    query: Query, one_way: Callable[[str], str], other_way: Callable[[str], str]
) -> None:
    if query.given.text is None or query.surnames.text is None:
        return
    same = replace(
        query,
        given=replace(query.given, text=one_way(query.given.text)),
        surnames=replace(query.surnames, text=other_way(query.surnames.text)),
    )
    assert decide(same) == decide(query)


@given(st.text(max_size=20), st.text(max_size=20), st.text("0123456789*#", max_size=12))
@settings(max_examples=80, deadline=None)
def test_no_answer_breaks_the_search(first: str, last: str, keys: str) -> None:
    for query in (
        spoken(first, last, "GT"),
        whole(first, "GT"),
        Query(Said(first), Said(last, keys), "GT", None),
        Query(Said(keys=keys), Said(keys=keys), "GT", None),
    ):
        assert RECORDS.decide(query, PEOPLE).kind in Kind


ENDLESS: Sequence[Query] = (
    spoken("Juan " * 100, "Pérez " * 100, "GT"),
    keyed("58260" * 100, "737390" * 100, "GT"),
    whole("Juan Pérez " * 100, "GT"),
)


@pytest.mark.parametrize("query", ENDLESS, ids=["said", "keyed", "in one string"])
def test_a_name_of_a_hundred_words_finds_nobody(query: Query) -> None:
    assert decide(query) == Decision(Kind.NONE)


def test_one_word_over_and_over_is_one_name_said_as_often() -> None:
    person = recorded(1, "Zoila " * 4, "Zoila " * 4, "HN", "1985")
    records = Records([person, *RECORDS.people])
    said, less, more = (
        likely(records.decide(spoken("Zoila " * count, "Zoila " * count, "HN", "1985")))[1] for count in (4, 1, 5)
    )
    assert said >= less
    assert said >= more
    assert records.decide(spoken("Zoila " * 9, "Zoila " * 9, "HN", "1985")).kind is Kind.NONE


# ---- what staff read of it


def test_staff_read_which_word_stood_for_which_and_how_the_date_agrees() -> None:
    decision = decide(spoken("Juan", "Peres", "GT", "1985"))
    first = decision.evidence[0]
    assert first["birth_date"] == "year"
    assert [(token["said"], token["recorded"]) for token in first["tokens"]] == [("juan", "juan"), ("peres", "perez")]
    assert len(decision.evidence) == len(decision.ranked)


def test_a_record_of_very_many_names_is_compared_as_soon_as_any() -> None:
    given, last = (
        "Maria Mario Marta Marita Marina Marisa Marcia Mariana",
        "Mar Mara Maria Mario Marta Marco Marcos Marin",
    )
    person = recorded(1, given, last, "HN", "1985-03-05")
    assert Records([person, *RECORDS.people]).decide(spoken(given, last, "HN", "1985-03-05")).subject == 1


def test_the_first_of_january_on_both_sides_proves_the_year_alone() -> None:
    person = recorded(1, "Zoila", "Ajpop Xitumul", "HN", "1990-01-01")
    records = Records([person, *RECORDS.people])
    bits = [
        records.decide(spelled("Zoila", "Ajpop Xitumul", "HN", born)).ranked[0].bits for born in ("1990-01-01", "1990")
    ]
    assert bits[0] == pytest.approx(bits[1], abs=3)
