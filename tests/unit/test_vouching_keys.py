"""The keys that vouch: rings as text, an end, a rotation, and that none is ever shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from config.signing_keys import SigningKey, TrustRing, VouchingError, new_signing_key
from tests.vouching import GATEWAY, WORKERS
from workflows.writer.vouchers import Voucher
from workflows.writer.vouching import text_of


def test_a_key_that_has_ended_is_believed_for_what_came_before() -> None:
    ends = datetime(2026, 11, 27, tzinfo=UTC)
    ring = TrustRing.parse(f"g1:gateway:{GATEWAY.public}:2026-11-27T00.00.00Z")
    text = text_of("urge", "application-1", b"{}")
    signature = GATEWAY.private.sign(text)

    assert ring.voucher("g1", signature, text, ends - timedelta(seconds=1)) == Voucher.GATEWAY
    assert ring.voucher("g1", signature, text, ends) == ""


def test_a_new_key_joins_the_ring_while_the_old_one_is_still_believed() -> None:
    fresh = SigningKey.parse(new_signing_key("g2"))
    ring = TrustRing.parse(f"g1:gateway:{GATEWAY.public},g2:gateway:{fresh.public}")
    text = text_of("urge", "application-1", b"{}")

    found = {
        key: ring.voucher(key, one.private.sign(text), text, datetime.now(UTC))
        for key, one in (("g1", GATEWAY), ("g2", fresh))
    }

    assert found == {"g1": "gateway", "g2": "gateway"}
    assert ring.voucher("g1", fresh.private.sign(text), text, datetime.now(UTC)) == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "g1",
        "g1:gateway",
        "g1:people:AAAA",
        "g1:gateway:!!",
        "g1:gateway:AAAA",
        f"g1:gateway:{WORKERS.public}:soon",
        f"g1:gateway:{WORKERS.public}:2026-11-27T00.00.00",
        f"g1:gateway:{WORKERS.public},g1:workers:{WORKERS.public}",
    ],
)
def test_a_ring_that_is_none_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(VouchingError):
        TrustRing.parse(text)


def test_a_key_is_never_shown() -> None:
    text = new_signing_key("g1")

    assert text.split(":")[1] not in repr(SigningKey.parse(text))
    with pytest.raises(VouchingError) as error:
        SigningKey.parse(text.replace("g1:", ""))
    assert text.split(":")[1] not in str(error.value)
