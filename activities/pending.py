"""What waits for a second person, for those who asked or may answer."""

from __future__ import annotations

from datetime import datetime

from activities import second_person
from activities.database import Pool
from activities.identity import Identity
from activities.operating import Operating
from activities.operation_rights import check_entitled
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
        self, actor: Actor, realm: str, at: datetime
    ) -> tuple[RequestForSecond, ...]:
        """The requests of a realm that an actor (as the directory gives the role) asked or may answer."""
        found = await second_person.waiting(self._pool, self._identity, realm, at)
        return tuple([item for item in found if await self._concerns(item, actor, at)])

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
