"""What the bench's callers say, and that each kind holds its promise."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.bench import slips, sounds
from hotline.bench.callers import CALLERS, FAR, FOUND, NEAR, Asked, Kind, calls, hidden, queries
from hotline.bench.held import FeedPerson, Held, bare_words, feed_people, keys, plain, spoken_words, table
from hotline.bench.sampled import UNTIL, rows
from hotline.bench.spelling import spelled
from hotline.rules import countries
from hotline.services.match_names import query_of, read_record

pytestmark = pytest.mark.server  # many rows, calls or processes


@pytest.fixture(scope="module")
def asked(people: Sequence[FeedPerson]) -> list[Asked]:
    return list(queries(people, 25, 1))


@pytest.fixture(scope="module")
def many(many_people: Sequence[FeedPerson], strangers: Sequence[FeedPerson]) -> list[Asked]:
    return list(queries(many_people, 120, 2, strangers))


def test_the_same_people_and_seed_give_the_same_callers_and_another_seed_others(people: Sequence[FeedPerson]) -> None:
    first = list(queries(people, 5, 3))
    assert first == list(queries(people, 5, 3))
    assert first != list(queries(people, 5, 4))


def test_more_callers_of_a_kind_begin_with_the_same_ones(people: Sequence[FeedPerson]) -> None:
    few, more = list(queries(people, 5, 3)), list(queries(people, 8, 3))
    assert set(few) <= set(more)


def test_every_kind_of_caller_calls(many: list[Asked]) -> None:
    assert Counter(query.kind for query in many) == dict.fromkeys(Kind, 120)


def test_nobody_held_means_nobody_to_ask_for() -> None:
    assert list(queries([], 5, 1)) == []
    assert list(calls([], 5, 1)) == []


def test_callers_ask_for_people_of_every_tradition_in_every_way_that_names_allow(
    many_people: Sequence[FeedPerson],
) -> None:
    traditions = {row[0] for row in table("traditions")} & {sounds.tradition(p.country) for p in many_people if p.shown}
    everywhere = set(FOUND) - {Kind.ONE_SURNAME, Kind.NICKNAME}
    for tradition in traditions:
        own = [person for person in many_people if sounds.tradition(person.country) == tradition]
        assert everywhere <= {query.kind for query in queries(own, 3, 5)}, tradition


def test_names_that_decide_are_carried_by_one_person_alone(people: Sequence[FeedPerson], asked: list[Asked]) -> None:
    """By brute force: of the whole recorded names, none other holds the words of an exact query."""
    shown = {p.subject_id: p for p in people if p.shown}
    words = {i: bare_words((*p.given_words, *p.surname_words, p.others)) for i, p in shown.items()}
    exact = [query for query in asked if query.kind is Kind.EXACT]
    assert exact
    for query in exact:
        said = bare_words(query.text or f"{query.given} {query.surnames}")
        places = countries.equivalent(query.country)
        like = [i for i, p in shown.items() if p.country in places and said <= words[i]]
        assert (like == [query.wanted]) == query.decided_by_name


def test_namesakes_are_not_decided_by_name(people: Sequence[FeedPerson]) -> None:
    namesakes = {"S0000002", "S0000003"}
    held = [person for person in people if person.subject_id in namesakes]
    assert len(held) == 2
    assert {query.decided_by_name for query in queries(held, 4, 1) if query.wanted} == {False}


def test_whoever_is_meant_is_held_and_may_be_shown(people: Sequence[FeedPerson], asked: list[Asked]) -> None:
    shown = {person.subject_id: person for person in people if person.shown}
    for query in asked:
        assert (query.wanted is not None) == (query.kind in FOUND)
        assert query.wanted is None or shown[query.wanted].country == query.country


def test_a_stranger_has_nobodys_name(many_people: Sequence[FeedPerson], many: list[Asked]) -> None:
    held = Held(many_people)
    plainly = [
        q for q in many if q.kind in (Kind.STRANGER, Kind.OTHER_COUNTRY) and not q.given_keys and not q.confidence
    ]
    assert plainly
    for query in plainly:
        assert held.named(query.country, bare_words(query.text or f"{query.given} {query.surnames}")) == []


def test_a_near_name_is_like_a_held_one_and_is_nobodys(many_people: Sequence[FeedPerson], many: list[Asked]) -> None:
    held = Held(many_people)
    near = [q for q in many if q.kind in NEAR and not q.given_keys and q.confidence is None]
    assert near
    for query in near:
        assert held.named(query.country, bare_words(query.text or f"{query.given} {query.surnames}")) == []


def test_fishing_callers_never_say_a_whole_rare_name(many_people: Sequence[FeedPerson], many: list[Asked]) -> None:
    held = Held(many_people)
    for query in (query for query in many if query.kind is Kind.FISHING):
        if query.given and query.surnames and len(query.given) > 1:
            assert len(held.named(query.country, bare_words(f"{query.given} {query.surnames}"))) > 1
        if query.given_keys and query.surnames_keys:
            assert len(query.given_keys) == len(query.surnames_keys) == 2


def test_keys_spell_what_is_recorded_and_a_slip_is_one_key(people: Sequence[FeedPerson], asked: list[Asked]) -> None:
    by_id = {person.subject_id: person for person in people}
    for query in (query for query in asked if query.kind is Kind.KEYPAD):
        assert query.wanted is not None
        recorded = by_id[query.wanted]
        whole = "".join(keys(word) for word in (*recorded.given_words, *recorded.surname_words))
        for said in (query.given_keys, query.surnames_keys):
            assert said.replace("0", "").replace("1", "") in whole
    assert all(query.given_keys.isdigit() for query in asked if query.kind is Kind.KEYPAD_SLIP)


def test_prefixes_count_everybody_whose_name_begins_so(people: Sequence[FeedPerson], asked: list[Asked]) -> None:
    held = Held(people)
    for query in (query for query in asked if query.kind is Kind.PREFIXES and query.given_keys):
        parts = f"{query.given_keys}0{query.surnames_keys}".split("0")
        assert query.fitting == max(1, len(held.keyed(query.country, parts, whole=False)))


def test_only_speech_carries_a_confidence(asked: list[Asked]) -> None:
    spoken = (Kind.SPEECH, Kind.SPEECH_BAD, Kind.SPELLED)
    for query in asked:
        if query.kind in spoken:
            assert query.confidence is not None
            assert 0.5 <= query.confidence <= 0.95
        elif query.kind in FOUND:
            assert query.confidence is None


def test_half_of_the_callers_say_the_whole_name_in_one_breath(many: list[Asked]) -> None:
    said = [query for query in many if query.kind in (Kind.EXACT, Kind.TYPING, Kind.SPEECH, Kind.NICKNAME)]
    assert 0.4 < sum(bool(query.text) for query in said) / len(said) < 0.6


def test_dates_of_birth_are_whole_or_years_or_unknown_and_seldom_wrong(
    many_people: Sequence[FeedPerson], many: list[Asked]
) -> None:
    births = {person.subject_id: person.birth for person in many_people}
    known = [query for query in many if query.wanted and births[query.wanted]]
    lengths = Counter(len(query.birth_date) for query in known)
    assert lengths.keys() == {0, 4, 10}
    off = [abs(int(q.birth_date[:4]) - int(births[q.wanted or ""][:4])) for q in known if q.birth_date]
    assert max(off) == 1
    assert sum(off) / len(off) < 0.06
    assert many[0].undated().birth_date == ""


def test_every_query_is_one_that_the_match_command_reads(asked: list[Asked]) -> None:
    for query in asked:
        record = read_record(query.as_line().encode())
        assert record["id"] == query.id
        assert query_of(record, ("en", "es")).country == query.country


def test_a_query_comes_back_from_its_lines(asked: list[Asked]) -> None:
    for query in asked:
        assert Asked.from_truth(query.as_truth(), query.as_line()) == query
        assert not {"wanted", "kind", "decided_by_name"} & json.loads(query.as_line()).keys()


def test_people_who_may_not_be_shown_are_asked_for_and_mean_nobody(many_people: Sequence[FeedPerson]) -> None:
    asked = list(hidden(many_people, 20, 1))
    assert len(asked) == 20
    assert {query.wanted for query in asked} == {None}


def test_callers_of_the_line_tell_first_and_last_name_apart(people: Sequence[FeedPerson]) -> None:
    called = list(calls(people, 300, 1))
    assert len(called) == 300
    assert all(call.asked.text == "" for call in called)
    assert {call.asked.kind for call in called} <= CALLERS.keys()
    wrong = [call for call in called if call.contradicts]
    births = {person.subject_id: person.birth for person in people}
    assert wrong
    for call in wrong:
        assert abs(int(call.asked.birth_date) - int(births[call.asked.wanted or ""][:4])) > 1


def test_the_mix_of_callers_adds_up() -> None:
    assert sum(CALLERS.values()) == 1000
    assert sum(share for kind, share in CALLERS.items() if kind in FOUND) == 600
    assert set(CALLERS) >= {*FAR, *NEAR}


def test_the_feed_gives_each_person_once_as_recorded() -> None:
    people = list(feed_people(rows(50, 7), UNTIL.date()))
    assert [person.subject_id for person in people] == [f"S{n:07d}" for n in range(1, 51)]
    assert people[0].surname_words == ("Pérez", "Morales")
    assert not people[5].shown


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        ("FNU", ()),
        ("NO LAST NAME GIVEN", ()),
        ("GARCIA JR", ("GARCIA",)),
        ("王", ("Wang",)),
        ("张伟", ("Zhang", "Wei")),
        ("Nguyễn", ("Nguyễn",)),
        ("DE LA CRUZ", ("DE", "LA", "CRUZ")),
        ("Коваленко", ("Kovalenko",)),
    ],
)
def test_callers_say_what_is_a_name_in_a_record(recorded: str, said: tuple[str, ...]) -> None:
    assert spoken_words(recorded) == said


@pytest.mark.parametrize(
    ("name", "spoken_by", "heard"),
    [
        ("Jorge", "spanish", "horhe"),
        ("Guadalupe", "spanish", "gwadalupe"),
        ("Jiménez", "spanish", "himenes"),
        ("Xiomara", "spanish", "siomara"),
        ("Quiñones", "spanish", "kiNones"),
        ("Toussaint", "french", "tusen"),
        ("João", "portuguese", "Zoaun"),
        ("Zhang", "chinese", "Jan"),
        ("Nguyễn", "vietnamese", "win"),
    ],
)
def test_a_name_is_read_aloud_as_its_country_does(name: str, spoken_by: str, heard: str) -> None:
    said = "".join(sounds.sounds(name, spoken_by))
    assert said == heard


@given(
    st.sampled_from(sorted({row[0] for row in table("traditions")})), st.text(min_size=1, max_size=12), st.integers()
)
@settings(deadline=None, max_examples=200)
def test_any_word_can_be_said_misheard_and_written(tradition: str, word: str, seed: int) -> None:
    chance = Random(seed)
    heard = sounds.misheard(sounds.sounds(word, tradition), tradition, 3, chance)
    for language in ("en", "es"):
        assert sounds.written(heard, language, chance).replace("ñ", "n").isascii()


@given(st.text("abcdefghijklmnopqrstuvwxyzáéñÑüçÉ", min_size=2, max_size=15), st.integers())
@settings(deadline=None, max_examples=200)
def test_slips_never_leave_an_empty_word(word: str, seed: int) -> None:
    chance = Random(seed)
    assert slips.typed(word, chance)
    assert plain(slips.accents(word, chance)) == plain(word)
    assert slips.keyed_slip(keys(word), chance).isdigit()
    assert spelled(word, "es", True, chance).strip()


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("traditions", 2),
        ("hypocoristics", 3),
        ("sex_forms", 2),
        ("spelling_alphabet", 6),
        ("spellings", 2),
        ("same_sound", 2),
        ("misheard", 3),
        ("read_as", 3),
        ("confused_with", 4),
        ("written_as", 3),
        ("left_out", 2),
    ],
)
def test_every_row_of_a_table_is_whole_and_there_once(name: str, columns: int) -> None:
    found = table(name)
    assert len(found) == len(set(found))
    for row in found:
        assert columns - (name == "spelling_alphabet") <= len(row) <= columns
        assert all(row[:2])


def test_every_tradition_of_a_table_is_one_that_countries_have() -> None:
    known = {row[0] for row in table("traditions")} | {"any", "other"}
    for name in ("hypocoristics", "spellings", "same_sound", "read_as"):
        assert {row[0] for row in table(name)} <= known
    assert {row[0] for row in table("confused_with")} <= known | {"line"}
    codes = [code for row in table("traditions") for code in row[1].split()]
    assert len(codes) == len(set(codes))
    assert set(codes) <= countries.codes()


def test_names_that_stand_for_each_other_differ() -> None:
    for _, full, shorts in table("hypocoristics"):
        assert plain(full) not in [plain(short) for short in shorts.split()]
    for man, woman in table("sex_forms"):
        assert man != woman
    for _, spellings in table("spellings"):
        assert len(set(spellings.split())) > 1
    for name, language, heard in table("misheard"):
        assert language in ("en", "es")
        assert name not in [part.strip() for part in heard.split(";")]
    for _, sound, heard, weight in table("confused_with"):
        assert sound != heard
        assert int(weight) > 0
