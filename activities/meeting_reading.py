"""The read side of meetings: lists, one meeting, its candidates, and whether duties were kept.

Names are opened here; whoever calls decides who may see the answer. Experts' names come from
`seats` and `recusals` alone (40号令 art 24).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable

from asyncpg import Record

from activities.columns import present
from activities.committee_reading import CommitteeReading
from activities.covers import both_names
from activities.database import LIVE
from activities.entries import entry, people_in, texts_of
from activities.meeting_views import (
    BatchCounts,
    BatchRow,
    CandidateView,
    MeetingDeadline,
    MeetingFilter,
    MeetingStepEntry,
    MeetingSummary,
    MeetingView,
    RecusalView,
    SeatView,
    TellingProgress,
)
from activities.meetings.duties import batch_of, kept
from activities.paging import LINES, STREAMED, cut, day, every, number, text, values_of
from activities.published_reading import PublishedReading
from activities.references import MEETINGS, resolve
from activities.statements import statements
from activities.stored_cases import STEPS_SINCE, VersionMissingError, of_a_season
from activities.text_reading import TextReading
from activities.views import TaskView
from workflows.meeting.meeting import KeptMeeting, Meeting
from workflows.meeting.messages import AnsweredRequest, MeetingStep, MeetingStepRecorded
from workflows.rules.ballot import Totals
from workflows.rules.deadlines import Deadline
from workflows.rules.draw import DrawRecord, PoolEntry

SQL = statements("meeting_reading")
TASKS = statements("reading")["case_tasks"]
EARLIER_DRAWS = statements("meetings")["earlier_draws"]
NAME = "person.name"


class MeetingReading(CommitteeReading, TextReading, PublishedReading):
    """Meetings, their candidates, recusals and seats, and what was told to whom."""

    async def meetings(self, wanted: MeetingFilter) -> tuple[tuple[MeetingSummary, ...], str]:
        """A page of meetings, the latest day first; and the mark of the next page.

        Raises:
            Refused: `malformed_payload` for an `after` that is no mark of such a page.
        """
        on, called, last = values_of(wanted.after, day, text, text) if wanted.after else ("",) * 3
        rows = await self._pool.fetch(
            SQL["meetings"],
            wanted.realm,
            wanted.campaign,
            wanted.committee,
            wanted.office,
            wanted.phase,
            wanted.only_open,
            on,
            called,
            last,
            wanted.limit + 1,
        )
        lines, following = cut(rows, wanted.limit, _in_turn)
        return tuple(MeetingSummary(**present(MeetingSummary, row)) for row in lines), following

    async def every_meeting(self, wanted: MeetingFilter) -> AsyncIterator[MeetingSummary]:
        """The meetings of all pages, never all of them at once."""
        many = wanted.model_copy(update={"limit": STREAMED})
        async for line in every(
            lambda after: self.meetings(many.model_copy(update={"after": after}))
        ):
            yield line

    async def resolve_meeting(self, reference: str, realm: str | None = None) -> str | None:
        """The meeting's id that a full id, a part of one, or its number means.

        Raises:
            AmbiguousReferenceError: several meetings fit.
        """
        return await resolve(self._pool, MEETINGS, reference, realm)

    async def meeting(self, meeting: str, realm: str | None = None) -> MeetingView | None:
        """One meeting as the record has it; None where there is none (in that realm)."""
        row = await self._pool.fetchrow(SQL["meeting"], meeting, realm)
        state = await self.state_of_meeting(meeting)
        if row is None or state is None:
            return None
        tallies = await self._pool.fetch(SQL["tallies"], meeting)
        tasks = await self._pool.fetch(TASKS, meeting)
        return MeetingView(
            **present(MeetingSummary, row),
            place=(await self.texts([state.place])).get(state.place, state.place),
            opened_on=state.opened_on,
            ended_on=state.ended_on,
            signed_on=state.signed_on,
            seats=len(state.members),
            present=len(state.present),
            draws=tuple(state.draws),
            states=_added(tallies, "state"),
            outcomes=_added(tallies, "outcome"),
            batches=tuple(_batch_counts(state, tallies)),
            deadlines=await self.meeting_deadlines(meeting),
            tellings=await self.tellings(meeting),
            tasks=tuple(_task(item) for item in tasks),
        )

    async def state_of_meeting(self, meeting: str) -> KeptMeeting | None:
        """The state the workflow last wrote down; names nobody but by id."""
        stored = await self._pool.fetchval(SQL["state"], meeting)
        return KeptMeeting.model_validate_json(stored) if stored else None

    async def stored_meeting(self, meeting: str) -> Meeting | None:
        """The whole meeting as its last step left it, with the rules and calendar of that step.

        Raises:
            VersionMissingError: its rules or its calendar are not there.
        """
        row = await self._pool.fetchrow(SQL["stored"], meeting)
        if row is None or not row["state"]:
            return None
        kept = KeptMeeting.model_validate_json(row["state"])
        version = int(row["policy_version"])
        policy = await self._versions.policy(row["campaign"], version, row["realm"])
        calendar = await self._versions.calendar(row["calendar_version"], row["realm"])
        if policy is None or calendar is None:
            raise VersionMissingError(f"{row['campaign']} {version}")
        return Meeting.model_validate(
            {name: getattr(kept, name) for name in KeptMeeting.model_fields}
            | {"policy": policy, "calendar": of_a_season(calendar, policy)}
        )

    async def answered_since(self, meeting: str, seq: int) -> tuple[AnsweredRequest, ...]:
        """What the steps after one answered, in order; of many the newest `STEPS_SINCE`."""
        rows = await self._pool.fetch(SQL["answered_since"], meeting, seq, STEPS_SINCE)
        steps = (MeetingStep.model_validate_json(row["content"]) for row in reversed(rows))
        return tuple(AnsweredRequest.model_validate(dict(step)) for step in steps)

    async def meeting_deadlines(self, meeting: str) -> tuple[MeetingDeadline, ...]:
        """Every clock the meeting ever had, how it ended, and whether it was kept."""
        rows = await self._pool.fetch(SQL["deadlines"], meeting)
        return tuple(
            MeetingDeadline(
                **present(MeetingDeadline, row),
                deadline=Deadline.model_validate_json(row["content"]),
                batch=batch_of(row["key"]),
                kept=kept(row),
            )
            for row in rows
        )

    async def tellings(self, meeting: str) -> tuple[TellingProgress, ...]:
        """The words told to the cases, the newest first, with how far each is."""
        rows = await self._pool.fetch(SQL["tellings"], meeting)
        return tuple(TellingProgress(**present(TellingProgress, row)) for row in rows)

    async def candidates(
        self,
        meeting: str,
        *,
        batch: int | None = None,
        state: str | None = None,
        standing: str | None = None,
        in_batches: bool = False,
        limit: int = LINES,
        after: str = "",
    ) -> tuple[tuple[CandidateView, ...], str]:
        """A page of candidates in the order of the list, with names, and the mark of the next page; a
        None does not limit.

        Args:
            in_batches: those alone who are of a batch.

        Raises:
            Refused: `malformed_payload` for an `after` that is no mark of such a page.
        """
        position, last = values_of(after, number, text) if after else ("", "")
        rows = await self._pool.fetch(
            SQL["candidates"],
            meeting,
            batch,
            state,
            standing,
            in_batches,
            position,
            last,
            limit + 1,
        )
        lines, following = cut(rows, limit, lambda row: (row["position"], row["application"]))
        return tuple(self._candidate(row) for row in lines), following

    async def every_candidate(
        self, meeting: str, *, batch: int | None = None
    ) -> tuple[CandidateView, ...]:
        """The whole list of a meeting or a batch: for its papers, and for who counts it."""

        async def page(after: str) -> tuple[tuple[CandidateView, ...], str]:
            return await self.candidates(meeting, batch=batch, limit=STREAMED, after=after)

        return tuple([line async for line in every(page)])

    async def batch_rows(self, meeting: str, batch: int) -> tuple[BatchRow, ...]:
        """All candidates of a batch in the order of the list, for its papers.

        Those held or gone are among them: `standing` tells who belongs on a paper.
        """
        return tuple(
            BatchRow.model_validate(
                item.model_dump(include=set(BatchRow.model_fields)) | {"name": item.applicant}
            )
            for item in await self.every_candidate(meeting, batch=batch)
        )

    async def recusals(self, meeting: str) -> tuple[RecusalView, ...]:
        """Who does not judge whom; with names of experts and candidates, so for the office alone."""
        rows = await self._pool.fetch(SQL["recusals"], meeting)
        realm = await self._realm_of(meeting)
        experts = await self.expert_names({row["expert"] for row in rows}, realm)
        entered = {name for row in rows for name in (row["entered_by"], row["principal"])}
        people = await self.names_of(entered, realm)
        texts = await self.texts(row["reason"] for row in rows)
        return tuple(
            RecusalView(
                **present(RecusalView, row) | {"reason": texts.get(row["reason"], row["reason"])},
                applicant=self._identity.open_optional(row["sealed_name"], NAME),
                expert_name=experts.get(row["expert"], ""),
                entered_by_name=both_names(
                    people.get(row["entered_by"], ""), people.get(row["principal"], "")
                ),
            )
            for row in rows
        )

    async def seats(self, meeting: str) -> tuple[SeatView, ...]:
        """The drawn experts by rank, with their names; for the office alone."""
        state = await self.state_of_meeting(meeting)
        if state is None:
            return ()
        names = await self.expert_names([seat.expert for seat in state.seats], state.realm)
        units = await self.organisation_names((seat.unit for seat in state.seats), state.realm)
        return tuple(
            SeatView(
                **seat.model_dump(exclude={"person", "standing"}),
                name=names.get(seat.expert, ""),
                unit_name=units.get(seat.unit, ""),
                declined=seat.standing == "declined",
                present=seat.expert in state.present,
            )
            for seat in sorted(state.seats, key=lambda seat: seat.rank)
        )

    async def meeting_steps(self, meeting: str) -> tuple[MeetingStepEntry, ...]:
        """Every step in order, with names and texts put in; experts stay ids."""
        rows = await self._pool.fetch(SQL["steps"], meeting)
        steps = [MeetingStep.model_validate_json(row["content"]) for row in rows]
        if not steps:
            return ()
        realm = steps[0].realm
        people = await self.names_of(people_in(steps), realm)
        acting = {step.actor.organisation for step in steps if step.actor}
        names = await self.organisation_names(acting, realm)
        texts = await self.texts(texts_of(steps))
        answers = [MeetingStepRecorded.model_validate_json(row["answer"]) for row in rows]
        return tuple(
            MeetingStepEntry(
                **entry(step, people, names, texts), counted=answer.counted, lines=answer.lines
            )
            for step, answer in zip(steps, answers, strict=True)
        )

    async def draws(self, meeting: str) -> tuple[DrawRecord, ...]:
        """Every draw of a meeting that was revealed, as it is published: without names and units."""
        rows = await self._pool.fetch(SQL["draws"], meeting)
        return tuple(_published(meeting, row) for row in rows)

    async def earlier_draws(self, meeting: str) -> int:
        """How many draws meetings of the same committee had that were cancelled before they opened."""
        count: int = await self._pool.fetchval(EARLIER_DRAWS, meeting)
        return count

    async def _realm_of(self, meeting: str) -> str:
        found: str | None = await self._pool.fetchval(SQL["realm_of"], meeting)
        return found or LIVE

    def _candidate(self, row: Record) -> CandidateView:
        totals = Totals.model_validate_json(row["ballot"]) if row["ballot"] else None
        return CandidateView(
            **present(CandidateView, row)
            | {"opinion": bool(row["opinion"]), "recused": row["recusals"]},
            applicant=self._identity.open_optional(row["sealed_name"], NAME),
            counted_once=row["first"] is not None and totals is None,
            totals=totals,
        )


def _in_turn(row: Record) -> tuple[object, ...]:
    return row["days"][0] if row["days"] else "-infinity", row["number"], row["meeting"]


def _published(meeting: str, row: Record) -> DrawRecord:
    answer = MeetingStepRecorded.model_validate_json(row["answer"])
    if answer.drawn is None:
        raise LookupError(meeting)
    return DrawRecord(
        meeting=meeting,
        drawn=answer.drawn,
        experts=tuple(PoolEntry.model_validate(item) for item in json.loads(row["experts"])),
        seats=tuple(seat.expert for seat in answer.seats),
    )


def _task(row: Record) -> TaskView:
    return TaskView(**present(TaskView, row) | {"params": json.loads(row["params"])})


def _added(rows: Iterable[Record], column: str) -> dict[str, int]:
    """How many candidates by one column; those without a value are left out."""
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        if row[column]:
            found[row[column]] += row["count"]
    return dict(sorted(found.items()))


def _batch_counts(state: KeptMeeting, tallies: list[Record]) -> Iterable[BatchCounts]:
    for batch in state.batches:
        rows = [row for row in tallies if row["batch"] == batch.number]
        yield BatchCounts(
            batch=batch,
            size=sum(row["count"] for row in rows),
            standings=_added(rows, "standing"),
            outcomes=_added(rows, "outcome"),
            tracks=_added(rows, "track"),
        )
