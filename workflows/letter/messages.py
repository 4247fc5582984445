"""What crosses Temporal about one letter: which to deliver, and how it ended."""

from __future__ import annotations

from typing import Literal

from workflows.rules.message import Message
from workflows.rules.text import Line


class DeliverLetter(Message):
    """Starts a `Letter` workflow: one row to one mailbox."""

    letter: Line


class Delivery(Message):
    """How a letter ended: accepted by the server, bounced, or unknown after DATA."""

    letter: str
    state: Literal["sent", "bounced", "unknown", "cancelled", "no_address"]
