"""A whole season by clicks: one application from its unit to its archive, everybody at a browser of the
own; two people at once, an engine that is killed between form and answer, double clicks, the back button,
two counters who disagree. Without script. By command come only the submission and the committee, which no
page has yet.

It takes minutes: `make check-clicks`; with `PICTURES=folder` it leaves the pages there as pictures.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from activities.wording import label
from config.stack_state import STATE_FILE
from starter.console.house import House
from tests.browser.conftest import WIDTHS, Seat, Seated
from tests.browser.on_a_stack import case, house, invited, realm, settings
from tests.integration.command_line import CommandLine
from tests.integration.test_cli_meetings import ELEVEN

__all__ = ["case", "house", "invited", "realm", "settings"]

pytestmark = [pytest.mark.integration, pytest.mark.clicks]

SURE, CHECK, DAY = "确认办理", "核对", ("year", "month", "day")
ONCE = "没有重复办理"
COUNTED_EIGHT = re.compile(r"(?<![\w-])8(?![\w-])")
PICTURES = os.environ.get("ZHIPING_PICTURES", "")
"""A folder for pictures of the pages, at a desk's width and a telephone's; none where it is empty."""
VALUE = re.compile(r"本次的随机值：([0-9a-f]{64})")


@dataclass
class Desk:
    """Somebody's browser, and what is clicked in it."""

    seat: Seat

    async def filled(
        self, subject: str, act: str, stated: Mapping[str, object] | None = None
    ) -> str:
        """From the subject's page by its link to the filled in form, handed in; what the form said."""
        await self.seat.go(subject)
        await self.picture(f"{act}-1")
        words = label("acts", act)
        await self.seat.page.locator("main").get_by_role("link", name=words, exact=True).click()
        said = await self.seat.words()
        for name, value in (stated or {}).items():
            await self.fill(name, value)
        await self.picture(f"{act}-2")
        await self.seat.press(CHECK)
        await self.picture(f"{act}-3")
        return said

    async def form(self, subject: str, act: str, stated: Mapping[str, object] | None = None) -> str:
        """As `filled`, and on to 核对."""
        said = await self.filled(subject, act, stated)
        assert "尚未办理" in await self.seat.words(), (act, await self.seat.words())
        return said

    async def sure(self) -> str:
        """Confirm; what the page says then."""
        await self.seat.press(SURE)
        return await self.seat.words()

    async def does(self, subject: str, act: str, stated: Mapping[str, object] | None = None) -> str:
        """An act from its link to its answer; what its form said."""
        said = await self.form(subject, act, stated)
        done = await self.sure()
        assert f"已办：{label('acts', act)}" in done, (act, done)
        await self.picture(f"{act}-4")
        return said

    async def does_twice(
        self, subject: str, act: str, stated: Mapping[str, object] | None = None
    ) -> None:
        """The same by a double click; then by the back button to 核对, and confirmed there again."""
        await self.form(subject, act, stated)
        check = self.seat.page.url
        await self.seat.page.get_by_role("button", name=SURE).dblclick()
        done = self.seat.page.get_by_text("已办：")
        await self.seat.page.get_by_text(ONCE).or_(done).first.wait_for()
        await self.back_to(check)
        await self.seat.page.wait_for_load_state()
        if await self.seat.page.get_by_role("button", name=SURE).count():  # as it was kept
            await self.sure()
        assert ONCE in await self.seat.words(), (act, await self.seat.words())

    async def back_to(self, address: str) -> None:
        """By the back button alone."""
        for _ in range(3):
            await self.seat.page.go_back()
            if self.seat.page.url == address:
                return
        raise AssertionError((address, self.seat.page.url))

    async def picture(self, name: str) -> None:
        """The page as it is now, whole, in both widths."""
        if not PICTURES:
            return
        page = self.seat.page
        usual = page.viewport_size
        for at, width in WIDTHS.items():
            await page.set_viewport_size({"width": width, "height": 900})
            path = Path(PICTURES, f"{name}-{at}.png")
            await page.screenshot(path=path, full_page=True)
        if usual is not None:
            await page.set_viewport_size(usual)

    async def moves_the_clock(self, *day: int) -> None:
        """To nine of a day, and wait until every case has come there; the page looks again by itself."""
        await self.seat.go("/yanlian")
        form = self.seat.page.locator('form:has(button:text-is("拨动时钟"))')
        for part, value in zip(DAY, day, strict=True):
            await form.locator(f'[name="day-{part}"]').fill(str(value))
        await form.get_by_role("button").click()
        await self.seat.page.wait_for_load_state()
        if await self.seat.page.locator('input[name="sure"]').count():
            await self.seat.page.locator("main form button").first.click()
        year, month, monthday = day
        there = self.seat.page.get_by_text(f"已拨到 {year}年{month}月{monthday}日")
        await there.first.wait_for(timeout=120_000)

    async def fill(self, name: str, value: object) -> None:
        """A field; `True` stands for the first there is to choose, a number of ticks for so many."""
        fields = self.seat.page.locator(f'[name="{name}"]')
        tag, kind = await fields.first.evaluate("one => [one.tagName, one.type]")
        if tag == "SELECT":
            options = await fields.first.evaluate("one => [...one.options].map(o => o.value)")
            chosen = next(o for o in options if o) if value is True else str(value)
            await fields.first.select_option(chosen)
        elif kind == "radio":
            chosen = self.seat.page.locator(f'[name="{name}"][value="{value}"]')
            await (fields.first if value is True else chosen).check()
        elif kind == "checkbox":
            for place in range(await fields.count() if value is True else int(str(value))):
                await fields.nth(place).check()
        else:
            await fields.first.fill(str(value))


def on(name: str, year: int, month: int, day: int) -> dict[str, object]:
    """A day as a form has it."""
    return {f"{name}-year": year, f"{name}-month": month, f"{name}-day": day}


async def names_of(zhiping: CommandLine, case: str) -> list[str]:
    """What the record says was done."""
    timeline = (await zhiping.json("show", case))["timeline"]
    return [entry["name"] for entry in timeline if entry["source"] == "act"]


def to_the_engine(zhiping: CommandLine, what: signal.Signals) -> None:
    """Stop the engine where it is, or kill it: then its supervisor starts it again."""
    state = json.loads((zhiping.folder / STATE_FILE).read_text())
    os.kill(state["children"]["temporal"], what)


async def asked_until_done(desk: Desk, words: str) -> None:
    """再问一次, until there is an answer."""
    async with asyncio.timeout(90):
        while words not in await desk.seat.words():
            await asyncio.sleep(1)
            again = desk.seat.page.get_by_role("button", name="再问一次")
            if await again.count():
                await again.first.click()
                await desk.seat.page.wait_for_load_state()


@dataclass
class Season:
    """Everybody at a desk, the case and, once it is planned, the meeting."""

    zhiping: CommandLine
    case: str
    liu: Desk
    zhou: Desk
    chen: Desk
    head: Desk
    qian: Desk
    san: Desk
    meeting: str = ""

    @property
    def here(self) -> str:
        return f"/anjuan/{self.case}"

    async def times(self, act: str) -> int:
        """How often the record has an act."""
        return (await names_of(self.zhiping, self.case)).count(act)

    async def unit(self) -> None:
        """The back button shows a page and repeats nothing."""
        posted = {"place": "一楼公告栏", "contacts": "023-00000005"}
        await self.liu.does(self.here, "start_publicity", posted)
        await self.liu.seat.page.go_back()
        assert await self.times("start_publicity") == 1
        await self.liu.moves_the_clock(2023, 10, 17)
        await self.liu.does(self.here, "finish_publicity")

    async def chain(self) -> None:
        """A double click is one act, and so is one that is confirmed again by the back button."""
        await self.zhou.does_twice(self.here, "approve")
        assert await self.times("approve") == 1

    async def office(self) -> None:
        """Returned, corrected by the applicant; of two who take it in at once, one does."""
        await self.chen.moves_the_clock(2023, 11, 6)
        asked = {"items.0.text": "缺少获奖证书复印件", "days": 3}
        await self.chen.does(self.here, "return_for_correction", asked)
        answer = {"answers.0.item": True, "answers.0.text": "已补交证书"}
        await self.san.does(self.here, "resubmit", answer)
        await self.head.form(self.here, "accept")
        await self.chen.does(self.here, "accept")
        late = await self.head.sure()
        assert "没有办理" in late
        assert "您打开表单以后" in late
        assert label("acts", "accept") in late
        assert await self.times("accept") == 1

    async def fee(self) -> None:
        """The engine is killed between form and answer; asked again it was one act."""
        chen = self.chen
        await chen.moves_the_clock(2023, 11, 16)
        paid = {"transaction": "T-1", "yuan": 420, **on("paid_at", 2023, 11, 16)}
        paid |= {"paid_at-time": "08:30"}
        await chen.form(self.here, "record_payment", paid)
        to_the_engine(self.zhiping, signal.SIGSTOP)
        assert "再问一次" in await chen.sure()
        to_the_engine(self.zhiping, signal.SIGKILL)
        await chen.seat.go(self.here)
        assert "您还没有办完的" in await chen.seat.words()
        await (
            chen.seat.page.locator("main")
            .get_by_role("link", name=label("acts", "record_payment"), exact=True)
            .first.click()
        )
        await asked_until_done(chen, f"已办：{label('acts', 'record_payment')}")
        assert await self.times("record_payment") == 1

    async def sitting(self) -> None:
        """Planned, drawn by two offices, counted by two people who disagree at first, signed."""
        chen, qian = self.chen, self.qian
        await chen.seat.go("/pingshenhui/paiding")
        planned = {"number": "2023-BD-01", "committee": "bd-eleven", "campaign": "bd-2023"}
        for name, value in {**planned, "days": "2023-12-08", "place": "三号会议室"}.items():
            await chen.fill(name, value)
        await chen.seat.press(CHECK)
        assert "已办" in await chen.sure()
        await chen.seat.go("/pingshenhui")
        link = chen.seat.page.locator("main tbody a").first
        self.meeting = str(await link.get_attribute("href"))
        await chen.moves_the_clock(2023, 12, 6)
        [value] = VALUE.findall(await qian.does(self.meeting, "commit_draw"))
        await chen.does(self.meeting, "draw")
        await qian.does(self.meeting, "reveal_draw", {"value": value})
        await chen.moves_the_clock(2023, 12, 8)
        await chen.does(self.meeting, "open", {"present": True})
        await self.settled()
        judged = {"experts": 3, "opinions.0.text": "业绩突出，同意提交评审委员会评审。"}
        await chen.does(self.meeting, "record_opinions", judged)
        await self.counted()
        signed = {"chair": True, **on("ended_on", 2023, 12, 8)}
        await chen.does(self.meeting, "sign", signed)
        await self.settled()

    async def counted(self) -> None:
        """Each enters blind; of the first count the second sees nothing but that it is another."""
        right = {"tallies.0.yes": 8, "tallies.0.no": 2, "tallies.0.abstain": 0}
        await self.chen.does_twice(self.meeting, "enter_ballots", right)
        await self.chen.form(self.meeting, "enter_ballots", right)
        assert "另一" in await self.chen.sure()
        other = right | {"tallies.0.yes": 7, "tallies.0.no": 3}
        blind = await self.head.form(self.meeting, "enter_ballots", other)
        wrong = await self.head.sure()
        await self.head.picture("enter_ballots-differ")
        assert "没有办理" in wrong, wrong
        assert "不一致" in wrong, wrong
        for said in (blind, wrong):
            assert not COUNTED_EIGHT.search(said.partition("录入计票结果")[2]), said
        await self.head.seat.click("修改后再办")
        yes = self.head.seat.page.locator('[name="tallies.0.yes"]')
        assert await yes.input_value() == "7"
        for name in ("yes", "no"):
            await self.head.fill(f"tallies.0.{name}", right[f"tallies.0.{name}"])
        await self.head.seat.press(CHECK)
        assert "已办" in await self.head.sure()

    async def batch(self) -> None:
        """Posted; an objection that is found to be nothing; confirmed."""
        chen = self.chen
        await chen.does_twice(self.meeting, "report_batch")
        await chen.does(self.meeting, "publish_batch")
        await self.settled()
        await self.liu.does(self.here, "raise_objection", {"text": "业绩与他人重复"})
        concluded = {"outcome": "unfounded", "reason": "经核查，业绩属实"}
        await chen.does(self.here, "conclude_inquiry", concluded)
        await chen.moves_the_clock(2023, 12, 20)
        await chen.does(self.meeting, "draft_batch")
        issued = {"number": "渝职改办〔2023〕98号", **on("issued_on", 2023, 12, 20)}
        await self.qian.does(self.meeting, "confirm_batch", issued)
        await self.settled()
        await self.san.seat.go(self.here)
        assert label("acts", "confirm") in await self.san.seat.words()

    async def recheck(self) -> None:
        """Asked for by a double click, once for a result; answered by the office."""
        await self.zhou.does(self.here, "forward_confirmation", on("forwarded_on", 2023, 12, 20))
        asked = {"grounds": "procedure", "text": "评议组的组成不符合规定。"}
        await self.san.does_twice(self.here, "request_recheck", asked)
        assert await self.times("request_recheck") == 1
        decided = {"decision": "upheld", "reason": "经复核，评议组的组成符合规定。"}
        await self.head.does_twice(self.here, "decide_recheck", decided)
        assert await self.times("decide_recheck") == 1
        await self.san.seat.go(self.here)
        assert "复查期" in await self.san.seat.words()

    async def archive(self) -> None:
        """The certificate and both copies; when the time for a 复查 is over, it is 办结."""
        await self.san.does(self.here, "confirm_printed")
        for copy in ("unit", "personal"):
            await self.liu.does(self.here, "confirm_archived", {"copy_in": copy})
        await self.san.seat.go(f"{self.here}/wenshu")
        await self.san.picture("papers")
        await self.san.seat.press("出具电子职称证书")
        assert "已出具" in await self.san.seat.words()
        paper = self.san.seat.page.locator("main tbody a", has_text="证书").first
        async with self.san.seat.page.expect_download() as coming:
            await paper.click()
        assert (await (await coming.value).path()).read_bytes().startswith(b"%PDF")
        await self.liu.moves_the_clock(2024, 2, 21)
        await self.san.seat.go(self.here)
        assert "办结" in await self.san.seat.words()
        await self.san.picture("over")

    async def settled(self) -> None:
        """Look at the meeting until every case has answered."""
        async with asyncio.timeout(60):
            while True:
                await self.chen.seat.go(self.meeting)
                if "正在把" not in await self.chen.seat.words():
                    return
                await asyncio.sleep(0.5)


async def test_one_application_goes_through_its_season_by_clicks(
    zhiping: CommandLine, house: House, case: str, seat: Seated, realm: str
) -> None:
    await zhiping("committee", "import", str(ELEVEN), "--realm", realm)
    view = await house.office.reading.case(case, realm)
    assert view is not None
    who = ("liu", "zhou", "chen", "chen-zong", "qian", view.person)
    liu, zhou, chen, head, qian, san = [Desk(await seat(name, script=False)) for name in who]
    season = Season(zhiping, case, liu, zhou, chen, head, qian, san)
    await season.unit()
    await season.chain()
    await season.office()
    await season.fee()
    await season.sitting()
    await season.batch()
    await season.recheck()
    await season.archive()
