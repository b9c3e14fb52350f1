"""How far what was said, spelled or keyed may be from the recorded word, and what is nearer than what."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import nicknames, tables
from hotline.rules.keypad import digits_of
from hotline.rules.likeness import (
    HEARD,
    KEYED,
    SPELLED,
    Surprises,
    is_other_form,
    keyed,
    keys_of_other_form,
    known,
    most_edits,
    of_edits,
    spoken,
)
from hotline.rules.names import fold

CHANNELS = [pytest.param(HEARD, id="heard"), pytest.param(SPELLED, id="spelled")]

MAYBE = [
    ("gonzalez", "gonzales", "another spelling"),
    ("gonzalez", "gonzaelz", "two letters changed places"),
    ("gonzalez", "gonzlez", "a letter left out"),
    ("gonzalez", "gomsalez", "two wrong letters"),
    ("xitumul", "situmull", "two wrong letters"),
    ("dhaliwal", "daliwaal", "one left out, one doubled"),
    ("cruz", "cuz", "a letter left out"),
    ("xol", "sol", "one wrong letter of three"),
    ("mohammed", "maxamed", "a listed spelling"),
    ("yesenia", "llesenia", "a listed spelling"),
    ("francisco", "pancho", "a short form"),
    ("jesus", "chuy", "a short form"),
    ("pancho", "francisco", "the name in full where its short form is recorded"),
    ("guadalupe", "gua", "three letters of it"),
    ("guadalupe", "guadalu", "begun and not ended"),
    ("jimenez", "himenes", "as it sounds"),
    ("vazquez", "basques", "as it sounds"),
    ("quintero", "kintero", "as it sounds"),
]


@pytest.mark.parametrize("bits", CHANNELS)
@pytest.mark.parametrize(("word", "said"), [pytest.param(*case[:2], id=f"{case[1]}: {case[2]}") for case in MAYBE])
def test_a_recorded_word_may_be_meant_by_what_is_near_it(word: str, said: str, bits: Surprises) -> None:
    assert bits.same < spoken(said, word, bits) < inf


NEVER = [
    ("guadalupe", "gu"),  # two letters begin half of the names
    ("tzi", "omi"),  # two wrong of three
    ("perez", "xitumul"),
    ("juan", "ramiro"),
    ("lopez", "zapata"),
    ("hernandez", "dhaliwal"),
]


@pytest.mark.parametrize("bits", CHANNELS)
@pytest.mark.parametrize(("word", "said"), NEVER)
def test_a_word_far_from_the_recorded_one_never_stands_for_it(word: str, said: str, bits: Surprises) -> None:
    assert spoken(said, word, bits) == inf


# Each is nearer to the recorded word than the one after it.
ORDERED = [
    ("gonzalez", ["gonzalez", "gonzalaz", "gomzalaz"]),
    ("mohammed", ["mohammed", "muhammad", "mohammeda"]),
    ("francisco", ["francisco", "paco", "francisca"]),
    ("alexander", ["alexander", "alexandre", "alexandra"]),
]


@pytest.mark.parametrize("bits", CHANNELS)
@pytest.mark.parametrize(("word", "said"), ORDERED)
def test_the_nearer_word_surprises_less(word: str, said: list[str], bits: Surprises) -> None:
    surprises = [spoken(one, word, bits) for one in said]
    assert surprises == sorted(surprises)
    assert len(set(surprises)) >= 2


SEXES = ["mario maria", "daniel daniela", "juan juana", "julio julia", "roberto roberta", "miguel miguela"]


@pytest.mark.parametrize("bits", CHANNELS)
@pytest.mark.parametrize("names", SEXES)
def test_the_other_sexs_form_is_worse_than_a_misheard_vowel_a_spelling_or_a_short_form(
    names: str, bits: Surprises
) -> None:
    one, other = names.split()
    for said, word in ((one, other), (other, one)):
        assert max(bits.variant, bits.nickname, bits.prefix, bits.sound + bits.vowel) < spoken(said, word, bits) < inf
        assert of_edits(1, len(one), SPELLED) < spoken(said, word, SPELLED)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ibrahim", "ibrahima"),
        ("carlos", "carmen"),
        ("ana", "ano2"),
        ("an", "ana"),
        ("mario", "marto"),
        ("maria", "mar"),
    ],
)
def test_spellings_and_other_names_are_no_other_form(one: str, other: str) -> None:
    assert not is_other_form(one, other)


WORDS = st.text("aeioumnrstbdlz", min_size=1, max_size=10)


@given(WORDS, st.sampled_from(["", "a", "o"]), st.sampled_from(["", "a", "o"]))
@settings(max_examples=200, deadline=None)
def test_forms_for_the_two_sexes_are_each_others(stem: str, one: str, other: str) -> None:
    assert is_other_form(stem + one, stem + other) == is_other_form(stem + other, stem + one)


@given(WORDS, WORDS, st.sampled_from([HEARD, SPELLED]))
@settings(max_examples=300, deadline=None)
def test_nothing_is_nearer_than_the_word_itself(said: str, word: str, bits: Surprises) -> None:
    assert spoken(word, word, bits) == bits.same
    assert said == word or spoken(said, word, bits) > bits.same
    assert said == word or keyed(digits_of(said), digits_of(word)) >= KEYED.same


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        (digits_of("perez"), "perez"),
        (digits_of("perez")[:-1] + "2", "perez"),
        (digits_of("peez"), "perez"),
        (digits_of("perrez"), "perez"),
        (digits_of("per"), "perez"),
        (digits_of("hernxndxz"), "hernandez"),
        (digits_of("lu"), "li"),
    ],
)
def test_keys_with_a_wrong_key_or_the_first_three_may_mean_the_word(keys: str, word: str) -> None:
    assert KEYED.same <= keyed(keys, digits_of(word)) < inf


@pytest.mark.parametrize(
    ("keys", "word"), [(digits_of("pe"), "perez"), (digits_of("ramos"), "perez"), ("22222", "xitumul")]
)
def test_keys_of_another_word_or_the_first_two_never_mean_it(keys: str, word: str) -> None:
    assert keyed(keys, digits_of(word)) == inf


def test_all_the_keys_are_likelier_than_the_first_of_them_and_those_than_wrong_ones() -> None:
    right, begun, wrong, twice = (keyed(digits_of(keys), digits_of("morales")) for keys in MORALES)
    assert right < begun < wrong < twice


MORALES = ("morales", "mora", "moraleg", "moraxeg")


@pytest.mark.parametrize("length", range(1, 20))
def test_longer_words_may_have_more_wrong_letters_and_never_as_many_as_they_have(length: int) -> None:
    assert most_edits(length) <= most_edits(length + 1)
    assert most_edits(length) <= max(1, length // 2)
    for bits in (HEARD, SPELLED, KEYED):
        surprises = [of_edits(edits, length, bits) for edits in range(most_edits(length) + 1)]
        assert surprises == sorted(set(surprises))
        assert of_edits(most_edits(length) + 1, length, bits) == inf


def test_every_listed_spelling_of_a_name_may_be_meant_by_every_other() -> None:
    for _, latin, _ in tables.read("variants"):
        words = latin.split()
        for said in words:
            assert spoken(said, words[0], HEARD) <= max(HEARD.variant, HEARD.same), (said, words[0])


def test_every_short_form_may_mean_its_name() -> None:
    for _, short, _ in tables.read("nicknames"):
        for name in nicknames.full_names(short):
            assert spoken(short, name.replace(" ", ""), HEARD) <= max(HEARD.nickname, HEARD.other_form), (short, name)


def test_every_pair_of_sex_forms_is_one_or_better_known_as_a_short_form_and_its_keys_are_told_apart() -> None:
    for male, female in tables.read("sex_forms"):
        for one, other in ((male, female), (female, male)):
            assert fold(one) == one
            assert is_other_form(one, other) or one in frozenset.union(*known(other)), (one, other)
            assert not is_other_form(one, other) or spoken(one, other, SPELLED) == SPELLED.other_form, (one, other)
            assert digits_of(one) == digits_of(other) or keys_of_other_form(digits_of(one), other), (one, other)
            assert not keys_of_other_form(digits_of(one), one), one


@pytest.mark.parametrize("names", ["mari maria", "sofi sofia", "luci lucia", "juli julia"])
def test_a_pet_name_that_leaves_out_the_last_letter_is_not_the_other_sexs_form(names: str) -> None:
    short, name = names.split()
    assert spoken(short, name, SPELLED) <= SPELLED.nickname
