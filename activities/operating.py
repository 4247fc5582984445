"""What every operation works with: its connection, its input, and who asked when."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar

from pydantic import BaseModel

from activities.database import Connection, scope
from activities.identity import Identity
from activities.statements import statements
from activities.texts import USE, new_reference
from workflows.operation.messages import OperationRequest
from workflows.rules.refusals import Code, refuse
from workflows.writer.messages import Actor

SQL = statements("intake")
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Operating:
    """One operation at work, inside its transaction."""

    connection: Connection
    identity: Identity
    operation: str
    request: OperationRequest
    payload: BaseModel
    """What is stated, as the kind's row of the catalogue reads it."""
    actor: Actor
    """Who asked, in the role that the directory gives."""

    @property
    def kept_under(self) -> str:
        """The realm under which publications, people and grants are kept."""
        return scope(self.request.realm)

    @property
    def by(self) -> str:
        """Who asked, for the registers."""
        actor = self.actor
        return f"{actor.person}@{actor.organisation}" if actor.organisation else actor.person

    @property
    def at(self) -> datetime:
        """The realm's time of the operation."""
        return self.request.as_of

    def read(self, model: type[M]) -> M:
        """The input as its own model.

        Raises:
            TypeError: the kind's row of the catalogue has another.
        """
        if not isinstance(self.payload, model):
            raise TypeError(f"{self.request.kind} states {type(self.payload).__name__}")
        return self.payload

    async def reason(self, stated: str, *, needed: bool = True) -> str:
        """The reference of a reason, stored as free text: a reason may name people.

        Whatever is stated is a text, also what looks like a reference: one would open somebody else's
        words (an objection's, a complainant's) to whoever reads this operation.

        Raises:
            Refused: `reason_required` where one is needed and none is given.
        """
        if not stated.strip():
            if needed:
                raise refuse(Code.REASON_REQUIRED, kind=self.request.kind)
            return ""
        reference = new_reference()
        await self.connection.execute(SQL["add_text"], reference, self.identity.seal(stated, USE))
        return reference

    @property
    def realms(self) -> list[str]:
        """The realm of the request and those named in its `realms` parameter."""
        named = str(getattr(self.payload, "realms", "")).replace(",", " ").split()
        return sorted({self.request.realm, *named})


def content_hash(value: Any) -> str:
    """The hash that tells whether something published again is the same."""
    plain = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return sha256(plain.encode()).hexdigest()
