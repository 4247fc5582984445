"""A console on a running stack: people come by invitation, each test in a rehearsal of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from secrets import token_hex

import httpx2
import pytest

from activities.accounts.passwords import Passwords
from config.settings import Settings
from starter.console.application import application
from starter.console.house import House, house_of
from starter.desk.office import Office, opened
from tests.console.conftest import ORIGIN, PASSWORD, QUICK, Browser
from tests.integration.command_line import CommandLine

Comes = Callable[[str], Awaitable[Browser]]
Goes = Callable[..., Browser]
UNIT, DEPARTMENT = "liangjiang-data-group", "city-industry-department"


@pytest.fixture
async def stack_house(zhiping: CommandLine) -> AsyncIterator[House]:
    """What the console's pages work with, on the stack."""
    settings = Settings.for_stack(zhiping.folder).model_copy(update={"console_url": ORIGIN})
    async with opened(settings, connections=6) as office:
        yield house_of(office, Passwords(QUICK))


@pytest.fixture
def away_house(stack_house: House) -> House:
    """The same on an engine that is not there."""
    found = stack_house.office
    settings = found.settings.model_copy(update={"temporal_address": "127.0.0.1:1"})
    office = Office(settings, found.pool, found.identity, found.intake)
    return replace(stack_house, office=office)


@pytest.fixture
def realm() -> str:
    """A rehearsal of the test's own."""
    return f"pages-{token_hex(4)}"


@pytest.fixture
async def case(zhiping: CommandLine, material: str, realm: str) -> str:
    """A case that has just been submitted to its unit."""
    receipt = await zhiping.json(
        *("submit", material, "--campaign", "bd-2023", "--realm", realm),
        *("--at", "2023-10-09T10:00"),
    )
    return str(receipt["application"])


@pytest.fixture
async def goes() -> AsyncIterator[Goes]:
    """Opens a browser at a house, with the cookies of another where one is given."""
    clients: list[httpx2.AsyncClient] = []

    def browser(house: House, like: Browser | None = None) -> Browser:
        transport = httpx2.ASGITransport(application(house), raise_app_exceptions=False)
        clients.append(httpx2.AsyncClient(transport=transport, base_url=ORIGIN))
        if like is not None:
            clients[-1].cookies = like.client.cookies
        return Browser(clients[-1])

    yield browser
    for client in clients:
        await client.aclose()


@pytest.fixture
def comes(zhiping: CommandLine, stack_house: House, goes: Goes, realm: str) -> Comes:
    """Somebody with an account in the rehearsal, signed in."""

    async def come(person: str) -> Browser:
        link = await zhiping.invited(person, f"{person}-{realm}", realm)
        came = goes(stack_house)
        await came.get(link)
        answer = await came.post(link, {"password": PASSWORD, "again": PASSWORD})
        assert answer.status_code == 303, came.page
        await came.get("/")
        return came

    return come
