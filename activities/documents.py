"""Files at rest: sealed under the identity key, named by the hash of what was handed in."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from pathlib import Path

from activities.database import Connection
from activities.identity import Identity
from activities.statements import statements

SQL = statements("intake")
PRIVATE_FOLDER = 0o700


class Documents:
    """Keeps and gives files. A file lies under its hash once, whoever handed it in."""

    def __init__(self, folder: Path, identity: Identity) -> None:
        self._folder = folder
        self._identity = identity

    async def keep(self, connection: Connection, content: bytes) -> str:
        """Store a file, with its row in the caller's transaction; returns its SHA-256."""
        digest = await asyncio.to_thread(self._put, content)
        await connection.execute(SQL["add_document"], digest, len(content))
        return digest

    async def content(self, sha256: str) -> bytes:
        """What was handed in.

        Raises:
            FileNotFoundError: no such file.
            ValueError, cryptography.exceptions.InvalidTag: it is not what was stored.
        """
        return await asyncio.to_thread(self._get, sha256)

    def path_of(self, sha256: str) -> Path:
        """Where a file lies, sealed; two letters of its hash make the folder."""
        return self._folder / sha256[:2] / sha256

    def _put(self, content: bytes) -> str:
        """Write beside its place and move it there, so that a file is whole or absent."""
        digest = hashlib.sha256(content).hexdigest()
        place = self.path_of(digest)
        if place.exists():
            return digest
        self._folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        place.parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=place.parent)  # for its owner alone
        with os.fdopen(handle, "wb") as file:
            file.write(self._identity.seal_bytes(content, _use(digest)))
            file.flush()
            os.fsync(file.fileno())
        Path(partial).rename(place)
        return digest

    def _get(self, sha256: str) -> bytes:
        return self._identity.open_bytes(self.path_of(sha256).read_bytes(), _use(sha256))


def _use(digest: str) -> str:
    """Bound into the seal: a file that changed places does not open."""
    return f"document/{digest}"
