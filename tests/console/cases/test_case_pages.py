"""待办、案件、案卷、办理, as people click through them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from activities.reading import Reading
from starter.console.house import House
from tests.console.cases.conftest import Comes, Goes
from tests.console.conftest import Browser
from tests.integration.command_line import CommandLine

pytestmark = pytest.mark.integration

REQUEST = re.compile(r'name="qingqiu" value="([^"]+)"')
POSTED = {"place": "一楼大厅", "contacts": "023-00000005\n023-00000006", "channels": "public_place"}


async def stated(browser: Browser, case: str, act: str, typed: dict[str, str]) -> str:
    """Fill in an act's form; the address of its preview."""
    await browser.get(f"/anjuan/{case}/ban/{act}")
    [request] = REQUEST.findall(browser.page)
    answer = await browser.post(f"/anjuan/{case}/ban/{act}", {**typed, "qingqiu": request})
    assert answer.status_code == 303, browser.page
    return str(answer.headers["location"])


async def acts_of(zhiping: CommandLine, case: str) -> list[str]:
    """What the record says was done to a case."""
    timeline = (await zhiping.json("show", case))["timeline"]
    return [entry["name"] for entry in timeline if entry["source"] == "act"]


async def test_a_unit_finds_its_task_and_starts_the_publicity(
    zhiping: CommandLine, case: str, comes: Comes
) -> None:
    liu = await comes("liu")
    await liu.get("/daiban")
    assert "审核申报材料" in liu.page
    assert f"/anjuan/{case}" in liu.page
    await liu.get(f"/anjuan/{case}")
    assert f"/anjuan/{case}/ban/start_publicity" in liu.page
    assert "两江数据集团" in liu.page

    check = await stated(liu, case, "start_publicity", POSTED)
    shown = await liu.get(check)
    assert shown.status_code == 200
    assert "尚未办理" in liu.page
    assert "单位公示中" in liu.page
    assert "一楼大厅" in liu.page
    assert await acts_of(zhiping, case) == ["submit"]

    done = await liu.post(check)
    assert (done.status_code, done.headers["location"]) == (303, f"/anjuan/{case}")
    await liu.get(f"/anjuan/{case}")
    assert "已办：开始公示" in liu.page
    assert "单位公示期至2023年10月" in liu.page
    await liu.get(f"/anjuan/{case}")
    assert "已办：开始公示" not in liu.page
    assert await acts_of(zhiping, case) == ["submit", "start_publicity"]


async def test_a_form_asks_the_record_for_what_it_offers_and_no_more(
    case: str, comes: Comes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The publicity's form names no usual defect, which the notice would be read for."""
    asked: list[str] = []
    read = Reading.campaign_content

    async def noted(self: Reading, campaign: str, *args: Any) -> Any:
        asked.append(campaign)
        return await read(self, campaign, *args)

    monkeypatch.setattr(Reading, "campaign_content", noted)
    liu = await comes("liu")
    asked.clear()
    await liu.get(f"/anjuan/{case}/ban/start_publicity")
    assert liu.page.count('name="place"') == 1
    assert asked == []
    await liu.get(f"/anjuan/{case}/tuihui/return_for_correction")
    assert asked  # it is noticed at all


async def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(
    case: str, comes: Comes
) -> None:
    liu = await comes("liu")
    path = f"/anjuan/{case}/tuihui/return_for_correction"
    await liu.get(path)
    [request] = REQUEST.findall(liu.page)
    refused = await liu.post(path, {"qingqiu": request, "days": "三", "note": "请尽快"})
    assert refused.status_code == 422
    assert 'href="#days"' in liu.page
    assert "请尽快" in liu.page
    refused = await liu.post(path, {"qingqiu": request, "days": "3", "note": "请尽快"})
    assert refused.status_code == 422
    assert 'href="#items"' in liu.page

    more = await liu.post(path, {"qingqiu": request, "jia": "items", "items.1.text": "缺获奖证书"})
    assert more.status_code == 200
    assert 'name="items.0.text"' in liu.page
    assert "缺获奖证书" in liu.page
    assert 'name="items.3.text"' in liu.page
    typed = {
        "qingqiu": request,
        "days": "3",
        "items.0.text": "缺获奖证书",
        "items.2.text": "缺合同",
    }
    sound = await liu.post(path, typed)
    assert sound.status_code == 303
    await liu.get(sound.headers["location"])
    assert "缺获奖证书" in liu.page
    assert "缺合同" in liu.page
    assert "待单位退回补正" in liu.page or "补正" in liu.page
    edit = re.findall(r'href="([^"]+xiugai[^"]+)"', liu.page)[0]
    await liu.get(edit)
    assert "缺获奖证书" in liu.page


async def test_a_day_that_is_none_is_told_at_the_day(case: str, comes: Comes) -> None:
    liu = await comes("liu")
    path = f"/anjuan/{case}/ban/start_publicity"
    await liu.get(path)
    [request] = REQUEST.findall(liu.page)
    day = {"posted_on-year": "２０２３", "posted_on-month": "13", "posted_on-day": "40"}
    refused = await liu.post(path, {**POSTED, **day, "qingqiu": request})
    assert refused.status_code == 422
    assert 'href="#posted_on"' in liu.page
    assert 'value="２０２３"' in liu.page


async def test_a_double_click_is_one_act(zhiping: CommandLine, case: str, comes: Comes) -> None:
    liu = await comes("liu")
    check = await stated(liu, case, "start_publicity", POSTED)
    await liu.get(check)
    assert (await liu.post(check)).status_code == 303
    again = await liu.post(check)
    assert (again.status_code, again.headers["location"]) == (303, check)
    await liu.get(check)
    assert "没有重复办理" in liu.page
    assert await acts_of(zhiping, case) == ["submit", "start_publicity"]


async def test_who_comes_second_sees_who_did_what(case: str, comes: Comes) -> None:
    liu = await comes("liu")
    first = await stated(liu, case, "start_publicity", POSTED)
    second = await stated(liu, case, "decline_recommendation", {"reason": "不符合岗位要求"})
    await liu.get(first)
    assert (await liu.post(first)).status_code == 303
    await liu.get(second)
    assert "您打开表单以后" in liu.page
    assert "两江数据集团" in liu.page
    assert "开始公示" in liu.page


async def test_a_strangers_case_is_the_same_nothing_as_none(
    zhiping: CommandLine, case: str, comes: Comes
) -> None:
    stranger = await comes("wu")
    none = f"{case[:-4]}0000"
    for tail in ("", "/cailiao", "/qixian", "/tongzhi", "/wenshu", "/ban/approve", "/ban/submit"):
        theirs = await stranger.get(f"/anjuan/{case}{tail}")
        nothing = await stranger.get(f"/anjuan/{none}{tail}")
        assert theirs.status_code == nothing.status_code == 404
        assert theirs.text == nothing.text
    await stranger.get("/anjuan")
    assert case not in stranger.page
    short = await stranger.get(f"/anjuan/{case[-8:]}")
    assert short.status_code == 404


async def test_every_part_of_a_case_is_a_page(case: str, comes: Comes) -> None:
    liu = await comes("liu")
    words = {
        "": "经过",
        "/cailiao": "业绩成果",
        "/qixian": "期限计算书",
        "/tongzhi": "通知",
        "/wenshu": "文书",
    }
    for tail, word in words.items():
        shown = await liu.get(f"/anjuan/{case}{tail}")
        assert shown.status_code == 200, tail
        assert word in liu.page


async def test_a_search_by_name_stands_in_no_address(case: str, comes: Comes) -> None:
    liu = await comes("liu")
    await liu.get("/anjuan")
    assert case in liu.page
    found = await liu.post("/anjuan", {"xingming": "查无此人"})
    assert found.status_code == 200
    assert case not in liu.page
    # By the end of its number, as people quote it; of nothing nothing.
    await liu.post("/anjuan", {"bianhao": case[-8:]})
    assert case in liu.page
    await liu.post("/anjuan", {"bianhao": "查无此号"})
    assert case not in liu.page
    await liu.get("/anjuan?xingming=%E6%9F%A5%E6%97%A0%E6%AD%A4%E4%BA%BA")
    assert case in liu.page
    await liu.get("/anjuan?huanjie=unit_review&weijie=1")
    assert case in liu.page
    await liu.get("/anjuan?huanjie=chain_review")
    assert case not in liu.page
    assert (await liu.get("/anjuan?huanjie=nirgends")).status_code == 404


async def test_filters_of_the_tasks_stand_in_the_address(case: str, comes: Comes) -> None:
    liu = await comes("liu")
    await liu.get("/daiban?shixiang=unit_review")
    assert case in liu.page
    await liu.get("/daiban?shixiang=inquiry")
    assert case not in liu.page
    await liu.get("/daiban?qixian=overdue")
    assert case not in liu.page
    assert (await liu.get("/daiban?hou=x")).status_code == 422


async def test_without_the_engine_pages_read_on_and_nothing_typed_is_lost(
    zhiping: CommandLine,
    case: str,
    comes: Comes,
    goes: Goes,
    away_house: House,
    stack_house: House,
) -> None:
    here = await comes("liu")
    liu = goes(away_house, here)
    for path in ("/daiban", "/anjuan", f"/anjuan/{case}"):
        assert (await liu.get(path)).status_code == 200
    check = await stated(liu, case, "start_publicity", POSTED)
    await liu.get(check)
    away = await liu.post(check)
    assert away.status_code == 503
    assert "已经保存" in liu.page
    assert "再问一次" in liu.page
    await liu.get(f"/anjuan/{case}")
    assert check in liu.page
    kept = await stack_house.office.pool.fetchrow(
        "SELECT state, sent_at FROM pending_act WHERE id = $1", check.rpartition("/")[2]
    )
    assert kept is not None
    assert kept["state"] == "sent"

    assert (await here.get(check)).status_code == 202
    again = await here.post(check)
    assert again.status_code == 303, here.page
    timeline = (await zhiping.json("show", case))["timeline"]
    assert [entry["name"] for entry in timeline] == ["submit", "start_publicity"]
    assert timeline[-1]["acted_at"] < timeline[-1]["recorded_at"]
    await here.get(f"/anjuan/{case}")
    assert "您还没有办完的" not in here.page


async def test_every_look_is_written_down(case: str, comes: Comes, stack_house: House) -> None:
    liu = await comes("liu")
    await liu.get(f"/anjuan/{case}/cailiao")
    rows = await stack_house.office.pool.fetch(
        "SELECT person, part FROM viewing WHERE application = $1", case
    )
    assert [(row["person"], row["part"]) for row in rows] == [("liu", "cailiao")]
