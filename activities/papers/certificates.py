"""The numbers of certificates: given once, in the transaction that first needs one, never reused."""

from __future__ import annotations

import tomllib
from datetime import datetime
from functools import cache

from asyncpg import Record
from pydantic import BaseModel, ConfigDict

from activities.database import Connection
from activities.papers.case_facts import CaseFacts
from activities.papers.case_forms import claims
from activities.papers.typesetting import TEMPLATES
from activities.statements import statements

SQL = statements("papers")
FILE = TEMPLATES / "certificates.toml"


class NumberScheme(BaseModel):
    """How a number is built (`templates/papers/certificates.toml`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: str
    default: str

    def code(self, facts: CaseFacts) -> str:
        """The code of a committee: the notice's, the default for a unit's own."""
        stated = "" if facts.own_committee else str(facts.notice.get("certificate_code") or "")
        return stated or self.default

    def written(self, year: int, code: str, serial: int) -> str:
        """The number as it is printed."""
        return self.number.format(year=year, code=code, serial=serial)


@cache
def scheme() -> NumberScheme:
    """The scheme of this installation."""
    return NumberScheme.model_validate(tomllib.loads(FILE.read_text(encoding="utf-8")))


async def number_of(connection: Connection, facts: CaseFacts, at: datetime) -> str:
    """The number of a case's certificate: the one it has, else the next of its year and code."""
    realm, application, seq = facts.case.realm, facts.case.application, facts.step.seq
    await connection.execute(SQL["lock_certificates"], realm)
    found: Record | None = await connection.fetchrow(SQL["certificate_of"], realm, application, seq)
    if found is not None:
        return str(found["number"])
    said = claims(facts, "")
    year, code = said.issued_on.year, scheme().code(facts)
    serial: int = 1 + await connection.fetchval(SQL["last_serial"], realm, year, code)
    number = scheme().written(year, code, serial)
    await connection.execute(
        SQL["add_certificate"],
        number,
        realm,
        application,
        seq,
        year,
        code,
        serial,
        said.obtained_on,
        said.issued_on,
        said.document,
        facts.case.level,
        facts.profession,
        at,
    )
    return number
