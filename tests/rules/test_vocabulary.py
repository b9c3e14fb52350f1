"""Which recorded words a said or keyed word may stand for, and which words were run together."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from hotline.rules.keypad import digits_of
from hotline.rules.likeness import HEARD, SPELLED, Surprises
from hotline.rules.vocabulary import MOST_NEAR, Vocabulary, apart
from tests.rules.records import vocabulary

CHANNELS = [pytest.param(HEARD, id="heard"), pytest.param(SPELLED, id="spelled")]
_NAMES = (
    "maria mario marta juan juana jose carlos carla luis luisa ana guadalupe francisco jesus daniel daniela mohammed "
    "perez lopez morales gonzalez hernandez cruz delacruz xol xitumul vazquez jimenez castillo castellanos"
)
NAMES = _NAMES.split()


@pytest.mark.parametrize("bits", CHANNELS)
@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("gomsalez", "gonzalez"),
        ("hernadez", "hernandez"),
        ("ernandes", "hernandez"),
        ("basques", "vazquez"),
        ("himenes", "jimenez"),
        ("muhammad", "mohammed"),
        ("pancho", "francisco"),
        ("chuy", "jesus"),
        ("lupita", "guadalupe"),
        ("gua", "guadalupe"),
        ("cas", "castellanos"),
        ("sol", "xol"),
        ("mario", "maria"),
    ],
)
def test_a_name_misheard_misspelled_or_short_finds_the_recorded_word(said: str, word: str, bits: Surprises) -> None:
    assert word in vocabulary(NAMES).near(said, bits)


@pytest.mark.parametrize("bits", CHANNELS)
@pytest.mark.parametrize("word", NAMES)
def test_a_recorded_word_stands_for_itself_first(word: str, bits: Surprises) -> None:
    near = vocabulary(NAMES).near(word, bits)
    assert next(iter(near)) == word
    assert near[word] == bits.same


def test_the_other_sexs_form_stands_last_of_all_that_is_near() -> None:
    near = vocabulary(["mario", "maria", "mariam", "marin", "marie"]).near("maria", SPELLED)
    assert list(near)[-1] == "mario"
    assert near["mario"] > near["mariam"]


def test_a_name_that_many_are_near_stands_for_the_least_surprising_ones() -> None:
    many = [f"{start}{middle}{end}a" for start in "bcdflmprst" for middle in "aeiou" for end in "lmnrst"]
    for bits in (HEARD, SPELLED):
        near = vocabulary(many).near("lana", bits)
        assert len(near) == MOST_NEAR
        assert list(near.values()) == sorted(near.values())
        assert next(iter(near)) == "lana"
        assert {word for word in many if OSA.distance(word, "lana") == 1 and word[0] == "l"} <= near.keys()


def test_three_keys_stand_for_more_names_than_a_whole_word_does() -> None:
    many = [f"mar{one}{two}" for one in "abcdefghij" for two in "aeioubcdfg"]
    near = vocabulary(many).near_keys(digits_of("mar"))
    assert MOST_NEAR < len(near) <= 4 * MOST_NEAR


WORDS = st.text("abcen", min_size=1, max_size=6)
VOCABULARIES = st.sets(WORDS, max_size=MOST_NEAR - 1)


@given(VOCABULARIES, WORDS, st.sampled_from([HEARD, SPELLED]))
@settings(max_examples=200, deadline=None)
def test_every_word_within_one_letter_of_what_was_said_is_near(words: set[str], said: str, bits: Surprises) -> None:
    near = vocabulary(words).near(said, bits)
    assert {word for word in words if OSA.distance(word, said) <= 1} <= near.keys() <= words
    assert list(near.values()) == sorted(near.values())


@given(VOCABULARIES, WORDS)
@settings(max_examples=200, deadline=None)
def test_the_words_with_just_these_keys_are_the_nearest_to_them(words: set[str], said: str) -> None:
    known, keys = vocabulary(words), digits_of(said)
    near = known.near_keys(keys)
    spelled = {word for word in words if digits_of(word) == keys}
    assert spelled == set(list(near)[: len(spelled)])
    assert all(near[word] == min(near.values()) for word in spelled)
    assert near.keys() >= {word for word in words if len(keys) >= 3 and digits_of(word).startswith(keys)}
    assert known.has(keys, True) == bool(spelled)
    assert known.has(said, False) == (said in words)


# ---- a vocabulary grows as its table does


@given(st.lists(st.tuples(st.integers(1, 9), WORDS), unique_by=lambda row: row[1], max_size=12), st.integers(0, 12))
@settings(max_examples=100, deadline=None)
def test_words_that_come_later_are_found_as_those_that_came_first(rows: list[tuple[int, str]], cut: int) -> None:
    numbered = [(sum(step for step, _ in rows[: at + 1]), word) for at, (_, word) in enumerate(rows)]
    grown = Vocabulary()
    assert grown.last == 0
    for part in (numbered[:cut], numbered[cut:]):
        grown.add(part)
        assert grown.last == max((ref for ref, _ in numbered[: len(grown)]), default=0)
    assert len(grown) == len(rows)
    assert grown.ids == {word: ref for ref, word in numbered}
    at_once = vocabulary(word for _, word in rows)
    for said in ("ab", "cena", *(word for _, word in rows)):
        assert grown.near(said, HEARD) == at_once.near(said, HEARD)
        assert grown.near_keys(digits_of(said)) == at_once.near_keys(digits_of(said))


# ---- words run together


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ("juancarlos", ("juan", "carlos")),
        ("mariajose", ("maria", "jose")),
        ("luisjosecarlos", ("luis", "jose", "carlos")),
        ("delacruzperez", ("delacruz", "perez")),
        ("xolxol", ("xol", "xol")),
        ("juan", ("juan",)),
        ("qqqqqqqq", ("qqqqqqqq",)),
        ("delacruz", ("delacruz",)),
        ("", ("",)),
    ],
)
def test_names_run_together_come_apart_where_all_of_it_is_names(run: str, words: tuple[str, ...]) -> None:
    known = vocabulary(NAMES)
    assert apart(run, [known], False) == words
    assert apart(digits_of(run), [known], True) == tuple(digits_of(word) for word in words)


def test_names_run_together_and_misheard_come_apart_where_both_sound_like_recorded_ones() -> None:
    assert apart("mariagomsales", [vocabulary(["maria", "gonzalez"])], False) == ("maria", "gomsales")


def test_the_words_run_together_may_be_of_two_countries() -> None:
    assert apart("ivanperez", [vocabulary(["ivan"]), vocabulary(["perez"])], False) == ("ivan", "perez")


PIECES = st.text("ad", min_size=1, max_size=5)


@given(st.sets(PIECES, max_size=8), st.lists(PIECES, min_size=1, max_size=3))
@settings(max_examples=200, deadline=None)
def test_a_run_comes_apart_into_recorded_words_where_it_is_made_of_them(words: set[str], pieces: list[str]) -> None:
    run = "".join(pieces)
    known = {digits_of(word) for word in words}
    found = apart(digits_of(run), [vocabulary(words)], True)
    assert "".join(found) == digits_of(run)
    if _is_made_of(run, words):
        assert set(found) <= known
    assert len(found) == 1 or 2 * sum(len(part) for part in found if part in known) >= len(run)


def _is_made_of(run: str, words: set[str]) -> bool:
    """By trying every way to cut it."""
    return run in words or any(run[:at] in words and _is_made_of(run[at:], words) for at in range(3, len(run) - 2))


def test_a_slip_in_one_of_the_words_run_together_leaves_the_others_whole() -> None:
    known = [vocabulary([*NAMES, "alfredo", "rodriguez", "garcia"])]
    assert apart("alfredorodrigqezgarcia", known, False) == ("alfredo", "rodrigqez", "garcia")
    assert apart(digits_of("juancarlosgarcia") + "2", known, True)[:2] == (digits_of("juan"), digits_of("carlos"))
