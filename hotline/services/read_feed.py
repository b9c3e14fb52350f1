"""Reads a feed file ahead of the import: a long one in a process of its own, so that two processors share the work.

That process gets the file by its standard input and gives batches back by its standard output, one ahead of the
import and no more. It knows neither database nor settings, and it ends when whoever started it ends.
"""

from __future__ import annotations

import gc
import io
import pickle
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import BinaryIO

from hotline.errors import FeedRefused, HotlineError
from hotline.rules.feed_batches import Batch, batches

SHORT = 1024 * 1024
"""Bytes of a file below which a process of its own would cost more time than it saves."""
PIECE = 256 * 1024


class ReaderLost(HotlineError):
    """The process that reads a file has died. The rows that it gave stand; the file is sound and can be given again."""


def read_ahead(stream: BinaryIO, size: int) -> Generator[Batch]:
    """The file by batches of `size` rows, as `feed_batches.batches` gives it. Raises ReaderLost, too."""
    head = bytearray()
    while len(head) < SHORT and (piece := stream.read(SHORT - len(head))):
        head += piece
    if len(head) < SHORT:
        yield from batches(io.BytesIO(head), size)
    else:
        yield from _read_apart(bytes(head), stream, size)


def _read_apart(head: bytes, rest: BinaryIO, size: int) -> Iterator[Batch]:
    command = [sys.executable, "-P", "-m", __name__, str(size)]
    # In a session of its own: what a terminal sends to end the import is for the import, which ends this.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as process:
        reader = _Reader(process)
        pouring = Thread(target=reader.pour, args=(head, rest), name="feed")
        pouring.start()
        try:
            while (batch := reader.next()) is not None:
                yield batch
        finally:
            process.kill()
            pouring.join()


@dataclass(slots=True)
class _Reader:
    """The process that reads, and what kept it from getting the whole file."""

    process: subprocess.Popen[bytes]
    fault: BaseException | None = None

    def pour(self, head: bytes, rest: BinaryIO) -> None:
        """Give it the file, in a thread, for as long as it takes any."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError), self.process.stdin as pipe:
            piece = head
            while piece:
                pipe.write(piece)
                piece = self._more(rest)

    def _more(self, rest: BinaryIO) -> bytes:
        try:
            return rest.read(PIECE)
        except BaseException as fault:
            self.fault = fault
            self.process.kill()  # or it would take the end of what it has for the end of the file
            return b""

    def next(self) -> Batch | None:
        """Its next batch; None at the end of the file. Raises FeedRefused, ReaderLost and what the stream raised."""
        assert self.process.stdout is not None
        try:
            said = pickle.load(self.process.stdout)
        except (EOFError, pickle.UnpicklingError):
            raise self.fault or ReaderLost("the process that reads the file has died: import the file again") from None
        if isinstance(said, FeedRefused):
            raise said
        assert said is None or isinstance(said, Batch)
        return said


def _serve(size: int) -> None:
    """In the process of its own."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # the import has ended, and so does this
    gc.disable()  # nothing here holds itself, and to look for it among so many rows takes a quarter of the time
    last = None
    try:
        for batch in batches(sys.stdin.buffer, size):
            _say(batch)
    except FeedRefused as refused:
        last = refused
    _say(last)


def _say(what: Batch | FeedRefused | None) -> None:
    pickle.dump(what, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
