"""The contract with callers and with outside tools: each node's name, its keys, and where each key leads."""

from __future__ import annotations

from collections import deque

import pytest

from hotline.ivr.commands import Ask
from hotline.ivr.flow import Collect, Menu, Question
from tests.ivr.conftest import FLOWS, Call

# What each action comes to, unless a row of the table says otherwise.
USUALLY = {
    "take_call": "taken",
    "how_busy": "calm",
    "note_eligible": "noted",
    "how_was_it_named": "keyed",
    "which_country": "one",
    "read_birth_date": "ok",
    "look_up_person": "one",
    "keep_watching": "noted",
    "keep_callback": "kept",
    "caller_number": "known",
    "check_number": "ok",
    "check_pin_choice": "ok",
    "compare_pins": "same",
    "sum_up": "ready",
    "enroll": "enrolled",
    "reach_person": "reached",
    "who_answers": "person",
    "number_says_yes": "confirmed",
    "number_says_no": "stopped",
    "take_up_enrolment": "taken_up",
    "stop_number": "stopped",
    "open_review": "opened",
    "stop_calls": "stopped",
    "check_pin": "right",
    "check_entry": "right",
    "where_things_stand": "told",
    "hear_last_notices": "told",
    "may_change_number": "yes",
    "change_number": "asked",
    **dict.fromkeys(("set_voicemail", "set_hours", "set_zone", "set_language", "set_texts", "set_pin"), "kept"),
    **dict.fromkeys(("offer_zones", "offer_more_zones"), "offered"),
    "send_mail_link": "sent",
    "check_new_pin": "ok",
    "number_still_theirs": "noted",
    "note_end_told": "noted",
    "stop_and_delete": "deleted",
}

# Node, what is keyed, outcomes that are not the usual ones, and the node in which the call waits next or has ended.
CONTRACT = [
    ("inbound.welcome", "1", {}, "inbound.main_menu"),
    ("inbound.welcome", "2", {}, "inbound.main_menu"),
    ("inbound.welcome", "1", {"how_busy": "flood"}, "inbound.hand_over"),
    ("inbound.main_menu", "1", {}, "inbound.eligible"),
    ("inbound.main_menu", "2", {}, "manage.confirmation"),
    ("inbound.main_menu", "3", {}, "inbound.main_menu"),  # after the services
    ("inbound.eligible", "1", {}, "inbound.first_name"),
    ("inbound.eligible", "2", {}, "inbound.main_menu"),  # after general information
    ("inbound.first_name", "262", {}, "inbound.last_name"),
    ("inbound.last_name", "278902016", {}, "inbound.country"),
    ("inbound.last_name", "2789", {"how_was_it_named": "spoken"}, "inbound.confirm_name"),
    ("inbound.last_name", "2789", {"how_was_it_named": "unclear"}, "inbound.first_name"),
    ("inbound.confirm_name", "1", {}, "inbound.country"),
    ("inbound.confirm_name", "2", {}, "inbound.first_name"),
    ("inbound.confirm_name", "3", {}, "inbound.first_name"),
    ("inbound.country", "482", {}, "inbound.birth_date"),
    ("inbound.country", "482", {"which_country": "several"}, "inbound.country_choice"),
    ("inbound.country", "482", {"which_country": "spoken"}, "inbound.confirm_country"),
    ("inbound.country", "482", {"which_country": "none"}, "inbound.country"),
    ("inbound.country", "482", {"which_country": "citizenship"}, "inbound.country"),
    *(("inbound.country_choice", key, {}, "inbound.birth_date") for key in "12345"),
    ("inbound.country_choice", "6", {}, "inbound.country"),
    ("inbound.confirm_country", "1", {}, "inbound.birth_date"),
    ("inbound.confirm_country", "2", {}, "inbound.country"),
    *(("inbound.birth_date", entry, {}, "inbound.confirm_match") for entry in ("01021980", "1980", "1")),
    ("inbound.birth_date", "1980", {"read_birth_date": "unclear"}, "inbound.birth_date"),
    ("inbound.birth_date", "1980", {"look_up_person": "doubt"}, "inbound.key_surname"),
    ("inbound.birth_date", "1980", {"look_up_person": "none"}, "inbound.no_match"),
    ("inbound.birth_date", "1980", {"look_up_person": "many"}, "inbound.hand_over"),
    ("inbound.key_surname", "2789", {}, "inbound.confirm_match"),
    ("inbound.key_surname", "2789", {"look_up_person": "doubt"}, "inbound.no_match"),
    ("inbound.key_surname", "2789", {"look_up_person": "none"}, "inbound.no_match"),
    ("inbound.key_surname", "2789", {"look_up_person": "many"}, "inbound.hand_over"),
    ("inbound.confirm_match", "1", {}, "inbound.channel"),
    ("inbound.confirm_match", "2", {}, "inbound.no_match"),
    ("inbound.no_match", "1", {}, "inbound.first_name"),
    ("inbound.no_match", "2", {}, "inbound.channel"),  # and on to a PIN
    ("inbound.hand_over", "1", {}, "inbound.callback_number"),
    ("inbound.hand_over", "0", {"reach_person": "not_reached"}, "inbound.nobody_now"),
    *(("inbound.channel", key, {}, "inbound.number") for key in "123"),
    *(("inbound.channel", key, {"caller_number": "withheld"}, "inbound.enter_number") for key in "123"),
    ("inbound.number", "1", {}, "inbound.voicemail"),
    ("inbound.number", "2", {}, "inbound.enter_number"),
    ("inbound.enter_number", "2025550123", {}, "inbound.confirm_number"),
    ("inbound.enter_number", "2025550123", {"check_number": "refused"}, "inbound.enter_number"),
    ("inbound.confirm_number", "1", {}, "inbound.voicemail"),
    ("inbound.confirm_number", "2", {}, "inbound.enter_number"),
    ("inbound.voicemail", "1", {}, "inbound.night"),
    ("inbound.voicemail", "2", {}, "inbound.night"),
    ("inbound.night", "1", {}, "inbound.pin"),
    ("inbound.night", "2", {}, "inbound.pin"),
    *(("inbound.pin", pin, {}, "inbound.pin_again") for pin in ("2847", "28471", "284719")),
    *(
        ("inbound.pin", "2847", {"check_pin_choice": easy}, "inbound.pin")
        for easy in ("common", "repeated", "run", "year", "own_number")
    ),
    ("inbound.pin_again", "2847", {}, "inbound.consent"),
    ("inbound.pin_again", "2847", {"compare_pins": "different"}, "inbound.pin"),
    ("inbound.consent", "1", {}, "inbound.done"),
    ("inbound.consent", "2", {}, "inbound.nothing_kept"),
    ("verify.hello", "1", {}, "verify.confirmed"),
    ("verify.hello", "2", {}, "verify.stopped"),
    ("verify.hello", "1", {"number_says_yes": "brought_in"}, "verify.pin"),
    ("verify.pin", "2847", {}, "verify.pin_again"),
    *(
        ("verify.pin", "2847", {"check_pin_choice": easy}, "verify.pin")
        for easy in ("common", "repeated", "run", "year", "own_number")
    ),
    ("verify.pin_again", "2847", {}, "verify.eligible"),
    ("verify.pin_again", "2847", {"compare_pins": "different"}, "verify.pin"),
    ("verify.eligible", "1", {}, "verify.consent"),
    ("verify.eligible", "2", {}, "verify.general_information"),
    ("verify.consent", "1", {}, "verify.taken_up"),
    ("verify.consent", "1", {"take_up_enrolment": "over"}, "verify.goodbye"),
    ("verify.consent", "2", {}, "verify.stopped"),
    ("reconfirm.hello", "1", {}, "reconfirm.confirmed"),
    ("reconfirm.hello", "2", {}, "reconfirm.stopped"),
    ("notify.pin", "2847", {}, "notify.message"),
    ("notify.pin", "2847", {"check_pin": "wrong"}, "notify.pin"),
    ("notify.pin", "2847", {"check_pin": "locked"}, "notify.locked"),
    ("notify.pin", "9", {}, "notify.stopped"),
    ("notify.message", "1", {}, "notify.message"),
    ("notify.message", "2", {}, "notify.goodbye"),
    ("notify.message", "3", {}, "notify.review_opened"),
    ("notify.message", "4", {}, "notify.calls_stopped"),
    ("manage.confirmation", "00345678", {}, "manage.pin"),
    ("manage.pin", "2847", {}, "manage.menu"),
    ("manage.pin", "2847", {"check_entry": "wrong"}, "manage.confirmation"),
    ("manage.menu", "1", {}, "manage.menu"),  # after where things stand
    ("manage.menu", "1", {"where_things_stand": "watching"}, "manage.menu"),
    ("manage.menu", "1", {"where_things_stand": "not_confirmed"}, "manage.menu"),
    ("manage.menu", "2", {}, "manage.menu"),  # after the notices
    ("manage.menu", "2", {"hear_last_notices": "nothing"}, "manage.menu"),
    ("manage.menu", "3", {}, "manage.channel"),
    ("manage.menu", "4", {}, "manage.settings"),
    ("manage.menu", "5", {}, "manage.new_pin"),
    ("manage.menu", "6", {}, "manage.confirm_stop"),
    *(("manage.channel", key, {}, "manage.keep_number") for key in "123"),
    ("manage.keep_number", "1", {}, "manage.menu"),
    ("manage.keep_number", "2", {}, "manage.enter_number"),
    ("manage.enter_number", "2025550123", {}, "manage.confirm_number"),
    ("manage.enter_number", "2025550123", {"check_number": "refused"}, "manage.enter_number"),
    ("manage.confirm_number", "1", {}, "manage.menu"),
    ("manage.confirm_number", "2", {}, "manage.enter_number"),
    ("manage.settings", "1", {}, "manage.voicemail"),
    ("manage.settings", "2", {}, "manage.hours"),
    ("manage.settings", "3", {}, "manage.language"),
    ("manage.settings", "4", {}, "manage.texts"),
    *(("manage.voicemail", key, {}, "manage.menu") for key in "12"),
    *(("manage.hours", key, {}, "manage.menu") for key in "12"),
    ("manage.hours", "3", {}, "manage.zone"),
    *(("manage.zone", key, {}, "manage.menu") for key in "12345"),
    ("manage.zone", "6", {}, "manage.more_zones"),
    *(("manage.more_zones", key, {}, "manage.menu") for key in "12345"),
    ("manage.more_zones", "6", {"reach_person": "not_reached"}, "inbound.hand_over"),
    *(("manage.language", key, {}, "manage.menu") for key in "12"),
    *(("manage.texts", key, {}, "manage.menu") for key in "123"),
    ("manage.new_pin", "2847", {}, "manage.new_pin_again"),
    *(
        ("manage.new_pin", "2847", {"check_new_pin": easy}, "manage.new_pin")
        for easy in ("common", "repeated", "run", "year", "own_number")
    ),
    ("manage.new_pin_again", "2847", {}, "manage.menu"),
    ("manage.new_pin_again", "2847", {"compare_pins": "different"}, "manage.new_pin"),
    ("manage.confirm_stop", "1", {}, "manage.deleted"),
    ("manage.confirm_stop", "2", {}, "manage.menu"),
]

QUESTIONS = {
    f"{flow.name}.{node.name}": node
    for flow in FLOWS.values()
    for node in flow.nodes.values()
    if isinstance(node, Question)
}
MENUS = {state: node for state, node in QUESTIONS.items() if isinstance(node, Menu)}
ENTRIES = {state: node for state, node in QUESTIONS.items() if isinstance(node, Collect)}
COUNTRIES = ["GT", "SV", "HN", "NI", "MX"]
ZONES = ["eastern", "central", "mountain", "arizona", "pacific"]


def waits_at(state: str) -> Call:
    chosen_from = {"countries": COUNTRIES, "countries_spoken": COUNTRIES, "zones": ZONES, "zones_spoken": ZONES}
    return Call.at(FLOWS, state, **chosen_from)


def settled(call: Call, outcomes: dict[str, str]) -> Call:
    """The call once its actions have come to their outcomes, each `outcomes` or the usual one."""
    while call.action:
        call.comes_to({**USUALLY, **outcomes}[call.action])
    return call


# Names and keys


@pytest.mark.parametrize(("state", "keys", "outcomes", "leads_to"), CONTRACT)
def test_each_key_leads_where_callers_learned(state: str, keys: str, outcomes: dict[str, str], leads_to: str) -> None:
    assert settled(waits_at(state).presses(keys), outcomes).state == leads_to


def test_the_table_walks_every_key_of_every_menu() -> None:
    walked = {(state, keys) for state, keys, _, _ in CONTRACT}
    offered = {(state, key) for state, menu in MENUS.items() for key in menu.options}
    assert offered - walked == set()
    assert QUESTIONS.keys() - {state for state, _, _, _ in CONTRACT} == {"inbound.callback_number"}


@pytest.mark.parametrize(
    ("state", "keys"),
    [
        ("inbound.main_menu", "123"),
        ("inbound.eligible", "12"),
        ("inbound.confirm_name", "123"),
        ("inbound.confirm_country", "12"),
        ("inbound.confirm_match", "12"),
        ("inbound.no_match", "12"),
        ("inbound.hand_over", "1"),
        ("inbound.channel", "123"),
        ("inbound.number", "12"),
        ("inbound.confirm_number", "12"),
        ("inbound.voicemail", "12"),
        ("inbound.night", "12"),
        ("inbound.consent", "12"),
        ("verify.hello", "12"),
        ("verify.eligible", "12"),
        ("verify.consent", "12"),
        ("notify.message", "1234"),
        ("reconfirm.hello", "12"),
        ("manage.menu", "123456"),
        ("manage.channel", "123"),
        ("manage.keep_number", "12"),
        ("manage.confirm_number", "12"),
        ("manage.settings", "1234"),
        ("manage.voicemail", "12"),
        ("manage.hours", "123"),
        ("manage.texts", "123"),
        ("manage.confirm_stop", "12"),
    ],
)
def test_a_menu_has_its_keys_and_no_other(state: str, keys: str) -> None:
    assert "".join(MENUS[state].options) == keys


def test_the_menu_of_the_signed_up_gives_no_key_another_meaning() -> None:
    assert MENUS["manage.menu"].options == {
        "1": "standing",
        "2": "last_notices",
        "3": "change_number",
        "4": "settings",
        "5": "new_pin",
        "6": "stop",
    }


def test_who_is_signed_up_does_many_things_in_one_call_but_not_for_ever() -> None:
    call = waits_at("manage.menu")
    for _ in range(12):
        assert settled(call.presses("1"), {}).state == "manage.menu"
    assert [call.waits().heard[0] for _ in range(2)] == ["manage_menu_again", "manage_menu_example"]  # misses apart
    assert call.presses("1").comes_to("told").action == "reach_person"


@pytest.mark.parametrize("state", QUESTIONS)
def test_zero_is_a_person_at_every_question(state: str) -> None:
    assert waits_at(state).presses("0").action == "reach_person"


@pytest.mark.parametrize("state", MENUS)
def test_nine_ends_the_call_from_every_menu(state: str) -> None:
    call = waits_at(state).presses("9")
    assert (call.over, call.action) == (True, None)
    assert call.heard[-1] in ("goodbye", "notify_goodbye", "verify_goodbye")


@pytest.mark.parametrize("state", QUESTIONS)
def test_star_asks_every_question_again(state: str) -> None:
    call = waits_at(state)
    asked = call.question
    assert call.presses("*").question == asked
    assert call.state == state


@pytest.mark.parametrize("state", QUESTIONS)
def test_whoever_only_waits_hears_every_wording_and_then_more_than_silence(state: str) -> None:
    call, question = waits_at(state), QUESTIONS[state]
    wordings = [question.again_silence, question.example, question.by_keypad][: question.tries]
    assert [call.waits().heard[0] for _ in wordings] == wordings
    call.waits()
    assert call.state != state
    assert call.heard


@pytest.mark.parametrize(
    ("state", "meaning"),
    [(state, menu.options) for state, menu in MENUS.items() if {"yes", "no"} & set(menu.options.values())],
)
def test_one_is_yes_and_two_is_no(state: str, meaning: dict[str, str]) -> None:
    assert meaning["1"] == "yes"
    assert meaning["2"] == "no" or state == "inbound.number"  # there, 2 is another number


@pytest.mark.parametrize("answers", [("1", "1", "2"), ("2", "1", "2")])
def test_who_may_not_ask_hears_nothing_about_any_person(answers: tuple[str, ...]) -> None:
    call = settled(Call.to({"inbound": FLOWS["inbound"], **FLOWS}), {})
    for keys in answers:
        settled(call.presses(keys), {})
    assert (call.state, call.heard) == ("inbound.main_menu", ["general_information", "main_menu"])


# One and the same to the caller


def test_nobody_found_and_doubt_that_stays_are_one_and_the_same() -> None:
    heard = {
        outcome: settled(waits_at("inbound.key_surname").presses("2789"), {"look_up_person": outcome}).heard
        for outcome in ("none", "doubt")
    }
    assert heard["none"] == heard["doubt"] == ["no_match"]


# Calls out


@pytest.mark.parametrize("flow", ["verify", "reconfirm", "notify"])
@pytest.mark.parametrize("answerer", ["person", "voicemail", "machine"])
def test_a_call_out_asks_only_a_person(flow: str, answerer: str) -> None:
    call = Call.to({flow: FLOWS[flow], **FLOWS})
    assert call.action == "who_answers"
    call.comes_to(answerer)
    assert call.over is (answerer != "person")
    neutral = {"person": f"{flow}_hello", "voicemail": "notify_voicemail" if flow == "notify" else None}
    assert call.heard[:1] == [prompt for prompt in [neutral.get(answerer)] if prompt]


@pytest.mark.parametrize("answerer", ["person", "voicemail", "machine"])
def test_the_neutral_end_is_said_to_a_person_once_and_to_no_machine(answerer: str) -> None:
    call = Call.to({"ended": FLOWS["ended"], **FLOWS}).comes_to(answerer)
    if answerer == "person":
        assert call.action == "note_end_told"
        call.comes_to("noted")
    assert call.over
    assert call.heard == (["ended_notice"] if answerer == "person" else [])


def test_nothing_but_the_neutral_hello_is_said_before_the_pin() -> None:
    call = Call.to({"notify": FLOWS["notify"], **FLOWS}).comes_to("person")
    assert (call.heard, call.state) == (["notify_hello", "notify_pin"], "notify.pin")


@pytest.mark.parametrize(("state", "action"), [("notify.pin", "check_pin"), ("manage.pin", "check_entry")])
def test_a_pin_is_tried_three_times_a_call(state: str, action: str) -> None:
    call = waits_at(state)
    tried = 0
    while call.state in ("notify.pin", "manage.confirmation", "manage.pin"):
        call.presses("2847" if call.state.endswith("pin") else "00345678")
        if call.action == action:
            tried += 1
            call.comes_to("wrong")
    assert tried == 3


# Length and pace


def test_a_sign_up_by_keypad_takes_at_most_twenty_answers() -> None:
    call = settled(Call.to({"inbound": FLOWS["inbound"], **FLOWS}), {})
    for keys in ("1", "1", "1", "262", "2789", "482", "1980", "1", "1", "1", "2", "2", "2847", "2847", "1"):
        settled(call.presses(keys), {})
    assert (call.state, call.over) == ("inbound.done", True)
    assert call.session.step == shortest("inbound.welcome", "inbound.done") <= 20


def shortest(start: str, end: str) -> int:
    """The fewest answers from one node to another."""
    waiting = deque([(start, 0)])
    seen: set[str] = set()
    while waiting:
        state, answers = waiting.popleft()
        if state == end:
            return answers
        if state in seen:
            continue
        seen.add(state)
        flow, _, node = state.partition(".")
        for _, way in FLOWS[flow].ways(FLOWS[flow].nodes[node]):
            if state in QUESTIONS:
                waiting.append((way.state, answers + 1))
            else:
                waiting.appendleft((way.state, answers))
    raise AssertionError(f"{end} is not to be reached")


@pytest.mark.parametrize("state", [state for state, menu in MENUS.items() if not menu.languages and not menu.choices])
def test_a_menu_offers_five_things_at_most(state: str) -> None:
    assert len(MENUS[state].options) <= (6 if state == "manage.menu" else 5)  # its six keys are a contract


@pytest.mark.parametrize(
    ("kind", "shortest_entry", "longest_entry"),
    [("pin", 4, 6), ("confirmation", 8, 8), ("number", 10, 11), ("birth_date", 1, 8), ("name", 2, None)],
)
def test_the_length_of_an_entry_is_known_by_its_kind(kind: str, shortest_entry: int, longest_entry: int | None) -> None:
    entries = [entry for entry in ENTRIES.values() if entry.kind == kind]
    assert {(entry.minimum, entry.maximum) for entry in entries} == {(shortest_entry, longest_entry)}


@pytest.mark.parametrize("state", QUESTIONS)
def test_nobody_waits_after_the_last_key_that_a_question_can_take(state: str) -> None:
    asked, node = waits_at(state).question, QUESTIONS[state]
    assert isinstance(asked, Ask)
    if isinstance(node, Menu):
        assert (asked.digits, asked.timeout) == (1, 7)
    if isinstance(node, Collect):
        assert (asked.digits, asked.timeout) == (None if node.letters else node.maximum, 10)
        assert node.letters or node.maximum is not None


@pytest.mark.parametrize("state", QUESTIONS)
def test_menus_and_entries_are_asked_by_speech_too_but_for_pins(state: str) -> None:
    node, asked = QUESTIONS[state], waits_at(state).question
    if isinstance(node, Collect):
        assert asked.listens_for == (None if node.kind == "pin" or state == "inbound.key_surname" else node.kind)
        assert asked.hints == ()
    else:
        assert asked.listens_for == "menu"
        assert 0 < len(asked.hints) <= 500
        assert all(0 < len(hint) <= 100 for hint in asked.hints)
