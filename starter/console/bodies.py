"""How much a request may bring, counted while it comes, and how long it may take."""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive

SMALL = 256 * 1024
"""Of a form without files: the longest text of an act is a tenth of it."""
SECONDS = 30.0


class TooLargeError(Exception):
    """More came than the page takes."""


class TooSlowError(Exception):
    """It did not come in time."""


def bounded(receive: Receive, most: int, seconds: float = SECONDS) -> Receive:
    """The same channel, which ends where more comes than `most`, or nothing for too long."""
    came = 0

    async def receive_bounded() -> Message:
        nonlocal came
        try:
            message = await asyncio.wait_for(receive(), seconds)
        except TimeoutError:
            raise TooSlowError from None
        came += len(message.get("body", b""))
        if came > most:
            raise TooLargeError
        return message

    return receive_bounded
