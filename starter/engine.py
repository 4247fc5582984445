"""One command's connection to the engine, made when it is first asked for.

Apart from the office, since only who acts needs Temporal's library, which takes longer to load than
a list takes to read.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import Client

from config.gateway import CaseGateway, MeetingGateway
from config.settings import Settings
from config.temporal import connect

PATIENCE = timedelta(seconds=10)


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
        return CaseGateway(await self._client(), self._settings)

    async def meetings(self) -> MeetingGateway:
        """The way into the meetings.

        Raises:
            TemporalUnavailableError: no answer in time.
        """
        return MeetingGateway(await self._client(), self._settings)

    async def _client(self) -> Client:
        if self._connected is None:
            self._connected = await connect(self._settings, patience=PATIENCE)
        return self._connected
