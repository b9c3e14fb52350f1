"""Looks through the audit log, and keeps how far it was whole, as a witness outside of the database.

The head that the database keeps moves with every entry and is sealed, so whoever cuts the tail off and has no key
is seen. Whoever put an old head back as well, or the whole database as it was last week, is seen by the witness:
a file that each look leaves behind. It is worth as much as the place it is kept in, so `--witness` can name one on
another machine, and the head is printed too, to be written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hotline.errors import HotlineError
from hotline.rules.audit import EMPTY, Fault, Head
from hotline.services.line import Line
from hotline.store import audit

WITNESS = "audit.head"
"""The file in the data folder."""


class WitnessBroken(HotlineError):
    """The file of the witness does not hold a head."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look found: the head of the log, and everything that is wrong with it."""

    head: Head
    faults: tuple[Fault, ...]


def verify_audit(line: Line, witness: Path | None = None, heads: Sequence[Head] = ()) -> Verified:
    """Look through the whole log. `heads` were printed earlier; the witness is moved on where all is well.

    Raises WitnessBroken.
    """
    path = witness or line.settings.data_dir / WITNESS
    kept = _read(path)
    with line.database.read() as db:
        found = Verified(audit.head(db), audit.verify(db, [*heads, kept]))
    if not found.faults and found.head != kept:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, found.head)
    return found


def _read(path: Path) -> Head:
    text = str(EMPTY)
    with suppress(FileNotFoundError):
        text = path.read_text("ascii")
    try:
        return Head.read(text)
    except ValueError as fault:
        raise WitnessBroken(f"{path}: {fault}; see who changed it before you take it away") from None


def _write(path: Path, head: Head) -> None:
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(f"{head}\n", "ascii")
    fresh.replace(path)
