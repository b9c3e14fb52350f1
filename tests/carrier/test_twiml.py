from __future__ import annotations

from typing import get_args
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.carrier import twiml
from hotline.carrier.voices import VOICES
from hotline.ivr.commands import Ask, Command, Dial, Do, Enter, HangUp, Pause, Say, TakeRecording
from hotline.simulator import twiml as strict

NEXT = "https://hotline.example.org/voice/step/T0ken-_"
LINE = "+18005550199"
PERSON = "+12025550198"
TO = twiml.Addresses(NEXT, LINE)

HEAD = '<?xml version="1.0" encoding="UTF-8"?><Response>'
EN = '<Say language="en-US" voice="Polly.Joanna-Neural">'
ES = '<Say language="es-US" voice="Polly.Lupe-Neural">'
REDIRECT = f'<Redirect method="POST">{NEXT}</Redirect>'


def gather(more: str = "") -> str:
    """The head of a question by keys alone; attributes stand in the order of the alphabet."""
    return (
        f'<Gather action="{NEXT}" actionOnEmptyResult="true" finishOnKey="#" input="dtmf" method="POST"{more}'
        ' timeout="5">'
    )


def say(text: str, language: str = "en") -> Say:
    """A command whose text is the prompt's name itself."""
    return Say(text, language)


def as_written(command: Say) -> str:
    return command.prompt


def asks(text: str = "Which?", **more: object) -> Ask:
    given = {"language": "en", "digits": None, "timeout": 5, "listens_for": None, **more}
    return Ask((say(text),), **given)  # type: ignore[arg-type]


def rendered(*commands: Command) -> str:
    return twiml.render(commands, as_written, TO)


TABLE: dict[str, tuple[list[Command], str]] = {
    "say": ([say("Hello.")], f"{EN}Hello.</Say>"),
    "say in Spanish": ([say("¿Qué tal, señora?", "es")], f"{ES}¿Qué tal, señora?</Say>"),
    "say and say": ([say("One."), say("Dos.", "es")], f"{EN}One.</Say>{ES}Dos.</Say>"),
    "signs of XML": ([say("""A & B < C > D " ' E""")], f"""{EN}A &amp; B &lt; C &gt; D " ' E</Say>"""),
    "a name like SSML": ([say('<break time="9s"/>]]>')], f'{EN}&lt;break time="9s"/&gt;]]&gt;</Say>'),
    "an entity": ([say("&lt; &#0; &x;")], f"{EN}&amp;lt; &amp;#0; &amp;x;</Say>"),
    "control characters": ([say("Ju\x00a\x1bn\x7f\x85\ufffe.")], f"{EN}Juan.</Say>"),
    "emoji": ([say("Zoë 🙂")], f"{EN}Zoë 🙂</Say>"),
    "right to left": ([say("\u202eשלום مرحبا")], f"{EN}\u202eשלום مرحبا</Say>"),
    "white space around": ([say(" \n Hello. \t")], f"{EN}Hello.</Say>"),
    "nothing to say": ([say("")], ""),
    "only blanks": ([say(" \n\x00 "), HangUp()], "<Hangup />"),
    "pause": ([Pause(2)], '<Pause length="2" />'),
    "pause between": ([say("A"), Pause(1), say("B")], f'{EN}A</Say><Pause length="1" />{EN}B</Say>'),
    "hang up": ([say("Goodbye."), HangUp()], f"{EN}Goodbye.</Say><Hangup />"),
    "keys": ([asks()], f"{gather()}{EN}Which?</Say></Gather>{REDIRECT}"),
    "one key": ([asks(digits=1)], gather(' numDigits="1"') + f"{EN}Which?</Say></Gather>{REDIRECT}"),
    "keys or speech": (
        [asks(listens_for="name", language="es", timeout=8)],
        f'<Gather action="{NEXT}" actionOnEmptyResult="true" finishOnKey="#" input="dtmf speech" language="es-US"'
        f' method="POST" profanityFilter="false" speechTimeout="auto" timeout="8">{EN}Which?</Say></Gather>{REDIRECT}',
    ),
    "hints": (
        [asks(listens_for="menu", hints=("uno & dos", "", "a,b", "x" * 100, "y" * 101, "Zoë"))],
        f'<Gather action="{NEXT}" actionOnEmptyResult="true" finishOnKey="#" hints="uno &amp; dos,{"x" * 100},Zoë"'
        ' input="dtmf speech" language="en-US" method="POST" profanityFilter="false" speechTimeout="auto" timeout="5">'
        f"{EN}Which?</Say></Gather>{REDIRECT}",
    ),
    "hints for keys only": ([asks(hints=("uno",))], f"{gather()}{EN}Which?</Say></Gather>{REDIRECT}"),
    "said before a question": (
        [say("No."), Pause(1), asks()],
        f'{gather()}{EN}No.</Say><Pause length="1" />{EN}Which?</Say></Gather>{REDIRECT}',
    ),
    "record": (
        [say("Now."), TakeRecording((say("Speak."),), 30)],
        f'{EN}Now.</Say>{EN}Speak.</Say><Record action="{NEXT}" finishOnKey="#" maxLength="30" method="POST"'
        ' playBeep="true" />',
    ),
    "dial": (
        [say("One moment."), Dial(PERSON)],
        f'{EN}One moment.</Say><Dial action="{NEXT}" callerId="{LINE}" method="POST" timeout="30">'
        f"<Number>{PERSON}</Number></Dial>",
    ),
    "nothing at all": ([], ""),
}


@pytest.mark.parametrize(("commands", "inside"), TABLE.values(), ids=TABLE)
def test_commands_become_this_document(commands: list[Command], inside: str) -> None:
    document = rendered(*commands)
    assert document == (f"{HEAD}{inside}</Response>" if inside else twiml.EMPTY)
    strict.read(document.encode())


def test_the_table_holds_every_command_of_the_telephone() -> None:
    seen = {type(command) for commands, _ in TABLE.values() for command in commands}
    assert seen == set(get_args(Command)) - {Do, Enter}


@pytest.mark.parametrize("command", [Do("look_up_person"), Enter("manage")])
def test_what_no_telephone_can_do_is_a_fault_of_ours(command: Command) -> None:
    with pytest.raises(TypeError):
        rendered(command)


def test_a_caller_is_offered_at_most_500_hints() -> None:
    document = rendered(asks(listens_for="name", hints=tuple(f"name{n}" for n in range(600))))
    hints = ElementTree.fromstring(document)[0].attrib["hints"].split(",")
    assert (len(hints), hints[-1]) == (500, "name499")
    strict.read(document.encode())


@pytest.mark.parametrize("text", ["word " * 1000, "w" * 7000, "né " * 2000, "🙂" * 2000, "שלום " * 900])
def test_a_long_text_is_said_whole_in_more_than_one_breath(text: str) -> None:
    for document in (rendered(say(text)), rendered(asks(text))):
        verbs = ElementTree.fromstring(document)
        said = [say.text or "" for say in verbs.iter("Say")]
        assert len(said) > 1
        assert "".join("".join(said).split()) == "".join(text.split())
        strict.read(document.encode())


@pytest.mark.parametrize("language", VOICES)
def test_every_language_has_a_voice_that_the_platform_knows(language: str) -> None:
    strict.read(rendered(say("1, 0, 4, 2", language), asks(language=language, listens_for="name")).encode())


ANY = st.text(st.characters(), max_size=60)


@settings(max_examples=200, deadline=None)
@given(text=ANY, hints=st.lists(ANY, max_size=5), reply=ANY)
def test_any_text_at_all_makes_a_document_that_the_platform_takes(text: str, hints: list[str], reply: str) -> None:
    recording = TakeRecording((say(text),), 5)
    for commands in ([say(text), asks(text, listens_for="name", hints=tuple(hints))], [say(text, "es"), recording]):
        strict.read(rendered(*commands).encode())
    strict.document(twiml.text_reply(reply).encode())


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=60))
def test_a_name_is_said_as_it_is_written(text: str) -> None:
    said = [say.text or "" for say in ElementTree.fromstring(rendered(say(text))).iter("Say")]
    assert " ".join(said) == text.strip()


def test_a_caller_is_asked_to_hold_for_two_seconds() -> None:
    again = "https://hotline.example.org/voice/hold/1/start"
    document = twiml.hold("One moment, please.", "en", again)
    assert document == (
        f'{HEAD}{EN}One moment, please.</Say><Pause length="2" /><Redirect method="POST">{again}</Redirect></Response>'
    )
    strict.read(document.encode())


def test_an_apology_is_said_in_every_language_and_leads_to_a_person() -> None:
    texts = [("en", "We are sorry."), ("es", "Lo sentimos.")]
    said = f"{EN}We are sorry.</Say>{ES}Lo sentimos.</Say>"
    dial = f'<Dial callerId="{LINE}" timeout="30"><Number>{PERSON}</Number></Dial>'
    assert twiml.apology(texts, PERSON, LINE) == f"{HEAD}{said}{dial}<Hangup /></Response>"
    assert twiml.apology(texts, None, LINE) == f"{HEAD}{said}<Hangup /></Response>"
    strict.read(twiml.apology(texts, PERSON, LINE).encode())


@pytest.mark.parametrize(
    ("body", "inside"),
    [
        ("Reply STOP & HELP <now>", "<Message>Reply STOP &amp; HELP &lt;now&gt;</Message>"),
        ("Sí 🙂", "<Message>Sí 🙂</Message>"),
        ("\x00", ""),
        ("  ", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_text_is_answered_with_a_text_or_with_nothing(body: str | None, inside: str) -> None:
    document = twiml.text_reply(body)
    assert document == (f"{HEAD}{inside}</Response>" if inside else twiml.EMPTY)
    strict.document(document.encode())


def test_a_call_that_is_not_taken_is_busy() -> None:
    assert twiml.busy() == f'{HEAD}<Reject reason="busy" /></Response>'
    strict.read(twiml.busy().encode())
