"""Whether a form was sent by a page of ours: its hidden token, and where the browser says it is from.

The token follows from the cookie, so that nothing is stored; each page has it under another mask, so
that a compressed page does not give it away letter by letter.
"""

from __future__ import annotations

import binascii
import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

from starlette.requests import Request

FIELD = "csrf"
SAME = "same-origin"
SIZE = 32


def form_token(cookie: str) -> str:
    """What a page's forms carry for whoever has this cookie."""
    mask = os.urandom(SIZE)
    return urlsafe_b64encode(mask + _joined(mask, _secret(cookie))).decode()


def is_ours(cookie: str, token: str) -> bool:
    """Whether a form's token belongs to the cookie."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii"))
    except (ValueError, binascii.Error):
        return False
    if not cookie or len(raw) != 2 * SIZE:
        return False
    return hmac.compare_digest(_joined(raw[:SIZE], raw[SIZE:]), _secret(cookie))


def is_from_here(request: Request, origin: str) -> bool:
    """Whether the browser says that one of our own pages sent it; an old one says nothing.

    Args:
        origin: scheme, host and port under which people reach the console; empty: as it was called.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != SAME:
        return False
    said = request.headers.get("origin")
    here = origin or f"{request.url.scheme}://{request.headers.get('host', '')}"
    return said is None or said == here


def _secret(cookie: str) -> bytes:
    return hmac.new(cookie.encode(errors="replace"), b"zhiping/form", sha256).digest()


def _joined(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
