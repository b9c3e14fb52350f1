"""The agency's wordings for a book-out, and what each of them tells.

Case, blanks and punctuation make no difference, nor does the form's own note behind a wording. Everything else
does: a wording that stands in no table is for a person to read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from hotline.rules.event_kinds import EventKind

# The agency's own wordings for a book-out. They can tell asylum facts (8 CFR 208.6), so none may be spoken,
# texted, mailed, logged or exported: only the kind leaves this module.
RAW_WORDINGS: Mapping[str, EventKind] = MappingProxyType(
    {
        "Transferred": EventKind.TRANSFERRED,
        "Removed": EventKind.REMOVED,
        "Paroled": EventKind.RELEASED,
        "Paroled - Fear Found": EventKind.RELEASED,
        "Paroled - Humanitarian": EventKind.RELEASED,
        "Paroled - Public Benefit": EventKind.RELEASED,
        "Order of recognizance": EventKind.RELEASED,
        "Order of Recognizance - Humanitarian": EventKind.RELEASED,
        "Order of supervision": EventKind.RELEASED,
        "Order of Supervision - Humanitarian": EventKind.RELEASED,
        "Order of Supervision - No SLRRFF": EventKind.RELEASED,
        "Order of Supervision - Re-Release": EventKind.RELEASED,
        "Bonded Out - IJ": EventKind.RELEASED,
        "Bonded Out - Field Office": EventKind.RELEASED,
        "Relief Granted by IJ": EventKind.RELEASED,
        "Proceedings Terminated": EventKind.RELEASED,
        "Voluntary departure": EventKind.DEPARTED,
        "Voluntary Return": EventKind.DEPARTED,
        "U.S. Marshals or other agency": EventKind.TO_OTHER_AGENCY,
        "U.S. Marshals or other agency (explain in Comments)": EventKind.TO_OTHER_AGENCY,
        "Escaped": EventKind.ESCAPED,
        "Died": EventKind.DIED,
        "Processing Disposition Changed Locally": EventKind.UNDER_REVIEW,
        "Withdrawal": EventKind.UNDER_REVIEW,
        "Title 42 Return": EventKind.UNDER_REVIEW,
        "ORR - Office of Refugee Resettlement": EventKind.UNDER_REVIEW,
        "ORR-Runaway": EventKind.UNDER_REVIEW,
    }
)

# Wordings that we know by their beginning.
RAW_PREFIXES: Mapping[str, EventKind] = MappingProxyType(
    {"ORR": EventKind.UNDER_REVIEW, "Title 42": EventKind.UNDER_REVIEW}
)

# What a form asks of the clerk behind a wording, whole or cut off by a narrow column: it says nothing of the person.
NOTE = "(explain in Comments)"


def outcome(wording: str | None) -> EventKind:
    """What a book-out of this wording tells; UNDER_REVIEW for none and for any that is not in the tables."""
    return _outcome(wording or "") or EventKind.UNDER_REVIEW


def known(wording: str | None) -> bool:
    """Whether the tables have this wording, by case, blanks and punctuation or not."""
    return _outcome(wording or "") is not None


@cache
def _tables() -> tuple[dict[str, EventKind], dict[str, EventKind]]:
    return (
        {_folded(raw): kind for raw, kind in RAW_WORDINGS.items()},
        {_folded(raw): kind for raw, kind in RAW_PREFIXES.items()},
    )


@lru_cache(maxsize=1024)
def _outcome(wording: str) -> EventKind | None:
    wordings, prefixes = _tables()
    folded = _folded(wording)
    note = _folded(NOTE)
    for length in range(len(note) + 1):
        if folded.endswith(note[:length]) and (bare := folded[: len(folded) - length]) in wordings:
            return wordings[bare]
    return next((kind for prefix, kind in prefixes.items() if folded.startswith(prefix)), None)


def _folded(wording: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", wording).casefold() if char.isalnum())
