"""``/healthz``: the process polls. ``/readyz``: what it needs answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from aiohttp import web
from temporalio.worker import Worker

Probe = Callable[[], Awaitable[str | None]]
"""Raises where something is away; a text is shown, and leaves the process ready."""
PROBE_SECONDS = 2.0


@asynccontextmanager
async def serve_health(
    host: str, port: int, workers: Sequence[Worker], probes: Mapping[str, Probe]
) -> AsyncIterator[int]:
    """Serve both pages until the end; yields the bound port (``port`` 0 picks a free one).

    A probe that raises, or takes longer than 2 s, makes the process "not ready"; only a worker that
    stopped polling makes it "not healthy", because a restart does not mend a database.
    """
    app = web.Application()

    async def healthz(_request: web.Request) -> web.Response:
        stopped = [worker.task_queue for worker in workers if not worker.is_running]
        return web.json_response({"stopped": stopped}, status=503 if stopped else 200)

    async def readyz(_request: web.Request) -> web.Response:
        answers = await asyncio.gather(*(_ask(probe) for probe in probes.values()))
        found = {name: told for name, (_, told) in zip(probes, answers, strict=True)}
        ready = all(fine for fine, _ in answers)
        return web.json_response(found, status=200 if ready else 503)

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def _ask(probe: Probe) -> tuple[bool, str]:
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            told = await probe()
    except Exception as err:  # the page reports whatever is wrong, by kind only
        return False, type(err).__name__
    return True, told or "ok"
