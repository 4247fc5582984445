"""Personal data at rest: encrypted for those who may read it, hashed under a key for search."""

from __future__ import annotations

import hmac
import os
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from workflows.rules.people import normal_id_number, normal_name

KEY_BYTES = 32
NONCE_BYTES = 12
FORMAT = b"\x01"
"""First byte of every ciphertext, so that a later format or key can be told apart."""


class Identity:
    """Seals and opens personal data under one 32-byte secret; hashes differ by what they are of.

    Encryption, hashing and the anchors' signatures use keys of their own, derived from the secret: a
    leaked hash key opens nothing.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError(f"the identity key must have {KEY_BYTES} bytes")
        self._cipher = AESGCM(_derive(secret, b"zhiping/seal"))
        self._hash_key = _derive(secret, b"zhiping/hash")
        self._signing = Ed25519PrivateKey.from_private_bytes(_derive(secret, b"zhiping/anchor"))

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
        nonce = os.urandom(NONCE_BYTES)
        return FORMAT + nonce + self._cipher.encrypt(nonce, content, use.encode())

    def open_bytes(self, sealed: bytes, use: str) -> bytes:
        """Decrypt what `seal_bytes` made.

        Raises:
            ValueError: an unknown format.
            cryptography.exceptions.InvalidTag: another key, another use, or a changed value.
        """
        if sealed[:1] != FORMAT:
            raise ValueError("unknown format of sealed data")
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        return self._cipher.decrypt(nonce, body, use.encode())

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
        return self._signing.sign(content)

    @property
    def verification_key(self) -> bytes:
        """The public half of what `sign` signs with, 32 bytes."""
        return self._signing.public_key().public_bytes_raw()

    def _hash(self, what: bytes, text: str) -> bytes:
        return hmac.new(self._hash_key, what + b"\x00" + text.encode(), sha256).digest()


def _derive(secret: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)
