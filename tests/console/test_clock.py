"""演练时钟: moved by clicks, only in rehearsals, never back, and far only when asked twice."""

from __future__ import annotations

import asyncio
import re

import pytest

from starter.console.house import House
from tests.console.conftest import Browser, Come
from tests.console.on_a_stack import Someone, house_on_a_stack, someone
from tests.integration.command_line import CommandLine

__all__ = ["house_on_a_stack", "someone"]

pytestmark = pytest.mark.integration

UNIT = "liu@liangjiang-data-group"
POSTED = '{"place": "一楼大厅", "contacts": ["023-00000005"]}'


async def _submitted(zhiping: CommandLine, material: str, realm: str) -> str:
    receipt = await zhiping.json(
        "submit", material, "--campaign", "bd-2023", "--realm", realm,
        "--at", "2023-10-09T10:00", "--request-id", f"submit-{realm}",
    )  # fmt: skip
    return str(receipt["application"])


async def _arrived(browser: Browser) -> None:
    """Look again until the page says that the clock stands; as its own refresh does."""
    while True:
        answer = await browser.get("/yanlian")
        if "refresh" not in answer.headers:
            return
        await asyncio.sleep(0.2)


def _day(text: str) -> dict[str, str]:
    year, month, day = text.split("-")
    return {"day-year": year, "day-month": month, "day-day": day}


async def test_a_click_moves_the_clock_and_what_it_passes_happens(
    zhiping: CommandLine, material: str, someone: Someone, house_on_a_stack: House
) -> None:
    case = await _submitted(zhiping, material, "clicks")
    await zhiping("act", case, "start_publicity", "--as", UNIT, "--with", POSTED)
    liu = await someone("liu", "clicks")
    await liu.get("/yanlian")
    assert "单位公示" in liu.page
    assert "10月16日" in liu.page

    answer = await liu.post("/yanlian/bo", _day("2023-10-17"))
    assert answer.status_code == 303, liu.page
    await _arrived(liu)

    assert "已拨到 2023年10月17日 09:00" in liu.page
    realm = await house_on_a_stack.office.realm("clicks")
    assert (await house_on_a_stack.office.time_in(realm)).day == 17
    shown = await zhiping.json("show", case, "--as", UNIT)
    allowed = {item["action"] for item in shown["actions"] if item["allowed"]}
    assert "finish_publicity" in allowed

    back = await liu.post("/yanlian/bo", _day("2023-10-16"))
    assert back.status_code == 422
    assert "不能往回拨" in liu.page


async def test_a_far_way_is_asked_about_and_no_day_is_refused_at_its_field(
    zhiping: CommandLine, material: str, someone: Someone, house_on_a_stack: House
) -> None:
    await _submitted(zhiping, material, "far-clicks")
    liu = await someone("liu", "far-clicks")
    await liu.get("/yanlian")
    asked = await liu.post("/yanlian/bo", _day("2198-1-1"))
    assert asked.status_code == 200
    assert "不能拨回" in liu.page
    assert 'name="sure"' in liu.page
    assert await house_on_a_stack.jobs.last("clock", "far-clicks") is None

    for wrong in ("2023-2-30", "x-1-1", "--", "9" * 30 + "-1-1", "1023-1-1"):
        parts = [*wrong.split("-"), "", ""][:3]
        stated = dict(zip(("day-year", "day-month", "day-day"), parts, strict=True))
        assert (await liu.post("/yanlian/bo", stated)).status_code == 422, wrong
        assert re.search(r'id="day-wrong"', liu.page), wrong


async def test_the_live_office_and_whoever_acts_for_nobody_have_no_clock(newcomer: Come) -> None:
    liu = await newcomer("liu")
    assert (await liu.get("/yanlian")).status_code == 404
    assert "演练时钟" not in liu.page
