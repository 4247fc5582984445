"""通知、日历、名录 from files: read, told in words, rehearsed, and only then asked for."""

from __future__ import annotations

import re

import pytest

from config.calendar_files import CALENDARS
from config.campaign_files import CAMPAIGNS, load
from starter.desk.publishing import campaign_stated
from tests.builders import BD
from tests.console.at_once import AtOnce, at_once
from tests.console.conftest import Browser, Come
from tests.fixtures.record import Office

__all__ = ["at_once"]

pytestmark = pytest.mark.integration

REQUEST = re.compile(r'name="qing" value="([0-9a-f-]+)"')
WAITS = re.compile(r'name="request" value="([^"]+)"')
CHANGED = re.compile(r"由“999[^”]*”改为“420[^”]*”")
Files = list[tuple[str, tuple[str, bytes, str]]]


def came(**files: bytes) -> Files:
    """Files as a browser sends them; `_` stands for the point of a name."""
    return [
        ("file", (name.replace("__", "-").replace("_", "."), content, "text/plain"))
        for name, content in files.items()
    ]


async def brought(browser: Browser, path: str, files: Files, reason: str = "") -> str:
    """Where the form leads, or nothing where it is shown again."""
    if (await browser.get(path)).status_code == 303:
        await browser.prove(path)
    stated = {**browser.token(), "qing": REQUEST.findall(browser.page)[0], "reason": reason}
    answer = await browser.post(path, stated, files=files)
    return answer.headers.get("location", "")


def notice() -> bytes:
    """The BD notice."""
    return (CAMPAIGNS / f"{BD}.toml").read_bytes()


async def test_an_amended_notice_is_told_in_words_and_rehearsed_before_it_is_asked_for(
    newcomer: Come, at_once: AtOnce, published: Office
) -> None:
    stated = campaign_stated(load(CAMPAIGNS / f"{BD}.toml"))
    stated["policy"]["fees"]["yuan"] |= {"deputy_senior": 999}
    outcome = await published("amend_campaign", stated | {"reason": "误写"})
    assert outcome.done, outcome
    gao, path = await newcomer("gao"), "/daoru/tongzhi"
    own = (CAMPAIGNS / f"{BD}.txt").read_bytes()
    files = came(bd__2023_toml=notice(), bd__2023_txt=own)
    assert await brought(gao, path, came(bd__2023_toml=b"id = 1", bd__2023_txt=own), "无") == ""
    assert "需要改正" in gao.page
    assert await brought(gao, path, files) == ""
    assert "请写明理由" in gao.page
    there = await brought(gao, path, files, "改正收费")
    while "refresh" in (await gao.get(there)).headers:
        pass
    assert "尚未办理" in gao.page
    assert CHANGED.search(gao.page), gao.page
    assert "在办" in gao.page
    assert at_once.asked == []
    request = REQUEST.findall(gao.page)[0]
    for _ in range(2):  # the very same again is the same operation
        asked = await gao.post(there, {"qing": request})
        assert asked.headers["location"] == "/tongzhi", gao.page
    assert at_once.asked == [request, request]
    await gao.get("/tongzhi")
    assert "须由另一人" in gao.page

    other = await newcomer("gao-er")
    await other.get("/daiqueren")
    assert "改正收费" in other.page
    assert CHANGED.search(other.page), other.page
    assert (await other.get(there)).status_code == 404  # what another brought is the other's
    await other.get("/daiqueren")
    answer = {"qing": REQUEST.findall(other.page)[0], "request": WAITS.findall(other.page)[0]}
    assert (await other.post("/daiqueren/queren", answer)).status_code == 303, other.page
    once_more = await brought(gao, path, files, "再来")
    assert once_more == "", (await gao.get(once_more)).text
    assert "完全相同" in gao.page


async def test_a_new_year_is_published_at_once_and_a_changed_one_waits_for_another(
    newcomer: Come, at_once: AtOnce
) -> None:
    gao = await newcomer("gao")
    text = (CALENDARS / "2023.toml").read_bytes()
    there = await brought(gao, "/daoru/rili", came(any_toml=text.replace(b"2023", b"2035")))
    if there:
        await gao.get(there)
        assert "新的一年" in gao.page
        await gao.post(there, {"qing": REQUEST.findall(gao.page)[0]})
        assert (await gao.get("/rili/2035")).status_code == 200
    assert len(at_once.asked) == bool(there)


async def test_a_directory_tells_who_is_new_and_whose_name_changes(
    newcomer: Come, at_once: AtOnce
) -> None:
    gao = await newcomer("gao")
    file = (
        'source = "测试"\n[[organisations]]\nid = "new-unit"\nname = "新单位"\nkind = "unit"\n'
        'level = "city"\ncontact = "王五"\nphone = "023-00000007"\nemail = "a@unit.example"\n'
        '[[members]]\nid = "wang-wu"\nname = "王五"\norganisation = "new-unit"\n'
        "[[members.grants]]\nfrom = 2023-01-01\n"
    ).encode()
    there = await brought(gao, "/daoru/minglu", came(any_toml=file))
    assert there, re.findall(r"<ul>.*?</ul>", gao.page, re.DOTALL)
    await gao.get(there)
    assert "新的机构 新单位" in gao.page
    assert "新的人员 王五" in gao.page
    await gao.post(there, {"qing": REQUEST.findall(gao.page)[0]})
    assert (await gao.get("/minglu/new-unit")).status_code == 200
    assert len(at_once.asked) == 1


async def test_it_is_for_operations_alone(newcomer: Come) -> None:
    chen = await newcomer("chen")
    for what in ("tongzhi", "rili", "minglu"):
        assert (await chen.get(f"/daoru/{what}")).status_code == 404, what
    gao = await newcomer("gao")
    assert (await gao.get("/daoru/none")).status_code == 404
