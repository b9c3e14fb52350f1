"""A telephone in the terminal: what is said is written, what is typed is pressed, spoken or texted."""

from __future__ import annotations

import re
import select
import textwrap
from dataclasses import dataclass, field
from typing import TextIO

from hotline.simulator.telephone import LiveCall, Telephone, TelephoneError

WIDTH = 78
HELP = 'Type keys (0-9 * #), "words" in quotes, Enter for silence, text WORDS, answer, decline, dial, hang up.'


def converse(phone: Telephone, to: str, read: TextIO, write: TextIO) -> int:
    """Call `to` and let somebody hold the conversation, a line at a time, until the input ends.

    Keys, "speech" in quotes, an empty line for silence, `text WORDS`, `record`, `answer`, `decline`, `dial`,
    `hang up`, `quit`. On a terminal, calls and texts that come in are shown while it waits; from a pipe
    everything is settled before the next line is read. Returns 0, or 1 when the line can't be reached.
    """
    conversation = _Conversation(phone, to, read, write)
    try:
        conversation.start()
        conversation.go_on()
    except KeyboardInterrupt:
        write.write("\n")
    except TelephoneError as fault:
        write.write(f"{fault}\n")
        return 1
    return conversation.finish()


@dataclass(slots=True)
class _Conversation:
    phone: Telephone
    to: str
    read: TextIO
    write: TextIO
    call: LiveCall | None = None
    language: str = ""
    shown: int = 0
    texts: int = 0
    rung: set[str] = field(default_factory=set)
    over: bool = False

    def start(self) -> None:
        self._line(HELP)
        self._line(f"Calling {self.to}.")
        seen = self.phone.look()
        self.texts = len(seen["texts"])
        if seen["call"] and not seen["call"]["ended"]:
            # A terminal that was killed has left its call up.
            LiveCall(self.phone, seen["call"]).hang_up()
        self._dial()

    def go_on(self) -> None:
        while not self.over:
            self._show()
            typed = self._next()
            if typed is None:
                return
            try:
                self._obey(typed.strip())
            except TelephoneError as fault:
                self._line(f"{str(fault)[0].upper()}{str(fault)[1:]}.")

    def finish(self) -> int:
        """Hang up what is still up; the line may be gone by now, and that is no matter."""
        try:
            if self.call is not None and not self.call.look().ended:
                self.call.hang_up()
                self._show_call()
        except TelephoneError as fault:
            self._line(str(fault))
            return 1
        return 0

    # ---- in

    def _next(self) -> str | None:
        """The next line typed; None at the end of input."""
        self.write.write("> ")
        self.write.flush()
        if not self.read.isatty():
            typed = self.read.readline()
            self._line(typed.rstrip("\n") if typed else "(end)")
            return typed or None
        while not select.select([self.read], [], [], 1.0)[0]:
            self._show(while_waiting=True)
        return self.read.readline() or None

    def _obey(self, typed: str) -> None:
        word, _, rest = typed.partition(" ")
        match word.lower():
            case "text" if rest.strip():
                self.phone.text(self.to, rest.strip())
            case "answer":
                self._take(self.phone.answer())
            case "decline":
                self.phone.decline()
            case "dial":
                self._dial()
            case "quit" | "exit":
                self.over = True
            case _:
                self._in_call(typed)

    def _in_call(self, typed: str) -> None:
        speech = re.fullmatch(r'["“](.+)["”]', typed)
        if not (speech or re.fullmatch(r"[0-9*#]*", typed) or typed.lower() in ("hang up", "record")):
            self._line(HELP)
        elif self.call is None or self.call.ended:
            if typed:
                self._line("You are in no call: type dial to call, or answer when it rings.")
        elif typed.lower() == "hang up":
            self.call.hang_up()
        elif typed.lower() == "record":
            self.call.record()
        elif speech:
            self.call.speak(speech[1])
        elif typed:
            self.call.press(typed)
        else:
            self.call.wait()

    def _dial(self) -> None:
        self._take(self.phone.dial(self.to))

    def _take(self, call: LiveCall) -> None:
        self.call, self.shown, self.language = call, 0, ""

    # ---- out

    def _show(self, while_waiting: bool = False) -> None:
        """What is new: words on the line, texts, and a telephone that rings."""
        if not while_waiting:
            self.phone.settle()
        seen = self.phone.look()
        news = [f"Text from {text['from']}: {text['body']}" for text in seen["texts"][self.texts :]]
        self.texts = len(seen["texts"])
        for ringing in seen["ringing"]:
            if ringing["sid"] not in self.rung:
                self.rung.add(ringing["sid"])
                news.append(f"Your telephone rings: {ringing['from']} calls. Type answer or decline.")
        if while_waiting and (news or self._call_has_news()):
            self._line("")
        self._show_call()
        for line in news:
            self._line(line)
        if while_waiting and news:
            self.write.write("> ")
            self.write.flush()

    def _call_has_news(self) -> bool:
        return self.call is not None and len(self.call.look().transcript) > self.shown

    def _show_call(self) -> None:
        if self.call is None:
            return
        entries = self.call.look().transcript
        for said in entries[self.shown :]:
            if said["who"] != "caller":
                self._line(self._words(said["who"], said["text"], said["language"], said["audio"]))
        if self.call.ended and len(entries) >= self.shown >= 0:
            self._line(f"The call is over: {self.call.how_it_ended}.")
            self.call = None
        self.shown = len(entries)

    def _words(self, who: str, text: str, language: str, audio: str) -> str:
        if not text:
            return f"Line: (a recording, {audio})"
        if who == "platform":
            return text if text.startswith("(") else f"Platform: {text}"
        mark = f" ({language})" if language != self.language else ""
        self.language = language
        return f"Line{mark}: {text}"

    def _line(self, text: str) -> None:
        self.write.write("\n".join(textwrap.wrap(text, WIDTH, subsequent_indent="    ")) + "\n")
