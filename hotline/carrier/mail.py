"""Mail out, by SMTP: news to subscribers, and pages to staff."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from hotline.errors import CarrierError, MailNotTaken, MailRefused, MailUncertain
from hotline.rules.mail_answers import Step

TIMEOUT = 10.0
"""Seconds for any step of the conversation."""

CUT, NO_LOGIN, NO_ADDRESS = 421, 538, 553
"""What a server would have said where the line was cut, it has no login, or an address is none."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one address. `message_id` is without its brackets; `html` says what `text` says.

    `envelope_from` is where it comes from, and where it comes back to.
    """

    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    message_id: str
    headers: Mapping[str, str] = field(repr=False)
    envelope_from: str


def send_notice(url: str, mail: Mail) -> None:
    """Hand one mail to the server at `url`: smtp://user:password@host:port, or smtps://.

    What the server offers is used: STARTTLS before a password, always with its certificate checked. Raises MailRefused
    where it was not taken, MailUncertain where the line was cut once its text had left.
    """
    try:
        text = _message(mail).as_bytes()
    except (MessageError, ValueError):
        raise MailRefused(Step.RECIPIENT, NO_ADDRESS, "") from None
    _post(url, mail.envelope_from, mail.to, text)


def send(url: str, sender: str, to: str, subject: str, text: str) -> None:
    """Hand one plain mail to the server at `url`. Raises MailNotTaken."""
    message = _headed(sender, to, subject)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message.set_content(text)
    try:
        _post(url, sender, to, message.as_bytes())
    except CarrierError as fault:
        raise MailNotTaken(f"the mail server did not take a message ({fault})") from None


def _message(mail: Mail) -> EmailMessage:
    message = _headed(mail.envelope_from, mail.to, mail.subject)
    message["Message-ID"] = f"<{mail.message_id}>"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for name, value in mail.headers.items():
        message[name] = value
    return message


def _headed(sender: str, to: str, subject: str) -> EmailMessage:
    message = EmailMessage(SMTP)
    message["From"], message["To"], message["Subject"], message["Date"] = sender, to, subject, formatdate()
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers it
    return message


def _post(url: str, sender: str, to: str, text: bytes) -> None:
    with _server(url) as server:
        step = Step.SENDER
        try:
            _must(step, server.mail(sender))
            step = Step.RECIPIENT
            _must(step, server.rcpt(to))
            step = Step.TEXT
            _must(step, server.docmd("DATA"))
        except (OSError, smtplib.SMTPServerDisconnected):
            raise MailRefused(step, CUT, "") from None
        try:
            server.send(_dotted(text))
            answer = server.getreply()
        except (OSError, smtplib.SMTPException):
            raise MailUncertain("the line was cut after a mail had left") from None
        _must(Step.TEXT, answer)


def _must(step: Step, answer: tuple[int, bytes]) -> None:
    code, words = answer
    if code >= 400 or code < 0:
        raise MailRefused(step, code if code > 0 else CUT, words.decode("ascii", "replace"))


def _dotted(text: bytes) -> bytes:
    """A text as it goes over the line: a dot at the start of a line is doubled (RFC 5321, 4.5.2)."""
    lines = text.removesuffix(b"\r\n").split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines) + b"\r\n.\r\n"


@contextmanager
def _server(url: str) -> Iterator[smtplib.SMTP]:
    """A conversation that has come as far as the password. Raises MailRefused."""
    parts = urlsplit(url)
    with ExitStack() as open_lines:
        try:
            server = _connected(parts.scheme, parts.hostname or "", parts.port)
            open_lines.callback(_leave, server)
            _greet(server)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
        except smtplib.SMTPResponseException as fault:
            raise MailRefused(Step.GREETING, fault.smtp_code, "") from None
        except smtplib.SMTPNotSupportedError:
            raise MailRefused(Step.GREETING, NO_LOGIN, "") from None
        except (OSError, smtplib.SMTPException):
            raise MailRefused(Step.GREETING, CUT, "") from None
        yield server


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def _connected(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT, context=ssl.create_default_context())
    return smtplib.SMTP(host, port or 25, timeout=TIMEOUT)


def _greet(server: smtplib.SMTP) -> None:
    server.ehlo_or_helo_if_needed()
    if server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
        server.ehlo()
