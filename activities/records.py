"""The record of a case: one transaction per step, then the mail it ordered (design.md 7 and 9)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from asyncpg import Record, UniqueViolationError
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import failures
from activities.database import YEARLY_CLAIM_ONCE, Connection, Pool
from activities.deadline_records import replace_deadlines
from activities.second_person import check_still_holds
from activities.statements import statements
from activities.trail import (
    Ring,
    add_letters,
    check_follows,
    entry_of,
    replace_tasks,
    ring_for,
    step_hash,
)
from workflows.application.case import Case
from workflows.application.messages import (
    Projection,
    RecordStep,
    Step,
    StepRecorded,
)
from workflows.application.projection import project
from workflows.rules.difference import patched
from workflows.rules.facts import Bar, OpenCheck
from workflows.rules.message import Message, local_date
from workflows.rules.readings import Reading
from workflows.rules.refusals import Refused

SQL = statements("records")


class _ClaimHeldError(Exception):
    """Ends the transaction: the year's chance is somebody's already."""

    def __init__(self, application: str, *, is_open: bool) -> None:
        super().__init__(application)
        self.application = application
        self.open = is_open


class _BarredError(Exception):
    """Ends the transaction: a 影响期 covers the day of the act."""

    def __init__(self, bars: tuple[Bar, ...]) -> None:
        super().__init__(len(bars))
        self.bars = bars


class CaseRecords:
    """Writes steps. Retry-safe: a step is once however often it is sent; steps have no gaps."""

    def __init__(self, pool: Pool, ring: Ring) -> None:
        self._pool = pool
        self._ring = ring

    @activity.defn(name="record_step")
    async def record_step(self, command: RecordStep) -> StepRecorded:
        """Write one step in one transaction; the same step again is once (design.md 7).

        Another step under its number is not overwritten: its writer is told that the record is ahead.

        Raises:
            ApplicationError: `step_gap` or `not_found` (the draft), never retried.
        """
        step = command.step
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await _write(connection, command)
        except _ClaimHeldError as err:
            return StepRecorded(
                seq=step.seq,
                claim_refused=True,
                held_by_application=err.application,
                held_by_open=err.open,
            )
        except _BarredError as err:
            return StepRecorded(seq=step.seq, barred=err.bars)
        except Refused as err:
            return StepRecorded(seq=step.seq, refusals=err.reasons)
        except ApplicationError as err:
            if err.type != failures.STEP_CONFLICT:
                raise
            return StepRecorded(seq=step.seq, ahead=True)
        await ring_for(entry_of(step), command.letters, self._ring)
        return StepRecorded(seq=step.seq)


async def _write(connection: Connection, command: RecordStep) -> None:
    step = command.step
    if step.seq == 1:
        await connection.execute(SQL["open_application"], step.application, step.realm)
    case = await connection.fetchrow(SQL["lock_application"], step.application)
    if case is None:
        raise failures.step_gap(step.application, step.seq, 0)
    if await _is_repeat(connection, step, case["seq"]):
        return
    person = case["person"]
    if step.second is not None and step.actor is not None:
        await check_still_holds(
            connection, step.actor, step.realm, step.acted_at, Reading.SECOND_PERSON
        )
    if command.guard == "bars":
        await _let_nobody_barred_pass(connection, command, person)
    if command.draft:
        person = await _take_draft(connection, command)
    await _claim(connection, command, person or command.projection.person)
    await _add_step(connection, command)
    await _project(connection, command, _whole_state(command, case["state"]))
    now, entry = command.projection, entry_of(step)
    gone = command.tasks_gone if command.changes else None
    await replace_tasks(connection, entry, now.tasks, gone=gone)
    # Whom a clock that strikes was running against held the case before this step.
    holder = now.holder or case["holder"]
    await replace_deadlines(
        connection,
        entry,
        now.deadlines,
        ended=now.end is not None,
        held_by=lambda _: holder,
        gone=command.deadlines_gone if command.changes else None,
    )
    await add_letters(connection, entry, command.letters)
    await _add_payment(connection, command)


def _whole_state(command: RecordStep, kept: str | None) -> str:
    """The case's state after the step: as it was sent, or the kept one with what changed.

    Raises:
        ApplicationError: `step_gap`: there is nothing that could have changed.
    """
    if not command.changes:
        return command.state
    if kept is None:
        raise failures.step_gap(command.step.application, command.step.seq, 0)
    return json.dumps(patched(json.loads(kept), json.loads(command.state)), ensure_ascii=False)


async def _is_repeat(connection: Connection, step: Step, last: int) -> bool:
    repeated = step.seq <= last
    stored = (
        await connection.fetchval(SQL["step_hash"], step.application, step.seq)
        if repeated
        else None
    )
    check_follows(step, last, stored)
    return repeated


async def _let_nobody_barred_pass(connection: Connection, command: RecordStep, person: str) -> None:
    """The integrity register is looked at in the transaction that would go on (A24)."""
    step = command.step
    rows = await connection.fetch(
        SQL["bars_of_applicant"],
        step.realm,
        person,
        local_date(step.acted_at),
        list(command.cleared),
    )
    if rows:
        raise _BarredError(
            tuple(
                Bar(id=row["number"], ends_on=row["ends_on"], reason=row["reason"]) for row in rows
            )
        )


async def _take_draft(connection: Connection, command: RecordStep) -> str:
    """Tie the draft to the case it became, and return whose it is."""
    step = command.step
    draft: Record | None = await connection.fetchrow(SQL["draft_to_open"], command.draft)
    if draft is None or draft["realm"] != step.realm:
        raise failures.not_found("draft", command.draft)
    await connection.execute(
        SQL["application_of_draft"],
        step.application,
        command.draft,
        draft["person"],
        draft["channel"] or "normal",
    )
    await connection.execute(SQL["draft_became"], command.draft, step.application)
    person: str = draft["person"]
    return person


async def _claim(connection: Connection, command: RecordStep, person: str) -> None:
    """Take or give back the year's chance; the unique index decides between two at once."""
    step = command.step
    if command.claim == "release":
        await connection.execute(SQL["release_claim"], step.application, step.recorded_at)
    # A channel without a slot of its own takes no claim (A20).
    if command.claim != "take" or not command.claim_slot:
        return
    person_hash = await connection.fetchval(SQL["person_hash"], person, step.realm)
    if person_hash is None:
        raise failures.not_found("person", person)
    key = (step.realm, person_hash, command.claim_year, command.claim_slot)
    try:
        async with connection.transaction():
            await connection.execute(SQL["take_claim"], *key, step.application, step.recorded_at)
    except UniqueViolationError as err:
        if err.constraint_name != YEARLY_CLAIM_ONCE:
            raise
        holder = await connection.fetchrow(SQL["claim_holder"], *key)
        if holder is None or holder["application"] != step.application:
            name, is_open = (holder["application"], holder["open"]) if holder else ("", True)
            raise _ClaimHeldError(name, is_open=is_open) from err


async def _add_step(connection: Connection, command: RecordStep) -> None:
    step = command.step
    await connection.execute(
        SQL["add_step"],
        step.application,
        step.seq,
        step.realm,
        step.source,
        step.name,
        step.acted_at,
        step.recorded_at,
        step.stage_before,
        step.stage_after,
        step.end_after,
        command.projection.holder,
        step.actor.organisation if step.actor else "",
        step.model_dump_json(),
        step_hash(step),
    )


def columns_of(now: Projection, checks: Iterable[OpenCheck]) -> dict[str, Any]:
    """What lists and pages read of a case, by its column, in the order in which it is written."""
    return {
        "campaign": now.campaign,
        "route": now.route,
        "level": now.level,
        "stage": now.stage,
        "end_name": now.end,
        "end_clause": now.end_clause,
        "end_reason": now.end_reason,
        "end_remedy": now.end_remedy,
        "end_responsible": now.end_responsible,
        "holder": now.holder,
        "submissions": now.submissions,
        "due_on": now.due_on,
        "due_rule": now.due_rule,
        "places": _json(now.places),
        "checks": _json(checks),
        "submitted_at": now.submitted_at,
        "closed": now.closed,
        "version": now.version,
    }


async def _project(connection: Connection, command: RecordStep, state: str) -> None:
    step, now = command.step, command.projection
    await connection.execute(
        SQL["project"],
        step.application,
        step.seq,
        *columns_of(now, command.checks).values(),
        step.policy_version,
        step.calendar_version,
        state or None,
        step.recorded_at,
        now.person,
    )


async def write_again(connection: Connection, case: Case, last: Step) -> None:
    """Write what is derived from a case's state once more, as its last step would have: the row of the
    lists, tasks and clocks. Nothing of it is a step, and no letter goes out.

    Args:
        case: the case as its last step left it.
    """
    now, entry = project(case), entry_of(last)
    await connection.execute(
        SQL["project"],
        last.application,
        last.seq,
        *columns_of(now, case.checks).values(),
        last.policy_version,
        last.calendar_version,
        None,
        last.recorded_at,
        now.person,
    )
    await replace_tasks(connection, entry, now.tasks)
    await replace_deadlines(
        connection,
        entry,
        now.deadlines,
        ended=now.end is not None,
        held_by=lambda _: now.holder,
    )


async def _add_payment(connection: Connection, command: RecordStep) -> None:
    step, payment = command.step, command.payment
    if payment is None:
        return
    await connection.execute(
        SQL["add_payment"],
        step.application,
        payment.transaction,
        step.realm,
        payment.yuan,
        payment.paid_at,
        payment.received_at,
        step.seq,
    )


def _json(items: Iterable[Message]) -> str:
    return json.dumps([item.model_dump(mode="json") for item in items], ensure_ascii=False)
