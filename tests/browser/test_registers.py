"""The registers' pages, lists and forms, of whoever keeps them: read by axe, at a desk and on a telephone."""

from __future__ import annotations

import pytest

from tests.browser.conftest import WIDTHS, Seated
from tests.browser.test_every_page import faults_of

pytestmark = pytest.mark.integration

OFFICE = (
    "/jiaofei",
    "/jiaofei/daoru",
    "/chengxin",
    "/chengxin/yingxiangqi/xin",
    "/chengxin/jilu/xin",
    "/zhuanjia",
    "/minglu",
    "/minglu/bd-committee-office",
    "/minglu/bd-committee-office/lianxi",
    "/zonglan",
    "/tongzhi",
    "/rili",
    "/rili/2023",
)


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
async def test_axe_finds_nothing_serious_on_the_registers(seat: Seated, width: int) -> None:
    chen = await seat("chen", width=width)
    faults = [fault for path in OFFICE for fault in await faults_of(chen, path)]
    assert faults == []
    await chen.go("/jiaofei")
    assert "须人工处理" in await chen.page.content()
