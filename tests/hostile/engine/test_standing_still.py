"""No exception but a refusal leaves a decision: what nobody foresaw is answered, recorded and parked."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.wording import sentence
from tests.fixtures.engine import skipper_of, workers
from tests.workflow.season import APPLICANT, MemoryRecords, Season, beijing, member
from workflows.application import decision, recording
from workflows.rules.names import Stage
from workflows.rules.refusals import Code
from workflows.writer.messages import Act, Actor, Parked, Why

OPERATIONS = Actor(person="ops", role="operations")
STRANGER = Actor(person="stranger", role="public")


async def until_parked(season: Season) -> str:
    for _ in range(600):
        if told := (await season.snapshot()).needs_operator:
            return told
        await asyncio.sleep(0.05)
    raise AssertionError("not parked")


class Fault:
    """A fault of our own: a function of the core raises what nobody expects until it is mended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: Any, name: str) -> None:
        self.mended = False
        right = getattr(room, name)

        def wrong(*args: Any, **options: Any) -> Any:
            if not self.mended:
                raise LookupError("nobody foresaw this")
            return right(*args, **options)

        monkeypatch.setattr(room, name, wrong)


@pytest.mark.parametrize(
    ("room", "name"),
    [(decision, "settle"), (decision, "read_payload"), (recording, "project")],
    ids=["decision", "payload", "projection"],
)
@pytest.mark.parametrize("door", ["update", "signal"])
async def test_a_fault_of_ours_is_answered_recorded_and_parked(
    season: Season,
    records: MemoryRecords,
    monkeypatch: pytest.MonkeyPatch,
    room: Any,
    name: str,
    door: str,
) -> None:
    await season.submit()
    fault = Fault(monkeypatch, room, name)
    if door == "signal":
        act = Act(request_id="r-1", actor=member("unit"))
        await season.handle.signal("start_publicity", act)
    else:
        asked = asyncio.create_task(season.refused("start_publicity", member("unit")))
    told = await until_parked(season)

    if door == "update":
        assert await asked == Code.NEEDS_OPERATOR
    assert told.startswith("unforeseen start_publicity error=LookupError")
    parked = await noted(records)  # operations are told last, when the refusal is in the record
    if room is not recording:  # else nothing at all can be recorded, and operations' task says so
        refused = records.steps[-1].step
        assert (refused.source, refused.name) == ("refusal", "start_publicity")
        assert refused.refusals[0].code is Code.NEEDS_OPERATOR
        assert [letter.to for letter in records.steps[-1].letters][-1] == "operations"
    assert parked.why is Why.UNFORESEEN
    fault.mended = True
    await season.act("resume", OPERATIONS)
    receipt = await season.act("start_publicity", member("unit"))
    assert receipt.stage is Stage.UNIT_PUBLICITY
    assert records.standstills[-1].parked is None


async def noted(records: MemoryRecords) -> Parked:
    """What operations are told last."""
    for _ in range(200):
        if records.standstills and records.standstills[-1].parked is not None:
            return records.standstills[-1].parked
        await asyncio.sleep(0.05)
    raise AssertionError("operations were told nothing")


async def test_a_clock_that_fails_waits_for_operations_and_strikes_then(
    season: Season, records: MemoryRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    await season.submit()
    items = [{"text": "text-1"}]
    await season.act("return_for_correction", member("unit"), items=items, days=1)
    fault = Fault(monkeypatch, decision, "strike")
    await season.until("2024-10-12T00:10:00")
    await until_parked(season)

    assert [item.step.source for item in records.steps][-1] == "refusal"
    fault.mended = True
    await season.act("resume", OPERATIONS)
    for _ in range(200):
        if [item.step.source for item in records.steps][-1] == "clock":
            break
        await asyncio.sleep(0.05)
    assert records.steps[-1].projection.end == "abandoned"


async def test_what_the_database_never_takes_parks_at_once_and_is_given_up_after_a_look(
    season: Season, records: MemoryRecords
) -> None:
    await season.submit()
    records.never = 2
    asked = asyncio.create_task(season.refused("start_publicity", member("unit")))

    assert (await until_parked(season)).startswith("not_written seq=2 failure=never_taken")
    parked = await noted(records)
    assert (parked.why, parked.params) == (Why.NOT_WRITTEN, {"failure": "never_taken"})
    await season.act("resume", OPERATIONS)
    assert await asked == Code.NEEDS_OPERATOR
    receipt = await season.act("start_publicity", member("unit"))
    assert receipt.stage is Stage.UNIT_PUBLICITY


@pytest.mark.parametrize(
    "acted_at",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1899-12-31T00:00:00+08:00"],
)
@pytest.mark.parametrize("name", ["file_complaint", "start_publicity"])
async def test_no_instant_stops_a_case(
    season: Season, records: MemoryRecords, acted_at: str, name: str
) -> None:
    await season.submit()
    stated = {"text": "text-1"} if name == "file_complaint" else {}
    act = {"actor": {"person": "stranger"}, "acted_at": acted_at, "payload": stated}
    await season.handle.signal(name, act)
    receipt = await season.act("start_publicity", member("unit"))

    assert receipt.stage is Stage.UNIT_PUBLICITY
    for _ in range(200):  # a stranger waits behind whoever has to do with the case
        if any(item.step.refusals for item in records.steps):
            break
        await asyncio.sleep(0.05)
    (refusal,) = next(item.step.refusals for item in records.steps if item.step.refusals)
    assert refusal.code is Code.DATE_NOT_ALLOWED
    assert "日期" in sentence(refusal).message


@pytest.mark.parametrize(
    ("name", "stated"),
    [
        ("extend_deadline", {"rule": "unit_duty", "ends_on": "9999-12-31", "reason": "text-1"}),
        ("extend_deadline", {"rule": "unit_duty", "ends_on": "2190-12-31", "reason": "text-1"}),
        ("start_publicity", {"posted_on": "0001-01-01"}),
        (
            "record_payment",
            {"transaction": "t", "yuan": 1, "paid_at": "0001-01-01T00:00:00+14:00"},
        ),
        ("assign_to_meeting", {"meeting": "m", "meeting_on": "9999-12-31"}),
        ("request_recheck", {"dispatched_on": "0001-01-01", "text": "text-1"}),
    ],
)
async def test_no_day_that_is_stated_stops_a_case(
    season: Season, name: str, stated: dict[str, Any]
) -> None:
    await season.submit()
    for actor in (member("unit"), APPLICANT, STRANGER, OPERATIONS, member("lc-committee-office")):
        code = await season.refused(name, actor, **stated)
        assert code in (Code.DATE_NOT_ALLOWED, Code.WRONG_STAGE, Code.NOT_ENTITLED)

    receipt = await season.act("start_publicity", member("unit"))
    assert receipt.stage is Stage.UNIT_PUBLICITY


async def test_a_day_outside_the_calendars_is_named_with_their_span(season: Season) -> None:
    await season.submit()

    assert await season.refused("start_publicity", member("unit"), posted_on="2190-01-01") == (
        Code.DATE_NOT_ALLOWED
    )


async def test_a_case_that_stands_still_goes_on_standing_still_in_a_new_run(
    hasty_engine: WorkflowEnvironment,
) -> None:
    """Who waits is carried; the history does not grow to the engine's limit meanwhile."""
    records = MemoryRecords()
    season = Season(skipper_of(hasty_engine.client), hasty_engine.client, "2024-10-10T09:00:00")
    async with workers(hasty_engine.client, records):
        await season.submit()
        records.gaps = 1
        await season.handle.signal(
            "start_publicity", Act(request_id="r-parked", actor=member("unit"))
        )
        first = await until_parked(season)
        begun = (await season.handle.describe()).run_id
        for number in range(60):
            act = Act(request_id=f"r-{number}", actor=STRANGER, payload={"text": "text-1"})
            await season.handle.signal("file_complaint", act)
        while (await season.handle.describe()).run_id == begun:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)
        still = await until_parked(season)
        await season.act("resume", OPERATIONS)
        receipt = await season.act("start_publicity", member("unit"), request_id="r-parked")

    assert first == still
    assert receipt.repeated
    assert receipt.stage is Stage.UNIT_PUBLICITY
    assert records.names()[:2] == ["submit", "start_publicity"]
    assert beijing("2024-10-10T09:00:00") <= records.steps[1].step.recorded_at
