"""A title that is gone: no first paper of it, and a signed list that says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.papers.authority import Authority, SealRegister
from activities.papers.making import WITHDRAWALS
from activities.papers.seals import read_roots
from activities.papers.standing import CertificateStanding
from activities.papers.withdrawals import check_list
from activities.records import CaseRecords
from config.campaign_files import CAMPAIGNS, load
from tests.fixtures.record import Office
from tests.integration.paper_season import CASE, CITY, OFFICE, PaperOffice, at, play, stored_bytes
from tests.unit.test_results_law import act, confirmed
from workflows.application.case import Case
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.rules.papers import PaperKind
from workflows.rules.refusals import Code
from workflows.writer.messages import Actor

pytestmark = pytest.mark.integration


@pytest.fixture
async def season(published: Office, intake: Intake, records: CaseRecords) -> None:
    """A confirmed title under the real notice of 2023."""
    campaign = load(CAMPAIGNS / "bd-2023.toml")
    content = campaign.model_dump(mode="json", exclude={"policy"})
    policy = campaign.policy.model_dump(mode="json")
    await published("amend_campaign", {"policy": policy, "content": content, "reason": "正式文本"})
    await play(intake, records, until="confirm")


@pytest.fixture
def papers(
    season: None, pool: Pool, identity: Identity, intake: Intake, tmp_path: Path
) -> PaperOffice:
    """The operation that makes papers."""
    return PaperOffice(pool, identity, intake, tmp_path)


async def stands_as(owner: Pool, case: Case) -> None:
    """The record has the case so."""
    case.results[0].document = "渝职改办〔2024〕12号"
    kept = case.model_dump_json(exclude={"policy", "calendar", "requests"})
    await owner.execute(
        "UPDATE application SET state = $2, end_name = $3 WHERE id = $1",
        CASE,
        kept,
        case.end.name.value if case.end else None,
    )


def revoked() -> Case:
    return act(confirmed(), "revoke", "city", "2024-01-25T10:00", reason="text-1")


def judged_again() -> Case:
    case = confirmed()
    case.results[-1].recheck_decision = "reassess"
    return case


def codes(outcome: OperationOutcome) -> list[Code]:
    return [item.code for item in outcome.refusals]


@pytest.mark.parametrize("kind", [PaperKind.CERTIFICATE, PaperKind.REVIEW_FORM])
@pytest.mark.parametrize("gone", [revoked, judged_again])
async def test_no_first_paper_of_a_title_that_is_gone(
    kind: PaperKind, gone: object, papers: PaperOffice, owner: Pool
) -> None:
    await stands_as(owner, revoked() if gone is revoked else judged_again())

    assert codes(await papers.render(kind)) == [Code.TITLE_WITHDRAWN]
    assert await owner.fetchval("SELECT count(*) FROM certificate") == 0


async def test_one_that_was_made_before_is_in_the_record_still(
    papers: PaperOffice, owner: Pool
) -> None:
    await stands_as(owner, confirmed())
    first = await papers.render(PaperKind.CERTIFICATE)
    await stands_as(owner, revoked())

    again = await papers.render(PaperKind.CERTIFICATE)

    assert (first.count, again.count) == (1, 0)


async def test_a_seal_that_may_not_certify_the_committee_makes_no_certificate(
    season: None, pool: Pool, identity: Identity, intake: Intake, owner: Pool, tmp_path: Path
) -> None:
    shop = SealRegister(seals=(Authority(holder="路边小店", committees=("*",)),))
    papers = PaperOffice(pool, identity, intake, tmp_path, shop)
    await stands_as(owner, confirmed())

    assert codes(await papers.render(PaperKind.CERTIFICATE)) == [Code.SEAL_NOT_ENTITLED]


async def test_the_list_names_those_that_do_not_stand_and_nobody_else(
    papers: PaperOffice, owner: Pool, tmp_path: Path
) -> None:
    async def listed(by: Actor) -> OperationOutcome:
        asked = OperationRequest(kind=WITHDRAWALS, realm="live", actor=by, as_of=at("2024-02-01"))
        return await papers.carry_out(asked)

    city = Actor(person="qian", organisation=CITY, role="member")
    await stands_as(owner, confirmed())
    await papers.render(PaperKind.CERTIFICATE)
    empty = await listed(city)
    await stands_as(owner, revoked())
    one = await listed(city)

    assert (empty.count, one.count) == (0, 1)
    content = stored_bytes(tmp_path, one.params["sha256"])
    said = check_list(content.decode(), read_roots(papers.seal.root.read_bytes())).said
    [item] = said.withdrawn
    assert (item.standing, str(item.since)) == (CertificateStanding.REVOKED, "2024-01-25")
    assert "欧阳" not in said.model_dump_json()
    for stranger in (
        Actor(person="chen", organisation=OFFICE, role="member"),
        Actor(person="chen", organisation=CITY, role="member"),
        Actor(person="visitor"),
    ):
        assert codes(await listed(stranger)) == [Code.NOT_ENTITLED]
