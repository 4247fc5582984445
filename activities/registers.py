"""Registers and realms: applications elsewhere, addresses, letters sent again."""

from __future__ import annotations

from uuid import NAMESPACE_OID, uuid5

from activities.bulks.beginning import expired_in
from activities.integrity_entries import hash_of
from activities.operating import Operating
from activities.people_changes import change_contact
from activities.statements import statements
from workflows.operation.messages import OperationOutcome
from workflows.operation.payloads import StatedAddress, StatedNotice, StatedOutside, StatedTime
from workflows.rules.message import local
from workflows.rules.refusals import Code, refuse

SQL = statements("operations")


async def record_outside_application(work: Operating) -> OperationOutcome:
    """Record an application elsewhere, or its new state.

    Raises:
        Refused: `not_found` for an unknown person.
    """
    stated = work.read(StatedOutside)
    id_hash = await hash_of(work, stated)
    key = f"{work.request.realm}/{id_hash.hex()}/{stated.year}/{stated.campaign}/{stated.channel}"
    outside = f"outside-{uuid5(NAMESPACE_OID, key)}"
    await work.connection.execute(
        SQL["add_outside"],
        outside,
        work.request.realm,
        id_hash,
        stated.year,
        stated.campaign,
        stated.channel,
        stated.slot,
        stated.state,
        work.at,
    )
    return OperationOutcome(done=True, count=1, params={"application": outside})


async def resend_letter(work: Operating) -> OperationOutcome:
    """Order a letter once more, as a row of its own; the first stays as it ended.

    Raises:
        Refused: `not_found`, or `busy_try_again` while it is being sent.
    """
    stated = work.read(StatedNotice)
    fresh = str(uuid5(NAMESPACE_OID, f"{work.operation}/{stated.letter}"))
    made = await work.connection.fetchrow(SQL["resend"], stated.letter, fresh, work.at)
    if made is None:
        known = await work.connection.fetchval(SQL["letter_state"], stated.letter)
        code = Code.NOT_FOUND if known is None else Code.BUSY_TRY_AGAIN
        raise refuse(code, what="letter", letter=stated.letter)
    return OperationOutcome(done=True, count=1, params={"letter": fresh, "room": made["room"]})


async def change_address(work: Operating) -> OperationOutcome:
    """Change how a person or an organisation is reached.

    Raises:
        Refused: `not_found`, also in a rehearsal for what the live directory holds;
            `reason_required` where somebody else than the person does not say whence it is known.
    """
    stated = work.read(StatedAddress)
    changed = (
        await change_contact(work, stated)
        if stated.person
        else await _change_organisation(work, stated)
    )
    if not changed:
        what = "person" if stated.person else "organisation"
        raise refuse(Code.NOT_FOUND, what=what, **{what: stated.person or stated.organisation})
    return OperationOutcome(done=True, count=1)


async def close_realm(work: Operating) -> OperationOutcome:
    """Close a rehearsal: nothing more is handed in there.

    Raises:
        Refused: `not_found`; `shift_forbidden` for the live office.
    """
    await _need_rehearsal(work)
    await work.connection.execute(SQL["close_realm"], work.request.realm, work.at)
    return OperationOutcome(done=True, count=1)


async def set_realm_time(work: Operating) -> OperationOutcome:
    """Note where a rehearsal's clock stands, as its conductor moved it; bulks whose time to be
    confirmed it passed are rung at.

    Raises:
        Refused: `not_found`; `shift_forbidden` for the live office.
    """
    stated = work.read(StatedTime)
    await _need_rehearsal(work)
    realm, now = work.request.realm, local(stated.now_at)
    await work.connection.execute(SQL["set_realm_time"], realm, now)
    over = await expired_in(work.connection, realm, now)
    return OperationOutcome(done=True, count=1, params={"room": " ".join(over)} if over else {})


async def _change_organisation(work: Operating, stated: StatedAddress) -> bool:
    changed = await work.connection.fetchval(
        SQL["change_organisation"],
        stated.organisation,
        work.kept_under,
        stated.phone or None,
        stated.email or None,
        stated.address or None,
        stated.contact or None,
        work.at,
    )
    return changed is not None


async def _need_rehearsal(work: Operating) -> None:
    row = await work.connection.fetchrow(SQL["realm_kind"], work.request.realm)
    if row is None:
        raise refuse(Code.NOT_FOUND, what="realm", realm=work.request.realm)
    if row["kind"] == "live":
        raise refuse(Code.SHIFT_FORBIDDEN, realm=work.request.realm)
