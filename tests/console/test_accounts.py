"""账户 and 待确认: a head invites by clicks, and for a person of weight another one confirms, signed in himself."""

from __future__ import annotations

import re
from secrets import token_hex

import pytest

from starter.console.house import House
from tests.console.conftest import PASSWORD, Browser, Come
from tests.console.on_a_stack import LINK, Someone, house_on_a_stack, someone
from tests.fixtures.record import OPENED

__all__ = ["house_on_a_stack", "someone"]

pytestmark = pytest.mark.integration

KEY = re.compile(r'name="qing" value="(\w+)"')
REQUEST = re.compile(r'name="request" value="([\w-]+)"')


@pytest.fixture
async def realm(house_on_a_stack: House) -> str:
    """A rehearsal of the test's own."""
    name = f"accounts-{token_hex(3)}"
    await house_on_a_stack.office.intake.open_realm(name, OPENED)
    return name


async def asked(browser: Browser, path: str, **stated: str) -> int:
    """Send a form of the page of accounts, with the request id that it was rendered with."""
    await browser.get("/zhanghu")
    stated.setdefault("qing", KEY.findall(browser.page)[0])
    return (await browser.post(path, stated)).status_code


async def accepted(like: Browser, link: str) -> bool:
    """Whether a password can be set by a link."""
    came = Browser(like.client)
    await came.get(link)
    return (await came.post(link, {"password": PASSWORD, "again": PASSWORD})).status_code == 303


async def test_a_head_invites_resets_and_shuts_the_accounts_of_the_own_people(
    someone: Someone, realm: str
) -> None:
    head = await someone("chen-zong", realm)
    assert (await head.get("/zhanghu")).status_code == 200
    assert "陈老师" in head.page
    form = {"person": "chen", "login": f"chen-{realm}", "qing": KEY.findall(head.page)[0]}
    assert await asked(head, "/zhanghu/yaoqing", **form) == 200
    (link,) = LINK.findall(head.page)
    # The answer was lost: the same form again is the same link.
    assert await asked(head, "/zhanghu/yaoqing", **form) == 200
    assert LINK.findall(head.page) == [link]
    await head.get("/zhanghu")
    assert "待设置密码" in head.page

    for what, follows in (("chongzhi", "验证器立即作废"), ("tingyong", "立即不能登录")):
        assert await asked(head, "/zhanghu/hedui", person="chen", what=what) == 200
        assert follows in head.page
        assert "陈老师" in head.page
    assert await asked(head, "/zhanghu/hedui", person="chen", what="zuofei") == 404
    assert (await head.client.get(link)).status_code == 200, "nothing is done by looking"
    assert await asked(head, "/zhanghu/chongzhi", person="chen") == 200
    (fresh,) = LINK.findall(head.page)
    assert fresh != link
    assert (await head.client.get(link)).status_code == 410
    assert (await head.client.get(fresh)).status_code == 200

    assert await asked(head, "/zhanghu/tingyong", person="chen") == 303
    assert (await head.client.get(fresh)).status_code == 410
    await head.get("/zhanghu")
    assert "已停用" in head.page


async def test_each_form_of_the_page_is_a_request_of_its_own(newcomer: Come) -> None:
    """Two people invited from one page that was opened once are two."""
    head = await newcomer("chen-zong")
    assert (await head.get("/zhanghu")).status_code == 200
    found = KEY.findall(head.page)
    assert len(found) == len(set(found)) >= 2


async def test_a_head_keeps_no_accounts_of_others_and_a_clerk_none(
    someone: Someone, realm: str
) -> None:
    head, clerk = await someone("chen-zong", realm), await someone("liu", realm)
    assert await asked(head, "/zhanghu/yaoqing", person="yang", login=f"yang-{realm}") == 422
    assert "不能办理" in head.page
    assert not LINK.findall(head.page)
    await clerk.get("/")
    assert "/zhanghu" not in clerk.page
    for path in ("/zhanghu", "/zhanghu/yaoqing", "/zhanghu/tingyong"):
        answer = await (clerk.get(path) if path == "/zhanghu" else clerk.post(path))
        assert answer.status_code == 404, path


async def test_who_would_be_of_weight_comes_in_once_another_has_confirmed(
    someone: Someone, realm: str
) -> None:
    first, second = await someone("qian", realm), await someone("qian-er", realm)
    login = f"zhou-{realm}"
    assert await asked(first, "/zhanghu/yaoqing", person="zhou", login=login) == 200
    assert "须由另一人" in first.page
    (link,) = LINK.findall(first.page)
    assert (await first.client.get(link)).status_code == 410

    await first.get("/daiqueren")
    assert "收回" in first.page
    assert "确认并办理" not in first.page
    (request,) = set(REQUEST.findall(first.page))
    own = {"request": request, "qing": KEY.findall(first.page)[0]}
    assert (await first.post("/daiqueren/queren", own)).status_code == 422

    await second.get("/daiqueren")
    assert "邀请开通账户" in second.page
    assert "钱主任" in second.page
    assert "token" not in second.page.replace(second.token()["csrf"], "")
    stated = {"request": request, "qing": KEY.findall(second.page)[0]}
    assert (await second.post("/daiqueren/queren", stated)).status_code == 303
    await second.get("/daiqueren")
    assert "没有等待您确认的事项" in second.page
    assert await accepted(first, link)


async def test_what_was_declined_or_taken_back_lets_nobody_in(someone: Someone, realm: str) -> None:
    first, second = await someone("qian", realm), await someone("qian-er", realm)
    for who, word in ((second, "butongyi"), (first, "shouhui")):
        await asked(first, "/zhanghu/yaoqing", person="zhou", login=f"zhou-{realm}")
        (link,) = LINK.findall(first.page)
        await who.get("/daiqueren")
        stated = {"request": REQUEST.findall(who.page)[0], "qing": KEY.findall(who.page)[0]}
        assert (await who.post(f"/daiqueren/{word}", stated)).status_code == 303, who.page
        assert (await first.client.get(link)).status_code == 410
    assert (await first.post("/daiqueren/gan", {"request": "x"})).status_code == 404
