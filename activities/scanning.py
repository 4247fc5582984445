"""Looking for malware in what people hand in: clamd's INSTREAM over a connection of its own."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass

CHUNK = 64 * 1024
SECONDS = 60.0
_LONGEST_ANSWER = 4096
_COMMAND, _CLEAN, _FOUND = b"zINSTREAM\0", "OK", "FOUND"


class ScannerAwayError(Exception):
    """Nobody looked at the file: the scanner is away, too slow, or said what nobody understands."""


@dataclass(frozen=True)
class Scanner:
    """A clamd at `host:port`, or at the path of its socket."""

    address: str

    async def finding(self, content: bytes, seconds: float = SECONDS) -> str:
        """What was found in a file, by clamd's name for it; empty where it is clean.

        Raises:
            ScannerAwayError: it was not looked at.
        """
        try:
            async with asyncio.timeout(seconds):
                return _read(await self._asked(content))
        except (OSError, TimeoutError, ValueError) as err:
            raise ScannerAwayError(type(err).__name__) from None

    async def _asked(self, content: bytes) -> str:
        reader, writer = await self._connected()
        try:
            writer.write(_COMMAND)
            for start in range(0, len(content), CHUNK):
                part = content[start : start + CHUNK]
                writer.write(struct.pack("!I", len(part)) + part)
                await writer.drain()
            writer.write(struct.pack("!I", 0))
            await writer.drain()
            answer = await reader.readuntil(b"\0")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as err:
            raise ScannerAwayError(type(err).__name__) from None
        finally:
            writer.close()
        return answer[:_LONGEST_ANSWER].rstrip(b"\0\n").decode("utf-8", "replace")

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.address.startswith("/"):
            return await asyncio.open_unix_connection(self.address)
        host, _, port = self.address.rpartition(":")
        return await asyncio.open_connection(host, int(port))


def _read(answer: str) -> str:
    """`stream: OK`, or `stream: Eicar-Test-Signature FOUND`; anything else is no word on the file."""
    said = answer.partition(": ")[2]
    if said == _CLEAN:
        return ""
    if said.endswith(f" {_FOUND}"):
        return said.removesuffix(f" {_FOUND}")
    raise ScannerAwayError("no answer")
