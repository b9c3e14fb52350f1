"""Addresses that the platform is asked to call: which ones it takes, and what their fragment tells it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit, urlunsplit

OVERRIDES = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}
RETRY_ON = frozenset({"4xx", "5xx", "ct", "rt", "all"})


def fault_of(url: str) -> str:
    """Why the platform (or prudence) would not take this address; empty when it is good.

    Rules: absolute http or https, no underscore in the host, whole %-sequences, no user or password, a
    fragment only for connection overrides, query keys in alphabetical order, since the platform sends them
    sorted but signs them unsorted. Sources: Twilio's call resource, webhooks-connection-overrides and
    security pages.
    """
    if not url or any(c.isspace() or not c.isprintable() for c in url):
        return "is empty or holds blanks"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "can't be read"
    if parts.scheme not in ("http", "https") or not host:
        return "is not absolute http or https"
    if port == 0 or host in ("0.0.0.0", "::"):
        return "names a place where nobody listens"
    if "_" in host:
        return "has an underscore in its host"
    if parts.username is not None or parts.password is not None:
        return "holds a user name or password"
    if re.search(r"%(?![0-9A-Fa-f]{2})", url):
        return "has a broken %-sequence"
    if not url.isascii():
        return "holds characters beyond ASCII"
    keys = [key for key, _ in parse_qsl(parts.query, keep_blank_values=True)]
    if keys != sorted(keys):
        return "has query keys that are not in alphabetical order"
    return _fragment_fault(parts.fragment)


def _fragment_fault(fragment: str) -> str:
    for pair in fragment.split("&") if fragment else []:
        key, _, value = pair.partition("=")
        if key in OVERRIDES:
            low, high = OVERRIDES[key]
            if not value.isdecimal() or not low <= int(value) <= high:
                return f"overrides {key} outside {low} to {high}"
        elif key == "rp":
            if not set(value.split(",")) <= RETRY_ON:
                return "overrides rp with an unknown failure"
        elif key not in ("e", "sni"):
            return "has a fragment that is no connection override"
    return ""


@dataclass(frozen=True, slots=True)
class Overrides:
    """How hard to try: `retries` after the first time (0 to 5), `on` which failures, times in seconds."""

    retries: int = 1
    on: frozenset[str] = frozenset({"ct"})
    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0

    @classmethod
    def of(cls, url: str) -> Overrides:
        """Read from the fragment, by the platform's defaults where it says nothing: one retry, connect
        failures only.

        Source: Twilio's webhooks-connection-overrides page.
        """
        given = dict(parse_qsl(urlsplit(url).fragment))
        return cls(
            retries=int(given.get("rc", 1)),
            on=frozenset(given.get("rp", "ct").split(",")),
            connect=int(given.get("ct", 5000)) / 1000,
            read=int(given.get("rt", 15_000)) / 1000,
            total=int(given.get("tt", 15_000)) / 1000,
        )

    def again(self, failure: str) -> bool:
        """Whether a failure (`ct`, `rt`, `4xx`, `5xx`) is one to try again after."""
        return failure in self.on or "all" in self.on


def without_fragment(url: str) -> str:
    """The address as it goes over the wire."""
    return urlunsplit(urlsplit(url)._replace(fragment=""))
