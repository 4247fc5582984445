"""Ids of what comes to be at a face: opaque, and for a named request always the same."""

from __future__ import annotations

import os
import time
from uuid import NAMESPACE_OID, UUID, uuid5

from activities.references import APPLICATIONS
from workflows.application.case import MEETING_PREFIX


def application_id(realm: str = "", request_id: str = "") -> str:
    """An opaque id that sorts by time; the same request means the same application."""
    return f"{APPLICATIONS.prefix}{_of(realm, request_id)}"


def meeting_id(realm: str = "", request_id: str = "") -> str:
    """The same for a meeting, so that a request plans one."""
    return f"{MEETING_PREFIX}{_of(realm, request_id)}"


def _of(realm: str, request_id: str) -> UUID:
    return uuid5(NAMESPACE_OID, f"{realm}/{request_id}") if request_id else _uuid7()


def _uuid7() -> UUID:
    """A UUID of version 7, which begins with the time."""
    stamp = time.time_ns() // 1_000_000
    value = (stamp << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)
