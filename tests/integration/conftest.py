"""A mail server that hears everything, for what is posted to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from activities.letters.smtp import MailServer
from tests.integration.postboxes import Postbox, Server


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
async def server(postbox: Postbox) -> AsyncIterator[MailServer]:
    listening = await asyncio.get_running_loop().create_server(
        lambda: Server(postbox, hostname="sink"), "127.0.0.1", 0
    )
    port: int = listening.sockets[0].getsockname()[1]
    yield MailServer(
        host="127.0.0.1", port=port, sender="职评 <zhiping@example.test>", timeout=1, session=3
    )
    listening.close()
