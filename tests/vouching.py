"""Keys that vouch for messages in tests, always the same: recorded histories hold what they signed."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from config.signing_keys import SigningKey, TrustRing
from config.vouching import Vouching
from workflows.writer.messages import Act
from workflows.writer.vouchers import SYSTEM_ROLES


def key(key_id: str) -> SigningKey:
    """A key that everybody can make again."""
    return SigningKey.parse(f"{key_id}:{base64.b64encode(key_id.ljust(32).encode()).decode()}")


WORKERS, GATEWAY, STRANGER = key("test-workers"), key("test-gateway"), key("test-stranger")
TRUST = ",".join(
    f"{one.id}:{whose}:{one.public}" for one, whose in ((WORKERS, "workers"), (GATEWAY, "gateway"))
)
RING = TrustRing.parse(TRUST)


def vouching(by: SigningKey | None) -> Vouching:
    """What signs by a key, and believes those of our rooms."""
    return Vouching(by, RING)


class EachByHisOwn(Vouching):
    """Signs what a person does by a door's key, and all else by the workers'.

    One client of a test is the door that people come by and the worker's own.
    """

    def __init__(self) -> None:
        super().__init__(WORKERS, RING)
        self._door = vouching(GATEWAY)

    def signed(self, what: str, workflow_id: str, args: Sequence[Any]) -> list[Any]:
        """The arguments, each with a voucher."""
        by_person = any(
            isinstance(value, dict)  # odd ones, as a person's door would send them
            or (isinstance(value, Act) and value.actor.role not in SYSTEM_ROLES)
            for value in args
        )
        signed = self._door.signed if by_person else super().signed
        return signed(what, workflow_id, args)
