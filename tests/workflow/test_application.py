"""One application on the real engine: its whole life, and everything that may go wrong."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from tests.fixtures.engine import skipper_of, workers
from tests.workflow.season import (
    APPLICANT,
    CITY_OFFICE,
    OFFICE,
    MemoryRecords,
    Season,
    beijing,
    member,
)
from workflows.rules.names import EndName, Stage
from workflows.writer.messages import Act, Actor

pytestmark = pytest.mark.asyncio(loop_scope="session")

UNIT = {"person": "unit-clerk", "organisation": "unit", "role": "member"}


async def test_a_passed_application_lives_to_the_end_of_its_recheck_window(
    season: Season, records: MemoryRecords
) -> None:
    await season.to_intake()
    await season.to_result()
    await season.act("report_results", member(OFFICE))
    await season.until("2024-12-10T10:00:00")
    await season.act("post_results", member(OFFICE))
    await season.until("2024-12-18T10:00:00")
    await season.act("send_for_confirmation", member(OFFICE))
    await season.until("2024-12-31T10:00:00")
    await season.act("confirm", member(CITY_OFFICE), issued_on="2024-12-31", number="示例1号")
    right = (await season.snapshot()).deadline

    await season.until("2025-03-07T00:00:00")

    assert right is not None
    assert right.ends_on == date(2025, 2, 28)
    receipt = await season.handle.result()
    assert receipt["end"] == EndName.COMPLETED
    assert records.steps[-1].step.end_after is EndName.COMPLETED
    assert [step.step.seq for step in records.steps] == list(range(1, len(records.steps) + 1))


async def test_silence_in_the_units_correction_abandons_the_application(
    season: Season, records: MemoryRecords
) -> None:
    await season.submit()
    items = [{"text": "text-1"}]
    await season.act("return_for_correction", member("unit"), items=items, days=2)

    await season.until("2024-10-13T00:05:00")

    last = records.steps[-1].step
    assert last.end_after is EndName.ABANDONED
    assert last.acted_at.isoformat() == "2024-10-13T00:00:00+08:00"
    assert records.claimed == set()


async def test_an_act_in_time_that_arrives_after_the_lapse_reopens_the_case(
    season: Season, records: MemoryRecords
) -> None:
    await season.submit()
    items = [{"text": "text-1"}]
    await season.act("return_for_correction", member("unit"), items=items, days=2)
    await season.until("2024-10-13T00:05:00")

    receipt = await season.act("resubmit", APPLICANT, acted_at="2024-10-12T23:59:00")

    assert receipt.stage is Stage.UNIT_REVIEW
    assert len(records.claimed) == 1


async def test_an_act_out_of_time_is_refused_after_the_lapse_and_recorded(
    season: Season, records: MemoryRecords
) -> None:
    await season.submit()
    items = [{"text": "text-1"}]
    await season.act("return_for_correction", member("unit"), items=items, days=2)
    await season.until("2024-10-13T00:05:00")

    assert await season.refused("resubmit", APPLICANT) == "window_closed"
    assert records.steps[-1].step.source == "refusal"


async def test_the_fleet_away_over_midnight_judges_by_when_the_person_acted(
    hasty_engine: WorkflowEnvironment,
) -> None:
    records = MemoryRecords()
    season = Season(skipper_of(hasty_engine.client), hasty_engine.client, "2024-10-10T23:50:00")
    async with workers(hasty_engine.client, records):
        await season.submit()
        items = [{"text": "text-1"}]
        await season.act("return_for_correction", member("unit"), items=items, days=1)
        await season.until("2024-10-11T23:59:58")
    act = Act(request_id="r-late", actor=APPLICANT, acted_at=beijing("2024-10-11T23:59:59"))
    await season.handle.signal("resubmit", act)
    await asyncio.sleep(3)
    async with workers(hasty_engine.client, records):
        await season.act("start_publicity", member("unit"))

    assert all(step.step.end_after is None for step in records.steps)
    assert records.names()[-2:] == ["resubmit", "start_publicity"]


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("no_such_action", [{}], "unknown_action"),
        ("approve", [], "malformed_payload"),
        ("approve", [{"actor": {"person": "p"}}, 2], "malformed_payload"),
        ("approve", ["text"], "malformed_payload"),
        ("reject", [{"actor": {"person": "p"}, "payload": {"reason": 7, "x": 1}}], "not_entitled"),
        ("start_publicity", [{"actor": UNIT, "payload": {"reason": 7, "x": 1}}], "malformed"),
        ("approve", [{"actor": {"person": "p" * 70_000}}], "payload_too_large"),
    ],
)
async def test_a_message_that_cannot_be_read_is_refused_and_the_case_goes_on(
    season: Season, records: MemoryRecords, name: str, arguments: list[object], code: str
) -> None:
    await season.submit()

    with pytest.raises(WorkflowUpdateFailedError) as error:
        await season.handle.execute_update(name, args=arguments)
    await season.handle.signal(name, args=arguments)

    cause = error.value.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.type or "").startswith(code)
    receipt = await season.act("start_publicity", member("unit"))
    assert receipt.stage is Stage.UNIT_PUBLICITY
    # A signal of nobody's waits behind those the case knows; the next stranger waits behind it.
    await season.act("file_complaint", Actor(person="visitor"), text="text-9")
    # A wrong number of arguments carries no voucher that could be checked: it leaves no trace.
    recorded = [step.step.source for step in records.steps].count("refusal")
    assert recorded == (1 if len(arguments) == 1 else 0)


async def test_the_same_request_twice_is_one_act(season: Season, records: MemoryRecords) -> None:
    await season.submit()

    act = Act(request_id="r-1", actor=member("unit"))
    await season.handle.signal("start_publicity", act)
    receipt = await season.act("start_publicity", member("unit"), request_id="r-1")

    assert receipt.repeated
    assert records.names() == ["submit", "start_publicity"]


async def test_the_same_request_id_with_another_content_is_a_conflict(season: Season) -> None:
    await season.submit()
    act = Act(request_id="r-1", actor=member("unit"))
    await season.handle.signal("start_publicity", act)

    code = await season.refused("decline_recommendation", member("unit"), request_id="r-1")

    assert code == "duplicate_conflict"


async def test_of_two_reviewers_at_once_one_wins(season: Season, records: MemoryRecords) -> None:
    await season.submit()

    answers = await asyncio.gather(
        season.act("start_publicity", member("unit", person="a")),
        season.act("start_publicity", member("unit", person="b")),
        return_exceptions=True,
    )

    assert sum(isinstance(answer, WorkflowUpdateFailedError) for answer in answers) == 1
    assert records.names() == ["submit", "start_publicity"]


async def test_a_database_that_is_away_delays_and_ends_nothing(
    season: Season, records: MemoryRecords
) -> None:
    await season.submit()
    records.broken = 2

    receipt = await season.act("start_publicity", member("unit"))

    assert receipt.seq == 2


async def test_nobody_reviews_the_own_application(season: Season) -> None:
    await season.submit()
    applicant_as_member = Actor(person=APPLICANT.person, organisation="unit", role="member")

    assert await season.refused("start_publicity", applicant_as_member) == "not_entitled"


async def test_the_office_takes_back_its_last_act_within_ten_minutes(season: Season) -> None:
    await season.to_intake()
    clerk = member(OFFICE)
    await season.act("refuse", clerk, ground="out_of_scope", reason="text-1")

    receipt = await season.act("set_aside", clerk, reason="text-2")

    assert receipt.stage is Stage.COMMITTEE_INTAKE


async def test_the_third_submission_that_still_fails_ends_the_application(season: Season) -> None:
    await season.to_intake()
    office = member(OFFICE)
    first = [{"id": "1", "text": "text-1"}]
    again = [{"text": "text-2", "refers_to": "1"}]
    await season.act("return_for_correction", office, items=first, days=3)
    await season.act("resubmit", APPLICANT)
    new = [{"text": "text-3"}]
    assert await season.refused("return_for_correction", office, items=new, days=3) == "new_defect"
    await season.act("return_for_correction", office, items=again, days=3)
    receipt = await season.act("resubmit", APPLICANT)
    assert (await season.snapshot()).projection.submissions == 3
    code = await season.refused("return_for_correction", office, items=again, days=3)

    end = await season.act("fail_audit", office, reason="text-4")

    assert receipt.stage is Stage.COMMITTEE_INTAKE
    assert code == "no_return_left"
    assert end.end is EndName.AUDIT_FAILED


async def test_a_case_lives_on_through_forced_continue_as_new(
    hasty_engine: WorkflowEnvironment,
) -> None:
    records = MemoryRecords()
    season = Season(skipper_of(hasty_engine.client), hasty_engine.client, "2024-10-10T09:00:00")
    async with workers(hasty_engine.client, records):
        await season.to_intake()
        await season.to_result()
        repeated = await season.submit()
        runs = await _runs(season.handle)

    assert repeated.repeated
    assert repeated.seq == 1
    assert runs > 1
    assert [step.step.seq for step in records.steps] == list(range(1, len(records.steps) + 1))


async def test_a_request_answered_before_continue_as_new_is_still_known(
    hasty_engine: WorkflowEnvironment,
) -> None:
    records = MemoryRecords()
    season = Season(skipper_of(hasty_engine.client), hasty_engine.client, "2024-10-10T09:00:00")
    async with workers(hasty_engine.client, records):
        await season.submit()
        await season.act("start_publicity", member("unit"), request_id="r-known")
        for day in (10, 11, 12):  # so many a day are registered
            await season.until(f"2024-10-{day}T10:00:00")
            for number in range(7):
                await season.act("file_complaint", Actor(person=f"p-{number}"), text="text-9")
        await season.handle.signal(
            "start_publicity", Act(request_id="r-known", actor=member("unit"))
        )
        count = len(records.steps)
        await season.act("file_complaint", Actor(person="p-last"), text="text-9")

    assert await _runs(season.handle) > 1
    assert len(records.steps) == count + 1


async def test_a_calendar_year_that_is_missing_is_named_and_nothing_waits_on_a_guess(
    season: Season, records: MemoryRecords
) -> None:
    records.years = (2024,)
    await season.to_intake()
    await season.to_result()
    await season.until("2024-12-27T10:00:00")

    code = await season.refused("post_results", member(OFFICE))

    assert code == "calendar_missing"
    assert [notice.kind.value for notice in records.steps[-1].letters][-1] == "operator"


async def _runs(handle: WorkflowHandle[object, object]) -> int:
    description = await handle.describe()
    first = description.raw_description.workflow_execution_info.first_run_id
    return 1 if description.run_id == first else 2


async def test_only_operations_free_a_parked_case_and_a_stranger_ends_nothing(
    season: Season, records: MemoryRecords
) -> None:
    await season.submit()
    records.gaps = 1
    act = Act(request_id="r-parked", actor=member("unit"))
    await season.handle.signal("start_publicity", act)
    while not (await season.snapshot()).needs_operator:  # noqa: ASYNC110 - a query is all there is
        await asyncio.sleep(0.1)

    await season.handle.signal("resume", Act(request_id="r-s", actor=Actor(person="stranger")))
    still_parked = (await season.snapshot()).needs_operator
    await season.handle.signal(
        "resume", Act(request_id="r-ops", actor=Actor(person="ops", role="operations"))
    )
    receipt = await season.act("start_publicity", member("unit"), request_id="r-parked")

    assert still_parked
    assert receipt.stage is Stage.UNIT_PUBLICITY


async def test_a_record_that_contradicts_itself_is_for_operations_and_no_endless_trying(
    season: Season, records: MemoryRecords
) -> None:
    """Each try costs the whole case anew in one task's answer, which the engine takes up to 4 MB of
    and ends the workflow where it is larger."""
    await season.submit()
    records.contradicts = True
    act = Act(request_id="r-parked", actor=member("unit"))
    await season.handle.signal("start_publicity", act)
    while not (await season.snapshot()).needs_operator:  # noqa: ASYNC110 - a query is all there is
        await asyncio.sleep(0.1)

    records.contradicts = False
    await season.handle.signal(
        "resume", Act(request_id="r-ops", actor=Actor(person="ops", role="operations"))
    )
    receipt = await season.act("start_publicity", member("unit"), request_id="r-parked")

    assert receipt.stage is Stage.UNIT_PUBLICITY
    assert records.names() == ["submit", "start_publicity"]


async def _ended(season: Season) -> None:
    """Given back by the unit and never answered; closed for good on 2024-10-17, 00:00."""
    await season.submit()
    items = [{"text": "text-1"}]
    await season.act("return_for_correction", member("unit"), items=items, days=2)
    await season.until("2024-10-13T00:05:00")
    assert (await season.snapshot()).projection.end is EndName.ABANDONED
    await season.until("2024-10-17T00:00:30")
    await season.handle.result()


async def test_a_closed_case_that_something_reaches_lives_on_in_its_own_name(
    season: Season, records: MemoryRecords
) -> None:
    await _ended(season)
    before = await season.handle.describe()

    receipt = await season.reach("file_complaint", Actor(person="visitor-1"), text="text-1")

    last = await season.handle.result()
    after = await season.handle.describe()
    assert receipt.seq == records.steps[-1].step.seq == len(records.steps)
    assert records.names()[-1] == "file_complaint"
    assert before.run_id != after.run_id
    assert last["end"] == EndName.ABANDONED
    assert [step.step.seq for step in records.steps] == list(range(1, len(records.steps) + 1))


async def test_what_a_closed_case_cannot_take_is_answered_and_it_stays_closed(
    season: Season, records: MemoryRecords
) -> None:
    await _ended(season)
    count = len(records.steps)

    with pytest.raises(WorkflowUpdateFailedError) as error:
        await season.reach("withdraw", APPLICANT, reason="text-1")
    last = await season.handle.result()

    cause = error.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "already_decided"
    assert len(records.steps) == count
    assert last["end"] == EndName.ABANDONED


async def test_the_same_request_at_a_closed_case_is_one_act(
    season: Season, records: MemoryRecords
) -> None:
    await _ended(season)
    visitor = Actor(person="visitor-1")
    first = await season.reach("file_complaint", visitor, request_id="r-1", text="text-1")
    await season.handle.result()

    again = await season.reach("file_complaint", visitor, request_id="r-1", text="text-1")

    assert again.repeated
    assert again.seq == first.seq
    assert records.names().count("file_complaint") == 1


async def test_a_case_that_is_not_there_is_not_found_and_nothing_waits(
    season: Season, records: MemoryRecords
) -> None:
    with pytest.raises(WorkflowUpdateFailedError) as error:
        await season.reach("file_complaint", Actor(person="visitor-1"), text="text-1")

    cause = error.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "not_found"
    await asyncio.wait_for(season.handle.result(), 20)
    assert records.steps == []


async def test_a_request_for_recheck_posted_in_time_reopens_a_completed_case(
    season: Season, records: MemoryRecords
) -> None:
    await season.to_intake()
    await season.to_result()
    await season.act("report_results", member(OFFICE))
    await season.until("2024-12-10T10:00:00")
    await season.act("post_results", member(OFFICE))
    await season.until("2024-12-18T10:00:00")
    await season.act("send_for_confirmation", member(OFFICE))
    await season.until("2024-12-31T10:00:00")
    await season.act("confirm", member(CITY_OFFICE), issued_on="2024-12-31", number="示例1号")
    await season.until("2025-03-07T00:00:00")
    await season.handle.result()

    receipt = await season.reach(
        "request_recheck", APPLICANT, text="text-1", dispatched_on="2025-02-28"
    )

    assert receipt.stage is Stage.RECHECK
    assert receipt.deadline is not None
    assert receipt.deadline.rule.value == "recheck_duty"
    decided = await season.act("decide_recheck", member(OFFICE), decision="upheld", reason="text-2")
    assert decided.end is EndName.COMPLETED
    assert (await season.handle.result())["end"] == EndName.COMPLETED


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["text"], "malformed_payload"), ([{"actor": 3}], "malformed")],
)
async def test_a_first_message_that_cannot_be_read_ends_the_run(
    season: Season, records: MemoryRecords, arguments: list[object], code: str
) -> None:
    handle = await season.begin()

    with pytest.raises(WorkflowUpdateFailedError) as error:
        await handle.execute_update("submit", args=arguments)
    await season.handle.signal("submit", args=arguments)

    cause = error.value.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.type or "").startswith(code)
    assert (await asyncio.wait_for(handle.result(), 20))["seq"] == 0
    assert records.steps == []


async def test_a_run_that_is_told_nothing_ends_by_itself(
    season: Season, records: MemoryRecords
) -> None:
    handle = await season.begin()

    await season.until("2024-10-10T09:15:00")

    assert (await asyncio.wait_for(handle.result(), 20))["seq"] == 0
    assert records.steps == []


async def test_a_parked_case_says_over_what_it_stands(
    season: Season, records: MemoryRecords
) -> None:
    await season.submit()
    records.gaps = 1
    act = Act(request_id="r-parked", actor=member("unit"))
    await season.handle.signal("start_publicity", act)
    while not (await season.snapshot()).needs_operator:  # noqa: ASYNC110 - a query is all there is
        await asyncio.sleep(0.1)

    assert (await season.snapshot()).needs_operator == "not_written seq=2 failure=step_gap"
    await season.act("resume", Actor(person="ops", role="operations"))
    assert (await season.snapshot()).needs_operator == ""
