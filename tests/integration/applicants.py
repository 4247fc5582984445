"""Many applicants of one unit, for what is done to many cases at once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime

from config.gateway.errors import UnknownError
from config.submission_files import sample
from starter.desk.office import Office
from starter.desk.submitting import realm_for, submitted
from workflows.rules.people import check_digit

AT = datetime.fromisoformat("2023-10-09T10:00:00+08:00")


async def applied(office: Office, realm: str, number: int) -> list[str]:
    """So many sound applications of one unit, handed in at once."""
    view = await realm_for(office, realm, AT)

    few = asyncio.Semaphore(6)

    async def one(person: int) -> str:
        digits = f"99000019800101{person:03}"
        document = sample(
            "city_unit",
            "bd-2023",
            identity={"name": f"张三{person}", "id_number": digits + check_digit(digits)},
        )
        async with few:
            for _ in range(10):  # a busy machine's engine: the same again is the same case
                with suppress(UnknownError):
                    receipt = await submitted(
                        office, document, "bd-2023", view, AT, f"{realm}-{person}"
                    )
                    return receipt.application
        raise TimeoutError(realm)

    return list(await asyncio.gather(*(one(person) for person in range(number))))
