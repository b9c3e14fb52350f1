"""Documents that the platform obeys, and those that it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.simulator.grammar import ATTRIBUTES
from hotline.simulator.twiml import (
    PHONE_CALL_LANGUAGES,
    SAY_LIMIT,
    Dial,
    Gather,
    Hangup,
    Pause,
    Play,
    Record,
    Redirect,
    Reject,
    Say,
    TwimlViolation,
    read,
)
from hotline.simulator.voices import POLLY, WITHOUT_SPEECH, WITHOUT_VOICE
from tests.simulator.far_side import OPERATOR, a

ACTION = f'action="{a("/next")}"'
LONG = "a " * 3000


def response(inside: str) -> bytes:
    return f"<Response>{inside}</Response>".encode()


GOOD = {
    "": (),
    "<Say>Hello</Say>": (Say("Hello", "en-US", "", 1),),
    '<Say language="es-US" voice="Polly.Lupe-Neural">Hola, José</Say>': (
        Say("Hola, José", "es-US", "Polly.Lupe-Neural", 1),
    ),
    '<Say><prosody rate="slow">1 2</prosody><break time="1s"/> 3</Say>': (Say("1 2 3", "en-US", "", 1),),
    f"<Play>{a('/audio/a.wav')}</Play>": (Play(a("/audio/a.wav"), "", 1),),
    '<Play digits="ww12"/>': (Play("", "ww12", 1),),
    '<Pause length="2"/>': (Pause(2),),
    f"<Redirect>{a('/next')}</Redirect>": (Redirect(a("/next"), "POST"),),
    "<Hangup/>": (Hangup(),),
    '<Reject reason="busy"/>': (Reject("busy"),),
    f"<!-- why --><Dial>{OPERATOR}</Dial>": None,
    f'<Dial {ACTION} timeout="20"><Number url="{a("/screen")}">{OPERATOR}</Number></Dial>': None,
    f'<Gather {ACTION} input="dtmf speech" speechTimeout="auto" hints="a,b" profanityFilter="false"/>': None,
    f'<Gather {ACTION} finishOnKey="" timeout="10"><Say>A</Say><Pause/></Gather>': None,
    f'<Record {ACTION} maxLength="30" recordingStatusCallbackEvent="completed absent"/>': None,
}


@pytest.mark.parametrize("inside", GOOD)
def test_a_sound_document_is_read(inside: str) -> None:
    verbs = read(response(inside))
    expected = GOOD[inside]
    assert verbs == expected if expected is not None else len(verbs) == 1


def test_a_question_has_the_platforms_defaults() -> None:
    (gather,) = read(response(f"<Gather {ACTION}/>"))
    assert isinstance(gather, Gather)
    assert (gather.input, gather.num_digits, gather.finish_on_key) == (frozenset({"dtmf"}), 0, "#")
    assert (gather.timeout, gather.action_on_empty) == (5, False)
    assert (gather.method, gather.language) == ("POST", "en-US")


def test_a_recording_and_a_dial_have_the_platforms_defaults() -> None:
    record, dial = read(response(f"<Record {ACTION}/><Dial>{OPERATOR}</Dial>"))
    assert isinstance(record, Record)
    assert isinstance(dial, Dial)
    assert (record.timeout, record.max_length, record.finish_on_key) == (5, 3600, "1234567890*#")
    assert (record.play_beep, record.status_events) == (True, frozenset({"completed"}))
    assert (dial.timeout, dial.action, [number.number for number in dial.numbers]) == (30, "", [OPERATOR])


BAD = {
    "a document over 64 kB": (b"<Response>" + b" " * 65_536 + b"</Response>", 11750),
    "no XML": (b"Internal Server Error", 12100),
    "nothing": (b"", 12100),
    "a web page": (b"<html><body>Error</body></html>", 12100),
    "half a document": (b"<Response><Say>Hello", 12100),
    "a control character": (b"<Response><Say>Jos\x0b</Say></Response>", 12100),
    "a control character as a reference": (b"<Response><Say>Jos&#x7;</Say></Response>", 12100),
    "a control character of the upper block": ("<Response><Say>Jos\x85</Say></Response>".encode(), 12100),
    "bytes that are no UTF-8": (b"<Response><Say>Jos\xe9</Say></Response>", 12100),
    "an unescaped ampersand": (b"<Response><Say>Smith & Sons</Say></Response>", 12100),
    "a document type": (b'<!DOCTYPE a [<!ENTITY b "c">]><Response/>', 12100),
    "attributes on the root": (b'<Response version="1"/>', 12100),
    "an unknown verb": (response("<Shout>Hello</Shout>"), 12200),
    "a verb in small letters": (response("<say>Hello</say>"), 12200),
    "text between verbs": (response("Hello<Hangup/>"), 12200),
    "an empty Say": (response("<Say> </Say>"), 13520),
    "an unknown attribute": (response('<Say speed="2">Hello</Say>'), 12200),
    "a nested verb in Say": (response("<Say>Hello<Hangup/></Say>"), 12200),
    "a language that is none": (response('<Say language="english!">Hello</Say>'), 12200),
    "a voice that is none": (response('<Say voice="Robot">Hello</Say>'), 12200),
    "a voice of another language": (response('<Say voice="Polly.Lupe" language="en-US">Hello</Say>'), 13520),
    "a Google voice of another language": (
        response('<Say voice="Google.es-US-Neural2-A" language="vi-VN">Hello</Say>'),
        13520,
    ),
    "a language without a voice": (response('<Say language="ht-HT">Bonjou</Say>'), 13520),
    "a Say that is too long": (response(f"<Say>{LONG}</Say>"), 13521),
    "a Say that is too long once encoded": (response(f"<Say>{'ñ' * 1000}</Say>"), 13521),
    "a Play of nothing": (response("<Play/>"), 12200),
    "a Play of a relative address": (response("<Play>/audio/a.wav</Play>"), 12200),
    "a Play of an address and keys": (response(f'<Play digits="1">{a("/a.wav")}</Play>'), 12200),
    "a Pause of nothing": (response('<Pause length="0"/>'), 12200),
    "a Pause with text": (response("<Pause>2</Pause>"), 12200),
    "a Gather without action": (response("<Gather><Say>A</Say></Gather>"), 0),
    "a Gather with a relative action": (response('<Gather action="/next"/>'), 12200),
    "a Gather in a Gather": (response(f"<Gather {ACTION}><Gather {ACTION}/></Gather>"), 12200),
    "a Record in a Gather": (response(f"<Gather {ACTION}><Record {ACTION}/></Gather>"), 12200),
    "loose text in a Gather": (response(f"<Gather {ACTION}>Press 1</Gather>"), 12200),
    "no digits wanted": (response(f'<Gather {ACTION} numDigits="0"/>'), 12200),
    "fewer than no digits wanted": (response(f'<Gather {ACTION} numDigits="-1"/>'), 12200),
    "a time-out of nothing": (response(f'<Gather {ACTION} timeout="0"/>'), 12200),
    "a time-out in words": (response(f'<Gather {ACTION} timeout="long"/>'), 12200),
    "two finishing keys": (response(f'<Gather {ACTION} finishOnKey="#*"/>'), 12200),
    "an unknown input": (response(f'<Gather {ACTION} input="voice"/>'), 12200),
    "too many hints": (response(f'<Gather {ACTION} hints="{",".join(["a"] * 501)}"/>'), 13330),
    "a hint that is too long": (response(f'<Gather {ACTION} hints="{"a" * 101}"/>'), 13330),
    "a model with a speech time-out of auto": (
        response(f'<Gather {ACTION} input="speech" speechModel="phone_call" speechTimeout="auto"/>'),
        13335,
    ),
    "a model that does not know the language": (
        response(f'<Gather {ACTION} input="speech" speechModel="phone_call" language="vi-VN"/>'),
        13335,
    ),
    "speech in a language that nobody understands": (
        response(f'<Gather {ACTION} input="dtmf speech" language="ht-HT"/>'),
        13335,
    ),
    "a Record without action": (response("<Record/>"), 0),
    "a Record of one second": (response(f'<Record {ACTION} maxLength="1"/>'), 12200),
    "a Record with something inside": (response(f"<Record {ACTION}><Say>A</Say></Record>"), 12200),
    "a Dial of nobody": (response("<Dial/>"), 13224),
    "a Dial of a number that is none": (response("<Dial>555-0111</Dial>"), 13224),
    "a Dial of more than ten": (
        response(f"<Dial>{f'<Number>{OPERATOR}</Number>' * 11}</Dial>"),
        13210,
    ),
    "a Dial of something else": (response("<Dial><Client>joe</Client></Dial>"), 12200),
    "a Redirect to nowhere": (response("<Redirect/>"), 12200),
    "a Redirect to a broken address": (response(f"<Redirect>{a('/%zz')}</Redirect>"), 12200),
    "a Redirect to an underscored host": (response("<Redirect>https://a_b.example.org/</Redirect>"), 12200),
    "a Redirect with a fragment": (response(f"<Redirect>{a('/a#top')}</Redirect>"), 12200),
    "a Hangup with an attribute": (response('<Hangup reason="busy"/>'), 12200),
    "a Reject for an unknown reason": (response('<Reject reason="asleep"/>'), 12200),
}


@pytest.mark.parametrize("name", BAD)
def test_a_document_that_the_platform_would_refuse_is_an_error_with_its_code(name: str) -> None:
    body, code = BAD[name]
    with pytest.raises(TwimlViolation) as refused:
        read(body)
    assert refused.value.code == code
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("verb", ATTRIBUTES)
def test_no_verb_takes_an_attribute_that_it_does_not_have_nor_nonsense_in_one_that_it_has(verb: str) -> None:
    inside = {"Say": "a", "Play": a("/a.wav"), "Redirect": a("/n"), "Dial": OPERATOR, "Number": OPERATOR}
    for attribute in [*ATTRIBUTES[verb], "colour"]:
        nonsense = "x, " * 600
        element = f'<{verb} {attribute}="{nonsense}">{inside.get(verb, "")}</{verb}>'
        with pytest.raises(TwimlViolation):
            read(response(f"<Dial>{element}</Dial>" if verb == "Number" else element))


@pytest.mark.parametrize(("kind", "limit"), SAY_LIMIT.items())
def test_each_kind_of_voice_says_as_much_as_the_platform_lets_it(kind: str, limit: int) -> None:
    voice = {"basic": "", "Polly": 'voice="Polly.Joanna"', "Google": 'voice="Google.en-US-Neural2-A"'}[kind]
    most = min(limit, 4500)
    assert read(response(f"<Say {voice}>{'a' * most}</Say>"))
    with pytest.raises(TwimlViolation):
        read(response(f"<Say {voice}>{'a' * (most + 1)}</Say>"))


@pytest.mark.parametrize("language", sorted(WITHOUT_VOICE))
def test_a_language_without_a_voice_can_only_be_played(language: str) -> None:
    with pytest.raises(TwimlViolation):
        read(response(f'<Say language="{language}">a</Say>'))


@pytest.mark.parametrize("language", sorted(WITHOUT_SPEECH))
def test_a_language_without_speech_can_only_be_keyed(language: str) -> None:
    assert read(response(f'<Gather {ACTION} language="{language}"/>'))
    with pytest.raises(TwimlViolation):
        read(response(f'<Gather {ACTION} input="speech" language="{language}"/>'))


@pytest.mark.parametrize(
    ("language", "name"), [(language, name) for language, names in POLLY.items() for name in names]
)
def test_every_voice_speaks_its_language_and_not_haitian(language: str, name: str) -> None:
    assert read(response(f'<Say voice="Polly.{name}-Neural" language="{language}">a</Say>'))
    with pytest.raises(TwimlViolation):
        read(response(f'<Say voice="Polly.{name}-Neural" language="ht">a</Say>'))


@pytest.mark.parametrize("language", sorted(PHONE_CALL_LANGUAGES))
def test_the_model_for_telephones_knows_its_languages(language: str) -> None:
    assert read(response(f'<Gather {ACTION} input="speech" speechModel="phone_call" language="{language}"/>'))


XML = st.recursive(
    st.sampled_from(["a", "", "&amp;", "é"]),
    lambda inner: st.builds(
        lambda tag, key, value, inside: f'<{tag} {key}="{value}">{"".join(inside)}</{tag}>',
        st.sampled_from([*ATTRIBUTES, "Response", "p"]),
        st.sampled_from(["action", "numDigits", "timeout", "language", "finishOnKey"]),
        st.sampled_from([a("/n"), "1", "auto", "es-US", "#", ""]),
        st.lists(inner, max_size=3),
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=60), XML.map(response)))
def test_whatever_comes_is_either_read_or_refused_in_one_line(body: bytes) -> None:
    try:
        outcome: object = read(body)
    except TwimlViolation as refused:
        outcome = str(refused)
    assert isinstance(outcome, tuple) or "\n" not in str(outcome)
