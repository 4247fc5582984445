"""What every change of rows works with, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from activities.database import Connection
from activities.identity import Identity
from activities.statements import statements
from activities.texts import USE
from workflows.meeting.meeting import Batch, BatchPhase, KeptMeeting, Track
from workflows.meeting.messages import MeetingStep, RecordMeetingStep
from workflows.rules.committee import Seat
from workflows.rules.draw import Drawn
from workflows.rules.refusals import Code, Refusal, refuse
from workflows.writer.payloads import Payload
from workflows.writer.reading import unreadable

SQL = statements("meetings")
SENT = (BatchPhase.SENT, BatchPhase.CONFIRMED)
R = TypeVar("R", bound=Payload)
EXAMPLES = 5
"""How many applications a refusal names where there may be thousands."""


ROWS_SECONDS = 100.0
"""For a statement on thousands of rows, within the step's two minutes (`calls.ROWS_TIMEOUT`): the limit
of a single row would end it on a busy machine each time it is tried."""


@dataclass(frozen=True)
class Changed:
    """What a change did: how many rows, and the seats where it drew them."""

    counted: int = 0
    seats: tuple[Seat, ...] = ()
    drawn: Drawn | None = None


@dataclass(frozen=True)
class Working:
    """One step's change at work, inside the step's transaction."""

    connection: Connection
    command: RecordMeetingStep
    identity: Identity

    @property
    def step(self) -> MeetingStep:
        """The step."""
        return self.command.step

    @property
    def meeting(self) -> str:
        """The meeting's id."""
        return self.command.step.meeting

    @cached_property
    def kept(self) -> KeptMeeting | None:
        """The meeting as it stands after this step; None where the step carries no state."""
        state = self.command.state
        return KeptMeeting.model_validate_json(state) if state else None

    @property
    def seats(self) -> tuple[Seat, ...]:
        """The experts drawn; none before a draw."""
        return tuple(self.kept.seats) if self.kept else ()

    @property
    def batches(self) -> list[Batch]:
        """The batches of results; none before the signature."""
        return self.kept.batches if self.kept else []

    @property
    def unposted(self) -> list[int]:
        """The batches whose list was not posted yet: who is clear again can still go along."""
        return [item.number for item in self.batches if item.phase is BatchPhase.COLLECTED]

    @property
    def sent(self) -> list[str]:
        """`<batch>/<track>` of results that were sent on: who is clear later comes after (A9)."""
        return [
            f"{batch.number}/{track}"
            for batch in self.batches
            for track in Track
            if _was_sent(batch, track)
        ]

    async def kept_rows(self, sheet: str, row: type[R]) -> tuple[R, ...]:
        """The rows of a sheet that was kept before the act, under its reference.

        Raises:
            Refused: `malformed_payload`: there is none, or it is no list of such rows.
        """
        body = await self.connection.fetchval(SQL["kept_sheet"], sheet)
        try:
            rows = TypeAdapter(tuple[row, ...]).validate_json(  # type: ignore[valid-type]
                self.identity.open(body, USE) if body is not None else "[]"
            )
        except ValidationError as err:
            raise unreadable(err) from None
        if not rows:
            raise refuse(Code.MALFORMED_PAYLOAD, "", fields="sheet")
        return rows

    async def change(self, statement: str, *values: object) -> int:
        """Carry out one statement on the meeting's rows; returns how many it changed."""
        status: str = await self.connection.execute(
            SQL[statement], self.meeting, *values, timeout=ROWS_SECONDS
        )
        return rows_changed(status)


def _was_sent(batch: Batch, track: Track) -> bool:
    """The draft of a batch goes once; 函复 and 备案 have a day of their own."""
    answered = {Track.REPLY: batch.replied_on, Track.FILE: batch.filed_on}.get(track)
    return batch.phase in SENT or answered is not None


def rows_changed(status: str) -> int:
    """The number in what PostgreSQL says after a change: `UPDATE 12`."""
    return int(status.rsplit(" ", maxsplit=1)[-1])


def about(code: Code, clause: str, application: str, **params: object) -> Refusal:
    """A refusal that concerns one application of a sheet or list."""
    stated = {key: str(value) for key, value in params.items()}
    return Refusal(code=code, clause=clause, params={"application": application} | stated)
