"""Names as they are recorded, said, compared and read back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import names, tables


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("José María", "jose maria"),
        ("PEÑA-NIETO", "pena nieto"),
        ("O'Connor", "oconnor"),
        ("O’Connor", "oconnor"),
        ("N`Diaye", "ndiaye"),
        ("Nguyễn Thị Ánh", "nguyen thi anh"),
        ("Đỗ", "do"),
        ("Łukasz Wójcik", "lukasz wojcik"),
        ("Søren Ærø", "soren aero"),
        ("Groß", "gross"),
        ("Işıl Yıldız", "isil yildiz"),
        ("İbrahim", "ibrahim"),
        ("Иван Петров", "ivan petrov"),
        ("Al-Sayed", "al sayed"),
        ("  two   blanks ", "two blanks"),
        ("Ｍａｒｉａ", "maria"),
        ("Ana\u0301", "ana"),
        ("Juan, Jr.", "juan jr"),
        ("...", ""),
        ("", ""),
    ],
)
def test_any_script_and_spelling_becomes_plain_letters(text: str, folded: str) -> None:
    assert names.fold(text) == folded


@given(st.text(max_size=30))
@settings(max_examples=200, deadline=None)
def test_folding_twice_changes_nothing(text: str) -> None:
    once = names.fold(text)
    assert names.fold(once) == once
    assert once.isascii()
    assert once == " ".join(once.split())


def test_every_row_about_names_is_folded_and_stands_once() -> None:
    particles = tables.read("particles")
    assert len(set(particles)) == len(particles)
    kinds = ("particle", "prefix", "article", "middle", "child")
    assert all(names.fold(word) == word and kind in kinds for word, kind in particles)


@pytest.mark.parametrize(
    ("given_names", "surnames", "read_back"),
    [
        ("JUAN CARLOS", "PÉREZ MORALES", ("Juan", "Pérez")),
        ("Juan Carlos", "Pérez Morales", ("Juan", "Pérez")),
        ("MARÍA", "DE LA CRUZ PÉREZ", ("María", "De la Cruz")),
        ("María del Carmen", "de la Cruz", ("María", "de la Cruz")),
        ("ngọc anh", "nguyễn", ("Ngọc", "Nguyễn")),
        ("SEAN", "O'CONNOR", ("Sean", "O'Connor")),
        ("Sean", "O Connor", ("Sean", "O Connor")),
        ("jean-pierre", "n'diaye", ("Jean-Pierre", "N'Diaye")),
        ("IAN", "MCDONALD", ("Ian", "McDonald")),
        ("José", "SAN MARTÍN LÓPEZ", ("José", "San Martín")),
        ("ABDUL RAHMAN", "AL-SAYED", ("Abdul Rahman", "Al-Sayed")),
        ("VINCENT", "VAN DEN BERG", ("Vincent", "Van den Berg")),
        ("DeShawn", "McKay", ("DeShawn", "McKay")),
        ("小明", "王", ("小明", "王")),
        ("ИВАН", "ПЕТРОВ", ("Иван", "Петров")),
        ("De", "La", ("De", "La")),
        ("An", "Li", ("An", "Li")),
        ("ANA,", "PÉREZ, JR", ("Ana", "Pérez")),
        ("", "Quispe", ("", "Quispe")),
        ("  ", "", ("", "")),
    ],
)
def test_one_given_name_and_one_surname_are_read_back(
    given_names: str, surnames: str, read_back: tuple[str, str]
) -> None:
    assert names.shown(given_names, surnames) == read_back


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("perez", "peres"), ("perez", "peris"), ("gonzalez", "gonsales"), ("vazquez", "basques"),
        ("hernandez", "ernandes"), ("jimenez", "gimenes"), ("llanos", "yanos"), ("quintero", "kintero"),
        ("mohammed", "muhamed"), ("helena", "elena"), ("philip", "felipe"), ("thomas", "tomas"),
        ("yesenia", "jessenia"), ("cesar", "sesar"), ("wilmer", "vilmer"), ("nguyen", "nguyenn"),
        ("chavez", "shaves"), ("rocco", "roko"),
    ],
)  # fmt: skip
def test_spellings_that_sound_alike_share_a_skeleton(one: str, other: str) -> None:
    assert names.skeleton(one) == names.skeleton(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("perez", "lopez"), ("juan", "ruan"), ("ana", "na"), ("mohammed", "ahmed"), ("diaz", "ruiz")],
)
def test_names_that_sound_different_keep_different_skeletons(one: str, other: str) -> None:
    assert names.skeleton(one) != names.skeleton(other)
