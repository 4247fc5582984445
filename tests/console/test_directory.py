"""名录 and 专家库: what everybody may see, who acts for whom, and rights given and taken by forms."""

from __future__ import annotations

import re

import pytest

from config.committee_files import COMMITTEES, read
from tests.console.at_once import AtOnce, at_once
from tests.console.conftest import Browser, Come
from tests.fixtures.record import Office
from workflows.writer.messages import Actor

__all__ = ["at_once"]

pytestmark = pytest.mark.integration

REQUEST = re.compile(r'name="qing" value="([0-9a-f]+)"')
CHEN = Actor(person="chen", organisation="bd-committee-office", role="member")
ACTS = '<th scope="row">刘经理</th>'
UNIT = "/minglu/liangjiang-data-group"


async def _form(browser: Browser, path: str) -> str:
    if (await browser.get(path)).status_code == 303:
        await browser.prove(path)
    return str(REQUEST.findall(browser.page)[0])


async def test_everybody_sees_organisations_and_only_their_own_who_acts_for_them(
    published: Office, newcomer: Come
) -> None:
    liu, chen = await newcomer("liu"), await newcomer("chen")
    seen: list[str] = []
    path = "/minglu"
    while path:
        assert (await chen.get(path)).status_code == 200
        seen += re.findall(r'href="(/minglu/[\w-]+)">', chen.page)
        found = re.search(r'href="([^"]+)" rel="next"', chen.page)
        path = found.group(1) if found else ""
    assert len(seen) == len(set(seen)) > 25
    assert UNIT in seen
    await liu.get(UNIT)
    assert ACTS in liu.page
    await chen.get(UNIT)
    assert ACTS not in chen.page
    assert (await chen.get(f"{UNIT}/shouquan")).status_code == 404
    assert (await chen.get("/minglu/no-such")).status_code == 404
    taken = await chen.get("/minglu?xiazai=csv")
    assert taken.content.count(b"\r\n") == len(seen) + 1


@pytest.mark.usefixtures("at_once")
async def test_a_right_is_given_and_taken_by_who_is_above(newcomer: Come) -> None:
    zhou, liu = await newcomer("zhou"), await newcomer("liu")
    path = f"{UNIT}/shouquan"
    request = await _form(zhou, path)
    assert (await zhou.post(path, {"qing": request})).status_code == 422
    assert 'id="person-wrong"' in zhou.page
    assert (await zhou.post(path, {"person": "nobody", "qing": request})).status_code == 422
    request = await _form(zhou, f"{UNIT}/shouhui")
    gone = {"person": "liu", "qing": request}
    assert (await zhou.post(f"{UNIT}/shouhui", gone)).status_code == 303
    await zhou.get(UNIT)
    assert ACTS not in zhou.page
    await liu.get("/")
    assert "权限现在已经没有了" in liu.page


async def test_contacts_that_were_not_changed_are_not_stated(
    newcomer: Come, at_once: AtOnce
) -> None:
    liu = await newcomer("liu")
    path = f"{UNIT}/lianxi"
    request = await _form(liu, path)
    phone = re.findall(r'name="phone" value="([^"]*)"', liu.page)[0]
    assert (await liu.post(path, {"phone": phone, "qing": request})).status_code == 422
    assert at_once.asked == []
    assert (await liu.post(path, {"phone": "023-00009999", "qing": request})).status_code == 303
    await liu.get(UNIT)
    assert "023-00009999" in liu.page


@pytest.mark.usefixtures("at_once")
async def test_experts_are_numbers_for_others_and_names_for_their_office(
    published: Office, newcomer: Come
) -> None:
    filed = read(next(iter(sorted(COMMITTEES.glob("bd*.toml")))))
    outcome = await published("import_committee", filed.model_dump(mode="json"), actor=CHEN)
    assert outcome.done, outcome
    chen, liu = await newcomer("chen"), await newcomer("liu")
    path = f"/zhuanjia/{filed.committee.id}"
    name, expert = filed.experts[0].name, filed.experts[0].id
    await liu.get("/zhuanjia")
    assert path in liu.page
    await liu.get(path)
    assert "现任" in liu.page
    assert name not in liu.page
    assert (await liu.get(f"{path}?xiazai=xlsx")).status_code == 404
    assert (await liu.get(f"{path}/{expert}/tuichu")).status_code == 404
    await chen.get(path)
    assert name in chen.page
    assert (await chen.get(f"{path}?xiazai=xlsx")).status_code == 200

    leave = f"{path}/{expert}/tuichu"
    request = await _form(chen, leave)
    assert (await chen.post(leave, {"reason": "", "qing": request})).status_code == 422
    assert (await chen.post(leave, {"reason": "调离", "qing": request})).status_code == 303
    await chen.get(path)
    assert f"专家 {expert} 的任期" in chen.page
