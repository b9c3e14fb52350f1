"""Looks into the folder that the agency drops its feed into, and imports what has come whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import file_digest
from io import BufferedReader
from typing import cast

import structlog

from hotline.carrier import drop_folders
from hotline.carrier.drop_folders import Folder, FolderUnreachable, Looks
from hotline.errors import FeedRefused
from hotline.rules.feed_files import DONE_MARK, kind_of, whole
from hotline.services.import_custody import FileTaken, go_on, import_file
from hotline.services.line import Line
from hotline.services.read_feed import ReaderLost
from hotline.store import imports, tasks
from hotline.store.database import DatabaseBusy
from hotline.store.turns import AnotherImport

log = structlog.get_logger()

EVERY = timedelta(minutes=1)
DONE, REFUSED = "done", "refused"
FEED_REFUSED = "feed_refused"


@dataclass(slots=True)
class FeedWatch:
    """Looks after the feed again and again: goes on with what was killed, and looks into the drop folder."""

    looks: Looks = field(default_factory=Looks)

    def __call__(self, line: Line) -> None:
        try:
            go_on(line)
            look_into(line, self.looks)
        except (FolderUnreachable, DatabaseBusy, ReaderLost) as fault:
            log.warning("feed_not_looked_after", reason=str(fault))
        except Exception:
            log.exception("feed_not_looked_after")


def look_into(line: Line, looks: Looks) -> int:
    """One look, a minute after the last one at the earliest. Returns the files taken.

    Files go in order of name; each is put into `done` or `refused` afterwards, and one that was taken before is not
    taken again, whatever its name. Raises FolderUnreachable and DatabaseBusy; the rest waits for the next look.
    """
    settings, now = line.settings, line.clock()
    if settings.drop_folder is None or (looks.at is not None and now - looks.at < EVERY):
        return 0
    access = drop_folders.Access(settings.drop_known_hosts, settings.drop_key)
    looks.at = now
    with drop_folders.opened(settings.drop_folder, access) as folder:
        before, looks.sizes = looks.sizes, folder.sizes()
        try:
            return sum(_take(line, folder, name) for name in whole(before, looks.sizes))
        except AnotherImport:
            return 0


def _take(line: Line, folder: Folder, name: str) -> bool:
    kind = kind_of(name)
    assert kind is not None
    to, taken = DONE, False
    with folder.opened(name) as stream:
        file = FileTaken(name, file_digest(cast(BufferedReader, stream), "sha256").hexdigest())
        stream.seek(0)
        with line.database.read() as db:
            is_known = imports.was_taken(db, file.hash)
        if not is_known:
            try:
                report = import_file(line, stream, kind, file=file, patience=0)
                taken = True
                log.info("feed_taken", file=name, rows=report.rows, refused=report.refused, status=report.status)
            except FeedRefused as fault:
                to = REFUSED
                log.warning("feed_refused", file=name, reason=str(fault))
                with line.database.begin() as db:
                    tasks.open_task(db, FEED_REFUSED, line.clock(), note=f"{name}: {fault}")
    folder.move(name, to, name if not is_known else f"{file.hash[:8]}-{name}")
    folder.remove(f"{name}{DONE_MARK}")
    return taken
