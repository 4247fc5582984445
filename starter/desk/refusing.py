"""A no, as data: which kind, why, on which clause, what to do next, where, and about which field.

Each face says it in its own way: the command line with an exit code and the command to type, the
console with a status, a link and the field marked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class No(StrEnum):
    """What kind of no it is; `UNKNOWN` is none: perhaps done, perhaps not."""

    REFUSED = "refused"
    NOT_FOUND = "not_found"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"


class Door(StrEnum):
    """Where the next step of a no is taken; how one gets there is each face's own business."""

    CASES = "cases"
    """Look cases up."""
    DIRECTORY = "directory"
    """Look up an organisation, its people and their rights; `subject`: which."""
    NEW_REHEARSAL = "new_rehearsal"
    """Open a rehearsal of a new name."""
    CLOCK = "clock"
    """Move a rehearsal's clock."""
    OWN_TIME = "own_time"
    """Leave out the time of acting that was stated."""
    BULKS = "bulks"
    """Look at what was asked of many cases at once."""
    CASE = "case"
    """Look at one case."""
    MEETINGS = "meetings"
    """Look meetings up."""
    MEETING = "meeting"
    """Look at one meeting."""
    REQUEST_REDRAW = "request_redraw"
    COMMIT_DRAW = "commit_draw"
    REVEAL_DRAW = "reveal_draw"
    REPLACE_EXPERT = "replace_expert"
    """Acts on a meeting that come first."""
    PUBLISH = "publish"
    """Publish a notice."""
    COMMITTEE_AND_NOTICE = "committee_and_notice"
    """Bring in a committee and publish its notice."""
    IMPORT_COMMITTEE = "import_committee"
    LINT_COMMITTEE = "lint_committee"
    POOL = "pool"
    """Look at a committee's experts."""
    IMPORT_DIRECTORY = "import_directory"
    GRANT = "grant"
    """Give a person a right."""
    PENDING = "pending"
    """Look at what waits for a second person."""
    OPERATORS_INBOX = "operators_inbox"
    """What lies with operations."""
    CERTIFICATE = "certificate"
    """Look at one certificate."""
    WAIT = "wait"
    """Ask for an answer instead of sending a signal."""
    STACK = "stack"
    """See whether the parts of the office run."""
    ASK_AGAIN = "ask_again"
    """Ask the same once more; `subject`: its request id."""


@dataclass(frozen=True)
class Reason:
    """One reason for a no: its code, what and why in Chinese, the clause, and what to do next."""

    code: str
    message: str
    clause: str = ""
    next: str = ""
    fields: tuple[str, ...] = ()
    """The fields of what was stated that it is about, by their keys."""
    door: Door | None = None
    """Where the next step is taken, where there is a place of its own for it."""
    subject: str = ""
    """What is looked at behind the door."""


class NoAnswer(Exception):
    """Ends what was asked with its reasons; the first gives the answer its code.

    With `in_all`, the answer is that one, and the reasons are told under it. `more` is for programs.
    """

    def __init__(
        self, kind: No, *reasons: Reason, in_all: Reason | None = None, **more: Any
    ) -> None:
        super().__init__(reasons[0].message)
        self.kind = kind
        self.reasons = reasons
        self.in_all = in_all
        self.more = more


class WaitsForSecond(Exception):
    """Neither yes nor no: what was asked is recorded, and another human has to confirm it."""

    def __init__(self, request: str, until: datetime) -> None:
        super().__init__(request)
        self.request = request
        self.until = until


def told_no(reasons: Iterable[Reason]) -> NoAnswer:
    """The no that has these reasons: not found where the first says so, else refused.

    One table for all faces, wherever the no was said: here, in an operation, or in a case.
    """
    given = tuple(reasons)
    missing = given[0].code == "not_found"
    return NoAnswer(No.NOT_FOUND if missing else No.REFUSED, *given)


def not_found(
    message: str, next_step: str = "", *, door: Door | None = None, subject: str = ""
) -> NoAnswer:
    """What was named does not exist."""
    reason = Reason("not_found", message, next=next_step, door=door, subject=subject)
    return NoAnswer(No.NOT_FOUND, reason)


def refused(
    code: str,
    message: str,
    clause: str = "",
    next_step: str = "",
    *,
    door: Door | None = None,
    subject: str = "",
) -> NoAnswer:
    """Refused by the office itself, before a case was asked."""
    reason = Reason(code, message, clause, next_step, door=door, subject=subject)
    return NoAnswer(No.REFUSED, reason)


def unavailable(
    message: str,
    next_step: str = "请稍后再试。",
    *,
    door: Door | None = None,
    code: str = "unavailable",
) -> NoAnswer:
    """Nothing was done, because something is not there."""
    return NoAnswer(No.UNAVAILABLE, Reason(code, message, next=next_step, door=door))
