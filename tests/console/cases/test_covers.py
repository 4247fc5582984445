"""A case acted on by a deputy, with the real engine: the record, the pages and the letter name both."""

from __future__ import annotations

import asyncio
import json
import re
import time
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from tests.console.cases.conftest import Comes
from tests.integration.command_line import CommandLine
from workers.stack.folder import StackFolder

pytestmark = pytest.mark.integration

AT = "bd-committee-office"
OVERRIDE = {
    "items": [{"text": "缺少获奖证书原件"}],
    "days": 3,
    "reason": "一次性告知后又发现的问题",
}
BOTH = "陈老师（代陈总）"
PATIENCE = 30
REQUEST = re.compile(r'name="qing" value="([0-9a-f]+)"')
WAITS = re.compile(r'name="request" value="([^"]+)"')
COVER = re.compile(r'name="cover" value="([^"]+)"')


@pytest.fixture
async def at_committee(zhiping: CommandLine, case: str, realm: str) -> str:
    """The case, before the committee's office."""
    posted = json.dumps({"place": "一楼大厅", "contacts": ["023-00000005"]})
    unit, department = "liu@liangjiang-data-group", "zhou@city-industry-department"
    await zhiping("act", case, "start_publicity", "--as", unit, "--with", posted)
    await zhiping("clock", "advance", "--realm", realm, "--to", "2023-10-17T09:00")
    await zhiping("act", case, "finish_publicity", "--as", unit)
    await zhiping("act", case, "approve", "--as", department)
    # 材料审核 begins on 1 November.
    await zhiping("clock", "advance", "--realm", realm, "--to", "2023-11-02T09:00")
    return case


async def letter_with(mail: Path, words: str, case: str) -> str:
    """The first letter of a case that has these words, as soon as it is there."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for file in mail.glob("*.eml"):
            read = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
            body = read.get_body(("plain",))
            text = body.get_content() if body else ""
            if words in text and case[-6:] in text:
                return str(text)
        await asyncio.sleep(0.2)
    raise AssertionError(words)


async def test_a_deputy_acts_and_record_pages_and_letter_name_both(
    zhiping: CommandLine, at_committee: str, realm: str, comes: Comes
) -> None:
    case, here = at_committee, ("--realm", realm)
    override = ("act", case, "override_return", "--with", json.dumps(OVERRIDE, ensure_ascii=False))
    no = await zhiping.json(*override, "--as", f"chen@{AT}", code=3)
    assert no["code"] == "not_entitled"

    named = await zhiping.by_two(
        *("directory", "deputy", "name", f"chen@{AT}", "--from", "2023-11-02"),
        *("--to", "2023-11-06", "--reason", "外出开会", "--as", f"chen-zong@{AT}", *here),
        second="qian@city-title-office",
    )
    assert named["done"]
    await zhiping("directory", "grant", f"qian-er@{AT}", "--as", "operations@zhiping", *here)

    chen = await comes("chen")
    await chen.get("/wode")
    assert "代理负责人陈总，至2023年11月6日" in chen.page
    await chen.get(f"/anjuan/{case}")
    assert "陈总，负责人" in chen.page
    assert f"{BOTH}，至2023年11月6日" in chen.page
    assert f"/anjuan/{case}/tuihui/override_return" in chen.page
    listed = await zhiping.json("directory", "deputy", "list", AT, *here)
    assert [(item["deputy_name"], item["holds"]) for item in listed] == [("陈老师", True)]

    await zhiping(*override, "--as", f"chen@{AT}")
    confirm = ("act", case, "confirm_request", "--with", '{"agree": true}')
    own = await zhiping.json(*confirm, "--as", f"chen-zong@{AT}", code=3)
    assert own["code"] == "second_person_required"
    await zhiping(*confirm, "--as", f"qian-er@{AT}")

    shown = await zhiping.json("show", case)
    assert shown["stage"] == "committee_correction"
    [step] = [item for item in shown["timeline"] if item["name"] == "override_return"]
    assert (step["actor"], step["principal"]) == ("chen", "chen-zong")
    asked = [item for item in shown["timeline"] if item["name"] == "ask_second_person"]
    assert [item["principal"] for item in asked] == ["chen-zong"]
    for person in ("chen", "liu"):
        reader = await comes(person) if person != "chen" else chen
        await reader.get(f"/anjuan/{case}")
        assert BOTH in reader.page
    letter = await letter_with(StackFolder(zhiping.folder).mail, f"经办：{BOTH}", case)
    assert "缺少获奖证书原件" in letter

    # What the deputy may do anyway is done in the own name alone.
    await zhiping("clock", "advance", "--realm", realm, "--to", "2023-11-07T09:00")
    await chen.get("/wode")
    assert "代理负责人陈总" not in chen.page
    late = await zhiping.json(
        *("act", case, "extend_deadline", "--as", f"chen@{AT}", "--with"),
        json.dumps({"rule": "review_end", "ends_on": "2023-12-29", "reason": "延长"}),
        code=3,
    )
    assert late["code"] in ("not_entitled", "not_late")


async def test_a_deputy_is_named_confirmed_and_ended_by_clicks(
    zhiping: CommandLine, case: str, realm: str, comes: Comes
) -> None:
    assert case
    head, above = await comes("chen-zong"), await comes("qian")
    path = f"/minglu/{AT}/daili"
    await head.get(path)
    assert "没有指定过代理" in head.page
    await head.get(f"{path}/zhiding")
    await head.prove(f"{path}/zhiding")
    # Chosen by name: who leads, and who acts for the organisation.
    assert re.search(r'<option value="chen-zong"[^>]*>陈总<', head.page)
    assert re.search(r'value="chen"[^>]*>.*?陈老师<', head.page, re.DOTALL)
    [request] = REQUEST.findall(head.page)
    days = {
        **dict(zip(("from-year", "from-month", "from-day"), ("2023", "10", "16"), strict=True)),
        **dict(zip(("to-year", "to-month", "to-day"), ("2023", "10", "20"), strict=True)),
    }
    typed = {"qing": request, "deputy": "chen", "reason": "外出开会", "acts": "override_return"}
    assert (await head.post(f"{path}/zhiding", typed)).status_code == 422
    done = await head.post(f"{path}/zhiding", typed | days)
    assert done.status_code == 303, head.page
    await head.get(path)
    assert "须由另一人" in head.page

    await above.prove("/daiqueren")
    await above.get("/daiqueren")
    for words in ("指定代理人", "陈老师（chen）", "2023年10月16日", "外出开会"):
        assert words in above.page, words
    [waits] = set(WAITS.findall(above.page))
    said = await above.post("/daiqueren/queren", {"request": waits, "qing": "a" * 24})
    assert said.status_code == 303, above.page
    await head.get(path)
    for words in ("陈总", "陈老师", "2023年10月16日", "特批", "尚未开始"):
        assert words in head.page, words
    [cover] = COVER.findall(head.page)
    assert (await head.post(f"{path}/zhongzhi", {"cover": cover})).status_code == 303
    await head.get(path)
    assert "终止" in head.page
    assert COVER.findall(head.page) == []
