"""Texts out, texts in, and the words that stop them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from hotline.simulator.server import Simulator
from hotline.simulator.telephone import Telephone, TelephoneError
from hotline.simulator.texts import (
    HELP_WORDS,
    HELPED,
    START_WORDS,
    STARTED,
    STOP_WORDS,
    STOPPED,
    segments,
)
from tests.simulator.far_side import CALLER, LINE, OTHER, SID, STAFF_LINE, TOKEN, FarSide, a

LOCAL_LINE = "+12025550199"


@pytest.fixture
def client(platform: Simulator) -> Client:
    client = Client(SID, TOKEN)
    client.api.base_url = platform.api_url
    return client


def send(client: Client, body: str = "Hello", sender: str = LINE) -> None:
    client.messages.create(to=CALLER, from_=sender, body=body, status_callback=a("/sms/status"))


def told(far: FarSide) -> list[str]:
    return [webhook.form["MessageStatus"] for webhook in far.at("/sms/status")]


def test_a_text_arrives_and_each_step_is_told(far: FarSide, phone: Telephone, client: Client) -> None:
    send(client)
    assert phone.texts == ["Hello"]
    assert told(far) == ["queued", "sent", "delivered"]
    assert "ErrorCode" not in far.last("/sms/status")
    assert far.last("/sms/status")["MessageSid"] == far.last("/sms/status")["SmsSid"]


@pytest.mark.parametrize(("status", "code"), [("undelivered", 30032), ("failed", 30006)])
def test_a_text_that_does_not_arrive_is_told_with_the_reason(
    far: FarSide, phone: Telephone, client: Client, status: str, code: int
) -> None:
    phone.set(delivery=status, error_code=code)
    send(client)
    assert phone.texts == []
    assert told(far) == ["queued", "sent", status]
    assert far.last("/sms/status")["ErrorCode"] == str(code)


def test_a_text_whose_fate_nobody_reports_stays_sent(far: FarSide, phone: Telephone, client: Client) -> None:
    phone.set(delivery="sent")
    send(client)
    assert phone.texts == []
    assert told(far) == ["queued", "sent"]


def test_a_text_that_the_sender_redacts_stays_on_the_telephone(
    platform: Simulator, phone: Telephone, client: Client
) -> None:
    send(client)
    assert phone.texts == ["Hello"]
    (sid,) = platform.exchange.messages
    client.messages(sid).update(body="")
    assert client.messages(sid).fetch().body == ""
    assert phone.texts == ["Hello"]


def test_a_text_in_carries_what_the_platform_tells_of_it(far: FarSide, platform: Simulator, phone: Telephone) -> None:
    phone.text(LINE, "sí, por favor")
    form = far.last("/sms/incoming")
    assert (form["From"], form["To"], form["Body"]) == (CALLER, LINE, "sí, por favor")
    assert form["MessageSid"] == form["SmsSid"] == form["SmsMessageSid"]
    assert (form["NumMedia"], form["NumSegments"], form["SmsStatus"]) == ("0", "1", "received")
    assert "OptOutType" not in form
    assert platform.violations == []


@pytest.mark.parametrize("sender", ["68849", "SUPPORT"])
def test_short_codes_and_names_can_text_too(far: FarSide, platform: Simulator, sender: str) -> None:
    platform.telephone(sender).text(LINE, "Your code is 1234")
    assert far.last("/sms/incoming")["From"] == sender


def test_the_product_may_answer_in_the_same_breath(far: FarSide, phone: Telephone) -> None:
    far.on("/sms/incoming", f'<Message statusCallback="{a("/sms/status")}">Got it</Message>')
    phone.text(LINE, "Hello")
    assert phone.texts == ["Got it"]
    assert told(far) == ["queued", "sent", "delivered"]
    far.on("/sms/incoming", "<Message><Body>Twice</Body></Message>")
    phone.text(LINE, "Hello")
    assert phone.texts == ["Got it", "Twice"]


@pytest.mark.parametrize(
    "answer",
    [
        "<Say>Hello</Say>",
        "<Message/>",
        f"<Message>{'a' * 1601}</Message>",
        '<Message colour="1">a</Message>',
        '<Message statusCallback="/sms">a</Message>',
        "<Message><Media>a</Media></Message>",
        b"OK",
        500,
    ],
)
def test_an_answer_that_the_platform_would_not_take_is_a_violation(
    far: FarSide, platform: Simulator, phone: Telephone, answer: str | int | bytes
) -> None:
    far.on("/sms/incoming", answer)
    phone.text(LINE, "Hello")
    assert phone.texts == []
    assert len(platform.violations) == 1


# ---- opt-out


@pytest.mark.parametrize("word", sorted(STOP_WORDS))
def test_every_stop_word_blocks_and_the_product_still_hears_it(
    far: FarSide, platform: Simulator, phone: Telephone, client: Client, word: str
) -> None:
    phone.text(LINE, f" {word.lower()} ")
    assert phone.texts == [STOPPED]
    assert far.last("/sms/incoming")["Body"] == f" {word.lower()} "
    with pytest.raises(TwilioRestException) as refused:
        send(client)
    assert (refused.value.status, refused.value.code) == (400, 21610)
    assert phone.texts == [STOPPED]
    assert platform.violations == []


@pytest.mark.parametrize("words", ["STOP PLEASE", "please stop", "stopping", "STOP."])
def test_a_stop_word_among_others_does_not_block(phone: Telephone, client: Client, words: str) -> None:
    phone.text(LINE, words)
    send(client)
    assert phone.texts == ["Hello"]


@pytest.mark.parametrize("word", sorted(START_WORDS))
@pytest.mark.parametrize("line", [LINE, LOCAL_LINE])
def test_start_words_lift_the_block_but_yes_only_off_toll_free(
    platform: Simulator, phone: Telephone, client: Client, word: str, line: str
) -> None:
    platform.exchange.lines[LOCAL_LINE] = platform.exchange.lines[LINE]
    phone.text(line, "STOP")
    phone.text(line, word)
    lifted = word != "YES" or line == LOCAL_LINE
    assert phone.texts == [STOPPED, STARTED] if lifted else [STOPPED]
    assert ((line, CALLER) in platform.exchange.blocked) is not lifted


def test_a_yes_from_somebody_who_never_stopped_is_the_products_alone(
    far: FarSide, platform: Simulator, phone: Telephone
) -> None:
    far.on("/sms/incoming", "<Message>Thank you</Message>")
    phone.text(LINE, "YES")
    assert phone.texts == ["Thank you"]
    assert platform.violations == []


@pytest.mark.parametrize("word", sorted(HELP_WORDS))
def test_help_is_answered_by_the_platform(phone: Telephone, word: str) -> None:
    phone.text(LINE, word)
    assert phone.texts == [HELPED]


@pytest.mark.parametrize("word", ["STOP", "HELP"])
def test_a_second_answer_to_what_the_platform_has_answered_is_a_violation(
    far: FarSide, platform: Simulator, phone: Telephone, word: str
) -> None:
    far.on("/sms/incoming", "<Message>You are out</Message>")
    phone.text(LINE, word)
    assert len(phone.texts) == 1
    assert "which the platform has answered" in str(platform.violations[0])


def test_a_block_holds_for_one_pair_of_numbers_only(platform: Simulator, phone: Telephone, client: Client) -> None:
    phone.text(LINE, "STOP")
    client.messages.create(to=OTHER, from_=LINE, body="Hello")
    assert platform.telephone(OTHER).texts == ["Hello"]


@pytest.mark.parametrize("to", [STAFF_LINE, "+12025550177"])
def test_a_number_that_takes_no_texts_says_so(phone: Telephone, to: str) -> None:
    with pytest.raises(TelephoneError, match="takes no texts"):
        phone.text(to, "Hello")


# ---- length


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("é" * 160, 1),
        ("ó" * 70, 1),
        ("ó" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_texts_are_counted_in_parts_as_the_networks_do(body: str, parts: int) -> None:
    assert segments(body) == parts


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_a_longer_text_never_takes_fewer_parts(body: str) -> None:
    assert 1 <= segments(body) <= segments(body + "ó" * 70)
