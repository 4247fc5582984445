"""Who may have the papers of a case: the applicant, the route, the office; nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.records import CaseRecords
from config.campaign_files import CAMPAIGNS, load
from tests.fixtures.record import Office
from tests.integration.paper_season import (
    CASE,
    CITY,
    DEPARTMENT,
    OFFICE,
    UNIT,
    PaperOffice,
    application_of,
    play,
)
from workflows.writer.messages import Actor

pytestmark = pytest.mark.integration
ANYONE = Actor(person="anyone", role="anyone")


@pytest.fixture
async def bd(published: Office) -> Office:
    """The office with the real notice of 2023."""
    campaign = load(CAMPAIGNS / "bd-2023.toml")
    content = campaign.model_dump(mode="json", exclude={"policy"})
    policy = campaign.policy.model_dump(mode="json")
    await published("amend_campaign", {"policy": policy, "content": content, "reason": "正式文本"})
    return published


@pytest.fixture
def papers(pool: Pool, identity: Identity, intake: Intake, tmp_path: Path) -> PaperOffice:
    """The operation that makes papers, sealed with a demonstration's seal."""
    return PaperOffice(pool, identity, intake, tmp_path)


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        (Actor(person="liu", organisation=UNIT, role="member"), True),
        (Actor(person="zhou", organisation=DEPARTMENT, role="member"), True),
        (Actor(person="chen", organisation=OFFICE, role="supervisor"), True),
        (Actor(person="qian", organisation=CITY, role="member"), True),
        (Actor(person="wu", organisation="yubei-water-center", role="member"), False),
        (Actor(person="gao", organisation="zhiping-operations", role="operations"), False),
        (Actor(person="someone", role="applicant"), False),
        (Actor(person="wu", organisation=OFFICE, role="supervisor"), False),
        (ANYONE, False),
    ],
)
async def test_a_personal_paper_is_for_those_it_concerns(
    who: Actor,
    allowed: bool,
    bd: Office,
    papers: PaperOffice,
    intake: Intake,
    records: CaseRecords,
) -> None:
    await play(intake, records)
    outcome = await papers.render("review_form", by=who)
    assert outcome.done is allowed
    assert [item.code for item in outcome.refusals] == ([] if allowed else ["not_entitled"])


async def test_the_applicant_has_the_own_papers_and_no_others(
    bd: Office, papers: PaperOffice, intake: Intake, records: CaseRecords, pool: Pool
) -> None:
    await play(intake, records, 1)
    await play(intake, records, 2)
    person = await pool.fetchval("SELECT person FROM application WHERE id = $1", CASE)
    own = Actor(person=person, role="applicant")
    assert (await papers.render("recheck_answer", by=own)).done
    assert not (await papers.render("recheck_answer", application_of(2), by=own)).done


async def test_a_unit_does_not_read_the_answer_to_a_recheck(
    bd: Office, papers: PaperOffice, intake: Intake, records: CaseRecords
) -> None:
    await play(intake, records)
    unit = Actor(person="liu", organisation=UNIT, role="member")
    assert not (await papers.render("recheck_answer", by=unit)).done
