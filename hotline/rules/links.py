"""Links that are sent to a subscriber: what each is for, how long it opens, and whether it opens once or often.

A link names nobody and opens nothing that tells of anybody without the PIN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

TOKEN_BYTES = 16
"""Random bytes of a link's token: the 128 bits that NIST SP 800-63B, 3.1.3.2, asks for, in 22 characters of a text."""


class Purpose(StrEnum):
    """What a link is for."""

    MANAGE = "manage"  # the subscriber's page, with the PIN
    ADDRESS = "mail"  # to give a mail address, with the PIN
    ADDRESS_YES = "mail_yes"  # in a mail: this address is mine
    CHOOSE_PIN = "pin"  # to agree and to choose the first PIN
    UNSUBSCRIBE = "unsubscribe"  # in a mail: no more mails


@dataclass(frozen=True, slots=True)
class Terms:
    """One row: how long a link opens (None: as long as its enrolment stands), and whether it may be used once only."""

    life: timedelta | None
    once: bool


TERMS: Mapping[Purpose, Terms] = {
    Purpose.MANAGE: Terms(timedelta(days=7), once=False),
    Purpose.ADDRESS: Terms(timedelta(hours=1), once=True),
    Purpose.ADDRESS_YES: Terms(timedelta(hours=24), once=True),
    Purpose.CHOOSE_PIN: Terms(timedelta(hours=72), once=True),
    Purpose.UNSUBSCRIBE: Terms(None, once=False),  # RFC 8058: it works once or often, and an old mail's must work too
}

BY_TEXT = frozenset({Purpose.MANAGE, Purpose.ADDRESS, Purpose.CHOOSE_PIN})
"""Links that go out by text; the others stand in mails."""


def expires(purpose: Purpose, made: datetime) -> datetime | None:
    """When a link made then opens no more; None: never."""
    life = TERMS[purpose].life
    return None if life is None else made + life


def is_open(purpose: Purpose, expires_at: datetime | None, used_at: datetime | None, now: datetime) -> bool:
    """Whether a link still opens."""
    return (expires_at is None or now < expires_at) and not (TERMS[purpose].once and used_at is not None)
