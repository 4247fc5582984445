"""`zhiping bulk` on a running stack: what is rehearsed is what happens, and by whose right."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from config.calendar_files import CALENDARS
from config.campaign_files import CAMPAIGNS
from config.settings import Settings
from starter.desk.office import Office, opened
from tests.integration.applicants import applied
from tests.integration.command_line import CommandLine

pytestmark = pytest.mark.integration

UNIT = "liu@liangjiang-data-group"
POSTED = '{"place": "一楼大厅", "contacts": ["023-00000005"]}'
MANY = 36


@pytest.fixture
async def desk(zhiping: CommandLine) -> AsyncIterator[Office]:
    """The office of that stack, in this process."""
    async with opened(Settings.for_stack(zhiping.folder), connections=6) as office:
        yield office


async def standing(office: Office, cases: list[str]) -> dict[str, Any]:
    """Where each case stands, and which letters its last step sent."""
    found = {}
    for case in cases:
        view = await office.case(case)
        letters = await office.reading.letters(case)
        told = sorted((item.kind, item.party) for item in letters if item.seq == view.seq)
        found[case] = (view.stage or "", view.end or "", told)
    return found


async def test_what_is_rehearsed_is_what_happens_to_each_of_many(
    zhiping: CommandLine, desk: Office
) -> None:
    cases = await applied(desk, "many", MANY)
    # Some of them are further already: they cannot be done, and are left out.
    for case in cases[:4]:
        await zhiping("act", case, "start_publicity", "--as", UNIT, "--with", POSTED)
    act = ("start_publicity", "--realm", "many", "--as", UNIT, "--with", POSTED)
    chosen = (*act, "--campaign", "bd-2023")

    shown = await zhiping.json("bulk", "rehearse", *chosen)
    assert (shown["count"], shown["weighty"], len(shown["cases"])) == (MANY - 4, False, MANY)
    refused = await zhiping.json("bulk", "start", *chosen, code=3)
    assert refused["code"] == "ineligible"
    begun = await zhiping.json("bulk", "start", *chosen, "--leave-out", "--request-id", "b1")
    again = await zhiping.json("bulk", "start", *chosen, "--leave-out", "--request-id", "b1")
    assert again["bulk"] == begun["bulk"]
    done = await zhiping.json(
        "bulk", "show", begun["bulk"], "--wait", "--realm", "many", "--as", UNIT
    )

    assert (done["state"], done["tally"]) == ("done", {"done": MANY - 4, "left_out": 4})
    became = await standing(desk, cases)
    for item in shown["cases"]:
        stage, end, told = became[item["application"]]
        if item["refusals"]:
            continue
        foreseen = sorted((letter["kind"], letter["to"]) for letter in item["letters"])
        assert (stage, end, told) == (item["stage_after"], item["end"] or "", foreseen)
    steps = [entry for entry in await desk.reading.timeline(cases[-1]) if entry.source == "act"]
    assert steps[-1].request_id == f"{begun['bulk']}:{cases[-1]}"
    assert (steps[-1].actor, steps[-1].organisation) == tuple(UNIT.split("@"))

    woken = await zhiping.json("nudge", "--all", "--realm", "many", "--request-id", "n1")
    assert (woken["state"], woken["tally"]) == ("done", {"done": MANY})
    again = await zhiping.json("nudge", "--all", "--realm", "many", "--request-id", "n1")
    assert again == woken
    listed = await zhiping.json("bulk", "list", "--realm", "many")
    assert [item["action"] for item in listed["bulks"]] == ["nudge", "start_publicity"]


async def test_a_bulk_that_nobody_confirms_is_over_when_its_time_is(
    zhiping: CommandLine, desk: Office
) -> None:
    """Its own workflow ends it, on the rehearsal's clock; whoever asked reads so and what to do."""
    cases = await applied(desk, "unconfirmed", 2)
    who = ("--realm", "unconfirmed", "--as", UNIT)
    reason = ("--with", '{"reason": "不符合岗位要求"}')
    chosen = (*reason, *(part for case in cases for part in ("--case", case)))
    waits = await zhiping.json("bulk", "start", "decline_recommendation", *who, *chosen)
    (waiting,) = (await zhiping.json("bulk", "list", *who))["bulks"]
    assert (waiting["state"], waiting["asked"]) == ("prepared", 2)

    await zhiping("clock", "advance", "--realm", "unconfirmed", "--days", "3")

    async with asyncio.timeout(60):
        while (await zhiping.json("bulk", "show", waiting["id"], *who))["state"] == "prepared":  # noqa: ASYNC110 - of the record
            await asyncio.sleep(0.3)
    over = await zhiping.json("bulk", "show", waiting["id"], *who)
    assert (over["state"], over["why"]) == ("not_confirmed", "expired")
    shown = (await zhiping("bulk", "show", waiting["id"], *who)).out
    for told in ("未批准", "没有另一人确认", "重新选定", UNIT):
        assert told in "".join(shown.split()), shown
    (ended,) = (await zhiping.json("pending", "list", "--ended", *who))["requests"]
    assert (ended["id"], ended["answer"]) == (waits["waits_for_second"], "expired")
    assert "有了结果的" in (await zhiping("pending", "list", "--ended", *who)).out
    for case in cases:
        assert (await zhiping.json("show", case))["stage"] == "unit_review"


async def test_what_an_amended_calendar_would_do_is_what_it_does(
    zhiping: CommandLine, desk: Office, tmp_path: Path
) -> None:
    cases = await applied(desk, "days", 8)
    for case in cases[:6]:
        await zhiping("act", case, "start_publicity", "--as", UNIT, "--with", POSTED)
    text = (CALENDARS / "2023.toml").read_text(encoding="utf-8")
    longer = text.replace("to = 2023-10-06", "to = 2023-10-11")
    for worked in (", 2023-10-07", ", 2023-10-08"):
        longer = longer.replace(worked, "")
    file = tmp_path / "2023.toml"
    file.write_text(longer, encoding="utf-8")

    shown = await zhiping.json("calendar", "rehearse", str(file), "--realm", "days")
    stranger = await zhiping.json(
        "calendar", "rehearse", str(file), "--realm", "days", "--as", UNIT, code=3
    )
    assert stranger["code"] == "not_entitled"
    assert shown["open"] == 8
    amending = ("calendar", "amend", str(file), "--reason", "临时调整", "--realm", "days")
    await it_does(zhiping, desk, cases, shown, amending)


async def test_what_an_amended_notice_would_do_is_what_it_does(
    zhiping: CommandLine, desk: Office, tmp_path: Path
) -> None:
    cases = await applied(desk, "notice", 6)
    for case in cases[:2]:  # their review is over: a longer one is nothing to them
        await zhiping("act", case, "start_publicity", "--as", UNIT, "--with", POSTED)
    text = (CAMPAIGNS / "bd-2023.toml").read_text(encoding="utf-8")
    reviewed = '[rules.unit_duty]\nassumed = "办理口径25"\nkind = "duty"\nlength = '
    assert f"{reviewed}3" in text
    file = tmp_path / "bd-2023.toml"
    file.write_text(text.replace(f"{reviewed}3", f"{reviewed}6"), encoding="utf-8")
    quoted = CAMPAIGNS / "bd-2023.txt"
    (tmp_path / quoted.name).write_bytes(quoted.read_bytes())

    shown = await zhiping.json("campaign", "rehearse", str(file), "--realm", "notice")
    stranger = await zhiping.json(
        "campaign", "rehearse", str(file), "--realm", "notice", "--as", UNIT, code=3
    )

    assert stranger["code"] == "not_entitled"
    assert shown["open"] == 6
    moved = {item["application"] for item in shown["cases"] if item["clocks"]}
    assert moved == set(cases[2:])
    amending = ("campaign", "amend", str(file), "--reason", "改审核时限", "--realm", "notice")
    await it_does(zhiping, desk, cases, shown, amending)


async def it_does(
    zhiping: CommandLine,
    desk: Office,
    cases: list[str],
    shown: dict[str, Any],
    amending: tuple[str, ...],
) -> None:
    """Nothing moved by the rehearsal; by the amendment each deadline goes where it said."""
    before = {case: await running(desk, case) for case in cases}
    await zhiping.by_two(*amending, second="operations-er@zhiping")

    foreseen = {case: dict(clocks) for case, clocks in before.items()}
    for item in shown["cases"]:
        for clock in item["clocks"]:
            foreseen[item["application"]][clock["key"]] = clock["after"]["ends_on"]
    assert foreseen != before
    async with asyncio.timeout(60):
        while {case: await running(desk, case) for case in cases} != foreseen:  # noqa: ASYNC110 - of the record
            await asyncio.sleep(0.3)


async def running(desk: Office, case: str) -> dict[str, str]:
    """Each running deadline of a case, and its last day."""
    view = await desk.case(case)
    return {clock.key: clock.ends_on.isoformat() for clock in view.deadlines}
