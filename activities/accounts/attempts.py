"""How fast somebody may try to sign in: after some tries each further one waits longer.

Nobody is locked out for good, or anybody could lock out a colleague: the wait ends at a minute for a
name and for an address at half of that, which leaves whoever guesses a few hundred tries a day.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Address, ip_address, ip_network

from activities.accounts import SQL
from activities.database import Pool
from activities.identity import Identity

WITHIN = timedelta(minutes=15)
FREE, FREE_OF_ADDRESS = 5, 60
"""Tries without a wait: of one name, and of one address, behind which a whole office may sit."""
OWN_NETWORK = 64
"""Whoever has an IPv6 address has all of its network."""
LONGEST, LONGEST_OF_ADDRESS = 60, 30


class TooFastError(Exception):
    """It was tried too often; `seconds` until the next try counts."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Attempts:
    """Writes down each try before it is looked at, so that many at once are many."""

    def __init__(self, pool: Pool, identity: Identity) -> None:
        self._pool = pool
        self._identity = identity

    async def begin(self, login_hash: bytes, address: str) -> None:
        """Write a try down.

        Raises:
            TooFastError: it comes too soon after those before, and does not count.
        """
        address_hash = self._address(address)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["lock_login"], login_hash)
            for sql, key, free, longest in (
                ("standing", login_hash, FREE, LONGEST),
                ("standing_of_address", address_hash, FREE_OF_ADDRESS, LONGEST_OF_ADDRESS),
            ):
                row = await connection.fetchrow(SQL[sql], key, WITHIN)
                if row is None or row["tries"] < free:
                    continue
                wait = min(2 ** (row["tries"] - free + 1), longest)
                left = wait - (row["now"] - row["last_at"]).total_seconds()
                if left > 0:
                    raise TooFastError(int(left) + 1)
            await connection.execute(SQL["add_attempt"], login_hash, address_hash, "tried")

    async def succeeded(self, login_hash: bytes, address: str) -> None:
        """Write down that it went well: what was tried before counts no more for the name."""
        await self._pool.execute(
            SQL["add_attempt"], login_hash, self._address(address), "succeeded"
        )

    def _address(self, address: str) -> bytes:
        return self._identity.content_hash(f"address\n{whence(address)}")


def whence(address: str) -> str:
    """From where somebody comes: an IPv4 address, of IPv6 the network that one connection is given."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((found, OWN_NETWORK), strict=False))
