"""Personal data at rest: encrypted for those who may read it, hashed under a key for search."""

from __future__ import annotations

import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from workflows.rules.people import normal_id_number, normal_name

KEY_BYTES = 32
NONCE_BYTES = 12
FORMAT = b"\x01"
"""First byte of what is sealed under the first key of a record; `FORMAT_NUMBERED` names its key."""
FORMAT_NUMBERED = b"\x02"
NUMBER_BYTES = 2
FIRST = 0


class KeysNotReadError(ConnectionError):
    """The record's keys were not read yet: like a database that is away, later it works."""


@dataclass(frozen=True)
class ContentKey:
    """A key of the record.

    Attributes:
        number: stands before what is sealed under it; that of `FIRST` does not.
        begins_at: from when new content is sealed under it: before, not every process knows it.
    """

    number: int
    secret: bytes
    begins_at: datetime


class Identity:
    """Seals and opens personal data under the record's keys; hashes differ by what they are of.

    Encryption, hashing and the anchors' signatures use keys of their own, derived from the record's first
    secret: a leaked hash key opens nothing. Later secrets only seal: a hash is looked for, and stays.

    Args:
        secret: the record's first; None while it is not known yet (`adopt`).
    """

    def __init__(self, secret: bytes | None) -> None:
        self._ciphers: dict[int, AESGCM] = {}
        self._begins: dict[int, datetime] = {}
        self._first: tuple[bytes, Ed25519PrivateKey] | None = None
        if secret is not None:
            self.adopt([ContentKey(FIRST, secret, datetime.min.replace(tzinfo=UTC))])

    def adopt(self, keys: Sequence[ContentKey]) -> None:
        """Know these keys from now on, beside what is known; nothing is forgotten."""
        for key in keys:
            if len(key.secret) != KEY_BYTES:
                raise ValueError(f"the identity key must have {KEY_BYTES} bytes")
            if key.number in self._ciphers:
                continue
            self._ciphers[key.number] = AESGCM(_derive(key.secret, b"zhiping/seal"))
            if key.number == FIRST:
                signing = Ed25519PrivateKey.from_private_bytes(
                    _derive(key.secret, b"zhiping/anchor")
                )
                self._first = _derive(key.secret, b"zhiping/hash"), signing
            self._begins[key.number] = key.begins_at

    @property
    def is_known(self) -> bool:
        """Whether the record's keys were read."""
        return self._first is not None

    def seal(self, text: str, use: str) -> bytes:
        """Encrypt; `use` (a column's name) is bound in, so that a value cannot change places."""
        return self.seal_bytes(text.encode(), use)

    def seal_optional(self, text: str, use: str) -> bytes | None:
        """Encrypt, or None for an empty text."""
        return self.seal(text, use) if text else None

    def open(self, sealed: bytes, use: str) -> str:
        """Decrypt what `seal` made; raises as `open_bytes` does."""
        return self.open_bytes(sealed, use).decode()

    def seal_bytes(self, content: bytes, use: str) -> bytes:
        """The same for what is no text: a file."""
        nonce, now = os.urandom(NONCE_BYTES), datetime.now(UTC)
        number = max((key for key, begins in self._begins.items() if begins <= now), default=FIRST)
        head = FORMAT if number == FIRST else FORMAT_NUMBERED + number.to_bytes(NUMBER_BYTES, "big")
        return head + nonce + self._cipher(number).encrypt(nonce, content, use.encode())

    def open_bytes(self, sealed: bytes, use: str) -> bytes:
        """Decrypt what `seal_bytes` made.

        Raises:
            ValueError: an unknown format.
            KeysNotReadError: its key was not read from the record yet.
            cryptography.exceptions.InvalidTag: another key, another use, or a changed value.
        """
        if sealed[:1] == FORMAT:
            number, begins = FIRST, 1
        elif sealed[:1] == FORMAT_NUMBERED:
            begins = 1 + NUMBER_BYTES
            number = int.from_bytes(sealed[1:begins], "big")
        else:
            raise ValueError("unknown format of sealed data")
        nonce, body = sealed[begins : begins + NONCE_BYTES], sealed[begins + NONCE_BYTES :]
        return self._cipher(number).decrypt(nonce, body, use.encode())

    def open_optional(self, sealed: bytes | None, use: str) -> str:
        """Decrypt, or the empty text for None."""
        return self.open(sealed, use) if sealed is not None else ""

    def id_hash(self, id_number: str) -> bytes:
        """The keyed hash of an ID number, however it was written."""
        return self._hash(b"id", normal_id_number(id_number))

    def human(self, id_hash: bytes | None) -> str:
        """Which human an ID number's hash is of, as an opaque id for the core; empty where unknown."""
        return self._hash(b"human", id_hash.hex())[:16].hex() if id_hash is not None else ""

    def name_hash(self, name: str) -> bytes:
        """The keyed hash of a name, however it was written."""
        return self._hash(b"name", normal_name(name))

    def content_hash(self, text: str) -> bytes:
        """The keyed hash of what was handed in: tells repeats without telling what it was."""
        return self._hash(b"content", text)

    def sign(self, content: bytes) -> bytes:
        """Sign an anchor's root (Ed25519); whoever has `verification_key` can verify it."""
        return self._known()[1].sign(content)

    @property
    def verification_key(self) -> bytes:
        """The public half of what `sign` signs with, 32 bytes."""
        return self._known()[1].public_key().public_bytes_raw()

    def _hash(self, what: bytes, text: str) -> bytes:
        return hmac.new(self._known()[0], what + b"\x00" + text.encode(), sha256).digest()

    def _known(self) -> tuple[bytes, Ed25519PrivateKey]:
        if self._first is None:
            raise KeysNotReadError("the record's keys were not read yet")
        return self._first

    def _cipher(self, number: int) -> AESGCM:
        found = self._ciphers.get(number)
        if found is None:
            raise KeysNotReadError(f"content key {number} was not read yet")
        return found


def wrap(secret: bytes, number: int, identity_key: bytes) -> bytes:
    """A content key as it lies in the record: sealed under the identity key, and bound to its number."""
    nonce = os.urandom(NONCE_BYTES)
    cipher = AESGCM(_derive(identity_key, b"zhiping/wrap"))
    return nonce + cipher.encrypt(nonce, secret, f"content_key/{number}".encode())


def unwrap(wrapped: bytes, number: int, identity_key: bytes) -> bytes:
    """What `wrap` took. Raises `cryptography.exceptions.InvalidTag` for another key or number."""
    cipher = AESGCM(_derive(identity_key, b"zhiping/wrap"))
    nonce, body = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
    return cipher.decrypt(nonce, body, f"content_key/{number}".encode())


def name_of(identity_key: bytes) -> str:
    """By what an identity key is known without showing it: eight hex digits, derived one way."""
    return _derive(identity_key, b"zhiping/name")[:4].hex()


def _derive(secret: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)
