"""A whole meeting from the command line, one process a command, as a committee's office does it."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.command_line import ROOT, CommandLine

pytestmark = pytest.mark.integration

ELEVEN = ROOT / "tests" / "committees" / "bd-eleven.toml"
OFFICE, SECOND = "chen@bd-committee-office", "chen-zong@bd-committee-office"
CITY = "qian@city-title-office"
MEETING = "2023-BD-01"
EXPERTS = tuple(f"eleven-{number:02}" for number in range(1, 12))
READY = """
title = "待评审"
campaign = "bd-2023"
[[application]]
id = "a"
route = "city_unit"
[[application]]
id = "b"
route = "city_unit"
"""
WAY = (
    ("2023-10-09T09:00", "submit", "applicant", ""),
    ("2023-10-09T10:00", "start_publicity", "unit", '{ place = "公告栏" }'),
    ("2023-10-17T09:00", "finish_publicity", "unit", ""),
    ("2023-10-18T09:00", "approve", "chain[0]", ""),
    ("2023-11-06T10:00", "accept", "office", ""),
    (
        "2023-11-16T10:00",
        "record_payment",
        "office",
        '{ transaction = "T-{on}", yuan = 420, paid_at = 2023-11-16T09:30:00 }',
    ),
)


def story() -> str:
    """Two applications brought to the day on which they wait for a meeting."""
    steps = [
        f'[[step]]\nat = {at}\non = "all"\ndo = "{do}"\nby = "{by}"\n'
        + (f"with = {stated}\n" if stated else "")
        for at, do, by, stated in WAY
    ]
    return READY + "\n".join(steps)


@dataclass
class Desk:
    """`zhiping` on one stack, and the realm in which two applications wait."""

    zhiping: CommandLine
    realm: str = ""
    applications: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where the stack keeps its data."""
        return self.zhiping.folder

    async def __call__(self, *arguments: str, code: int = 0) -> str:
        return (await self.zhiping(*arguments, code=code)).out

    async def json(self, *arguments: str, code: int = 0) -> Any:
        return await self.zhiping.json(*arguments, code=code)

    async def advance(self, to: str) -> None:
        await self("clock", "advance", "--realm", self.realm, "--to", to)

    async def settled(self) -> Any:
        """The meeting's page once every case has answered."""
        while True:
            page = await self.json("meeting", "show", MEETING, "--candidates", "--as", OFFICE)
            if not page["telling"]:
                return page
            await asyncio.sleep(0.2)


@pytest.fixture(scope="module")
async def desk(zhiping: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    run = Desk(zhiping)
    file = tmp_path_factory.mktemp("meetings") / "ready.toml"
    await asyncio.to_thread(file.write_text, story(), encoding="utf-8")
    told = await run.json("rehearse", str(file), "--stack", str(run.folder))
    scenario = told["scenarios"][0]
    run.realm, run.applications = scenario["realm"], tuple(scenario["applications"].values())
    await run("committee", "import", str(ELEVEN), "--realm", run.realm)
    return run


async def _draw(desk: Desk, tmp_path: Path) -> None:
    """Both offices' parts, and the record that anybody repeats."""
    value = str(tmp_path / "value.txt")
    early = await desk.json("meeting", "draw", MEETING, "--as", OFFICE, code=3)
    assert early["code"] == "draw_not_committed"
    await desk("meeting", "commit-draw", MEETING, "--value-file", value, "--as", CITY)
    await desk("meeting", "draw", MEETING, "--as", OFFICE)
    await desk("meeting", "reveal-draw", MEETING, "--value-file", value, "--as", CITY)
    closed = await desk.json("meeting", "draw-record", MEETING, code=3)
    # Nor by verifying it: what it was made from is who was drawn.
    assert (await desk.json("meeting", "verify-draw", MEETING, code=3))["code"] == closed["code"]
    assert closed["code"] == "not_entitled"
    record = tmp_path / "draw.json"
    await desk("meeting", "draw-record", MEETING, "--out", str(record), "--as", OFFICE)
    [checked] = await desk.json("meeting", "verify-draw", str(record))
    assert checked["agrees"]


async def test_a_meeting_from_its_plan_to_the_confirmation(desk: Desk, tmp_path: Path) -> None:
    first, second = desk.applications
    planned = await desk.json(
        "meeting", "plan", "--number", MEETING, "--committee", "bd-eleven",
        "--campaign", "bd-2023", "--on", "2023-12-08", "--place", "三号会议室",
        "--as", OFFICE, "--realm", desk.realm, "--request-id", "p1",
    )  # fmt: skip
    again = await desk.json(
        "meeting", "plan", "--number", MEETING, "--committee", "bd-eleven",
        "--campaign", "bd-2023", "--on", "2023-12-08", "--place", "三号会议室",
        "--as", OFFICE, "--realm", desk.realm, "--request-id", "p1",
    )  # fmt: skip
    assert (planned["phase"], planned["lines"]) == ("planned", 2)
    assert again["meeting"] == planned["meeting"]
    await desk.settled()

    await desk.advance("2023-12-06T15:00")
    await _draw(desk, tmp_path)
    await desk(
        "meeting", "recuse", MEETING, "eleven-05", second.removeprefix("application-")[:18], "--ground", "kin",
        "--reason", "近亲属", "--as", OFFICE,
    )  # fmt: skip
    short = await desk.json(
        "meeting", "open", MEETING, *_present(EXPERTS[:7]), "--as", OFFICE, code=3
    )
    assert short["code"] == "date_not_allowed"

    await desk.advance("2023-12-08T09:00")
    short = await desk.json(
        "meeting", "open", MEETING, *_present(EXPERTS[:7]), "--as", OFFICE, code=3
    )
    assert (short["code"], "40号" in short["clause"] or "第40号" in short["clause"]) == (
        "quorum_short",
        True,
    )
    await desk("meeting", "open", MEETING, *_present(EXPERTS), "--as", OFFICE)
    page = await desk.settled()
    assert page["states"] == {"on_ballot": 2}
    assert {item["application"]: item["recused"] for item in page["candidates"]} == {
        first: 1,  # by its own unit's expert
        second: 2,
    }

    opinions = tmp_path / "opinions.csv"
    opinions.write_text(f"申报,意见\n{first},业绩突出\n{second},业绩一般\n", encoding="gb18030")
    await desk(
        "meeting", "opinion", MEETING, "--file", str(opinions), *_group(EXPERTS[5:8]),
        "--as", OFFICE,
    )  # fmt: skip
    sheet = tmp_path / "ballots.csv"
    sheet.write_text(f"申报,同意,反对,弃权\n{first},8,2,0\n{second},5,3,1\n", encoding="utf-8-sig")
    ballot = ("meeting", "ballot", MEETING, "--file", str(sheet))
    await desk(*ballot, "--as", OFFICE)
    assert (await desk.json(*ballot, "--as", OFFICE, code=3))["code"] == "second_person_required"
    counted = await desk.json(*ballot, "--as", SECOND)
    assert counted["counted"] == 2

    await desk(
        "meeting", "sign", MEETING, "--chair", "eleven-01", "--ended-on", "2023-12-08",
        "--as", OFFICE,
    )  # fmt: skip
    page = await desk.settled()
    assert page["outcomes"] == {"passed": 1, "not_passed": 1}

    await desk("batch", "report", MEETING, "--as", OFFICE)
    await desk("batch", "publish", MEETING, "--as", OFFICE)
    early = await desk.json("batch", "draft", MEETING, "--as", OFFICE, code=3)
    assert early["code"] == "publicity_not_over"
    await desk.settled()
    await desk.advance("2023-12-18T09:00")
    await desk("batch", "draft", MEETING, "--as", OFFICE)
    await desk("batch", "send-back", MEETING, "--reason", "文号有误", "--as", CITY)
    await desk("batch", "draft", MEETING, "--as", OFFICE)
    done = await desk.json(
        "batch", "confirm", MEETING, "--on", "2023-12-18", "--number", "渝职改办〔2023〕98号",
        "--as", CITY,
    )  # fmt: skip
    assert done["phase"] == "signed"
    shown = await _closed(desk)
    assert {item["standing"] for item in shown["candidates"]} == {"confirmed"}
    told = await desk("batch", "show", MEETING)
    assert "按时" in told
    assert "8:2:0" in told


async def test_a_title_that_was_revoked_is_told_online_and_off(desk: Desk, tmp_path: Path) -> None:
    first, _ = desk.applications
    paper, root = str(tmp_path / "c.pdf"), str(desk.folder / "seal-root.pem")

    async def verified(code: int = 0) -> Any:
        listed = str(tmp_path / "withdrawn.txt")
        realm = ("--as", CITY, "--realm", desk.realm)
        await desk("certificate", "revoked", "--out", listed, *realm)
        asked = (paper, "--root", root, "--revocations", listed)
        return await desk.json("certificate", "verify", *asked, code=code)

    await desk("paper", "render", "certificate", first, "--as", CITY, "--out", paper)
    shown = await desk.json("certificate", "show", first)
    stands = await verified()
    await desk("act", first, "revoke", "--with", '{"reason": "材料造假"}', "--as", CITY)
    gone = await desk.json("certificate", "show", first)
    refused = await verified(code=3)
    stranger = await desk.json("certificate", "show", first, "--as", "anyone", code=3)
    theirs = await desk.json("paper", "list", first, "--as", "anyone")
    ours = await desk.json("paper", "list", first, "--as", CITY)

    assert stranger["code"] == "not_entitled"
    assert not {"certificate"} & {item["kind"] for item in theirs}
    assert "certificate" in {item["kind"] for item in ours}
    assert (shown["status"], shown["revoked"]) == ("valid", False)
    assert stands["revocation"] == "not_listed"
    assert (gone["status"], gone["revoked"]) == ("revoked", True)
    assert refused["code"] == "certificate_revoked"


async def test_who_sits_is_told_to_the_committees_own_office_alone(desk: Desk) -> None:
    own = await desk("meeting", "show", MEETING, "--experts", "--as", OFFICE)
    other = await desk("meeting", "show", MEETING, "--experts", "--as", CITY)
    plain = await desk("meeting", "show", MEETING, "--json", "--experts", "--candidates")

    assert "卢试甲" in own
    assert "eleven-01" in own
    assert "40号令" in other
    assert not re.search("卢试甲|eleven-", other + plain)
    assert json.loads(plain)["seats"] == 11


async def test_what_is_not_there_is_said(desk: Desk) -> None:
    assert (await desk.json("meeting", "show", "2023-BD-99", code=4))["code"] == "not_found"
    unknown = await desk.json("meeting", "act", MEETING, "frob", "--as", OFFICE, code=3)
    assert unknown["code"] == "unknown_action"
    listed = await desk.json("meeting", "list", "--realm", desk.realm)
    assert [item["number"] for item in listed["meetings"]] == [MEETING]
    none_open = await desk.json("meeting", "list", "--open", "--realm", desk.realm)
    assert none_open == {"next": "", "meetings": []}


def _present(experts: tuple[str, ...]) -> list[str]:
    return [part for expert in experts for part in ("--present", expert)]


def _group(experts: tuple[str, ...]) -> list[str]:
    return [part for expert in experts for part in ("--expert", expert)]


async def _closed(desk: Desk) -> Any:
    while True:
        page = await desk.json("meeting", "show", MEETING, "--candidates", "--as", OFFICE)
        if page["phase"] == "closed":
            return page
        await asyncio.sleep(0.2)
