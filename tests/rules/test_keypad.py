"""Names keyed one key a letter."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import keypad

WORDS = st.text(alphabet=string.ascii_lowercase, min_size=1, max_size=9)


def test_every_letter_has_its_key_and_only_one() -> None:
    assert "".join(keypad.LETTERS.values()) == string.ascii_lowercase
    assert sorted(keypad.LETTERS) == list("23456789")
    for key, letters in keypad.LETTERS.items():
        assert all(keypad.digits_of(letter) == key for letter in letters)


@pytest.mark.parametrize(
    ("word", "digits"),
    [
        ("Perez", "73739"),
        ("Pérez", "73739"),
        ("PEÑA", "7362"),
        ("O’Connor", "6266667"),
        ("García-López", "42724256739"),
        ("De la Cruz", "33522789"),
        ("Nguyễn", "648936"),
        ("Đỗ", "36"),
        ("Łukasz", "585279"),
        ("Groß", "47677"),
        ("Иванов", "482668"),
        ("", ""),
        ("1-2", ""),
    ],
)
def test_a_name_is_spelled_by_its_plain_letters(word: str, digits: str) -> None:
    assert keypad.digits_of(word) == digits


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("73739", ("73739",)),
        ("52078467", ("52", "78467")),
        ("0520078467000", ("52", "78467")),
        ("61266667", ("6266667",)),
        ("1", ()),
        ("0", ()),
        ("", ()),
        ("7*3", ()),
        ("737x", ()),
        ("７３", ()),
    ],
)
def test_zero_parts_words_and_one_joins_them(keys: str, words: tuple[str, ...]) -> None:
    assert keypad.words_keyed(keys) == words


@pytest.mark.parametrize("keys", ["33522789", "330520" + "2789", "2789", "335202789", "3315212789", "522789"])
def test_a_compound_surname_is_met_with_or_without_its_spaces_and_particles(keys: str) -> None:
    assert keypad.fits(keys, ("De", "la", "Cruz"))


@pytest.mark.parametrize("keys", ["", "0", "27890", "27892", "3", "278", "33", "3552789"])
def test_keys_that_spell_something_else_do_not_fit(keys: str) -> None:
    assert keypad.fits(keys, ("Cruz",)) is (keys == "27890")


@given(st.lists(WORDS, min_size=1, max_size=4), st.sampled_from(["", "0", "1", "00"]))
@settings(max_examples=150, deadline=None)
def test_whoever_keys_the_recorded_name_always_fits(words: list[str], between: str) -> None:
    keys = between.join(keypad.digits_of(word) for word in words)
    assert keypad.fits(keys, words)
