"""Who asked for what takes two may have lost the right before another human confirms it."""

from __future__ import annotations

from typing import Any

import pytest

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.meeting_records import MeetingRecords
from activities.records import CaseRecords
from tests.builders import BD
from tests.fixtures.record import Office
from tests.hostile.test_draw_recorded import an_order
from tests.integration.sittings import AT as MEETS_AT
from tests.integration.sittings import DAY, OFFICE, Sitting, add_cases, add_pool, codes
from tests.integration.steps import AT, a_step, an_application, following, opening
from workflows.application.messages import StepRecorded
from workflows.meeting.meeting import Commitment, Draw
from workflows.rules.refusals import Code
from workflows.writer.messages import Actor

pytestmark = pytest.mark.integration

HEAD = Actor(person="chen-zong", organisation="bd-committee-office", role="supervisor")
CLERK = Actor(person="chen", organisation="bd-committee-office", role="member")


@pytest.fixture
async def case(published: Office, intake: Intake, records: CaseRecords) -> CaseRecords:
    """A case of the office."""
    draft = await intake.store_draft("live", BD, an_application(campaign=BD))
    await records.record_step(opening(draft))
    return records


async def confirmed(records: CaseRecords, first: Actor, **more: Any) -> StepRecorded:
    """What another human confirmed, as its workflow sends it."""
    stated: dict[str, Any] = {"name": "extend_deadline", "actor": first, "second": CLERK}
    return await records.record_step(following(step=a_step(2, **stated | more)))


async def test_on_a_case_the_first_ones_right_is_asked_again(
    case: CaseRecords, published: Office, pool: Pool
) -> None:
    stated = {"person": HEAD.person, "organisation": HEAD.organisation}
    assert (await published("revoke_grant", stated, at=AT)).done

    answer = await confirmed(case, HEAD)

    assert (answer.written, [item.code for item in answer.refusals]) == (
        False,
        [Code.NOT_ENTITLED],
    )
    assert await pool.fetchval("SELECT max(seq) FROM step") == 1
    # Who lost the office but kept a clerk's place is no head any more.
    assert (await published("grant", stated | {"role": "member"}, at=AT)).done
    assert not (await confirmed(case, HEAD)).written
    assert (await confirmed(case, HEAD.model_copy(update={"role": "member"}))).written


async def test_on_a_case_whoever_holds_the_right_still_is_confirmed(case: CaseRecords) -> None:
    assert (await confirmed(case, HEAD)).written


async def test_what_one_alone_does_asks_nothing_of_the_record(case: CaseRecords) -> None:
    """The door looked the right up when it was asked for; there is no first person."""
    gone = Actor(person="gone", organisation="bd-committee-office", role="member")
    assert (await confirmed(case, gone, second=None)).written


async def test_in_a_meeting_another_draw_is_asked_for_by_who_may_still(
    meetings: MeetingRecords, pool: Pool, identity: Identity
) -> None:
    await add_cases(pool, identity, range(1, 4))
    await add_pool(pool, identity)
    sitting = Sitting(meetings)
    await sitting.plan()
    await sitting("draw", an_order())
    commitment = Commitment(digest="0" * 64, by=Actor(person="qian"), at=MEETS_AT)
    asked_by = Actor(person="wang-er", organisation=OFFICE, role="member")
    sitting.state.draws = [
        Draw(number=2, commitment=commitment, ordered_by=CLERK, asked_by=asked_by, on=DAY)
    ]

    assert codes(await sitting("draw", an_order(2, again=True))) == [Code.NOT_ENTITLED]

    await pool.execute(
        "INSERT INTO access_grant (realm, person, organisation, role, starts_at, granted_by, "
        "granted_at) VALUES ('', $1, $2, 'member', $3, 'ops', $3)",
        asked_by.person,
        OFFICE,
        MEETS_AT,
    )
    assert (await sitting("draw", an_order(2, again=True))).drawn is not None
