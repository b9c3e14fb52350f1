"""Telephone numbers: reading them, who may be called, and what of them may be said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberType, timezone

from hotline.rules.hours import UNITED_STATES
from hotline.rules.spoken_dates import DIGIT_WORDS

US_AND_TERRITORIES = frozenset(("US", "PR", "VI", "GU", "AS", "MP"))

# What carriers put in place of a withheld number: the words ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and
# UNAVAILABLE on a keypad (Twilio, "Why am I getting calls from these strange numbers?").
WITHHELD = frozenset(("+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"))

_LONGEST = 60
_MOST_ZONES = 5  # more than these and the number belongs to no place
_FORM = re.compile(r"\+?[0-9][0-9 ()./-]*")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_DASHES = re.compile(r"[\u2010-\u2015\u2212\u00b7]")


class PhoneRefusal(StrEnum):
    """Why the hotline doesn't call or text a number."""

    INVALID = "invalid"
    """No numbering plan has it."""
    SHORT = "short"
    """A short code."""
    EMERGENCY = "emergency"
    OWN = "own"
    """One of the hotline's own."""
    COUNTRY = "country"
    """A country that isn't allowed."""
    PREMIUM = "premium"
    """The owner earns by each call; directory assistance and 976 among them."""
    SHARED_COST = "shared_cost"
    PERSONAL = "personal"
    """Follows its owner anywhere at the caller's cost (500 and its like)."""
    PAGER = "pager"
    SATELLITE = "satellite"


BY_TYPE = {
    PhoneNumberType.FIXED_LINE: None,
    PhoneNumberType.MOBILE: None,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: None,
    PhoneNumberType.TOLL_FREE: None,
    PhoneNumberType.VOIP: None,
    PhoneNumberType.PREMIUM_RATE: PhoneRefusal.PREMIUM,
    PhoneNumberType.SHARED_COST: PhoneRefusal.SHARED_COST,
    PhoneNumberType.PERSONAL_NUMBER: PhoneRefusal.PERSONAL,
    PhoneNumberType.PAGER: PhoneRefusal.PAGER,
    PhoneNumberType.UAN: PhoneRefusal.INVALID,
    PhoneNumberType.VOICEMAIL: PhoneRefusal.INVALID,
    PhoneNumberType.UNKNOWN: PhoneRefusal.INVALID,
}
# ITU-T E.164 country codes of the satellite systems.
_SATELLITE = frozenset((870, 881, 882, 883))
_EMERGENCY = frozenset(("911", "112", "988", "999", "1911", "1988"))


def e164(raw: str, region: str = "US") -> str | None:
    """A number keyed, spoken, typed or sent, as E.164; None unless it is a valid number of some country.

    Takes punctuation, full-width digits and spoken digits ("two oh two ..."). Refuses extensions, letters
    and addresses (whatsapp:, client:, sip:). `region` (ISO 3166-1) is where a number without its country is
    dialled.
    """
    text = unicodedata.normalize("NFKC", raw).strip()
    if not text or len(text) > _LONGEST:
        return None
    text = _DASHES.sub("-", text.rstrip("."))
    if any(letter.isalpha() for letter in text):
        text = _from_words(text)
    text = text if not text.startswith("(") else text[1:]
    if not _FORM.fullmatch(text):
        return None
    if text.startswith("00"):  # the prefix of most of the world; no number of North America begins so
        text = f"+{text[2:]}"
    number = _parsed(text, region)
    if number is None or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def caller(from_: str) -> str | None:
    """The caller's number as E.164; None when it is withheld or no number that can be called back.

    Takes the platform's From, also where its "+" was read as a blank.
    """
    sent = f"+{from_[1:]}" if re.match(r" [1-9]", from_) else from_
    if sent in WITHHELD or f"+{sent}" in WITHHELD:
        return None
    return e164(sent)


def refusal(
    number: str, own_numbers: Collection[str], countries: Collection[str] = US_AND_TERRITORIES
) -> PhoneRefusal | None:
    """Why an E.164 number is not to be called or texted; None when it may be.

    `own_numbers` are the hotline's, in E.164; `countries` those allowed, in ISO 3166-1 alpha-2.
    """
    if number in own_numbers:
        return PhoneRefusal.OWN
    digits = number.removeprefix("+")
    if digits in _EMERGENCY:
        return PhoneRefusal.EMERGENCY
    if digits.isascii() and digits.isdigit() and len(digits) <= 6:
        return PhoneRefusal.SHORT
    parsed = _parsed(number, None) if _E164.fullmatch(number) else None
    if parsed is None:
        return PhoneRefusal.INVALID
    if parsed.country_code in _SATELLITE:
        return PhoneRefusal.SATELLITE
    if not phonenumbers.is_valid_number(parsed):
        return PhoneRefusal.INVALID
    if _is_charged_exchange(number):
        return PhoneRefusal.PREMIUM
    by_type = BY_TYPE[phonenumbers.number_type(parsed)]
    if by_type:
        return by_type
    return None if phonenumbers.region_code_for_number(parsed) in countries else PhoneRefusal.COUNTRY


def ending(number: str) -> str:
    """The last four digits, all that is said of a number we know."""
    return number[-4:]


def grouped(number: str) -> tuple[str, ...]:
    """The digits for reading back, 3-3-4; a number outside +1 begins with its country code."""
    parsed = phonenumbers.parse(number)
    national = phonenumbers.national_significant_number(parsed)
    head, last = national[:-4], national[-4:]
    groups = tuple(head[at : at + 3] for at in range(0, len(head), 3))
    country = () if parsed.country_code == 1 else (str(parsed.country_code),)
    return (*country, *groups, last)


def zones(number: str) -> tuple[str, ...]:
    """The IANA time zones in which the number's owner may be.

    Every zone of the United States for a toll-free or foreign number and any other that tells no place there,
    so that the strictest hours hold.
    """
    parsed = _parsed(number, None)
    if parsed is None or phonenumbers.region_code_for_number(parsed) not in US_AND_TERRITORIES:
        return UNITED_STATES
    found = timezone.time_zones_for_number(parsed)
    if len(found) > _MOST_ZONES or timezone.UNKNOWN_TIMEZONE in found:
        return UNITED_STATES
    return tuple(found)


def block(number: str) -> str:
    """The E.164 number without its last four digits, for limits on a block of ten thousand numbers."""
    return number[:-4]


def _parsed(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    # "+1 1 202 ..." is read with a 1 dropped, "+112345" as five digits: neither number was dialled.
    written = "".join(sign for sign in text if sign.isdigit())
    plain = f"{number.country_code}{phonenumbers.national_significant_number(number)}"
    return number if not text.startswith("+") or written == plain else None


def _from_words(text: str) -> str:
    """Spoken digits as digits; "" when a word is none."""
    words = re.sub(r"[,-]", " ", text.lower()).split()
    digits = [DIGIT_WORDS.get(word, word) for word in words]
    return "".join(digits) if all(_FORM.fullmatch(word) for word in digits) else ""


def _is_charged_exchange(number: str) -> bool:
    """Exchange 976 and 555-1212 in any area of North America are charged by the call."""
    return bool(re.fullmatch(r"\+1[2-9][0-9]{2}(?:976[0-9]{4}|5551212)", number))
