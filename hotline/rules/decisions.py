"""Decisions that only a named person takes, with a reason: both stand in the audit log."""

from __future__ import annotations

from hotline.errors import HotlineError

LONGEST_NAME = 100


class WrongDecision(HotlineError):
    """This can't be decided so, or not by this person alone."""


def named(by: str) -> str:
    """The name of whoever decides, with single blanks. Raises WrongDecision for none."""
    name = " ".join(by.split())
    if not name or len(name) > LONGEST_NAME:
        raise WrongDecision(f"a decision needs the name of the person who takes it, at most {LONGEST_NAME} characters")
    return name


def given(reason: str) -> str:
    """The reason of a decision. Raises WrongDecision for none."""
    if not reason.strip():
        raise WrongDecision("a decision needs a reason: it is kept in the audit log")
    return reason.strip()


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's, however they were typed."""
    return named(one).casefold() == named(other).casefold()
