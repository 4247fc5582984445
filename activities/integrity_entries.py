"""Entries of the integrity register: 影响期, and what was obtained by fraud (A56, BD 五, 40号令 38-42).

Two things that do not follow from each other: a 影响期 bars applying until its end; a record is kept
for its term and bars nobody. Both are entered by a person's decision, with its document and reason,
and never by a workflow. Nothing is ever overwritten: a correction is a new row that says which it
replaces, and the row it replaces says why.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from activities.integrity import DECIDED_BY, DOCUMENT
from activities.operating import Operating
from activities.statements import statements
from workflows.operation.messages import OperationOutcome
from workflows.operation.payloads import StatedBar, StatedCorrection, StatedPerson, StatedRecord
from workflows.rules.deadlines import add_months
from workflows.rules.message import local_date
from workflows.rules.readings import Reading
from workflows.rules.refusals import Code, refuse

SQL = statements("integrity")
LOCK = statements("operations")["lock_register"]
MONTHS_A_YEAR = 12
REGISTER = "integrity"


async def enter_bar(work: Operating) -> OperationOutcome:
    """Enter a 影响期; the person may apply again from the day after its last (A56: no roll).

    Raises:
        Refused: `not_found`, `reason_required`, `date_not_allowed`.
    """
    stated = work.read(StatedBar)
    reason = await work.reason(stated.reason)
    starts_on = stated.starts_on or local_date(work.at)
    ends_on = stated.ends_on or (
        add_months(starts_on, stated.years * MONTHS_A_YEAR) if stated.years else None
    )
    if ends_on is None or ends_on < starts_on:
        raise refuse(Code.DATE_NOT_ALLOWED, reason="bar_without_end", starts_on=starts_on)
    id_hash = await hash_of(work, stated)
    number = await _add_bar(
        work,
        id_hash=id_hash,
        person=stated.person or None,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason,
        document=stated.document,
        decided_by=stated.decided_by or work.actor.organisation,
    )
    return OperationOutcome(
        done=True, count=1, params={"bar": str(number), "ends_on": str(ends_on)}
    )


async def lift_bar(work: Operating) -> OperationOutcome:
    """Lift one 影响期, or whatever a person has, with the reason; they stay readable.

    Raises:
        Refused: `not_found`, `reason_required`.
    """
    stated = work.read(StatedBar)
    reason = await work.reason(stated.reason)
    if stated.number is None or stated.person or stated.id_number:
        id_hash = await hash_of(work, stated)
    else:
        known = await work.connection.fetchrow(
            SQL["bar_to_change"], work.request.realm, stated.number
        )
        if known is None:
            raise refuse(Code.NOT_FOUND, what="bar", number=stated.number)
        id_hash = known["id_hash"]
    lifted = await work.connection.fetch(
        SQL["lift_bars"], work.request.realm, id_hash, work.by, work.at, reason, stated.number
    )
    if not lifted:
        raise refuse(Code.NOT_FOUND, what="bar", person=stated.person)
    return OperationOutcome(done=True, count=len(lifted))


async def record_integrity(work: Operating) -> OperationOutcome:
    """Enter a record into the register; it bars nobody by itself (A56).

    Raises:
        Refused: `not_found`, `reason_required`, `date_not_allowed` for a decision
            yet to come or a record without an end.
    """
    stated = work.read(StatedRecord)
    reason = await work.reason(stated.reason)
    today = local_date(work.at)
    if stated.decided_on > today:
        raise refuse(Code.DATE_NOT_ALLOWED, reason="future", date=stated.decided_on, today=today)
    keep_until = stated.keep_until or (
        add_months(stated.decided_on, stated.years * MONTHS_A_YEAR) if stated.years else None
    )
    if keep_until is None or keep_until < stated.decided_on:
        raise refuse(
            Code.DATE_NOT_ALLOWED, reason="record_without_end", starts_on=stated.decided_on
        )
    id_hash = await _hash_or_person(work, stated)
    kept = stated.model_dump(
        include={
            "subject",
            "conduct",
            "organisation",
            "application",
            "document",
            "decided_by",
            "decided_on",
        }
    )
    number = await _add_record(
        work,
        id_hash=id_hash,
        person=stated.person or None,
        keep_until=keep_until,
        reason=reason,
        **kept,
    )
    params = {"record": str(number), "keep_until": str(keep_until)}
    return OperationOutcome(done=True, count=1, params=params)


async def correct_integrity(work: Operating) -> OperationOutcome:
    """Correct an entry by a new one, or withdraw it; the entry corrected stays with the reason.

    Raises:
        Refused: `reason_required`, `not_found`, `already_decided` where it is
            lifted, withdrawn or corrected already, `date_not_allowed`.
    """
    stated = work.read(StatedCorrection)
    why = await work.reason(stated.reason)
    await work.connection.execute(LOCK, REGISTER)
    if stated.what == "bar":
        return await _correct_bar(work, stated, why)
    return await _correct_record(work, stated, why)


async def hash_of(work: Operating, stated: StatedPerson) -> bytes:
    """The keyed hash of who is meant.

    Raises:
        Refused: `not_found` for nobody of this id, or one without an ID number.
    """
    if stated.id_number:
        return work.identity.id_hash(stated.id_number)
    row = await work.connection.fetchrow(SQL["person"], stated.person, work.kept_under)
    if row is None or row["id_hash"] is None:
        raise refuse(Code.NOT_FOUND, what="person", person=stated.person)
    found: bytes = row["id_hash"]
    return found


async def _hash_or_person(work: Operating, stated: StatedPerson) -> bytes | None:
    """As `hash_of`, but staff without an ID number are known by their row."""
    if stated.id_number:
        return work.identity.id_hash(stated.id_number)
    row = await work.connection.fetchrow(SQL["person"], stated.person, work.kept_under)
    if row is None:
        raise refuse(Code.NOT_FOUND, what="person", person=stated.person)
    found: bytes | None = row["id_hash"]
    return found


async def _add_bar(
    work: Operating,
    *,
    id_hash: bytes,
    person: str | None,
    starts_on: date,
    ends_on: date,
    reason: str,
    document: str | bytes,
    decided_by: str | bytes,
    replaces: int | None = None,
) -> int:
    realm = work.request.realm
    await work.connection.execute(LOCK, REGISTER)
    number: int = await work.connection.fetchval(SQL["next_bar"], realm)
    await work.connection.execute(
        SQL["add_bar"],
        realm,
        number,
        id_hash,
        person,
        starts_on,
        ends_on,
        reason,
        _sealed(work, document, DOCUMENT),
        _sealed(work, decided_by, DECIDED_BY),
        work.by,
        work.at,
        replaces,
    )
    return number


def _sealed(work: Operating, value: str | bytes | None, use: str) -> bytes | None:
    """A document's name or who decided may name people; what an earlier entry has is sealed already."""
    return work.identity.seal_optional(value, use) if isinstance(value, str) else value


async def _add_record(work: Operating, *, replaces: int | None = None, **values: Any) -> int:
    realm = work.request.realm
    await work.connection.execute(LOCK, REGISTER)
    number: int = await work.connection.fetchval(SQL["next_record"], realm)
    await work.connection.execute(
        SQL["add_record"],
        realm,
        number,
        values["id_hash"],
        values["person"],
        values["subject"],
        values["conduct"],
        values["organisation"],
        values["application"],
        _sealed(work, values["document"], DOCUMENT),
        _sealed(work, values["decided_by"], DECIDED_BY),
        values["decided_on"],
        values["keep_until"],
        values["reason"],
        work.by,
        work.at,
        replaces,
    )
    return number


async def _correct_bar(work: Operating, stated: StatedCorrection, why: str) -> OperationOutcome:
    realm = work.request.realm
    old = await work.connection.fetchrow(SQL["bar_to_change"], realm, stated.number)
    if old is None:
        raise refuse(Code.NOT_FOUND, what="bar", number=stated.number)
    if old["lifted_at"] is not None:
        raise refuse(Code.ALREADY_DECIDED, Reading.BARS, what="bar", number=stated.number)
    await work.connection.execute(
        SQL["lift_bars"], realm, old["id_hash"], work.by, work.at, why, stated.number
    )
    if stated.withdrawn:
        return OperationOutcome(done=True, count=1)
    starts_on = stated.starts_on or old["starts_on"]
    ends_on = stated.ends_on or old["ends_on"]
    if ends_on < starts_on:
        raise refuse(Code.DATE_NOT_ALLOWED, reason="bar_without_end", starts_on=starts_on)
    number = await _add_bar(
        work,
        id_hash=old["id_hash"],
        person=old["person"],
        starts_on=starts_on,
        ends_on=ends_on,
        reason=old["reason"],
        document=stated.document or old["document"],
        decided_by=stated.decided_by or old["decided_by"],
        replaces=stated.number,
    )
    params = {"bar": str(number), "ends_on": str(ends_on)}
    return OperationOutcome(done=True, count=1, params=params)


async def _correct_record(work: Operating, stated: StatedCorrection, why: str) -> OperationOutcome:
    realm = work.request.realm
    old = await work.connection.fetchrow(SQL["record_to_change"], realm, stated.number)
    if old is None:
        raise refuse(Code.NOT_FOUND, what="record", number=stated.number)
    if old["ended_at"] is not None:
        raise refuse(Code.ALREADY_DECIDED, Reading.BARS, what="record", number=stated.number)
    number: int | None = None
    if not stated.withdrawn:
        said = stated.model_dump(exclude={"what", "number", "reason", "withdrawn"})
        values = dict(old) | {key: value for key, value in said.items() if value}
        if values["keep_until"] < values["decided_on"]:
            raise refuse(
                Code.DATE_NOT_ALLOWED, reason="record_without_end", starts_on=values["decided_on"]
            )
        number = await _add_record(work, **values | {"replaces": stated.number})
    await work.connection.execute(
        SQL["end_record"], realm, stated.number, work.by, work.at, why, number
    )
    params = {"record": str(number)} if number else {}
    return OperationOutcome(done=True, count=1, params=params)
