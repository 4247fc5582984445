"""Committees and their pools of experts: imported whole, changed by importing again (40号令 art 6-11).

A meeting keeps the seats it drew, so that a change of the pool never changes who sat in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from activities.offices import missing, office_kinds
from activities.operating import Operating
from activities.people import keep_person, person_id_for
from activities.statements import statements
from workflows.operation.messages import OperationOutcome
from workflows.operation.payloads import StatedCommittee, StatedExpert, StatedRetirement
from workflows.rules.committee import ART_10, ART_11, Expert
from workflows.rules.committee_filing import FiledCommittee, Finding, findings
from workflows.rules.message import local_date
from workflows.rules.refusals import Code, Refusal, Refused, refuse

SQL = statements("committees")
REGISTER = statements("operations")


async def import_committee(work: Operating) -> OperationOutcome:
    """Load a committee and its pool; who is in the pool and not in the file retires today.

    Raises:
        Refused: `not_found` for an unknown office or unit; `committee_unsound`
            with every defect. Nothing is imported then.
    """
    stated = work.read(StatedCommittee)
    committee = stated.committee
    await work.connection.execute(REGISTER["lock_register"], "committees")
    wanted = office_kinds(committee.office, committee.city_office, committee.max_level)
    units = {expert.unit for expert in stated.experts} - {committee.office, committee.city_office}
    problems = await missing(work, (*wanted, *((unit, ()) for unit in units)))
    experts = [await _recognised(work, item) for item in stated.experts]
    problems += [_refusal(found) for found in findings(committee, experts)]
    problems += await _taken(work, committee.id, experts)
    if problems:
        raise Refused(*problems)
    await _keep_committee(work, committee)
    pool = await _pool(work, committee.id)
    for expert in experts:
        await _keep_expert(work, committee.id, expert)
    retired = await _retire_missing(work, committee.id, pool, {item.id for item in experts})
    return OperationOutcome(
        done=True,
        count=len(experts),
        params={"committee": committee.id, "retired": str(retired)},
    )


async def retire_expert(work: Operating) -> OperationOutcome:
    """End an expert's term early, with the reason; without a day, yesterday was the last.

    Raises:
        Refused: `not_found`, `reason_required`, `date_not_allowed` before the
            term began.
    """
    stated = work.read(StatedRetirement)
    await work.connection.execute(REGISTER["lock_register"], "committees")
    row = await work.connection.fetchrow(SQL["expert"], stated.expert, work.kept_under)
    committee = await _committee(work, row["committee"]) if row else None
    if row is None or committee is None:
        raise refuse(Code.NOT_FOUND, ART_11, what="expert", expert=stated.expert)
    reason = await work.reason(stated.reason)
    expert = Expert.model_validate(dict(row))
    last = stated.to or _yesterday(work)
    if last < expert.term_from:
        raise refuse(
            Code.DATE_NOT_ALLOWED,
            ART_10,
            reason="before_predecessor",
            date=last,
            earliest=expert.term_from,
        )
    changed = last < expert.term_to
    if changed:
        await _keep_expert(work, committee.id, _ended(expert, last))
    return OperationOutcome(
        done=True,
        count=int(changed),
        params={"expert": expert.id, "to": str(min(last, expert.term_to)), "reason": reason},
    )


async def _recognised(work: Operating, stated: StatedExpert) -> Expert:
    """The expert as whoever has this ID number: perhaps an applicant, or a member of staff."""
    connection, kept_under = work.connection, work.kept_under
    person = await person_id_for(connection, work.identity.id_hash(stated.id_number), kept_under)
    known = await connection.fetchrow(REGISTER["person"], person, kept_under)
    # Whoever is known already keeps name and address: a pool is no place to change them.
    if known is None:
        await keep_person(
            connection,
            work.identity,
            person=person,
            kept_under=kept_under,
            **stated.model_dump(include={"name", "id_number", "phone"}),
        )
    return stated.of(person)


async def _taken(work: Operating, committee: str, experts: Sequence[Expert]) -> list[Refusal]:
    rows = await work.connection.fetch(
        SQL["experts_elsewhere"], [item.id for item in experts], committee, work.kept_under
    )
    return [
        Refusal(
            code=Code.COMMITTEE_UNSOUND,
            clause=ART_11,
            params={"defect": "id_taken", "expert": row["id"]},
        )
        for row in rows
    ]


async def _retire_missing(
    work: Operating, committee: str, pool: Sequence[Expert], stated: set[str]
) -> int:
    last = _yesterday(work)
    leaving = [item for item in pool if item.id not in stated and item.term_to > last]
    for expert in leaving:
        await _keep_expert(work, committee, _ended(expert, last))
    return len(leaving)


def _yesterday(work: Operating) -> date:
    return local_date(work.at) - timedelta(days=1)


def _ended(expert: Expert, last: date) -> Expert:
    """The term up to that day; one that had not begun is that day alone, which is past."""
    return expert.model_copy(
        update={"term_from": min(expert.term_from, last), "term_to": last},
    )


async def _committee(work: Operating, committee: str) -> FiledCommittee | None:
    content = await work.connection.fetchval(SQL["committee"], committee, work.kept_under)
    return FiledCommittee.model_validate_json(content) if content else None


async def _pool(work: Operating, committee: str) -> list[Expert]:
    rows = await work.connection.fetch(SQL["pool"], committee, work.kept_under)
    return [Expert.model_validate(dict(row)) for row in rows]


async def _keep_committee(work: Operating, committee: FiledCommittee) -> None:
    await work.connection.execute(
        SQL["keep_committee"],
        committee.id,
        work.kept_under,
        committee.name,
        committee.office,
        committee.city_office,
        committee.filing,
        committee.filed_on,
        committee.valid_until,
        committee.seats,
        committee.spares,
        committee.minimum,
        committee.max_level.value,
        committee.model_dump_json(),
        work.at,
    )


async def _keep_expert(work: Operating, committee: str, expert: Expert) -> None:
    await work.connection.execute(
        SQL["keep_expert"],
        expert.id,
        work.kept_under,
        committee,
        expert.person,
        expert.unit,
        list(expert.professions),
        expert.chair,
        expert.term_from,
        expert.term_to,
        work.at,
    )


def _refusal(found: Finding) -> Refusal:
    params = {"defect": found.defect.value, **found.values}
    if found.expert:
        params["expert"] = found.expert
    return Refusal(code=Code.COMMITTEE_UNSOUND, clause=found.clause, params=params)
