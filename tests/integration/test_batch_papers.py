"""Papers of a batch through the real operation: whom each names, and that no expert is in any."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.meeting_records import MeetingRecords
from activities.papers.case_facts import ballot_of
from activities.papers.catalogue import PAPERS
from activities.papers.seals import read_roots
from activities.papers.store import PaperReading
from activities.papers.verification import check_seals
from activities.reading import Reading
from config.campaign_files import CAMPAIGNS, load
from tests.fixtures.record import Office
from tests.integration.paper_season import PaperOffice, stored_bytes
from tests.integration.sittings import (
    CITY_OFFICE,
    DAY,
    EXPERTS,
    MEETING,
    NO,
    OFFICE,
    YES,
    Sitting,
    add_cases,
    add_pool,
    answer,
)
from tests.integration.test_papers import text_of
from workflows.meeting.meeting import Batch, BatchPhase
from workflows.operation.messages import OperationOutcome
from workflows.rules.message import start_of
from workflows.rules.papers import PaperKind
from workflows.rules.publicity import Publicity
from workflows.writer.messages import Actor

pytestmark = pytest.mark.integration
BUREAU, GROUP = "chengdu-bureau", "jiangnan-group"
ISSUED = {"issued_on": "2024-01-12", "number": "渝职改办〔2024〕12号"}
REPLIED = {"issued_on": "2024-01-05", "number": "渝数评函〔2024〕3号"}
BATCH_PAPERS = (
    PaperKind.RESULT_LIST,
    PaperKind.REVIEW_REPORT,
    PaperKind.DRAFT_CONFIRMATION,
    PaperKind.CONFIRMATION,
    PaperKind.REPLY,
)


@pytest.fixture
def papers(pool: Pool, identity: Identity, intake: Intake, tmp_path: Path) -> PaperOffice:
    """The operation that makes papers, sealed with a demonstration's seal."""
    return PaperOffice(pool, identity, intake, tmp_path)


@pytest.fixture
async def bd(published: Office) -> None:
    """The real notice of 2023."""
    campaign = load(CAMPAIGNS / "bd-2023.toml")
    stated: dict[str, Any] = {
        "policy": campaign.policy.model_dump(mode="json"),
        "content": campaign.model_dump(mode="json", exclude={"policy"}),
        "reason": "正式文本",
    }
    await published("amend_campaign", stated)


@pytest.fixture
async def cases(bd: None, pool: Pool, identity: Identity) -> list[str]:
    """Four of the campaign's own (the fourth fails), and two entrusted by one unit, one by another."""
    own = await add_cases(pool, identity, range(1, 5), unit="liangjiang-data-group")
    more: dict[str, Any] = {"unit": "liangjiang-data-group", "entrusted": True}
    first = await add_cases(pool, identity, [5, 6], entrusting_unit=BUREAU, **more)
    second = await add_cases(pool, identity, [7], entrusting_unit=GROUP, **more)
    return [*own, *first, *second]


@pytest.fixture
async def signed(
    meetings: MeetingRecords, cases: list[str], pool: Pool, identity: Identity
) -> Sitting:
    """A signed meeting with its first batch, all told their results."""
    await add_pool(pool, identity)
    sitting = Sitting(meetings)
    sitting.state.policy = load(CAMPAIGNS / "bd-2023.toml").policy.model_copy(update={"version": 2})
    await sitting.plan()
    await sitting.open()
    await answer(pool)
    await sitting.settle()
    await sitting.judged(dict.fromkeys(cases, YES) | {cases[3]: NO, cases[5]: NO})
    sitting.state.ended_on = DAY
    sitting.state.batches = [Batch(number=1, began_on=DAY, opened_at=start_of(DAY))]
    await sitting.sign()
    await answer(pool)
    await sitting.settle()
    return sitting


async def say(
    sitting: Sitting,
    pool: Pool,
    action: str,
    select: Any,
    batch: int = 1,
    /,
    answers: dict[str, tuple[str, str]] | None = None,
    **more: Any,
) -> None:
    """One word to a batch, told to the end."""
    await sitting.say(action, select, batch, **more)
    assert sitting.last is not None
    order = sitting.last.telling
    await answer(pool, answers)
    await pool.execute("UPDATE telling SET done_at = now() WHERE done_at IS NULL")
    await sitting.settle(order)


@pytest.fixture
async def confirmed(signed: Sitting, pool: Pool, cases: list[str]) -> Sitting:
    """The batch went its whole way; the second candidate was held when the draft went out."""
    batch = signed.state.batches[0]
    await say(signed, pool, "report_results", "batch")
    batch.reported_on, batch.posted_on = date(2023, 12, 8), date(2023, 12, 8)
    batch.publicity = Publicity(
        posted_on=date(2023, 12, 8),
        posted_at=start_of(date(2023, 12, 8)),
        ends_on=date(2023, 12, 15),
    )
    await say(signed, pool, "post_results", "unposted")
    await signed.news(cases[1], "held")
    batch.sent_at, batch.phase = start_of(date(2024, 1, 2)), BatchPhase.SENT
    await say(signed, pool, "send_for_confirmation", "passed_clear")
    await say(signed, pool, "confirm", "drafted_and_failed", payload=ISSUED)
    await say(signed, pool, "reply_to_entrusting_unit", "reply", payload=REPLIED)
    return signed


async def made(papers: PaperOffice, kind: str, **more: Any) -> OperationOutcome:
    return await papers.render(kind, "", meeting=MEETING, batch="1", on="2024-02-01", **more)


async def text(papers: PaperOffice, pool: Pool, tmp_path: Path, kind: str, **more: Any) -> str:
    outcome = await made(papers, kind, **more)
    assert outcome.refusals == ()
    return text_of(stored_bytes(tmp_path, outcome.params["sha256"]))


async def test_the_posted_list_names_who_passed_and_nobody_else(
    confirmed: Sitting, papers: PaperOffice, pool: Pool, tmp_path: Path
) -> None:
    shown = await text(papers, pool, tmp_path, "result_list")
    # The second is held now, but was posted: the list says what it said on its day.
    for name in ("张三1", "张三2", "张三3", "张三5", "张三7"):
        assert name in shown
    assert "张三4" not in shown
    assert "张三6" not in shown
    assert "2023年12月8日至2023年12月15日24:00" in shown
    assert "以上共5名" in shown


async def test_who_is_held_before_the_posting_is_on_the_list_and_in_no_draft(
    signed: Sitting, papers: PaperOffice, pool: Pool, tmp_path: Path, cases: list[str]
) -> None:
    batch = signed.state.batches[0]
    batch.publicity = Publicity(
        posted_on=date(2023, 12, 8),
        posted_at=start_of(date(2023, 12, 8)),
        ends_on=date(2023, 12, 15),
    )
    await signed.news(cases[1], "held")
    await say(signed, pool, "post_results", "unposted")
    posted = await text(papers, pool, tmp_path, "result_list")
    assert "张三2" in posted
    assert "以上共5名" in posted
    await say(signed, pool, "restart_publicity", "passed_posted", payload={"reason": "text-1"})
    again = await text(papers, pool, tmp_path, "result_list", seq="2")
    assert "张三2" in again
    await say(signed, pool, "send_for_confirmation", "passed_clear")
    drafted = await text(papers, pool, tmp_path, "draft_confirmation")
    assert "张三1等2名同志" in drafted
    assert "张三2" not in drafted


async def test_the_report_has_the_numbers_of_the_meeting(
    confirmed: Sitting, papers: PaperOffice, pool: Pool, tmp_path: Path
) -> None:
    shown = await text(papers, pool, tmp_path, "review_report")
    assert "2023-BD-01" in shown
    assert "评委人数11出席人数9" in shown
    assert "应到最低人数8人" in shown
    assert "副高级752" in shown  # seven voted on, five passed, two not


async def test_a_held_candidate_is_in_no_draft_and_no_confirmation(
    confirmed: Sitting, papers: PaperOffice, pool: Pool, tmp_path: Path
) -> None:
    city = Actor(person="qian", organisation=CITY_OFFICE, role="member")
    for kind in ("draft_confirmation", "confirmation"):
        shown = await text(papers, pool, tmp_path, kind, by=city)
        assert "张三1等2名同志" in shown
        assert "张三3" in shown
        assert "张三2" not in shown
        assert "张三5" not in shown  # 委托评审 is never in it
    assert "代拟稿" not in shown
    assert ISSUED["number"] in shown
    assert "2024年1月12日" in shown


async def test_the_draft_says_how_many_are_held_and_not_who(
    confirmed: Sitting, papers: PaperOffice, pool: Pool, tmp_path: Path
) -> None:
    shown = await text(papers, pool, tmp_path, "draft_confirmation")
    assert "另有1名因反映的问题尚在核查" in shown


async def test_each_entrusting_unit_gets_its_own_candidates(
    confirmed: Sitting, papers: PaperOffice, pool: Pool, tmp_path: Path
) -> None:
    shown = await text(papers, pool, tmp_path, "reply", detail=BUREAU)
    assert "张三5" in shown
    assert "张三6" in shown
    assert "张三7" not in shown
    assert REPLIED["number"] in shown
    other = await text(papers, pool, tmp_path, "reply", detail=GROUP)
    assert "张三7" in other
    nobody = await made(papers, "reply", detail="liangjiang-data-group")
    assert [item.code for item in nobody.refusals] == ["not_found"]


@pytest.mark.parametrize("kind", BATCH_PAPERS)
async def test_no_paper_of_a_batch_names_an_expert(
    kind: PaperKind, confirmed: Sitting, papers: PaperOffice, pool: Pool, tmp_path: Path
) -> None:
    detail = BUREAU if kind is PaperKind.REPLY else ""
    shown = await text(papers, pool, tmp_path, kind, detail=detail)
    for expert in EXPERTS:
        assert f"李四{expert}" not in shown
        assert f"institute-{expert}" not in shown


async def test_each_is_sealed_as_the_catalogue_says(
    confirmed: Sitting, papers: PaperOffice, pool: Pool, tmp_path: Path
) -> None:
    roots = read_roots(papers.seal.root.read_bytes())
    for kind in BATCH_PAPERS:
        outcome = await made(papers, kind, detail=BUREAU)
        content = stored_bytes(tmp_path, outcome.params["sha256"])
        checks = await check_seals(content, roots)
        assert len(checks) == len(PAPERS[kind].seals)
        assert all(check.good for check in checks)


async def test_a_batch_paper_waits_until_everybody_was_told(
    signed: Sitting, papers: PaperOffice, pool: Pool
) -> None:
    refused = await made(papers, "review_report")
    assert [item.code for item in refused.refusals] == ["paper_not_due"]
    await signed.say("report_results", "batch", 1)
    refused = await made(papers, "review_report")
    assert [item.code for item in refused.refusals] == ["paper_not_due"]


ENTRUSTING_CLERK = """
INSERT INTO access_grant (person, organisation, role, starts_at, granted_by, granted_at)
VALUES ('x', $1, 'member', '2020-01-01', 'test', '2020-01-01')
"""


@pytest.mark.parametrize(
    ("who", "readable"),
    [
        (Actor(person="anyone", role="anyone"), {"result_list"}),
        (
            Actor(person="liu", organisation="liangjiang-data-group", role="member"),
            {"result_list", "confirmation"},
        ),
        (Actor(person="wu", organisation="yubei-water-center", role="member"), {"result_list"}),
        (Actor(person="x", organisation=BUREAU, role="member"), {"result_list", "reply"}),
        (Actor(person="chen", organisation=OFFICE, role="member"), set(BATCH_PAPERS)),
        (Actor(person="qian", organisation=CITY_OFFICE, role="member"), set(BATCH_PAPERS)),
    ],
)
async def test_a_list_is_for_those_it_concerns(
    who: Actor, readable: set[str], confirmed: Sitting, papers: PaperOffice, pool: Pool
) -> None:
    await pool.execute(ENTRUSTING_CLERK, BUREAU)
    found = {
        kind for kind in BATCH_PAPERS if (await made(papers, kind, by=who, detail=BUREAU)).done
    }
    assert found == readable


async def test_who_may_fetch_a_made_list_is_read_from_the_record(
    confirmed: Sitting, papers: PaperOffice, pool: Pool, reading: Any
) -> None:
    stored = PaperReading(pool)
    outcome = await made(papers, "reply", detail=BUREAU)
    paper = await stored.paper(outcome.params["paper"])
    assert paper is not None
    circle = await stored.circle(paper, reading)
    assert circle.entrusting == (BUREAU,)
    assert circle.office == OFFICE
    assert "liangjiang-data-group" in circle.units
    assert [item.id for item in await stored.of_meeting(MEETING, 1)] == [paper.id]
    assert await stored.of_meeting(MEETING, 2) == ()


async def test_an_unknown_meeting_or_batch_is_not_found(
    confirmed: Sitting, papers: PaperOffice
) -> None:
    for meeting, batch in ((MEETING, "7"), ("meeting-none", "1")):
        outcome = await papers.render("result_list", "", meeting=meeting, batch=batch)
        assert [item.code for item in outcome.refusals] == ["not_found"]


async def test_the_ballot_on_a_review_form_counts_those_who_sit(
    signed: Sitting, cases: list[str], pool: Pool, reading: Reading
) -> None:
    declined = signed.state.seats[-1].model_copy(update={"standing": "declined"})
    seats = [*signed.state.seats, declined]
    await pool.execute(
        "UPDATE meeting SET state = jsonb_set(state, '{seats}', $2::jsonb) WHERE id = $1",
        MEETING,
        json.dumps([seat.model_dump(mode="json") for seat in seats]),
    )
    case = await reading.case(cases[0])
    assert case is not None
    judged = case.model_copy(update={"meeting": MEETING})

    async with pool.acquire() as connection:
        ballot = await ballot_of(connection, reading, judged)

    assert ballot is not None
    assert (ballot.drawn, ballot.present, ballot.voters) == (11, len(signed.state.present), 9)
