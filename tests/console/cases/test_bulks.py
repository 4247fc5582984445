"""批量办理 as people click through it: chosen, filled in once, rehearsed, begun, and looked at."""

from __future__ import annotations

import asyncio
import re

import pytest

from starter.console.house import House
from tests.console.cases.conftest import Comes, Goes
from tests.console.conftest import Browser
from tests.integration.applicants import applied
from tests.integration.command_line import CommandLine

pytestmark = pytest.mark.integration

POSTED = {"place": "一楼大厅", "contacts": "023-00000005", "channels": "public_place"}
CHOICE = "/piliang/xuan?huanjie=unit_review&weijie=1"


@pytest.fixture
async def cases(stack_house: House, realm: str) -> list[str]:
    """Three cases that their unit has to look at."""
    return await applied(stack_house.office, realm, 3)


async def chosen(browser: Browser, act: str, *cases: str) -> str:
    """Tick these, and say what is to be done; where one goes then."""
    await browser.get(CHOICE)
    ticked = {"an": list(cases)} if cases else {"quanbu": "1"}
    answer = await browser.post(CHOICE, {"shixiang": act, **ticked})
    assert answer.status_code == 303, browser.page
    return str(answer.headers["location"])


async def over(browser: Browser, bulk: str) -> None:
    """Look again until it rests, as the page's own refresh does."""
    while True:
        answer = await browser.get(bulk)
        if "refresh" not in answer.headers:
            return
        await asyncio.sleep(0.2)


async def test_many_are_chosen_filled_in_once_rehearsed_and_done(
    zhiping: CommandLine, cases: list[str], comes: Comes
) -> None:
    liu = await comes("liu")
    await zhiping(
        *("act", cases[0], "start_publicity", "--as", "liu@liangjiang-data-group"),
        *("--with", '{"place": "一楼大厅", "contacts": ["023-00000005"]}'),
    )
    await liu.get(CHOICE)
    assert "本页可办 2 件" in liu.page
    assert cases[0] not in liu.page  # it is past this stage
    assert "请勾选要办理的申报" in (await liu.post(CHOICE, {"shixiang": "start_publicity"})).text
    everything = "/piliang/xuan?weijie=1"
    await liu.get(everything)
    answer = await liu.post(everything, {"shixiang": "start_publicity", "an": cases})
    form = str(answer.headers["location"])

    await liu.get(form)
    wrong = await liu.post(form, {"place": "一楼大厅", "posted_on-month": "13"})
    assert wrong.status_code == 422
    answer = await liu.post(form, POSTED)
    check = str(answer.headers["location"])
    await liu.get(check)
    assert "确认办理 2 件" in liu.page
    assert "不能办理的" in liu.page
    assert "单位公示中" in liu.page
    assert "一楼大厅" in liu.page

    begun = await liu.post(check)
    again = await liu.post(check)
    assert begun.headers["location"] == again.headers["location"]
    bulk = str(begun.headers["location"])
    await over(liu, bulk)
    assert "已办完" in liu.page
    assert "已办 2 件" in liu.page
    for case in cases:
        steps = (await zhiping.json("show", case))["timeline"]
        assert [step["name"] for step in steps] == ["submit", "start_publicity"]
    await liu.get("/piliang")
    assert bulk in liu.page


async def test_what_ends_cases_asks_for_the_password_and_for_another_human(
    zhiping: CommandLine, cases: list[str], comes: Comes, stack_house: House
) -> None:
    liu = await comes("liu")
    form = await chosen(liu, "decline_recommendation")
    answer = await liu.post(form, {"reason": "不符合岗位要求"})
    check = str(answer.headers["location"])
    await stack_house.office.pool.execute(
        "UPDATE session SET proved_at = proved_at - interval '11 minutes'"
    )
    asked = await liu.get(check)
    assert asked.headers["location"].startswith("/denglu/queren"), asked.text
    await liu.prove(check)
    assert "须由另一人确认" in liu.page

    begun = await liu.post(check)
    bulk = str(begun.headers["location"])
    await liu.get(bulk)
    assert "尚未开始" in liu.page
    for case in cases:
        assert (await zhiping.json("show", case))["stage"] == "unit_review"
    await liu.get(f"{bulk}")
    taken = await liu.post(
        f"{bulk}/chehui", {"qing": re.findall('name="qing" value="(.+?)"', liu.page)[0]}
    )
    assert taken.status_code == 303
    await liu.get(bulk)
    assert "已撤回 3 件" in liu.page


async def test_nobody_sees_or_moves_what_another_house_does(
    cases: list[str], comes: Comes, realm: str, zhiping: CommandLine
) -> None:
    unit = ("--realm", realm, "--as", "liu@liangjiang-data-group")
    posted = ("--with", '{"place": "一楼大厅", "contacts": ["023-00000005"]}')
    begun = await zhiping.json(
        "bulk", "start", "start_publicity", *unit, *posted, "--case", cases[0]
    )
    wu = await comes("wu")
    nothing = await wu.get("/piliang/bulk-0")
    for path in (f"/piliang/{begun['bulk']}", f"/piliang/{begun['bulk']}?zt=wei"):
        answer = await wu.get(path)
        assert (answer.status_code, answer.text) == (404, nothing.text)
    await wu.get("/piliang")
    assert begun["bulk"] not in wu.page
    moved = await wu.post(f"/piliang/{begun['bulk']}/zanting", {"qing": "x"})
    assert moved.status_code == 404
    # Cases of others are chosen by nobody, whatever is posted.
    answer = await wu.post("/piliang/xuan", {"shixiang": "approve", "an": cases})
    assert "已经不在这份清单里" in answer.text


async def test_with_the_engine_away_what_was_chosen_stays(
    cases: list[str], comes: Comes, goes: Goes, away_house: House
) -> None:
    liu = await comes("liu")
    form = await chosen(liu, "start_publicity", *cases)
    check = str((await liu.post(form, POSTED)).headers["location"])
    elsewhere = goes(away_house, liu)
    await elsewhere.get(check)
    assert (await elsewhere.post(check)).status_code == 503
    assert "不会丢失" in elsewhere.page

    begun = await liu.post(check)
    await over(liu, str(begun.headers["location"]))
    assert "已办 3 件" in liu.page
