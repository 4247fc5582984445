"""The keys that vouch for messages: one private key a process, and the public ones that are believed."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from config.keys import KeyRingError, decode_key
from workflows.writer.vouchers import Voucher


class VouchingError(ValueError):
    """The text given for the keys is none. The message never shows a key."""


@dataclass(frozen=True, repr=False)
class SigningKey:
    """The private key of one room of ours, by its id."""

    id: str
    private: Ed25519PrivateKey

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Read ``id:base64`` of 32 bytes. Raises `VouchingError`."""
        key_id, colon, encoded = text.strip().partition(":")
        if not colon or not key_id:
            raise VouchingError("a key is of the form id:base64")
        return cls(key_id, Ed25519PrivateKey.from_private_bytes(_bytes(encoded)))

    @property
    def public(self) -> str:
        """The base64 by which it is trusted."""
        return base64.b64encode(self.private.public_key().public_bytes_raw()).decode()


@dataclass(frozen=True)
class Trusted:
    """A public key: whose it is, and when it ended."""

    voucher: Voucher
    public: Ed25519PublicKey
    until: datetime | None = None


@dataclass(frozen=True)
class TrustRing:
    """The keys that are believed, by id.

    A key stays here for as long as open histories hold what it signed, because they are replayed. One
    that is lost gets an end: what comes in after it is refused, what came before stays what it was.
    """

    keys: Mapping[str, Trusted]

    @classmethod
    def parse(cls, text: str) -> TrustRing:
        """Read ``id:gateway:base64[:until],…``, `until` as 2026-11-27T00.00.00Z. Raises `VouchingError`.

        The time has points where ISO has colons.
        """
        keys: dict[str, Trusted] = {}
        for number, entry in enumerate(text.split(","), start=1):
            match entry.strip().split(":"):
                case [key_id, ("gateway" | "workers") as whose, encoded, *end] if len(end) <= 1:
                    pass
                case _:
                    raise VouchingError(f"entry {number} is not of the form id:gateway:base64")
            if key_id in keys:
                raise VouchingError(f"entry {number} repeats the id {key_id}")
            public = Ed25519PublicKey.from_public_bytes(_bytes(encoded))
            until = _instant(end[0], number) if end else None
            keys[key_id] = Trusted(Voucher(whose), public, until)
        return cls(keys)

    def voucher(self, key_id: str, signature: bytes, text: bytes, now: datetime) -> str:
        """Whose key signed this text; empty where none of ours did, or one that has ended."""
        key = self.keys.get(key_id)
        if key is None or (key.until is not None and now >= key.until):
            return ""
        try:
            key.public.verify(signature, text)
        except InvalidSignature:
            return ""
        return key.voucher.value


def new_signing_key(key_id: str) -> str:
    """A fresh private key as `SigningKey.parse` reads it."""
    raw = Ed25519PrivateKey.generate().private_bytes_raw()
    return f"{key_id}:{base64.b64encode(raw).decode()}"


def _bytes(encoded: str) -> bytes:
    try:
        return decode_key(encoded)
    except KeyRingError as err:
        raise VouchingError(str(err)) from None


def _instant(text: str, number: int) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace(".", ":"))
    except ValueError:
        raise VouchingError(f"entry {number} has an end that is no time") from None
    if found.tzinfo is None:
        raise VouchingError(f"entry {number} has an end without its zone")
    return found
