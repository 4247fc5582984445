"""What crosses Temporal about letters: which mailroom is to work, and how its shift ended."""

from __future__ import annotations

from zlib import crc32

from workflows.rules.message import Message
from workflows.rules.names import LIVE
from workflows.rules.text import Line

LIVE_ROOMS = 2
"""Mailrooms of live work: as many worker processes can send at once."""
REHEARSALS = "rehearsal"
"""The one room of all rehearsals: none of them holds up live mail."""


def room_of(realm: str, subject: str) -> str:
    """The mailroom of a letter about this case or meeting: always the same one."""
    if realm != LIVE:
        return REHEARSALS
    return f"{LIVE}-{crc32(subject.encode()) % LIVE_ROOMS}"


def workflow_of(room: str) -> str:
    """The id of a mailroom's workflow."""
    return f"mailroom-{room}"


class MailroomShift(Message):
    """Starts a `Mailroom` workflow, and each shift of its one activity."""

    room: Line
    away: int = 0
    """How often in a row the mail server was not to be reached."""


class ShiftEnded(Message):
    """How a shift ended; of the letters only how many."""

    room: Line
    settled: int = 0
    away: int = 0
    """As in `MailroomShift`; nought once a letter was taken over."""
    wait_seconds: float | None = None
    """When the next shift begins unless somebody wakes the room: 0 at once, None never."""


class Wake(Message):
    """The signal to a mailroom: there may be letters. It says nothing else."""
