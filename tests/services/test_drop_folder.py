from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from sqlalchemy import select

from hotline.carrier.drop_folders import FolderUnreachable, Looks
from hotline.services import drop_folder
from hotline.services.drop_folder import FeedWatch, look_into
from hotline.services.line import Line
from hotline.store.models import CustodyImport, StaffTask, Stint, Subject
from hotline.store.turns import sole_import
from tests.conftest import NOW
from tests.services.test_import_custody import REMOVED, a_feed

pytestmark = pytest.mark.server


@dataclass(frozen=True, slots=True)
class Drop:
    """A line with a drop folder, and the folder as the agency's machine sees it."""

    line: Line
    path: Path

    def put(self, name: str, data: bytes) -> None:
        (self.path / name).write_bytes(data)

    def names(self, of: str = ".") -> list[str]:
        return sorted(file.name for file in (self.path / of).glob("*") if file.is_file())

    def look(self, looks: Looks) -> int:
        """A look a minute after the last one."""
        looks.at = None
        return look_into(self.line, looks)

    def imports(self) -> list[tuple[str, str | None, str]]:
        with self.line.database.read() as db:
            made = db.scalars(select(CustodyImport).order_by(CustodyImport.id))
            return [(one.kind, one.file_name, one.status) for one in made if one.kind in ("full", "delta")]


def with_folder(line: Line, address: str, **access: Path) -> Line:
    return replace(line, settings=replace(line.settings, drop_folder=address, **access))  # type: ignore[arg-type]


class Sftp:
    """A real SFTP server on loopback, in a thread with a loop of its own."""

    def __init__(self, root: Path, client_key: asyncssh.SSHKey) -> None:
        self.root = root
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self._client_key = client_key
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: Any = self._do(self._listen())
        self.port: int = self._server.get_port()

    async def _listen(self) -> asyncssh.SSHAcceptor:
        trusted = asyncssh.import_authorized_keys(self._client_key.export_public_key().decode())
        root = str(self.root).encode()
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[self.host_key],
            authorized_client_keys=trusted,
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=root),
        )

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def close(self) -> None:
        async def end() -> None:
            self._server.close()
            await self._server.wait_closed()

        self._do(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()


@pytest.fixture
def sftp(tmp_path: Path) -> Iterator[tuple[Sftp, dict[str, Path]]]:
    """A server with a folder `in`, and how to enter it."""
    root = tmp_path / "agency"
    (root / "in").mkdir(parents=True)
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(str(tmp_path / "key"))
    server = Sftp(root, key)
    hosts = tmp_path / "known_hosts"
    hosts.write_text(f"[127.0.0.1]:{server.port} {server.host_key.export_public_key().decode()}")
    yield server, {"drop_known_hosts": hosts, "drop_key": tmp_path / "key"}
    server.close()


@pytest.fixture(params=["local", "sftp"])
def drop(request: pytest.FixtureRequest, sqlite_line: Line, tmp_path: Path) -> Drop:
    """A drop folder of this machine, and one of another over SFTP."""
    if request.param == "local":
        (tmp_path / "in").mkdir()
        return Drop(with_folder(sqlite_line, str(tmp_path / "in")), tmp_path / "in")
    server, access = request.getfixturevalue("sftp")
    address = f"sftp://hotline@127.0.0.1:{server.port}/in"
    return Drop(with_folder(sqlite_line, address, **access), server.root / "in")


def test_what_has_come_whole_is_taken_in_order_and_put_away(drop: Drop) -> None:
    looks = Looks()
    drop.put("2.delta.csv.gz", gzip.compress(a_feed([REMOVED])))
    drop.put("1.full.csv", a_feed([{}]))
    drop.put("read me.txt", b"hello")
    assert drop.look(looks) == 0  # one look tells nothing of a size
    assert drop.look(looks) == 2
    assert drop.imports() == [("full", "1.full.csv", "finished"), ("delta", "2.delta.csv.gz", "finished")]
    assert drop.names() == ["read me.txt"]
    assert drop.names("done") == ["1.full.csv", "2.delta.csv.gz"]
    assert drop.look(looks) == 0


def test_a_file_that_still_grows_waits_and_its_twin_says_when_it_is_whole(drop: Drop) -> None:
    looks, whole = Looks(), a_feed([{}, {"subject_id": "S2"}])
    drop.put("1.delta.csv", whole[:200])
    assert drop.look(looks) == 0
    drop.put("1.delta.csv", whole)
    assert drop.look(looks) == 0
    drop.put("1.delta.csv.done", b"")
    drop.put("2.delta.csv", a_feed([{"subject_id": "S3"}]))
    assert drop.look(looks) == 1
    assert drop.names() == ["2.delta.csv"]
    with drop.line.database.read() as db:
        assert db.scalars(select(Subject.subject_id).where(Subject.subject_id.like("S%"))).all() == ["S1", "S2"]


def test_the_same_file_under_another_name_is_not_taken_again(drop: Drop) -> None:
    looks = Looks()
    for name in ("1.delta.csv", "2.delta.csv", "1.delta.csv"):
        drop.put(name, a_feed([{}]))
        drop.put(f"{name}.done", b"")
        drop.look(looks)
    assert len(drop.imports()) == 1
    assert drop.names() == []
    assert len(drop.names("done")) == 3


def test_a_file_that_cannot_be_read_is_put_aside_and_staff_are_told(drop: Drop) -> None:
    looks = Looks()
    drop.put("1.full.csv", b"name,born\nAna,1990\n")
    drop.put("2.full.csv.gz", gzip.compress(a_feed([{}]))[:-9])
    drop.put("3.delta.csv", a_feed([{"subject_id": "S2"}]))
    drop.look(looks)
    assert drop.look(looks) == 1
    assert drop.names("refused") == ["1.full.csv", "2.full.csv.gz"]
    assert drop.names("done") == ["3.delta.csv"]
    with drop.line.database.read() as db:
        assert len(db.scalars(select(StaffTask).where(StaffTask.kind == "feed_refused")).all()) == 2


def test_it_looks_once_a_minute_however_often_it_is_asked(drop: Drop) -> None:
    looks, now = Looks(), [NOW]
    line = replace(drop.line, clock=lambda: now[0])
    drop.put("1.delta.csv", a_feed([{}]))
    look_into(line, looks)
    assert look_into(line, looks) == 0
    now[0] += timedelta(seconds=59)
    assert look_into(line, looks) == 0
    now[0] += timedelta(seconds=1)
    assert look_into(line, looks) == 1


def test_killed_between_the_import_and_the_putting_away_it_is_not_taken_twice(
    drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = Looks()
    drop.put("1.delta.csv", a_feed([{}]))
    drop.put("1.delta.csv.done", b"")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    for of in ("LocalFolder", "SftpFolder"):
        monkeypatch.setattr(f"hotline.carrier.drop_folders.{of}.move", killed)
    with pytest.raises(KeyboardInterrupt):
        drop.look(looks)
    monkeypatch.undo()
    assert drop.names() == ["1.delta.csv", "1.delta.csv.done"]
    assert drop.look(looks) == 0
    assert drop.names() == []
    assert len(drop.imports()) == 1


def test_while_another_import_is_on_its_way_the_file_waits(drop: Drop) -> None:
    looks = Looks()
    drop.put("1.delta.csv", a_feed([{}]))
    drop.put("1.delta.csv.done", b"")
    with sole_import(drop.line.database, 0):
        assert drop.look(looks) == 0
    assert drop.names() == ["1.delta.csv", "1.delta.csv.done"]
    assert drop.look(looks) == 1


def test_a_server_whose_key_is_not_known_gets_nothing(
    sqlite_line: Line, sftp: tuple[Sftp, dict[str, Path]], tmp_path: Path
) -> None:
    server, access = sftp
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    for known in ("", f"[127.0.0.1]:{server.port} {other}"):
        (tmp_path / "others").write_text(known)
        line = with_folder(
            sqlite_line,
            f"sftp://hotline@127.0.0.1:{server.port}/in",
            **{**access, "drop_known_hosts": tmp_path / "others"},
        )
        with pytest.raises(FolderUnreachable, match=r"127\.0\.0\.1"):
            look_into(line, Looks())


UNREACHABLE: dict[str, Callable[[Path], str]] = {
    "no such folder": lambda path: str(path / "nowhere"),
    "nobody listens": lambda path: "sftp://hotline@127.0.0.1:9/in",
}


@pytest.mark.parametrize("why", UNREACHABLE)
def test_a_folder_that_cannot_be_reached_is_told_in_one_line_and_stops_nothing_else(
    sqlite_line: Line, tmp_path: Path, why: str
) -> None:
    line = with_folder(sqlite_line, UNREACHABLE[why](tmp_path))
    with pytest.raises(FolderUnreachable) as told:
        look_into(line, Looks())
    assert "\n" not in str(told.value)
    FeedWatch()(line)


def test_a_line_without_a_drop_folder_looks_nowhere(sqlite_line: Line) -> None:
    assert drop_folder.look_into(sqlite_line, Looks()) == 0
    with sqlite_line.database.read() as db:
        assert db.scalars(select(Stint)).all() == []
