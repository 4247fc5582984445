"""The engine as the sentinel asks it: who runs, what a workflow shows, and a word that wakes it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from activities.bulks.waking import wake_bulk
from activities.sentinel.comparing import EngineState
from config.gateway.cases import CaseGateway
from config.gateway.errors import GatewayError
from config.gateway.meetings import MeetingGateway
from config.settings import Settings
from config.temporal import not_running
from workflows.writer.messages import Act, Actor

WATCH = Actor(person="watch", role="system")
AT_ONCE = 500
"""How many workflows the engine lists in one answer."""

logger = structlog.get_logger(__name__)


class Engine:
    """See `activities.sentinel.looking.EngineView`."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._cases = CaseGateway(client, settings)
        self._meetings = MeetingGateway(client, settings)

    async def not_running(self, subject: str) -> str:
        """The engine's word for what does not run; empty where it does."""
        return await not_running(self._client, subject)

    async def state_of(self, subject: str, *, is_case: bool) -> EngineState | None:
        """What its workflow shows, asked of a worker; None where none answers in time."""
        try:
            if is_case:
                case = await self._cases.snapshot(subject, actions=False)
                return EngineState(
                    case.seq, case.projection, case.wake_at, parked=case.needs_operator
                )
            meeting = await self._meetings.snapshot(subject, actions=False)
        except GatewayError:
            return None
        return EngineState(
            meeting.seq,
            meeting.projection,
            meeting.wake_at,
            busy=bool(meeting.telling),
            parked=meeting.needs_operator,
        )

    async def nudge(self, subject: str) -> None:
        """Wake a case or meeting."""
        await nudge(self._client, subject, datetime.now(UTC))

    async def wake_bulk(self, bulk: str) -> None:
        """Start the workflow of a bulk."""
        await wake_bulk(self._client, bulk)

    def running(
        self, kinds: Sequence[str], *, begun_before: datetime | None = None
    ) -> AsyncIterator[Sequence[str]]:
        """Everything that runs of these types, or what began before; a page of ids at a time."""
        when = f" AND StartTime < '{begun_before.isoformat()}'" if begun_before else ""
        return self._listed(f"{_of(kinds)} AND ExecutionStatus = 'Running'{when}")

    def cut_short(self, kinds: Sequence[str], *, since: datetime) -> AsyncIterator[Sequence[str]]:
        """What of these types was ended at the engine, and not by itself, since then."""
        how = "ExecutionStatus IN ('Terminated', 'TimedOut', 'Canceled')"
        return self._listed(f"{_of(kinds)} AND {how} AND CloseTime >= '{since.isoformat()}'")

    async def _listed(self, query: str) -> AsyncIterator[Sequence[str]]:
        page: list[str] = []
        async for one in self._client.list_workflows(query, page_size=AT_ONCE):
            page.append(one.id)
            if len(page) == AT_ONCE:
                yield page
                page = []
        if page:
            yield page


def _of(kinds: Sequence[str]) -> str:
    named = ", ".join(f"'{kind}'" for kind in kinds)
    return f"WorkflowType IN ({named})"


async def nudge(client: Client, subject: str, now: datetime) -> None:
    """Wake a case or meeting whose clock passed unnoticed, or that has not heard of its last step."""
    act = Act(request_id=f"overdue:{now.isoformat()}", actor=WATCH)
    try:
        await client.get_workflow_handle(subject).signal("nudge", act)
    except RPCError as err:  # it ended meanwhile, or the next look says why it is not run
        logger.warning("case.not_nudged", application=subject, status=err.status.name)
