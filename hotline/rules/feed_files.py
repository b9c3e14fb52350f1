"""Files in a drop folder: which are feeds, of which kind, and which have come whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

DONE_MARK = ".done"
"""A twin with this ending says that its file is whole."""

_FEED = re.compile(r"[^/\x00-\x1f]+\.(full|delta)\.(?:csv|jsonl)(?:\.gz)?")


def kind_of(name: str) -> Literal["full", "delta"] | None:
    """What a file is by its name (`*.full.csv`, `*.delta.jsonl.gz`, …); None for every other file."""
    found = _FEED.fullmatch(name)
    if found is None or name.startswith("."):
        return None
    return "full" if found[1] == "full" else "delta"


def whole(before: Mapping[str, int], now: Mapping[str, int]) -> list[str]:
    """The feeds that are whole, in order of name, from the sizes in bytes at two looks.

    A feed is whole when its size has stood still, or at once with its twin: `x.full.csv` with `x.full.csv.done`.
    """
    return sorted(
        name
        for name, size in now.items()
        if kind_of(name) is not None and (f"{name}{DONE_MARK}" in now or before.get(name) == size)
    )
