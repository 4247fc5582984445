"""The keys that seal what crosses Temporal: read from a setting, known by their ids."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass

KEY_BYTES = 32


class KeyRingError(ValueError):
    """The text given for the keys is not a key ring. The message never shows a key."""


@dataclass(frozen=True)
class KeyRing:
    """Known keys by id, and the id of the one that encrypts.

    A rotation puts the new key in front and keeps the old ones, because open cases hold payloads of
    months ago.
    """

    active: str
    keys: Mapping[str, bytes]

    @classmethod
    def parse(cls, text: str) -> KeyRing:
        """Read ``id:base64,id2:base64``; the first is active. Raises `KeyRingError`."""
        keys: dict[str, bytes] = {}
        for number, entry in enumerate(text.split(","), start=1):
            key_id, colon, encoded = entry.strip().partition(":")
            if not colon or not key_id:
                raise KeyRingError(f"entry {number} is not of the form id:base64")
            if key_id in keys:
                raise KeyRingError(f"entry {number} repeats the id {key_id}")
            keys[key_id] = decode_key(encoded)
        return cls(active=next(iter(keys)), keys=keys)

    def __repr__(self) -> str:  # a key must not reach a log through a traceback
        return f"KeyRing(active={self.active!r}, ids={sorted(self.keys)!r})"


def decode_key(encoded: str) -> bytes:
    """Return the 32 bytes of a base64 key. Raises `KeyRingError`."""
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise KeyRingError("a key is not base64") from None
    if len(key) != KEY_BYTES:
        raise KeyRingError(f"a key has {len(key)} bytes instead of {KEY_BYTES}")
    return key


def decode_keys(text: str) -> tuple[bytes, ...]:
    """Return the keys of ``base64,base64…``, in their order. Raises `KeyRingError`."""
    return tuple(decode_key(encoded.strip()) for encoded in text.split(","))


def new_key() -> str:
    """Return a fresh random key in base64."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()
