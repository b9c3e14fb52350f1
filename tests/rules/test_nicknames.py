"""Pet names: callers say Chuy, records say Jesús."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import nicknames, tables
from hotline.rules.names import fold


@pytest.mark.parametrize(
    ("said", "recorded"),
    [
        ("pepe", "jose"), ("chuy", "jesus"), ("beto", "roberto"), ("beto", "humberto"), ("paco", "francisco"),
        ("pancho", "francisco"), ("memo", "guillermo"), ("lupe", "guadalupe"), ("lupita", "guadalupe"),
        ("concha", "concepcion"), ("conchita", "concepcion"), ("chelo", "consuelo"), ("nacho", "ignacio"),
        ("quique", "enrique"), ("kike", "enrique"), ("tono", "antonio"), ("lalo", "eduardo"),
        ("chema", "jose maria"), ("chayo", "rosario"), ("goyo", "gregorio"), ("neto", "ernesto"),
        ("tavo", "gustavo"), ("rafa", "rafael"), ("santi", "santiago"), ("mundo", "raymundo"),
        ("licha", "alicia"), ("chabela", "isabel"), ("mike", "miguel"), ("mike", "michael"), ("bill", "william"),
        ("bob", "robert"), ("liz", "elizabeth"), ("peggy", "margaret"), ("joe", "jose"), ("charlie", "carlos"),
        ("johnny", "juan"), ("ze", "jose"), ("chico", "francisco"), ("dudu", "eduardo"), ("nando", "fernando"),
        ("sasha", "aleksandr"), ("sasha", "oleksandr"), ("vanya", "ivan"), ("misha", "mikhail"),
        ("kolya", "nikolai"), ("kolya", "mykola"), ("tanya", "tatiana"), ("hamoudi", "mohammed"),
        ("mo", "mohammed"), ("segun", "oluwasegun"), ("tunde", "babatunde"), ("emeka", "chukwuemeka"),
        ("manno", "emmanuel"), ("vicky", "vikram"), ("gpe", "guadalupe"), ("fco", "francisco"),
    ],
)  # fmt: skip
def test_a_caller_who_says_the_pet_name_means_the_full_one(said: str, recorded: str) -> None:
    assert recorded in nicknames.full_names(said)
    assert said in nicknames.short_names(recorded)


@pytest.mark.parametrize(
    ("said", "recorded"),
    [
        ("juanito", "juan"), ("carlitos", "carlos"), ("anita", "ana"), ("miguelito", "miguel"),
        ("paquito", "francisco"), ("dieguito", "diego"), ("lucita", "luz"), ("carmencita", "carmen"),
        ("marquitos", "marcos"), ("pepito", "jose"), ("lolita", "dolores"), ("paulinho", "paulo"),
        ("carlinhos", "carlos"), ("joaozinho", "joao"), ("ritinha", "rita"),
    ],
)  # fmt: skip
def test_a_diminutive_is_understood_without_a_row_of_its_own(said: str, recorded: str) -> None:
    assert recorded in nicknames.full_names(said)
    assert said in nicknames.short_names(recorded)


@pytest.mark.parametrize(
    ("said", "other"), [("juanito", "juana"), ("paulinho", "paula"), ("anita", "anito"), ("carlitos", "carla")]
)
def test_a_diminutive_keeps_its_sex(said: str, other: str) -> None:
    assert other not in nicknames.full_names(said)


@pytest.mark.parametrize("word", ["brito", "quispe", "zhang", "farinha", "hito", "ita", "inho", "x", ""])
def test_a_word_that_is_short_for_nothing_means_only_itself(word: str) -> None:
    assert nicknames.full_names(word) == frozenset()


def test_every_row_of_the_table_holds_both_ways() -> None:
    rows = tables.read("nicknames")
    assert len({(tradition, short) for tradition, short, _ in rows}) == len(rows)
    for _, short, meant in rows:
        full = meant.split()
        assert len(set(full)) == len(full) > 0
        assert short not in full
        assert fold(short) == short
        assert len(short) > 1
        assert " " not in short
        for name in (one.replace("+", " ") for one in full):
            assert fold(name) == name
            assert name in nicknames.full_names(short)
            assert short in nicknames.short_names(name)


def test_no_two_names_of_one_tradition_are_short_for_each_other() -> None:
    pairs = {(of, short, name) for of, short, meant in tables.read("nicknames") for name in meant.split()}
    assert not {(of, short, name) for of, short, name in pairs if (of, name, short) in pairs}


def test_every_tradition_is_there_in_breadth() -> None:
    count = Counter(tradition for tradition, _, _ in tables.read("nicknames"))
    assert count["spanish"] >= 350
    assert count["english"] >= 400
    assert min(count[of] for of in ("portuguese", "french", "slavic", "arabic", "south asian", "african")) >= 100


def test_whatever_a_recorded_name_may_be_called_leads_back_to_it() -> None:
    names = {name.replace("+", " ") for _, _, meant in tables.read("nicknames") for name in meant.split()}
    for name in names:
        assert all(name in nicknames.full_names(short) for short in nicknames.short_names(name))


@given(st.text(max_size=20))
@settings(max_examples=200, deadline=None)
def test_no_word_breaks_the_look_up_or_is_short_for_itself(text: str) -> None:
    assert text not in nicknames.full_names(text)
    assert text not in nicknames.short_names(text)
