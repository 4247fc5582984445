"""The embedded stack's first operators, made once beside its keys (config/installation/operators.toml)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from activities.content_keys import opened_identity
from activities.database import open_pool
from activities.installation import install, is_installed
from config.operator_files import OPERATORS, read


async def first_operators(database_url: str, identity_keys: Sequence[bytes]) -> None:
    """Make the first operators where there are none."""
    async with (
        await open_pool(database_url, size=1) as pool,
        opened_identity(pool, identity_keys) as identity,
    ):
        if not await is_installed(pool):
            await install(pool, identity, read(OPERATORS), datetime.now(UTC))
