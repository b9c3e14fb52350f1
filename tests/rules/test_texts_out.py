"""The words of texts, and what keeps a language's texts from being sent."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from hotline.ivr.load import load_phrasebook
from hotline.rules.event_kinds import EventKind
from hotline.rules.segments import segments
from hotline.rules.texts_out import FULLER, LONGEST_CODE, LONGEST_DAY, OWN, code_word, faults, news_key, with_code_word

AUDIO = Path(__file__).parents[2] / "audio"
TEXTS = load_phrasebook(AUDIO, ("en", "es")).texts
HOTLINE = "+1 800 555 0199"
LINK = "https://hotline.example.org/l/" + "x" * 22
GOOD = "Call {hotline}. STOP to stop. In danger, dial 911."


def all_faults(text: str, language: str = "en", key: str = "text_news") -> list[str]:
    return list(faults({language: {key: text}}, HOTLINE, LINK))


def test_every_text_of_every_language_may_be_sent() -> None:
    assert list(faults(TEXTS, HOTLINE, LINK)) == []
    assert set(TEXTS["en"]) >= OWN


def test_a_text_over_one_segment_is_refused_with_its_size() -> None:
    assert all_faults(GOOD) == []
    [fault] = all_faults(GOOD + "x" * 100)
    assert fault == "text_news: too long in en: 170 units of GSM-7, 2 segments"


def test_the_code_word_counts_where_it_stands_before_a_text_and_nowhere_else() -> None:
    longest = GOOD.ljust(160 - len(HOTLINE) + len("{hotline}"), "x")
    assert segments(longest.format(hotline=HOTLINE)).units == 160
    assert all_faults(longest, key="text_help") == []
    assert all_faults(longest, key="text_news") != []


def test_a_letter_that_makes_a_text_dear_is_refused_in_english_and_taken_in_spanish() -> None:
    assert all_faults(GOOD + " ó") != []
    assert all_faults(GOOD + " ó", "es") == []


@pytest.mark.parametrize(
    ("missing", "said"), [("STOP to stop. ", "how to stop"), (" In danger, dial 911.", "in danger")]
)
def test_a_text_that_does_not_say_how_to_stop_or_what_to_do_in_danger_is_refused(missing: str, said: str) -> None:
    [fault] = all_faults(GOOD.replace(missing, ""))
    assert said in fault


def test_a_piece_of_news_that_makes_a_fuller_text_too_long_is_named() -> None:
    prompts = {"text_fuller": GOOD + " {told}", "fuller_released": "x" * 100, "fuller_removed": "x"}
    assert [fault.partition(":")[0] for fault in faults({"en": prompts}, HOTLINE, LINK)] == ["fuller_released"]


@pytest.mark.parametrize("kind", EventKind)
def test_a_fuller_text_is_for_those_who_chose_it_and_never_for_a_death(kind: EventKind) -> None:
    now = timedelta(hours=1)
    assert news_key(kind, fuller=False, age=now) == "text_news"
    assert news_key(kind, fuller=True, age=now) == ("text_fuller" if kind in FULLER else "text_news")
    assert EventKind.DIED not in FULLER


def test_an_event_older_than_two_days_at_its_first_attempt_is_told_with_its_date() -> None:
    assert news_key(EventKind.DIED, fuller=False, age=timedelta(hours=48)) == "text_news"
    assert news_key(EventKind.DIED, fuller=False, age=timedelta(hours=48, seconds=1)) == "text_news_dated"


@pytest.mark.parametrize("language", TEXTS)
def test_every_fuller_text_tells_the_day_and_nobodys_name(language: str) -> None:
    for key in FULLER.values():
        told = TEXTS[language][key].format(when=LONGEST_DAY)  # a slot for a name would raise
        assert LONGEST_DAY in told


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Maple", "Maple"), (" maple7 ", "maple7"), ("árbol", "arbol"), ("niño", "niño"), ("casa’", None), ("a", None),
        ("a" * LONGEST_CODE, "a" * LONGEST_CODE), ("a" * (LONGEST_CODE + 1), None), ("two words", None), ("", None),
        ("море", None), ("a\nb", None), ("x{y}", None), ("ｍａｐｌｅ", "maple"),
    ],
)  # fmt: skip
def test_a_code_word_is_a_short_word_in_the_letters_of_a_text(written: str, kept: str | None) -> None:
    assert code_word(written) == kept


def test_the_code_word_stands_first() -> None:
    assert with_code_word("A message.", "maple") == "maple: A message."
    assert with_code_word("A message.", None) == "A message."


@pytest.mark.parametrize("language", TEXTS)
def test_even_a_fuller_text_begins_neutrally(language: str) -> None:
    before_the_news = TEXTS[language]["text_fuller"].partition("{told}")[0].format(hotline=HOTLINE)
    assert len(before_the_news) >= 40
