"""One command's connection to the engine, made when it is first asked for.

Apart from the office, since only who acts needs Temporal's library, which takes longer to load than
a list takes to read.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError

from config.gateway import CaseGateway, MeetingGateway
from config.gateway_errors import TemporalUnavailableError
from config.settings import Settings
from config.temporal import connect, not_running

PATIENCE = timedelta(seconds=10)
BRIEFLY = timedelta(seconds=1)
"""How long a page waits for the engine, which only tells it whether the case is run."""


class Engine:
    """The way into the cases and the meetings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connected: Client | None = None

    async def cases(self) -> CaseGateway:
        """The way into the cases.

        Raises:
            TemporalUnavailableError: no answer in time.
        """
        return CaseGateway(await self._client(PATIENCE), self._settings)

    async def meetings(self) -> MeetingGateway:
        """The way into the meetings.

        Raises:
            TemporalUnavailableError: no answer in time.
        """
        return MeetingGateway(await self._client(PATIENCE), self._settings)

    async def not_running(self, subject: str) -> str:
        """The engine's word for a case or meeting it does not run; empty where it does, or is away."""
        try:
            return await not_running(await self._client(BRIEFLY), subject)
        except (TemporalUnavailableError, RPCError):
            return ""

    async def _client(self, patience: timedelta) -> Client:
        if self._connected is None:
            self._connected = await connect(self._settings, patience=patience)
        return self._connected
