from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.carrier.signature import Form
from hotline.carrier.webhooks import MOST_SPEECH, read_call, read_text
from hotline.ivr.session import Event, Heard, Keys, Recorded, Silence
from hotline.rules.delivery import AttemptState

SID = "CA" + "a" * 32
FIELDS = [
    "CallSid", "From", "CallStatus", "Digits", "SpeechResult", "Confidence", "RecordingUrl", "RecordingDuration",
    "AnsweredBy", "DialCallStatus", "DialBridged", "ErrorCode", "MessageSid", "SmsSid", "Body", "OptOutType",
    "MessageStatus", "SmsStatus",
]  # fmt: skip


def form(**fields: str) -> Form:
    return Form.read(urlencode(fields).encode())


EVENTS: dict[str, tuple[dict[str, str], Event]] = {
    "keys": ({"Digits": "5826"}, Keys("5826")),
    "keys with zeros before": ({"Digits": "007"}, Keys("007")),
    "a star": ({"Digits": "*"}, Keys("*")),
    "keys before speech": ({"Digits": "1", "SpeechResult": "two"}, Keys("1")),
    "speech": ({"SpeechResult": " Guatemala. ", "Confidence": "0.93"}, Heard("Guatemala.", 0.93)),
    "speech without confidence": ({"SpeechResult": "sí"}, Heard("sí", None)),
    "speech with empty confidence": ({"SpeechResult": "sí", "Confidence": ""}, Heard("sí", None)),
    "confidence that is no number": ({"SpeechResult": "sí", "Confidence": "NaN"}, Heard("sí", None)),
    "endless confidence": ({"SpeechResult": "sí", "Confidence": "inf"}, Heard("sí", None)),
    "confidence beyond one": ({"SpeechResult": "sí", "Confidence": "1.5"}, Heard("sí", None)),
    "confidence of none": ({"SpeechResult": "sí", "Confidence": "0.0"}, Heard("sí", 0.0)),
    "a speech without end": ({"SpeechResult": "a" * 9000}, Heard("a" * MOST_SPEECH, None)),
    "speech while the call is said to be over": ({"SpeechResult": "sí", "CallStatus": "completed"}, Heard("sí", None)),
    "nothing": ({}, Silence()),
    "empty keys": ({"Digits": ""}, Silence()),
    "empty speech": ({"SpeechResult": "  ", "Confidence": "0.9"}, Silence()),
    "keys that no telephone has": ({"Digits": "abc"}, Heard("abc", 0.0)),
    "too many keys": ({"Digits": "1" * 65}, Heard("1" * 65, 0.0)),
    "full-width keys": ({"Digits": "１２"}, Heard("１２", 0.0)),
    "a recording": (
        {"RecordingUrl": "https://a.example/1", "RecordingDuration": "7", "Digits": "#"},
        Recorded("https://a.example/1", 7),
    ),
    "a recording by a caller who hung up": (
        {"RecordingUrl": "https://a.example/1", "RecordingDuration": "", "Digits": "hangup"},
        Recorded("https://a.example/1", 0),
    ),
}


@pytest.mark.parametrize(("fields", "event"), EVENTS.values(), ids=EVENTS)
def test_what_the_caller_did_is_read_from_the_form(fields: dict[str, str], event: Event) -> None:
    assert read_call(form(CallSid=SID, **fields)).event == event


@pytest.mark.parametrize(
    ("from_", "caller"),
    [
        ("+12025550123", "+12025550123"),
        (" 12025550123", "+12025550123"),
        ("", None),
        ("anonymous", None),
        ("Restricted", None),
        ("+266696687", None),
        ("+7378742833", None),
        ("client:someone", None),
        ("sip:1000@203.0.113.5", None),
        ("68849", None),
        ("12345", None),
        ("SUPPORT", None),
    ],
)
def test_only_a_number_that_can_be_called_back_is_the_callers(from_: str, caller: str | None) -> None:
    assert read_call(form(CallSid=SID, From=from_)).caller == caller
    assert read_text(form(MessageSid="SM1", From=from_)).sender == caller


@pytest.mark.parametrize(
    ("status", "over"),
    [
        ("ringing", False), ("in-progress", False), ("queued", False), ("initiated", False), ("", False),
        ("completed", True), ("busy", True), ("failed", True), ("no-answer", True), ("canceled", True), ("else", False),
    ],
)  # fmt: skip
def test_a_call_is_over_in_the_states_that_have_no_next(status: str, over: bool) -> None:
    assert read_call(form(CallSid=SID, CallStatus=status)).over is over


@pytest.mark.parametrize(
    ("fields", "talked"),
    [
        ({}, None),
        ({"DialCallStatus": "completed"}, True),
        ({"DialCallStatus": "answered", "DialBridged": "true"}, True),
        ({"DialCallStatus": "completed", "DialBridged": "false"}, False),
        ({"DialCallStatus": "no-answer"}, False),
        ({"DialCallStatus": "busy"}, False),
        ({"DialCallStatus": ""}, False),
    ],
)
def test_a_person_was_reached_only_where_the_two_were_joined(fields: dict[str, str], talked: bool | None) -> None:
    assert read_call(form(CallSid=SID, **fields)).dialled is talked


@pytest.mark.parametrize("sid", ["", "CA 1", "a" * 65, "CA/1", "CA1\n", "ÇA"])
def test_an_id_that_is_none_counts_as_absent(sid: str) -> None:
    assert read_call(form(CallSid=sid)).sid == ""
    assert read_text(form(MessageSid=sid)).sid == ""


def test_a_text_is_read_with_the_platforms_own_reading_of_it() -> None:
    hook = read_text(
        form(MessageSid="SM1", From="+12025550123", Body=" Stop ", OptOutType="STOP", SmsStatus="received")
    )
    assert (hook.sid, hook.body, hook.opt_out_type) == ("SM1", " Stop ", "STOP")


def test_the_older_names_of_a_texts_fields_are_read_too() -> None:
    hook = read_text(form(SmsSid="SM1", SmsStatus="delivered"))
    assert (hook.sid, hook.status) == ("SM1", AttemptState.DELIVERED)


@pytest.mark.parametrize(
    ("code", "number"), [("30003", 30003), ("", None), ("x", None), ("-1", None), ("9" * 30, None), ("٣", None)]
)
def test_an_error_code_is_a_number_that_a_table_can_hold(code: str, number: int | None) -> None:
    assert read_text(form(MessageSid="SM1", ErrorCode=code)).error_code == number


@settings(max_examples=200, deadline=None)
@given(fields=st.dictionaries(st.sampled_from(FIELDS), st.text(st.characters(codec="utf-8"), max_size=80)))
def test_no_form_at_all_is_a_fault(fields: dict[str, str]) -> None:
    call, text = read_call(form(**fields)), read_text(form(**fields))
    assert call.caller is None or call.caller.startswith("+")
    assert text.body == fields.get("Body", "")
    assert call.error_code == text.error_code
