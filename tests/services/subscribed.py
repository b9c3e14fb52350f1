"""A subscriber with a PIN and a mail address, on a line that has a mail server, and what came to that server."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage

from hotline.services.enroll import hash_pin, keyed_pin
from hotline.services.line import Line, open_line
from hotline.settings import read_settings
from hotline.store.models import Attempt, Delivery, Enrolment, StaffTask, Subscriber, key_ring
from tests.conftest import NOW
from tests.services.enrolled import enrolled, feed
from tests.smtp_server import MailServer, mail_server

CONFIRMATION, PIN, ADDRESS = "12345678", "4827", "ana@example.net"
BOUNCE_TOKEN = "a token of the mail service, long enough"


@dataclass
class Clock:
    """The line's time, which a test moves."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def goes(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Post:
    """A line, its mail server, and one enrolment about one person."""

    line: Line
    server: MailServer
    clock: Clock = field(default_factory=Clock)
    enrolment: str = ""

    @property
    def mails(self) -> list[EmailMessage]:
        return self.server.taken

    @property
    def last_text(self) -> str:
        body = self.mails[-1].get_body(("plain",))
        assert body is not None
        return "\n".join(body.get_content().splitlines())

    def links(self) -> list[str]:
        """The paths of the links in the last mail."""
        return re.findall(r"https://hotline\.example\.org(/l/\S+)", self.last_text)

    def subscriber(self) -> Subscriber:
        return self.rows(Subscriber)[0]

    def rows(self, model: type) -> list:  # type: ignore[type-arg]
        with self.line.database.read() as db:
            return list(db.query(model))

    def deliveries(self, channel: str = "mail") -> list[Delivery]:
        return [delivery for delivery in self.rows(Delivery) if delivery.channel == channel]

    def attempts(self, channel: str = "mail") -> list[Attempt]:
        of = {delivery.id for delivery in self.deliveries(channel)}
        return sorted((one for one in self.rows(Attempt) if one.delivery_id in of), key=lambda one: one.placed_at)

    def tasks(self) -> list[str]:
        return [task.kind for task in self.rows(StaffTask) if task.closed_at is None]

    def wants(self, **wishes: object) -> None:
        """Set fields of the enrolment."""
        with self.line.database.begin() as db:
            for name, value in wishes.items():
                setattr(db.get_one(Enrolment, self.enrolment), name, value)

    def has_address(self, address: str = ADDRESS) -> None:
        """An address that has said yes."""
        with self.line.database.begin() as db:
            enrolment = db.get_one(Enrolment, self.enrolment)
            enrolment.mails = True
            subscriber = db.get_one(Subscriber, enrolment.subscriber_id)
            subscriber.mail_hash = key_ring(db).index("mail", address)
            subscriber.mail_confirmed_at = self.clock.now
            subscriber.seal(key_ring(db), "mail", address)

    def person_is_removed(self) -> None:
        """News for everybody who waits for it."""
        at = f"{self.clock.now:%Y-%m-%dT%H:%M:%SZ}"
        removed = {"book_out_at": "2026-03-01T09:00:00Z", "release_reason": "Removed", "updated_at": at}
        feed(self.line, {"subject_id": "S1", **removed})


@contextmanager
def subscribed(environ: Mapping[str, str], enrolment_id: str | None = None, **more: str) -> Iterator[Post]:
    """One subscriber, by calls in English, on a line of this environment; made, unless there is one already."""
    clock = Clock()
    with mail_server() as server:
        mail = {"HOTLINE_SMTP_URL": server.url, "HOTLINE_MAIL_FROM": "line@example.org"}
        line = open_line(
            read_settings({**environ, **mail, "HOTLINE_MAIL_BOUNCE_TOKEN": BOUNCE_TOKEN, **more}), clock=clock
        )
        yield Post(line, server, clock, enrolment_id or _signed_up(line))
        line.database.close()


def _signed_up(line: Line) -> str:
    made = enrolled(line, "S1")
    with line.database.begin() as db:
        enrolment, ring = db.get_one(Enrolment, made), key_ring(db)
        enrolment.pin_hash = hash_pin(keyed_pin(ring, PIN))
        enrolment.confirmation_hash = ring.index("confirmation", CONFIRMATION)
    return made
