"""`zhiping payments` and `zhiping integrity` on a running stack, as the office calls them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.command_line import CommandLine

pytestmark = pytest.mark.integration

CHEN, CITY = "chen@bd-committee-office", "qian-er@city-title-office"
HEAD = "qian@city-title-office"
SECOND = "chen-zong@bd-committee-office"
UNIT, DEPARTMENT = "liu@liangjiang-data-group", "zhou@city-industry-department"
HEADER = "流水号,金额,交易时间,附言,付款人"
WAY = (
    ("", "start_publicity", UNIT, '{"place": "一楼大厅", "contacts": ["023-00000005"]}'),
    ("2023-10-17T09:00", "finish_publicity", UNIT, "{}"),
    ("2023-10-18T09:00", "approve", DEPARTMENT, "{}"),
)


async def at_the_committee(zhiping: CommandLine, material: str, realm: str) -> str:
    """A case that waits for 受理."""
    receipt = await zhiping.json(
        "submit", material, "--campaign", "bd-2023", "--realm", realm, "--at", "2023-10-09T10:00"
    )
    case = str(receipt["application"])
    for when, act, who, stated in WAY:
        if when:
            await zhiping("clock", "advance", "--realm", realm, "--to", when)
        await zhiping("act", case, act, "--as", who, "--with", stated)
    await zhiping("clock", "advance", "--realm", realm, "--to", "2023-11-06T10:00")
    return case


def bank_file(folder: Path, name: str, *lines: str) -> str:
    file = folder / name
    file.write_bytes("\n".join([HEADER, *lines, ""]).encode("gb18030"))
    return str(file)


def told(report: Any) -> dict[str, Any]:
    return {key: report[key] for key in ("new", "known", "told", "unanswered", "outcomes")}


async def test_fees_from_a_banks_file_reach_their_cases(
    zhiping: CommandLine, material: str, tmp_path: Path
) -> None:
    case = await at_the_committee(zhiping, material, "fees")
    await zhiping("act", case, "accept", "--as", CHEN)
    number = f"2023-{case[-12:]}"
    await zhiping("clock", "advance", "--realm", "fees", "--to", "2023-11-21T10:00")
    assert (await zhiping.json("show", case))["end"] == "payment_missed"

    office = ("--as", CHEN, "--realm", "fees")
    first = bank_file(
        tmp_path, "one.csv",
        f"TX001,240.00,2023-11-20 10:00:00,评审费 {number},张三",
        "TX002,420.00,2023-11-20 11:00:00,评审费,李四",
        f"TX003,420.00,2023-11-21 08:00:00,{number},张三",
    )  # fmt: skip
    report = await zhiping.json("payments", "import", first, *office)
    assert told(report) == {
        "new": 3, "known": 0, "told": 2, "unanswered": 0,
        "outcomes": {"part": 1, "unknown": 1, "late": 1},
    }  # fmt: skip
    assert (await zhiping.json("show", case))["end"] == "payment_missed"

    # In time, told late: the case re-opens by itself (A18).
    second = bank_file(tmp_path, "two.csv", f"TX004,180.00,2023-11-20 23:58:00,{number},张三")
    report = await zhiping.json("payments", "import", second, *office)
    assert report["outcomes"] == {"matched": 1}
    assert (await zhiping.json("show", case))["stage"] == "awaiting_meeting"

    before = len((await zhiping.json("show", case))["timeline"])
    again = await zhiping.json("payments", "import", first, *office)
    assert (again["new"], again["known"], again["told"]) == (0, 3, 0)
    assert len((await zhiping.json("show", case))["timeline"]) == before
    assert "未重复" in (await zhiping("payments", "import", second, *office)).out

    waiting = await zhiping.json("payments", "list", "--open", "--as", CHEN, "--realm", "fees")
    assert [(line["transaction"], line["outcome"]) for line in waiting["lines"]] == [
        ("TX002", "unknown"), ("TX003", "late"),
    ]  # fmt: skip
    resolved = await zhiping.json(
        "payments", "resolve", "TX002", "--to", case, "--reason", "电话核实", *office
    )
    assert resolved["outcome"] == "double"
    await zhiping("payments", "resolve", "TX002", "--dismiss", "--reason", "已退款", *office)
    await zhiping("payments", "resolve", "TX003", "--dismiss", "--reason", "已退款", *office)
    left = await zhiping("payments", "list", "--open", "--as", CHEN, "--realm", "fees")
    assert "没有" in left.out
    assert "TX001" in (await zhiping("payments", "list", "--as", CHEN, "--realm", "fees")).out
    assert (await zhiping.json("payments", "import", "--resume", *office))["told"] == 0


async def test_a_bad_bank_file_is_refused_whole_with_every_line(
    zhiping: CommandLine, tmp_path: Path
) -> None:
    file = bank_file(tmp_path, "bad.csv", "TX101,x,昨天,,王五", "TX102,420,2023-11-20,,", "=1,1,,,")
    said = await zhiping.json("payments", "import", file, "--as", CHEN, code=3)
    lines = [reason["message"].split("：")[:2] for reason in said["reasons"]]
    assert lines == [["bad.csv", f"第 {line} 行"] for line in (2, 2, 4, 4)]
    assert "王五" not in str(said)
    assert await zhiping.json("payments", "list", "--as", CHEN) == {"next": "", "lines": []}


async def test_only_the_committees_office_imports(zhiping: CommandLine, tmp_path: Path) -> None:
    file = bank_file(tmp_path, "one.csv", "TX201,420,2023-11-20,,")
    said = await zhiping.json("payments", "import", file, "--as", UNIT, code=3)
    assert said["code"] == "not_entitled"
    await zhiping("payments", "import", "--as", CHEN, code=2)
    await zhiping("payments", "import", file, "--resume", "--as", CHEN, code=2)


async def test_a_bar_is_entered_found_at_acceptance_and_corrected(
    zhiping: CommandLine, material: str
) -> None:
    case = await at_the_committee(zhiping, material, "bars")
    office = ("--as", CITY, "--realm", "bars")
    entered = await zhiping.json(
        "integrity", "bar", "--application", case, "--years", "1",
        "--document", "甲号", "--reason", "造假", *office,
    )  # fmt: skip
    assert entered["params"] == {"bar": "1", "ends_on": "2024-11-06"}

    said = await zhiping.json("act", case, "accept", "--as", CHEN, code=3)
    assert said["code"] == "excluded_bar"
    assert "bar:1" in said["next"]
    page = await zhiping("show", case)
    assert "申报人处于影响期（bar:1）" in page.out

    corrected = await zhiping.by_two(
        "integrity",
        "correct",
        "bar",
        "1",
        "--from",
        "2022-11-06",
        "--to",
        "2023-11-05",
        "--reason",
        "年份写错",
        *office,
        second=HEAD,
    )
    assert corrected["params"]["bar"] == "2"
    stated = '{"check": "bar:1", "satisfied": true, "note": "影响期已届满"}'
    await zhiping("act", case, "record_manual_check", "--as", CHEN, "--with", stated)
    # To go on in spite of a 影响期 takes another human, who confirms it himself.
    said = await zhiping.json("act", case, "accept", "--as", CHEN, code=3)
    assert said["code"] == "check_open"
    await zhiping("act", case, "confirm_request", "--as", SECOND)
    assert (await zhiping.json("act", case, "accept", "--as", CHEN))["stage"]

    shown = await zhiping.json("integrity", "show", "--application", case, *office)
    assert [(bar["number"], bar["lifted"]) for bar in shown["bars"]] == [(1, True), (2, False)]
    assert shown["bars"][0]["lifted_why"] == "年份写错"
    listed = await zhiping.json("integrity", "list", *office)
    assert listed == {"next": "", "bars": [], "records": []}
    lifting = ("integrity", "lift", "2", "--reason", "已届满", *office)
    assert "须由另一人" in (await zhiping(*lifting)).out
    waiting = await zhiping.json("pending", "list", "--as", HEAD, "--realm", "bars")
    assert [item["what"] for item in waiting["requests"]] == ["lift_bar"]
    listed = await zhiping.json("pending", "list", "--as", UNIT, "--realm", "bars")
    assert listed == {"next": "", "requests": []}
    assert (await zhiping.by_two(*lifting, second=HEAD))["count"] == 1


async def test_a_record_is_entered_by_a_number_that_is_never_shown(
    zhiping: CommandLine,
) -> None:
    number = "990000198501019013"
    words = (
        "integrity", "record", "--id-number", number, "--subject", "unit_staff",
        "--conduct", "false_certificate", "--document", "乙号", "--decided-by", "市职改办",
        "--decided-on", "2024-01-31", "--reason", "出具虚假证明", "--as", CITY,
    )  # fmt: skip
    entered = await zhiping.json(*words)
    assert entered["params"] == {"record": "1", "keep_until": "2027-01-31"}
    shown = await zhiping("integrity", "show", "--id-number", number, "--as", CITY)
    assert "单位工作人员" in shown.out
    assert "出具虚假证明" in shown.out
    assert number not in shown.out + shown.err
    refused = await zhiping.json(*words[:-1], UNIT, code=3)
    assert refused["code"] == "not_entitled"
    await zhiping("integrity", "show", "--as", CITY, code=2)
    await zhiping("integrity", "show", "--person", "nobody", "--as", CITY, code=4)
