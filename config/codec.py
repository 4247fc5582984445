"""Encrypts every payload before it reaches Temporal: the second wall around personal data."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from config.keys import KeyRing

ENCODING = b"binary/zhiping-aes256gcm"
KEY_ID = "zhiping-key"
NONCE_BYTES = 12
TAG_BYTES = 16


class KeyRingCodec(PayloadCodec):
    """AES-256-GCM with the key's id in the metadata.

    Decoding never raises: a payload of an unknown key, of another codec or tampered with is passed
    on unchanged, and the workflow's handler refuses it (``undecodable_payload``). An exception here
    would fail the workflow task for ever, so one bad signal would stop a case.
    """

    def __init__(self, ring: KeyRing) -> None:
        self._active = ring.active
        self._ciphers = {key_id: AESGCM(key) for key_id, key in ring.keys.items()}

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt each payload, metadata included."""
        return [self._seal(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt what this ring sealed; pass everything else on as it is."""
        return [self._open(payload) for payload in payloads]

    def _seal(self, payload: Payload) -> Payload:
        nonce = os.urandom(NONCE_BYTES)
        key_id = self._active.encode()
        sealed = self._ciphers[self._active].encrypt(nonce, payload.SerializeToString(), key_id)
        return Payload(metadata={"encoding": ENCODING, KEY_ID: key_id}, data=nonce + sealed)

    def _open(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        key_id = payload.metadata.get(KEY_ID, b"")
        cipher = self._ciphers.get(key_id.decode(errors="replace"))
        if cipher is None or len(payload.data) < NONCE_BYTES + TAG_BYTES:
            return payload
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        try:
            return Payload.FromString(cipher.decrypt(nonce, sealed, key_id))
        except (InvalidTag, ValueError):  # protobuf's DecodeError is a ValueError
            return payload


def is_sealed(payloads: Iterable[Payload]) -> bool:
    """Whether every payload is one of ours; the canary test asks this of a history."""
    return all(payload.metadata.get("encoding") == ENCODING for payload in payloads)
