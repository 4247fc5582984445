"""How long it takes to decide an act on every open case without a trace: a bulk, and an amendment.

`ZHIPING_PREVIEW` is the number of open cases (20,000, the most that a bulk takes).
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from datetime import datetime
from datetime import time as clock
from pathlib import Path
from typing import cast

import pytest

from activities.database import LIVE, open_pool
from activities.identity import Identity
from activities.intake import Intake
from activities.migrations import let_application_in, migrate
from config.settings import Settings
from starter.desk import bulks
from starter.desk.amendments import _rehearsed as amendment_rehearsed
from starter.desk.bulks import Chosen, _foreseen
from starter.desk.office import Office
from tests.benchmarks import seeding
from tests.benchmarks.figures import figure, under_load
from tests.benchmarks.record_server import record_server
from tests.benchmarks.seeding import SECRET, TODAY, Seed, Size
from tests.fixtures.record import APPLICATION_PASSWORD, as_application
from workflows.application.case import Case
from workflows.application.messages import Published
from workflows.rules.message import BEIJING
from workflows.writer.messages import Act, Actor

pytestmark = pytest.mark.benchmark

OPEN = int(os.environ.get("ZHIPING_PREVIEW", str(bulks.MOST)))
NOW = datetime.combine(TODAY, clock(10), BEIJING)
OPERATOR = Actor(person="operations", organisation="zhiping", role="operations")


@pytest.fixture
async def office(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    """A record whose cases are all open."""
    monkeypatch.setattr(seeding, "OPEN_ONE_IN", 1)
    identity = Identity(SECRET)
    async with record_server() as owner:
        await migrate(owner)
        await let_application_in(owner, APPLICATION_PASSWORD)
        await Seed(owner, Size(OPEN)).fill()
        async with await open_pool(as_application(owner), 4, for_reading=True) as pool:
            intake = Intake(pool, identity, Path("unused"))
            yield Office(cast("Settings", None), pool, identity, intake)


async def test_a_preview_of_everything_that_is_open(office: Office) -> None:
    cases = [Chosen(case) async for case in office.reading.open_applications(LIVE)]
    assert len(cases) == OPEN
    with under_load(f"an act decided on {len(cases)} open cases"):
        began, used = time.monotonic(), time.process_time()
        act = Act(actor=OPERATOR)
        shown = [item.shown async for item in _foreseen(office, "nudge", act, NOW, cases)]
        figure("preview.bulk", time.monotonic() - began, "s")
        figure("preview.bulk.cpu", time.process_time() - used, "s")
        assert not [item for item in shown if item.refusals]

        def as_it_is(case: Case) -> Published:
            return Published(policy=case.policy, calendar=case.calendar)

        began = time.monotonic()
        found = await amendment_rehearsed(office, await office.realm(LIVE), "", as_it_is)
        figure("preview.amendment", time.monotonic() - began, "s")
        assert found.open == len(cases)
