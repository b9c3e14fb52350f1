"""Many rows in one go: COPY on PostgreSQL, through a staging table where they change what is there; batches on SQLite.

Rows come as tuples, with the names of their columns before them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any
from zlib import crc32

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    MetaData,
    Table,
    any_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateTable

Names = Sequence[str]
Rows = Sequence[tuple[Any, ...]]


def is_postgresql(session: Session) -> bool:
    """Whether this session speaks to PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"


def among(session: Session, column: Column[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """That a column has one of many numbers or texts: one parameter, so that there may be any number of them."""
    if is_postgresql(session):
        return column == any_(literal([*values], ARRAY(column.type)))
    return column.in_(select(func.json_each(json.dumps([*values])).table_valued("value").c.value))


def new_ids(session: Session, table: Table, count: int) -> Sequence[int]:
    """Row ids that nobody has, for a table whose writers take turns."""
    if not count:
        return []
    if is_postgresql(session):
        taken = text("SELECT nextval((SELECT pg_get_serial_sequence(:of, 'id'))) FROM generate_series(1, :count)")
        return session.scalars(taken, {"of": table.name, "count": count}).all()
    last = max(0, session.scalar(select(func.max(table.c.id))) or 0)  # below zero stand records of our own
    return range(last + 1, last + 1 + count)


def add(session: Session, table: Table, names: Names, rows: Rows) -> None:
    """Insert rows."""
    if not rows:
        return
    if is_postgresql(session):
        _copy(session, table, names, rows)
    else:
        session.connection().execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])


def change(session: Session, table: Table, names: Names, rows: Rows) -> None:
    """Set what stands in these rows, each found by its id, which comes first."""
    _update(session, table, names, rows, more=False)


def count_up(session: Session, table: Table, names: Names, rows: Rows) -> None:
    """Add the numbers that stand in these rows to those of the row of that id, which comes first."""
    _update(session, table, names, rows, more=True)


def remove(session: Session, table: Table, names: Names, rows: Rows) -> None:
    """Delete the rows that have just these values."""
    if not rows:
        return
    if is_postgresql(session):
        staged = _stage(session, table, names, rows)
        session.execute(delete(table).where(*(table.c[column.name] == column for column in staged.c)))
        return
    same = [table.c[name] == bindparam(f"of_{name}") for name in names]
    session.connection().execute(delete(table).where(*same), _named("of", names, rows))


def _update(session: Session, table: Table, names: Names, rows: Rows, *, more: bool) -> None:
    if not rows:
        return
    if is_postgresql(session):
        staged = _stage(session, table, names, rows)
        new: dict[str, Any] = {name: staged.c[name] for name in names}
    else:
        new = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    row = new.pop("id")
    values = {name: table.c[name] + value if more else value for name, value in new.items()}
    statement = update(table).where(table.c.id == row).values(values)
    if is_postgresql(session):
        session.execute(statement)
    else:
        session.connection().execute(statement, _named("new", names, rows))


def _named(what: str, names: Names, rows: Rows) -> list[dict[str, Any]]:
    names = [f"{what}_{name}" for name in names]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _stage(session: Session, table: Table, names: Names, rows: Rows) -> Table:
    """A table of this connection's own that holds these rows and nothing else."""
    staged = _staging(table, tuple(names))
    session.execute(CreateTable(staged, if_not_exists=True))
    session.execute(text(f"TRUNCATE {staged.name}"))
    _copy(session, staged, names, rows)
    session.execute(text(f"ANALYZE {staged.name}"))  # else the planner takes a few rows for many
    return staged


@lru_cache(maxsize=64)
def _staging(table: Table, names: tuple[str, ...]) -> Table:
    return Table(
        f"staged_{table.name}_{crc32(','.join(names).encode()):08x}",
        MetaData(),
        *(Column(name, table.c[name].type) for name in names),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DELETE ROWS",
    )


def _copy(session: Session, table: Table, names: Names, rows: Rows) -> None:
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
