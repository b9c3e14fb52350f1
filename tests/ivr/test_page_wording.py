"""What subscribers read on their pages and in mails: the whole table of texts, in each language."""

from __future__ import annotations

import re

import pytest

from hotline.ivr import listen
from hotline.ivr.load import load_phrasebook
from hotline.ivr.phrasebook import slots
from tests.ivr.test_wording import (
    BANNED,
    BANNED_PHRASES,
    LANGUAGES,
    ROOT,
    STATUS,
    TELLING,
    beginnings_in,
    sentences,
    words_of,
)

TEXTS = load_phrasebook(ROOT / "audio", LANGUAGES, "pages.yaml").texts
TEMPLATES = "\n".join(
    path.read_text("utf-8")
    for folder in ("web", "services")
    for path in sorted((ROOT / "hotline" / folder).rglob("*"))
    if path.suffix in (".html", ".py")
)

BEHIND_THE_PIN = re.compile(
    r"^(standing_|last_|no_messages|got_it|noted|close$|closes$|choices_|kept|save|wishes_|voicemail|any_hour|fuller_|mails$"
    r"|language_|number_|channel_|zone_|word_|address_(heading|none|waits|set|stopped|forget)|new_pin_|pin_length|delete"
    r"|choose_|by_a_person)"
)
"""Texts of pages that only the PIN opens, or, before there is one, the link in a text to a number that said yes."""


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_each_language_reads_the_same_in_the_same_order(language: str) -> None:
    first = TEXTS[LANGUAGES[0]]
    assert list(TEXTS[language]) == list(first)
    assert {key: slots(text) for key, text in TEXTS[language].items()} == {
        key: slots(text) for key, text in first.items()
    }


@pytest.mark.parametrize("key", list(TEXTS["en"]))
def test_no_text_is_without_use(key: str) -> None:
    pieces = [key, *(f"{head}_" for head in ("address", "channel") if key.startswith(head))]
    used = any(re.search(rf"[\"']{piece}", TEMPLATES) for piece in pieces)
    assert used or key.endswith(("_heading", "_explained", "_button"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_blamed_accused_or_asked_about_their_status(language: str) -> None:
    for key, text in TEXTS[language].items():
        folded = f" {listen.fold(text)} "
        assert beginnings_in(text, BANNED[language]) == [], key
        assert [phrase for phrase in BANNED_PHRASES[language] if phrase in folded] == [], key
        assert beginnings_in(text, STATUS[language]) == [], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_sees_a_page_or_a_mail_before_the_pin_learns_nothing(language: str) -> None:
    seen = {key: text for key, text in TEXTS[language].items() if not BEHIND_THE_PIN.match(key)}
    assert {"mail_news", "mail_news_subject", "title", "door_heading", "address_yes_heading"} <= seen.keys()
    for key, text in seen.items():
        assert beginnings_in(text, TELLING[language]) == [], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short(language: str) -> None:
    read = [(key, sentence) for key, text in TEXTS[language].items() for sentence in sentences(text)]
    assert [(key, sentence) for key, sentence in read if len(words_of(sentence)) > 22] == []


def test_a_page_in_spanish_speaks_with_respect() -> None:
    familiar = re.compile(r"\b(tú|tu|tus|ti|te|puedes|quieres|elige|escribe|abre tus|pon)\b")
    assert {key: familiar.findall(text.casefold()) for key, text in TEXTS["es"].items() if familiar.search(text)} == {}
