"""What crosses Temporal about one act on many cases: which one is carried on, and how far it came."""

from __future__ import annotations

from workflows.rules.message import Message
from workflows.writer.messages import Id

PREFIX = "bulk-"
"""The ids of bulks, which are those of their workflows too, begin so."""


class BulkShift(Message):
    """Starts a `Bulk` workflow, and each shift of its one activity."""

    bulk: Id


class BulkShiftEnded(Message):
    """How a shift ended; of the cases only how many were asked in it."""

    bulk: Id
    asked: int = 0
    more: bool = False
    """Whether the next shift begins at once; else nothing is to be done until somebody wakes it."""
    wait_seconds: float = 0.0
    """Where another human has still to confirm it: for how long; then the next shift ends it."""


class Carry(Message):
    """The signal to a bulk: it was begun, resumed, recalled or is to be tried again. It says nothing
    else: the record has it."""
