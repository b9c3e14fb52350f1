"""The platform's signature on what it sends."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

Pairs = list[tuple[str, str]]


def signed_address(url: str, voice: bool) -> str:
    """The address that goes into the signature: no fragment, no user, and for voice over https no port.

    Source: Twilio's security page, "a note on ports".
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if voice and parts.scheme == "https" and parts.port is not None:
        host = host.rpartition(":")[0]
    return urlunsplit(parts._replace(netloc=host, fragment=""))


def sign(token: str, address: str, form: Iterable[tuple[str, str]] = ()) -> str:
    """X-Twilio-Signature: base64 of HMAC-SHA1 over the address, then each distinct name and value in Unix
    order.

    Source: Twilio's security page. Empty values count; a value given twice under one name counts once.
    """
    text = address + "".join(name + value for name, value in sorted(set(form)))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
