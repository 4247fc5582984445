"""One file that holds many, encrypted: a tar in pieces of a megabyte, each sealed by AES-256-GCM.

A piece is bound to its place and to whether it is the last, so that none is left out, moved or cut off
unseen (the STREAM construction). The key is another than any of the data's: whoever has the backup's
key alone has everything in it, whoever has the file alone has nothing.
"""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"zhiping-backup-1\n"
SALT_BYTES = 32
PIECE = 1 << 20
TAG = 16
LAST, MORE = b"\x01", b"\x00"


class NotOpenedError(Exception):
    """It is no backup, was made under another key, or was changed or cut off since."""


class _Sealing(io.RawIOBase):
    """Takes what is written, and writes it in sealed pieces."""

    def __init__(self, target: io.BufferedWriter, key: bytes) -> None:
        salt = os.urandom(SALT_BYTES)
        target.write(MAGIC + salt)
        self._target, self._cipher = target, _cipher(key, salt)
        self._held, self._number = bytearray(), 0

    def writable(self) -> bool:
        return True

    def write(self, content: object) -> int:
        taken = bytes(content)  # type: ignore[call-overload]
        self._held += taken
        # One piece is kept back: only the end knows which is the last.
        while len(self._held) > PIECE:
            self._put(bytes(self._held[:PIECE]), MORE)
            del self._held[:PIECE]
        return len(taken)

    def finish(self) -> None:
        """Seal what is left, as the last piece."""
        self._put(bytes(self._held), LAST)

    def _put(self, piece: bytes, end: bytes) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._number, end), piece, MAGIC))
        self._number += 1


class _Opening(io.RawIOBase):
    """Gives what was written, piece by piece, each proved before a byte of it is given."""

    def __init__(self, source: io.BufferedReader, key: bytes) -> None:
        head = source.read(len(MAGIC) + SALT_BYTES)
        if len(head) < len(MAGIC) + SALT_BYTES or not head.startswith(MAGIC):
            raise NotOpenedError
        self._source, self._cipher = source, _cipher(key, head[len(MAGIC) :])
        self._next, self._held, self._number = source.read(PIECE + TAG), b"", 0

    def readable(self) -> bool:
        return True

    def readinto(self, target: object) -> int:
        if not self._held and self._next:
            self._take()
        view = memoryview(target)  # type: ignore[arg-type]
        count = min(len(view), len(self._held))
        view[:count] = self._held[:count]
        self._held = self._held[count:]
        return count

    def _take(self) -> None:
        piece, self._next = self._next, self._source.read(PIECE + TAG)
        end = MORE if self._next else LAST
        try:
            self._held = self._cipher.decrypt(_nonce(self._number, end), piece, MAGIC)
        except InvalidTag:
            raise NotOpenedError from None
        self._number += 1


@contextmanager
def sealed_tar(file: Path, key: bytes) -> Iterator[tarfile.TarFile]:
    """A tar to be filled; the file is its owner's alone and whole, or not there."""
    partial = file.with_name(f"{file.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as target:
            sealing = _Sealing(target, key)
            with tarfile.open(fileobj=sealing, mode="w|") as tar:
                yield tar
            sealing.finish()
            target.flush()
            os.fsync(target.fileno())
        partial.rename(file)
    finally:
        partial.unlink(missing_ok=True)


def unpack(file: Path, key: bytes, folder: Path) -> None:
    """Open every piece and put what is in it under a folder.

    Raises:
        NotOpenedError: nothing is to be believed; what was put there already is to be thrown away.
    """
    with file.open("rb") as source:
        opening = io.BufferedReader(_Opening(source, key), PIECE)
        try:
            with tarfile.open(fileobj=opening, mode="r|") as tar:
                tar.extractall(folder, filter="data")
            while opening.read(PIECE):  # to the last piece: a file that was cut off ends before it
                pass
        except tarfile.TarError:
            raise NotOpenedError from None


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"zhiping/backup").derive(key)
    return AESGCM(derived)


def _nonce(number: int, end: bytes) -> bytes:
    return number.to_bytes(11, "big") + end
