"""The people whom a Dial rings, and the one of them who talks with the caller."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hotline.simulator.leg import Ending, Said, Who
from hotline.simulator.signature import Pairs
from hotline.simulator.twiml import Dial

if TYPE_CHECKING:
    from hotline.simulator.line import Call


@dataclass(slots=True, eq=False)
class Bridge:
    """One Dial of one `caller`. All its legs hold the caller's lock."""

    caller: Call
    verb: Dial
    legs: list[Call] = field(default_factory=list)
    joined: Call | None = None

    def ring(self) -> None:
        """Let every telephone ring; the first that answers, or that accepts after its screening, is joined."""
        self.caller.transcript.append(Said(Who.PLATFORM, "(ringing)", "ringing"))
        for number in self.verb.numbers:
            leg = self.caller.exchange.dial_leg(self.caller, number, self.verb)
            leg.dialled_by = self
            self.legs.append(leg)
        for leg in self.legs:
            self.caller.exchange.ring(leg)

    def join(self, leg: Call) -> None:
        """The caller and this leg hear each other; the other telephones stop ringing."""
        if self.joined is not None or self.caller.bridge is not self:
            leg.end(Ending.CANCELED)
            return
        self.joined = leg
        self.caller.transcript.append(Said(Who.PLATFORM, "(joined)", "joined"))
        for other in self.legs:
            if other is not leg:
                other.end(Ending.CANCELED)

    def ring_out(self) -> None:
        """Nobody came in time."""
        if self.joined is None:
            for leg in self.legs:
                leg.end(Ending.NO_ANSWER)

    def drop(self) -> None:
        """The caller is gone or turned elsewhere."""
        for leg in self.legs:
            leg.end(Ending.LINE if leg.status == "in-progress" else Ending.CANCELED)

    def left(self, leg: Call) -> None:
        """A leg is over; with the last of them the caller's document goes on."""
        if self.caller.bridge is self and all(other.ended for other in self.legs):
            self.caller.dialled(self, leg)

    def result(self, last: Call) -> Pairs:
        """What the Dial's action is told. Completed but not bridged: answered, and never accepted.

        Source: Twilio's dial page.
        """
        leg = self.joined or last
        return [
            ("DialCallStatus", leg.status),
            ("DialCallSid", leg.sid),
            ("DialCallDuration", str(leg.seconds)),
            ("DialBridged", "true" if self.joined else "false"),
        ]
