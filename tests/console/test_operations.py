"""计划总览, 邮件, 审计, 通知版本, 日历: numbers for who keeps the registers, letters and looks for operations alone."""

from __future__ import annotations

import re

import pytest

from activities.database import Pool
from activities.intake import Intake
from activities.records import CaseRecords
from config.campaign_files import CAMPAIGNS, load
from tests.builders import BD, a_policy
from tests.console.at_once import AtOnce, at_once
from tests.console.conftest import Come
from tests.fixtures.record import Office
from tests.integration.steps import APPLICATION, an_application, opening

__all__ = ["at_once"]

pytestmark = pytest.mark.integration

DOCUMENT = a_policy(BD).document

REPORTS = ("/zonglan", "/zonglan/jiliu", "/zonglan/jieman", "/zonglan/zeren")
REQUEST = re.compile(r'name="qing" value="([0-9a-f]+)"')


@pytest.fixture
async def case(published: Office, records: CaseRecords, intake: Intake) -> str:
    """A case of the BD notice, submitted."""
    draft = await intake.store_draft("live", BD, an_application())
    await records.record_step(opening(draft))
    return APPLICATION


@pytest.mark.usefixtures("case")
async def test_reports_are_for_who_keeps_the_whole_and_an_office_sees_its_own_notices(
    newcomer: Come,
) -> None:
    gao, chen, liu = await newcomer("gao"), await newcomer("chen"), await newcomer("liu")
    for path in REPORTS:
        assert (await gao.get(path)).status_code == 200, path
        assert (await gao.get(f"{path}?xiazai=xlsx")).status_code == 200, path
        assert (await gao.get(f"{path}?hou=x")).status_code in (200, 404), path
        assert (await liu.get(path)).status_code == 404, path
    await gao.get("/zonglan")
    assert DOCUMENT in gao.page
    await chen.get("/zonglan")
    assert DOCUMENT in chen.page
    assert "/zonglan/jiliu" not in chen.page
    for path in REPORTS[1:]:
        assert (await chen.get(path)).status_code == 404, path


async def test_who_looked_at_a_case_is_told_to_operations_alone(case: str, newcomer: Come) -> None:
    gao, liu = await newcomer("gao"), await newcomer("liu")
    assert (await liu.get(f"/anjuan/{case}")).status_code == 200
    assert (await liu.get("/shenji")).status_code == 404
    assert (await liu.get(f"/shenji/{case}")).status_code == 404
    await gao.get("/shenji")
    assert (await gao.post("/shenji", {"number": "没有这件"})).status_code == 422
    answer = await gao.post("/shenji", {"number": case})
    assert answer.headers["location"] == f"/shenji/{case}"
    await gao.get(f"/shenji/{case}")
    assert "刘经理" in gao.page
    assert "案卷" in gao.page
    assert (await gao.get("/shenji/application-none")).status_code == 404
    assert "刘经理".encode() in (await gao.get(f"/shenji/{case}?xiazai=csv")).content


async def test_a_letter_that_came_back_is_listed_and_sent_again(
    case: str, newcomer: Come, pool: Pool, at_once: AtOnce
) -> None:
    letter = await pool.fetchval("SELECT id FROM letter WHERE application = $1 LIMIT 1", case)
    await pool.execute(
        "UPDATE letter SET state = 'bounced', settled_at = now() WHERE id = $1", letter
    )
    gao, liu = await newcomer("gao"), await newcomer("liu")
    assert (await liu.get("/youjian")).status_code == 404
    assert (await liu.get(f"/youjian/{letter}")).status_code == 404
    await gao.get("/youjian")
    assert f"/youjian/{letter}" in gao.page
    assert (await gao.get(f"/youjian/{letter[:-3]}")).status_code == 404
    await gao.get(f"/youjian/{letter}")
    request = REQUEST.findall(gao.page)[0]
    assert (await gao.post(f"/youjian/{letter}", {"qing": request})).status_code == 303
    assert (await gao.post(f"/youjian/{letter}", {"qing": request})).status_code == 303
    again = await pool.fetch("SELECT id FROM letter WHERE resend_of = $1", letter)
    assert len(again) == 1
    assert at_once.asked == [request, request]


@pytest.mark.usefixtures("case")
async def test_a_published_notice_tells_its_terms_and_what_a_version_changed(
    published: Office, newcomer: Come
) -> None:
    before = load(CAMPAIGNS / "bd-2023.toml")
    content = before.model_dump(mode="json", exclude={"policy"})
    policy = before.policy.model_dump(mode="json")
    policy["fees"]["yuan"] = {level: 999 for level in policy["fees"]["yuan"]}
    for stated in (before.policy.model_dump(mode="json"), policy):
        told = {"policy": stated, "content": content, "reason": "改收费"}
        outcome = await published("amend_campaign", told)
        assert outcome.done, outcome
    last = int(outcome.version)
    liu = await newcomer("liu")
    await liu.get("/tongzhi")
    path = f"/tongzhi/{BD}/{last}"
    assert path in liu.page
    # A notice by its document's number, who published it by name.
    assert DOCUMENT in liu.page
    assert f">{BD}<" not in liu.page
    assert "gao@" not in liu.page
    await liu.get(path)
    assert "单位公示" in liu.page
    assert re.search(r"由“[^”]*”改为“[^”]*999[^”]*”", liu.page), liu.page
    assert (await liu.get(f"/tongzhi/{BD}/{last + 1}")).status_code == 404
    assert (await liu.get("/tongzhi/no/1")).status_code == 404
    assert (await liu.get(f"{path}?xiazai=csv")).status_code == 200
    await liu.get("/rili")
    assert "2023 年" in liu.page
    assert (await liu.get("/rili/2023")).status_code == 200
    assert (await liu.get("/rili/1999")).status_code == 404
