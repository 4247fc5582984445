"""缴费: an office's own lines, one resolved by a form, a list taken along, a file that is refused whole."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from typing import Any

import pytest

from starter.console.house import House
from tests.console.at_once import AtOnce, at_once
from tests.console.conftest import ORIGIN, Browser, Come
from tests.fixtures.record import Office
from workflows.writer.messages import Actor

__all__ = ["at_once"]

pytestmark = pytest.mark.integration

CHEN = Actor(person="chen", organisation="bd-committee-office", role="member")
AT = datetime.fromisoformat("2023-11-17T09:00:00+08:00")
REQUEST = re.compile(r'name="qing" value="([0-9a-f]+)"')


def _line(number: int, **more: Any) -> dict[str, Any]:
    """A line that no application has."""
    return {
        "transaction": f"TX{number:03}",
        "fen": 42000,
        "paid_at": "2023-11-16T09:30:00+08:00",
        "numbers": ["没有这件"],
        "payer": "=张三",
        "remark": "评审费",
    } | more


async def _imported(published: Office, count: int) -> None:
    lines = [_line(number) for number in range(count)]
    outcome = await published("import_payments", {"lines": lines}, actor=CHEN, at=AT)
    assert outcome.done, outcome


async def _line_of(chen: Browser) -> str:
    await chen.get("/jiaofei")
    return str(re.findall(r'href="(/jiaofei/\d+)"', chen.page)[0])


async def _form(chen: Browser, line: str) -> str:
    """The line's page, with the password stated again where it is asked for; its request id."""
    if (await chen.get(line)).status_code == 303:
        await chen.prove(line)
    return str(REQUEST.findall(chen.page)[0])


async def test_only_its_own_office_sees_a_line(published: Office, newcomer: Come) -> None:
    await _imported(published, 1)
    chen, liu = await newcomer("chen"), await newcomer("liu")
    line = await _line_of(chen)
    assert (await liu.get("/jiaofei")).status_code == 404
    assert (await liu.get(line)).status_code == 404
    assert (await liu.get("/jiaofei?xiazai=csv")).status_code == 404
    assert (await chen.get("/jiaofei/999999")).status_code == 404


async def test_a_long_list_goes_by_pages_and_is_taken_along_whole(
    published: Office, newcomer: Come
) -> None:
    await _imported(published, 60)
    chen = await newcomer("chen")
    seen: list[str] = []
    path = "/jiaofei"
    while path:
        await chen.get(path)
        seen += re.findall(r">(TX\d+)</a>", chen.page)
        found = re.search(r'href="([^"]+)" rel="next"', chen.page)
        path = found.group(1) if found else ""
    assert seen == [f"TX{number:03}" for number in range(60)]

    answer = await chen.get("/jiaofei?xiazai=csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 61
    assert rows[1][0] == "TX000"
    assert rows[1][-1] == "'=张三"


async def test_a_line_is_dismissed_once_however_often_the_form_is_sent(
    published: Office, newcomer: Come, at_once: AtOnce
) -> None:
    await _imported(published, 1)
    chen = await newcomer("chen")
    line = await _line_of(chen)
    request = await _form(chen, line)

    wrong = await chen.post(line, {"what": "dismiss", "reason": "", "qing": request})
    assert wrong.status_code == 422
    assert "请写明理由" in chen.page
    assert REQUEST.findall(chen.page) == [request]

    stated = {"what": "dismiss", "reason": "已退款", "qing": request}
    assert (await chen.post(line, stated)).status_code == 303
    assert (await chen.post(line, stated)).status_code == 303
    assert at_once.asked == [request, request]
    await chen.get(line)
    assert "已另行处理" in chen.page
    assert "已退款" in chen.page
    await chen.get("/jiaofei")
    assert "没有须人工处理的收款" in chen.page


async def test_an_answer_that_did_not_come_is_asked_for_again_under_the_same_id(
    published: Office, newcomer: Come, at_once: AtOnce
) -> None:
    await _imported(published, 1)
    chen = await newcomer("chen")
    line = await _line_of(chen)
    request = await _form(chen, line)
    at_once.silent = True
    stated = {"what": "dismiss", "reason": "已退款", "qing": request}
    assert (await chen.post(line, stated)).status_code == 202
    assert "可能已经办了" in chen.page
    again = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', chen.page))
    assert {key: again[key] for key in stated} == stated
    at_once.silent = False
    assert (await chen.post(line, {key: again[key] for key in stated})).status_code == 303
    assert at_once.asked == [request, request]


async def test_what_cannot_be_done_stands_at_its_field(
    published: Office, newcomer: Come, at_once: AtOnce
) -> None:
    await _imported(published, 1)
    chen = await newcomer("chen")
    line = await _line_of(chen)
    request = await _form(chen, line)
    for stated, field in (
        ({"reason": "理由"}, "what"),
        ({"what": "case", "reason": "理由"}, "application"),
        ({"what": "case", "application": "没有这件", "reason": "理由"}, "application"),
    ):
        assert (await chen.post(line, {**stated, "qing": request})).status_code == 422
        assert f'id="{field}-wrong"' in chen.page, field
    assert at_once.asked == []


async def _brought(chen: Browser, name: str, content: bytes) -> Any:
    await chen.get("/jiaofei/daoru")
    answer = await chen.client.post(
        "/jiaofei/daoru",
        data=chen.token(),
        files={"file": (name, content)},
        headers={"origin": ORIGIN, "sec-fetch-site": "same-origin"},
    )
    chen.page = answer.text
    return answer


async def test_a_file_with_a_bad_line_stores_nothing_and_says_which(
    published: Office, newcomer: Come, house: House, at_once: AtOnce
) -> None:
    chen = await newcomer("chen")
    good = "流水号,金额,交易时间,附言\nTX9,420,2023-11-16 09:30:00,没有\n"
    answer = await _brought(chen, "收款.csv", f"{good}TX10,x,2023-11-16,没有\n".encode())
    assert answer.status_code == 422
    assert "第 3 行" in chen.page
    assert at_once.asked == []
    assert (await _brought(chen, "", b"")).status_code == 422
    assert (
        await _brought(chen, "a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 9)
    ).status_code == 422
    assert await house.jobs.last("payments", "live", "bd-committee-office") is None

    assert (await _brought(chen, "收款.csv", good.encode())).status_code == 303
    while "refresh" in (await chen.get("/jiaofei/daoru")).headers:
        pass
    assert "新登记 1 笔" in chen.page
    assert "查无此号" in chen.page
    assert (await _brought(chen, "收款.csv", good.encode("gb18030"))).status_code == 303
    while "refresh" in (await chen.get("/jiaofei/daoru")).headers:
        pass
    assert "1 笔此前已登记" in chen.page


async def test_no_page_but_the_one_for_it_takes_a_file(newcomer: Come) -> None:
    chen = await newcomer("chen")
    await chen.get("/wode")
    answer = await chen.client.post(
        "/wode/mima",
        data=chen.token(),
        files={"now": ("a", b"b")},
        headers={"origin": ORIGIN, "sec-fetch-site": "same-origin"},
    )
    assert answer.status_code == 400
