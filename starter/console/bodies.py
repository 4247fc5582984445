"""How much a request may bring, counted while it comes, and how long it may take."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from starlette.datastructures import FormData, Headers
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.types import Message, Receive

SMALL = 256 * 1024
"""Of a form without files: the longest text of an act is a tenth of it."""
SECONDS = 30.0
"""So long may it stop on the way."""
WHOLE = 300.0
"""So long may it take in all: whoever brings a byte now and then holds a place no longer."""


class TooLargeError(Exception):
    """More came than the page takes."""


class TooSlowError(Exception):
    """It did not come in time."""


def bounded(receive: Receive, most: int, seconds: float = SECONDS, whole: float = WHOLE) -> Receive:
    """The same channel, which ends where more comes than `most`, nothing for too long, or too slowly."""
    came = 0
    until: float | None = None

    async def receive_bounded() -> Message:
        nonlocal came, until
        now = asyncio.get_running_loop().time()
        until = now + whole if until is None else until
        try:
            message = await asyncio.wait_for(receive(), min(seconds, until - now))
        except TimeoutError:
            raise TooSlowError from None
        came += len(message.get("body", b""))
        if came > most:
            raise TooLargeError
        return message

    return receive_bounded


class _EachBounded(MultiPartParser):
    """Keeps of each file one byte more than it may have: enough to say that it is too large. All that
    is no file may be as large as any other form."""

    most_of_file = 0
    _text = 0

    def on_part_begin(self) -> None:
        super().on_part_begin()
        self._came = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current_part.file is not None:
            room = max(0, self.most_of_file + 1 - self._came)
            self._came += end - start
            end = min(end, start + room)
        else:
            self._text += end - start
            if self._text > SMALL:
                raise TooLargeError
        if end > start:
            super().on_part_data(data, start, end)


def is_multipart(headers: Headers) -> bool:
    """Whether a form may bring files."""
    return headers.get("content-type", "").startswith("multipart/form-data")


async def with_uploads(request: Request, *, files: int, fields: int, each: int) -> FormData:
    """A form with files, of each of which no more is kept than one byte beyond `each`.

    Raises:
        HTTPException: 400 for what is no form; `TooLargeError`, `TooSlowError`.
    """
    async with aclosing(request.stream()) as stream:
        parser = _EachBounded(request.headers, stream, max_files=files, max_fields=fields)
        parser.most_of_file = each
        try:
            return await parser.parse()
        except MultiPartException as err:
            raise HTTPException(400, err.message) from None
