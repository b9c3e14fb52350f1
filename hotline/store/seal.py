"""Private fields: sealed with AES-256-GCM, found again by keyed hash."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hotline.errors import HotlineError

NONCE_BYTES = 12  # NIST SP 800-38D section 8.2.2: 96 random bits


class SealBroken(HotlineError):
    """A sealed field can't be opened: its key is gone, or it was moved or altered."""


@dataclass(frozen=True)
class KeyRing:
    """Keys by id, the first one in use; `index_key` is separate so that neither opens what the other made."""

    keys: Mapping[str, bytes] = field(repr=False)
    index_key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ciphers", {key_id: AESGCM(key) for key_id, key in self.keys.items()})

    def seal(self, place: str, row: str, text: str) -> bytes:
        """Seal a text for `place` (table.column) and `row` (its id): moved elsewhere it does not open."""
        key_id = next(iter(self.keys))
        nonce = os.urandom(NONCE_BYTES)
        sealed: bytes = self._ciphers[key_id].encrypt(nonce, text.encode(), _bound(place, row, key_id))  # type: ignore[attr-defined]
        return key_id.encode() + b":" + nonce + sealed

    def open(self, place: str, row: str, sealed: bytes) -> str:
        """The text of a sealed field. Raises SealBroken."""
        key_id, _, rest = bytes(sealed).partition(b":")
        name = key_id.decode("ascii", "replace")
        cipher = self._ciphers.get(name)  # type: ignore[attr-defined]
        if cipher is None:
            raise SealBroken(f"{place}: sealed with the key {name!r}, which HOTLINE_ENCRYPTION_KEYS does not hold")
        try:
            opened: bytes = cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], _bound(place, row, name))
        except (InvalidTag, ValueError):  # ValueError: too short to be one at all
            raise SealBroken(f"{place}: a sealed field was altered or moved") from None
        return opened.decode()

    def index(self, purpose: str, value: str) -> str:
        """A hash to find a value by without storing it: HMAC-SHA-256, hex. Purposes do not match each other."""
        return hmac.new(self.index_key, f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, made from the index key: HMAC-SHA-256, as HKDF expands (RFC 5869)."""
        return hmac.new(self.index_key, f"key\0{purpose}\x01".encode(), hashlib.sha256).digest()


def _bound(place: str, row: str, key_id: str) -> bytes:
    return f"{place}\0{row}\0{key_id}".encode()
