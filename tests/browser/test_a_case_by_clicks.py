"""One application from its unit to the committee's office by clicks alone, on a running stack."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from secrets import token_hex
from urllib.parse import urlsplit

import pytest
from playwright.async_api import FilePayload

from activities.accounts.passwords import Passwords
from activities.wording import label
from config.settings import Settings
from starter.console.house import House, house_of
from starter.desk.office import opened
from tests.browser.conftest import WIDTHS, Seat, Seated
from tests.console.conftest import QUICK, Invite
from tests.integration.command_line import CommandLine
from workers.stack.options import reserved_ports

pytestmark = pytest.mark.integration


@pytest.fixture
def settings(zhiping: CommandLine) -> Iterator[Settings]:
    """The stack's, with the console at an address of the test's own."""
    with reserved_ports({}, {}) as ports:
        at = f"http://127.0.0.1:{ports['console']}"
        yield Settings.for_stack(zhiping.folder).model_copy(
            update={"console_url": at, "console_port": ports["console"]}
        )


@pytest.fixture
async def house(settings: Settings) -> AsyncIterator[House]:
    """What the pages work with, on the stack."""
    async with opened(settings, connections=6) as office:
        yield house_of(office, Passwords(QUICK))


@pytest.fixture
def realm() -> str:
    """A rehearsal of the test's own."""
    return f"clicks-{token_hex(4)}"


@pytest.fixture
def invited(zhiping: CommandLine, realm: str) -> Invite:
    """Invites somebody, another operator confirming where it takes two; the link."""

    async def invite(person: str, login: str = "", **_elsewhere: str) -> str:
        words = ("account", "invite", person, "--login", login or f"{person}-{realm}")
        said = await zhiping.whatever(
            *words, "--as", "operations@zhiping", "--realm", realm, "--json"
        )
        if said.json().get("waits_for_second"):
            await zhiping(
                *("pending", "confirm", said.json()["waits_for_second"]),
                *("--as", "operations-er@zhiping", "--realm", realm),
            )
            return urlsplit(said.err.strip().rpartition("：")[2]).path
        return urlsplit(str(said.json()["link"])).path

    return invite


@pytest.fixture
async def case(zhiping: CommandLine, material: str, realm: str) -> str:
    """A case that has just been submitted to its unit."""
    receipt = await zhiping.json(
        *("submit", material, "--campaign", "bd-2023", "--realm", realm),
        *("--at", "2023-10-09T10:00"),
    )
    return str(receipt["application"])


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
async def test_axe_finds_nothing_serious_on_a_case(case: str, seat: Seated, width: int) -> None:
    liu = await seat("liu", width=width)
    paths = ["/daiban", "/anjuan", f"/anjuan/{case}"]
    paths += [f"/anjuan/{case}/{tail}" for tail in ("cailiao", "qixian", "tongzhi", "wenshu")]
    acts = ("start_publicity", "extend_deadline", "finish_publicity")
    paths += [f"/anjuan/{case}/ban/{act}" for act in acts]
    assert [fault for path in paths for fault in await at(liu, path)] == []


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
