"""下一件: after an act of 待办 the next task of the same list, whatever became of the others."""

from __future__ import annotations

import re
from html import unescape

import pytest

from starter.console.house import House
from tests.console.cases.conftest import Comes
from tests.console.cases.test_case_pages import POSTED, REQUEST
from tests.integration.applicants import applied

pytestmark = pytest.mark.integration

NEXT = re.compile(r'下一件：<a href="([^"]+)"')
CASE = re.compile(r"/anjuan/(application-[\w-]+)")


async def test_one_after_the_other_with_the_lists_filters(
    stack_house: House, realm: str, comes: Comes
) -> None:
    cases = await applied(stack_house.office, realm, 3)
    liu = await comes("liu")
    await liu.get("/daiban?shixiang=unit_review")
    order = [unescape(path) for path in re.findall(r'<th scope="row"><a href="([^"]+)"', liu.page)]
    assert {CASE.findall(path)[0] for path in order} == set(cases)

    await liu.get(order[0])
    assert unescape(NEXT.findall(liu.page)[0]) == order[1]
    [form] = {
        unescape(path)
        for path in re.findall(r'href="(/anjuan/[^"]+/ban/start_publicity[^"]*)"', liu.page)
    }
    await liu.get(form)
    [request] = REQUEST.findall(liu.page)
    [action] = re.findall(r'<form method="post" action="(/anjuan/[^"]+)"', liu.page)
    check = (await liu.post(unescape(action), {**POSTED, "qingqiu": request})).headers["location"]
    await liu.get(check)
    [action] = re.findall(r'<form method="post" action="(/anjuan/[^"]+)"', liu.page)
    done = (await liu.post(unescape(action))).headers["location"]
    await liu.get(done)
    assert "已办：开始公示" in liu.page
    assert unescape(NEXT.findall(liu.page)[0]) == order[1]

    await liu.get(order[1])
    assert unescape(NEXT.findall(liu.page)[0]) == order[2]  # passed over, not done
    await liu.get(order[2])
    assert "清单中后面没有了" in liu.page
    assert "/daiban?shixiang=unit_review" in liu.page


async def test_who_did_not_come_from_the_list_is_led_nowhere(case: str, comes: Comes) -> None:
    liu = await comes("liu")
    await liu.get(f"/anjuan/{case}")
    assert "下一件" not in liu.page
    for bent in ("x", "'", "W10", "%00", "WyIyMDIzLTEwLTEyIiwgIngiLCAieCJd"):
        answer = await liu.get(f"/anjuan/{case}?xia={bent}&xiaq=never&xias=<b>")
        assert answer.status_code == 200, bent
        assert "<b>" not in answer.text
