"""``python -m tests.benchmarks.sink FOLDER``: the stack's mail sink, in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from workers.stack.mail_sink import serve_mail_sink


async def _serve(folder: Path) -> None:
    async with serve_mail_sink(folder, 0) as port:
        print(port, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
