"""What a caller experiences, in small flows; then any caller at all, in the real ones."""

from __future__ import annotations

import json
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.ivr import engine
from hotline.ivr.commands import Ask, Do, Enter, HangUp, TakeRecording
from hotline.ivr.flow import Decide, Flow, Question
from hotline.ivr.phrasebook import slots
from hotline.ivr.session import (
    MISS_LIMIT,
    STEP_LIMIT,
    Done,
    Event,
    Heard,
    HungUp,
    Keys,
    Recorded,
    Resumed,
    Session,
    Silence,
    Started,
    TimeUp,
)
from tests.ivr.conftest import ACTIONS, FLOWS, LANGUAGES, PHRASEBOOK, Call, Load

DESK = """
flow: desk
start: door
person: operator
leave: bye
limit: late
nodes:
  door:
    menu: {1: yes, 2: no, 3: by_keypad}
    ask: door
    again: {silence: door_still_there, no_match: door_again}
    then: {yes: name, no: office.welcome, by_keypad: {to: name, by: keypad}, give_up: given_up}
  name:
    collect: {into: name, kind: name, keypad: letters, min: 2, speech: true}
    ask: name
    then: {ok: code, give_up: given_up}
  code:
    collect: {into: code, kind: confirmation, min: 4, max: 4, speech: true}
    ask: code
    then: {ok: look, give_up: given_up}
  look:
    do: look
    say: please_wait
    then: {found: sure, missing: {back_to: code, saying: not_found}}
  sure:
    menu: {1: yes, 2: no}
    ask: sure
    into: surely
    then: {yes: greeting, no: {back_to: name}, give_up: given_up}
  greeting:
    record: {into: greeting, seconds: 20}
    ask: greeting
    then: {ok: thanks, give_up: given_up}
  thanks: {say: thanks, then: bye}
  bye: {end: bye}
  late: {end: late}
  given_up: {end: given_up}
  operator:
    do: reach_person
    then: {reached: bye, not_reached: bye}
"""
OFFICE = """
flow: office
start: welcome
person: desk.operator
leave: desk.bye
limit: desk.late
nodes:
  welcome:
    menu: languages
    ask: welcome
    then: {chosen: which, give_up: desk.bye}
  which:
    menu: {choices: rooms, into: room}
    ask: which
    then: {ok: desk.thanks, none: desk.bye, give_up: desk.given_up}
"""


@pytest.fixture
def call(load: Load) -> Call:
    return Call.to(load(DESK, OFFICE))


@pytest.fixture
def at_name(call: Call) -> Call:
    return call.presses("1")


@pytest.fixture
def at_code(at_name: Call) -> Call:
    return at_name.presses("262")


# Not understood


def test_silence_and_nonsense_are_answered_in_their_own_words(call: Call) -> None:
    assert call.waits().heard == ["door_still_there"]
    assert Call.to(call.flows).presses("7").heard == ["door_again"]


def test_a_question_is_missed_three_times_in_other_words_and_the_fourth_gives_up(call: Call) -> None:
    assert [call.waits().heard, call.presses("7").heard, call.waits().heard] == [
        ["door_still_there"],
        ["door_example"],
        ["door_keys"],
    ]
    assert call.presses("7").heard == ["given_up"]
    assert call.over


@pytest.mark.parametrize("missed", [Silence(), Keys("7"), Heard("blah", 0.9), Heard("yes", 0.2), Heard(" ", 0.9)])
def test_silence_and_nonsense_share_one_counter(call: Call, missed: Event) -> None:
    call.waits().presses("8").happens(missed)
    assert call.heard == ["door_keys"]
    assert (call.session.misses, call.session.tries) == (3, {"desk.door": 3})


def test_after_three_misses_an_entry_is_asked_by_keypad_alone(at_name: Call) -> None:
    assert [at_name.waits().question.listens_for for _ in range(3)] == ["name", "name", None]
    assert at_name.presses("*").heard == ["name_keys"]
    assert at_name.presses("262").question.listens_for == "confirmation"


def test_nobody_is_asked_to_speak_who_is_not_listened_to(at_code: Call) -> None:
    at_code.presses("1234")
    for _ in range(3):
        at_code.comes_to("found").presses("2")  # no, once more from the name
        heard, listens_for = at_code.heard, at_code.question.listens_for
        at_code.presses("262", "1234")
    assert (heard, listens_for) == (["name_keys"], None)


def test_six_misses_over_the_whole_call_lead_to_a_person(call: Call) -> None:
    call.waits(3).presses("1").waits(2)
    assert call.session.misses == MISS_LIMIT - 1
    call.waits()
    assert (call.action, call.state) == ("reach_person", "desk.operator")


def test_six_misses_lead_to_a_person_only_once(load: Load) -> None:
    stays = DESK.replace("not_reached: bye", "not_reached: door")
    call = Call.to(load(stays, OFFICE)).waits(3).presses("1").waits(3)
    assert call.comes_to("not_reached").presses("1").state == "desk.name"
    assert call.session.misses == MISS_LIMIT
    call.presses("262").waits()
    assert (call.state, call.heard) == ("desk.code", ["code_again"])


def test_going_back_costs_a_try_and_its_limit_gives_up(at_code: Call) -> None:
    at_code.presses("1234")
    assert at_code.comes_to("missing").heard == ["not_found", "code"]
    assert at_code.presses("1234").comes_to("missing").heard == ["not_found", "code"]
    assert at_code.presses("1234").comes_to("missing").heard == ["not_found", "code_keys"]
    assert at_code.presses("1234").comes_to("missing").heard == ["given_up"]
    assert at_code.session.misses == 0


# Keys that mean the same everywhere


@pytest.mark.parametrize("way", [(), ("1",), ("1", "262")])
def test_star_repeats_the_question_and_counts_no_miss(call: Call, way: tuple[str, ...]) -> None:
    asked = call.presses(*way).question
    steps = call.session.step
    assert call.presses("*").question == asked
    assert (call.session.step, call.session.misses, call.session.tries) == (steps + 1, 0, {})


def test_star_inside_an_entry_starts_it_over(at_name: Call) -> None:
    assert at_name.presses("555*262").session.answers["name"] == "262"


def test_star_at_the_end_of_an_entry_repeats_the_question(at_name: Call) -> None:
    assert at_name.presses("555*").heard == ["name"]


@pytest.mark.parametrize("way", [(), ("1",), ("1", "262")])
def test_a_lone_zero_is_a_person_in_menus_and_entries(call: Call, way: tuple[str, ...]) -> None:
    assert call.presses(*way, "0").action == "reach_person"


def test_a_zero_inside_an_entry_is_part_of_it(at_name: Call) -> None:
    assert at_name.presses("26027").presses("1000").session.answers == {
        "name": "26027",
        "name_by": "keys",
        "name_confidence": None,
        "code": "1000",
        "code_by": "keys",
        "code_confidence": None,
    }


def test_nine_leaves_a_menu(call: Call) -> None:
    assert (call.presses("9").heard, call.over) == (["bye"], True)


def test_nine_does_not_leave_an_entry(at_name: Call) -> None:
    assert at_name.presses("9").heard == ["name_again"]


def test_an_entry_may_give_nine_a_meaning_of_its_own() -> None:
    assert Call.at(FLOWS, "notify.pin").presses("9").action == "stop_number"


def test_five_doubles_the_time_for_the_rest_of_the_call(call: Call) -> None:
    assert call.question.timeout == engine.MENU_SECONDS
    assert (call.presses("5").heard, call.question.timeout) == (["door"], 2 * engine.MENU_SECONDS)
    assert call.session.misses == 0
    assert call.presses("1").question.timeout == 2 * engine.ENTRY_SECONDS


def test_five_once_more_is_no_choice(call: Call) -> None:
    assert call.presses("5", "5").heard == ["door_again"]


def test_a_pound_key_after_a_full_entry_is_no_miss(at_code: Call) -> None:
    at_code.presses("1234").comes_to("found").waits()
    assert (at_code.heard, at_code.session.misses) == (["sure"], 0)
    assert at_code.waits().heard == ["sure_again"]


def test_silence_after_an_entry_that_was_not_full_is_a_miss(at_name: Call) -> None:
    assert at_name.presses("262").waits().heard == ["code_again"]


def test_an_entry_too_short_or_too_long_is_asked_again(at_code: Call) -> None:
    assert at_code.presses("123").heard == ["code_again"]
    assert at_code.presses("12345").heard == ["code_example"]
    assert "code" not in at_code.session.answers


def test_digits_stay_strings(at_code: Call) -> None:
    assert at_code.presses("0042").session.answers["code"] == "0042"
    assert Session.from_json(at_code.session.to_json()).answers["code"] == "0042"


def test_the_platform_is_told_the_length_of_an_entry(call: Call) -> None:
    assert [call.question.digits, call.presses("1").question.digits, call.presses("262").question.digits] == [
        1,
        None,
        4,
    ]


def test_whoever_chooses_the_keypad_is_asked_by_keypad_from_there_on(call: Call) -> None:
    call.presses("3")
    assert (call.heard, call.question.listens_for) == (["name_keys"], None)
    assert call.says("Ana").heard == ["name_again"]
    call.presses("262")
    assert (call.heard, call.question.listens_for) == (["code_keys"], None)
    assert call.presses("1234").comes_to("found").question.listens_for == "menu"


# Actions and ends


def test_an_action_is_handed_out_after_what_is_said_with_it(at_code: Call) -> None:
    assert (at_code.presses("1234").heard, at_code.action) == (["please_wait"], "look")


def test_what_an_action_found_is_known_from_then_on(at_code: Call) -> None:
    at_code.presses("1234").comes_to("found", room="4")
    assert at_code.session.answers["room"] == "4"
    assert at_code.says_heard[0].values["room"] == "4"


def test_an_outcome_that_nobody_declared_is_refused(at_code: Call) -> None:
    with pytest.raises(ValueError, match=r"^desk\.look declares no outcome 'lost'$"):
        at_code.presses("1234").comes_to("lost")


def test_a_menu_keeps_what_was_chosen(at_code: Call) -> None:
    assert at_code.presses("1234").comes_to("found").says("yes please").session.answers["surely"] == "yes"


def test_a_recording_is_taken_and_kept(at_code: Call) -> None:
    at_code.presses("1234").comes_to("found").presses("1")
    assert at_code.commands == [TakeRecording(tuple(at_code.says_heard), 20)]
    assert at_code.happens(Recorded("https://example.org/r1", 0)).heard == ["greeting_again"]
    assert at_code.happens(Recorded("https://example.org/r2", 3)).heard == ["thanks", "bye"]
    assert at_code.session.answers["greeting"] == "https://example.org/r2"


def test_a_recording_that_nobody_asked_for_is_no_answer(call: Call) -> None:
    assert call.happens(Recorded("https://example.org/r1", 3)).heard == ["door_still_there"]


def test_sixty_answers_end_the_call(call: Call) -> None:
    call.presses(*["*"] * STEP_LIMIT)
    assert (call.session.step, call.over) == (STEP_LIMIT, False)
    assert (call.presses("1").heard, call.over) == (["late"], True)


def test_who_had_no_time_to_choose_a_language_hears_the_end_in_each() -> None:
    call = Call.to({"inbound": FLOWS["inbound"], **FLOWS}).comes_to("busy")
    assert [(say.prompt, say.language) for say in call.says_heard] == [("line_busy", name) for name in LANGUAGES]
    assert (call.state, call.over) == ("inbound.busy", True)


def test_a_call_too_long_ends_with_a_word(at_name: Call) -> None:
    at_name.happens(TimeUp())
    assert (at_name.heard, at_name.over, at_name.commands[-1]) == (["late"], True, HangUp())


def test_nothing_is_said_to_a_caller_who_is_gone(at_name: Call) -> None:
    at_name.happens(HungUp())
    assert (at_name.commands, at_name.over) == ([], True)


def test_a_call_that_is_over_stays_over(call: Call) -> None:
    call.presses("9")
    assert call.presses("1").commands == [HangUp()]


def test_a_caller_who_had_to_hold_is_asked_again_and_nothing_counts(at_name: Call) -> None:
    asked, before = at_name.question, at_name.session
    assert at_name.happens(Resumed()).question == asked
    assert at_name.session == before


# Languages, choices, other flows


def test_each_language_names_itself_with_its_own_key(call: Call) -> None:
    call.presses("2")
    assert [(say.prompt, say.language, say.values["key"]) for say in call.says_heard] == [
        ("welcome", "en", "1"),
        ("welcome", "es", "2"),
    ]
    assert [say.language for say in call.waits().says_heard] == ["en", "es"]


@pytest.mark.parametrize(("key", "language"), [("1", "en"), ("2", "es")])
def test_the_call_goes_on_in_the_language_that_was_chosen(call: Call, key: str, language: str) -> None:
    call.presses("2", key)
    assert (call.session.language, call.question.language) == (language, language)
    assert {say.language for say in call.says_heard} == {language}


@pytest.mark.parametrize(
    ("said", "language"), [("English", "en"), ("español", "es"), ("Spanish please", "es"), ("uno", "en"), ("dos", "es")]
)
def test_a_language_can_be_said_in_any_language(call: Call, said: str, language: str) -> None:
    assert call.presses("2").says(said).session.language == language


def offered(load: Load, *rooms: str) -> Call:
    codes = [f"room{n}" for n, _ in enumerate(rooms)]
    return Call.at(load(DESK, OFFICE), "office.which", rooms=codes, rooms_spoken=list(rooms))


def test_choices_are_offered_by_number_and_six_is_none_of_them(load: Load) -> None:
    call = offered(load, "the green one", "the red one")
    assert [(say.prompt, say.values.get("choice"), say.values.get("key")) for say in call.says_heard[1:]] == [
        ("choice_option", "the green one", 1),
        ("choice_option", "the red one", 2),
        ("choice_none", None, "6"),
    ]


def test_a_choice_is_kept_by_its_code(load: Load) -> None:
    assert offered(load, "green", "red").presses("2").session.answers["room"] == "room1"
    assert offered(load, "green", "red").says("number one").session.answers["room"] == "room0"


def test_no_more_than_five_choices_are_offered(load: Load) -> None:
    call = offered(load, *"abcdefg")
    assert call.heard.count("choice_option") == 5
    assert call.presses("7").heard[0] == "which_again"
    assert call.presses("6").state == "desk.bye"


def test_a_number_that_was_not_offered_is_no_choice(load: Load) -> None:
    assert offered(load, "green", "red").presses("3").heard[0] == "which_again"


@pytest.mark.parametrize("said", ["6", "none of these", "six"])
def test_none_of_the_choices_chooses_nothing(load: Load, said: str) -> None:
    call = offered(load, "green", "red")
    call = call.presses(said) if said.isdigit() else call.says(said)
    assert (call.state, "room" in call.session.answers) == ("desk.bye", False)


def test_another_flow_is_entered_with_all_that_is_known(load: Load) -> None:
    flows = load(DESK, OFFICE)
    call = Call.to(flows, name="262").presses("*")
    session, commands = engine.resume(flows["desk"], call.session, Keys("2"))
    assert commands == (Enter("office"),)
    assert (session.state, session.answers, session.step) == ("office.welcome", {"name": "262"}, 2)
    call.presses("2")
    assert (call.heard, call.session.version) == (["welcome", "welcome"], flows["office"].version)


def test_a_word_on_the_way_to_another_flow_is_heard(load: Load) -> None:
    moving = DESK.replace("no: office.welcome", "no: {to: office.welcome, saying: moving}")
    assert Call.to(load(moving, OFFICE)).presses("2").heard == ["moving", "welcome", "welcome"]


def test_the_recogniser_is_told_what_may_be_said(call: Call) -> None:
    assert {"yes", "no", "keypad", "operator", "leave", "repeat"} <= set(call.question.hints)
    assert {"English", "inglés", "Spanish", "español"} <= set(call.presses("2").question.hints)
    assert "sí" in Call.to(call.flows, "es").question.hints


# Stored and taken up again

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=5), values, max_size=3),
    max_leaves=5,
)


@given(
    answers=st.dictionaries(st.text(max_size=8), JSON, max_size=4),
    tries=st.dictionaries(st.text(max_size=8), st.integers(0, 9), max_size=4),
    numbers=st.tuples(st.integers(0, 60), st.integers(0, 60)),
    flags=st.tuples(*[st.booleans()] * 4),
)
@settings(max_examples=100, deadline=None)
def test_a_call_is_taken_up_just_where_it_was(
    answers: dict[str, object], tries: dict[str, int], numbers: tuple[int, int], flags: tuple[bool, ...]
) -> None:
    step, misses = numbers
    keypad_only, more_time, entry_full, ended = flags
    session = Session(
        "desk", "v", "door", "es", step, tries, misses, answers, keypad_only, more_time, entry_full, ended
    )
    assert Session.from_json(session.to_json()) == session


# Any caller at all, in the real flows

STATES = [f"{flow.name}.{node}" for flow in FLOWS.values() for node in flow.nodes]
QUESTION_STATES = [
    f"{flow.name}.{node.name}" for flow in FLOWS.values() for node in flow.nodes.values() if isinstance(node, Question)
]
NONSENSE = st.sampled_from(
    [
        Silence(),
        *map(Keys, ("7", "77", "*", "12*", "5", "0000000000000", "#", "1*#")),
        *(Heard(text, sure) for text in ("", "blah", "D*** Bao", "maybe") for sure in (0.9, None, float("nan"))),
        Heard("yes", 0.1),
        Recorded("https://example.org/r", 0),
        Recorded("https://example.org/r", 5),
        Resumed(),
    ]
)
ANYTHING = st.one_of(
    st.text("0123456789*#", min_size=1, max_size=12).map(Keys),
    st.builds(Heard, st.sampled_from(["yes", "no", "one", "sí", "Ana Cruz", "Guatemala", "two oh two"]), st.just(0.9)),
    st.just(Silence()),
)
VALID = st.one_of(
    st.sampled_from("123456").map(Keys), st.sampled_from(["262", "12345678", "2025550123", "2847", "1"]).map(Keys)
)


def outcome_at(flow: Flow, session: Session, luck: int) -> Done:
    """Any outcome that the action declares, with all that it may add to what is known."""
    node = flow.nodes[session.node]
    assert isinstance(node, Decide)
    outcomes, gives = sorted(node.then), sorted(ACTIONS[node.action].gives)
    many = {"countries": ["GT", "SV"], "countries_spoken": ["Guatemala", "El Salvador"]}
    return Done(outcomes[luck % len(outcomes)], {answer: many.get(answer, "x") for answer in gives})


def goes_on_to_its_end(session: Session, events: list[Event], luck: list[int], holes_allowed: bool) -> None:
    """The call goes on with these events and outcomes, over and over, until it ends; it must."""
    coming, lucky = cycle(events), cycle(luck)
    event: Event = Started()
    for _ in range(20 * STEP_LIMIT):
        flow, before = FLOWS[session.flow], session.to_json()
        session, commands = engine.resume(flow, session, event)
        assert engine.resume(flow, Session.from_json(before), event)[1] == commands
        closing = [type(command) for command in commands if not hasattr(command, "prompt")]
        assert len(closing) == 1
        assert isinstance(commands[-1], (Ask, TakeRecording, Do, Enter, HangUp))
        assert session.step <= STEP_LIMIT
        assert json.loads(session.to_json())["node"] == session.node
        if not holes_allowed:
            nothing_is_left_out(session, commands)
        match commands[-1]:
            case HangUp():
                assert session.ended
                return
            case Do():
                event = outcome_at(flow, session, next(lucky))
            case Enter():
                event = Started()
            case _:
                event = next(coming)
    pytest.fail("the call never ends")


def nothing_is_left_out(session: Session, commands: tuple[object, ...]) -> None:
    """Every slot of all that is said is filled."""
    for command in commands:
        for say in getattr(command, "says", ()) or ([command] if hasattr(command, "prompt") else ()):
            text = PHRASEBOOK.texts[say.language][say.prompt]
            assert slots(text) <= {*say.values, "hotline"}, f"{session.state}: {say.prompt}"


LUCK = st.lists(st.integers(0, 11), min_size=1, max_size=8)


@given(
    state=st.sampled_from(STATES),
    language=st.sampled_from(LANGUAGES),
    events=st.lists(NONSENSE, min_size=1, max_size=8),
    luck=LUCK,
)
@settings(max_examples=150, deadline=None)
def test_a_caller_who_says_nothing_of_use_is_always_brought_to_an_end(
    state: str, language: str, events: list[Event], luck: list[int]
) -> None:
    flow, _, node = state.partition(".")
    session = Session(flow, FLOWS[flow].version, node, language)
    goes_on_to_its_end(session, [*events, Silence()], luck, holes_allowed=True)


@given(state=st.sampled_from(STATES), events=st.lists(st.one_of(VALID, ANYTHING), min_size=1, max_size=12), luck=LUCK)
@settings(max_examples=150, deadline=None)
def test_whatever_a_caller_answers_the_call_comes_to_an_end(state: str, events: list[Event], luck: list[int]) -> None:
    flow, _, node = state.partition(".")
    goes_on_to_its_end(Session(flow, FLOWS[flow].version, node, "en"), events, luck, holes_allowed=True)


@given(
    entry=st.sampled_from(["inbound", "verify", "notify"]),
    language=st.sampled_from(LANGUAGES),
    events=st.lists(st.one_of(VALID, VALID, NONSENSE), min_size=1, max_size=30),
    luck=LUCK,
)
@settings(max_examples=150, deadline=None)
def test_nobody_hears_a_sentence_with_a_hole_in_it(
    entry: str, language: str, events: list[Event], luck: list[int]
) -> None:
    goes_on_to_its_end(engine.begin(FLOWS[entry], language), [*events, Silence()], luck, holes_allowed=False)


@pytest.mark.parametrize("event", [Silence(), Keys("*"), Keys("77777777777777"), Heard("blah", 0.9)], ids=str)
@pytest.mark.parametrize("state", QUESTION_STATES)
def test_no_question_holds_a_caller_for_ever(state: str, event: Event) -> None:
    flow, _, node = state.partition(".")
    goes_on_to_its_end(Session(flow, FLOWS[flow].version, node, "en"), [event], [0], holes_allowed=True)
