"""`zhiping demo`: two notices, some forty applications, a whole season each, in under three minutes.

With `--campaign` it plays other notices: those named, by id or by file.

Every application is a story of `starter/rehearsal/stories/`, and each notice has its committee's
meeting, played on a fresh embedded stack by the same conductor as a rehearsal; what is shown
afterwards comes from the record, and the papers lie in the folder that is named at the end.

Who sees what (`activities/seeing.py`) is not asked here, nor in a rehearsal's report: whoever plays
one plays everybody in it. Neither shows a case of the live office.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from activities.paging import STREAMED
from activities.views import StruckLine
from activities.wording import clause_zh, label
from starter import meeting_pages, tables
from starter.demo_open import left_open
from starter.demo_papers import leave_papers
from starter.desk.meeting_page import MeetingPage
from starter.desk.refusing import refused
from starter.desk.steps import step_name
from starter.rehearsal.conductor import Conductor, ScenarioReport
from starter.rehearsal.embedded import stack_in
from starter.rehearsal.notices import all_shipped
from starter.rehearsal.season import season
from starter.rehearsal.staging import Stage
from starter.rehearsal.world import World, entered
from workflows.rules.deadlines import Deadline
from workflows.rules.names import RuleName

SHOWN = ("bd-lapsed-at-chain-1", "district_unit", "city_unit")
"""The application shown in full, with the calculation of a deadline: the first that there is."""

COUNTED = RuleName.UNIT_PUBLICITY
WITHOUT_A_MEETING = (
    "{campaign}：没有评委会文件，没有演示评审会，评审结果由办公室逐件登记。"
    "要演示评审会，请把评委会和专家库存为 {campaign}.committee.toml，与通知文件放在一起。"
)
WAITED = 8
STRUCK = 12


async def run(folder: Path, campaigns: Sequence[str] = (), *, keep: bool = False) -> bool:
    """Play the seasons on a fresh stack and show the picture; True if all went as told.

    Args:
        campaigns: ids or files of notices; all of the product's where none is named.
        keep: leave it running with the console, and cases to act on, until Ctrl-C.

    Raises:
        FileError: a notice cannot be used; nothing is started then.
    """
    began = time.monotonic()
    scenarios = [season(campaign) for campaign in campaigns or all_shipped()]
    await _emptied(folder)
    tables.show(f"正在启动内置环境（{folder}）……")
    async with (
        stack_in(folder, "--no-interface", *([] if keep else ["--no-console"])) as settings,
        entered(settings) as world,
    ):
        named = {item.campaign for item in scenarios}
        await Stage(world).prepare(min(item.opens_at for item in scenarios), named)
        count = sum(len(item.application) for item in scenarios)
        tables.show(f"通知 {len(named)} 份，{count} 份申报按演练时钟办理中，约需两分钟……")
        reports = await asyncio.gather(
            *(Conductor(world, item, f"demo-{item.campaign}").play() for item in scenarios)
        )
        for report in reports:
            await _picture(world, report)
            for meeting in report.meetings.values():
                await _meeting(world, meeting)
            if not report.scenario.meeting:
                tables.show(WITHOUT_A_MEETING.format(campaign=report.scenario.campaign))
        await _one_story(world, reports[0])
        papers = folder / "papers"
        made = [await leave_papers(world, report, papers) for report in reports]
        for problem in (problem for item in made for problem in item.problems):
            tables.show(f"  ✗ 文书未能出具：{problem}")
        _where_next(folder, papers, sum(len(item.files) for item in made), reports[0], began)
        if keep:
            await left_open(world, settings, sorted(named))
    return all(report.good for report in reports) and not any(item.problems for item in made)


async def _emptied(folder: Path) -> None:
    """Stop what may still run there, and begin anew; only a stack's folder is ever removed."""
    contents = await asyncio.to_thread(_contents, folder)
    if not contents:
        return
    if "keys.env" not in contents:
        raise refused("not_a_stack", f"{folder} 不是内置环境的文件夹，没有改动它。")
    stopping = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers.stack", "down", "--folder", str(folder)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await stopping.wait()
    with contextlib.suppress(FileNotFoundError):
        await asyncio.to_thread(shutil.rmtree, folder)


def _contents(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


async def _picture(world: World, report: ScenarioReport) -> None:
    realm, campaign = report.realm, report.scenario.campaign
    total = len(report.scenario.application)
    funnel = await world.reading.funnel(realm)
    tables.show(
        tables.listing(
            f"{campaign}：{total} 份申报的去向",
            ("阶段或结果", "份数"),
            [(_standing(line.stage, line.end), str(line.count)) for line in funnel],
        )
    )
    last = report.scenario.step[-1].at
    waited = await world.reading.waiting(realm, last)
    tables.show(
        tables.listing(
            f"{campaign}：谁等了谁（按各办理方累计的工作日）",
            ("办理方", "经手次数", "累计工作日", "最长一次"),
            [
                (
                    line.holder_name or label("roles", line.holder, "申报人"),
                    str(line.stays),
                    str(line.working_days),
                    str(line.longest_working_days),
                )
                for line in waited[:WAITED]
            ],
        )
    )
    all_struck, _ = await world.reading.struck(realm, limit=STREAMED)
    struck = [line for line in all_struck if line.end and line.rule != RuleName.RECHECK]
    tables.show(
        tables.listing(
            f"{campaign}：届满的期限和原因",
            ("期限", "最后一日", "在谁手里", "结果", "依据"),
            [await _struck_row(world, line) for line in struck[:STRUCK]],
        )
    )
    for problem in report.all_problems:
        tables.show(f"  ✗ {problem}")


async def _meeting(world: World, meeting: str) -> None:
    """A meeting as it went: committee, quorum, votes, batches, and the duties kept or missed."""
    found = await world.reading.meeting(meeting)
    if found is None:
        return
    committee = await world.reading.filed_committee(found.committee, found.realm)
    candidates = await world.reading.every_candidate(meeting)
    tables.show(
        *meeting_pages.page_parts(MeetingPage(found, committee, None, None)),
        meeting_pages.vote_table(candidates),
    )


async def _one_story(world: World, report: ScenarioReport) -> None:
    told = (report.applications[alias] for alias in SHOWN if alias in report.applications)
    application = next(told, None)
    if application is None:
        return
    timeline = await world.reading.timeline(application)
    tables.show(
        tables.listing(
            f"一份申报的全程（{application}）",
            ("时间", "事项", "经办", "之后"),
            [
                (
                    tables.moment(entry.acted_at),
                    step_name(entry),
                    entry.organisation_name or entry.actor_name or "系统",
                    _standing(entry.stage_after or "", entry.end_after or ""),
                )
                for entry in timeline
            ],
        )
    )
    deadline = await _counted(world, application)
    if deadline is not None:
        tables.show(tables.derivation(deadline))


async def _counted(world: World, application: str) -> Deadline | None:
    """The publicity's calculation: it has days to count, which a printed cutoff has not."""
    entries = await world.reading.deadlines(application)
    shown = (entry.deadline for entry in entries if entry.deadline.rule is COUNTED)
    return next(shown, None)


def _standing(stage: str, end: str) -> str:
    return str(label("ends", end)) if end else str(label("stages", stage))


async def _struck_row(world: World, line: StruckLine) -> tuple[str, ...]:
    case = await world.reading.case(line.application)
    responsible = case.end_details.responsible_name if case and case.end_details else ""
    return (
        str(label("rules", line.rule)),
        tables.day(line.ends_on),
        responsible or "申报人",
        _standing("", line.end or ""),
        clause_zh(line.clause),
    )


def _where_next(
    folder: Path, papers: Path, count: int, first: ScenarioReport, began: float
) -> None:
    seconds = time.monotonic() - began
    rows: dict[str, str] = {
        "再启动这个环境": f"zhiping stack up --folder {folder}",
        "之后查看申报": f"ZHIPING_STACK={folder} zhiping cases --realm {first.realm}",
        f"文书（{count} 份 PDF）": str(papers),
        "Temporal 页面": "启动后在屏幕上给出地址",
        "发出的邮件": str(folder / "mail"),
        "自己编一个": "docs/scenarios.md，zhiping rehearse 文件",
    }
    for part in first.scenario.meeting:
        rows["评审会"] = f"ZHIPING_STACK={folder} zhiping meeting show {part.number}"
    tables.show(tables.facts(f"演示结束，用时 {seconds:.0f} 秒", rows.items()))
