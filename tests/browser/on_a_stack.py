"""A console on the command line's stack, and people who come to it by invitation, in a rehearsal of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from secrets import token_hex

import pytest

from activities.accounts.passwords import Passwords
from config.settings import Settings
from starter.console.house import House, house_of
from starter.desk.office import opened
from tests.console.conftest import QUICK, Invite
from tests.integration.command_line import CommandLine
from workers.stack.options import reserved_ports


@pytest.fixture
def settings(zhiping: CommandLine) -> Iterator[Settings]:
    """The stack's, with the console at an address of the test's own."""
    with reserved_ports({}, {}) as ports:
        at = f"http://127.0.0.1:{ports['console']}"
        yield Settings.for_stack(zhiping.folder).model_copy(
            update={"console_url": at, "console_port": ports["console"]}
        )


@pytest.fixture
async def house(settings: Settings) -> AsyncIterator[House]:
    """What the pages work with, on the stack."""
    async with opened(settings, connections=6) as office:
        yield house_of(office, Passwords(QUICK))


@pytest.fixture
def realm() -> str:
    """A rehearsal of the test's own."""
    return f"clicks-{token_hex(4)}"


@pytest.fixture
def invited(zhiping: CommandLine, realm: str) -> Invite:
    """Invites somebody, another operator confirming where it takes two; the link."""

    async def invite(person: str, login: str = "", **_elsewhere: str) -> str:
        return await zhiping.invited(person, login or f"{person}-{realm}", realm)

    return invite


@pytest.fixture
async def case(zhiping: CommandLine, material: str, realm: str) -> str:
    """A case that has just been submitted to its unit."""
    receipt = await zhiping.json(
        *("submit", material, "--campaign", "bd-2023", "--realm", realm),
        *("--at", "2023-10-09T10:00"),
    )
    return str(receipt["application"])
