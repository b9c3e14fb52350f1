"""A stage for plays: the product behind real HTTP, the platform's simulator, and a clock that a test moves.

The line believes that it lives at https://hotline.example.org, as behind a proxy; every webhook is delivered twice.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

from sqlalchemy import func, select
from werkzeug.serving import WSGIRequestHandler, make_server

from hotline.rules.feed import COLUMNS
from hotline.services.import_custody import ImportReport, import_file
from hotline.services.line import open_line
from hotline.services.tend import look
from hotline.settings import Settings, read_settings
from hotline.simulator.persona import Persona
from hotline.simulator.server import Simulator
from hotline.simulator.telephone import LiveCall, Telephone
from hotline.store.models import Base
from hotline.web.app import make_app
from tests.simulator.judge import judge

PUBLIC_URL = "https://hotline.example.org"
NUMBER = "+18005550199"
OPERATOR = "+18005550198"
ACCOUNT = "AC" + "0" * 32
TOKEN = "f" * 32
CALLER = "+12025550123"
NOON = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)
"""One in the afternoon in New York, ten in the morning in Los Angeles."""


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Tests read answers, not logs."""


def stage_settings(folder: Path, **more: str) -> Settings:
    """Settings of a line with a platform account, its database in `folder`."""
    return read_settings(
        {
            "HOTLINE_DATA_DIR": str(folder),
            "HOTLINE_PUBLIC_URL": PUBLIC_URL,
            "HOTLINE_NUMBER": NUMBER,
            "HOTLINE_OPERATOR_NUMBER": OPERATOR,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "HOTLINE_SEND_CALLS_PER_SECOND": "1000",
            "HOTLINE_SEND_SEGMENTS_PER_SECOND": "1000",
            **more,
        }
    )


class Stage:
    """One line on stage. `now` is its time."""

    def __init__(self, folder: Path, *, copies: int = 2, **environment: str) -> None:
        self.now = NOON
        self._web = make_server("127.0.0.1", 0, _unready, threaded=True, request_handler=_Quiet)
        deliver_to = f"http://127.0.0.1:{self._web.server_port}"
        self.platform = Simulator(
            ACCOUNT,
            TOKEN,
            NUMBER,
            PUBLIC_URL,
            deliver_to,
            operator_number=OPERATOR,
            operator_picks_up=True,
            copies=copies,
        ).start()
        self.settings = stage_settings(folder, TWILIO_API_URL=self.platform.api_url, **environment)
        self.line = open_line(self.settings, clock=lambda: self.now)
        self._web.app = make_app(self.line)
        Thread(target=self._web.serve_forever, args=(0.02,), daemon=True).start()

    # ---- who is on stage

    def phone(self, number: str = CALLER) -> Telephone:
        return self.platform.telephone(number)

    def dial(self, number: str = CALLER) -> LiveCall:
        return self.phone(number).dial(NUMBER)

    def sign_up(self, who: Persona, number: str = CALLER) -> LiveCall:
        """A whole sign-up call; what was asked afterwards is still to be answered."""
        return over_at(who.live(self.dial(number)), "inbound.done")

    def signed_up(self, who: Persona, number: str = CALLER) -> LiveCall:
        """A sign-up whose number has said yes, by call or by text."""
        call = self.sign_up(who, number)
        self.look()
        phone = self.phone(number)
        if who.channel == "text":
            phone.text(NUMBER, "YES")
        else:
            phone.answer().press("1")
        self.platform.settle()
        return call

    # ---- what happens

    def look(self) -> None:
        """The dispatcher looks once, and the platform tells all that it has to tell."""
        look(self.line)
        self.platform.settle()

    def pass_time(self, every: timedelta = timedelta(minutes=5), *, fed: bool = False, **span: float) -> None:
        """Time goes by, and the dispatcher looks now and then; `fed`: a feed without changes comes before each look."""
        end = self.now + timedelta(**span)
        while self.now < end:
            self.now = min(self.now + every, end)
            if fed:
                self.imports([])
            self.look()

    def imports(self, rows: Iterable[Mapping[str, str]], kind: str = "delta") -> ImportReport:
        text = io.StringIO()
        writer = csv.DictWriter(text, [column.name for column in COLUMNS], restval="")
        writer.writeheader()
        writer.writerows(rows)
        return import_file(self.line, io.BytesIO(text.getvalue().encode()), kind)  # type: ignore[arg-type]

    # ---- what is seen

    def rows(self, model: type[Base], **where: object) -> list[Any]:
        """Rows of a table, as they are now."""
        with self.line.database.read() as db:
            return list(db.scalars(select(model).filter_by(**where)))

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        with self.line.database.read() as db:
            return {
                name: db.scalar(select(func.count()).select_from(table)) or 0
                for name, table in Base.metadata.tables.items()
            }

    def close(self) -> None:
        """End, and hold the product to what the platform allows."""
        self.platform.settle()
        self._web.shutdown()
        self._web.server_close()
        self.platform.stop()
        self.line.database.close()
        assert not self.platform.violations, "\n".join(map(str, self.platform.violations))
        faults = [fault for request in self.platform.requests for fault in judge(request)]
        assert not faults, "\n".join(faults)


def over_at(call: LiveCall, state: str) -> LiveCall:
    """Hold a call to have ended in this node."""
    assert call.ended, f"the call goes on at {call.state}:\n{call.story()}"
    assert call.state == state, f"the call ended at {call.state}, not at {state}:\n{call.story()}"
    return call


def _unready(environ: Any, start_response: Any) -> list[bytes]:
    start_response("503 Service Unavailable", [("Content-Length", "0")])
    return []
