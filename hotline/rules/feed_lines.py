"""The lines of a custody file: plain or gzip, numbered, never more than one in memory but those put back."""

from __future__ import annotations

import gzip
import io
import zlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from hotline.errors import FeedRefused

# Bytes of one line, the most that is held in memory of it.
LONGEST_LINE = 256 * 1024

_GZIP = b"\x1f\x8b"
_NOT_A_FEED: Mapping[bytes, str] = {
    b"PK\x03\x04": "a zip or Excel file",
    b"\xff\xfe": "in UTF-16",
    b"\xfe\xff": "in UTF-16",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its end; `data` is only its beginning where it is `too_long`."""

    number: int
    data: bytes
    too_long: bool = False


class Lines:
    """The lines of a file that are not blank, numbered from 1; lines can be put back to be read again."""

    def __init__(self, stream: BinaryIO) -> None:
        """`stream` is only read forward. Raises FeedRefused for another kind of file."""
        head = stream.read(4)
        for magic, kind in _NOT_A_FEED.items():
            if head.startswith(magic):
                raise FeedRefused(f"the file is {kind}: send CSV or JSON Lines in UTF-8, as it is or in gzip")
        whole = io.BufferedReader(_Rejoined(head, stream), 64 * 1024)
        packed = head.startswith(_GZIP)
        self._plain = cast(BinaryIO, gzip.GzipFile(fileobj=whole, mode="rb")) if packed else whole
        self._waiting: deque[Line] = deque()
        self._number = 0
        self._broken: FeedRefused | None = None

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> Line:
        while (line := self.take()) is not None:
            if line.data.strip():
                return line
        if self._broken:
            raise self._broken
        raise StopIteration

    def put_back(self, lines: list[Line]) -> None:
        self._waiting.extendleft(reversed(lines))

    def take(self) -> Line | None:
        """The next line, blank or not; None at the end and where the file breaks off."""
        if self._waiting:
            return self._waiting.popleft()
        if self._broken:
            return None
        try:
            data, too_long = self._read()
        except (EOFError, zlib.error, gzip.BadGzipFile):
            # Told only after the lines before the break have been read.
            self._broken = FeedRefused(
                f"the gzip file breaks off or is damaged after line {self._number}: send it again"
            )
            return None
        if not data:
            return None
        self._number += 1
        if self._number == 1:
            data = data.removeprefix(b"\xef\xbb\xbf")
        return Line(self._number, data, too_long)

    def _read(self) -> tuple[bytes, bool]:
        data = rest = self._plain.readline(LONGEST_LINE)
        too_long = len(data) == LONGEST_LINE and not data.endswith(b"\n")
        while too_long and rest and not rest.endswith(b"\n"):
            rest = self._plain.readline(LONGEST_LINE)
        return data, too_long


class _Rejoined(io.RawIOBase):
    """A stream of which the first bytes were looked at; it is not closed with this one."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)
