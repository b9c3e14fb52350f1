"""A platform that takes every call and text at once, or after a fixed time, and knows nothing of either.

It stands in a process of its own, on loopback: `python -m hotline.bench.platform MILLISECONDS` prints its port.
"""

from __future__ import annotations

import asyncio
import sys
from itertools import count

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"
_sids = count()


class _Answering(asyncio.Protocol):
    """HTTP/1.1 as far as a create needs it: a head, a body as long as it says, one answer."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._got = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        while (end := self._got.find(HEAD_END)) >= 0:
            head = self._got[:end].lower()
            at = head.index(LENGTH) + len(LENGTH)
            whole = end + len(HEAD_END) + int(head[at:].split(b"\r\n", 1)[0])
            if len(self._got) < whole:
                return
            self._got = self._got[whole:]
            if self._seconds:
                asyncio.get_running_loop().call_later(self._seconds, self._answer)
            else:
                self._answer()

    def _answer(self) -> None:
        body = b'{"sid": "SM%032d", "status": "queued"}' % next(_sids)
        self._transport.write(
            b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (len(body), body)
        )


async def _serve(seconds: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Answering(seconds), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]) / 1000))
