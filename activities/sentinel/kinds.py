"""What the sentinel may find, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What does not agree."""

    SEQUENCE = "sequence"
    """The steps have a gap, or the subject's number is not that of its last step."""
    STATE = "state"
    """The kept state is missing, cannot be read, or is not that of the last step."""
    LIST = "list"
    """What lists and pages show is not what the state says."""
    CLOCK_MISSING = "clock_missing"
    CLOCK_EXTRA = "clock_extra"
    CLOCK_OTHER = "clock_other"
    TASK_MISSING = "task_missing"
    """It does not stand in an inbox that its state asks for."""
    TASK_EXTRA = "task_extra"
    TASK_OTHER = "task_other"
    LETTER_MISSING = "letter_missing"
    """The letter's chain knows it, and no row does."""
    NOT_RUNNING = "not_running"
    """Open in the record; the engine does not run it."""
    NOT_IN_RECORD = "not_in_record"
    """The engine runs it; the record does not show it open."""
    RECORD_AHEAD = "record_ahead"
    """The engine has not heard of the last step."""
    ENGINE_AHEAD = "engine_ahead"
    """The record lacks steps that the engine has taken."""
    ENGINE_OTHER = "engine_other"
    """Both have the same steps, and the engine shows something else."""
    TIMER = "timer"
    """The engine's timer is not armed for what is due next."""
    OVERDUE = "overdue"
    """What was due passed unnoticed."""
    BULK_ASLEEP = "bulk_asleep"
    """A bulk that runs has no workflow."""
    FOLLOWED = "followed"
    """Where it stayed, or whom it concerns, is not what its row and its steps make of it."""
    CHANCE = "chance"
    """It holds its year's chance in the register, and not by its state; or the other way round."""
    SUMS = "sums"
    """What reports add up is not what the rows add up to."""
    OPERATION_STUCK = "operation_stuck"
    """An operation that the engine runs on and on, and the record has no outcome of."""
    OPERATION_CUT = "operation_cut"
    """An operation that was ended at the engine, and of which nothing was done."""
    AMENDMENT_CUT = "amendment_cut"
    """An amendment that is published, and whose telling was ended at the engine."""
    FORM_UNANSWERED = "form_unanswered"
    """A form that waits for its answer, and whose act stands in the record."""
    PARKED = "parked"
    """It stands still for operations: no fault of ours to find, but named."""


class Outcome(StrEnum):
    """What came of a finding."""

    MENDED = "mended"
    """What is derived from the state was written again."""
    NUDGED = "nudged"
    """The engine was woken, and it agrees since."""
    TOLD = "told"
    """It is a task of operations."""
    NAMED = "named"
    """It stands in the round's findings alone: parked already, or no subject of the record."""


DERIVED = frozenset(
    {
        Kind.LIST,
        Kind.CLOCK_MISSING,
        Kind.CLOCK_EXTRA,
        Kind.CLOCK_OTHER,
        Kind.TASK_MISSING,
        Kind.TASK_EXTRA,
        Kind.TASK_OTHER,
    }
)
"""What follows from the state, and is written again from it."""
WAKES = frozenset({Kind.RECORD_AHEAD, Kind.ENGINE_AHEAD, Kind.TIMER, Kind.OVERDUE})
"""What a nudge is for: the subject looks into the record, and arms its timer; where the record lacks its
steps it stands still, before anybody is decided on them."""
UNSOUND = frozenset(
    {Kind.SEQUENCE, Kind.STATE, Kind.ENGINE_AHEAD, Kind.ENGINE_OTHER, Kind.RECORD_AHEAD}
)
"""While one of these stands, nothing is derived from the state."""


@dataclass(frozen=True)
class Finding:
    """One thing that does not agree; `what` names it without any person."""

    kind: Kind
    what: str = ""
