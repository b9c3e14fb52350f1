"""Looks whether what the line needs is there, and says what to do where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from hotline.carrier.drop_folders import Access, FolderUnreachable, opened
from hotline.errors import FlowError
from hotline.rules.feed_files import kind_of
from hotline.rules.freshness import Step, reached
from hotline.services.line import checked_flows, utc_now
from hotline.settings import Settings
from hotline.store.database import Database, DatabaseBusy
from hotline.store.events import held_imports
from hotline.store.imports import last_good_import
from hotline.store.migrate import is_current
from hotline.store.seal import KeyRing
from hotline.store.watching import last_check, search_closed


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    ok: bool
    says: str


def examine(settings: Settings) -> list[Finding]:
    """Every finding, good ones included."""
    return [*_platform(settings), *_flows(settings), *_database(settings), *_drop_folder(settings), *_limits(settings)]


def _platform(settings: Settings) -> Iterator[Finding]:
    where = "the simulator" if settings.simulated else settings.api_url
    yield Finding("platform", True, f"{where}, number {settings.number}, public address {settings.public_url}")
    operator = settings.operator_number
    yield Finding("a person", operator is not None, operator or "set HOTLINE_OPERATOR_NUMBER: key 0 leads nowhere now")


def _flows(settings: Settings) -> Iterator[Finding]:
    try:
        flows, _ = checked_flows(settings)
    except FlowError as fault:
        yield Finding("flows", False, str(fault).replace("\n", "; "))
    else:
        yield Finding("flows", True, f"{', '.join(flows)} in {', '.join(settings.languages)}")


def _database(settings: Settings) -> Iterator[Finding]:
    database = Database(settings.database_url, KeyRing(settings.encryption_keys, settings.index_key))
    try:
        current = is_current(database.engine)
        yield Finding("database", current, "has this version's tables" if current else "run `hotline db upgrade`")
        if current:
            with database.read() as db:
                last, closed, checked = last_good_import(db), search_closed(db), last_check(db)
                held = [one.id for one in held_imports(db)]
            yield _feed(last)
            if held:
                waits = f"import {', '.join(map(str, held))} waits for a person: see `hotline custody held list`"
                yield Finding("held imports", False, waits)
            yield Finding(
                "search",
                not closed,
                "closed: a hidden record came up; see `hotline custody reopen --help`"
                if closed
                else f"open; hidden records last searched for {checked:%Y-%m-%d %H:%M} UTC"
                if checked
                else "open; hidden records were not searched for yet",
            )
    except (DatabaseBusy, OSError) as fault:
        yield Finding("database", False, str(fault))
    except Exception as fault:
        yield Finding("database", False, f"can't be reached ({type(fault).__name__}): see DATABASE_URL")
    finally:
        database.close()


def _feed(last: datetime | None) -> Finding:
    if last is None:
        return Finding("feed", False, "nothing was imported yet: run `hotline custody import FILE`")
    late = reached(Step.PAGE_STAFF, utc_now() - last)
    when = f"last import finished {last:%Y-%m-%d %H:%M} UTC"
    return Finding("feed", not late, f"{when}: it is late, see that the agency's files arrive" if late else when)


def _drop_folder(settings: Settings) -> Iterator[Finding]:
    if settings.drop_folder is None:
        return
    try:
        with opened(settings.drop_folder, Access(settings.drop_known_hosts, settings.drop_key)) as folder:
            feeds = sum(kind_of(name) is not None for name in folder.sizes())
    except FolderUnreachable as fault:
        yield Finding("drop folder", False, str(fault))
    else:
        yield Finding("drop folder", True, f"files that wait in it: {feeds}")


def _limits(settings: Settings) -> Iterator[Finding]:
    set_to = ", ".join(f"{name.upper()} {value}" for name, value in asdict(settings.limits).items())
    yield Finding("limits", True, set_to)
    brakes = ", ".join(f"{name.upper()} {value}" for name, value in asdict(settings.brakes).items())
    yield Finding("brakes", True, brakes)
    pace = ", ".join(f"{name.upper()} {value}" for name, value in asdict(settings.pace).items())
    yield Finding("pace", True, pace)
