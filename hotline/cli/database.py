"""The database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hotline.cli.opening import settings_now
from hotline.errors import HotlineError

if TYPE_CHECKING:
    from hotline.settings import Settings


@click.group()
def db() -> None:
    """The database."""


@db.command()
def upgrade() -> None:
    """Bring the tables to this version. Run again, it changes nothing.

    Example: hotline db upgrade
    """
    bring_up_to_date(settings_now())
    click.echo("The tables are those of this version.")


def bring_up_to_date(settings: Settings) -> None:
    """Migrate the database, and see that the hidden test records are in it. Raises HotlineError where it can't be."""
    from hotline.services.guard_exclusion import place_test_records
    from hotline.services.line import utc_now
    from hotline.store.database import Database
    from hotline.store.migrate import migrate
    from hotline.store.seal import KeyRing

    database = Database(settings.database_url, KeyRing(settings.encryption_keys, settings.index_key))
    try:
        migrate(database.engine)
        place_test_records(database, utc_now())
    except Exception as fault:
        raise HotlineError(
            f"the tables could not be upgraded ({type(fault).__name__}): see that the database runs and may be written"
        ) from None
    finally:
        database.close()
