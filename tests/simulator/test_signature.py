"""The signature that the far side checks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from hotline.simulator.signature import sign, signed_address

PRINTABLE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


def test_the_platforms_own_example_comes_out_to_the_letter() -> None:
    form = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675310"),
        ("Digits", "1234"),
        ("From", "+14158675310"),
        ("To", "+18005551212"),
    ]
    assert sign("12345", "https://example.com/myapp.php?foo=1&bar=2", form) == "L/OH5YylLD5NRKLltdqwSvS0BnU="


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.text("abCD", min_size=1, max_size=3), PRINTABLE), max_size=6))
def test_any_form_with_blanks_and_repeats_passes_the_platforms_own_validator(
    form: list[tuple[str, str]],
) -> None:
    url = "https://hotline.example.org/voice/incoming?a=1"
    repeated: dict[str, list[str]] = {}
    for name, value in form:
        repeated.setdefault(name, []).append(value)
    validator = RequestValidator("token")
    assert sign("token", url, form) == validator.compute_signature(url, _Multi(repeated))
    assert validator.validate(url, _Multi(repeated), sign("token", url, form))
    assert not validator.validate(url, _Multi(repeated), sign("other", url, form))


class _Multi(dict[str, list[str]]):
    """A form as web frameworks give it: a value by name, or all of them."""

    def getall(self, name: str) -> list[str]:
        return self[name]


@pytest.mark.parametrize(
    ("url", "voice", "signed"),
    [
        ("https://h.example.org:8443/a?x=1", True, "https://h.example.org/a?x=1"),
        ("https://h.example.org:8443/a?x=1", False, "https://h.example.org:8443/a?x=1"),
        ("http://h.example.org:8080/a", True, "http://h.example.org:8080/a"),
        ("http://h.example.org:8080/a", False, "http://h.example.org:8080/a"),
        ("https://h.example.org/a#rc=2&rp=all", True, "https://h.example.org/a"),
        ("https://user:word@h.example.org/a", True, "https://h.example.org/a"),
    ],
)
def test_ports_fragments_and_users_are_signed_as_the_platform_does(url: str, voice: bool, signed: str) -> None:
    assert signed_address(url, voice) == signed
