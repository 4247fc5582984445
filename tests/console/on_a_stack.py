"""A console on the running stack that the command line's tests share: what acts goes through the engine."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Protocol

import httpx2
import pytest

from activities.accounts.passwords import Passwords
from config.settings import Settings
from starter.console.application import application
from starter.console.house import House, house_of
from starter.desk.office import opened
from tests.console.conftest import ORIGIN, PASSWORD, QUICK, Browser
from tests.integration.command_line import CommandLine

OPERATOR, SECOND = "operations@zhiping", "operations-er@zhiping"
LINK = re.compile(r"/yaoqing/[\w-]+")

__all__ = ["house_on_a_stack", "someone"]


class Someone(Protocol):
    """Invites a person into a rehearsal and signs him or her in."""

    async def __call__(self, person: str, realm: str) -> Browser: ...


@pytest.fixture
async def house_on_a_stack(zhiping: CommandLine) -> AsyncIterator[House]:
    """What a console's pages work with, of that stack; its forms come from the test's own origin."""
    settings = Settings.for_stack(zhiping.folder).model_copy(update={"console_url": ORIGIN})
    async with opened(settings, connections=6) as office:
        yield house_of(office, Passwords(QUICK))


@pytest.fixture
async def someone(zhiping: CommandLine, house_on_a_stack: House) -> AsyncIterator[Someone]:
    """Browsers of people of a rehearsal: an account of it needs no second factor."""
    async with AsyncExitStack() as stack:

        async def come(person: str, realm: str) -> Browser:
            inviting = (
                "account",
                "invite",
                person,
                "--realm",
                realm,
                "--login",
                f"{person}-{realm}",
            )
            said = await zhiping(*inviting, "--as", OPERATOR, "--json")
            if "waits_for_second" in said.json():
                request = said.json()["waits_for_second"]
                await zhiping("pending", "confirm", request, "--realm", realm, "--as", SECOND)
            transport = httpx2.ASGITransport(application(house_on_a_stack))
            client = httpx2.AsyncClient(transport=transport, base_url=ORIGIN)
            stack.push_async_callback(client.aclose)
            came = Browser(client)
            link = LINK.findall(said.out + said.err)[0]
            await came.get(link)
            answer = await came.post(link, {"password": PASSWORD, "again": PASSWORD})
            assert answer.status_code == 303, came.page
            return came

        yield come
