"""What a step of a call is measured against: the least that any web view of its kind does, and the line itself."""

from __future__ import annotations

import os

from flask import Flask, Response
from sqlalchemy import String, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hotline.carrier.signature import Form
from hotline.services.line import open_line
from hotline.settings import read_settings
from hotline.store.database import Database
from hotline.store.migrate import migrate
from hotline.store.models import new_id
from hotline.store.seal import KeyRing
from hotline.web.app import make_app
from hotline.web.signed import signed

DOCUMENT = '<?xml version="1.0" encoding="UTF-8"?><Response><Say>Hello.</Say></Response>'


class _Base(DeclarativeBase):
    pass


class _Seen(_Base):
    __tablename__ = "seen"
    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=new_id)
    sid: Mapped[str] = mapped_column(String(64), index=True)
    body: Mapped[str]


def line() -> Flask:
    """The line as it is served."""
    return make_app(open_line(read_settings()))


def fixed() -> Flask:
    """A view that checks a signature and returns a fixed document."""
    app = _app()

    @app.post("/floor")
    @signed
    def view(form: Form) -> Response:
        return Response(DOCUMENT, mimetype="text/xml")

    return app


def core() -> Flask:
    """The same with one read and one write, by SQLAlchemy Core."""
    app, database = _app(), _database()
    table = _Seen.__table__

    @app.post("/floor")
    @signed
    def view(form: Form) -> Response:
        with database.engine.begin() as connection:
            connection.execute(select(table).where(table.c.sid == form.get("CallSid")).limit(1)).first()
            connection.execute(insert(_Seen).values(id=new_id(), sid=form.get("CallSid"), body=DOCUMENT))
        return Response(DOCUMENT, mimetype="text/xml")

    return app


def orm() -> Flask:
    """The same by SQLAlchemy's ORM: the floor that the promise is made against."""
    app, database = _app(), _database()

    @app.post("/floor")
    @signed
    def view(form: Form) -> Response:
        with database.begin() as db:
            db.scalar(select(_Seen).where(_Seen.sid == form.get("CallSid")).limit(1))
            db.add(_Seen(sid=form.get("CallSid"), body=DOCUMENT))
        return Response(DOCUMENT, mimetype="text/xml")

    return app


def _app() -> Flask:
    app = Flask("floor")
    settings = read_settings()
    app.extensions["line"] = open_line(settings)
    return app


def _database() -> Database:
    settings = read_settings()
    database = Database(
        f"sqlite:///{settings.data_dir / f'floor-{os.getpid()}.db'}",
        KeyRing(settings.encryption_keys, settings.index_key),
    )
    _Base.metadata.create_all(database.engine)
    return database


def prepared() -> None:
    """Bring the line's tables to this version."""
    settings = read_settings()
    database = Database(settings.database_url, KeyRing(settings.encryption_keys, settings.index_key))
    migrate(database.engine)
    database.close()
