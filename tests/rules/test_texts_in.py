"""What a subscriber's short text is taken to mean."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import texts_in
from hotline.rules.texts_in import Meaning, meaning, platform_replies, wrong_person

EVERY_WORD = [(word, kind) for kind, words in texts_in.WORDS.items() for word in sorted(words)]
PHRASE_TABLES = {
    name: table for name, table in vars(texts_in).items() if name.isupper() and isinstance(table, frozenset)
}


@pytest.mark.parametrize(("word", "kind"), EVERY_WORD)
def test_every_listed_word_is_understood_however_it_is_typed(word: str, kind: Meaning) -> None:
    for typed in (word, word.upper(), word.title(), f"  {word}\n", f"{word}.", f"¡{word}!", f"{word} please"):
        assert meaning(typed) is kind


def test_no_word_stands_for_two_meanings() -> None:
    words = [word for word, _ in EVERY_WORD]
    assert len(words) == len(set(words))


@pytest.mark.parametrize("name", PHRASE_TABLES)
def test_every_entry_of_every_table_is_written_as_texts_are_compared(name: str) -> None:
    for entry in PHRASE_TABLES[name]:
        assert re.fullmatch(r"[a-z]+( [a-z]+)*", entry), entry
        assert "do not" not in entry


@pytest.mark.parametrize("phrase", sorted(texts_in.COMPLETE))
def test_every_complete_opt_out_stops_whatever_follows(phrase: str) -> None:
    assert meaning(f"Please {phrase} from here on, he was freed") is Meaning.STOP


@pytest.mark.parametrize("phrase", sorted(texts_in.PLAIN))
def test_every_plain_opt_out_stops_but_not_when_it_only_sets_a_bound(phrase: str) -> None:
    assert meaning(f"Please {phrase}!") is Meaning.STOP
    assert meaning(f"{phrase} at night") is Meaning.OTHER
    assert meaning(f"{phrase}. Text me") is Meaning.OTHER


@pytest.mark.parametrize("phrase", sorted(texts_in.OPENINGS))
def test_every_opening_stops_when_it_goes_on_about_our_messages_and_not_about_a_person(phrase: str) -> None:
    assert meaning(f"{phrase} these messages") is Meaning.STOP
    assert meaning(f"{phrase} him calls") is Meaning.OTHER


@pytest.mark.parametrize("word", sorted(texts_in.ENDINGS))
def test_a_word_that_ends_sentences_is_an_opt_out_only_as_the_whole_text(word: str) -> None:
    assert meaning(word) is Meaning.STOP
    assert meaning(f"He said so, {word}") is Meaning.OTHER


@pytest.mark.parametrize(
    "text",
    [
        "STOP PLEASE",
        "please stop texting me",
        "Stop texting me!!",
        "stop. stop. stop",
        "stop stop stop",
        "I want to stop",
        "OK, stop now",
        "Hi, can you stop sending me these messages about him?",
        "I told you to stop calling me",
        "take me off your list today",
        "Please unsubscribe me",
        "I want to opt-out",
        "Don't text me anymore",
        "DONT CALL ME",
        "don´t contact me again",
        "I don’t want these messages",
        "I no longer want updates",
        "No more texts",
        "i revoke my consent",
        "how do I cancel these alerts",
        "Wrong number. I am not this person",
        "Leave me alone!",
        "I don't want this anymore",
        "Please do not text",
        "Ya no quiero, gracias",
        "stopp",
        "🛑",
        "🛑🛑",
        "STOP",
        "Árret",
        "Alto, por favor",
        "por favor dejen de mandarme mensajes",
        "Quiero darme de baja",
        "No quiero más mensajes",
        "ya no quiero recibir avisos",
        "No me llamen más",
        "¡Basta ya!",
        "quisiera cancelar las llamadas",
        "¿Puede dejar de escribirme?",
        "Quítenme de la lista",
        "Se equivocó de número",
        "No, gracias. Cancelar.",
    ],
)
def test_a_clear_opt_out_in_ordinary_words_is_honoured(text: str) -> None:
    assert meaning(text) is Meaning.STOP


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "?",
        "👍",
        "Don't stop",
        "please don't stop texting me",
        "never stop the messages",
        "Tell him to stop calling me",
        "he won't stop calling me",
        "stop him from calling me",
        "I don't want to miss a message",
        "I don't want to stop these messages",
        "don't cancel my updates",
        "don't forget to call me",
        "Do not call me at night",
        "don't call me, text me",
        "don't call me text me instead",
        "stop texting me at work",
        "When is the end of his sentence?",
        "In the end he was released",
        "I want to end it",
        "it is over. The end",
        "stop by the office and then call me",
        "the bus stop is closed",
        "what happened",
        "yes but only by phone",
        "no",
        "No pares",
        "no cancelen mis mensajes",
        "No quiero dejar de recibir mensajes",
        "no quiero perder ningún aviso",
        "no quiero que lo liberen",
        "no me llamen de noche",
        "No me llamen, mándenme texto",
        "¿Cuándo va a salir?",
        "para recibir mensajes",
        "Es muy alto",
        "si deja de recibir mensajes",
    ],
)
def test_a_text_that_only_looks_like_an_opt_out_goes_to_the_conversation(text: str) -> None:
    assert meaning(text) is Meaning.OTHER


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Sí", Meaning.YES),
        ("SI\u0301", Meaning.YES),
        ("ＹＥＳ", Meaning.YES),
        ("Yes please, thank you", Meaning.YES),
        ("sí, por favor", Meaning.YES),
        ("Ok gracias", Meaning.OK),
        ("OK, got it. Thank you so much!", Meaning.OK),
        ("Yes, I asked for this.", Meaning.YES),
        ("yes that's me", Meaning.YES),
        ("¡Sí, yo lo pedí!", Meaning.YES),
        ("muchas gracias", Meaning.OTHER),
        ("I don't want this to happen again", Meaning.OTHER),
        ("start please", Meaning.START),
        ("ＵＮＳＴＯＰ", Meaning.START),
        ("Ayuda!!", Meaning.HELP),
        ("Información", Meaning.HELP),
        ("yes, stop", Meaning.STOP),
        ("help! stop texting me", Meaning.STOP),
    ],
)
def test_a_yes_an_ok_a_start_and_a_cry_for_help_are_understood(text: str, kind: Meaning) -> None:
    assert meaning(text) is kind


def test_the_platforms_own_reading_goes_first() -> None:
    assert meaning("hasta luego", "STOP") is Meaning.STOP
    assert meaning("whatever", "start") is Meaning.START
    assert meaning("stop", "HELP") is Meaning.HELP
    assert meaning("stop", "SOMETHING NEW") is Meaning.STOP
    assert meaning("yes", "") is Meaning.YES


@pytest.mark.parametrize("phrase", sorted(texts_in.WRONG_PERSON))
def test_a_stranger_with_the_number_is_stopped_and_reviewed(phrase: str) -> None:
    text = f"se {phrase}" if phrase.startswith("equivoc") else phrase
    assert wrong_person(text)
    assert not wrong_person("stop")


@pytest.mark.parametrize("word", sorted(texts_in.PLATFORM_WORDS))
def test_nobody_gets_two_answers_to_a_word_that_the_platform_answers(word: str) -> None:
    assert platform_replies(f" {word.upper()} ")
    assert not platform_replies(f"{word} please")
    assert meaning(word) in {Meaning.STOP, Meaning.START, Meaning.HELP}


def test_words_the_platform_does_not_know_are_answered_by_the_hotline() -> None:
    for word in ("ALTO", "AYUDA", "YES", "OK", "STOP PLEASE", ""):
        assert not platform_replies(word)
    assert platform_replies("ALTO", "STOP")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
def test_no_text_whatever_breaks_the_reading(text: str) -> None:
    assert meaning(text) in Meaning
    assert meaning(text.upper()) is meaning(text.upper().lower()) or not text.isascii()


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(EVERY_WORD), st.text(alphabet=" .,!?¡¿-_*\"'\n\t", max_size=6))
def test_blanks_and_marks_around_a_word_change_nothing(entry: tuple[str, Meaning], marks: str) -> None:
    word, kind = entry
    assert meaning(marks + word + marks) is kind
