"""What a door writes down before a bulk is begun: the act of each case, vouched for by that door."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from activities.database import Pool
from activities.statements import statements
from workflows.bulk.messages import PREFIX
from workflows.rules.refusals import Code, Refusal, refuse
from workflows.writer.messages import Actor

SQL = statements("bulks")


@dataclass(frozen=True)
class Prepared:
    """One case or meeting of a bulk: its act as bytes with the door's voucher, or why it is left out."""

    subject: str
    act: bytes | None = None
    vouched_by: str = ""
    voucher: bytes | None = None
    left_out: Sequence[Refusal] = ()
    is_meeting: bool = False


@dataclass(frozen=True)
class Bulk:
    """What one person asks of many cases.

    Attributes:
        payload: what each act states, its free texts by reference.
        weighty: whether another human has to confirm it before it is begun.
        stop_after: how many refusals or silences stop it.
        prepared_at: the realm's time.
    """

    id: str
    realm: str
    action: str
    actor: Actor
    payload: Mapping[str, Any]
    weighty: bool
    stop_after: int
    prepared_at: datetime
    lines: Sequence[Prepared] = field(repr=False)

    @property
    def asked(self) -> tuple[str, ...]:
        """The cases that are asked, in their order."""
        return tuple(line.subject for line in self.lines if not line.left_out)

    @property
    def digest(self) -> bytes:
        """What is asked of whom by whom, as one value: whoever confirms it confirms this."""
        return digest_of(self.action, self.actor, self.payload, self.asked)


def bulk_id(realm: str, actor: Actor, request_id: str) -> str:
    """The id of what somebody asks for under a request id: the same again is the same bulk."""
    text = "\n".join((realm, actor.person, actor.organisation, request_id))
    return f"{PREFIX}{sha256(text.encode()).hexdigest()[:32]}"


def request_of(bulk: str, subject: str) -> str:
    """The request id of one case's act: the same however often it is asked."""
    return f"{bulk}:{subject}"


def digest_of(
    action: str, actor: Actor, payload: Mapping[str, Any], subjects: Iterable[str]
) -> bytes:
    """See `Bulk.digest`."""
    said = [action, actor.person, actor.organisation, actor.role, payload, list(subjects)]
    return sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).digest()


async def prepare(pool: Pool, bulk: Bulk) -> None:
    """Write a bulk down, whole or not at all; the very same again is the one that is there.

    Raises:
        Refused: `duplicate_conflict` where its id stands for something else.
    """
    async with pool.acquire() as connection, connection.transaction():
        new = await connection.fetchval(
            SQL["add_bulk"],
            bulk.id,
            bulk.realm,
            bulk.action,
            bulk.actor.person,
            bulk.actor.organisation,
            bulk.actor.role,
            json.dumps(bulk.payload, ensure_ascii=False),
            len(bulk.lines),
            bulk.weighty,
            bulk.stop_after,
            bulk.digest,
            bulk.prepared_at,
        )
        if new is None:
            known = await connection.fetchrow(SQL["bulk"], bulk.id)
            if known is None or known["digest"] != bulk.digest:
                raise refuse(Code.DUPLICATE_CONFLICT, request_id=bulk.id)
            return
        await connection.copy_records_to_table(
            "bulk_line",
            columns=(
                "bulk",
                "position",
                "subject",
                "is_meeting",
                "act",
                "vouched_by",
                "voucher",
                "state",
                "refusals",
            ),
            records=[_line(bulk.id, number, line) for number, line in enumerate(bulk.lines, 1)],
        )


def _line(bulk: str, position: int, line: Prepared) -> tuple[object, ...]:
    return (
        bulk,
        position,
        line.subject,
        line.is_meeting,
        line.act,
        line.vouched_by,
        line.voucher,
        "left_out" if line.left_out else "open",
        json.dumps([item.model_dump(mode="json") for item in line.left_out], ensure_ascii=False),
    )
