"""The embedded stack's first operators, made once beside its keys (config/installation/operators.toml)."""

from __future__ import annotations

from datetime import UTC, datetime

from activities.database import open_pool
from activities.identity import Identity
from activities.installation import install, is_installed
from config.operator_files import OPERATORS, read


async def first_operators(database_url: str, identity_secret: bytes) -> None:
    """Make the first operators where there are none."""
    async with await open_pool(database_url, size=1) as pool:
        if not await is_installed(pool):
            await install(pool, Identity(identity_secret), read(OPERATORS), datetime.now(UTC))
