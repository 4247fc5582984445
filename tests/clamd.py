"""A small clamd: a real server on loopback that reads INSTREAM and finds one signature."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

BAD = b"ZHIPING-TEST-SIGNATURE"


@dataclass
class Clamd:
    """Where it listens, and how large each file was that came."""

    address: str = ""
    came: list[int] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One session: the command, chunks with their length before them, an empty one at the end."""
        assert await reader.readexactly(10) == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack("!I", await reader.readexactly(4))[0]:
            content += await reader.readexactly(length)
        self.came.append(len(content))
        writer.write(b"stream: Test.Signature FOUND\0" if BAD in content else b"stream: OK\0")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def clamd_at(host: str) -> AsyncIterator[Clamd]:
    """One that listens on a free port."""
    found = Clamd()
    server = await asyncio.start_server(found.answer, host, 0)
    async with server:
        found.address = "{}:{}".format(*server.sockets[0].getsockname()[:2])
        yield found
