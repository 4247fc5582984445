"""Keys that vouch for messages in tests, always the same: recorded histories hold what they signed."""

from __future__ import annotations

import base64

from config.signing_keys import SigningKey, TrustRing
from config.vouching import Vouching


def key(key_id: str) -> SigningKey:
    """A key that everybody can make again."""
    return SigningKey.parse(f"{key_id}:{base64.b64encode(key_id.ljust(32).encode()).decode()}")


WORKERS, GATEWAY, STRANGER = key("test-workers"), key("test-gateway"), key("test-stranger")
TRUST = ",".join(
    f"{one.id}:{whose}:{one.public}" for one, whose in ((WORKERS, "workers"), (GATEWAY, "gateway"))
)
RING = TrustRing.parse(TRUST)


def vouching(by: SigningKey | None = WORKERS) -> Vouching:
    """What signs by a key, and believes those of our rooms."""
    return Vouching(by, RING)
