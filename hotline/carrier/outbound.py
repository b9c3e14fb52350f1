"""Calls and texts out, many at once: pooled connections on an event loop in a thread of its own.

What is asked for once is never asked for again: a create that is repeated is a second call. `aiohttp` is imported
where something is sent: the web process never needs it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote_plus, urlencode

from hotline.carrier.forms import Form
from hotline.carrier.twilio_rest import TIMEOUT, Account
from hotline.errors import CarrierError, CarrierRefused, CarrierUncertain

if TYPE_CHECKING:
    import aiohttp

STALE = 30.0
"""Seconds after which a request that still waits is not made any more: what it was decided on may have changed."""


@dataclass(frozen=True, slots=True)
class Request:
    """A call or a text to be created (carrier.forms); `key` is the asker's own name for it."""

    key: str
    kind: Literal["Calls", "Messages"]
    form: Form


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request: the platform's id, or the fault (CarrierRefused, CarrierUncertain)."""

    key: str
    sid: str | None = None
    fault: CarrierError | None = None


_quoted = lru_cache(maxsize=1024)(quote_plus)
"""Most texts of a day, and most parts of their addresses, are the same."""

Told = Callable[[Answer], None]


class Outbound:
    """One platform account, `concurrency` requests at once. Nothing runs before the first request."""

    def __init__(self, account: Account, concurrency: int, timeout: float = TIMEOUT) -> None:
        self._account = account
        self._concurrency = concurrency
        self._timeout = timeout
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop
        self._thread: Thread | None = None
        self._serving: asyncio.Task[None] | None = None
        self._waiting: asyncio.Queue[tuple[Request, Told, float]] = asyncio.Queue()

    def ask(self, requests: Iterable[Request], told: Told) -> None:
        """Make these requests and return at once; `told` is called with the answer to each, in another thread."""
        queued, last = [*requests], time.monotonic() + STALE

        def queue() -> None:
            for request in queued:
                self._waiting.put_nowait((request, told, last))

        self._running().call_soon_threadsafe(queue)

    def refuse_waiting(self) -> None:
        """Answer what was not asked for yet as refused: nothing of it was placed. What is under way goes on."""
        self._running().call_soon_threadsafe(self._refuse_waiting)

    def close(self) -> None:
        """End the connections and the thread; what is under way is cut off."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is not None and self._serving is not None:
                self._loop.call_soon_threadsafe(self._serving.cancel)
        if thread is not None:
            thread.join()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._loop, self._waiting = asyncio.new_event_loop(), asyncio.Queue()
                self._serving = self._loop.create_task(self._serve())
                self._thread = Thread(target=self._run, args=(self._loop, self._serving), name="outbound", daemon=True)
                self._thread.start()
            return self._loop

    def _run(self, loop: asyncio.AbstractEventLoop, serving: asyncio.Task[None]) -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(serving)
        loop.close()

    def _refuse_waiting(self) -> None:
        while not self._waiting.empty():
            request, told, _ = self._waiting.get_nowait()
            told(Answer(request.key, fault=CarrierRefused(0, 0)))

    async def _serve(self) -> None:
        import aiohttp

        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._concurrency),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={
                "Authorization": aiohttp.encode_basic_auth(self._account.username, self._account.password),
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            },
            # A connection that can't be made is told apart from an answer that does not come.
            timeout=aiohttp.ClientTimeout(total=self._timeout, connect=self._timeout / 2),
        ) as session:
            await asyncio.gather(*(self._work(session) for _ in range(self._concurrency)))

    async def _work(self, session: aiohttp.ClientSession) -> None:
        while True:
            request, told, last = await self._waiting.get()
            if time.monotonic() > last:
                told(Answer(request.key, fault=CarrierRefused(0, 0)))
                continue
            try:
                told(Answer(request.key, sid=await self._create(session, request)))
            except CarrierError as fault:
                told(Answer(request.key, fault=fault))

    async def _create(self, session: aiohttp.ClientSession, request: Request) -> str:
        from aiohttp import ClientConnectorError, ClientError, ConnectionTimeoutError

        account = self._account
        url = f"{account.api_url}/2010-04-01/Accounts/{account.sid}/{request.kind}.json"
        body = urlencode(request.form, quote_via=_quoted).encode()
        try:
            async with session.post(url, data=body, allow_redirects=False) as response:
                return _sid(response.status, await response.read())
        except (ClientConnectorError, ConnectionTimeoutError):
            raise CarrierRefused(0, 0) from None
        except (ClientError, OSError, ValueError):
            raise CarrierUncertain("no usable answer came") from None


def _sid(status: int, content: bytes) -> str:
    """The id in an answer. Raises CarrierRefused, or CarrierUncertain where it says nothing that can be used."""
    try:
        said: Any = json.loads(content)
    except ValueError:
        said = None
    fields = said if isinstance(said, dict) else {}
    if not 200 <= status < 300:
        code = fields.get("code")
        # Where the platform gave no code of its own, the HTTP status may stand in that place.
        raise CarrierRefused(status, code if isinstance(code, int) and code != status else 0)
    sid = fields.get("sid")
    if not isinstance(sid, str) or not sid:
        raise CarrierUncertain("an answer came without an id")
    return sid
