"""What is understood of keys and words: tables, each walked whole."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hotline.ivr.flow import Collect, Lexicon, Menu, Question
from hotline.ivr.listen import Answered, Missed, MoreTime, Reading, Repeat, fold, phrases_in, spoken_digits, understand
from hotline.ivr.session import Heard, Keys, Recorded, Session, Silence
from tests.ivr.conftest import FLOWS, LANGUAGES, LEXICONS

QUESTIONS = {
    f"{flow.name}.{node.name}": node
    for flow in FLOWS.values()
    for node in flow.nodes.values()
    if isinstance(node, Question)
}
MENUS = [state for state, node in QUESTIONS.items() if isinstance(node, Menu)]
ENTRIES = [state for state, node in QUESTIONS.items() if isinstance(node, Collect)]
SILENCE, NO_MATCH = Missed("silence"), Missed("no_match")


def read(
    state: str, event: Heard | Keys | Silence | Recorded, language: str = "en", keypad_only: bool = False
) -> Reading:
    node = QUESTIONS[state]
    session = Session(
        state.partition(".")[0],
        "v",
        node.name,
        language,
        answers={
            "countries": ["GT", "SV", "HN"],
            "countries_spoken": ["Guatemala", "El Salvador", "Honduras"],
            "zones": ["eastern", "central", "mountain"],
            "zones_spoken": ["Eastern time", "Central time", "Mountain time"],
        },
        keypad_only=keypad_only,
    )
    every = isinstance(node, Menu) and node.languages
    return understand(node, event, session, tuple(LEXICONS.values()) if every else (LEXICONS[language],))


def said(state: str, text: str, language: str = "en", confidence: float | None = 0.9) -> Reading:
    return read(state, Heard(text, confidence), language)


# How sure the recogniser was


@pytest.mark.parametrize(
    ("confidence", "understood"),
    [
        (1.0, True),
        (0.93, True),
        (0.45, True),
        (0.449, False),
        (0.1, False),
        (0.0, False),
        (None, True),  # absent counts as 0.5
        (math.nan, True),
        (math.inf, True),
        (-0.2, True),
        (17.0, True),
    ],
)
def test_speech_below_the_threshold_is_not_understood(confidence: float | None, understood: bool) -> None:
    assert isinstance(said("inbound.consent", "yes", confidence=confidence), Answered) is understood
    assert isinstance(said("inbound.first_name", "Ana", confidence=confidence), Answered) is understood


@pytest.mark.parametrize(
    ("confidence", "kept"), [(0.93, 0.93), (0.5, 0.5), (None, 0.5), (math.nan, 0.5), (math.inf, 0.5), (-1.0, 0.5)]
)
def test_how_sure_it_was_is_kept_with_an_entry(confidence: float | None, kept: float) -> None:
    assert said("inbound.first_name", " Ana ", confidence=confidence) == Answered(
        "ok", {"first_name": "Ana", "first_name_by": "speech", "first_name_confidence": kept}
    )


@pytest.mark.parametrize("state", QUESTIONS)
def test_speech_without_words_is_silence(state: str) -> None:
    assert [said(state, text) for text in ("", "   ", "...", "?!", "—")] == [SILENCE] * 5


# Names


@pytest.mark.parametrize("state", QUESTIONS)
def test_a_masked_word_is_never_taken(state: str) -> None:
    assert [said(state, text) for text in ("D*** Bao", "F***", "****", "Ana D**")] == [NO_MATCH] * 4


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "Operator"), ("en", "Help"), ("en", "Person"), ("en", "Leave"), ("es", "Operador"), ("es", "Estrella")],
)
@pytest.mark.parametrize("part", ["first_name", "last_name"])
def test_a_name_is_not_taken_for_a_command(part: str, language: str, name: str) -> None:
    reading = said(f"inbound.{part}", name, language)
    assert isinstance(reading, Answered)
    assert (reading.outcome, reading.answers[part]) == ("ok", name)


@pytest.mark.parametrize("state", ["inbound.country", "inbound.birth_date", "inbound.enter_number"])
@pytest.mark.parametrize(
    ("language", "text", "reading"),
    [
        ("en", "Operator.", Answered("person")),
        ("en", "a person", Answered("person")),
        ("en", "Repeat that", Repeat()),
        ("es", "Operadora", Answered("person")),
        ("es", "Otra vez, por favor", Repeat()),
    ],
)
def test_other_entries_understand_what_can_be_said_everywhere(
    state: str, language: str, text: str, reading: Reading
) -> None:
    assert said(state, text, language) == reading


@pytest.mark.parametrize("state", [s for s in ENTRIES if not getattr(QUESTIONS[s], "speech", True)])
def test_what_may_only_be_keyed_is_never_taken_from_speech(state: str) -> None:
    assert {said(state, text) for text in ("two eight four seven", "2847", "28472", "nine")} == {NO_MATCH}


@pytest.mark.parametrize("state", ENTRIES)
def test_nothing_is_taken_from_speech_once_the_keypad_was_chosen(state: str) -> None:
    for text in ("Ana", "Guatemala", "1980", "2025550123", "12345678"):
        assert read(state, Heard(text, 0.9), keypad_only=True) == NO_MATCH


def test_every_question_but_a_pin_can_be_answered_by_speech() -> None:
    keyed_only = {state for state in ENTRIES if not getattr(QUESTIONS[state], "speech", True)}
    pins = {state for state in ENTRIES if getattr(QUESTIONS[state], "kind", "") == "pin"}
    assert keyed_only == {*pins, "inbound.key_surname"}  # asked because the spoken name left doubt


# Yes, no and numbers


@pytest.mark.parametrize(
    ("language", "text", "outcome"),
    [
        ("en", "yes please", "yes"),
        ("en", "Yes, please!", "yes"),
        ("en", "YES", "yes"),
        ("en", "No, thank you.", "no"),
        ("es", "sí, claro", "yes"),
        ("es", "si claro", "yes"),
        ("es", "¡Sí!", "yes"),
        ("es", "no, gracias", "no"),
        ("es", "No gracias.", "no"),
    ],
)
@pytest.mark.parametrize("name", ["eligible", "confirm_match", "voicemail", "night", "consent", "confirm_number"])
def test_yes_and_no_are_understood_as_people_say_them(name: str, language: str, text: str, outcome: str) -> None:
    reading = said(f"inbound.{name}", text, language)
    assert isinstance(reading, Answered)
    assert reading.outcome == outcome


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "yes no"), ("en", "no, yes"), ("en", "yes or no"), ("en", "not sure"), ("es", "sí, no"), ("es", "no sé")],
)
def test_yes_and_no_together_are_asked_again(language: str, text: str) -> None:
    assert said("inbound.consent", text, language) == NO_MATCH


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", MENUS)
def test_a_spoken_number_is_its_key_or_is_asked_again(state: str, language: str) -> None:
    for spoken_in in LANGUAGES:
        for word, digit in LEXICONS[spoken_in].digits.items():
            reading = said(state, word, language)
            assert reading in (read(state, Keys(digit), language), NO_MATCH), word
            if spoken_in == language:
                assert reading == read(state, Keys(digit), language), word


@pytest.mark.parametrize("state", MENUS)
@pytest.mark.parametrize(("language", "word"), [("en", "one"), ("en", "1"), ("en", "One."), ("es", "uno"), ("es", "1")])
def test_one_is_option_one_in_every_menu(state: str, language: str, word: str) -> None:
    assert said(state, word, language) == read(state, Keys("1"), language)
    assert said(state, word, language) not in (NO_MATCH, Answered("person"), Answered("leave"))


@pytest.mark.parametrize("state", MENUS)
def test_a_number_that_is_not_known_is_asked_again(state: str) -> None:
    for word in ("một", "一", "eins", "un deux", "٢٣", "one two", "zero one", "eleven", "11"):
        assert said(state, word) == NO_MATCH, word


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", MENUS)
def test_words_that_mean_nothing_choose_nothing(state: str, language: str) -> None:
    for text in ("blah", "the weather", "el tiempo", "hm"):
        assert said(state, text, language) == NO_MATCH


@pytest.mark.parametrize(
    ("language", "text", "number"),
    [
        ("en", "two oh two, five five five, oh one two three", "2025550123"),
        ("en", "202-555-0123", "2025550123"),
        ("en", "(202) 555-0123.", "2025550123"),
        ("en", "1 202 555 0123", "12025550123"),
        ("en", "my number is two zero two 555 0123", "2025550123"),
        ("en", "２０２５５５０１２３", "2025550123"),
        ("es", "dos cero dos, cinco cinco cinco, cero uno dos tres", "2025550123"),
        ("es", "mi número es el 202 555 0123", "2025550123"),
        ("en", "202 555", None),
        ("en", "202 555 0123 4567", None),
        ("en", "two oh two apples", None),
        ("en", "I do not know", None),
        ("es", "no sé", None),
    ],
)
def test_a_number_is_taken_digit_by_digit(language: str, text: str, number: str | None) -> None:
    reading = said("inbound.enter_number", text, language)
    if number is None:
        assert reading == NO_MATCH
    else:
        assert isinstance(reading, Answered)
        assert reading.answers["number_said"] == number


def test_words_beside_the_digits_make_no_number() -> None:
    lexicon = Lexicon({"filler": ("number",)}, {"two": "2", "oh": "0"})
    assert [spoken_digits(said, lexicon) for said in ("number two oh 2", "number", "", "two many")] == [
        "202",
        None,
        None,
        None,
    ]


def test_the_whole_of_what_was_said_goes_before_its_parts() -> None:
    lexicon = Lexicon({"yes": ("right",), "no": ("not right",), "stop": ("stop",)}, {})
    assert phrases_in("not right", ["yes", "no", "stop"], lexicon) == {"no"}
    assert phrases_in("it is not right", ["yes", "no", "stop"], lexicon) == {"yes", "no"}
    assert phrases_in("nonstop", ["yes", "no", "stop"], lexicon) == set()


# Keys


@pytest.mark.parametrize("state", QUESTIONS)
def test_star_and_zero_mean_the_same_at_every_question(state: str) -> None:
    assert [read(state, Keys(digits)) for digits in ("*", "**", "12*")] == [Repeat()] * 3
    assert [read(state, Keys(digits)) for digits in ("0", "7*0")] == [Answered("person")] * 2
    assert read(state, Keys("")) == SILENCE


@pytest.mark.parametrize("state", MENUS)
def test_nine_leaves_every_menu(state: str) -> None:
    assert read(state, Keys("9")) == Answered("leave")


@pytest.mark.parametrize(
    "state",
    [state for state in MENUS if not getattr(QUESTIONS[state], "choices", None) and state != "manage.menu"],
)
def test_five_gives_more_time_in_every_menu_where_it_is_no_choice(state: str) -> None:
    assert read(state, Keys("5")) == MoreTime()


@pytest.mark.parametrize(
    ("state", "digits", "taken"),
    [
        ("inbound.first_name", "262", True),
        ("inbound.first_name", "2", False),
        ("inbound.first_name", "101", False),  # spaces and hyphens are no letters
        ("inbound.first_name", "2016", True),
        ("inbound.country", "48", False),
        ("inbound.country", "482", True),
        ("inbound.birth_date", "1", True),
        ("inbound.birth_date", "1980", True),
        ("inbound.birth_date", "01021980", True),
        ("inbound.birth_date", "010219801", False),
        ("inbound.pin", "284", False),
        ("inbound.pin", "0284", True),
        ("inbound.pin", "284719", True),
        ("inbound.pin", "2847190", False),
        ("inbound.pin", "28#4", False),
        ("manage.confirmation", "1234567", False),
        ("manage.confirmation", "00345678", True),
        ("inbound.enter_number", "202555012", False),
        ("inbound.enter_number", "2025550123", True),
        ("inbound.enter_number", "12025550123", True),
        ("notify.pin", "9", False),  # wrong person
    ],
)
def test_an_entry_is_taken_when_it_is_whole(state: str, digits: str, taken: bool) -> None:
    reading = read(state, Keys(digits))
    into = getattr(QUESTIONS[state], "into", "")
    assert (isinstance(reading, Answered) and reading.answers.get(into) == digits) is taken


@given(state=st.sampled_from(ENTRIES), digits=st.text("0123456789*#", max_size=14))
@settings(max_examples=300, deadline=None)
def test_an_entry_is_just_what_was_keyed_after_the_last_star(state: str, digits: str) -> None:
    reading = read(state, Keys(digits))
    if isinstance(reading, Answered) and reading.outcome == "ok":
        assert reading.answers[getattr(QUESTIONS[state], "into", "")] == digits.rpartition("*")[2]


# Anything that a recogniser may write


@given(state=st.sampled_from(list(QUESTIONS)), language=st.sampled_from(LANGUAGES), text=st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_words_in_any_script_break_the_line(state: str, language: str, text: str) -> None:
    reading = said(state, text, language)
    assert isinstance(reading, (Answered, Missed, Repeat, MoreTime))
    assert (reading == SILENCE) == (not fold(text))


@given(st.text(max_size=40))
@example("ϒᴬℋİß")
@settings(max_examples=300, deadline=None)
def test_folded_words_stay_as_they_are(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.sampled_from(sorted({p for lexicon in LEXICONS.values() for ps in lexicon.phrases.values() for p in ps})))
@settings(max_examples=100, deadline=None)
def test_case_accents_and_marks_change_no_phrase(phrase: str) -> None:
    assert fold(f"¡{phrase.upper()}!  ") == fold(phrase) == phrase
