"""Words that mean a person, and every way they might lie hidden in bytes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

_SHORTEST = 8


def disguises(word: str) -> set[bytes]:
    """The word as text in several encodings, escaped as JSON, in hex, and inside base64."""
    plain = word.encode()
    texts = {plain, word.encode("utf-16-le"), word.encode("utf-16-be")}
    texts.add(word.encode("gb18030"))
    texts.add(json.dumps(word)[1:-1].encode())
    return texts | {plain.hex().encode()} | set(_inside_base64(plain))


def _inside_base64(plain: bytes) -> Iterator[bytes]:
    """What base64 of a longer text surely contains, at each of the three alignments."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain)
        # The first and last group also depend on the neighbours.
        certain = encoded[4 if shift else 0 :]
        certain = certain[: len(certain) - 4] if (shift + len(plain)) % 3 else certain
        if len(certain) >= _SHORTEST:
            yield certain


def found_in(content: bytes, words: Mapping[str, str]) -> list[str]:
    """The names of the words that the content holds in any disguise."""
    return [name for name, word in words.items() if any(d in content for d in disguises(word))]


def payloads_in(message: Message) -> Iterator[Payload]:
    """Every payload anywhere in a protobuf message."""
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for item in _messages(value):
            yield from payloads_in(item)


def _messages(value: object) -> Iterable[Message]:
    if isinstance(value, Message):
        return (value,)
    items = value.values() if isinstance(value, Mapping) else value
    assert isinstance(items, Iterable)
    return tuple(item for item in items if isinstance(item, Message))


async def opened(message: Message, codec: PayloadCodec) -> bytes:
    """All payloads of a message, decrypted, one after the other."""
    found = await codec.decode(list(payloads_in(message)))
    return b"\n".join(payload.SerializeToString() for payload in found)
