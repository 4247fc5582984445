"""Absence cover as the register has it: who stands in for which supervisor, at an instant of a realm.

It is read anew at every request, by whoever speaks for a person (a door, an operation): no session, no
message and no process remembers it.
"""

from __future__ import annotations

from datetime import date, datetime

from activities.database import LIVE, Connection, Pool, scope
from activities.identity import Identity
from activities.paging import LINES, cut, moment, text, values_of
from activities.statements import statements
from workflows.rules.message import Message
from workflows.writer.messages import Cover

SQL = statements("covers")


class CoverView(Message):
    """One cover with what became of it; its people by id and name.

    Attributes:
        holds: whether it holds at the moment it is read: its days, its end, and both people's roles.
    """

    id: str
    organisation: str
    principal: str
    deputy: str
    starts_on: date
    ends_on: date
    acts: tuple[str, ...]
    reason: str = ""
    named_by: str
    named_at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""
    holds: bool = False
    principal_name: str = ""
    deputy_name: str = ""


def both_names(name: str, principal: str) -> str:
    """Who acted and in whose place, as it stands in the record, in letters, papers and pages."""
    return f"{name}（代{principal}）" if principal else name


async def cover_of(
    connection: Connection | Pool,
    identity: Identity,
    person: str,
    organisation: str,
    realm: str,
    at: datetime,
) -> Cover | None:
    """Whom somebody of an organisation covers at an instant of a realm; None where nobody."""
    row = await connection.fetchrow(SQL["cover_of"], person, organisation, scope(realm), at)
    if row is None:
        return None
    human = identity.human(row["human"])
    return Cover(principal=row["principal"], human=human, acts=tuple(row["acts"]))


async def deputy_of(
    connection: Connection | Pool,
    person: str,
    organisation: str,
    realm: str,
    at: datetime,
    application: str = "",
) -> str:
    """Who stands in for a supervisor at an instant of a realm; empty where nobody does.

    Args:
        application: the case it is about: who applied for it stands in for nobody there.
    """
    found = await connection.fetchval(
        SQL["deputy_of"], person, organisation, scope(realm), at, application
    )
    return found or ""


async def covers_now(
    pool: Pool, organisation: str, realm: str, at: datetime
) -> tuple[CoverView, ...]:
    """What covers hold in an organisation at an instant."""
    rows = await pool.fetch(SQL["covers_now"], organisation, scope(realm), at)
    return tuple(CoverView.model_validate(dict(row)) for row in rows)


async def covers_of_person(
    pool: Pool, person: str, realm: str, at: datetime
) -> tuple[CoverView, ...]:
    """What holds now of somebody's covers, on either side."""
    rows = await pool.fetch(SQL["covers_of_person"], person, scope(realm), at)
    return tuple(CoverView.model_validate(dict(row)) for row in rows)


async def covers_of(
    pool: Pool,
    organisation: str,
    at: datetime,
    realm: str = LIVE,
    *,
    limit: int = LINES,
    after: str = "",
) -> tuple[tuple[CoverView, ...], str]:
    """A page of an organisation's covers, past and present, the last named first; and the mark of the
    next page.

    Raises:
        Refused: `malformed_payload` for an `after` that is no mark of such a page.
    """
    named_at, last = values_of(after, moment, text) if after else ("", "")
    rows = await pool.fetch(
        SQL["covers_of_organisation"], organisation, scope(realm), at, named_at, last, limit + 1
    )
    lines, following = cut(rows, limit, lambda row: (row["named_at"], row["id"]))
    return tuple(CoverView.model_validate(dict(row)) for row in lines), following
