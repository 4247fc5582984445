"""退回: picked from the material, seen as it will be printed, and what comes late is said."""

from __future__ import annotations

import re
from hashlib import sha256

import pytest

from activities.papers.store import PaperReading
from starter.console.house import House
from starter.console.next_task import ONLY
from tests.console.cases.conftest import Comes
from tests.console.cases.test_case_pages import REQUEST
from tests.console.conftest import Browser
from tests.integration.command_line import CommandLine

pytestmark = pytest.mark.integration

ACT = "return_for_correction"
BOX = re.compile(r'name="xuan" id="[^"]+" value="([^"]*)"')
MISSING = "achievement:a1||evidence_missing"
OTHER = "fact:profession||"


def value_of(page: str, name: str) -> str:
    """What a field of the form holds."""
    chosen = re.search(
        rf'<select id="{re.escape(name)}".*?<option value="([^"]*)" selected', page, re.DOTALL
    )
    prose = re.search(rf'<textarea id="{re.escape(name)}"[^>]*>([^<]*)<', page)
    return (chosen or prose or [""] * 2)[1]


async def form_of(browser: Browser, case: str, act: str = ACT) -> tuple[str, str]:
    """The return's form: its address and the request id."""
    path = f"/anjuan/{case}/tuihui/{act}"
    answer = await browser.get(path)
    assert answer.status_code == 200, browser.page
    return path, REQUEST.findall(browser.page)[0]


async def test_a_return_is_picked_seen_as_printed_and_then_done(
    zhiping: CommandLine, case: str, comes: Comes, stack_house: House
) -> None:
    liu = await comes("liu")
    led = await liu.get(f"/anjuan/{case}/tuihui")
    assert (led.status_code, led.headers["location"]) == (303, f"/anjuan/{case}/tuihui/{ACT}")
    path, request = await form_of(liu, case)
    boxes = BOX.findall(liu.page)
    assert {MISSING, OTHER, "||not_filled", "paper:contract||illegible"} <= set(boxes)
    assert "file:a1a1a1a10001||illegible" in boxes
    assert "四（二）2" in liu.page  # the notice's own clause beside its own defect

    typed = {"qingqiu": request, "days": "2", "note": "请尽快", "items.0.text": "缺合同"}
    picked = await liu.post(path, typed | {"xuan": MISSING, "jia": "xuan"})
    assert picked.status_code == 200, liu.page
    assert value_of(liu.page, "items.0.text") == "缺合同"
    assert value_of(liu.page, "items.1.subject") == "achievement:a1"
    assert value_of(liu.page, "items.1.defect") == "evidence_missing"
    assert "没有上传" in value_of(liu.page, "items.1.text")
    assert "请尽快" in liu.page

    # Ticked and not taken in yet: handing in takes it in, and what it lacks is told at its field.
    typed |= {"items.1.subject": "achievement:a1", "items.1.defect": "evidence_missing"}
    refused = await liu.post(path, typed | {"xuan": OTHER})
    assert refused.status_code == 422
    assert "缺合同" in liu.page
    assert value_of(liu.page, "items.2.subject") == "fact:profession"

    sound = await liu.post(path, typed)
    assert sound.status_code == 303, liu.page
    check = sound.headers["location"]
    await liu.get(check)
    assert "将出具的退回通知" in liu.page
    assert f'src="{check}/wenshu/1"' in liu.page
    await liu.get(f"{check}?{ONLY}=unit_review")  # from a list that leads on
    assert f'src="{check}/wenshu/1"' in liu.page
    picture = await liu.get(f"{check}/wenshu/1")
    assert picture.content.startswith(b"<svg")
    assert b"<script" not in picture.content
    assert (await liu.get(f"{check}/wenshu/9")).status_code == 404
    preview = (await liu.get(f"{check}/wenshu")).content
    await liu.get(check)
    assert (await liu.post(check)).status_code == 303

    rendered = await zhiping.json("paper", "render", "return_notice", case, "--as", "applicant")
    reading = PaperReading(stack_house.office.pool)
    made = await reading.paper(rendered["id"])
    assert made is not None
    assert sha256(preview).hexdigest() == made.unsealed_sha256


async def test_what_a_second_return_raises_late_is_said_before_it_is_done(
    zhiping: CommandLine, case: str, comes: Comes
) -> None:
    items = '{"items": [{"subject": "achievement:a1", "defect": "evidence_missing"}], "days": 3}'
    unit, own = "liu@liangjiang-data-group", "applicant"
    await zhiping.json("act", case, ACT, "--as", unit, "--with", items)
    told = await zhiping.json("show", case)
    [step] = [entry for entry in told["timeline"] if entry["name"] == ACT]
    assert "没有上传相应的佐证材料" in step["payload"]["items"][0]["text"]
    answer = '{"answers": [{"item": "1.1", "text": "已补"}]}'
    await zhiping.json("act", case, "resubmit", "--as", own, "--with", answer)

    liu = await comes("liu")
    path, request = await form_of(liu, case)
    assert "补正说明：已补" in liu.page
    bound = "achievement:a1|1.1|evidence_missing"
    assert bound in BOX.findall(liu.page)
    same = await liu.post(path, {"qingqiu": request, "xuan": bound})
    assert same.status_code == 303, liu.page
    await liu.get(same.headers["location"])
    assert "首次退回时没有告知" not in liu.page

    path, request = await form_of(liu, case)
    late = await liu.post(path, {"qingqiu": request, "xuan": "achievement:a2||evidence_missing"})
    assert late.status_code == 303, liu.page
    await liu.get(late.headers["location"])
    assert "第2.1项" in liu.page
    assert "首次退回时没有告知" in liu.page


async def test_a_defect_nobody_knows_is_refused_and_the_catalogue_is_one(
    zhiping: CommandLine, case: str, comes: Comes
) -> None:
    unit = ("--as", "liu@liangjiang-data-group")
    stated = '{"items": [{"subject": "paper:contract", "defect": "of_the_moon"}]}'
    refused = await zhiping("act", case, ACT, *unit, "--with", stated, code=3)
    assert "of_the_moon" in refused.err
    known = await zhiping.json("defects", case, *unit)
    liu = await comes("liu")
    await form_of(liu, case)
    offered = {box.rpartition("|")[2] for box in BOX.findall(liu.page)} - {""}
    assert offered <= {row["key"] for row in known["defects"]}
    assert {row["subject"] for row in known["material"]} >= {"achievement:a1", "paper:contract"}


async def test_a_stranger_finds_no_returns(case: str, comes: Comes) -> None:
    stranger = await comes("wu")
    for path in ("tuihui", f"tuihui/{ACT}", "tuihui/approve", f"ban/{ACT}"):
        assert (await stranger.get(f"/anjuan/{case}/{path}")).status_code == 404, path
