"""Whose keys vouch, and as whom only they may act: the words, apart from the asking (`vouching`)."""

from __future__ import annotations

from enum import StrEnum

SYSTEM_ROLES = ("system", "meeting")
"""What only workflows and activities are; a person never acts as one of them in live work."""


class Voucher(StrEnum):
    """Whose key signed."""

    GATEWAY = "gateway"
    """A door for people: command line, console."""
    WORKERS = "workers"
    """Our workflows and activities, for each other."""
