from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest
from twilio.request_validator import RequestValidator

from hotline.services.line import Line
from hotline.web.app import make_app
from tests.web.conftest import PUBLIC, TOKEN, Reply, Web, call_form, rows, sign, text_form, unchanged

FORM = call_form()
BODY = urllib.parse.urlencode(FORM).encode()
GOOD = sign("/voice/incoming", FORM)

WEBHOOKS = [
    "/voice/incoming", "/voice/step/x", "/voice/out/x", "/voice/hold/1/x", "/voice/hold/1/out/x", "/voice/fallback",
    "/voice/hold/1/voicemail/x", "/voice/machine/x", "/voice/voicemail/x",
    "/voice/status", "/voice/status/x", "/sms/incoming", "/sms/status", "/sms/status/x",
]  # fmt: skip

PEOPLE = ("/l/", "/messages/", "/mail/bounces")
"""Where others than the platform post to: subscribers with a PIN or a link, a mail service with its token."""

SPOOFED = [
    {"Host": "127.0.0.1:5000"},
    {"Host": "evil.example"},
    {"Host": "hotline.example.org:443"},
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Proto": "http"},
    {"X-Forwarded-Proto": "https,http", "X-Forwarded-Host": "evil.example, other.example"},
    {"X-Forwarded-Port": "8080", "X-Forwarded-For": "192.0.2.1", "Forwarded": "host=evil.example;proto=http"},
    {"X-Original-URL": "/voice/fallback", "X-Rewrite-URL": "/voice/fallback"},
    {"I-Twilio-Idempotency-Token": "x", "User-Agent": "TwilioProxy/1.1"},
]

WRONG = {
    "missing": {},
    "empty": {"X-Twilio-Signature": ""},
    "of another call": {"X-Twilio-Signature": sign("/voice/incoming", call_form("CA" + "b" * 32))},
    "of another address": {"X-Twilio-Signature": sign("/voice/fallback", FORM)},
    "of another host": {"X-Twilio-Signature": sign("/voice/incoming", FORM, public="https://evil.example")},
    "of another scheme": {"X-Twilio-Signature": sign("/voice/incoming", FORM, public="http://hotline.example.org")},
    "by another token": {"X-Twilio-Signature": sign("/voice/incoming", FORM, token="f" * 32)},
    "by an empty token": {"X-Twilio-Signature": sign("/voice/incoming", FORM, token="")},
    "cut": {"X-Twilio-Signature": GOOD[:-1]},
    "in lower case": {"X-Twilio-Signature": GOOD.lower()},
    "of 4 kB": {"X-Twilio-Signature": "A" * 4096},
    "twice": {"X-Twilio-Signature": f"{GOOD}, {GOOD}"},
    "beyond ASCII": {"X-Twilio-Signature": "ä" * 28},
    "the token itself": {"X-Twilio-Signature": TOKEN},
}


@pytest.fixture(params=["werkzeug", "gunicorn"])
def any_web(request: pytest.FixtureRequest) -> Web:
    web = request.getfixturevalue("web" if request.param == "werkzeug" else "gunicorn")
    assert isinstance(web, Web)
    return web


def is_let_in(reply: Reply) -> bool:
    return reply.status == 200 and reply.state.startswith("inbound.")


def test_a_request_that_the_platform_signed_is_let_in_whatever_a_proxy_writes_into_it(any_web: Web) -> None:
    plain = any_web.call()
    assert is_let_in(plain)
    for headers in SPOOFED:
        reply = any_web.post("/voice/incoming", FORM, headers)
        assert reply.body == plain.body
        assert b"evil" not in reply.body
        assert all(address.startswith(f"{PUBLIC}/voice/") for address in reply.addresses)


def test_a_request_signed_for_what_its_headers_say_is_refused(any_web: Web) -> None:
    for public in ("https://evil.example", "http://127.0.0.1:5000", "http://hotline.example.org"):
        parts = urllib.parse.urlsplit(public)
        headers = {
            "Host": parts.netloc,
            "X-Forwarded-Host": parts.netloc,
            "X-Forwarded-Proto": parts.scheme,
            "X-Twilio-Signature": sign("/voice/incoming", FORM, public=public),
        }
        with unchanged(any_web.line):
            assert any_web.send("/voice/incoming", BODY, headers).status == 403


def test_a_wrong_signature_is_refused_and_changes_nothing(any_web: Web) -> None:
    for what, headers in WRONG.items():
        raw = {name: value.encode("utf-8").decode("latin-1") for name, value in headers.items()}
        with unchanged(any_web.line):
            reply = any_web.send("/voice/incoming", BODY, raw)
        assert reply.status == 403, what
        assert b"Traceback" not in reply.body


@pytest.mark.parametrize("path", WEBHOOKS)
def test_every_webhook_wants_a_signature_and_a_post(web: Web, line: Line, path: str) -> None:
    for form in (FORM, text_form("STOP")):
        assert web.send(path, urllib.parse.urlencode(form).encode()).status == 403
        query = f"{path}?{urllib.parse.urlencode(form)}"
        assert web.send(query, headers={"X-Twilio-Signature": sign(query, [])}, method="GET").status == 405
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        assert web.send(path, method=method).status == 405
    assert set(rows(line).values()) == {0}


def test_the_table_of_webhooks_names_every_address_that_takes_a_post(web: Web, line: Line) -> None:
    posts = {rule.rule for rule in make_app(line).url_map.iter_rules() if "POST" in (rule.methods or ())}
    rules = {rule for rule in posts if not rule.startswith(PEOPLE)}
    patterns = [re.sub(r"<int:\w+>", "1", re.sub(r"<(?!int)\w+>", "x", rule)) for rule in rules]
    assert sorted(patterns) == sorted(WEBHOOKS)


@pytest.mark.parametrize(
    "target",
    [
        "/voice/incoming",
        "/voice/incoming/",
        "/voice/incoming?",
        "/voice/incoming?b=2&a=1",
        "/voice/incoming?a=%7B%20%2B+%E2%9C%93&a=",
        "/voice/%69ncoming",
        "/voice/incoming?bodySHA256=" + "0" * 64,
    ],
)
def test_what_was_signed_is_the_address_as_it_went_over_the_wire(any_web: Web, target: str) -> None:
    signature = exact_signature(PUBLIC + target, FORM)
    assert is_let_in(any_web.send(target, BODY, {"X-Twilio-Signature": signature}))
    other = target + "&" if "?" in target else target + "?x"
    assert any_web.send(other, BODY, {"X-Twilio-Signature": signature}).status == 403


@pytest.mark.parametrize("base", ["https://hotline.example.org", "https://evil.example", "http://127.0.0.1:5000"])
def test_a_proxy_may_pass_the_whole_address_on(any_web: Web, base: str) -> None:
    target = "/voice/incoming?a=1"
    assert is_let_in(any_web.post(target, FORM, request_line=base + target))


@pytest.mark.parametrize("public", [PUBLIC, f"{PUBLIC}:443"])
def test_the_port_may_stand_in_the_signed_address_or_not(web: Web, public: str) -> None:
    signature = {"X-Twilio-Signature": exact_signature(f"{public}/voice/incoming", FORM)}
    assert is_let_in(web.send("/voice/incoming", BODY, signature))


def test_a_field_sent_twice_is_signed_once_for_each_value(web: Web) -> None:
    form = [*FORM, ("X", "2"), ("X", "1"), ("X", "2")]
    distinct = sorted(set(form))
    signature = exact_signature(f"{PUBLIC}/voice/incoming", distinct)
    assert is_let_in(
        web.send("/voice/incoming", urllib.parse.urlencode(form).encode(), {"X-Twilio-Signature": signature})
    )


def test_json_is_no_webhook_of_ours(web: Web, line: Line) -> None:
    body = json.dumps(dict(FORM)).encode()
    for target in ("/voice/incoming", f"/voice/incoming?bodySHA256={sha256(body).hexdigest()}"):
        headers = {"X-Twilio-Signature": sign(target, []), "Content-Type": "application/json"}
        assert web.send(target, body, headers).status == 403
    assert set(rows(line).values()) == {0}


BODIES = {
    "200 kB": (b"CallSid=CA1&Body=" + b"x" * 200_000, {403, 413}),
    "bad UTF-8": (b"CallSid=CA1&Body=\xff\xfe", {403}),
    "bad UTF-8, percent-encoded": (b"CallSid=CA1&Body=%FF%FE", {403}),
    "nothing but separators": (b"&&&=&;", {403}),
    "a thousand fields": (b"&".join(b"f%d=1" % n for n in range(1000)), {403}),
    "zeros": (b"\0" * 100, {403}),
    "empty": (b"", {403}),
}


@pytest.mark.parametrize(("body", "statuses"), BODIES.values(), ids=BODIES)
def test_a_body_that_is_no_form_is_refused_and_changes_nothing(any_web: Web, body: bytes, statuses: set[int]) -> None:
    with unchanged(any_web.line):
        reply = any_web.send("/sms/incoming", body, {"X-Twilio-Signature": GOOD})
    assert reply.status in statuses


def test_both_tokens_are_good_while_they_rotate(line: Line, serve: Callable[[Line], Web]) -> None:
    new = "f" * 32
    web = serve(replace(line, settings=replace(line.settings, auth_tokens=(TOKEN, new))))
    for token in (TOKEN, new):
        signature = sign("/voice/incoming", FORM, token=token)
        assert is_let_in(web.send("/voice/incoming", BODY, {"X-Twilio-Signature": signature}))
    assert web.send("/voice/incoming", BODY, {"X-Twilio-Signature": GOOD[::-1]}).status == 403


def exact_signature(address: str, pairs: list[tuple[str, str]]) -> str:
    """By the rule itself: the platform's library would tidy the address first."""
    signed = address + "".join(name + value for name, value in sorted(pairs))
    return str(RequestValidator(TOKEN).compute_signature(signed, {}))
