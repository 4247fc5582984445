"""clamd's INSTREAM, spoken with a real server on loopback."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from activities.scanning import CHUNK, Scanner, ScannerAwayError
from tests.clamd import BAD, clamd_at

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[str]:
    """Something that listens where a clamd should; its address."""
    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with listening:
        host, port = listening.sockets[0].getsockname()[:2]
        yield f"{host}:{port}"


@pytest.mark.parametrize("size", [1, CHUNK, 3 * CHUNK + 1])
async def test_a_clean_file_is_sent_whole_and_found_clean(size: int) -> None:
    async with clamd_at("127.0.0.1") as clamd:
        assert await Scanner(clamd.address).finding(b"a" * size) == ""
    assert clamd.came == [size]


async def test_what_is_found_is_named() -> None:
    async with clamd_at("127.0.0.1") as clamd:
        assert await Scanner(clamd.address).finding(b"x" * CHUNK + BAD) == "Test.Signature"


async def test_a_socket_of_the_machine_is_a_clamd_too(tmp_path: Path) -> None:
    path = tmp_path / "clamd.sock"
    listening = await asyncio.start_unix_server(_clean, path)
    async with listening:
        assert await Scanner(str(path)).finding(b"x") == ""


async def _clean(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(struct.pack("!I", 0))
    writer.write(b"stream: OK\0")
    await writer.drain()
    writer.close()


async def _too_large(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readexactly(10)
    writer.write(b"INSTREAM size limit exceeded. ERROR\0")
    await writer.drain()
    writer.close()


async def _hangs_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


@pytest.mark.parametrize("answer", [_too_large, _hangs_up, _says_nothing])
async def test_no_word_on_a_file_is_never_a_clean_one(answer: Answer) -> None:
    async with server(answer) as address:
        with pytest.raises(ScannerAwayError):
            await Scanner(address).finding(b"x" * 10, seconds=0.3)


async def test_a_scanner_that_is_not_there_is_away() -> None:
    async with server(_clean) as address:
        pass
    with pytest.raises(ScannerAwayError):
        await Scanner(address).finding(b"x")
