"""The way into a committee's meetings."""

from __future__ import annotations

from datetime import datetime

from config.gateway.answering import answered
from config.gateway.asking import RESUME, Asked, Gateway
from config.gateway.errors import NotFoundError
from config.vouching import VouchedMessage
from workflows.meeting.messages import MeetingReceipt, MeetingSnapshot, OpenMeetingRun
from workflows.writer.messages import Act


class MeetingGateway(Gateway):
    """The way into a committee's meetings."""

    async def plan(self, opening: OpenMeetingRun, act: Act) -> MeetingReceipt:
        """Start a meeting with its plan; the same meeting again is the same one.

        Raises:
            RefusedByCaseError: with all reasons, and no meeting is there.
            UnknownError: no answer in time.
        """
        act = self._stamped(act)
        asked = Asked.of("plan", act)
        return await self._opened("Meeting", opening, opening.meeting, asked, MeetingReceipt)

    async def act(
        self,
        meeting: str,
        action: str,
        act: Act,
        *,
        realm: str = "live",
        shift_seconds: float = 0.0,
    ) -> MeetingReceipt:
        """Carry out one act on a meeting; the cases are told after the answer. One that the engine lost is
        begun again from the record by `resume`.

        Raises:
            RefusedByCaseError, NotFoundError: the answer is no.
            UnknownError: no answer in time.
        """
        asked = Asked.of(action, self._stamped(act))
        try:
            async with answered(asked.request_id, meeting, self._patience):
                return await self._updated(meeting, asked, MeetingReceipt)
        except NotFoundError:
            if action != RESUME or not await self._is_lost(meeting):
                raise
        opening = OpenMeetingRun(
            meeting=meeting, realm=realm, shift_seconds=shift_seconds, from_record=True
        )
        return await self._opened("Meeting", opening, meeting, asked, MeetingReceipt, again=True)

    async def carry(
        self, meeting: str, action: str, vouched: VouchedMessage, request_id: str, *, tries: int = 1
    ) -> MeetingReceipt:
        """Bring a meeting an act that another door vouched for; as `CaseGateway.carry`.

        Raises:
            RefusedByCaseError, NotFoundError, UnknownError: as `act`.
        """
        asked = Asked.carried(action, vouched, request_id, tries)
        async with answered(request_id, meeting, self._patience):
            return await self._updated(meeting, asked, MeetingReceipt)

    async def snapshot(
        self, meeting: str, as_of: datetime | None = None, *, actions: bool = True
    ) -> MeetingSnapshot:
        """Read a meeting's live state.

        Raises:
            NotFoundError: Temporal has no such meeting (any more); the record may.
            UnavailableError: no worker answered in time.
        """
        return await self._shown(meeting, as_of, MeetingSnapshot, actions=actions)
