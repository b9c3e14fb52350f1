"""Names in other scripts, as their bearers write them in Latin letters."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import scripts
from hotline.rules.names import fold


@pytest.mark.parametrize(
    ("written", "country", "latin"),
    [
        ("محمد", "", "mohamed"), ("محمّد", "", "mohamed"), ("عبد الرحمن", "", "abd al rahman"),
        ("عبدالرزاق", "", "abdulrazzaq"), ("السيد", "", "sayed"), ("نور الدين", "", "nur al din"),
        ("الحسيني", "", "al hasini"), ("جرجس", "", "george"), ("پریسا", "IR", "parisa"), ("ژاله", "IR", "zhala"),
        ("Олександр", "", "oleksandr"), ("Григорій", "", "hryhoriy"), ("Володимир", "UA", "volodymyr"),
        ("Сергей", "RU", "sergey"), ("Ольга", "RU", "olga"), ("Мар'яна", "", "maryana"),
        ("राम", "", "ram"), ("प्रकाश", "", "prakash"), ("कमल", "", "kamal"), ("हरजीत", "", "harjit"),
        ("लक्ष्मी", "", "lakshmi"), ("विक्रम", "", "vikram"), ("ਸਿੰਘ", "", "singh"), ("ਬਲਵਿੰਦਰ", "", "balvindar"),
        ("ਮਨਪ੍ਰੀਤ", "", "manprit"), ("মোহাম্মদ", "", "mohammad"), ("પટેલ", "", "patel"), ("కృష్ణ", "", "krishna"),
        ("நடராஜன்", "", "natarajan"), ("አበበ", "", "abebe"), ("გიორგი", "", "giorgi"), ("张伟", "", "zhangwei"),
        ("曾", "", "zeng"), ("김", "", "kim"), ("Đặng", "", "dang"), ("Pérez Gómez", "", "perez gomez"), ("", "", ""),
    ],
)  # fmt: skip
def test_a_name_in_any_script_reads_as_on_a_passport(written: str, country: str, latin: str) -> None:
    assert scripts.latin(written, country) == latin


@pytest.mark.parametrize(
    ("whole", "parted"),
    [
        ("王小明", "王 小明"), ("张伟", "张 伟"), ("欧阳娜娜", "欧阳 娜娜"), ("김민수", "김 민수"),
        ("남궁민수", "남궁 민수"),
        ("王 小明", "王 小明"), ("王", "王"), ("Wang Wei", "Wang Wei"), ("", ""),
    ],
)  # fmt: skip
def test_a_name_written_without_blanks_parts_after_the_surname(whole: str, parted: str) -> None:
    assert scripts.apart(whole) == parted


@given(st.text(st.characters(min_codepoint=0x370, max_codepoint=0xD7A3, exclude_categories=("Cs",)), max_size=12))
@settings(max_examples=300, deadline=None)
def test_no_script_breaks_the_reading(text: str) -> None:
    latin = scripts.latin(text)
    assert fold(latin) == latin
    assert scripts.apart(text).replace(" ", "") == text.replace(" ", "") or not text.strip()
