"""The office's connection to the engine, made when it is first asked for.

Apart from the office, since only who acts needs Temporal's library, which takes longer to load than
a list takes to read.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio.client import Client

from config.gateway.cases import CaseGateway
from config.gateway.meetings import MeetingGateway
from config.gateway.operations import OperationGateway
from config.settings import Settings
from config.temporal import connect


class Engine:
    """The way into the cases, the meetings and the operations.

    An engine that was away is asked for anew by whoever acts next, and by one at a time: the others
    wait for the same connection.
    """

    def __init__(self, settings: Settings, patience: timedelta) -> None:
        self._settings = settings
        self._patience = patience
        self._connected: Client | None = None
        self._one_at_a_time = asyncio.Lock()

    async def cases(self) -> CaseGateway:
        """The way into the cases.

        Raises:
            TemporalUnavailableError: no answer in time.
        """
        return CaseGateway(await self.client(), self._settings)

    async def meetings(self) -> MeetingGateway:
        """The way into the meetings.

        Raises:
            TemporalUnavailableError: no answer in time.
        """
        return MeetingGateway(await self.client(), self._settings)

    async def operations(self) -> OperationGateway:
        """The way to have operations done.

        Raises:
            TemporalUnavailableError: no answer in time.
        """
        return OperationGateway(await self.client(), self._settings)

    async def client(self) -> Client:
        """The connection itself, for who asks how the engine is and acts on nothing.

        Raises:
            TemporalUnavailableError: no answer in time.
        """
        async with self._one_at_a_time:
            if self._connected is None:
                self._connected = await connect(self._settings, patience=self._patience)
            return self._connected
