"""What crosses Temporal about a round of the sentinel; what it found stands in the record."""

from __future__ import annotations

from datetime import timedelta

from workflows.rules.message import Message

SENTINEL = "sentinel"
"""The id of the schedule, which is what a start of its rounds is vouched for by; a round's own id has
its hour behind it."""
OVERDUE_AFTER = timedelta(minutes=15)
"""How late a clock may strike on a fleet that catches up after a night, before its case is nudged."""


class Proof(Message):
    """Starts a `Sentinel` workflow, and each shift of its one activity: it goes on with the round that is
    open in the record, or begins one."""


class ProofEnded(Message):
    """How a shift ended: of which round, how many subjects it has seen, how much it found."""

    run: int
    seen: int = 0
    found: int = 0
    more: bool = False
    """Whether the next shift goes on with it."""
