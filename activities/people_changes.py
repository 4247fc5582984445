"""What changes of a person, each with its record: by whom, when, and on which source.

Nothing else changes what is kept of somebody: what a submission states stays with its draft, and a
pool or a directory names who is there.
"""

from __future__ import annotations

from activities.operating import Operating
from activities.statements import statements
from workflows.operation.messages import OperationOutcome
from workflows.operation.payloads import StatedAddress, StatedPersonChange
from workflows.rules.readings import Reading
from workflows.rules.refusals import Code, refuse

SQL = statements("operations")
EMPLOYER = "person.employer"


async def change_person(work: Operating) -> OperationOutcome:
    """Change a name, or note another employer; two humans of an office, on a document.

    Raises:
        Refused: `not_found`; `reason_required` without a source, or where nothing would change.
    """
    stated = work.read(StatedPersonChange)
    source = await work.reason(stated.source)
    if not (stated.name or stated.employer):
        raise refuse(Code.REASON_REQUIRED, Reading.AUTHORITY, kind=work.request.kind)
    await _change(work, stated.person, source, name=stated.name, employer=stated.employer)
    return OperationOutcome(done=True, count=1)


async def change_contact(work: Operating, stated: StatedAddress) -> bool:
    """Change how a person is reached; whoever is not that person says whence it is known.

    Raises:
        Refused: `not_found`, `reason_required`.
    """
    own = work.actor.person == stated.person
    source = await work.reason(stated.source, needed=not own)
    await _change(
        work,
        stated.person,
        source,
        phone=stated.phone,
        email=stated.email,
        address=stated.address,
    )
    return True


async def _change(
    work: Operating,
    person: str,
    source: str,
    *,
    name: str = "",
    phone: str = "",
    email: str = "",
    address: str = "",
    employer: str = "",
) -> None:
    """What is empty stays; a rehearsal changes nobody of the live directory."""
    seal = work.identity.seal_optional
    values = (
        person,
        work.kept_under,
        seal(name, "person.name"),
        work.identity.name_hash(name) if name else None,
        seal(phone, "person.phone"),
        seal(email, "person.email"),
        seal(address, "person.address"),
    )
    if await work.connection.fetchval(SQL["change_person"], *values) is None:
        raise refuse(Code.NOT_FOUND, what="person", person=person)
    await work.connection.execute(
        SQL["add_person_change"],
        *values,
        work.operation,
        seal(employer, EMPLOYER),
        source,
        work.by,
        work.at,
    )
