"""Keeping people: one place that encrypts a person's data on its way into the record."""

from __future__ import annotations

from uuid import uuid4

from activities.database import Connection
from activities.identity import Identity
from activities.statements import statements

SQL = statements("intake")


async def keep_person(
    connection: Connection,
    identity: Identity,
    *,
    person: str,
    kept_under: str,
    name: str,
    id_number: str = "",
    phone: str = "",
    email: str = "",
    address: str = "",
) -> None:
    """Insert or update a person; an empty field leaves what was there."""
    await connection.execute(
        SQL["keep_person"],
        person,
        kept_under,
        identity.seal(name, "person.name"),
        identity.name_hash(name),
        identity.seal_optional(id_number, "person.id_number"),
        identity.id_hash(id_number) if id_number else None,
        identity.seal_optional(phone, "person.phone"),
        identity.seal_optional(email, "person.email"),
        identity.seal_optional(address, "person.address"),
    )


async def person_id_for(connection: Connection, id_hash: bytes, kept_under: str) -> str:
    """The id of whoever has this ID number, else a new one.

    A rehearsal takes the id of the same person in the directory, so that a member of staff is
    recognised as the applicant of his or her own case there too.
    """
    await connection.execute(SQL["lock_hash"], id_hash, kept_under)
    row = await connection.fetchrow(SQL["person_of_hash"], id_hash, kept_under)
    return row["id"] if row else f"person-{uuid4()}"
