"""Dates of birth as records hold them and callers give them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import birth_dates
from hotline.rules.birth_dates import Agreement, BirthDate

TODAY = date(2026, 11, 25)
DATES = st.dates(date(1910, 1, 1), date(2026, 11, 25))
BIRTHS = st.one_of(
    st.builds(lambda day: BirthDate(day.year, day.month, day.day), DATES),
    st.builds(lambda day: BirthDate(day.year, day.month), DATES),
    st.builds(lambda day: BirthDate(day.year), DATES),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1985-03-05", BirthDate(1985, 3, 5)),
        (" 1985-03-05 ", BirthDate(1985, 3, 5)),
        ("1984-02-29", BirthDate(1984, 2, 29)),
        ("1985-03", BirthDate(1985, 3)),
        ("1985", BirthDate(1985)),
        ("1985-02-29", None),
        ("1985-13", None),
        ("1985-00-00", None),
        ("0000-00-00", None),
        ("85-03-05", None),
        ("03/05/1985", None),
        ("1985-3-5", None),
        ("１９８５", None),
        ("9999-12-31", None),
        ("", None),
        ("unknown", None),
    ],
)
def test_the_feed_gives_a_whole_date_a_month_or_a_year_and_nothing_else(text: str, expected: BirthDate | None) -> None:
    assert birth_dates.from_feed(text) == expected


@given(BIRTHS)
@settings(max_examples=100, deadline=None)
def test_a_date_written_down_reads_back_as_the_same(birth: BirthDate) -> None:
    assert birth_dates.from_feed(str(birth)) == birth


@pytest.mark.parametrize("parts", [(1985, None, 5), (1985, 2, 30), (1985, 13, None), (0, None, None)])
def test_a_date_that_no_calendar_has_cannot_be_made(parts: tuple[int, int | None, int | None]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        BirthDate(*parts)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("03051985", BirthDate(1985, 3, 5)),
        ("25121985", BirthDate(1985, 12, 25)),
        ("12251985", BirthDate(1985, 12, 25)),
        ("02291984", BirthDate(1984, 2, 29)),
        ("1985", BirthDate(1985)),
        ("2026", BirthDate(2026)),
        ("11252026", BirthDate(2026, 11, 25)),
        ("02291985", None),
        ("31311985", None),
        ("00001985", None),
        ("11262026", None),
        ("2027", None),
        ("1905", None),
        ("11241906", None),
        ("11251906", BirthDate(1906, 11, 25)),
        ("1", None),
        ("", None),
        ("030585", None),
        ("0305198", None),
        ("٠٣٠٥١٩٨٥", None),
        ("abcd", None),
    ],
)
def test_keys_are_month_day_year_or_a_year_that_somebody_alive_was_born_in(
    keys: str, expected: BirthDate | None
) -> None:
    assert birth_dates.from_keys(keys, TODAY) == expected


@given(st.dates(date(1907, 1, 1), TODAY))
@settings(max_examples=200, deadline=None)
def test_every_possible_date_can_be_keyed(day: date) -> None:
    assert birth_dates.from_keys(f"{day:%m%d%Y}", TODAY) == BirthDate(day.year, day.month, day.day)


@given(st.text(alphabet="0123456789*# ", max_size=10))
@settings(max_examples=200, deadline=None)
def test_no_keys_make_a_birth_in_the_future_or_beyond_120_years(keys: str) -> None:
    birth = birth_dates.from_keys(keys, TODAY)
    assert birth is None or 1906 <= birth.year <= 2026


ENGLISH = [
    ("March 5th 1980", BirthDate(1980, 3, 5)),
    ("March 5, 1980.", BirthDate(1980, 3, 5)),
    ("the fifth of March nineteen eighty", BirthDate(1980, 3, 5)),
    ("March fifth nineteen eighty five", BirthDate(1985, 3, 5)),
    ("It's March the 5th, 1980", BirthDate(1980, 3, 5)),
    ("5 March 1980", BirthDate(1980, 3, 5)),
    ("Sept 9 1990", BirthDate(1990, 9, 9)),
    ("seventh of July nineteen ninety-nine", BirthDate(1999, 7, 7)),
    ("March twenty first two thousand one", BirthDate(2001, 3, 21)),
    ("March twenty two thousand one", BirthDate(2001, 3, 20)),
    ("May the 3rd, '85", BirthDate(1985, 5, 3)),
    ("December 25 19 80", BirthDate(1980, 12, 25)),
    ("03/05/1980", BirthDate(1980, 3, 5)),
    ("25/12/1980", BirthDate(1980, 12, 25)),
    ("3 5 1980", BirthDate(1980, 3, 5)),
    ("oh three oh five nineteen eighty", BirthDate(1980, 3, 5)),
    ("zero three zero five one nine eight zero", BirthDate(1980, 3, 5)),
    ("03051980", BirthDate(1980, 3, 5)),
    ("1980", BirthDate(1980)),
    ("one nine eight zero", BirthDate(1980)),
    ("nineteen eighty", BirthDate(1980)),
    ("nineteen hundred and eighty", BirthDate(1980)),
    ("twenty oh one", BirthDate(2001)),
    ("two thousand and one", BirthDate(2001)),
    ("one thousand nine hundred eighty", BirthDate(1980)),
    ("nineteen eighty-five, March fifth", BirthDate(1985, 3, 5)),
    ("1985-03-05", BirthDate(1985, 3, 5)),
    ("3/5/80", BirthDate(1980, 3, 5)),
    ("born in 1975", BirthDate(1975)),
    ("I think 1975", BirthDate(1975)),
    ("March 1980", BirthDate(1980, 3)),
    ("March nineteen eighty", BirthDate(1980, 3)),
    ("March 5", None),
    ("March", None),
    ("he is 45", None),
    ("forty five years old", None),
    ("1980 or 1981", None),
    ("March or May 1980", None),
    ("February thirtieth nineteen eighty", None),
    ("March 5 2035", None),
    ("2200000000", None),
    ("1" * 5000, None),
    ("I don't know", None),
    ("", None),
]
SPANISH = [
    ("5 de marzo de mil novecientos ochenta", BirthDate(1980, 3, 5)),
    ("cinco de marzo de mil novecientos ochenta y cinco", BirthDate(1985, 3, 5)),
    ("5 de marzo de 1980", BirthDate(1980, 3, 5)),
    ("primero de mayo del dos mil", BirthDate(2000, 5, 1)),
    ("1º de mayo de 1990", BirthDate(1990, 5, 1)),
    ("veintiuno de enero de dos mil tres", BirthDate(2003, 1, 21)),
    ("treinta y uno de diciembre de mil novecientos setenta y nueve", BirthDate(1979, 12, 31)),
    ("tres de setiembre del ochenta y dos", BirthDate(1982, 9, 3)),
    ("marzo 5 1980", BirthDate(1980, 3, 5)),
    ("March 5 1980", BirthDate(1980, 3, 5)),
    ("5/3/1980", BirthDate(1980, 3, 5)),
    ("3/25/1980", BirthDate(1980, 3, 25)),
    ("mayo cinco de mil novecientos ochenta", BirthDate(1980, 5, 5)),
    ("mayo dos mil novecientos ochenta", BirthDate(1980, 5, 2)),
    ("marzo veintidós mil novecientos ochenta", BirthDate(1980, 3, 22)),
    ("marzo veintidós de mil novecientos ochenta", BirthDate(1980, 3, 22)),
    ("marzo veinte dos mil uno", BirthDate(2001, 3, 20)),
    ("cinco del tres del ochenta", BirthDate(1980, 3, 5)),
    ("el 5 del 3 de 1980", BirthDate(1980, 3, 5)),
    ("mil novecientos ochenta", BirthDate(1980)),
    ("diecinueve ochenta y cinco", BirthDate(1985)),
    ("nació en mil novecientos setenta y cinco", BirthDate(1975)),
    ("dos mil uno", BirthDate(2001)),
    ("el año 1975", BirthDate(1975)),
    ("mayo de 1980", BirthDate(1980, 5)),
    ("uno nueve ocho cero", BirthDate(1980)),
    ("no sé", None),
    ("tiene cuarenta años", None),
]


@pytest.mark.parametrize(("text", "expected"), ENGLISH)
def test_a_date_said_in_english_is_understood(text: str, expected: BirthDate | None) -> None:
    assert birth_dates.from_speech(text, "en-US", TODAY) == expected


@pytest.mark.parametrize(("text", "expected"), SPANISH)
def test_a_date_said_in_spanish_is_understood(text: str, expected: BirthDate | None) -> None:
    assert birth_dates.from_speech(text, "es", TODAY) == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [("5 mars 1980", "fr"), ("5 de março de 1980", "pt-BR"), ("1980年3月5日", "zh"), ("5 Mart 1980", "tr")],
)
def test_months_are_understood_in_languages_without_number_words(text: str, language: str) -> None:
    assert birth_dates.from_speech(text, language, TODAY) == BirthDate(1980, 3, 5)


def test_a_language_nobody_knows_still_gets_digits_read() -> None:
    assert birth_dates.from_speech("05/03/1980", "xx-nonsense-tag", TODAY) == BirthDate(1980, 3, 5)


@given(st.text(max_size=40), st.sampled_from(["en", "es", "fr", "zh", ""]))
@settings(max_examples=200, deadline=None)
def test_no_speech_breaks_the_reading_of_dates(text: str, language: str) -> None:
    birth = birth_dates.from_speech(text, language, TODAY)
    assert birth is None or 1906 <= birth.year <= 2026
    assert birth_dates.unknown(text, language) in (True, False)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("I don't know.", "en", True),
        ("I don’t know", "en", True),
        ("not sure", "en", True),
        ("I can't remember it", "en", True),
        ("no sé", "es", True),
        ("No lo sé.", "es", True),
        ("no me acuerdo", "es", True),
        ("ni idea", "es-US", True),
        ("I don't know", "es", True),
        ("1980", "en", False),
        ("no", "en", False),
        ("no se", "en", False),
        ("sí, 1980", "es", False),
    ],
)
def test_not_knowing_is_heard_as_an_answer(text: str, language: str, expected: bool) -> None:
    assert birth_dates.unknown(text, language) is expected


@pytest.mark.parametrize(
    ("said", "recorded", "expected"),
    [
        ("1985-03-05", "1985-03-05", Agreement.EXACT),
        ("1985-01-01", "1985-01-01", Agreement.YEAR),
        ("1985-05-03", "1985-03-05", Agreement.SWAPPED),
        ("1985", "1985-03-05", Agreement.YEAR),
        ("1985-03-05", "1985", Agreement.YEAR),
        ("1985-03-05", "1985-01-01", Agreement.YEAR),
        ("1985-03", "1985-03-05", Agreement.YEAR),
        ("1985-03-06", "1985-03-05", Agreement.YEAR),
        ("1985-11-20", "1985-03-05", Agreement.YEAR),
        ("1985", "1985", Agreement.YEAR),
        ("1984", "1985-03-05", Agreement.NEAR),
        ("1986-03-05", "1985-03-05", Agreement.NEAR),
        ("1986-05-03", "1985-03-05", Agreement.NEAR),
        ("1986-03-09", "1985-03-05", Agreement.NEAR),
        ("1986-07-09", "1985-01-01", Agreement.NEAR),
        ("1986-07-09", "1985-03-05", Agreement.CONTRADICTS),
        ("1983", "1985-03-05", Agreement.CONTRADICTS),
        ("1983-03-05", "1985-03-05", Agreement.CONTRADICTS),
    ],
)
def test_two_dates_agree_as_far_as_both_are_known(said: str, recorded: str, expected: Agreement) -> None:
    one, other = birth_dates.from_feed(said), birth_dates.from_feed(recorded)
    assert birth_dates.agreement(one, other) is expected
    assert birth_dates.agreement(other, one) is expected


def test_a_date_that_nobody_knows_neither_agrees_nor_contradicts() -> None:
    assert birth_dates.agreement(None, BirthDate(1985)) is Agreement.UNKNOWN
    assert birth_dates.agreement(BirthDate(1985), None) is Agreement.UNKNOWN


@given(BIRTHS, BIRTHS)
@settings(max_examples=300, deadline=None)
def test_a_year_off_by_more_than_one_always_contradicts(said: BirthDate, recorded: BirthDate) -> None:
    answer = birth_dates.agreement(said, recorded)
    if abs(said.year - recorded.year) > 1:
        assert answer is Agreement.CONTRADICTS
    if said.year == recorded.year:
        assert answer in (Agreement.EXACT, Agreement.SWAPPED, Agreement.YEAR)


@pytest.mark.parametrize(
    ("recorded", "first_day"),
    [
        ("2008-11-25", date(2026, 11, 25)),
        ("2008-02-29", date(2026, 3, 1)),
        ("2008-02-28", date(2026, 2, 28)),
        ("2008", date(2026, 12, 31)),
        ("2008-01-01", date(2026, 12, 31)),
        ("2008-02", date(2026, 3, 1)),
        ("2007-02", date(2025, 2, 28)),
        ("2008-04", date(2026, 4, 30)),
        ("2008-12", date(2026, 12, 31)),
    ],
)
def test_a_person_counts_as_adult_from_the_first_day_the_record_proves_it(recorded: str, first_day: date) -> None:
    assert birth_dates.adult_on(birth_dates.from_feed(recorded)) == first_day


def test_without_a_date_of_birth_nobody_ever_counts_as_adult() -> None:
    assert birth_dates.adult_on(None) is None


@given(DATES)
@settings(max_examples=200, deadline=None)
def test_less_of_a_date_never_makes_an_adult_sooner(day: date) -> None:
    whole = birth_dates.adult_on(BirthDate(day.year, day.month, day.day))
    month = birth_dates.adult_on(BirthDate(day.year, day.month))
    year = birth_dates.adult_on(BirthDate(day.year))
    assert whole is not None
    assert month is not None
    assert year is not None
    assert year >= whole >= day + timedelta(days=18 * 365 + 4)
    assert month >= whole or (day.month, day.day) == (1, 1)
    assert year >= month or month == date(day.year + 18, 12, 31)
