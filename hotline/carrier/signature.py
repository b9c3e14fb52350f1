"""Whether a webhook was really sent by the platform (Twilio: /docs/usage/security)."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import RequestValidator

SIGNATURE_LENGTH = 28
"""Base64 of a SHA-1."""

MOST_FIELDS = 400


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it was sent: every pair, blanks and repeats kept."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, body: bytes) -> Form:
        """Raises ValueError for a body that is no form."""
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            strict_parsing=False,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
        return cls(tuple(pairs))

    def get(self, name: str, default: str = "") -> str:
        """The first value of a field."""
        return next((value for key, value in self.pairs if key == name), default)

    def getlist(self, name: str) -> list[str]:
        """All values of a field: the platform's library signs repeats by this."""
        return [value for key, value in self.pairs if key == name]

    def __contains__(self, name: object) -> bool:
        return any(key == name for key, _ in self.pairs)

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(dict.fromkeys(key for key, _ in self.pairs))

    def __len__(self) -> int:
        return len(self.pairs)


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """Checks signatures by the public address that is configured, never by what a request says of itself."""

    public_url: str
    auth_tokens: Sequence[str]

    def accepts(self, target: str, form: Form, signature: str | None) -> bool:
        """Whether `signature` is the platform's for this form sent to `target`, the path and query as on the wire.

        Every token is tried (they rotate), and the port with and without: voice is signed without it, texts with it.
        """
        if signature is None or len(signature) != SIGNATURE_LENGTH or not signature.isascii():
            return False
        return any(
            hmac.compare_digest(RequestValidator(token).compute_signature(base + target, form), signature)
            for token in self.auth_tokens
            for base in (self.public_url, _other_port(self.public_url))
        )


def _other_port(public_url: str) -> str:
    """The same address with its port left out, or written out; nothing else of it is touched."""
    parts = urlsplit(public_url)
    if parts.port is not None:
        return public_url.removesuffix(f":{parts.port}")
    return f"{public_url}:{443 if parts.scheme == 'https' else 80}"
