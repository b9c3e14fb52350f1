"""What counts as a mail address: as much as a server must be able to read, and nothing that could write a header."""

from __future__ import annotations

import re

LONGEST = 254  # RFC 5321, 4.5.3.1.3, less its brackets
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"({_LOCAL})@((?:{_LABEL}\.)+{_LABEL})")
LONGEST_LOCAL = 64


def mail_address(given: str) -> str | None:
    """An address as it is kept: no blanks around it, its host in lower case; None where it can't be one.

    Addresses beyond ASCII are refused: not every server on the way could carry them.
    """
    found = _ADDRESS.fullmatch(given.strip())
    if found is None or len(found[1]) > LONGEST_LOCAL or len(found[0]) > LONGEST:
        return None
    return f"{found[1]}@{found[2].lower()}"
