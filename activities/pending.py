"""What waits for a second person, for those who asked or may answer."""

from __future__ import annotations

from datetime import datetime

from activities import second_person
from activities.database import Pool
from activities.identity import Identity
from activities.operating import Operating
from activities.operation_rights import check_entitled
from activities.paging import LINES, cut, moment, text, values_of
from activities.second_person import RequestForSecond, Subject
from workflows.operation.catalogue import OPERATION_CATALOGUE
from workflows.operation.messages import OperationRequest
from workflows.rules.refusals import Refused
from workflows.writer.messages import Actor


class PendingReading:
    """Reads requests; what is stated in one is shown to nobody who could not answer it."""

    def __init__(self, pool: Pool, identity: Identity) -> None:
        self._pool = pool
        self._identity = identity

    async def for_actor(
        self, actor: Actor, realm: str, at: datetime, *, limit: int = LINES, after: str = ""
    ) -> tuple[tuple[RequestForSecond, ...], str]:
        """A page of the requests of a realm that an actor (as the directory gives the role) asked or
        may answer, the first to end first; and the mark of the next page.

        Raises:
            Refused: `malformed_payload` for an `after` that is no mark of such a page.
        """
        ends, name = values_of(after, moment, text) if after else ("", "")
        found: list[RequestForSecond] = []
        rest = True
        while rest and len(found) <= limit:
            asked = await second_person.waiting(
                self._pool, self._identity, realm, at, after=(ends, name), limit=limit + 1
            )
            found += [item for item in asked if await self._concerns(item, actor, at)]
            rest = len(asked) > limit
            ends, name = _order(asked[-1]) if asked else (ends, name)
        lines, following = cut(found, limit, _order)
        return tuple(lines), following

    async def ended_of(
        self, actor: Actor, realm: str, at: datetime, *, limit: int = LINES
    ) -> tuple[RequestForSecond, ...]:
        """What an actor asked for lately and waits no longer: confirmed, declined, taken back or
        expired; the last first."""
        return await second_person.ended(
            self._pool, self._identity, realm, actor.person, at, limit=limit
        )

    async def _concerns(self, asked: RequestForSecond, actor: Actor, at: datetime) -> bool:
        if asked.by.person == actor.person:
            return True
        row = OPERATION_CATALOGUE.get(asked.what)
        if asked.subject_kind is not Subject.OPERATION or row is None:
            return False
        first = OperationRequest.model_validate(asked.payload["request"])
        async with self._pool.acquire() as connection:
            work = Operating(
                connection=connection,
                identity=self._identity,
                operation=asked.id,
                request=first.model_copy(update={"as_of": at}),
                payload=row.payload.model_validate(asked.payload["stated"]),
                actor=actor,
            )
            try:
                await check_entitled(work, row)
            except Refused:
                return False
        return True


def _order(asked: RequestForSecond) -> tuple[str, str]:
    return asked.expires_at.isoformat(), asked.id
