"""Every page of the route table, and every way it says no: read by axe, at a desk and on a telephone, in
large type, by keyboard and on paper. A new address asks for itself: what stands for its parts has to be
stated in `where`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx2
import pytest
from playwright.async_api import Browser
from starlette.applications import Starlette

from config.settings import Settings
from starter.console.house import House
from starter.console.routes import PAGES
from tests.browser.conftest import WIDTHS, Seat
from tests.browser.measuring import faults_here, faults_of
from tests.console.conftest import Invite
from tests.fixtures.pages import There
from tests.hostile.pages.table import COME, SUBJECTS, plain
from tests.hostile.pages.world import World

pytestmark = pytest.mark.integration

Place = tuple[str, str, str]
"""Who sits there, in which realm, and what is typed as the address."""
ACTS = {
    "extend_deadline": ("clerk of the unit", "unit_review"),
    "approve": ("clerk of the chain", "chain_review"),
    "accept": ("head of the office", "committee_intake"),
    "record_payment": ("head of the office", "awaiting_payment"),
    "record_result": ("head of the office", "in_review"),
    "raise_objection": ("clerk of the unit", "result_publicity"),
    "conclude_inquiry": ("head of the office", "with_an_inquiry"),
    "decide_recheck": ("head of the office", "recheck"),
    "revoke": ("head of the city office", "completed"),
    "request_recheck": ("the applicant", "recheck_window"),
}
"""Forms of cases: rows, days, moments, choices, long texts."""
SITS = {"commit_draw": "m-planned", "enter_ballots": "m-opened", "report_batch": "m-signed"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """As an embedded stack's, on which rehearsals have their clock."""
    return settings.model_copy(update={"mail_dir": settings.documents_dir})


@pytest.fixture
async def world(
    console: Starlette, house: House, there: There, settings: Settings
) -> AsyncIterator[World]:
    """Everybody there is, at the address where the browser comes."""
    transport = httpx2.ASGITransport(console, raise_app_exceptions=False)
    origin = str(settings.console_url)
    async with httpx2.AsyncClient(transport=transport, base_url=origin) as client:
        yield World(house, client, there.holds, origin)


async def places(world: World) -> list[Place]:
    """Somebody at every address that can be looked at."""
    found: list[Place] = []
    for subject in SUBJECTS:
        for address in COME[subject]:
            method, _, path = address.partition(" ")
            if method == "GET" and (COME[subject][address] or path in REACHED):
                found += await where(world, subject, path)
    return found


REACHED = frozenset(
    {
        "/yanlian",
        "/anjuan/{case}/ban/{act}/hedui/{request}",
        "/pingshenhui/{meeting}/ban/{act}/hedui/{request}",
        "/pingshenhui/paiding/hedui/{request}",
    }
)
"""Addresses of what somebody typed; a rehearsal's clock."""
LEFT_OUT = frozenset({"/denglu", "/denglu/yanzheng", "/yaoqing/{token}"})
"""What is not for whoever is signed in, or sends on; looked at beside."""


async def where(world: World, subject: str, path: str) -> list[Place]:
    """Who sits at an address, and what stands for its parts.

    Raises:
        KeyError: it has a part that nothing stands for yet.
    """
    if path in LEFT_OUT:
        return []
    if subject == "case":
        return await _of_case(world, path)
    if subject == "meeting":
        return await _of_meeting(world, path)
    office = path in ("/jiaofei", "/jiaofei/daoru", "/jiaofei/{line:number}")
    realm = world.cases["unit_review"].realm if path == "/yanlian" else "live"
    who = "head of another office" if office else "head of the unit"
    if subject == "register" and not office and path != "/yanlian":
        who = "operator"
    return [(who, realm, world.of(path))]


async def _of_case(world: World, path: str) -> list[Place]:
    case = world.cases["committee_correction"]
    if "/tuihui/{act}" in path:
        of = world.cases["unit_review"]
        form = plain(path, case=of.application, act="return_for_correction")
        return [("clerk of the unit", of.realm, form)]
    if "{act}" not in path:
        return [("head of the office", case.realm, plain(path, case=case.application))]
    found = []
    for act, (who, stage) in ACTS.items():
        of = world.cases[stage]
        if "{request}" not in path:
            found.append((who, of.realm, plain(path, case=of.application, act=act)))
    if "{request}" in path:
        of = world.cases["unit_review"]
        form = f"/anjuan/{of.application}/ban/decline_recommendation"
        found.append(
            (
                "clerk of the unit",
                of.realm,
                await _typed(world, of.realm, form, "clerk of the unit"),
            )
        )
    return found


async def _of_meeting(world: World, path: str) -> list[Place]:
    office = "head of another office"
    if path == "/pingshenhui/paiding/hedui/{request}":
        return []  # as the one of a meeting, which is there
    if "{request}" in path:
        form = f"/pingshenhui/{world.meetings['m-planned']}/ban/cancel_meeting"
        return [(office, "m-planned", await _typed(world, "m-planned", form, office))]
    if "{act}" in path:
        return [
            (
                "head of the city office" if act == "commit_draw" else office,
                realm,
                plain(path, meeting=world.meetings[realm], act=act),
            )
            for act, realm in SITS.items()
        ]
    return [(office, "m-signed", plain(path, meeting=world.meetings["m-signed"]))]


async def _typed(world: World, realm: str, form: str, who: str) -> str:
    """The address of a preview."""
    token = await world.signed_in(who, realm)
    stated = {"qingqiu": str(uuid4()), "reason": "不符合岗位要求"}
    said = await world.post(token, form, stated)
    assert said.status_code == 303, said.text
    return said.headers["location"]


async def seated(world: World, chromium: Browser, width: int) -> Seat:
    """A browser window."""
    context = await chromium.new_context(
        viewport={"width": width, "height": 900}, locale="zh-CN", java_script_enabled=True
    )
    return Seat(context, await context.new_page(), world.origin)


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
async def test_every_page_of_the_table_lets_everybody_in(
    world: World, chromium: Browser, address: str, width: int
) -> None:
    seat = await seated(world, chromium, width)
    faults: list[str] = []
    looked = 0
    for who, realm, path in await places(world):
        token = await world.signed_in(who, realm)
        # Large on the telephone alone, where it is narrowest: the same looks at a desk as one size.
        large = "1" if width < 500 else ""
        await seat.context.clear_cookies()
        await seat.context.add_cookies(
            [
                {"name": "zhiping", "value": token, "url": address},
                {"name": "zhiping-large", "value": large or "0", "url": address},
            ]
            if large
            else [{"name": "zhiping", "value": token, "url": address}]
        )
        answer = await seat.page.goto(address + path)
        assert answer is not None
        assert answer.status == 200, (who, path, answer.status)
        faults += await faults_here(seat)
        looked += 1
    await seat.context.close()
    assert not faults, "\n".join(faults)
    assert looked >= len({page.path for page in PAGES if "GET" in page.methods}) - 10


async def test_signing_in_and_every_no_let_everybody_in(
    world: World, chromium: Browser, invited: Invite, address: str
) -> None:
    """登录、邀请、401 by redirect; 403, 404, 410, 422, 429 and 503 as pages."""
    seat = await seated(world, chromium, WIDTHS["phone"])
    faults = await faults_of(seat, "/denglu?dao=%2Fdaiban")
    faults += await faults_of(seat, await invited("zheng"))
    for wrong in range(7):
        await seat.go("/denglu")
        await seat.page.fill("#name", "zheng")
        await seat.page.fill("#password", f"不对的密码{wrong}")
        await seat.press("登录")
    assert "请过" in await seat.words()
    faults += await faults_here(seat)
    faults += await faults_of(seat, "/yaoqing/none")
    assert "链接" in await seat.words()

    case = world.cases["unit_review"]
    token = await world.signed_in("clerk of the unit", case.realm)
    await seat.context.add_cookies([{"name": "zhiping", "value": token, "url": address}])
    faults += await faults_of(seat, "/anjuan/none")
    assert "没有这个页面" in await seat.words()
    form = f"/anjuan/{case.application}/ban/decline_recommendation"
    await seat.go(form)
    await seat.press("核对")
    assert "需要改正" in await seat.words()
    faults += await faults_here(seat)
    await seat.page.evaluate(
        "document.querySelectorAll('[name=csrf]').forEach(one => one.remove())"
    )
    await seat.press("核对")
    assert "不是从本系统当前的页面提交的" in await seat.words()
    faults += await faults_here(seat)
    # The engine of these tests is away: what is confirmed is kept, and the page says so.
    await seat.go(await _typed(world, case.realm, form, "clerk of the unit"))
    await seat.press("确认办理")
    assert "再问一次" in await seat.words()
    faults += await faults_here(seat)
    await seat.context.close()
    assert not faults, "\n".join(faults)


async def test_an_act_is_stated_by_keyboard_alone(
    world: World, chromium: Browser, address: str
) -> None:
    """From the skip link to the preview: no mouse."""
    case = world.cases["unit_review"]
    seat = await seated(world, chromium, WIDTHS["desk"])
    token = await world.signed_in("clerk of the unit", case.realm)
    await seat.context.add_cookies([{"name": "zhiping", "value": token, "url": address}])
    await seat.go(f"/anjuan/{case.application}")
    keys = seat.page.keyboard
    await keys.press("Tab")
    assert await seat.page.evaluate("document.activeElement.className") == "skip"
    await keys.press("Enter")

    async def reach(words: str) -> None:
        for _ in range(60):
            await keys.press("Tab")
            here = await seat.page.evaluate(
                "document.activeElement.innerText || document.activeElement.id"
            )
            if here == words:
                return
        raise AssertionError(words)

    await reach("不予推荐")
    await keys.press("Enter")
    await seat.page.wait_for_url("**/ban/decline_recommendation")
    await reach("reason")
    await keys.type("不符合岗位要求")
    await reach("核对")
    await keys.press("Enter")
    await seat.page.wait_for_url("**/hedui/**")
    assert "尚未办理" in await seat.words()
    await seat.context.close()
