"""What a command opens before it works: the settings, the line, the bell. Imports wait until they are needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from hotline.errors import HotlineError

if TYPE_CHECKING:
    from hotline.services.line import Line
    from hotline.settings import Settings


def settings_now() -> Settings:
    """The settings of this environment. Raises SettingsError with every fault."""
    from hotline.settings import read_settings

    return read_settings()


def checked_line(
    settings: Settings | None = None, at: datetime | None = None, bell: Callable[[], None] = lambda: None
) -> Line:
    """The line, with tables of this version or one plain sentence."""
    from hotline.services.line import open_line, utc_now
    from hotline.store.migrate import is_current

    line = open_line(settings or settings_now(), clock=(lambda: at) if at else utc_now, ring_bell=bell)
    try:
        current = is_current(line.database.engine)
    except Exception as fault:
        raise HotlineError(f"DATABASE_URL: the database can't be reached ({type(fault).__name__})") from None
    if not current:
        raise HotlineError("the database does not have this version's tables: run `hotline db upgrade`")
    return line


def bell_of(settings: Settings) -> Callable[[], None]:
    """What wakes the workers, where there is a Redis."""
    if settings.redis_url is None:
        return lambda: None
    from hotline.jobs import bell

    redis = bell.connect(settings.redis_url)
    return lambda: bell.ring(redis)


def aware_time(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    """A time given on the command line, with its zone; in UTC."""
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter("give a time as 2026-11-25T09:00:00+00:00") from None
    if at.tzinfo is None:
        raise click.BadParameter("give the time with its zone, as 2026-11-25T09:00:00+00:00")
    return at.astimezone(UTC)
