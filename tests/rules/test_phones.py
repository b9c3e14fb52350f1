"""Telephone numbers: reading them, refusing them, saying them. The numbers are kept for fiction."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.rules import phones
from hotline.rules.phones import PhoneRefusal

PERSON = "+12025550123"
HOTLINE = "+18005550199"
BRITISH = "+442079460123"  # of the range that Britain keeps for drama
FICTION = st.integers(100, 199).map(lambda last: f"202555{last:04d}")


@pytest.mark.parametrize(
    "raw",
    [
        "2025550123",
        "12025550123",
        "+12025550123",
        "+1 202 555 0123",
        "(202) 555-0123",
        "+1 (202) 555-0123",
        "202.555.0123",
        "202-555-0123.",
        "202\u2013555\u20110123",
        " 2025550123 ",
        "２０２５５５０１２３",
        "two zero two five five five zero one two three",
        "Two oh two, five five five, oh one two three.",
        "dos cero dos 555 0123",
        "0012025550123",
        "01112025550123",
    ],
)
def test_one_number_is_one_number_however_it_is_written(raw: str) -> None:
    assert phones.e164(raw) == PERSON


@pytest.mark.parametrize("raw", ["+442079460123", "011 44 20 7946 0123", "0044 20 7946 0123"])
def test_a_foreign_number_is_read_with_its_country(raw: str) -> None:
    assert phones.e164(raw) == BRITISH


def test_a_number_without_its_country_is_read_where_it_is_dialled() -> None:
    assert phones.e164("020 7946 0123", "GB") == BRITISH


@pytest.mark.parametrize(
    "raw",
    [
        "", " ", "0000000", "000", "911", "12345", "+112345", "+1 555", "555-0123", "2025550123456",
        "202555012",
        "202 555 0123 x9", "202 555 0123 ext. 9", "+12025550123;ext=9", "2025550123#9", "2025550123,9",
        "whatsapp:+12025550123", "client:ana", "sip:2025550123@example.org", "tel:+12025550123",
        "1-800-FLOWERS",
        "SUPPORT", "+1 1 202 555 0123", "++12025550123", "2025550123+", "five five five", "two zero too",
        "2" * 500, "+", "(", "1112223333",
    ],
)  # fmt: skip
def test_what_is_no_whole_number_is_refused(raw: str) -> None:
    assert phones.e164(raw) is None


FORMS = ["{0}", "1{0}", "+1{0}", "+1 {0}", "({1}) {2}-{3}", "1-{1}-{2}-{3}", "{1} {2} {3}"]


@given(FICTION, st.sampled_from(FORMS))
@settings(max_examples=100, deadline=None)
def test_every_way_to_write_a_number_gives_the_same_subscriber(digits: str, form: str) -> None:
    assert phones.e164(form.format(digits, digits[:3], digits[3:6], digits[6:])) == f"+1{digits}"


@given(st.text(max_size=30))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_the_reading_and_what_is_read_stays(raw: str) -> None:
    number = phones.e164(raw)
    assert number is None or phones.e164(number) == number


@pytest.mark.parametrize("from_", [PERSON, " 12025550123", "12025550123"])
def test_a_callers_number_is_known_also_where_its_plus_was_lost(from_: str) -> None:
    assert phones.caller(from_) == PERSON


@pytest.mark.parametrize(
    "from_",
    [
        "", " ", "anonymous", "Anonymous", "Restricted", "unknown", "client:ana", "sip:1000@203.0.113.5",
        "whatsapp:+12025550123", "68849", "12345", "+12345", "729725", "SUPPORT", "+", " 68849", "+0",
    ],
)  # fmt: skip
def test_a_caller_without_a_number_is_nobody(from_: str) -> None:
    assert phones.caller(from_) is None


def test_every_number_that_stands_for_withheld_is_nobody_in_any_spelling() -> None:
    assert len(phones.WITHHELD) == 5
    for number in phones.WITHHELD:
        for from_ in (number, number[1:], f" {number[1:]}"):
            assert phones.caller(from_) is None


def test_a_number_in_texas_that_looks_like_restricted_is_still_a_person() -> None:
    assert phones.caller("+17375550123") == "+17375550123"


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (PERSON, None),
        ("+18005550123", None),
        ("+17875550123", None),
        ("+16715550123", None),
        ("+13405550123", None),
        ("+16705550123", None),
        (HOTLINE, PhoneRefusal.OWN),
        ("+14165550123", PhoneRefusal.COUNTRY),
        (BRITISH, PhoneRefusal.COUNTRY),
        ("+19005550123", PhoneRefusal.PREMIUM),
        ("+12025551212", PhoneRefusal.PREMIUM),
        ("+12029760123", PhoneRefusal.PREMIUM),
        ("+15005550123", PhoneRefusal.PERSONAL),
        ("911", PhoneRefusal.EMERGENCY),
        ("+911", PhoneRefusal.EMERGENCY),
        ("+1911", PhoneRefusal.EMERGENCY),
        ("988", PhoneRefusal.EMERGENCY),
        ("68849", PhoneRefusal.SHORT),
        ("+12345", PhoneRefusal.SHORT),
        ("+15555550123", PhoneRefusal.INVALID),
        ("2025550123", PhoneRefusal.INVALID),
        ("+1202555012", PhoneRefusal.INVALID),
        ("client:ana", PhoneRefusal.INVALID),
        ("", PhoneRefusal.INVALID),
    ],
)
def test_only_numbers_that_a_subscriber_can_have_are_called(number: str, reason: PhoneRefusal | None) -> None:
    assert phones.refusal(number, {HOTLINE}) is reason


def test_every_kind_of_number_is_decided_upon() -> None:
    kinds = phonenumbers.PhoneNumberType.values()
    assert set(phones.BY_TYPE) == set(kinds)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (phonenumbers.PhoneNumberType.PREMIUM_RATE, PhoneRefusal.PREMIUM),
        (phonenumbers.PhoneNumberType.SHARED_COST, PhoneRefusal.SHARED_COST),
        (phonenumbers.PhoneNumberType.PERSONAL_NUMBER, PhoneRefusal.PERSONAL),
        (phonenumbers.PhoneNumberType.PAGER, PhoneRefusal.PAGER),
        (phonenumbers.PhoneNumberType.VOICEMAIL, PhoneRefusal.INVALID),
        (phonenumbers.PhoneNumberType.UAN, PhoneRefusal.INVALID),
        (phonenumbers.PhoneNumberType.MOBILE, None),
    ],
)
def test_costly_kinds_are_refused_in_an_allowed_country_too(kind: int, reason: PhoneRefusal | None) -> None:
    region = next(
        region
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        if (example := phonenumbers.example_number_for_type(region, kind)) and phonenumbers.number_type(example) == kind
    )
    example = phonenumbers.example_number_for_type(region, kind)
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    assert phones.refusal(number, (), {region}) is reason


@pytest.mark.parametrize("code", [870, 881, 882, 883])
def test_satellite_phones_are_refused(code: int) -> None:
    example = phonenumbers.example_number_for_non_geo_entity(code)
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    assert phones.refusal(number, (), {"US", "001"}) is PhoneRefusal.SATELLITE


def test_other_countries_can_be_allowed() -> None:
    assert phones.refusal(BRITISH, (), {"US", "GB"}) is None


def test_a_number_is_said_in_groups_and_known_by_its_end() -> None:
    assert phones.grouped(PERSON) == ("202", "555", "0123")
    assert phones.grouped(BRITISH) == ("44", "207", "946", "0123")
    assert phones.ending(PERSON) == "0123"
    assert phones.block(PERSON) == "+1202555"


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        (PERSON, ("America/New_York",)),
        ("+12135550123", ("America/Los_Angeles",)),
        ("+17875550123", ("America/Puerto_Rico",)),
        ("+16715550123", ("Pacific/Guam",)),
        ("+18085550123", ("Pacific/Honolulu",)),
        (HOTLINE, phones.UNITED_STATES),
        (BRITISH, phones.UNITED_STATES),
        ("+14165550123", phones.UNITED_STATES),
        ("+15555550123", phones.UNITED_STATES),
        ("", phones.UNITED_STATES),
    ],
)
def test_a_number_that_tells_no_place_is_awake_only_when_the_whole_country_is(
    number: str, zones: tuple[str, ...]
) -> None:
    assert phones.zones(number) == zones


def test_every_zone_is_one_that_the_computer_knows() -> None:
    assert len({ZoneInfo(zone).key for zone in phones.UNITED_STATES}) == len(phones.UNITED_STATES)
