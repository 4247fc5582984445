"""The console on a furnished database, and everybody who comes to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette

from starter.console.house import House
from tests.console.conftest import ORIGIN, console, house, settings
from tests.fixtures.pages import There
from tests.hostile.pages.world import World

__all__ = ["console", "house", "settings"]


@pytest.fixture
async def world(console: Starlette, house: House, there: There) -> AsyncIterator[World]:
    """Everybody signed in."""
    transport = httpx2.ASGITransport(console, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield World(house, client, there.holds)
