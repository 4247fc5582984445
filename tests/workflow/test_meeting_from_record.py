"""A meeting whose record and engine do not have the same steps, or that the engine lost (decision 0043)."""

from __future__ import annotations

import asyncio

import pytest

from tests.workflow.sitting import MemoryMeetings, Sitting
from workflows.writer.messages import Actor

OPERATIONS = Actor(person="ops", role="operations")


@pytest.fixture
def records() -> MemoryMeetings:
    """Three candidates."""
    return MemoryMeetings()


async def until_parked(sitting: Sitting) -> str:
    while not (told := (await sitting.snapshot()).needs_operator):  # noqa: ASYNC110 - only a query says so
        await asyncio.sleep(0.05)
    return told


async def test_a_meeting_that_the_engine_lost_goes_on_from_the_record(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    """What was answered before is not done twice."""
    await sitting.plan()
    await sitting.act("move_meeting", request_id="r-1", days=["2023-12-11"], reason="text-1")
    await sitting.handle.terminate("the engine was restored to a point before it began")

    resumed = await sitting.resumed()
    again = await sitting.act(
        "move_meeting", request_id="r-1", days=["2023-12-11"], reason="text-1"
    )

    assert again.repeated
    assert again.seq < resumed.seq
    assert records.names().count("move_meeting") == 1


async def test_a_meeting_whose_record_lacks_its_steps_goes_on_from_it_once_operations_looked(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    await sitting.plan()
    planned = len(records.steps)
    await sitting.act("move_meeting", request_id="r-1", days=["2023-12-11"], reason="text-1")
    del records.steps[planned:]

    drawing = asyncio.create_task(sitting.draw())
    told = await until_parked(sitting)
    await sitting.act("resume", OPERATIONS)
    await drawing
    again = await sitting.act(
        "move_meeting", request_id="r-1", days=["2023-12-11"], reason="text-1"
    )

    assert "step_gap" in told
    assert not again.repeated
    numbers = [one.step.seq for one in records.steps]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_a_meeting_whose_record_is_ahead_goes_on_after_it_once_operations_looked(
    sitting: Sitting, records: MemoryMeetings
) -> None:
    """The engine was restored to an earlier point: the number is taken by what it never heard of."""
    await sitting.plan()
    last = records.steps[-1]
    step = last.step.model_copy(
        update={"seq": last.step.seq + 1, "name": "amend", "source": "act", "request_id": "r-lost"}
    )
    state = last.state.replace(f'"seq":{last.step.seq}', f'"seq":{step.seq}')
    records.steps.append(last.model_copy(update={"step": step, "state": state}))

    drawing = asyncio.create_task(sitting.draw())
    told = await until_parked(sitting)
    await sitting.act("resume", OPERATIONS)
    await drawing

    assert "step_conflict" in told
    numbers = [one.step.seq for one in records.steps]
    assert numbers == list(range(1, len(numbers) + 1))
