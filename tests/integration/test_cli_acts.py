"""The command line on a running stack, called as a person calls it: one process a command."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from config.calendar_files import CALENDARS
from tests.integration.command_line import ROOT, CommandLine, called

pytestmark = pytest.mark.integration

UNIT, DEPARTMENT = "liu@liangjiang-data-group", "zhou@city-industry-department"
POSTED = '{"place": "一楼大厅", "contacts": ["023-00000005"]}'
PAGE = {
    "application", "realm", "stage", "end", "held_by", "deadline", "other_deadlines",
    "submissions", "inquiry", "actions", "timeline",
}  # fmt: skip


async def test_the_program_itself_starts_and_says_what_it_can() -> None:
    """The other tests fork from one that has started; this is a start."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "starter.cli", "acts", "--json"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )

    out, err = await process.communicate()

    assert (process.returncode, err) == (0, b"")
    assert {"start_publicity", "approve"} <= {act["action"] for act in json.loads(out)}


async def submitted(zhiping: CommandLine, material: str, realm: str) -> str:
    receipt = await zhiping.json(
        "submit", material, "--campaign", "bd-2023", "--realm", realm,
        "--at", "2023-10-09T10:00", "--request-id", f"submit-{realm}",
    )  # fmt: skip
    return str(receipt["application"])


async def test_a_case_goes_from_submission_to_the_chain(
    zhiping: CommandLine, material: str
) -> None:
    case = await submitted(zhiping, material, "up")
    started = await zhiping.json(
        "act", case, "start_publicity", "--as", UNIT, "--with", POSTED, "--request-id", "p1"
    )
    assert started["stage"] == "unit_publicity"
    assert started["deadline"]["ends_on"] == "2023-10-16"

    early = await zhiping.json("act", case, "finish_publicity", "--as", UNIT, code=3)
    assert early.keys() >= {"code", "message", "clause", "next"}
    assert early["code"] == "publicity_not_over"

    await zhiping("clock", "advance", "--realm", "up", "--to", "2023-10-17T09:00")
    await zhiping("act", case, "finish_publicity", "--as", UNIT)
    page = await zhiping.json("show", case)
    assert page.keys() == PAGE
    assert page["stage"] == "chain_review"
    assert page["held_by"]["organisation"] == "city-industry-department"
    assert page["held_by"]["phone"]
    assert [entry["name"] for entry in page["timeline"] if entry["source"] == "act"] == [
        "submit", "start_publicity", "finish_publicity",
    ]  # fmt: skip
    inbox = await zhiping.json("inbox", "city-industry-department", "--realm", "up")
    assert [task["application"] for task in inbox["tasks"]] == [case]


async def test_the_same_request_is_one_act(zhiping: CommandLine, material: str) -> None:
    case = await submitted(zhiping, material, "twice")
    assert await submitted(zhiping, material, "twice") == case
    words = ("act", case, "start_publicity", "--as", UNIT, "--with", POSTED, "--request-id", "p2")
    assert (await zhiping.json(*words))["seq"] == (await zhiping.json(*words))["seq"]
    assert len((await zhiping.json("show", case))["timeline"]) == 2


async def test_a_second_application_of_the_year_is_refused_with_its_reasons(
    zhiping: CommandLine, material: str
) -> None:
    await submitted(zhiping, material, "again")
    said = await zhiping.json(
        "submit", material, "--campaign", "bd-2023", "--realm", "again", code=3
    )
    assert said["code"] in ("already_open", "yearly_chance_used")
    assert said["reasons"][0]["code"] == said["code"]


async def test_an_ineligible_submission_asked_again_gets_the_same_answer(
    zhiping: CommandLine, material: str, tmp_path: Path
) -> None:
    text = await asyncio.to_thread(Path(material).read_text, encoding="utf-8")
    file = tmp_path / "application.toml"
    file.write_text(text.replace("pledged_at", "# pledged_at"), encoding="utf-8")
    words = (
        "submit", str(file), "--campaign", "bd-2023", "--realm", "unsound",
        "--at", "2023-10-09T10:00", "--request-id", "u1",
    )  # fmt: skip
    first = await zhiping.json(*words, code=3)
    assert first["code"] == "pledge_missing"
    assert await zhiping.json(*words, code=3) == first
    other = await zhiping.json(words[0], material, *words[2:], code=3)
    assert other["code"] == "duplicate_conflict"


async def test_who_has_no_right_is_refused_and_who_is_unknown_too(
    zhiping: CommandLine, material: str
) -> None:
    case = await submitted(zhiping, material, "rights")
    for who in ("nobody@liangjiang-data-group", DEPARTMENT, "applicant"):
        said = await zhiping.json("act", case, "start_publicity", "--as", who, code=3)
        assert said["code"] == "not_entitled"


async def test_free_text_reads_back_but_never_lies_in_the_engine(
    zhiping: CommandLine, material: str
) -> None:
    case = await submitted(zhiping, material, "words")
    canary = "缺少王某某的获奖证书"
    stated = json.dumps({"items": [{"text": canary}]}, ensure_ascii=False)
    await zhiping("act", case, "return_for_correction", "--as", UNIT, "--with", stated)
    shown = json.dumps(await zhiping.json("show", case), ensure_ascii=False)
    assert canary in shown
    engine = await asyncio.to_thread((zhiping.folder / "temporal.db").read_bytes)
    assert canary.encode() not in engine


async def test_an_act_as_a_signal_is_carried_out_without_an_answer(
    zhiping: CommandLine, material: str
) -> None:
    case = await submitted(zhiping, material, "signal")
    said = await zhiping.json("act", case, "urge", "--as", "applicant", "--signal")
    assert said["handed_over"]
    for _ in range(200):
        names = [entry["name"] for entry in (await zhiping.json("show", case))["timeline"]]
        if "urge" in names:
            return
        await asyncio.sleep(0.3)
    pytest.fail("the signal never reached the record")


async def test_a_closed_case_takes_a_complaint_and_nothing_else(
    zhiping: CommandLine, material: str
) -> None:
    case = await submitted(zhiping, material, "closed")
    await zhiping("act", case, "withdraw", "--as", "applicant", "--with", '{"reason": "另有安排"}')
    await zhiping("clock", "advance", "--realm", "closed", "--days", "1")
    filed = await zhiping.json(
        "act", case, "file_complaint", "--as", "anyone", "--with", '{"text": "材料不实"}'
    )
    assert filed["end"] == "withdrawn"
    said = await zhiping.json("act", case, "start_publicity", "--as", UNIT, code=3)
    assert said["code"] == "already_decided"
    page = await zhiping.json("show", case)
    allowed = {item["action"] for item in page["actions"] if item["allowed"]}
    assert "file_complaint" in allowed
    assert "set_aside" not in allowed


async def test_an_amended_calendar_reaches_the_open_case(
    zhiping: CommandLine, material: str, tmp_path: Path
) -> None:
    case = await submitted(zhiping, material, "amended")
    await zhiping("act", case, "start_publicity", "--as", UNIT, "--with", POSTED)
    text = (CALENDARS / "2023.toml").read_text(encoding="utf-8")
    longer = text.replace("to = 2023-10-06", "to = 2023-10-11")
    for worked in (", 2023-10-07", ", 2023-10-08"):
        longer = longer.replace(worked, "")
    file = tmp_path / "2023.toml"
    file.write_text(longer, encoding="utf-8")
    amending = ("calendar", "amend", str(file), "--reason", "临时调整", "--realm", "amended")
    done = await zhiping.by_two(*amending, second="operations-er@zhiping")
    assert done["affected"]["count"] == 1
    for _ in range(200):
        page = await zhiping.json("show", case)
        if page["deadline"]["ends_on"] == "2023-10-18":
            return
        await asyncio.sleep(0.3)
    pytest.fail(f"the deadline stayed at {page['deadline']['ends_on']}")


async def test_a_time_yet_to_come_cannot_be_stated(zhiping: CommandLine, material: str) -> None:
    case = await submitted(zhiping, material, "future")
    said = await zhiping.json(
        "act", case, "urge", "--as", "applicant", "--at", "2023-11-09T10:00", code=3
    )
    assert said["code"] == "date_not_allowed"


async def test_nobody_acted_on_a_case_before_it_was_there(
    zhiping: CommandLine, material: str
) -> None:
    case = await submitted(zhiping, material, "past")
    said = await zhiping.json(
        "act", case, "urge", "--as", "applicant", "--at", "1970-01-01T00:00", code=3
    )
    assert said["code"] == "date_not_allowed"
    assert "提交" in said["message"]


async def test_a_clock_is_not_sent_far_by_a_slip(zhiping: CommandLine, material: str) -> None:
    await submitted(zhiping, material, "far")
    said = await zhiping("clock", "advance", "--realm", "far", "--to", "2198-01-01T00:00", code=2)
    assert "--yes" in said.err
    page = await zhiping.json("clock", "show", "--realm", "far")
    assert str(page["now_at"]).startswith("2023-10-09")


async def test_what_lists_show_of_an_id_is_taken_by_every_command(
    zhiping: CommandLine, material: str
) -> None:
    case = await submitted(zhiping, material, "short")
    listed = await zhiping("cases", "--realm", "short")
    assert case[-8:] in listed.out
    assert (await zhiping.json("show", case[-8:]))["application"] == case
    for nothing in ("application-", case[-5:], case[:15]):
        await zhiping("show", nothing, code=4)


@pytest.mark.parametrize("columns", ["40", "60", "80"])
async def test_a_page_fits_a_narrow_terminal(
    zhiping: CommandLine, material: str, columns: str
) -> None:
    case = await submitted(zhiping, material, "narrow")
    dated = (("show", case), ("cases", "--realm", "narrow"))
    calls = (*dated, ("notices", "list", case), ("acts",))
    for call in calls:
        said = await called(*call, ZHIPING_STACK=str(zhiping.folder), COLUMNS=columns)
        lines = said.out.splitlines()
        assert max(map(cell_len, lines)) <= int(columns)
        if call in dated:
            assert any("2023-10-" in line or "2023年10月" in line for line in lines)


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "no-such-case"),
        ("act", "no-such-case", "urge", "--as", "applicant"),
        ("inbox", "no-such-office"),
        ("cases", "--realm", "no-such-realm"),
        ("notices", "show", "no-such-notice"),
        ("campaign", "show", "no-such-campaign"),
    ],
)
async def test_what_is_not_there_is_not_found(
    zhiping: CommandLine, arguments: tuple[str, ...]
) -> None:
    assert (await zhiping.json(*arguments, code=4))["code"] == "not_found"


async def test_an_applicant_is_found_by_name_and_by_number(
    zhiping: CommandLine, material: str
) -> None:
    case = await submitted(zhiping, material, "search")
    for words in (("--search", "张三（示例）"), ("--id-number", "990000198501010019")):
        found = await zhiping.json("cases", "--realm", "search", *words)
        assert [item["application"] for item in found["cases"]] == [case]


async def test_the_check_on_a_stack_sees_the_year(zhiping: CommandLine, material: str) -> None:
    words = ("check", material, "--campaign", "bd-2023", "--realm", "year")
    await submitted(zhiping, material, "year")
    said = await zhiping.json(*words, "--at", "2023-10-10T10:00", code=3)
    assert said["code"] in ("already_open", "yearly_chance_used")
    assert not said["offline"]
