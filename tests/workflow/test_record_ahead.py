"""Record and engine do not have the same steps: the record counts, and nothing is twice.

What a lost task leaves, or an engine restored from an older backup, is a step in the record that the run
knows nothing of; a record restored to an earlier point lacks what the run did since. So that is what
these tests make of it. `tests/integration/test_chaos.py` kills real workers, `make cluster` restores.
"""

from __future__ import annotations

import asyncio

from tests.replay.stories import ITEMS, STRANGER, UNIT
from tests.workflow.season import APPLICANT, MemoryRecords, Season, beijing
from workflows.application.case import Case
from workflows.application.decision import decide
from workflows.application.messages import (
    CaseQuery,
    OpenApplication,
    SubmissionQuery,
    VerificationAnswer,
)
from workflows.application.recording import commit, refusal_step
from workflows.application.submission import accept_submission, new_case
from workflows.rules.names import Stage
from workflows.rules.refusals import Refused
from workflows.writer.messages import Act, Actor

AT = beijing("2024-10-10T09:00:30")
WATCH = Actor(person="watch", role="system")
OPERATIONS = Actor(person="ops", role="operations")


async def kept(records: MemoryRecords) -> Case:
    return (await records.load_case(CaseQuery(application=""))).case


async def lost(
    records: MemoryRecords, name: str, by: Actor, request_id: str, **said: object
) -> None:
    """A step, or the refusal of one, that was written by a task nobody heard of again."""
    case = await kept(records)
    act = Act(request_id=request_id, actor=by, payload=said)
    try:
        command = commit(decide(case, name, act, AT), case.seq + 1)
    except Refused as error:
        command = refusal_step(case, name, act, tuple(error.reasons), AT)
    records.steps.append(command)


def named(records: MemoryRecords) -> list[tuple[int, str]]:
    return [(one.step.seq, one.step.name) for one in records.steps]


async def test_asked_again_it_is_answered_and_done_once(
    season: Season, records: MemoryRecords
) -> None:
    await season.submit()
    await lost(records, "start_publicity", UNIT, "r-lost")

    receipt = await season.act("start_publicity", UNIT, request_id="r-lost")

    assert (receipt.seq, receipt.repeated, receipt.stage) == (2, True, Stage.UNIT_PUBLICITY)
    assert named(records) == [(1, "submit"), (2, "start_publicity")]


async def test_whoever_comes_first_afterwards_is_decided_after_it(
    season: Season, records: MemoryRecords
) -> None:
    await season.submit()
    await lost(records, "start_publicity", UNIT, "r-lost")

    receipt = await season.act("file_complaint", STRANGER, text="text-1")

    assert (receipt.seq, receipt.repeated, receipt.stage) == (3, False, Stage.UNIT_PUBLICITY)
    assert named(records)[1:] == [(2, "start_publicity"), (3, "file_complaint")]
    again = await season.act("start_publicity", UNIT, request_id="r-lost")
    assert (again.seq, again.repeated) == (2, True)


async def test_what_it_did_can_be_taken_back_as_if_nothing_had_been_lost(
    season: Season, records: MemoryRecords
) -> None:
    await season.submit()
    await lost(records, "return_for_correction", UNIT, "r-lost", items=ITEMS, days=2)

    await season.act("file_complaint", STRANGER, text="text-1")  # the case hears of it
    receipt = await season.act("set_aside", UNIT, reason="text-1")

    assert (receipt.seq, receipt.stage) == (4, Stage.UNIT_REVIEW)
    assert (await kept(records)).returns == []


async def test_a_submission_that_was_lost_opens_the_case(
    season: Season, records: MemoryRecords
) -> None:
    opening = OpenApplication(application=season.id, realm="test")
    query = SubmissionQuery(application=season.id, realm="test", draft="draft-1", as_of=AT)
    submission = await records.load_submission(query)
    act = Act(request_id="r-lost", actor=APPLICANT, payload={"draft": "draft-1"})
    verified = VerificationAnswer()
    move = accept_submission(new_case(opening, submission), submission, verified, act, AT)
    records.steps.append(commit(move, 1))

    receipt = await season.submit("r-lost")

    assert (receipt.seq, receipt.repeated, receipt.stage) == (1, True, Stage.UNIT_REVIEW)
    assert named(records) == [(1, "submit")]


async def test_a_refusal_that_was_lost_is_answered_and_recorded_once(
    season: Season, records: MemoryRecords
) -> None:
    await season.submit()
    await season.act("start_publicity", UNIT)
    await lost(records, "approve", UNIT, "r-lost")
    assert records.steps[-1].step.refusals

    code = await season.refused("approve", UNIT, request_id="r-lost")

    assert code == records.steps[-1].step.refusals[0].code
    assert [seq for seq, _ in named(records)] == [1, 2, 3]


async def test_a_nudge_looks_into_the_record(season: Season, records: MemoryRecords) -> None:
    """Whoever asked is gone for good, and so is the engine's memory of it: its clock strikes all the
    same, because a worker that finds it overdue nudges the case."""
    await season.submit()
    await lost(records, "start_publicity", UNIT, "r-lost")

    await season.act("nudge", Actor(person="worker", role="system"))
    await season.until("2024-10-18T00:10:00")
    receipt = await season.act("finish_publicity", UNIT)

    assert receipt.stage is Stage.CHAIN_REVIEW
    assert [seq for seq, _ in named(records)] == list(range(1, len(records.steps) + 1))


async def test_a_nudge_stands_a_case_still_whose_record_lacks_its_steps(
    season: Season, records: MemoryRecords
) -> None:
    """Before anybody is decided on what is in no record; operations then have it go on from that, and who
    asked does it again under the id that he had, which the engine must not answer as before."""
    await season.submit()
    await season.act("start_publicity", UNIT, request_id="r-1")
    records.steps.pop()

    await season.handle.signal("nudge", Act(request_id="r-n", actor=WATCH))
    told = await season.stands_still()
    begun = (await season.handle.describe()).run_id
    await season.act("resume", OPERATIONS)
    while (await season.handle.describe()).run_id == begun:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.05)
    receipt = await season.act("start_publicity", UNIT, request_id="r-1")

    assert told == "not_written seq=2 record=1"
    assert (receipt.seq, receipt.repeated, receipt.stage) == (2, False, Stage.UNIT_PUBLICITY)
    assert named(records) == [(1, "submit"), (2, "start_publicity")]
    assert records.standstills[-1].parked is None


async def test_a_record_that_was_restored_further_meanwhile_has_everything(
    season: Season, records: MemoryRecords
) -> None:
    await season.submit()
    await season.act("start_publicity", UNIT, request_id="r-1")
    lacking = records.steps.pop()

    await season.handle.signal("nudge", Act(request_id="r-n", actor=WATCH))
    await season.stands_still()
    records.steps.append(lacking)
    await season.act("resume", OPERATIONS)
    again = await season.act("start_publicity", UNIT, request_id="r-1")

    assert again.seq == 2
    assert named(records) == [(1, "submit"), (2, "start_publicity")]


async def test_an_act_that_does_not_follow_is_decided_on_the_record_once_operations_looked(
    season: Season, records: MemoryRecords
) -> None:
    await season.submit()
    await season.act("start_publicity", UNIT)
    del records.steps[1:]

    await season.handle.signal("file_complaint", complaint())
    await season.stands_still()
    await season.act("resume", OPERATIONS)
    again = await season.act("file_complaint", STRANGER, request_id="r-c", text="text-1")

    assert (again.seq, again.repeated, again.stage) == (2, True, Stage.UNIT_REVIEW)
    assert named(records) == [(1, "submit"), (2, "file_complaint")]


async def test_a_case_that_the_engine_lost_goes_on_from_the_record(
    season: Season, records: MemoryRecords
) -> None:
    """Open as it is, with its clocks; and what was answered before is not done twice."""
    await season.submit()
    await season.act("start_publicity", UNIT, request_id="r-1")
    await season.handle.terminate("the engine was restored to a point before it began")

    resumed = await season.reach("resume", OPERATIONS, lost=True)
    again = await season.act("start_publicity", UNIT, request_id="r-1")

    assert (resumed.seq, resumed.stage) == (3, Stage.UNIT_PUBLICITY)
    assert (again.seq, again.repeated) == (2, True)
    assert (await season.snapshot()).wake_at is not None
    assert named(records) == [(1, "submit"), (2, "start_publicity"), (3, "resume")]


def complaint() -> Act:
    return Act(request_id="r-c", actor=STRANGER, payload={"text": "text-1"})
