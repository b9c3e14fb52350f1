"""When a number is asked anew whether it still belongs to who signed up: numbers change hands, and nobody tells us.

A number that does not answer keeps its enrolment, and a person looks. Dropped, somebody who was on a journey loses the
warning that they asked for; kept, a stranger may get one more neutral message, which no PIN of theirs opens. The first
harm can't be mended. "No" is another matter: it stops everything to the number at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

EVERY = timedelta(days=180)
"""How long a sign that the number is still theirs holds (SAFETY: numbers change hands)."""

SIGNS = frozenset(("pin", "reply", "said_yes"))
"""What shows it: the right PIN in a call to the number, an answer by text from it, a yes when it was asked.

A PIN in a call from any phone, or on a page, shows who it is, but not that the number is still theirs.
"""


def next_question(sign: datetime) -> datetime:
    """When a number is asked next, after a sign of its subscriber or after it was last asked."""
    return sign + EVERY
