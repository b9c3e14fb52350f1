"""PINs that anybody would guess."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from itertools import pairwise

from hotline.rules import tables

SHORTEST = 4
LONGEST = 6
FIRST_YEAR = 1930
LAST_YEAR = 2012


class PinRefusal(StrEnum):
    """Why a PIN can't be taken; the caller is told which."""

    LENGTH = "length"
    REPEATED = "repeated"
    RUN = "run"
    YEAR = "year"
    OWN_NUMBER = "own_number"
    COMMON = "common"


def refusal(pin: str, number: str | None) -> PinRefusal | None:
    """Why a PIN is refused; None when it may be used. `number` is the subscriber's own in E.164, if known.

    Refused: not 4 to 6 digits; one digit or one group throughout; a run by steps of one, up or down, over 9
    and 0 too; a year from 1930 to 2012; the end of the own number; the hundred commonest. NIST SP 800-63B,
    3.1.1.2, asks for such a list.
    """
    if not re.fullmatch(rf"[0-9]{{{SHORTEST},{LONGEST}}}", pin):
        return PinRefusal.LENGTH
    if re.fullmatch(r"([0-9]+?)\1+", pin):
        return PinRefusal.REPEATED
    if {(int(after) - int(before)) % 10 for before, after in pairwise(pin)} in ({1}, {9}):
        return PinRefusal.RUN
    if len(pin) == 4 and FIRST_YEAR <= int(pin) <= LAST_YEAR:
        return PinRefusal.YEAR
    if number and (number.endswith(pin) or number[-4:] in pin):
        return PinRefusal.OWN_NUMBER
    return PinRefusal.COMMON if pin in common() else None


@cache
def common() -> frozenset[str]:
    """The hundred commonest PINs of 4 to 6 digits."""
    return frozenset(pin for (pin,) in tables.read("common_pins"))
