"""Folders that an agency drops its feed into: of this machine, or of another one over SFTP.

asyncssh speaks SFTP: it is kept up, checks host keys unless told not to, and brings a server for the tests.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeVar, cast
from urllib.parse import unquote, urlsplit

from hotline.errors import HotlineError

if TYPE_CHECKING:
    from asyncssh import SFTPClient

CONNECT_SECONDS = 15
STEP_SECONDS = 60.0
"""Seconds that one request of SFTP, or one piece of a file, may take."""
PIECE = 256 * 1024
Result = TypeVar("Result")


class FolderUnreachable(HotlineError):
    """A drop folder can't be looked into now."""


class Folder(Protocol):
    """What a drop folder can do. All of it raises FolderUnreachable."""

    def sizes(self) -> Mapping[str, int]:
        """The files that lie there, with their sizes in bytes; what stands in folders of it is left out."""

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """A file, to be read from its beginning, twice if need be."""

    def move(self, name: str, to: str, as_name: str) -> None:
        """Put a file into a folder of this one under a name; one of that name there is overwritten."""

    def remove(self, name: str) -> None:
        """Delete a file; one that is not there is no fault."""


@dataclass(slots=True)
class Looks:
    """What one process saw at its last look into a folder: when, and the sizes of the files."""

    at: datetime | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Access:
    """How another machine is entered: the file of host keys that are known, and our key; None for ssh's own."""

    known_hosts: Path | None = None
    key: Path | None = None


@contextmanager
def opened(address: str, access: Access) -> Iterator[Folder]:
    """A folder by its path, or by `sftp://user@host:port/path`. Raises FolderUnreachable."""
    if not address.startswith("sftp://"):
        yield LocalFolder(Path(address))
        return
    if find_spec("asyncssh") is None:
        raise FolderUnreachable("HOTLINE_DROP_FOLDER: SFTP needs its library: pip install 'hotline[sftp]'")
    with _sftp(address, access) as folder:
        yield folder


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """A folder of this machine."""

    path: Path

    def sizes(self) -> Mapping[str, int]:
        with _told(f"{self.path}"):
            return {file.name: file.stat().st_size for file in self.path.iterdir() if file.is_file()}

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        with _told(name):
            stream = (self.path / name).open("rb")
        with stream:
            yield stream

    def move(self, name: str, to: str, as_name: str) -> None:
        with _told(name):
            (self.path / to).mkdir(exist_ok=True)
            (self.path / name).replace(self.path / to / as_name)

    def remove(self, name: str) -> None:
        with _told(name):
            (self.path / name).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class SftpFolder:
    """A folder of another machine. A file is copied to a nameless one of this machine before it is read."""

    runner: asyncio.Runner
    client: SFTPClient
    path: str

    def sizes(self) -> Mapping[str, int]:
        from asyncssh import FILEXFER_TYPE_REGULAR

        entries = self._do(self.client.readdir(self.path or "."), self.path)
        return {
            str(entry.filename): entry.attrs.size or 0 for entry in entries if entry.attrs.type == FILEXFER_TYPE_REGULAR
        }

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        with tempfile.TemporaryFile() as copy:
            self._do(self._fetch(name, cast(BinaryIO, copy)), name, seconds=None)
            copy.seek(0)
            yield cast(BinaryIO, copy)

    async def _fetch(self, name: str, into: BinaryIO) -> None:
        async with self.client.open(self._at(name), "rb") as file:
            while piece := await asyncio.wait_for(file.read(PIECE), STEP_SECONDS):
                into.write(cast(bytes, piece))

    def move(self, name: str, to: str, as_name: str) -> None:
        self._do(self.client.makedirs(self._at(to), exist_ok=True), name)
        self._do(self._replace(self._at(name), self._at(f"{to}/{as_name}")), name)

    async def _replace(self, name: str, by: str) -> None:
        if await self.client.exists(by):  # plain SFTP renames over nothing
            await self.client.remove(by)
        await self.client.rename(name, by)

    def remove(self, name: str) -> None:
        from asyncssh import SFTPNoSuchFile

        async def gone() -> None:
            try:
                await self.client.remove(self._at(name))
            except SFTPNoSuchFile:
                return

        self._do(gone(), name)

    def _at(self, name: str) -> str:
        return f"{self.path}/{name}" if self.path else name

    def _do(self, work: Coroutine[Any, Any, Result], about: str, seconds: float | None = STEP_SECONDS) -> Result:
        with _told(about):
            return self.runner.run(asyncio.wait_for(work, seconds))


@contextmanager
def _sftp(address: str, access: Access) -> Iterator[Folder]:
    import asyncssh

    parts = urlsplit(address)
    options: dict[str, Any] = {"known_hosts": str(access.known_hosts)} if access.known_hosts else {}
    options |= {"client_keys": [str(access.key)]} if access.key else {}
    options |= {"password": unquote(parts.password)} if parts.password else {}
    options |= {"username": unquote(parts.username)} if parts.username else {}

    async def connect() -> asyncssh.SSHClientConnection:
        return await asyncssh.connect(
            parts.hostname or "", parts.port or 22, connect_timeout=CONNECT_SECONDS, login_timeout=CONNECT_SECONDS,
            keepalive_interval=15, agent_path=None, **options,
        )  # fmt: skip

    with asyncio.Runner() as runner:
        with _told(parts.hostname or ""):
            connection = runner.run(connect())
        try:
            with _told(parts.hostname or ""):
                client = runner.run(asyncio.wait_for(connection.start_sftp_client(), STEP_SECONDS))
            yield SftpFolder(runner, client, unquote(parts.path).rstrip("/"))
        finally:
            connection.close()
            runner.run(connection.wait_closed())


@contextmanager
def _told(about: str) -> Iterator[None]:
    """What goes wrong with a file or a machine, in one line without its secrets."""
    faults: tuple[type[Exception], ...] = (OSError, TimeoutError)
    if find_spec("asyncssh"):
        import asyncssh

        faults = (*faults, asyncssh.Error)
    try:
        yield
    except faults as fault:
        why = getattr(fault, "strerror", None) or getattr(fault, "reason", None) or type(fault).__name__
        raise FolderUnreachable(f"the drop folder can't be used ({about}): {why}") from fault
