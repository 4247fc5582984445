"""One application from its unit to the committee's office by clicks alone, on a running stack."""

from __future__ import annotations

import pytest
from playwright.async_api import FilePayload

from activities.wording import label
from starter.console.house import House
from tests.browser.conftest import WIDTHS, Seat, Seated
from tests.browser.on_a_stack import case, house, invited, realm, settings
from tests.integration.applicants import applied
from tests.integration.command_line import CommandLine

__all__ = ["case", "house", "invited", "realm", "settings"]

pytestmark = pytest.mark.integration


async def test_a_unit_returns_publicises_and_reports_up_by_clicks(
    zhiping: CommandLine, case: str, seat: Seated, realm: str
) -> None:
    liu = await seat("liu", script=False)
    await liu.go("/daiban")
    await liu.page.locator("tbody th a").first.click()
    await liu.click(label("acts", "return_for_correction"))
    await liu.press("核对")
    assert "有 1 处需要改正" in await liu.words()
    await liu.page.locator(".summary a").first.click()
    await liu.page.get_by_label("问题与要求").first.fill("缺少获奖证书")
    await liu.page.get_by_label("补正期限（工作日）").fill("3")
    await liu.press("核对")
    assert "尚未办理" in await liu.words()
    await liu.click("返回修改")
    assert await liu.page.get_by_label("问题与要求").first.input_value() == "缺少获奖证书"

    await liu.go(f"/anjuan/{case}/ban/start_publicity")
    await liu.page.get_by_label("公示地点").fill("一楼公告栏")
    await liu.page.get_by_label("公示表上载明的监督电话").fill("023-00000005")
    await liu.press("核对")
    await liu.press("确认办理")
    assert "已办：开始公示" in await liu.words()
    await liu.page.go_back()
    assert await names_of(zhiping, case) == ["submit", "start_publicity"]
    await liu.go(f"/anjuan/{case}/ban/finish_publicity")
    assert "没有办理" in await liu.words()

    await zhiping("clock", "advance", "--realm", realm, "--to", "2023-10-17T09:00")
    await liu.go(f"/anjuan/{case}")
    await liu.click(label("acts", "finish_publicity"))
    await liu.press("核对")
    await liu.press("确认办理")
    assert "待上级审核" in await liu.words()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
async def test_a_return_is_picked_by_keyboard_and_its_paper_is_seen(
    zhiping: CommandLine, case: str, seat: Seated, width: int
) -> None:
    """Then the applicant uploads what was asked for, with an error of another field between."""
    liu = await seat("liu", width=width)
    path = f"/anjuan/{case}/tuihui/return_for_correction"
    assert await at(liu, path) == []
    await liu.page.locator("summary", has_text="业绩成果").focus()
    await liu.page.keyboard.press("Enter")
    await liu.page.locator('input[value="achievement:a1||evidence_missing"]').focus()
    await liu.page.keyboard.press("Space")
    await liu.press("加入所选")
    text = liu.page.get_by_label("问题与要求").first
    assert "没有上传相应的佐证材料" in await text.input_value()
    await text.fill("缺少合同的签字页")
    assert [*await liu.faults(), *["wide"] * await liu.sideways()] == []
    await liu.press("核对")
    assert "将出具的退回通知" in await liu.words()
    picture = liu.page.locator("img.sheet").first
    await picture.scroll_into_view_if_needed()
    await picture.evaluate("image => image.decode()")
    assert await picture.evaluate("image => image.naturalWidth") > 0
    assert [*await liu.faults(), *["wide"] * await liu.sideways()] == []
    await liu.press("确认办理")
    assert "已办：退回补正" in await liu.words()

    submitted = (await zhiping.json("show", case))["timeline"][0]
    applicant = await seat(submitted["actor"], width=width)
    assert await at(applicant, f"/anjuan/{case}/ban/resubmit") == []
    file = FilePayload(name="合同.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7\n%%EOF")
    await applicant.page.locator('input[type="file"]').first.set_input_files([file])
    await applicant.press("上传")
    assert "合同.pdf（1 KB）" in await applicant.words()
    assert [*await applicant.faults(), *["wide"] * await applicant.sideways()] == []
    await applicant.press("移除")
    assert "合同.pdf" not in await applicant.words()


async def names_of(zhiping: CommandLine, case: str) -> list[str]:
    """What was done to a case."""
    timeline = (await zhiping.json("show", case))["timeline"]
    return [entry["name"] for entry in timeline if entry["source"] == "act"]


async def at(who: Seat, path: str) -> list[str]:
    """What keeps people out of a page."""
    await who.go(path)
    over = await who.sideways()
    return [*await who.faults(), *[f"{path} is {over} pixels too wide"] * (over > 0)]


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
async def test_many_are_done_at_once_by_clicks_and_axe_finds_nothing_serious(
    house: House, seat: Seated, realm: str, width: int
) -> None:
    await applied(house.office, realm, 2)
    liu, faults = await seat("liu", width=width), list[str]()

    async def looked_at() -> None:
        over = await liu.sideways()
        faults.extend([*await liu.faults(), *[f"{liu.page.url} is {over} too wide"] * (over > 0)])

    await liu.click("批量办理")
    await liu.click("选定申报")
    await liu.page.locator("input[name=an]").first.check()
    await liu.page.locator("input[name=an]").last.check()
    await liu.page.select_option("#shixiang", "start_publicity")
    await looked_at()
    await liu.press("办理勾选的")
    await liu.page.get_by_label("公示地点").fill("一楼大厅")
    await liu.page.get_by_label("公示表上载明的监督电话").fill("023-00000005")
    await looked_at()
    await liu.page.get_by_role("button", name="排练", exact=True).last.click()
    await liu.page.wait_for_load_state()
    await looked_at()
    await liu.press("确认办理 2 件")
    await looked_at()
    await liu.page.get_by_text("已办 2 件").first.wait_for()

    assert faults == []
