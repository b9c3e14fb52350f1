"""Mail out, by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from hotline.errors import MailNotTaken

TIMEOUT = 10.0
"""Seconds for any step of the conversation."""


def send(url: str, sender: str, to: str, subject: str, text: str) -> None:
    """Hand one plain mail to the server at `url`: smtp://user:password@host:port, or smtps://.

    What the server offers is used: STARTTLS before a password, always with its certificate checked.
    Raises MailNotTaken.
    """
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers it
    message.set_content(text)
    parts = urlsplit(url)
    try:
        with _connected(parts.scheme, parts.hostname or "", parts.port) as server:
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as fault:
        raise MailNotTaken(f"the mail server did not take a message ({type(fault).__name__})") from None


def _connected(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT, context=context)
    server = smtplib.SMTP(host, port or 25, timeout=TIMEOUT)
    server.ehlo()
    if server.has_extn("starttls"):
        server.starttls(context=context)
        server.ehlo()
    return server
