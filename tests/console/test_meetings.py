"""评审会 on the page: who sees what of it, from the record alone; the engine of these tests is away."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.meeting_records import MeetingRecords
from activities.reading import Reading
from config.committee_files import COMMITTEES, read
from tests.console.conftest import Browser, Come
from tests.fixtures.record import Office
from tests.integration.sittings import (
    DAY,
    EXPERTS,
    MEETING,
    NO,
    YES,
    Sitting,
    add_cases,
    add_pool,
    answer,
)
from tests.workflow.season import the_policy
from workflows.meeting import messages as m
from workflows.meeting.meeting import Batch
from workflows.rules.message import BEIJING, start_of
from workflows.rules.recusal import Ground

pytestmark = pytest.mark.integration

CLERK, CITY, STRANGER = "chen", "qian", "liu"
HERE = f"/pingshenhui/{MEETING}"


@pytest.fixture
async def sitting(
    meetings: MeetingRecords, published: Office, pool: Pool, identity: Identity, reading: Reading
) -> Sitting:
    """An opened meeting of three, one counted by two, one by one."""
    await add_pool(pool, identity)
    cases = await add_cases(pool, identity, range(1, 4), unit="liangjiang-data-group")
    calendar = await reading.calendar()
    assert calendar is not None
    sitting = Sitting(meetings)
    stated = {"policy": the_policy("bd-2023").model_dump(mode="json"), "reason": "钟表齐全"}
    rules = await published("amend_campaign", stated)
    sitting.versions = {
        "policy_version": int(rules.version),
        "calendar_version": calendar.version,
    }
    await sitting.plan()
    await sitting.seated()
    await sitting(
        "recuse",
        m.NoteRecusal(expert=EXPERTS[0], applications=(cases[0],), ground=Ground.KIN, reason=""),
    )
    await sitting.open(EXPERTS[1:10])
    await answer(pool)
    await sitting.settle()
    await sitting.opinions(cases, EXPERTS[2:5])
    await sitting.count("wang", {cases[0]: YES, cases[1]: NO})
    await sitting.count("zhao", {cases[0]: YES})
    return sitting


async def signed(sitting: Sitting, pool: Pool) -> None:
    """All counted and signed: one batch."""
    cases = [
        row["application"]
        for row in await pool.fetch("SELECT application FROM candidate ORDER BY position")
    ]
    await sitting.count("zhao", {cases[1]: NO})
    await sitting("defer", m.Defer(application=cases[2], why="deferred"))
    sitting.state.batches = [Batch(number=1, began_on=DAY, opened_at=start_of(DAY))]
    sitting.state.ended_on = sitting.state.opened_on = DAY
    await sitting.sign()


async def test_the_office_sees_votes_and_experts_and_what_can_be_done(
    sitting: Sitting, newcomer: Come
) -> None:
    office = await newcomer(CLERK)

    listed = await office.get("/pingshenhui")
    assert listed.status_code == 200
    assert HERE in office.page
    assert (await office.get(HERE)).status_code == 200
    assert f"{HERE}/ban/enter_ballots" in office.page
    assert f"{HERE}/ban/confirm_batch" not in office.page
    assert (await office.get(f"{HERE}/mingce")).status_code == 200
    assert "7:2:0" in office.page
    assert "已录入一次，等第二人录入" in office.page
    assert "5:4:0" not in office.page  # the first count is not shown before the second
    assert (await office.get(f"{HERE}/zhuanjia")).status_code == 200
    assert f"李四{EXPERTS[1]}" in office.page


async def test_a_stranger_sees_when_and_where_and_nobodys_name(
    sitting: Sitting, newcomer: Come
) -> None:
    other = await newcomer(STRANGER)

    assert (await other.get(HERE)).status_code == 200
    assert "张三" not in other.page
    assert "/ban/" not in other.page
    for part in ("mingce", "zhuanjia", "jilu", "ban/enter_ballots", "ban/note_case"):
        gone = await other.get(f"{HERE}/{part}")
        assert gone.status_code == 404, part
    assert (await other.get("/pingshenhui/meeting-none")).status_code == 404
    assert (await other.get("/pingshenhui/paiding")).status_code == 404


async def test_the_city_office_sees_batches_after_the_signature_and_no_votes_before(
    sitting: Sitting, newcomer: Come, pool: Pool
) -> None:
    city = await newcomer(CITY)
    assert (await city.get(f"{HERE}/mingce")).status_code == 200
    assert "张三1" not in city.page
    assert "7:2:0" not in city.page
    await signed(sitting, pool)

    assert (await city.get(f"{HERE}/mingce?pici=1")).status_code == 200
    assert "张三1" in city.page
    assert "7:2:0" not in city.page
    assert (await city.get(f"{HERE}/zhuanjia")).status_code == 404


async def test_a_counting_sheet_offers_who_is_still_to_be_counted_and_is_checked_before_it_is_sent(
    sitting: Sitting, newcomer: Come
) -> None:
    office = await newcomer(CLERK)
    path = f"{HERE}/ban/enter_ballots"
    assert (await office.get(path)).status_code == 200
    assert "张三2" in office.page
    assert "张三1（" not in office.page  # counted by two
    due = dict(re.findall(r"(张三\d+)（[^<]*应投票 (\d+) 人", office.page))
    assert due == {"张三2": "9", "张三3": "9"}

    request = request_of(office)
    wrong = await office.post(
        path, {"qingqiu": request, "tallies.0.application": "", "tallies.0.yes": "many"}
    )
    assert wrong.status_code == 422
    assert "many" in office.page  # nothing typed is lost


async def test_what_cannot_be_done_now_says_why_and_takes_no_form(
    sitting: Sitting, newcomer: Come
) -> None:
    office = await newcomer(CLERK)

    told = await office.get(f"{HERE}/ban/publish_batch")

    assert told.status_code == 200
    assert "没有办理" in office.page
    assert 'name="qingqiu"' not in office.page


async def test_a_plan_offers_the_own_committee_and_is_checked_before_it_is_made(
    published: Office, newcomer: Come, intake: Intake
) -> None:
    filing = read(COMMITTEES / "bd-2023.toml").model_dump(mode="json")
    await published("import_committee", filing)
    await intake.open_realm("r1", datetime(2023, 11, 16, 9, tzinfo=BEIJING), title="试办")
    office = await newcomer(CLERK, realm="r1")
    assert (await office.get("/pingshenhui/paiding")).status_code == 200
    stated = {
        "qingqiu": request_of(office),
        "number": "2023-BD-09",
        "committee": "bd-2023",
        "campaign": "bd-2023",
        "days": "不是日期",
    }
    assert (await office.post("/pingshenhui/paiding", stated)).status_code == 422
    assert "2023-BD-09" in office.page
    assert "评审会日期：" in office.page

    good = {**stated, "qingqiu": request_of(office), "days": "2023-12-08"}
    answer = await office.post("/pingshenhui/paiding", good)
    assert answer.status_code == 303, office.page

    assert (await office.get(answer.headers["location"])).status_code == 200
    assert "尚未办理" in office.page
    assert "2023-12-08" in office.page


def request_of(browser: Browser) -> str:
    """The request id of the form on the page."""
    found = re.search(r'name="qingqiu" value="([^"]*)"', browser.page)
    assert found is not None
    return found.group(1)
