"""What a caller said, word by word: particles, words run together or cut apart, keys, and how common it all is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules.keypad import digits_of
from hotline.rules.likeness import HEARD, KEYED, SPELLED
from hotline.rules.names import particles
from hotline.rules.readings import (
    LETTER,
    MOST_WORDS,
    Frequencies,
    Reading,
    Role,
    Said,
    keyed_words,
    readings,
    said_as,
    spoken_words,
    thought_of,
    weigh,
)
from tests.rules.records import pressed, vocabulary

GIVEN = {"juan": 40, "maria": 50, "jose": 30, "carlos": 20, "wilmer": 2, "juana": 1}
SURNAMES = {"lopez": 50, "perez": 40, "garcia": 30, "cruz": 10, "delacruz": 10, "xol": 1, "carlos": 1}
COMMON = Frequencies(GIVEN, SURNAMES, sum(GIVEN.values()), sum(SURNAMES.values()), 120, {"maria": 0.03, "anh": 0.002})
KNOWN = [vocabulary(GIVEN.keys() | SURNAMES.keys())]


def read(said: Said, role: Role = Role.GIVEN, common: Frequencies = COMMON) -> Reading:
    """The last reading of what was said: the keys, where there are any."""
    *_, reading = readings(said, role, "GT", KNOWN)
    weigh(reading, common)
    return reading


def anybody(text: str, role: Role = Role.GIVEN, common: Frequencies = COMMON) -> float:
    return read(Said(text), role, common).anybody


def near(reading: Reading, start: int, end: int) -> Mapping[str, float]:
    (segment,) = (one for one in reading.segments if (one.start, one.end) == (start, end))
    return segment.near


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Juan Carlos", ("juan", "carlos")),
        ("JOSÉ-MARÍA", ("jose", "maria")),
        ("O'Connor", ("oconnor",)),
        ("Иван Петров", ("ivan", "petrov")),
        ("王小明", ("wang", "xiaoming")),
        ("J***", ()),
        ("***", ()),
        ("", ()),
        (None, ()),
        ("Ana " * MOST_WORDS, ("ana",) * MOST_WORDS),
        ("Ana " * (MOST_WORDS + 1), ()),
    ],
)
def test_a_name_said_is_its_plain_words_and_one_masked_or_endless_is_none(text: str | None, words: tuple[str]) -> None:
    assert spoken_words(Said(text)) == words


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("58260227567", ("5826", "227567")),
        ("61266667", ("6266667",)),
        ("5*26", ()),
        ("0000", ()),
        ("", ()),
        (None, ()),
        ("5826" + "0227567" * MOST_WORDS, ()),
    ],
)
def test_a_name_keyed_is_its_words_in_digits(keys: str | None, words: tuple[str, ...]) -> None:
    assert keyed_words(Said(keys=keys)) == words


def test_a_name_said_and_then_keyed_is_read_twice_and_the_keys_come_last() -> None:
    spoken, keyed = readings(Said("Peres", pressed("Perez"), 0.6), Role.SURNAMES, "GT", KNOWN)
    assert (spoken.words, spoken.is_keyed, spoken.bits) == (("peres",), False, HEARD)
    assert (keyed.words, keyed.is_keyed, keyed.bits) == ((digits_of("perez"),), True, KEYED)
    assert list(readings(Said(), Role.GIVEN, "GT", KNOWN)) == []


@pytest.mark.parametrize(("confidence", "bits"), [(None, SPELLED), (0.95, SPELLED), (0.4, HEARD), (0.0, HEARD)])
def test_a_recogniser_that_is_sure_is_taken_at_its_word(confidence: float | None, bits: object) -> None:
    assert read(Said("Juan", None, confidence)).bits == bits


# ---- which recorded words are thought of


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Said("Juan Carlos"), {"juan", "carlos"}),
        (Said("juancarlos"), {"juan", "carlos"}),
        (Said("Wil mer"), {"wilmer"}),
        (Said("de la Cruz"), {"cruz", "delacruz"}),
        (Said("Delacruz"), {"delacruz"}),
        (Said("Lopes"), {"lopez"}),
        (Said(keys=pressed("Juan Carlos")), {"juan", "carlos"}),
        (Said(keys=pressed("JuanCarlos")), {"juan", "carlos"}),
        (Said(keys=pressed("gar")), {"garcia"}),
        (Said("Peres", pressed("Xol")), {"perez", "xol"}),
    ],
)
def test_words_whole_joined_cut_and_keyed_bring_the_recorded_ones_to_mind(said: Said, words: set[str]) -> None:
    assert words <= thought_of(readings(said, Role.SURNAMES, "GT", KNOWN))


def test_a_word_cut_in_two_is_read_as_one_and_two_names_are_not() -> None:
    assert near(read(Said("Gar cia")), 0, 2)["garcia"] == SPELLED.same
    assert [(one.start, one.end) for one in read(Said("Juan Perez")).segments] == [(0, 1), (1, 2)]


def test_every_word_as_it_was_said_is_asked_for_and_no_key() -> None:
    assert said_as(readings(Said("Gar cia", pressed("garcia")), Role.SURNAMES, "GT", KNOWN)) == {"gar", "cia", "garcia"}


# ---- how surprising it is that anybody would be named so


@pytest.mark.parametrize("role", Role)
def test_a_common_name_is_no_surprise_a_rare_one_is_and_an_unknown_one_more(role: Role) -> None:
    for common, rare in (("maria", "wilmer"), ("lopez", "xol")):
        assert anybody(common, role) < anybody(rare, role)
    assert anybody("xol", role) < anybody("ngoc", role)
    assert anybody("ngoc", role) < anybody("nguyenthi", role)


def test_a_given_name_given_as_surname_surprises_more() -> None:
    assert anybody("maria", Role.GIVEN) < anybody("maria", Role.WHOLE) < anybody("maria", Role.SURNAMES)


def test_a_name_that_is_common_elsewhere_surprises_less_than_a_jumble_of_letters() -> None:
    assert anybody("anh") < anybody("bdx")


def test_everybody_has_a_name_that_is_new_in_empty_records() -> None:
    empty = Frequencies({}, {}, 0, 0, 0, {})
    (reading,) = readings(Said("Juan"), Role.GIVEN, "GT", [])
    weigh(reading, empty)
    assert 0 < reading.anybody <= 1 + 4 * LETTER
    assert empty.share("juan", Role.GIVEN) == 0


@pytest.mark.parametrize("people", [0, 10, 1_000, 100_000, 10_000_000])
def test_the_more_people_the_fewer_of_the_words_are_new(people: int) -> None:
    shares = [replace(COMMON, people=count).new for count in (people, people * 2 + 1)]
    assert 0 < shares[1] <= shares[0] <= 0.5


SMALL = sorted(particles() & {"de", "la", "del", "los", "van", "von", "al", "bin", "dos"})


@given(st.sampled_from(["cruz", "lopez", "xol", "ngoc"]), st.lists(st.sampled_from(SMALL), max_size=3))
@settings(max_examples=100, deadline=None)
def test_particles_before_a_name_are_no_surprise_of_their_own(name: str, small: list[str]) -> None:
    assert anybody(" ".join([*small, name]), Role.SURNAMES) <= anybody(name, Role.SURNAMES)


def test_a_name_of_particles_alone_is_a_name() -> None:
    assert anybody("de la", Role.SURNAMES) > 0
    assert not any(read(Said("de la")).is_small(at) for at in (0, 1))


WORDS = st.lists(
    st.sampled_from(["juan", "maria", "carlos", "lopez", "peres", "de", "la", "cruz", "gar", "cia", "ngoc", "xo", "l"]),
    min_size=1,
    max_size=5,
)


@given(WORDS, st.sampled_from(Role), st.booleans())
@settings(max_examples=150, deadline=None)
def test_a_whole_name_surprises_no_more_than_its_words_one_by_one(words: list[str], role: Role, by_keys: bool) -> None:
    said = Said(keys=pressed(" ".join(words))) if by_keys else Said(" ".join(words))
    reading = read(said, role)
    single = {one.start: one.anybody for one in reading.segments if one.end - one.start == 1}
    assert single.keys() == set(range(len(reading.words)))
    assert 0 <= reading.anybody <= sum(single.values()) + 1e-9
    assert all(one.anybody >= 0 for one in reading.segments)


@given(st.sampled_from(sorted(GIVEN | SURNAMES)), st.sampled_from(Role), st.integers(0, 50), st.integers(0, 50))
@settings(max_examples=100, deadline=None)
def test_shares_of_a_words_carriers_are_shares(word: str, role: Role, as_given: int, as_surname: int) -> None:
    given_words, surname_words = {**GIVEN, word: as_given}, {**SURNAMES, word: as_surname}
    common = replace(
        COMMON,
        given=given_words,
        surnames=surname_words,
        given_words=sum(given_words.values()),
        surname_words=sum(surname_words.values()),
    )
    assert 0 <= common.share(word, role) <= 1
    assert sum(common.share(one, role) for one in GIVEN | SURNAMES) == pytest.approx(1)


@given(st.text(max_size=30), st.text("0123456789*# ", max_size=20))
@settings(max_examples=150, deadline=None)
def test_no_answer_breaks_the_reading(text: str, keys: str) -> None:
    for reading in readings(Said(text, keys, 0.5), Role.WHOLE, "GT", KNOWN):
        weigh(reading, COMMON)
        assert reading.anybody >= 0
