"""The record of a meeting: one transaction per step, rows and words included (design.md 7, 15)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from asyncpg import Record, UniqueViolationError
from temporalio import activity

from activities import failures
from activities.committee_reading import CommitteeReading
from activities.database import MEETING_NUMBER_ONCE, Connection, Pool
from activities.deadline_records import replace_deadlines
from activities.identity import Identity
from activities.meeting_reading import MeetingReading
from activities.meetings.changes import carry_out
from activities.meetings.tellings import order_telling
from activities.meetings.working import SQL, Changed, Working
from activities.published_reading import PublishedReading
from activities.stored_cases import VersionMissingError
from activities.submissions import calendar_for
from activities.trail import (
    Entry,
    Ring,
    add_letters,
    check_follows,
    entry_of,
    replace_tasks,
    ring_for,
    step_hash,
)
from workflows.meeting.meeting import KeptMeeting, Meeting, Phase, Waiting
from workflows.meeting.messages import (
    BatchCounts,
    MeetingBasis,
    MeetingBasisQuery,
    MeetingProjection,
    MeetingQuery,
    MeetingStep,
    MeetingStepRecorded,
    RecordMeetingStep,
    StoredMeeting,
)
from workflows.meeting.projection import project, take_in, tasks
from workflows.rules.deadlines import Deadline
from workflows.rules.names import RuleName
from workflows.rules.policy import Policy
from workflows.rules.refusals import Code, Refused, refuse

OVER = (Phase.CLOSED, Phase.CANCELLED)


class MeetingRecords:
    """Writes steps of meetings. Retry-safe as `CaseRecords` is; a step may be refused whole."""

    def __init__(self, pool: Pool, identity: Identity, ring: Ring) -> None:
        self._pool = pool
        self._identity = identity
        self._committees = CommitteeReading(pool, identity)
        self._published = PublishedReading(pool, identity)
        self._stored = MeetingReading(pool, identity)
        self._ring = ring

    @activity.defn(name="load_meeting_basis")
    async def load_meeting_basis(self, query: MeetingBasisQuery) -> MeetingBasis:
        """Load the committee as filed, the campaign's rules and the calendar for a new meeting.

        Raises:
            ApplicationError: `not_found` for a committee, campaign or calendar that is not there.
        """
        committee = await self._committees.committee(query.committee, query.realm)
        if committee is None:
            raise failures.not_found("committee", query.committee)
        policy = await self._published.policy(query.campaign, realm=query.realm)
        if policy is None:
            raise failures.not_found("campaign", query.campaign)
        return MeetingBasis(
            committee=committee,
            policy=_without_routes(policy),
            calendar=await calendar_for(self._published, policy, query.realm),
        )

    @activity.defn(name="load_meeting")
    async def load_meeting(self, query: MeetingQuery) -> StoredMeeting:
        """Load a meeting as its last step left it, and what its steps answered after one.

        Raises:
            ApplicationError: `not_found` where there is no such meeting, it left no state, or the version
                of its rules is missing.
        """
        try:
            meeting = await self._stored.stored_meeting(query.meeting)
        except VersionMissingError as err:
            raise failures.not_found("version", str(err)) from None
        if meeting is None:
            raise failures.not_found("meeting", query.meeting)
        answered = await self._stored.answered_since(query.meeting, query.after)
        light = meeting.model_copy(update={"policy": _without_routes(meeting.policy)})
        return StoredMeeting(meeting=light, answered=answered)

    @activity.defn(name="record_meeting_step")
    async def record_meeting_step(self, command: RecordMeetingStep) -> MeetingStepRecorded:
        """Write one step of a meeting in one transaction; the same step again is once.

        What the rows of candidates do not allow undoes the transaction and comes back as
        `refusals`, under the number of the last step written.

        Raises:
            ApplicationError: `step_conflict` or `step_gap`, never retried.
        """
        step = command.step
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                answer = await _write(Working(connection, command, self._identity))
        except Refused as err:
            return MeetingStepRecorded(seq=step.seq - 1, refusals=err.reasons)
        await ring_for(entry_of(step), command.letters, self._ring)
        return answer


def _without_routes(policy: Policy) -> Policy:
    """A meeting decides nothing by route; without them the rules travel light."""
    return policy.model_copy(update={"routes": {}})


async def _write(work: Working) -> MeetingStepRecorded:
    connection, command, step = work.connection, work.command, work.step
    if command.opens:
        await _open(connection, command)
    meeting = await connection.fetchrow(SQL["lock_meeting"], step.meeting)
    if meeting is None:
        raise failures.step_gap(step.meeting, step.seq, 0)
    written = await _written(connection, step, meeting["seq"])
    if written is not None:
        return MeetingStepRecorded.model_validate_json(written["answer"])
    changed = await carry_out(work)
    lines = await order_telling(work, command.telling) if command.telling is not None else 0
    answer = await _answer(work, changed, lines)
    await _add_step(connection, step, answer)
    command = _as_it_stands(command, answer)
    await _project(connection, command)
    entry, now = entry_of(step), command.projection
    await _replace_what_is_open(connection, entry, now)
    await add_letters(connection, entry, command.letters)
    return answer


async def _open(connection: Connection, command: RecordMeetingStep) -> None:
    step, number = command.step, command.projection.number
    if await connection.fetchval(SQL["number_of_a_cancelled"], step.realm, number):
        raise refuse(Code.NUMBER_TAKEN, step.clause, number=number)
    try:
        async with connection.transaction():
            await connection.execute(
                SQL["open_meeting"], step.meeting, step.realm, number, command.projection.phase
            )
    except UniqueViolationError as err:
        if err.constraint_name != MEETING_NUMBER_ONCE:
            raise
        raise refuse(Code.NUMBER_TAKEN, step.clause, number=number) from err


async def _written(connection: Connection, step: MeetingStep, last: int) -> Record | None:
    """The row of this very step where it was written before.

    Raises:
        ApplicationError: `step_conflict`, `step_gap`.
    """
    row: Record | None = (
        await connection.fetchrow(SQL["step_written"], step.meeting, step.seq)
        if step.seq <= last
        else None
    )
    check_follows(step, last, row["content_hash"] if row else None)
    return row


async def _answer(work: Working, changed: Changed, lines: int) -> MeetingStepRecorded:
    connection, meeting = work.connection, work.meeting
    counts = await connection.fetchrow(SQL["counts"], meeting)
    released = await connection.fetch(SQL["released"], meeting)
    return MeetingStepRecorded(
        seq=work.step.seq,
        seats=changed.seats,
        drawn=changed.drawn,
        counted=changed.counted,
        lines=lines,
        **dict(counts or {}),
        released=tuple(Waiting.model_validate(dict(row)) for row in released),
        batches=_batch_counts(await connection.fetch(SQL["batches"], meeting, work.unposted)),
    )


def _batch_counts(rows: Iterable[Record]) -> dict[int, BatchCounts]:
    """By batch, from one row a batch and track."""
    found: dict[int, BatchCounts] = {}
    for row in rows:
        before = found.get(row["batch"], BatchCounts())
        waiting = {row["track"]: row["waiting"]} if row["waiting"] else {}
        found[row["batch"]] = BatchCounts(
            rows=before.rows + row["rows"],
            unposted=before.unposted + row["unposted"],
            tracks=before.tracks | waiting,
        )
    return found


async def _add_step(connection: Connection, step: MeetingStep, answer: MeetingStepRecorded) -> None:
    await connection.execute(
        SQL["add_step"],
        step.meeting,
        step.seq,
        step.realm,
        step.source,
        step.name,
        step.acted_at,
        step.recorded_at,
        step.phase_after,
        step.actor.organisation if step.actor else "",
        step.model_dump_json(),
        step_hash(step),
        answer.model_dump_json(),
    )


def _as_it_stands(command: RecordMeetingStep, answer: MeetingStepRecorded) -> RecordMeetingStep:
    """The step with what its transaction found out: seats, what is left, and the work it means."""
    if not command.state:
        return command
    kept = KeptMeeting.model_validate_json(command.state)
    take_in(kept, answer)
    now = command.projection.model_copy(
        update={"tasks": tuple(tasks(kept, command.projection.deadlines))}
    )
    return command.model_copy(update={"state": kept.model_dump_json(), "projection": now})


def columns_of(now: MeetingProjection) -> dict[str, Any]:
    """What lists and pages read of a meeting, by its column, in the order in which it is written."""
    return {
        "number": now.number,
        "campaign": now.campaign,
        "committee": now.committee,
        "office": now.office,
        "city_office": now.city_office,
        "phase": now.phase,
        "days": list(now.days),
        "due_on": now.due_on,
        "due_rule": now.due_rule,
    }


async def _project(connection: Connection, command: RecordMeetingStep) -> None:
    await _write_row(connection, command.step, command.projection, command.state)


async def _write_row(
    connection: Connection, step: MeetingStep, now: MeetingProjection, state: str
) -> None:
    await connection.execute(
        SQL["project"],
        step.meeting,
        step.seq,
        *columns_of(now).values(),
        state or None,
        step.recorded_at,
    )


async def write_again(connection: Connection, meeting: Meeting, last: MeetingStep) -> None:
    """Write what is derived from a meeting's state once more, as its last step would have: the row of
    the lists, tasks and clocks. Nothing of it is a step, and no letter goes out.

    Args:
        meeting: the meeting as its last step left it.
    """
    now, entry = project(meeting), entry_of(last)
    await _write_row(connection, last, now, "")
    await _replace_what_is_open(connection, entry, now)


async def _replace_what_is_open(
    connection: Connection, entry: Entry, now: MeetingProjection
) -> None:
    """The meeting's open tasks and clocks, as it stands now."""
    await replace_tasks(connection, entry, now.tasks)
    await replace_deadlines(
        connection,
        entry,
        now.deadlines,
        ended=now.phase in OVER,
        held_by=lambda deadline: _held_by(now, deadline),
    )


def _held_by(now: MeetingProjection, deadline: Deadline) -> str:
    """Whose duty a clock of a meeting is: the draft lies with 市职改办, all else with the office."""
    return now.city_office if deadline.rule is RuleName.CITY_CONFIRMATION else now.office
