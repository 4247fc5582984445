"""A workflow task that was lost after its step was written: the record counts, and nothing is twice.

What such a task leaves is a step in the record that the run knows nothing of; so that is what these
tests put there. `tests/integration/test_chaos.py` kills real workers.
"""

from __future__ import annotations

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
