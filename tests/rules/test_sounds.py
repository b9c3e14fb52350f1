"""What a telephone line keeps of a name: spellings that sound alike, nearly alike, and apart."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from hotline.rules.names import fold
from hotline.rules.sounds import rough_sound, sound

SOUNDS = set("aeiouptkbdgfsShmnlryw")
KINDS = set("BDGSNLH")

ALIKE = [
    # Spanish ears: s z c, b v, silent h, j and soft g, ll and y, qu and k
    "perez peres", "gonzalez gonsales", "vazquez basques", "jimenez gimenes", "llanos yanos", "quintero kintero",
    "cruz crus kruz", "cesar sesar", "zuniga suniga", "joaquin hoakin", "chavez shaves shavez", "lopez lopes",
    "munoz munos", "yesenia llesenia", "guadalupe wadalupe", "huan wan", "vieira bieira",
    # English and French ears
    "philip filip", "thomas tomas", "smith smit", "right rait", "hugh hu", "nguyen nguyenn", "rocco roko",
    "thanh tan", "phan fan", "lee li",
    # Arabic and Asian names in Latin letters
    "mohammed mohamed", "quang kuang", "khan han", "dhaliwal daliwal",
]  # fmt: skip


@pytest.mark.parametrize("words", ALIKE)
def test_spellings_that_sound_alike_are_one_sound(words: str) -> None:
    assert len({sound(word) for word in words.split()} - {""}) == 1


NEAR = [
    "jorge horhey", "perez peris", "helena elena", "jorge george", "joao joan", "stephen steven", "wilmer vilmer",
    "xiaoming shaoming", "magallanes magayanes", "hernandez ernandes", "mohammed muhamed", "juan huan", "knight nait",
    "lesly leslie", "gurpreet gurprit", "guerrero gerrero", "schmidt shmit", "dieudonne diedone",
    "washington guasington", "chen shin", "wojcik woycik", "ivan iban", "mamadou mamadu",
]  # fmt: skip


@pytest.mark.parametrize("words", NEAR)
def test_a_name_written_down_as_it_was_heard_is_two_sounds_away_at_most(words: str) -> None:
    one, other = words.split()
    assert Levenshtein.distance(sound(one), sound(other)) <= 2


APART = [
    "perez lopez", "juan ruan", "mohammed ahmed", "diaz ruiz", "mario carlos", "wang zhou", "petrov ivanov",
    "maria marta", "singh khan", "santos silva",
]  # fmt: skip


@pytest.mark.parametrize("words", APART)
def test_names_that_sound_different_are_different_sounds_of_different_kinds(words: str) -> None:
    one, other = words.split()
    assert sound(one) != sound(other)
    assert rough_sound(one) != rough_sound(other)


@pytest.mark.parametrize("words", ["perez peris porus", "lupe lope", "bad pat", "sal sar", "tomas domus"])
def test_a_bad_line_keeps_the_kinds_of_consonants_alone(words: str) -> None:
    assert len({rough_sound(word) for word in words.split()} - {""}) == 1


WORDS = st.one_of(
    st.text(max_size=25).map(lambda text: fold(text).replace(" ", "")),
    st.text("abcdefghijklmnopqrstuvwxyz", max_size=25),
    st.lists(
        st.sampled_from(["tsch", "ch", "tx", "sc", "ph", "gh", "gui", "hu", "qu", "ll", "ni", "igh", "ey", "x"])
    ).map("".join),
)


@given(WORDS)
@settings(max_examples=400, deadline=None)
def test_every_folded_word_has_both_codes_in_their_own_letters(word: str) -> None:
    assert set(sound(word)) <= SOUNDS
    assert set(rough_sound(word)) <= KINDS
    assert all(one != other for code in (sound(word), rough_sound(word)) for one, other in pairwise(code))
    assert (sound(word), rough_sound(word)) == (sound(word), rough_sound(word))


@given(WORDS, WORDS)
@settings(max_examples=100, deadline=None)
def test_words_of_one_fine_sound_are_of_one_coarse_sound(one: str, other: str) -> None:
    same = sound(one) == sound(other)
    assert not same or rough_sound(one) == rough_sound(other)


def test_figures_are_silent() -> None:
    assert sound("ana2") == sound("ana")
