"""A conversation in the terminal, as it stands on the page."""

from __future__ import annotations

import io
import os
import pty
import threading

import pytest

from hotline.simulator.leg import Program
from hotline.simulator.server import Simulator
from hotline.simulator.telephone import Telephone
from hotline.simulator.terminal import HELP, WIDTH, converse
from tests.simulator.far_side import CALLER, LINE, PUBLIC, SID, TOKEN, FarSide, a


@pytest.fixture(autouse=True)
def script(far: FarSide) -> None:
    far.on(
        "/voice/incoming",
        f'<Gather input="dtmf speech" numDigits="1" action="{a("/menu")}"><Say>For English, press 1.</Say>'
        '<Say language="es-US">Para español, oprima 2.</Say></Gather><Say>Are you still there?</Say>'
        f"<Redirect>{a('/voice/incoming')}</Redirect>",
    )
    far.on("/menu", lambda form: f"<Say>You chose {form.get('Digits') or form['SpeechResult']}.</Say>")


def talk(phone: Telephone, typed: str) -> str:
    page = io.StringIO()
    assert converse(phone, LINE, io.StringIO(typed), page) == 0
    return page.getvalue()


GOLDEN = """\
Type keys (0-9 * #), "words" in quotes, Enter for silence, text WORDS, answer,
    decline, dial, hang up.
Calling +18005550199.
Line (en-US): For English, press 1.
Line (es-US): Para español, oprima 2.
> 
Line (en-US): Are you still there?
Line: For English, press 1.
Line (es-US): Para español, oprima 2.
> "one"
Line (en-US): You chose one.
The call is over: the document ended.
> 1
You are in no call: type dial to call, or answer when it rings.
> dial
Line (en-US): For English, press 1.
Line (es-US): Para español, oprima 2.
> what now?
Type keys (0-9 * #), "words" in quotes, Enter for silence, text WORDS, answer,
    decline, dial, hang up.
> hang up
The call is over: the caller hung up.
> text YES
Text from +18005550199: Thank you
> (end)
"""


def test_a_whole_conversation_reads_as_it_was_held(far: FarSide, phone: Telephone) -> None:
    far.on("/sms/incoming", "<Message>Thank you</Message>")
    typed = '\n"one"\n1\ndial\nwhat now?\nhang up\ntext YES\n'
    assert talk(phone, typed) == GOLDEN
    assert talk(Telephone(phone.control_url, "+12025550124"), typed) == GOLDEN


def test_the_end_of_input_hangs_up(far: FarSide, phone: Telephone) -> None:
    assert talk(phone, "").endswith("> (end)\nThe call is over: the caller hung up.\n")
    assert far.last("/voice/status")["CallStatus"] == "completed"


def test_quitting_hangs_up_too(far: FarSide, phone: Telephone) -> None:
    assert talk(phone, "quit\n1\n").endswith("> quit\nThe call is over: the caller hung up.\n")


def test_a_call_that_rings_is_shown_and_answered(far: FarSide, platform: Simulator, phone: Telephone) -> None:
    far.on("/out", "<Say>A message you asked for.</Say>")
    platform.exchange.place(LINE, CALLER, Program(url=a("/out")))
    page = talk(phone, "hang up\nanswer\nanswer\n")
    assert "Your telephone rings: +18005550199 calls. Type answer or decline." in page
    assert page.count("Your telephone rings") == 1
    assert "Line (en-US): A message you asked for." in page
    assert "This handset does not ring." in page


def test_a_call_can_be_declined(far: FarSide, platform: Simulator, phone: Telephone) -> None:
    call = platform.exchange.place(LINE, CALLER, Program(url=a("/out")))
    talk(phone, "decline\n")
    assert call.status == "busy"


def test_what_is_said_is_wrapped(far: FarSide, phone: Telephone) -> None:
    far.on("/voice/incoming", f"<Say>{'word ' * 60}</Say>")
    assert max(map(len, talk(phone, "").splitlines())) <= WIDTH


def test_a_recording_is_made_and_one_that_is_played_is_named(far: FarSide, phone: Telephone) -> None:
    far.on("/voice/incoming", f'<Play>{a("/audio/a.wav")}</Play><Record action="{a("/kept")}"/>')
    far.on("/kept", "<Say>Kept.</Say>")
    page = talk(phone, "record\n")
    assert f"Line: (a recording, {a('/audio/a.wav')})" in page
    assert "(beep)" in page
    assert "Kept." in page


@pytest.mark.parametrize("nonsense", ["hello", '"', '""', "12a", "text", "text  ", "help", "\x1b[A", "ñ"])
def test_nonsense_gets_one_line_that_tells_what_can_be_typed(phone: Telephone, nonsense: str) -> None:
    page = talk(phone, f"{nonsense}\n")
    assert page.count(HELP[:40]) == 2


def test_a_call_that_a_killed_terminal_left_up_is_no_obstacle(phone: Telephone) -> None:
    left = phone.dial(LINE)
    assert "For English, press 1." in talk(phone, "quit\n")
    assert left.look().how_it_ended == "the caller hung up"


def test_without_a_simulator_it_says_so_and_fails(far: FarSide) -> None:
    platform = Simulator(SID, TOKEN, LINE, PUBLIC, far.url).start()
    phone = platform.telephone(CALLER)
    platform.stop()
    page = io.StringIO()
    assert converse(phone, LINE, io.StringIO(""), page) == 1
    assert page.getvalue().splitlines()[-1].endswith("start the line first")


def test_a_number_that_nobody_has_is_said_in_one_line(phone: Telephone) -> None:
    page = io.StringIO()
    assert converse(phone, "+12025550177", io.StringIO(""), page) == 1
    assert "nobody answers at +12025550177" in page.getvalue().replace("\n    ", " ")


class Interrupted(io.StringIO):
    """A terminal in which somebody presses Ctrl-C."""

    def readline(self, size: int | None = -1, /) -> str:
        raise KeyboardInterrupt


def test_ctrl_c_hangs_up_without_a_traceback(far: FarSide, phone: Telephone) -> None:
    page = io.StringIO()
    assert converse(phone, LINE, Interrupted(), page) == 0
    assert page.getvalue().endswith("\nThe call is over: the caller hung up.\n")


def test_on_a_terminal_a_text_that_comes_in_while_nobody_types_is_shown(
    far: FarSide, platform: Simulator, phone: Telephone
) -> None:
    ours, theirs = pty.openpty()
    page = Page()
    with os.fdopen(theirs) as read:
        talking = threading.Thread(target=converse, args=(phone, LINE, read, page))
        talking.start()
        assert page.shows("Para español")
        platform.telephone("+12025550124").text(LINE, "Hello")
        far.on("/sms/incoming", "<Message>Later</Message>")
        phone.text(LINE, "Hello")
        assert page.shows("Text from +18005550199: Later")
        os.write(ours, b"quit\n")
        talking.join(10)
        assert not talking.is_alive()
    os.close(ours)


class Page(io.StringIO):
    """A page that one can wait for words to appear on."""

    def __init__(self) -> None:
        super().__init__()
        self.change = threading.Condition()

    def write(self, text: str, /) -> int:
        with self.change:
            written = super().write(text)
            self.change.notify_all()
            return written

    def shows(self, words: str) -> bool:
        with self.change:
            return self.change.wait_for(lambda: words in self.getvalue(), 10)
