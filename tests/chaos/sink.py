"""``python -m tests.chaos.sink PORT FOLDER``: the embedded stack's mail server as a process that can be killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from workers.stack.mail_sink import serve_mail_sink


async def _serve(port: int, folder: Path) -> None:
    async with serve_mail_sink(folder, port):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))
