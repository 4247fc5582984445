"""People of the directory who carry out operations, where it matters who does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import uuid4

from temporalio.testing import ActivityEnvironment

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.operations import Operations
from tests.fixtures.record import OPENED, Rung
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.writer.messages import Actor


def as_person(
    pool: Pool,
    identity: Identity,
    intake: Intake,
    who: str,
    role: str = "member",
    *,
    at: datetime = OPENED,
) -> Callable[..., Awaitable[OperationOutcome]]:
    """The office with this `PERSON@ORG` at work."""
    operations = Operations(pool, identity, Rung())
    person, _, organisation = who.partition("@")
    actor = Actor(person=person, organisation=organisation, role=role)

    async def carry_out(kind: str, stated: object, *, realm: str = "live") -> OperationOutcome:
        request = OperationRequest(
            kind=kind,
            realm=realm,
            actor=actor,
            as_of=at,
            reference=await intake.store_input(stated),
            request_id=str(uuid4()),
        )
        outcome = await ActivityEnvironment().run(operations.carry_out_operation, request)
        assert isinstance(outcome, OperationOutcome)
        return outcome

    return carry_out
