"""How many segments a subscriber's text costs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules.segments import BASIC, EXTENSION, ROOM, Count, fits, segments


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", Count("GSM-7", 0, 0)),
        ("a", Count("GSM-7", 1, 1)),
        ("a" * 160, Count("GSM-7", 160, 1)),
        ("a" * 161, Count("GSM-7", 161, 2)),
        ("a" * 306, Count("GSM-7", 306, 2)),
        ("a" * 307, Count("GSM-7", 307, 3)),
        ("€" * 80, Count("GSM-7", 160, 1)),
        ("€" * 80 + "a", Count("GSM-7", 161, 2)),
        ("a" * 152 + "€" + "a" * 152, Count("GSM-7", 306, 3)),
        ("line\r\nline", Count("GSM-7", 10, 1)),
        ("é ñ Ç ü", Count("GSM-7", 7, 1)),
        ("ó" * 70, Count("UCS-2", 70, 1)),
        ("ó" * 71, Count("UCS-2", 71, 2)),
        ("ó" * 134, Count("UCS-2", 134, 2)),
        ("ó" * 135, Count("UCS-2", 135, 3)),
        ("a" * 69 + "’", Count("UCS-2", 70, 1)),
        ("a" * 70 + "’", Count("UCS-2", 71, 2)),
        ("😀" * 35, Count("UCS-2", 70, 1)),
        ("😀" * 36, Count("UCS-2", 72, 2)),
        ("a" * 66 + "😀" + "a" * 66, Count("UCS-2", 134, 3)),
        ("[ó]", Count("UCS-2", 3, 1)),
    ],
)
def test_a_text_is_counted_as_the_platform_counts_it(text: str, count: Count) -> None:
    assert segments(text) == count


def test_every_character_of_the_alphabet_takes_one_unit_and_of_its_extension_two() -> None:
    assert len(BASIC) == 127  # 128 places, one of them the escape
    assert len(EXTENSION) == 10
    for character in BASIC:
        assert segments(character) == Count("GSM-7", 1, 1)
    for character in EXTENSION:
        assert segments(character) == Count("GSM-7", 2, 1)


@pytest.mark.parametrize("character", "áíóúçÁÍÓÚ“”‘’–—…\t")
def test_one_letter_outside_the_alphabet_makes_the_whole_text_dearer(character: str) -> None:
    assert segments("a" * 100 + character).encoding == "UCS-2"


@pytest.mark.parametrize("encoding", sorted(ROOM))
def test_every_encoding_fills_its_segments_to_the_last_unit(encoding: str) -> None:
    letter = {"GSM-7": "a", "UCS-2": "ó"}[encoding]
    single, each = ROOM[encoding]
    assert segments(letter * single).segments == 1
    assert segments(letter * (single + 1)).segments == 2
    assert segments(letter * each * 5).segments == 5
    assert segments(letter * (each * 5 + 1)).segments == 6


def test_a_notice_in_english_takes_one_segment_and_in_spanish_two_short_ones_at_most() -> None:
    assert fits("a" * 160, "en")
    assert not fits("a" * 161, "en")
    assert not fits("ó", "en")
    assert fits("a" * 160, "es")
    assert not fits("a" * 161, "es")
    assert fits("ó" * 134, "es")
    assert not fits("ó" * 135, "es")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("aé€[ó😀\n"), max_size=400))
def test_a_text_always_fits_into_the_segments_it_is_said_to_take(text: str) -> None:
    count = segments(text)
    single, each = ROOM[count.encoding]
    assert (count.segments <= 1) == (count.units <= single)
    assert count.units <= max(single, count.segments * each)
    # At most one unit of each segment is lost to a character that may not be cut.
    assert count.segments <= 1 or count.units > (count.segments - 1) * (each - 1)
    assert segments(text + "a").segments >= count.segments
