"""What crosses Temporal about one operation: what is asked, and what was done."""

from __future__ import annotations

from workflows.rules.days import Moment
from workflows.rules.message import Message
from workflows.rules.refusals import Refusal
from workflows.rules.text import Line, Prose
from workflows.writer.messages import Actor


class OperationRequest(Message):
    """Starts an `Operation`: one activity, one transaction, one audit entry (design.md 13)."""

    kind: Line
    realm: Line = "live"
    actor: Actor
    as_of: Moment
    reference: Line = ""
    """Id of the stored input (a file's text kept by intake); nothing personal here."""
    params: dict[Line, Prose] = {}
    affected: tuple[Line, ...] = ()


class OperationOutcome(Message):
    """What an operation did: a count, a version, or a refusal's code."""

    done: bool
    version: str = ""
    count: int = 0
    affected: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    params: dict[str, str] = {}
