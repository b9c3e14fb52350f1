"""A telephone in somebody's hand: the client of the control interface, for tests, terminal and page."""

from __future__ import annotations

import base64
import http.client
import json
import re
import unicodedata
from typing import Any
from urllib.parse import quote, urlsplit

from hotline.errors import HotlineError

Json = dict[str, Any]


class TelephoneError(HotlineError):
    """The telephone can't do that now; the line says why."""


def folded(text: str) -> str:
    """Words without case, accents and spare blanks, to compare what was said."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


class Telephone:
    """One handset. `control_url` is the simulator's address, `number` its own number in E.164.

    Every method raises TelephoneError when the simulator says no or is not there.
    """

    def __init__(self, control_url: str, number: str) -> None:
        self.control_url = control_url.rstrip("/")
        self.number = number

    def dial(self, to: str, shown_as: str | None = None) -> LiveCall:
        """Call one of the lines. `shown_as` is the caller ID that it sees: `anonymous`, or "" for none."""
        given = {"to": to} if shown_as is None else {"to": to, "shown_as": shown_as}
        return LiveCall(self, self._handset("dial", given))

    def ringing(self) -> list[Json]:
        """The calls that ring here, first first: `sid` and `from`."""
        self.settle()
        return list(self.look()["ringing"])

    def answer(self, machine: str = "human") -> LiveCall:
        """Pick up, as a human or as `machine_end_beep`, `machine_start`, `fax`, `unknown` and so on."""
        return LiveCall(self, self._handset("answer", {"as": machine}))

    def decline(self) -> LiveCall:
        """Turn the ringing call away; the platform calls that busy."""
        return LiveCall(self, self._handset("decline", {}))

    def busy(self) -> LiveCall:
        """The ringing call finds the line taken."""
        return LiveCall(self, self._handset("busy", {}))

    def let_ring_out(self) -> LiveCall:
        """Nobody picks up the ringing call."""
        return LiveCall(self, self._handset("ring-out", {}))

    def text(self, to: str, body: str) -> None:
        """Send a text; returns when the line has dealt with it."""
        self._handset("text", {"to": to, "body": body})

    @property
    def texts(self) -> list[str]:
        """The texts received so far, oldest first."""
        self.settle()
        return [text["body"] for text in self.look()["texts"]]

    @property
    def call(self) -> LiveCall | None:
        """The call that this handset is or was last in."""
        seen = self.look()["call"]
        return LiveCall(self, seen) if seen else None

    def set(self, **what: object) -> None:
        """Set up the handset: picks_up, reachable, delivery (delivered, undelivered, failed), error_code."""
        self._handset("set", what)

    def look(self) -> Json:
        """The handset as it is: ringing, call, texts, and how it is set up."""
        return self.ask("GET", f"/control/handsets/{quote(self.number, safe='')}")

    def lines(self) -> list[str]:
        """The numbers that can be dialled."""
        return list(self.ask("GET", "/control/")["lines"])

    def settle(self) -> None:
        """Wait until the platform has delivered everything that it has to tell."""
        self.ask("POST", "/control/settle", {})

    def _handset(self, act: str, given: Json) -> Json:
        return self.ask("POST", f"/control/handsets/{quote(self.number, safe='')}/{act}", given)

    def ask(self, method: str, path: str, given: Json | None = None) -> Json:
        """One request to the control interface."""
        there = urlsplit(self.control_url)
        connection = http.client.HTTPConnection(there.hostname or "", there.port or 80, timeout=60)
        try:
            body = None if given is None else json.dumps(given).encode()
            headers = {"X-Simulator": "1", "Content-Type": "application/json"}
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer: Json = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as reason:
            raise TelephoneError(f"no simulator at {self.control_url}: start the line first") from reason
        finally:
            connection.close()
        if response.status != 200:
            raise TelephoneError(str(answer.get("error", response.status)))
        return answer


class LiveCall:
    """One call as its far side lives it.

    Every act returns the call itself, so that acts can follow one another.
    """

    def __init__(self, phone: Telephone, seen: Json) -> None:
        self.phone = phone
        self.sid: str = seen["sid"]
        self._seen = seen

    # ---- acts

    def press(self, keys: str) -> LiveCall:
        """Press keys, 0-9 * #. Without a last # or enough of them they wait for `wait()`."""
        return self._act("press", {"keys": keys})

    def speak(self, text: str, confidence: float | None = 0.9) -> LiveCall:
        """Say something; the platform reports its confidence, 0 to 1, or none."""
        return self._act("speak", {"text": text, "confidence": confidence})

    def wait(self) -> LiveCall:
        """Say and press nothing until the line's patience ends."""
        return self._act("wait", {})

    def record(self, seconds: float = 3.0, ends_with: str = "#", wav: bytes = b"") -> LiveCall:
        """Speak into a recording and end it with a key; "" leaves it open for `wait()` or `hang_up()`."""
        self._act("record", {"seconds": seconds, "wav": base64.b64encode(wav).decode()})
        return self.press(ends_with) if ends_with and not self._seen["ended"] else self

    def hang_up(self) -> LiveCall:
        """Hang up; a call that is over stays so."""
        return self._act("hang-up", {})

    def listen_to_the_end(self, at_most: int = 60) -> LiveCall:
        """Keep silent until the line ends the call; raises AssertionError when it does not."""
        for _ in range(at_most):
            if self.look().ended:
                return self
            self.wait()
        raise AssertionError(f"the call goes on after {at_most} silences:\n{self.story()}")

    def look(self) -> LiveCall:
        """See the call anew."""
        self._seen = self.phone.ask("GET", f"/control/calls/{self.sid}")
        return self

    # ---- what is seen

    @property
    def state(self) -> str:
        """The node in which the line waits, from X-Hotline-State."""
        return str(self._seen["state"])

    @property
    def status(self) -> str:
        """The platform's word for the call: ringing, in-progress, completed and so on."""
        return str(self._seen["status"])

    @property
    def ended(self) -> bool:
        """Whether the call is over."""
        return bool(self._seen["ended"])

    @property
    def how_it_ended(self) -> str:
        """Who or what ended it, in words; empty while it goes on."""
        return str(self._seen["how"])

    @property
    def waiting_for(self) -> Json | None:
        """What the line takes now: `verb`, and for a question `input`, `num_digits`, `finish_on_key`."""
        found: Json | None = self._seen["waiting_for"]
        return found

    @property
    def transcript(self) -> list[Json]:
        """Everything so far: who, text, kind, language, audio."""
        return list(self._seen["transcript"])

    @property
    def heard_last(self) -> str:
        """What the line has said since the last input."""
        since: list[str] = []
        for entry in self.transcript:
            if entry["who"] == "caller":
                since = []
            elif entry["text"] or entry["audio"]:
                since.append(entry["text"] or f"[{entry['audio']}]")
        return " ".join(since)

    @property
    def heard(self) -> str:
        """All that the line has said in this call."""
        return " ".join(entry["text"] for entry in self.transcript if entry["who"] != "caller")

    def story(self) -> str:
        """The transcript to read, one entry a line."""
        return "\n".join(
            f"{said['who']:>8}: {said['text'] or said['audio'] or '(' + said['kind'] + ')'}" for said in self.transcript
        )

    # ---- what a test holds it to

    def says(self, words: str) -> LiveCall:
        """Hold the line to have said this since the last input; case, accents and blanks don't matter."""
        if folded(words) not in folded(self.heard_last):
            raise AssertionError(f"the line did not say {words!r}; so far, in {self.state}:\n{self.story()}")
        return self

    def never_said(self, words: str) -> LiveCall:
        """Hold the line to have said this, as whole words, nowhere in the call."""
        if re.search(rf"(?<!\w){re.escape(folded(words))}(?!\w)", folded(self.heard)):
            raise AssertionError(f"the line said {words!r}; the call so far:\n{self.story()}")
        return self

    def is_at(self, state: str) -> LiveCall:
        """Hold the line to wait in this node."""
        if self.state != state or self.ended:
            how = f"over ({self.how_it_ended})" if self.ended else f"at {self.state}"
            raise AssertionError(f"the call is {how}, not at {state}:\n{self.story()}")
        return self

    def _act(self, act: str, given: Json) -> LiveCall:
        self._seen = self.phone.ask("POST", f"/control/calls/{self.sid}/{act}", given)
        return self
