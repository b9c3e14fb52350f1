"""What all tables share: times in UTC, random ids, sealed fields."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    Date,
    DateTime,
    Dialect,
    LargeBinary,
    MetaData,
    String,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, object_session
from sqlalchemy.types import TypeDecorator

from hotline.store.seal import KeyRing


class UtcTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone can't be stored")
        return value.astimezone(UTC) if dialect.name != "sqlite" else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def new_id() -> str:
    """A random, opaque row id."""
    return secrets.token_urlsafe(12)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcTime, date: Date, str: String, bytes: LargeBinary}  # noqa: RUF012


Id = Mapped[str]


def row_id() -> Mapped[str]:
    return mapped_column(String(22), primary_key=True, default=new_id)


class Private:
    """Rows with sealed fields. The row's id is bound in, so it must be set before anything is sealed."""

    id: Mapped[str]
    __tablename__: str

    def seal(self, ring: KeyRing, column: str, text: str) -> None:
        setattr(self, f"{column}_sealed", ring.seal(f"{self.__tablename__}.{column}", self.id, text))

    def unseal(self, column: str, ring: KeyRing | None = None) -> str | None:
        """The text of a sealed field, None where it is empty. Raises SealBroken."""
        sealed: bytes | None = getattr(self, f"{column}_sealed")
        ring = ring or ring_of(self)
        return None if sealed is None else ring.open(f"{self.__tablename__}.{column}", self.id, sealed)


def ring_of(row: Any) -> KeyRing:
    """The key ring of the session that a row lives in."""
    session = object_session(row)
    if session is None:
        raise ValueError("a row outside of a session has no key ring")
    return key_ring(session)


def key_ring(session: Session) -> KeyRing:
    """The key ring of a session."""
    ring = session.info["ring"]
    assert isinstance(ring, KeyRing)
    return ring
