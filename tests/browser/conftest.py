"""A console that listens on loopback, and a Chromium that goes there."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from starlette.applications import Starlette

from activities.accounts import second_factor
from config.settings import Settings
from tests.console.conftest import PASSWORD, Invite, console, house, invited, settings_at
from workers.stack.options import reserved_ports

__all__ = ["console", "house", "invited"]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
REQUIRED = "ZHIPING_BROWSER"
"""Set where a missing browser is a fault and not a reason to skip: in CI."""
WIDTHS = {"desk": 1280, "phone": 360}
SERIOUS = ("serious", "critical")


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Iterator[Settings]:
    """A console's, at an address of this machine that a browser can go to."""
    with reserved_ports({}, {}) as ports:
        found = settings_at(f"http://127.0.0.1:{ports['console']}", database_url, tmp_path)
        yield found.model_copy(update={"console_port": ports["console"]})


@pytest.fixture
async def address(console: Starlette, settings: Settings) -> AsyncIterator[str]:
    """Where the console listens."""
    config = uvicorn.Config(
        console, host="127.0.0.1", port=settings.console_port, log_config=None, lifespan="off"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - the server has no event to wait for
        await asyncio.sleep(0.05)
    yield str(settings.console_url)
    server.should_exit = True
    await serving


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium; nothing is fetched from anywhere."""
    if CHROMIUM is None:
        reason = "no Chromium here: apt-get install chromium"
        if os.environ.get(REQUIRED):
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        await browser.close()


@dataclass
class Seat:
    """Somebody at a browser of the own: no cookie of another's."""

    context: BrowserContext
    page: Page
    address: str

    async def go(self, path: str) -> None:
        """Type an address."""
        await self.page.goto(self.address + path)

    async def click(self, words: str, role: str = "link") -> None:
        """Click what is called so, and wait for the page behind it."""
        target = self.page.get_by_role(role, name=words, exact=False).first  # type: ignore[arg-type]
        await target.click()
        await self.page.wait_for_load_state()

    async def press(self, words: str) -> None:
        """Press a button."""
        await self.click(words, "button")

    async def words(self) -> str:
        """What can be read."""
        return await self.page.locator("body").inner_text()

    async def accept(self, link: str) -> None:
        """Follow an invitation: set a password, and bind a second factor where it is asked for."""
        await self.go(link)
        await self.page.fill("#password", PASSWORD)
        await self.page.fill("#again", PASSWORD)
        await self.page.locator("main button").first.click()
        await self.page.wait_for_load_state()
        if "/denglu/bangding" in self.page.url:
            secret = await self.page.locator("input[name=secret]").get_attribute("value") or ""
            await self.page.fill("#code", second_factor.code_at(secret, datetime.now(UTC)))
            await self.page.locator("main button").first.click()
            await self.page.wait_for_load_state()

    async def faults(self) -> list[str]:
        """What axe finds that keeps people out."""
        found = await Axe().run(self.page)
        return [
            f"{self.page.url}: {item['id']} {item['help']} {[n['target'] for n in item['nodes']]}"
            for item in found.response["violations"]
            if item["impact"] in SERIOUS
        ]

    async def sideways(self) -> int:
        """By how many pixels the page is wider than its window."""
        wide: int = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wide


Seated = Callable[..., Awaitable[Seat]]


@pytest.fixture
async def seat(chromium: Browser, address: str, invited: Invite) -> AsyncIterator[Seated]:
    """Seats somebody with a new account; `width` in pixels; without script unless `script`."""
    opened: list[BrowserContext] = []

    async def seated(
        person: str, *, realm: str = "live", width: int = 1280, script: bool = True
    ) -> Seat:
        context = await chromium.new_context(
            viewport={"width": width, "height": 900}, locale="zh-CN", java_script_enabled=script
        )
        opened.append(context)
        found = Seat(context, await context.new_page(), address)
        await found.accept(await invited(person, realm=realm))
        return found

    yield seated
    for context in opened:
        await context.close()
