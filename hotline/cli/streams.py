"""Files that a command reads."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from hotline.errors import HotlineError


@contextlib.contextmanager
def opened(file: str) -> Iterator[IO[bytes]]:
    """A file by its name, or standard input for "-". Raises HotlineError where it can't be read."""
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(file).open("rb")  # noqa: SIM115
    except OSError as fault:
        raise HotlineError(f"{file}: can't be read: {fault.strerror}") from None
    with stream:
        yield stream
