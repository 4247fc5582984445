"""The payload codec: what it hides, what it still reads, and that it never raises."""

from __future__ import annotations

import pytest
from temporalio.api.common.v1 import Payload

from config.codec import KeyRingCodec, is_sealed
from config.keys import KeyRing, KeyRingError, new_key

OLD, NEW, FOREIGN = new_key(), new_key(), new_key()
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data='{"name":"张三"}'.encode())


def codec(text: str) -> KeyRingCodec:
    return KeyRingCodec(KeyRing.parse(text))


async def test_a_sealed_payload_shows_nothing_of_its_content() -> None:
    [sealed] = await codec(f"k1:{OLD}").encode([PLAIN])

    assert "张三".encode() not in sealed.SerializeToString()
    assert b"json/plain" not in sealed.SerializeToString()
    assert is_sealed([sealed])


async def test_what_was_sealed_opens_to_the_same_payload() -> None:
    ring = codec(f"k1:{OLD}")

    assert await ring.decode(await ring.encode([PLAIN, Payload()])) == [PLAIN, Payload()]


async def test_after_a_rotation_the_old_key_still_opens() -> None:
    sealed = await codec(f"k1:{OLD}").encode([PLAIN])

    assert await codec(f"k2:{NEW},k1:{OLD}").decode(sealed) == [PLAIN]


async def test_after_a_rotation_the_new_key_seals() -> None:
    sealed = await codec(f"k2:{NEW},k1:{OLD}").encode([PLAIN])

    assert await codec(f"k2:{NEW}").decode(sealed) == [PLAIN]


async def test_plain_payloads_pass_through() -> None:
    assert await codec(f"k1:{OLD}").decode([PLAIN]) == [PLAIN]


@pytest.mark.parametrize("text", [f"k9:{OLD}", f"k1:{FOREIGN}"], ids=["unknown id", "wrong key"])
async def test_a_payload_it_cannot_open_is_passed_on_unchanged(text: str) -> None:
    sealed = await codec(text).encode([PLAIN])

    assert await codec(f"k1:{OLD}").decode(sealed) == sealed


@pytest.mark.parametrize("length", [0, 5, 27, 40])
async def test_a_cut_payload_is_passed_on_unchanged(length: int) -> None:
    [sealed] = await codec(f"k1:{OLD}").encode([PLAIN])
    cut = Payload(metadata=dict(sealed.metadata), data=sealed.data[:length])

    assert await codec(f"k1:{OLD}").decode([cut]) == [cut]


async def test_a_key_id_that_is_no_text_is_passed_on_unchanged() -> None:
    [sealed] = await codec(f"k1:{OLD}").encode([PLAIN])
    odd = Payload(metadata={**sealed.metadata, "zhiping-key": b"\xff"}, data=sealed.data)

    assert await codec(f"k1:{OLD}").decode([odd]) == [odd]


@pytest.mark.parametrize(
    "text",
    ["", "k1", f":{OLD}", "k1:???", "k1:c2hvcnQ=", f"k1:{OLD},k1:{NEW}"],
    ids=["empty", "no-key", "no-id", "no-base64", "too-short", "twice"],
)
def test_a_broken_ring_is_refused_without_showing_a_key(text: str) -> None:
    with pytest.raises(KeyRingError) as refused:
        KeyRing.parse(text)

    assert OLD not in str(refused.value)


def test_a_ring_prints_no_key() -> None:
    assert OLD not in repr(KeyRing.parse(f"k1:{OLD}"))
