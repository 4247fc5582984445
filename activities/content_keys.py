"""The record's keys, each sealed under the identity key, so that the identity key can be changed while all go on.

What is sealed cannot be sealed anew: its bytes stand in chains that nobody may change (decision 0013). So
the identity key seals the record's keys and nothing else (decision 0036): changing it writes each of
them once more under the new one, and the old copy goes when every key has its new one. From the next
content key on, whoever has the old identity key and a copy of the record reads nothing new.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from cryptography.exceptions import InvalidTag

from activities.database import AWAY, Pool
from activities.identity import (
    FIRST,
    KEY_BYTES,
    ContentKey,
    Identity,
    name_of,
    unwrap,
    wrap,
)
from activities.statements import statements

SQL = statements("content_keys")
RENEWED_EVERY = timedelta(seconds=60)
ASKED_AGAIN = timedelta(seconds=1)
BEGINS_AFTER = timedelta(minutes=10)
"""Until then every process has read a new key: each looks every minute."""
AT_ONCE = 100

logger = structlog.get_logger(__name__)


class IdentityKeyUnknownError(Exception):
    """No identity key that we were given opens the record; the message (Chinese) has only their names."""

    code = "identity_key_unknown"
    mend = "请把封存这些内容的那一把写进 ZHIPING_IDENTITY_KEY（可并列多把，以逗号分隔，第一把为现用）。"

    def __init__(self, wanted: Sequence[str], given: Sequence[str]) -> None:
        self.told = (
            f"身份密钥与记录不符：记录以 {'、'.join(wanted) or '另一把'} 封存，"
            f"设置中给出的是 {'、'.join(given)}。"
        )
        super().__init__(self.told + self.mend)


class KeysUnfinishedError(Exception):
    """The old identity key is still needed; `left` keys have no copy under the new one."""

    def __init__(self, left: int) -> None:
        super().__init__(str(left))
        self.left = left


@dataclass(frozen=True)
class Wraps:
    """One content key and its copies, by the name of the identity key each is under."""

    number: int
    begins_at: datetime
    under: dict[str, bytes] = field(repr=False)


class ContentKeys:
    """The record's keys.

    Args:
        identity_keys: those of the settings; the first seals, each opens.
    """

    def __init__(self, pool: Pool, identity_keys: Sequence[bytes]) -> None:
        self._pool = pool
        self._keys = {name_of(key): key for key in identity_keys}
        self.active = name_of(identity_keys[0])

    async def all(self) -> list[Wraps]:
        """All of them with their copies, by number."""
        found: dict[int, Wraps] = {}
        for row in await self._pool.fetch(SQL["keys"]):
            item = found.setdefault(row["number"], Wraps(row["number"], row["begins_at"], {}))
            if row["under"] is not None:
                item.under[row["under"]] = row["wrapped"]
        return list(found.values())

    async def learn(self, identity: Identity) -> None:
        """Tell an identity what the record's keys are; in a record that has none yet, make the first.

        Raises:
            IdentityKeyUnknownError: it is none of ours that they are under.
        """
        known = await self.all()
        if not known:
            await self._make_first()
            known = await self.all()
        identity.adopt(
            [ContentKey(item.number, self._open(item), item.begins_at) for item in known]
        )

    async def begin(self, now: datetime) -> tuple[int, datetime]:
        """Make a new content key; its number, and from when new content is sealed under it."""
        begins = now + BEGINS_AFTER
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["lock"])
            number: int = await connection.fetchval(SQL["add"], begins, now)
            sealed = wrap(os.urandom(KEY_BYTES), number, self._keys[self.active])
            await connection.execute(SQL["add_wrap"], number, self.active, sealed, now)
        return number, begins

    async def rewrap(self, now: datetime, *, at_once: int = AT_ONCE) -> AsyncIterator[int]:
        """Seal every key once more under the active identity key; yields how many each batch did.

        A batch is a transaction: whoever is stopped goes on where the last one ended, and two at once do
        nothing twice. Until `finish` the copies under the old key stay, so that every reader goes on.

        Raises:
            IdentityKeyUnknownError: one is under none of the keys that we were given.
        """
        last = FIRST - 1
        while True:
            numbers = [
                row["number"]
                for row in await self._pool.fetch(SQL["not_under"], self.active, last, at_once)
            ]
            if not numbers:
                return
            known = {item.number: item for item in await self.all()}
            rows = [
                (
                    number,
                    self.active,
                    wrap(self._open(known[number]), number, self._keys[self.active]),
                    now,
                )
                for number in numbers
            ]
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.executemany(SQL["add_wrap"], rows)
            last = numbers[-1]
            yield len(numbers)

    async def finish(self) -> list[str]:
        """Take away every copy under another identity key; the names of those keys.

        Raises:
            KeysUnfinishedError: a key has no copy under the active one; nothing is taken away.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["lock"])
            copies: dict[int, dict[str, bytes]] = defaultdict(dict)
            for row in await connection.fetch(SQL["keys"]):
                copies[row["number"]][row["under"]] = row["wrapped"]
            ours = self._keys[self.active]
            left = [
                number
                for number, under in copies.items()
                if self.active not in under or not _opens(under[self.active], number, ours)
            ]
            if left:
                raise KeysUnfinishedError(len(left))
            others = {name for under in copies.values() for name in under} - {self.active}
            await connection.execute(SQL["take_away"], self.active)
        return sorted(others)

    def _open(self, item: Wraps) -> bytes:
        for name, wrapped in item.under.items():
            if name in self._keys:
                with suppress(InvalidTag):
                    return unwrap(wrapped, item.number, self._keys[name])
        raise IdentityKeyUnknownError(sorted(item.under), list(self._keys))

    async def _make_first(self) -> None:
        """The first of a record is the identity key that it was sealed under until now.

        Of several that is whichever opens what lies there; in an empty record the last, the oldest.
        """
        now = datetime.now(UTC)
        name = await self._pool.fetchval(SQL["a_sealed_name"])
        first = next(
            (key for key in reversed(self._keys.values()) if name is None or _reads(key, name)),
            None,
        )
        if first is None:
            raise IdentityKeyUnknownError((), list(self._keys))
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(SQL["add_first"], now) is not None:
                own = name_of(first)
                await connection.execute(
                    SQL["add_wrap"], FIRST, own, wrap(first, FIRST, first), now
                )


@asynccontextmanager
async def opened_identity(
    pool: Pool, identity_keys: Sequence[bytes], *, waits: bool = False
) -> AsyncIterator[Identity]:
    """An identity that knows the record's keys, and learns of new ones until the block ends.

    Args:
        waits: begin also while the database is away, and learn when it is there.

    Raises:
        IdentityKeyUnknownError: the record is sealed under other identity keys.
    """
    identity, keys = Identity(None), ContentKeys(pool, identity_keys)
    try:
        await keys.learn(identity)
    except (*AWAY, TimeoutError):
        if not waits:
            raise
    task = asyncio.create_task(_renewed(keys, identity))
    try:
        yield identity
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _renewed(keys: ContentKeys, identity: Identity) -> None:
    while True:
        every = RENEWED_EVERY if identity.is_known else ASKED_AGAIN
        await asyncio.sleep(every.total_seconds())
        try:
            await keys.learn(identity)
        except Exception as err:  # whatever it is: what is known goes on, and the next look tries
            logger.warning("identity.not_renewed", error=type(err).__name__)


def _opens(wrapped: bytes, number: int, key: bytes) -> bool:
    try:
        unwrap(wrapped, number, key)
    except InvalidTag:
        return False
    return True


def _reads(key: bytes, name: bytes) -> bool:
    try:
        Identity(key).open(name, "person.name")
    except InvalidTag:
        return False
    return True
