"""Mails that came back, and complaints about mails: what a report says, of whatever shape it is.

Three shapes are read: a delivery status notification (RFC 3464), a complaint (RFC 5965), and an object in JSON with
`kind`, `message_id` and `recipient`. Whatever else comes is nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a report tells of a mail."""

    PERMANENT = "permanent"  # it can't be delivered, now or later
    TRANSIENT = "transient"  # it waits on its way
    COMPLAINT = "complaint"  # its reader called it unwanted


@dataclass(frozen=True, slots=True)
class Report:
    """What came back: of which mail (its Message-ID, without brackets), or to which address; "" where not told."""

    kind: Kind
    message_id: str = ""
    recipient: str = ""


# What reports say, by their word for it: Action of RFC 3464, Feedback-Type of RFC 5965, `kind` of mail services.
KINDS: Mapping[str, Kind] = {
    "failed": Kind.PERMANENT,
    "delayed": Kind.TRANSIENT,
    "abuse": Kind.COMPLAINT,
    "fraud": Kind.COMPLAINT,
    "virus": Kind.COMPLAINT,
    "opt-out": Kind.COMPLAINT,
    "other": Kind.COMPLAINT,
    "permanent": Kind.PERMANENT,
    "hard": Kind.PERMANENT,
    "bounce": Kind.PERMANENT,
    "transient": Kind.TRANSIENT,
    "soft": Kind.TRANSIENT,
    "complaint": Kind.COMPLAINT,
    "spam": Kind.COMPLAINT,
}
LONGEST = 64 * 1024
"""Bytes of a report that are looked at: what matters stands at its beginning."""
MOST_PARTS = 20
_ADDRESS = re.compile(r"[^\s@<>;]{1,64}@[^\s@<>;]{1,190}")
_MESSAGE_ID = re.compile(r"<?([^\s<>@]{1,64}@[^\s<>@]{1,190})>?")


def read_report(body: bytes) -> Report | None:
    """What a report says; None for what is none. Never raises."""
    cut = body[:LONGEST]
    return _from_json(cut) if cut.lstrip()[:1] == b"{" else _from_mail(cut)


def _from_json(body: bytes) -> Report | None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    kind = KINDS.get(_text(said.get("kind")).lower())
    return None if kind is None else _report(kind, _text(said.get("message_id")), _text(said.get("recipient")))


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _from_mail(body: bytes) -> Report | None:
    fields: dict[str, str] = {}
    for part in _parts(message_from_bytes(body)):
        for name, value in part.items():
            fields.setdefault(name.lower(), str(value).strip())
    kind = KINDS.get(fields.get("feedback-type", fields.get("action", "")).lower())
    if kind is None:
        return None
    if kind is Kind.PERMANENT and fields.get("status", "").startswith("4"):
        kind = Kind.TRANSIENT
    recipient = next(
        (fields[name] for name in ("original-rcpt-to", "original-recipient", "final-recipient") if name in fields), ""
    )
    return _report(kind, fields.get("message-id", ""), recipient)


def _parts(mail: Message) -> Iterator[Message]:
    """The groups of fields of a report, and the mail that it is about; never the fields of its own envelope."""
    for n, part in enumerate(mail.walk()):
        if n > MOST_PARTS:
            return
        if part.get_content_type() == "text/rfc822-headers":  # its text is nothing but fields
            yield message_from_bytes(_payload(part))
        elif n and part.get_content_maintype() != "multipart":
            yield part


def _payload(part: Message) -> bytes:
    body = part.get_payload(decode=True)
    return body if isinstance(body, bytes) else b""


def _report(kind: Kind, message_id: str, recipient: str) -> Report:
    found, address = _MESSAGE_ID.search(message_id), _ADDRESS.search(recipient)
    return Report(kind, found[1] if found else "", address[0] if address else "")
