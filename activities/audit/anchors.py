"""Anchors: the ends of all chains under one signed root, so that no chain can be written anew."""

from __future__ import annotations

from datetime import UTC, date, datetime

from activities.audit.lines import AnchorLine
from activities.database import Connection, Pool
from activities.identity import Identity
from activities.statements import statements
from workflows.rules.message import Message, local_date

SQL = statements("audit")
NOTHING = ""
"""What stands before the first anchor."""


class AnchorView(Message):
    """An anchor as it is told: its number, its instant, its root in hex, how many chains moved."""

    number: int
    made_at: datetime
    root: str
    chains: int


class Anchors:
    """Makes anchors. Two at once are two, one after the other."""

    def __init__(self, pool: Pool, identity: Identity) -> None:
        self._pool = pool
        self._identity = identity

    async def make(self) -> AnchorView:
        """Anchor every chain that moved since the anchor before; none moved is worth one too."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["lock_anchors"])
            return await self._make(connection)

    async def make_for(self, day: date) -> AnchorView | None:
        """The first anchor of a day of Beijing, or None where it has one, however many ask."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["lock_anchors"])
            last = await connection.fetchrow(SQL["last_anchor"])
            if last and local_date(datetime.fromisoformat(last["made_at"])) >= day:
                return None
            return await self._make(connection)

    async def _make(self, connection: Connection) -> AnchorView:
        last = await connection.fetchrow(SQL["last_anchor"])
        moved = await connection.fetch(SQL["moved_since"])
        anchor = AnchorLine(
            number=last["number"] + 1 if last else 1,
            made_at=datetime.now(UTC).isoformat(timespec="microseconds"),
            previous=last["root"].hex() if last else NOTHING,
            root="",
            signature="",
            heads=tuple((row["subject"], row["position"], row["hash"].hex()) for row in moved),
        )
        root = bytes.fromhex(anchor.computed())
        await connection.execute(
            SQL["add_anchor"],
            anchor.number,
            anchor.made_at,
            len(moved),
            bytes.fromhex(anchor.previous),
            root,
            self._identity.sign(root),
        )
        await connection.execute(
            SQL["add_heads"],
            anchor.number,
            [row["subject"] for row in moved],
            [row["position"] for row in moved],
            [row["hash"] for row in moved],
        )
        return AnchorView(
            number=anchor.number,
            made_at=datetime.fromisoformat(anchor.made_at),
            root=root.hex(),
            chains=len(moved),
        )
