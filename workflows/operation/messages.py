"""What crosses Temporal about one operation: what is asked, and what was done."""

from __future__ import annotations

from datetime import datetime

from workflows.rules.message import Message
from workflows.rules.refusals import Refusal
from workflows.writer.messages import Actor


class OperationRequest(Message):
    """Starts an `Operation`: one activity, one transaction, one audit entry (design.md 13)."""

    kind: str
    realm: str = "live"
    actor: Actor
    as_of: datetime
    reference: str = ""
    """Id of the stored input (a file's text kept by intake); nothing personal here."""
    params: dict[str, str] = {}
    affected: tuple[str, ...] = ()


class OperationOutcome(Message):
    """What an operation did: a count, a version, or a refusal's code."""

    done: bool
    version: str = ""
    count: int = 0
    affected: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    params: dict[str, str] = {}
