from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from hotline.carrier.signature import MOST_FIELDS, Form, SignatureCheck
from hotline.simulator.signature import sign, signed_address

PUBLIC = "https://hotline.example.org"
TOKEN = "12345"

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
FORMS = st.dictionaries(NAMES, st.text(st.characters(codec="utf-8"), max_size=30), max_size=8)
TARGETS = st.from_regex(
    r"/[a-z]{1,8}(/[A-Za-z0-9_%.-]{0,12})?(\?([a-z]{1,3}=[A-Za-z0-9%+]{0,6}&?){0,3})?", fullmatch=True
)


def accepts(target: str, body: bytes, signature: str | None, public: str = PUBLIC, tokens: tuple = (TOKEN,)) -> bool:
    return SignatureCheck(public, tokens).accepts(target, Form.read(body), signature)


def test_the_example_of_the_platforms_own_page_is_accepted() -> None:
    body = urlencode(
        {
            "CallSid": "CA1234567890ABCDE",
            "Caller": "+14158675310",
            "Digits": "1234",
            "From": "+14158675310",
            "To": "+18005551212",
        }
    ).encode()
    signature = "L/OH5YylLD5NRKLltdqwSvS0BnU="
    assert accepts("/myapp.php?foo=1&bar=2", body, signature, public="https://example.com")
    assert not accepts("/myapp.php?foo=1&bar=2", body + b"&More=1", signature, public="https://example.com")
    assert not accepts("/myapp.php?bar=2&foo=1", body, signature, public="https://example.com")


@pytest.mark.parametrize(
    "pairs",
    [
        [("A", ""), ("B", ""), ("C", "c")],
        [("X", "2"), ("X", "1"), ("X", "2")],
        [("Body", "¿Dónde está? 🙂 \u202eשלום"), ("Ñ", "ñ")],
        [("a", "lower"), ("B", "upper"), ("A", "both")],
        [("Body", " kept \t\r\n "), ("Plus", "+1 202")],
        [],
    ],
    ids=["blanks", "repeats", "beyond ASCII", "order of letters", "white space", "nothing"],
)
def test_a_form_is_signed_as_it_was_sent(pairs: list[tuple[str, str]]) -> None:
    signature = sign(TOKEN, f"{PUBLIC}/sms/incoming", pairs)
    assert accepts("/sms/incoming", urlencode(pairs).encode(), signature)
    assert not accepts("/sms/incoming", urlencode([*pairs, ("More", "")]).encode(), signature)


@pytest.mark.parametrize(
    ("configured", "signed"),
    [
        ("https://hotline.example.org", "https://hotline.example.org"),
        ("https://hotline.example.org", "https://hotline.example.org:443"),
        ("https://hotline.example.org:443", "https://hotline.example.org"),
        ("https://hotline.example.org:8443", "https://hotline.example.org:8443"),
        ("https://hotline.example.org:8443", "https://hotline.example.org"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost", "http://localhost:80"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_the_port_of_the_public_address_may_be_signed_or_dropped(configured: str, signed: str) -> None:
    assert accepts("/voice/incoming", b"A=1", sign(TOKEN, f"{signed}/voice/incoming", [("A", "1")]), public=configured)


@pytest.mark.parametrize("voice", [True, False], ids=["voice", "text"])
@pytest.mark.parametrize("configured", ["https://hotline.example.org", "https://hotline.example.org:8443"])
def test_voice_and_text_are_both_accepted_as_the_platform_signs_them(configured: str, voice: bool) -> None:
    address = signed_address(f"{configured}/x", voice)
    assert accepts("/x", b"", sign(TOKEN, address), public=configured)


def test_another_port_is_another_address() -> None:
    signature = sign(TOKEN, "https://hotline.example.org:444/x")
    assert not accepts("/x", b"", signature)
    assert not accepts("/x", b"", signature, public="https://hotline.example.org:8443")


@pytest.mark.parametrize(
    "signature",
    [None, "", " ", "A" * 28, "A" * 4096, "ä" * 28, "\0" * 28, "L/OH5YylLD5NRKLltdqwSvS0BnU"],
    ids=["missing", "empty", "blank", "wrong", "4 kB", "beyond ASCII", "zeros", "cut"],
)
def test_an_odd_signature_is_refused_without_a_fault(signature: str | None) -> None:
    assert not accepts("/voice/incoming", b"A=1", signature)


def test_either_of_two_tokens_is_good_and_a_third_is_not() -> None:
    for token, good in (("first", True), ("second", True), ("third", False), ("", False)):
        signature = sign(token, f"{PUBLIC}/x", [("A", "1")])
        assert accepts("/x", b"A=1", signature, tokens=("first", "second")) is good
    assert not accepts("/x", b"A=1", sign("", f"{PUBLIC}/x", [("A", "1")]), tokens=())


def test_a_body_in_json_is_refused_whatever_its_address_says_of_it() -> None:
    body = b'{"CallSid": "CA1"}'
    for target in ("/x", "/x?bodySHA256=" + "0" * 64):
        assert not accepts(target, body, sign(TOKEN, PUBLIC + target))


@pytest.mark.parametrize("body", [b"\xff", b"A=%FF", b"A=%ed%a0%80", b"&".join([b"A=1"] * (MOST_FIELDS + 1))])
def test_a_body_that_is_no_form_can_not_be_read(body: bytes) -> None:
    with pytest.raises(ValueError):
        Form.read(body)


@settings(max_examples=200, deadline=None)
@given(form=FORMS, target=TARGETS)
def test_what_the_platforms_library_signs_is_accepted(form: dict[str, str], target: str) -> None:
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + target, form)
    assert accepts(target, urlencode(form).encode(), signature)


@settings(max_examples=200, deadline=None)
@given(form=FORMS, target=TARGETS, data=st.data())
def test_one_character_changed_anywhere_is_refused(form: dict[str, str], target: str, data: st.DataObject) -> None:
    pairs = sorted(form.items())
    signed = PUBLIC + target + "".join(name + value for name, value in pairs)
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + target, form)
    part = data.draw(st.sampled_from(["target", "signature", *(["value"] if pairs else [])]))
    other = data.draw(st.characters(codec="ascii", categories=["L", "N"]))
    if part == "value":
        at = data.draw(st.integers(0, len(pairs) - 1))
        pairs[at] = (pairs[at][0], changed(data, pairs[at][1], other))
    elif part == "target":
        target = "/" + changed(data, target[1:], other)
    else:
        signature = changed(data, signature, other)
    same = signed == PUBLIC + target + "".join(name + value for name, value in sorted(pairs))
    untouched = signature == RequestValidator(TOKEN).compute_signature(PUBLIC + target, dict(pairs))
    assert accepts(target, urlencode(pairs).encode(), signature) is (same and untouched)


def changed(data: st.DataObject, text: str, other: str) -> str:
    at = data.draw(st.integers(0, max(len(text) - 1, 0)))
    return text[:at] + other + text[at + 1 :]
