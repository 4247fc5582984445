"""诚信 and 待确认: entered by a form, lifted by two humans, each signed in as himself."""

from __future__ import annotations

import csv
import io
import re

import pytest

from activities.database import Pool
from tests.console.at_once import AtOnce, at_once
from tests.console.conftest import Browser, Come
from tests.fixtures.record import Office

__all__ = ["at_once"]

pytestmark = pytest.mark.integration

REQUEST = re.compile(r'name="qing" value="([0-9a-f]+)"')
NUMBER = "990000198001010011"
BAR = {
    "by": "person",
    "whom": "liu",
    "ends_on-year": "２０２６",
    "ends_on-month": "12",
    "ends_on-day": "6",
    "document": "渝职改办〔2023〕9号",
    "reason": "=伪造",
}
NEW = "/chengxin/yingxiangqi/xin"


async def _form(browser: Browser, path: str) -> str:
    """A weighty form: the password is stated for it first; its request id."""
    if (await browser.get(path)).status_code == 303:
        await browser.prove(path)
    return str(REQUEST.findall(browser.page)[0])


async def _entered(browser: Browser) -> None:
    request = await _form(browser, NEW)
    answer = await browser.post(NEW, {**BAR, "qing": request})
    assert answer.status_code == 303, browser.page


@pytest.mark.usefixtures("at_once")
async def test_a_bar_is_entered_and_lifted_when_another_human_confirms(newcomer: Come) -> None:
    chen, zong = await newcomer("chen"), await newcomer("chen-zong")
    await _entered(chen)
    await chen.get("/chengxin")
    assert "刘经理" in chen.page
    assert "2026年12月6日" in chen.page

    lift = "/chengxin/yingxiangqi/1/jiechu"
    request = await _form(chen, lift)
    assert (await chen.post(lift, {"qing": request})).status_code == 422
    assert (await chen.post(lift, {"reason": "复核", "qing": request})).status_code == 303
    await chen.get("/chengxin/yingxiangqi/1")
    assert "须由另一人" in chen.page
    assert "已解除" not in chen.page

    await chen.get("/daiqueren")
    assert "收回" in chen.page
    own = re.findall(r'name="request" value="([^"]+)"', chen.page)[0]
    forced = {"request": own, "qing": "0a"}
    assert (await chen.post("/daiqueren/queren", forced)).status_code == 422
    await chen.get("/chengxin/yingxiangqi/1")
    assert "已解除" not in chen.page

    request = await _form(zong, "/daiqueren")
    assert "复核" in zong.page
    confirmed = {"request": own, "qing": request}
    assert (await zong.post("/daiqueren/queren", confirmed)).status_code == 303
    await zong.get("/chengxin/yingxiangqi/1")
    assert "已解除：复核" in zong.page
    await zong.get("/daiqueren")
    assert "没有等待您确认的事项" in zong.page


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("word", "who", "said"),
    [("butongyi", "chen-zong", "不同意，没有办理"), ("shouhui", "chen", "收回，没有办理")],
)
async def test_whoever_says_no_says_why_and_whoever_asked_reads_it(
    newcomer: Come, word: str, who: str, said: str
) -> None:
    chen = await newcomer("chen")
    browser = chen if who == "chen" else await newcomer(who)
    await _entered(chen)
    lift = "/chengxin/yingxiangqi/1/jiechu"
    request = await _form(chen, lift)
    assert (await chen.post(lift, {"reason": "复核", "qing": request})).status_code == 303

    request = await _form(browser, "/daiqueren")
    own = re.findall(r'name="request" value="([^"]+)"', browser.page)[0]
    assert f'action="/daiqueren/{word}"' in browser.page
    assert '<textarea id="reason-1" name="reason"' in browser.page
    no = {"request": own, "qing": request, "reason": "证据还没有<核对>"}
    assert (await browser.post(f"/daiqueren/{word}", no)).status_code == 303

    await chen.get("/daiqueren")
    assert f"{said}；理由：证据还没有<核对>" in chen.page
    assert "没有等待您确认的事项" in chen.page


@pytest.mark.usefixtures("at_once")
async def test_a_reason_that_was_typed_stays_where_the_answer_is_refused(newcomer: Come) -> None:
    chen, zong = await newcomer("chen"), await newcomer("chen-zong")
    await _entered(chen)
    lift = "/chengxin/yingxiangqi/1/jiechu"
    request = await _form(chen, lift)
    assert (await chen.post(lift, {"reason": "复核", "qing": request})).status_code == 303
    request = await _form(zong, "/daiqueren")
    own = re.findall(r'name="request" value="([^"]+)"', zong.page)[0]
    no = {"request": own, "qing": request, "reason": "不由我收回"}

    assert (await zong.post("/daiqueren/shouhui", no)).status_code == 422

    assert "不由我收回</textarea>" in zong.page


@pytest.mark.usefixtures("at_once")
async def test_what_somebody_may_not_see_is_not_there(newcomer: Come) -> None:
    chen, liu = await newcomer("chen"), await newcomer("liu")
    await _entered(chen)
    for path in (
        "/chengxin",
        "/chengxin?xiazai=xlsx",
        "/chengxin/yingxiangqi/1",
        "/chengxin/yingxiangqi/1/jiechu",
        NEW,
        "/chengxin/jilu/xin",
    ):
        assert (await liu.get(path)).status_code == 404, path
    await liu.get("/wode")
    assert (await liu.post(NEW, BAR)).status_code == 404
    assert (await chen.get("/chengxin/yingxiangqi/99")).status_code == 404

    await chen.get("/chengxin/yingxiangqi/1")
    assert "陈老师" in chen.page
    assert "chen@" not in chen.page
    taken = await chen.get("/chengxin?xiazai=csv")
    rows = list(csv.reader(io.StringIO(taken.content.decode("utf-8-sig"))))
    assert rows[1][:5] == ["影响期", "1", "刘经理", rows[1][3], "2026-12-06"]
    assert rows[1][7] == "'=伪造"


async def test_an_id_number_is_never_shown_again_and_a_slip_bars_nobody(
    newcomer: Come, at_once: AtOnce, pool: Pool
) -> None:
    chen = await newcomer("chen")
    request = await _form(chen, NEW)
    stated = {**BAR, "by": "id_number", "whom": NUMBER[:-1] + "0", "qing": request}
    assert (await chen.post(NEW, stated)).status_code == 422
    assert NUMBER[:-1] not in chen.page
    assert 'id="whom-wrong"' in chen.page
    assert at_once.asked == []
    for wrong, field in (
        ({"ends_on-month": "13"}, "ends_on"),
        ({"years": "3"}, "ends_on"),
        ({"document": ""}, "document"),
        ({"by": "x"}, "by"),
        ({"by": "application", "whom": "没有"}, "whom"),
    ):
        assert (await chen.post(NEW, {**BAR, "qing": request, **wrong})).status_code == 422
        assert f'id="{field}-wrong"' in chen.page, wrong
    assert at_once.asked == []


@pytest.mark.usefixtures("at_once")
async def test_a_correction_states_what_was_changed(newcomer: Come, published: Office) -> None:
    chen, zong = await newcomer("chen"), await newcomer("chen-zong")
    await _entered(chen)
    path = "/chengxin/yingxiangqi/1/gengzheng"
    request = await _form(chen, path)
    assert 'value="2026"' in chen.page
    same = {key: value for key, value in BAR.items() if key.startswith(("ends", "document"))}
    same |= {"starts_on-year": "", "decided_by": "", "reason": "笔误", "qing": request}
    assert (await chen.post(path, same)).status_code == 422
    assert "还没有改动" in chen.page
    assert (await chen.post(path, {**same, "ends_on-year": "2027"})).status_code == 303
    request = await _form(zong, "/daiqueren")
    assert "2027" in zong.page
    own = re.findall(r'name="request" value="([^"]+)"', zong.page)[0]
    confirmed = {"request": own, "qing": request}
    assert (await zong.post("/daiqueren/queren", confirmed)).status_code == 303
    await zong.get("/chengxin")
    assert "2027年12月6日" in zong.page
