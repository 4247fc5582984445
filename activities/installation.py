"""The first operators of an installation: who grants the others, and confirms what one of them asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from activities.database import EVERYWHERE, LIVE, Pool
from activities.identity import Identity
from activities.people import keep_person
from activities.statements import statements
from workflows.operation.payloads import FirstOperator
from workflows.rules.readings import Reading
from workflows.rules.refusals import Code, refuse

SQL = statements("operations")
BODY = "zhiping-operations"
"""The organisation that operators act for; a directory may say more of it later."""
NAME = "平台运行组"
BY = "installation"
LEAST = 2
"""One alone could neither confirm nor be confirmed."""


async def install(
    pool: Pool, identity: Identity, operators: Sequence[FirstOperator], at: datetime
) -> None:
    """Make the first operators: the one grant of rights that no operation carries out.

    Raises:
        Refused: `already_decided` where there are operators; `second_person_required` where those
            stated are not two humans at least.
    """
    humans = {identity.id_hash(operator.id_number) for operator in operators}
    if len(humans) < LEAST or len(humans) < len(operators):
        raise refuse(Code.SECOND_PERSON_REQUIRED, Reading.SECOND_PERSON, reason="first_operators")
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["lock_register"], "directory")
        if await connection.fetchval(SQL["has_operators"]):
            raise refuse(Code.ALREADY_DECIDED, Reading.SECOND_PERSON, what="installation")
        await connection.execute(SQL["add_operations_body"], BODY, NAME, at)
        for operator in operators:
            await keep_person(
                connection,
                identity,
                person=operator.id,
                kept_under=EVERYWHERE,
                **operator.model_dump(exclude={"id"}),
            )
            await connection.execute(
                SQL["add_grant"], EVERYWHERE, operator.id, BODY, "operations", at, None, BY, at
            )
        names = ",".join(operator.id for operator in operators)
        await connection.execute(SQL["add_installation"], LIVE, at, names)


async def is_installed(pool: Pool) -> bool:
    """Whether there are operators."""
    return bool(await pool.fetchval(SQL["has_operators"]))
