"""What staff read when they are paged."""

from __future__ import annotations

import pytest

from hotline.rules.segments import fits
from hotline.rules.staff_pages import GIVE_UP, TRY_AGAIN, WORDS, Page


def test_every_page_has_its_words() -> None:
    assert set(WORDS) == set(Page)
    assert TRY_AGAIN < GIVE_UP


@pytest.mark.parametrize("kind", list(Page))
def test_a_page_is_one_text_that_names_nobody(kind: Page) -> None:
    words = WORDS[kind]
    assert fits(words.text, "en")
    assert words.subject
    assert "{" not in words.text
