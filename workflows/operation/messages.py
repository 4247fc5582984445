"""What crosses Temporal about one operation: what is asked, and what was done."""

from __future__ import annotations

from hashlib import sha256

from workflows.rules.days import Moment
from workflows.rules.message import Message
from workflows.rules.refusals import Refusal
from workflows.rules.text import Line, Prose
from workflows.writer.messages import Actor, Id


class OperationRequest(Message):
    """Starts an `Operation`: one activity, one transaction, one audit entry (design.md 13)."""

    kind: Id
    realm: Id = "live"
    request_id: Id = ""
    """The sender's id of what is asked; the same again from the same sender is the same operation."""
    actor: Actor
    as_of: Moment
    reference: Id = ""
    """Id of the stored input (a file's text kept by intake); nothing personal here."""
    params: dict[Line, Prose] = {}
    affected: tuple[Line, ...] = ()

    @property
    def operation(self) -> str:
        """The operation's id: a request id belongs to its sender, and nobody else can take it."""
        sender = f"{self.realm}\n{self.actor.person}\n{self.actor.organisation}"
        return f"operation-{sha256(sender.encode()).hexdigest()[:16]}-{self.request_id}"


class Affected(Message):
    """Whom an amendment reaches: what is open in these realms, of one campaign or of all. They are
    told one after the other and named nowhere: a season has a hundred thousand."""

    realms: tuple[str, ...]
    campaign: str = ""
    count: int = 0
    """How many were open when it was published."""


class AmendOpen(Message):
    """Tells whatever is open of an amendment, each once."""

    operation: str
    affected: Affected
    reason: str = ""
    """Id of the stored reason."""


class OperationOutcome(Message):
    """What an operation did: a count, a version, a refusal's code; or that it waits for a second
    person."""

    done: bool
    operation: str = ""
    kind: str = ""
    """What was carried out: of a confirmation the operation that was confirmed."""
    waits_until: Moment | None = None
    """Nothing is done yet: another human has until then to confirm the request `operation`."""
    version: str = ""
    count: int = 0
    affected: Affected | None = None
    refusals: tuple[Refusal, ...] = ()
    params: dict[str, str] = {}
