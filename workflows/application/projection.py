"""What the record shows of a case: holder, tasks, dates — a pure function of its state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from workflows.application.act import Action
from workflows.application.acts.recheck import BOTH_COPIES
from workflows.application.case import Case
from workflows.application.catalogue import CATALOGUE
from workflows.application.clocks import clocks_of, leading
from workflows.application.decision import may, may_anybody
from workflows.application.inquiring import organisation_of
from workflows.application.messages import ActionView, Projection, Snapshot
from workflows.application.parties import APPLICANT, holder
from workflows.application.stages import OF_THE_MEETING
from workflows.rules.clocks import key_of
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local_date
from workflows.rules.names import DeadlineKind, Result, RuleName, Stage
from workflows.rules.refusals import Refused
from workflows.writer.messages import Actor, TaskItem


def project(case: Case) -> Projection:
    """The projection of a case, replacing what stood in the record before."""
    clocks = shown_clocks(case)
    first = leading(clocks)
    end = case.end
    return Projection(
        stage=case.stage if end is None else None,
        end=end.name if end else None,
        end_clause=end.clause if end else "",
        end_reason=end.reason if end else "",
        end_remedy=end.remedy if end else "",
        end_responsible=end.responsible if end else "",
        campaign=case.policy.campaign,
        route=case.route.value,
        level=case.level.value,
        person=case.person,
        holder="" if end else holder(case),
        submissions=case.submissions,
        due_on=first.ends_on if first else None,
        due_rule=first.rule.value if first else "",
        deadlines=clocks,
        tasks=tuple(tasks(case, clocks)),
        places=case.places,
        submitted_at=case.submitted_at,
        closed=end is not None and end.closes_at is None,
        version=case.version,
    )


def shown_clocks(case: Case) -> tuple[Deadline, ...]:
    """Its clocks; none where they cannot be computed, so that a case that is parked for it can still
    be shown."""
    try:
        return clocks_of(case)
    except Refused:
        return ()


def tasks(case: Case, clocks: tuple[Deadline, ...]) -> list[TaskItem]:
    """The work that is open, by holder; each live case is in at least one inbox."""
    running = {clock.key: clock for clock in clocks}
    found = _archive_tasks(case, running)
    if case.end is None or case.end.closes_at is not None:  # a closed case hears no confirmation
        found += [
            TaskItem(
                key=f"second:{asked.id}",
                kind="confirm_request",
                organisation=case.office,
                due_on=local_date(asked.until),
                params={"request": asked.id, "action": asked.action},
            )
            for asked in case.asked
        ]
    if case.end is not None or case.stage is None:
        return found
    found += _stage_task(case, leading(clocks))
    found += [
        TaskItem(
            key=f"check:{check.key}",
            kind="check",
            organisation=case.unit if check.body == "unit" else case.office,
            params={"check": check.key},
        )
        for check in case.checks
    ]
    for inquiry in case.open_inquiries:
        duty = running.get(key_of(RuleName.INQUIRY_DUTY, inquiry.id))
        found.append(
            TaskItem(
                key=f"inquiry:{inquiry.id}",
                kind="inquiry",
                organisation=organisation_of(case, inquiry.body),
                due_on=duty.ends_on if duty else None,
                params={"inquiry": inquiry.id},
            )
        )
        if not inquiry.answered:
            hearing = running.get(key_of(RuleName.INQUIRY_RESPONSE, inquiry.id))
            found.append(
                TaskItem(
                    key=f"answer:{inquiry.id}",
                    kind="answer_inquiry",
                    person=case.person,
                    due_on=hearing.ends_on if hearing else inquiry.heard_until,
                    params={"inquiry": inquiry.id},
                )
            )
    return found


def snapshot(
    case: Case,
    as_of: datetime,
    *,
    actor: Actor | None = None,
    parked: str = "",
    actions: bool = True,
) -> Snapshot:
    """One case as of an instant: clocks, and what can be done next and what cannot, and why.

    Args:
        actor: for whom the acts are asked; anybody who may do them at all where none is given.
        actions: whether acts are asked for at all.
    """
    clocks = shown_clocks(case)
    first = leading(clocks)
    return Snapshot(
        projection=project(case),
        deadline=first,
        other_deadlines=tuple(item for item in clocks if first is None or item.key != first.key),
        actions=tuple(_view(case, action, as_of, actor) for action in CATALOGUE.values())
        if actions
        else (),
        inquiries=tuple(
            {
                "id": item.id,
                "kind": item.kind.value,
                "raised_in": item.raised_in.value if item.raised_in else "",
                "raised_at": item.raised_at.isoformat(),
                "body": item.body.value,
                "open": item.open,
                "outcome": item.outcome.value if item.outcome else "",
            }
            for item in case.inquiries
        ),
        asked=tuple(item for item in case.asked if item.is_open(as_of)),
        checks=tuple(case.checks),
        needs_operator=parked,
        seq=case.seq,
        shift_seconds=case.shift_seconds,
        requests=len(case.requests),
    )


def _view(case: Case, action: Action[Any], as_of: datetime, actor: Actor | None) -> ActionView:
    refusal = (
        may(case, action.name, actor, as_of)
        if actor is not None
        else may_anybody(case, action.name, as_of)
    )
    return ActionView(
        action=action.name, relations=action.by, allowed=refusal is None, refusal=refusal
    )


def _stage_task(case: Case, first: Deadline | None) -> list[TaskItem]:
    held_by = holder(case)
    stage = case.stage
    if case.in_meeting and stage in OF_THE_MEETING:
        return []  # one task of the meeting's for all of its batch
    kind = stage.value if stage else ""
    if stage is Stage.UNIT_PUBLICITY and case.unit_publicity and case.unit_publicity.over:
        kind = "may_finish_publicity"
    if stage is Stage.RESULT_PUBLICITY and case.result_publicity and case.result_publicity.over:
        kind = "may_send_for_confirmation"
    floor = first is not None and first.kind is DeadlineKind.FLOOR
    return [
        TaskItem(
            key=f"stage:{kind}",
            kind=kind,
            organisation="" if held_by == APPLICANT else held_by,
            person=case.person if held_by == APPLICANT else "",
            due_on=first.ends_on if first and not floor else None,
        )
    ]


def _archive_tasks(case: Case, running: dict[str, Deadline]) -> list[TaskItem]:
    """Forwarding, printing and the two archive copies: they hold no end (A53)."""
    result = case.result
    if result is None or result.result is not Result.PASSED or not result.effective_on:
        return []
    if case.own_committee or case.entrusted:
        return []
    found = []
    if case.forwarded_on is None:
        duty = running.get(RuleName.FORWARDING.value)
        found.append(
            TaskItem(
                key="forward",
                kind="forward_confirmation",
                organisation=case.forwarder,
                due_on=duty.ends_on if duty else None,
            )
        )
    if case.printed_on is None:
        found.append(TaskItem(key="print", kind="confirm_printed", person=case.person))
    found += [
        TaskItem(
            key=f"archive:{copy}",
            kind="confirm_archived",
            organisation=case.unit,
            params={"copy": copy},
        )
        for copy in BOTH_COPIES
        if copy not in case.archived
    ]
    return found
