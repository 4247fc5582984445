"""Acts between a form and its answer, kept so that nothing typed is lost and nothing done twice."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Literal

from asyncpg import Record
from pydantic import Field

from activities.database import Pool
from activities.identity import Identity
from activities.statements import statements
from workflows.rules.message import Message
from workflows.writer.messages import Act

SQL = statements("pending_acts")
STATED, ACT, ANSWER = "pending_act.stated", "pending_act.act", "pending_act.answer"
KEPT = timedelta(days=30)

Typed = dict[str, list[str]]
"""What was typed, field by field, as the form had it."""


class PendingAct(Message):
    """One act of somebody on a case or a meeting.

    Attributes:
        id: the request id of the rendered form.
        seen_seq: how far the record was when the form was shown.
        act: the act as it was sent; None before.
        state: typed; sent and not answered; done; refused.
        answer: what was answered, as the page shows it.
    """

    id: str
    account: str
    person: str
    organisation: str
    realm: str
    subject: str
    action: str
    seen_seq: int
    typed: Typed = Field(default_factory=dict)
    act: Act | None = None
    state: Literal["stated", "sent", "done", "refused"] = "stated"
    answer: dict[str, Any] = Field(default_factory=dict)
    stated_at: datetime | None = None
    sent_at: datetime | None = None


class PendingActs:
    """Keeps them; what people typed is sealed."""

    def __init__(self, pool: Pool, identity: Identity) -> None:
        self._pool = pool
        self._identity = identity

    async def state(self, pending: PendingAct) -> bool:
        """Keep what was typed; False where the id is another act's, or was sent already."""
        await self._pool.execute(SQL["end_past"], KEPT)
        found = await self._pool.fetchval(
            SQL["state"],
            pending.id,
            pending.account,
            pending.person,
            pending.organisation,
            pending.realm,
            pending.subject,
            pending.action,
            pending.seen_seq,
            self._identity.seal(json.dumps(pending.typed, ensure_ascii=False), STATED),
        )
        return found is not None

    async def find(self, pending: str, account: str) -> PendingAct | None:
        """One of an account's own."""
        row = await self._pool.fetchrow(SQL["pending"], pending, account)
        return self._opened(row) if row else None

    async def take(self, pending: PendingAct, act: Act) -> PendingAct:
        """Note the act that is about to be sent; where it was sent before, that one counts."""
        sealed = self._identity.seal(act.model_dump_json(), ACT)
        await self._pool.execute(SQL["take"], pending.id, sealed)
        found = await self.find(pending.id, pending.account)
        return found or pending

    async def answered(
        self, pending: str, state: Literal["done", "refused"], answer: dict[str, Any]
    ) -> None:
        """Note the answer; of what is done the record has the act, and nothing is kept here."""
        sealed = self._identity.seal(json.dumps(answer, ensure_ascii=False), ANSWER)
        await self._pool.execute(SQL["answered"], pending, state, sealed)

    async def open_on(
        self, *, account: str, person: str, organisation: str, realm: str, subject: str
    ) -> tuple[PendingAct, ...]:
        """What somebody has typed or sent on a subject and got no answer to, the last first."""
        rows = await self._pool.fetch(
            SQL["open_acts"], account, person, organisation, realm, subject
        )
        return tuple(self._opened(row) for row in rows)

    def _opened(self, row: Record) -> PendingAct:
        typed = self._identity.open_optional(row["stated"], STATED)
        act = self._identity.open_optional(row["act"], ACT)
        answer = self._identity.open_optional(row["answer"], ANSWER)
        return PendingAct.model_validate(
            dict(row)
            | {
                "typed": json.loads(typed) if typed else {},
                "act": json.loads(act) if act else None,
                "answer": json.loads(answer) if answer else {},
            }
        )
