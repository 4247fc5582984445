"""The record: one transaction per step, each step once, one claim a year, mail after the commit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest
from temporalio.exceptions import ApplicationError

from activities.case_loading import CaseLoading
from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.published_versions import PublishedVersions
from activities.reading import Reading
from activities.records import CaseRecords
from activities.stored_cases import StoredCases
from activities.trail import step_hash
from tests.builders import BD
from tests.fixtures.record import Office, Rung
from tests.integration.steps import (
    APPLICATION,
    AT,
    UNIT,
    a_deadline,
    a_letter,
    a_projection,
    a_step,
    a_task,
    an_application,
    following,
    opening,
)
from workflows.application.case import Payment
from workflows.application.messages import CaseQuery, StepRecorded
from workflows.letter.messages import room_of
from workflows.rules.names import EndName, Stage

pytestmark = pytest.mark.integration

OTHER = APPLICATION[:-4] + "beef"
DAY = timedelta(days=1)


@pytest.fixture
async def draft(intake: Intake) -> str:
    """A stored draft."""
    return await intake.store_draft("live", BD, an_application())


@pytest.fixture
async def case(records: CaseRecords, draft: str, rung: Rung) -> str:
    """A case with its first step."""
    await records.record_step(opening(draft))
    rung.rooms.clear()
    return APPLICATION


async def rows(pool: Pool, table: str) -> list[dict[str, Any]]:
    """All rows of a table."""
    return [dict(row) for row in await pool.fetch(f"SELECT * FROM {table}")]  # noqa: S608


async def refused(call: Awaitable[StepRecorded]) -> ApplicationError:
    """The failure of a step."""
    with pytest.raises(ApplicationError) as caught:
        await call
    return caught.value


async def test_the_first_step_opens_the_case(
    records: CaseRecords, draft: str, reading: Reading
) -> None:
    assert await records.record_step(opening(draft)) == StepRecorded(seq=1)
    case = await reading.case(APPLICATION)
    assert case is not None
    expected = an_application()["identity"]["name"]
    assert (case.stage, case.seq, case.applicant) == (Stage.UNIT_REVIEW, 1, expected)


async def test_the_same_step_again_is_once(records: CaseRecords, draft: str, pool: Pool) -> None:
    command = opening(draft)
    assert await records.record_step(command) == await records.record_step(command)
    assert [len(await rows(pool, name)) for name in ("step", "letter", "task", "deadline")] == [
        1,
        1,
        1,
        1,
    ]


async def test_the_same_step_at_once_is_once(records: CaseRecords, draft: str, pool: Pool) -> None:
    answers = await asyncio.gather(*(records.record_step(opening(draft)) for _ in range(4)))
    assert set(answers) == {StepRecorded(seq=1)}
    assert len(await rows(pool, "step")) == 1


async def test_another_step_under_the_same_number_is_never_overwritten(
    records: CaseRecords, case: str, pool: Pool
) -> None:
    kept = await rows(pool, "step")

    answer = await records.record_step(opening("", step=a_step(1, name="withdraw")))

    assert (answer.ahead, answer.written) == (True, False)
    assert await rows(pool, "step") == kept


async def test_a_step_with_a_gap_before_it_is_loud(records: CaseRecords, case: str) -> None:
    failure = await refused(records.record_step(following(3)))
    assert (failure.type, failure.non_retryable) == ("step_gap", True)


async def test_a_second_step_of_an_unknown_case_is_a_gap(records: CaseRecords) -> None:
    assert (await refused(records.record_step(following(2)))).type == "step_gap"


async def test_an_unknown_draft_is_never_retried(records: CaseRecords, pool: Pool) -> None:
    failure = await refused(records.record_step(opening("draft-nobody")))
    assert (failure.type, failure.non_retryable) == ("not_found", True)
    assert await rows(pool, "application") == []


async def test_a_grown_model_does_not_make_another_step() -> None:
    step = a_step()
    assert step_hash(step) == step_hash(step.model_copy(update={"reason": ""}))
    assert step_hash(step) != step_hash(step.model_copy(update={"reason": "text-1"}))


async def test_nothing_is_left_of_a_step_that_fails(
    records: CaseRecords, case: str, pool: Pool, rung: Rung
) -> None:
    clash = following(2, letters=(a_letter("same"), a_letter("same")))
    with pytest.raises(asyncpg.UniqueViolationError):
        await records.record_step(clash)
    assert len(await rows(pool, "step")) == 1
    assert rung.rooms == []


async def test_the_audit_trail_cannot_be_changed(case: str, owner: Pool) -> None:
    for statement in ("UPDATE step SET name = 'x'", "DELETE FROM step"):
        with pytest.raises(asyncpg.RaiseError, match="only added to"):
            await owner.execute(statement)


async def test_two_submissions_in_one_second_take_one_claim(
    records: CaseRecords, intake: Intake, pool: Pool
) -> None:
    drafts = [
        await intake.store_draft(
            "live", BD, an_application(title=str(number), facts={"papers": [str(number)]})
        )
        for number in range(2)
    ]
    answers = await asyncio.gather(
        *(
            records.record_step(opening(draft, application=application))
            for draft, application in zip(drafts, (APPLICATION, OTHER), strict=True)
        )
    )
    assert sorted(answer.claim_refused for answer in answers) == [False, True]
    assert len(await rows(pool, "yearly_claim")) == len(await rows(pool, "application")) == 1


async def test_a_refused_claim_names_who_holds_it_and_writes_nothing(
    records: CaseRecords, case: str, intake: Intake, pool: Pool, rung: Rung
) -> None:
    second = await intake.store_draft("live", BD, an_application(facts={"papers": ["other"]}))
    answer = await records.record_step(opening(second, application=OTHER))
    assert answer == StepRecorded(
        seq=1, claim_refused=True, held_by_application=APPLICATION, held_by_open=True
    )
    assert [row["application"] for row in await rows(pool, "step")] == [APPLICATION]
    assert rung.rooms == []


async def test_the_refused_application_is_then_recorded_as_ineligible(
    records: CaseRecords, case: str, intake: Intake, reading: Reading
) -> None:
    second = await intake.store_draft("live", BD, an_application(facts={"papers": ["other"]}))
    ended = a_projection(
        stage=None, end=EndName.INELIGIBLE, holder="", closed=True, tasks=(), deadlines=()
    )
    command = opening(second, application=OTHER, claim="keep", projection=ended, letters=())
    assert not (await records.record_step(command)).claim_refused
    found = await reading.case(OTHER)
    assert found is not None
    assert (found.end, found.closed) == (EndName.INELIGIBLE, True)


async def test_the_claim_of_a_year_is_free_in_another_realm(
    records: CaseRecords, case: str, intake: Intake
) -> None:
    await intake.open_realm("r1", AT)
    draft = await intake.store_draft("r1", BD, an_application())
    answer = await records.record_step(opening(draft, application=OTHER, realm="r1"))
    assert not answer.claim_refused


async def test_a_claim_given_back_can_be_taken_again(
    records: CaseRecords, case: str, intake: Intake, pool: Pool
) -> None:
    await records.record_step(following(2, claim="release"))
    second = await intake.store_draft("live", BD, an_application(facts={"papers": ["other"]}))
    answer = await records.record_step(opening(second, application=OTHER))
    assert not answer.claim_refused
    assert [row["released_at"] is None for row in await rows(pool, "yearly_claim")] == [False, True]


async def test_a_slot_of_its_own_is_another_claim(
    records: CaseRecords, case: str, intake: Intake
) -> None:
    second = await intake.store_draft("live", BD, an_application(facts={"papers": ["other"]}))
    command = opening(second, application=OTHER, claim_slot="aux_to_main_series")
    assert not (await records.record_step(command)).claim_refused


async def test_a_channel_without_a_slot_takes_no_claim(
    records: CaseRecords, draft: str, pool: Pool
) -> None:
    await records.record_step(opening(draft, claim_slot=""))
    assert await rows(pool, "yearly_claim") == []


async def test_the_bell_rings_after_the_commit(
    records: CaseRecords, draft: str, rung: Rung, reading: Reading
) -> None:
    await records.record_step(opening(draft))
    letters = await reading.letters(APPLICATION)
    assert rung.rooms == [room_of("live", APPLICATION)]
    assert letters[0].state == "queued"


async def test_a_bell_that_could_not_ring_rings_on_the_repeat(
    records: CaseRecords, draft: str, rung: Rung, pool: Pool
) -> None:
    rung.away = True
    with pytest.raises(ConnectionError):
        await records.record_step(opening(draft))
    assert len(await rows(pool, "step")) == 1
    rung.away = False
    await records.record_step(opening(draft))
    assert len(rung.rooms) == 1


async def test_a_step_without_letters_rings_no_bell(
    records: CaseRecords, draft: str, rung: Rung
) -> None:
    await records.record_step(opening(draft))
    rung.rooms.clear()
    await records.record_step(following(2, letters=()))
    assert rung.rooms == []


async def test_a_notice_without_an_id_gets_one_that_every_attempt_arrives_at(
    records: CaseRecords, draft: str, pool: Pool
) -> None:
    command = opening(draft, letters=(a_letter(""), a_letter("")))
    await records.record_step(command)
    await records.record_step(command)
    assert len({row["id"] for row in await rows(pool, "letter")}) == 2


async def test_a_task_that_stays_keeps_its_id_and_opening(
    records: CaseRecords, case: str, pool: Pool
) -> None:
    before = (await rows(pool, "task"))[0]
    later = a_projection(tasks=(a_task(due_on=date(2023, 10, 20)), a_task("urged")))
    await records.record_step(following(2, step=a_step(2, at=AT + DAY), projection=later))
    after = {row["key"]: row for row in await rows(pool, "task")}
    assert after["unit_review"]["id"] == before["id"]
    assert after["unit_review"]["opened_at"] == before["opened_at"]
    assert after["unit_review"]["due_on"] == date(2023, 10, 20)
    assert after["urged"]["opened_at"] == AT + DAY


async def test_a_task_that_is_no_more_is_closed_and_may_come_again(
    records: CaseRecords, case: str, pool: Pool
) -> None:
    await records.record_step(following(2, projection=a_projection(tasks=())))
    await records.record_step(following(3))
    assert [row["closed_seq"] for row in await rows(pool, "task")] == [2, None]


async def test_the_deliverys_own_tasks_are_not_the_cases_to_close(
    records: CaseRecords, case: str, pool: Pool
) -> None:
    await pool.execute(
        "INSERT INTO task (application, realm, key, kind, opened_at)"
        " VALUES ($1, 'live', 'letter:n-1', 'bounced_letter', $2)",
        case,
        AT,
    )
    await records.record_step(following(2, projection=a_projection(tasks=())))
    still_open = await pool.fetch("SELECT key FROM task WHERE closed_at IS NULL")
    assert [row["key"] for row in still_open] == ["letter:n-1"]


async def test_a_met_deadline_is_closed_as_met(
    records: CaseRecords, case: str, reading: Reading
) -> None:
    await records.record_step(following(2, projection=a_projection(deadlines=())))
    assert [entry.ended for entry in await reading.deadlines(case)] == ["met"]


async def test_a_deadline_whose_clock_struck_says_when(
    records: CaseRecords, case: str, reading: Reading
) -> None:
    struck_at = a_deadline().ends_at
    step = a_step(2, source="clock", name="unit_duty", at=struck_at, actor=None)
    await records.record_step(following(2, step=step, projection=a_projection(deadlines=())))
    entry = (await reading.deadlines(case))[0]
    assert (entry.ended, entry.struck_at) == ("struck", struck_at)


async def test_an_extended_deadline_leaves_the_date_that_was_told(
    records: CaseRecords, case: str, reading: Reading
) -> None:
    longer = a_deadline(ends_on=date(2023, 10, 20), extended=True)
    await records.record_step(following(2, projection=a_projection(deadlines=(longer,))))
    entries = await reading.deadlines(case)
    assert [(item.deadline.ends_on, item.ended) for item in entries] == [
        (date(2023, 10, 17), "superseded"),
        (date(2023, 10, 20), None),
    ]


async def test_deadlines_of_an_ended_case_end_with_it(
    records: CaseRecords, case: str, reading: Reading
) -> None:
    ended = a_projection(stage=None, end=EndName.WITHDRAWN, deadlines=(), tasks=())
    await records.record_step(following(2, projection=ended))
    assert [entry.ended for entry in await reading.deadlines(case)] == ["case_ended"]


async def test_a_floor_that_ran_out_stays_open_and_is_marked(
    records: CaseRecords, case: str, reading: Reading
) -> None:
    kept = a_projection(deadlines=(a_deadline(struck=True),))
    await records.record_step(following(2, projection=kept))
    entry = (await reading.deadlines(case))[0]
    assert entry.ended is None
    assert entry.struck_at is not None


async def test_a_payment_is_kept_once(records: CaseRecords, case: str, pool: Pool) -> None:
    payment = Payment(transaction="tx-1", yuan=420, paid_at=AT, received_at=AT + DAY)
    await records.record_step(following(2, payment=payment))
    await records.record_step(following(3, payment=payment))
    assert [(row["yuan"], row["seq"]) for row in await rows(pool, "payment")] == [(420, 2)]


async def test_the_state_stays_until_another_comes(
    records: CaseRecords, case: str, pool: Pool
) -> None:
    state = json.dumps({"acceptance_number": "BD-2023-0001", "batch": "b1"})
    await records.record_step(following(2, state=state))
    await records.record_step(following(3))
    row = (await rows(pool, "application"))[0]
    assert (row["acceptance_number"], row["batch"]) == ("BD-2023-0001", "b1")


async def test_a_case_without_a_state_cannot_be_loaded(
    pool: Pool, identity: Identity, case: str
) -> None:
    with pytest.raises(ApplicationError) as caught:
        await CaseLoading(StoredCases(pool, PublishedVersions(pool))).load_case(
            CaseQuery(application=case)
        )
    assert caught.value.type == "not_found"


async def test_a_draft_of_another_realm_opens_no_case(
    records: CaseRecords, draft: str, intake: Intake
) -> None:
    await intake.open_realm("r1", AT)
    assert (await refused(records.record_step(opening(draft, realm="r1")))).type == "not_found"


async def test_a_database_that_is_away_may_be_asked_again(
    records: CaseRecords, draft: str, pool: Pool
) -> None:
    await pool.close()
    with pytest.raises(asyncpg.InterfaceError):
        await records.record_step(opening(draft))


async def test_no_column_shows_a_name_or_an_id_number(
    records: CaseRecords, intake: Intake, published: Office, pool: Pool
) -> None:
    stated = an_application(identity={"name": "canary-name", "phone": "023-99998888"})
    number = stated["identity"]["id_number"]
    secrets = ("canary-name", number, "023-99998888", stated["identity"]["email"], "canary-text")
    reason = await intake.store_text("canary-text")
    draft = await intake.store_draft("live", BD, stated)
    await intake.store_file("person-1", b"content", title="canary-name")
    bar = {"id_number": number, "years": 3, "document": "canary-text", "decided_by": "canary-text"}
    await published("enter_bar", bar | {"reason": "canary-text"})
    await records.record_step(opening(draft))
    step = a_step(2, reason=reason)
    await records.record_step(following(2, step=step))
    tables = await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    shown = ""
    for table in (row["tablename"] for row in tables):
        shown += await pool.fetchval(f"SELECT coalesce(string_agg(t::text, ''), '') FROM {table} t")  # noqa: S608
    assert "xinghe-technology" in shown  # so the search itself finds what is there
    hexes = [secret.encode().hex() for secret in secrets]
    assert not [secret for secret in (*secrets, *hexes) if secret in shown]


async def test_every_holder_is_in_the_trail(records: CaseRecords, case: str, pool: Pool) -> None:
    assert [row["holder_after"] for row in await rows(pool, "step")] == [UNIT]
