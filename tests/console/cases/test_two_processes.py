"""Two console processes behind one address that hands each request to the next of them: what one began
another answers, because nothing that lasts longer than a request is in the memory of either."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from tests.console.conftest import ORIGIN, PASSWORD, Browser
from tests.integration.command_line import CommandLine

pytestmark = pytest.mark.integration

PATIENCE = 60
SERVE = """
import asyncio, sys
from pathlib import Path
from config.settings import Settings
from starter.console.__main__ import serve
found = Settings.for_stack(Path(sys.argv[1]))
asked = {"console_port": int(sys.argv[2]), "console_url": sys.argv[3], "console_pool": 4}
asyncio.run(serve(found.model_copy(update=asked)))
"""
ACT = "/anjuan/{case}/ban/start_publicity"
KEY = re.compile(r'name="qingqiu" value="([0-9a-f-]{36})"')
HANDED_IN = re.compile(r'action="(/anjuan/[^"]+/hedui/[0-9a-f-]{36})"')
POSTED = {"place": "一楼大厅", "contacts": "023-00000005"}


@dataclass
class InTurn(httpx2.AsyncBaseTransport):
    """What stands before the processes: each request goes to the next that is alive."""

    ports: list[int]
    asked: list[tuple[int, str]] = field(default_factory=list)
    _inner: httpx2.AsyncHTTPTransport = field(default_factory=httpx2.AsyncHTTPTransport)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Hand it on; the address that people called stands in its head still."""
        port = self.ports[len(self.asked) % len(self.ports)]
        self.asked.append((port, request.method))
        handed = httpx2.Request(
            request.method,
            request.url.copy_with(host="127.0.0.1", port=port),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return await self._inner.handle_async_request(handed)

    async def aclose(self) -> None:
        """Let go of both."""
        await self._inner.aclose()


@dataclass
class Two:
    """Both processes, and a browser before them."""

    processes: dict[int, Process]
    before: InTurn
    browser: Browser

    def end(self, port: int) -> None:
        """One dies at once; from now on the other has all."""
        self.processes[port].send_signal(signal.SIGKILL)
        self.before.ports = [other for other in self.before.ports if other != port]


@pytest.fixture
async def two(zhiping: CommandLine, unused_tcp_port_factory: object) -> AsyncIterator[Two]:
    """Two real processes on the stack that the command line's tests share."""
    assert callable(unused_tcp_port_factory)
    ports = [unused_tcp_port_factory(), unused_tcp_port_factory()]
    processes = {port: await _started(zhiping.folder, port) for port in ports}
    before = InTurn(ports)
    try:
        for port in ports:
            await _answers(port)
        async with httpx2.AsyncClient(
            transport=before, base_url=ORIGIN, timeout=PATIENCE
        ) as client:
            yield Two(processes, before, Browser(client))
    finally:
        for process in processes.values():
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def _started(folder: Path, port: int) -> Process:
    arguments = (sys.executable, "-c", SERVE, str(folder), str(port), ORIGIN)
    return await asyncio.create_subprocess_exec(*arguments, stdout=DEVNULL, stderr=PIPE)


async def _answers(port: int) -> None:
    until = time.monotonic() + PATIENCE
    async with httpx2.AsyncClient() as client:
        while time.monotonic() < until:
            try:
                if (await client.get(f"http://127.0.0.1:{port}/healthz")).text == "ok":
                    return
            except httpx2.TransportError:
                await asyncio.sleep(0.1)
    raise AssertionError(f"no console at {port}")


async def test_a_form_that_one_began_the_other_answers_also_where_the_one_died(
    zhiping: CommandLine, case: str, realm: str, two: Two
) -> None:
    browser, before = two.browser, two.before
    link = await zhiping.invited("liu", f"liu-{realm}", realm)
    await browser.get(link)
    assert (await browser.post(link, {"password": PASSWORD, "again": PASSWORD})).status_code == 303
    # The sign-in of one is the other's.
    for _ in range(2):
        assert (await browser.get(f"/anjuan/{case}")).status_code == 200

    act = ACT.format(case=case)
    await browser.get(act)
    stated = POSTED | {"qingqiu": KEY.findall(browser.page)[0]}
    checked = await browser.post(act, stated)
    assert checked.status_code == 303, browser.page
    (form, _), (answered, _) = before.asked[-2:]
    assert form != answered

    await browser.get(checked.headers["location"])
    shown = before.asked[-1][0]
    confirming = HANDED_IN.findall(browser.page)[0]
    two.end(shown)
    done = await browser.post(confirming)
    assert done.status_code in (200, 303), browser.page
    assert before.asked[-1][0] != shown
    seen = await zhiping.json("show", case, "--as", "liu@liangjiang-data-group")
    assert seen["stage"] == "unit_publicity"


async def test_work_that_takes_longer_is_looked_at_in_the_other(
    zhiping: CommandLine, case: str, realm: str, two: Two
) -> None:
    assert case
    browser, before = two.browser, two.before
    link = await zhiping.invited("liu", f"liu-{realm}", realm)
    await browser.get(link)
    await browser.post(link, {"password": PASSWORD, "again": PASSWORD})
    await browser.get("/yanlian")
    day = dict(zip(("day-year", "day-month", "day-day"), ("2023", "10", "10"), strict=True))
    assert (await browser.post("/yanlian/bo", day)).status_code == 303, browser.page
    began = before.asked[-1][0]
    other = next(port for port in before.ports if port != began)
    before.ports = [other]
    await browser.get("/yanlian")
    # The other knows of it at once, and what came of it.
    assert re.search("正在拨到 2023年10月10日|已拨到 2023年10月10日", browser.page), browser.page
    until = time.monotonic() + PATIENCE * 5
    while "已拨到 2023年10月10日 09:00" not in browser.page:
        assert time.monotonic() < until, browser.page
        await asyncio.sleep(0.2)
        await browser.get("/yanlian")


async def test_tries_at_a_password_are_counted_over_both(
    zhiping: CommandLine, case: str, realm: str, two: Two
) -> None:
    assert case
    browser, login = two.browser, f"liu-{realm}"
    link = await zhiping.invited("liu", login, realm)
    await browser.get(link)
    await browser.post(link, {"password": PASSWORD, "again": PASSWORD})
    await browser.get("/")
    await browser.post("/tuichu")
    said: list[int] = []
    await browser.get("/denglu")
    for _ in range(6):  # one at the one, the next at the other
        answer = await browser.post("/denglu", {"name": login, "password": "不是这个-00"})
        said.append(answer.status_code)
    assert said == [422] * 5 + [429]
