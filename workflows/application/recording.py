"""A step as it goes into the record, and what the record's answer means for the case."""

from __future__ import annotations

from datetime import datetime

from workflows.application.acts.exclusions import barred, left_to_office
from workflows.application.case import Case
from workflows.application.messages import RecordStep, Step, StepRecorded
from workflows.application.move import Move
from workflows.application.projection import project
from workflows.letter.kinds import Ended, Operator, Task
from workflows.rules.annual_limit import claim_slot
from workflows.rules.names import Party
from workflows.rules.refusals import FOR_OPERATIONS, Code, Refusal
from workflows.writer.messages import Act
from workflows.writer.requests import fingerprint, remember

BY_VERSION = {"policy", "calendar"}
"""What the record's state leaves out: rules and calendar stand there once, by version."""


def commit(move: Move, seq: int) -> RecordStep:
    """The step as it goes into the record; sets the case's number."""
    case = move.case
    case.seq = seq
    if move.mark and move.source != "refusal":
        remember(case.requests, move.second or move.actor, move.request_id, move.mark, seq)
    return RecordStep(
        step=Step(
            application=case.application,
            realm=case.realm,
            seq=seq,
            source=move.source,
            name=move.action,
            request_id=move.request_id,
            mark=move.mark,
            actor=move.actor,
            second=move.second,
            relation=move.relation,
            acted_at=move.at,
            recorded_at=move.now,
            stage_before=move.stage_before,
            stage_after=case.stage if case.end is None else None,
            end_after=case.end.name if case.end else None,
            clause=move.clause,
            reason=move.reason,
            payload=move.payload,
            refusals=move.refusals,
            warnings=tuple(move.warnings),
            policy_version=case.policy.version,
            policy_digest=case.policy.digest,
            calendar_version=case.calendar.version,
            calendar_digest=case.calendar.digest,
        ),
        projection=project(case),
        letters=tuple(move.letters),
        claim=move.claim,
        claim_year=case.policy.year,
        claim_slot=claim_slot(case.facts, case.policy),
        payment=move.payment,
        checks=tuple(case.checks),
        draft=move.draft,
        state=state_of(case),
        guard=move.guard,
        cleared=tuple(case.bars_cleared) if move.guard else (),
    )


def state_of(case: Case) -> str:
    """The case's facts as the record keeps them; a closed case's request ids with them, so that
    asking again after the end is still one act."""
    left_out = BY_VERSION if case.end is not None else BY_VERSION | {"requests"}
    return case.model_dump_json(exclude=left_out, exclude_defaults=True)


def refusal_step(
    case: Case,
    name: str,
    act: Act | None,
    refusals: tuple[Refusal, ...],
    now: datetime,
) -> RecordStep:
    """A refusal as a step of its own: it changes nothing but the record (design.md 8).

    One for an exclusion found anew also leaves its check for the office on `case` (A24); one for a
    year without calendar tells operations.
    """
    first = refusals[0]
    move = Move(
        case=case,
        action=name[:100],
        at=act.acted_at if act and act.acted_at else now,
        now=now,
        actor=act.actor.for_act(name) if act else None,
        request_id=act.request_id if act else "",
        mark=fingerprint(name, act) if act else "",
        source="refusal",
        clause=first.clause,
        refusals=refusals,
        stage_before=case.stage,
    )
    for check in left_to_office(case, refusals):
        case.checks.append(check)
        move.tell(Task(task="exclusion", check=check.key), Party.OFFICE)
    if act is not None:
        move.tell(
            Ended(action=name, code=first.code, clause=first.clause, refusal=first),
            Party.ACTOR,
            person=act.actor.person,
            organisation=act.actor.organisation,
        )
    if any(item.code in FOR_OPERATIONS for item in refusals):
        move.tell(Operator(code=first.code, values=first.params), Party.OPERATIONS)
    return commit(move, case.seq + 1)


def refused_by(answer: StepRecorded, move: Move) -> tuple[Refusal, ...]:
    """Why the record would not have a step; empty where it was written.

    Whose chance of the year somebody else's application holds is told which one, and whether it is
    open (A20).
    """
    if answer.claim_refused:
        code = Code.ALREADY_OPEN if answer.held_by_open else Code.YEARLY_CHANCE_USED
        clause = move.case.policy.annual_limit.source
        params = {"application": answer.held_by_application}
        return (Refusal(code=code, clause=clause, params=params),)
    return answer.refusals or barred(move.case, answer.barred)
