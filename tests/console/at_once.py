"""Operations asked for by clicks, carried out at once: the real ones, on the record, without an engine
between. What an engine adds, a missing answer, is added here too."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

import pytest

from config.gateway.errors import RefusedByCaseError, TemporalUnavailableError, UnknownError
from starter.console.house import House
from tests.fixtures.record import Office
from workflows.operation.messages import OperationOutcome, OperationRequest


@dataclass
class AtOnce:
    """The desk's engine, as far as operations go; `silent` loses the answer to what was done."""

    office: Office
    silent: bool = False
    asked: list[str] = field(default_factory=list)
    last: OperationOutcome | None = None
    """What became of the last one; None where none was asked for since it was put away."""

    async def operations(self) -> AtOnce:
        """The way into the operations."""
        return self

    async def cases(self) -> AtOnce:
        """The way into the cases, none of whom is told of anything here."""
        return self

    async def client(self) -> NoReturn:
        """There is no engine to look at."""
        raise TemporalUnavailableError

    async def operate(self, request: OperationRequest, request_id: str = "") -> OperationOutcome:
        """As `OperationGateway.operate`."""
        self.asked.append(request_id)
        outcome = self.last = await self.office.carry_out(request, request_id)
        if self.silent:
            raise UnknownError(request_id)
        if outcome.refusals:
            raise RefusedByCaseError(outcome.refusals)
        return outcome


@pytest.fixture
def at_once(house: House, published: Office) -> AtOnce:
    """The console's operations are carried out at once."""
    engine = AtOnce(published)
    house.office.__dict__["engine"] = engine
    return engine
