"""`zhiping meeting`: a committee's meeting, from its plan to the chair's signature."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import refused
from starter.later import later
from starter.meeting_desk import meeting_act, reason, with_stated
from starter.meeting_draws import draws

with later():
    from activities import meeting_views, seeing
    from starter import (
        acts,
        counting_sheets,
        meeting_desk,
        meeting_help,
        meeting_pages,
        payloads,
        session,
        tables,
    )
    from starter.desk import acting, meeting_page
    from workflows.meeting import catalogue

if TYPE_CHECKING:
    from activities.meeting_views import CandidateView
    from starter.desk.acting import Stated

DAYS: dict[str, Any] = {
    "multiple": True,
    "type": options.DAY,
    "metavar": "日期",
    "help": "评审会日期；开几天写几次。",
}
SHEET = click.Path(exists=True, dir_okay=False, path_type=Path)
applications = click.argument("applications", nargs=-1, metavar="[申报]…")
expert = click.argument("expert", metavar="专家编号")


@click.group("meeting")
def meeting() -> None:
    """评委会的评审会。评审会写编号（如 2023-BD-01）或者 id 的一部分；评审结果的各批次见 zhiping batch。"""


for _drawing in draws.commands.values():
    meeting.add_command(_drawing)


@meeting.command("plan", short_help="排定一次评审会。")
@click.option("--number", default="", metavar="编号", help="评审会编号，如 2023-BD-01。")
@click.option("--committee", default="", metavar="评委会", help="评委会；不写则与通知同名。")
@click.option("--campaign", default="", metavar="通知", help="哪一份申报通知。")
@click.option("--on", "days", **DAYS)
@click.option("--place", default="", metavar="地点", help="评审会地点。")
@click.option(
    "--application",
    "applications",
    multiple=True,
    metavar="申报",
    help="列入名册的申报，可写多次；不写则列入全部待评审的。",
)
@with_stated
@options.acting_as()
@options.realm
@options.at
@options.request_id
@options.as_json
@answering
async def meeting_plan(
    who: tuple[str, str],
    realm: str,
    stated: str,
    acted_at: datetime | None,
    request_id: str,
    as_json: bool,
    days: tuple[date, ...],
    **given: Any,
) -> None:
    """排定评审会并列出评审名册，名册上的申报人收到日期；每个评审会只排定一次，改期用 move。"""
    body = meeting_desk.stated_of(
        {**given, "days": [day.isoformat() for day in days]}
    ) | payloads.stated_in(stated)
    await meeting_desk.plan(realm, who, body, acted_at, request_id, as_json=as_json)


@meeting_act(meeting, "add", "add_candidates", "把申报增列入评审会。")
@applications
def meeting_add(applications: tuple[str, ...]) -> Stated:
    """增列申报；不写申报则列入全部待评审的。"""
    return {"applications": applications}


@meeting_act(meeting, "move", "move_meeting", "更改评审会日期。")
@click.option("--on", "days", **DAYS)
@reason
def meeting_move(days: tuple[date, ...], reason: str) -> Stated:
    """写明理由，更改尚未召开的评审会日期；名册上的申报人重新收到通知。"""
    return {"days": [day.isoformat() for day in days], "reason": reason}


@meeting_act(meeting, "replace", "replace_expert", "专家不能到会，由备选专家递补。")
@expert
@reason
def meeting_replace(expert: str, reason: str) -> Stated:
    """写明理由；由备选专家按抽取顺序递补。"""
    return {"expert": expert, "reason": reason}


@meeting_act(meeting, "recuse", "recuse", "登记回避。")
@expert
@applications
@click.option(
    "--ground",
    type=click.Choice(["same_unit", "kin", "co_author", "declared"]),
    default="declared",
    show_default=True,
    help="同单位、亲属、合作者、本人声明。",
)
@reason
def meeting_recuse(expert: str, applications: tuple[str, ...], ground: str, reason: str) -> Stated:
    """某名专家不评议、不表决这些申报；同单位的由系统自动登记。"""
    return {
        "expert": expert,
        "applications": applications,
        "ground": ground,
        "reason": reason,
    }


@meeting_act(meeting, "open", "open", "召开评审会。")
@click.option("--present", multiple=True, metavar="专家编号", help="到会的专家，可写多次。")
def meeting_open(present: tuple[str, ...]) -> Stated:
    """登记到会专家；达到抽取人数三分之二、有主任委员或副主任委员的才能召开。"""
    return {"present": present}


@meeting_act(meeting, "opinion", "record_opinions", "登记专家组的评议意见。")
@click.option(
    "--expert", "experts", multiple=True, metavar="专家编号", help="专家组成员，三人以上。"
)
@click.option("--group", type=options.NUMBER, metavar="组别", help="第几组；不写为第一组。")
@click.option(
    "--file",
    "sheet",
    type=SHEET,
    metavar="文件",
    help="意见表（xlsx 或 CSV）：申报、意见（、组）。",
)
@click.option("--application", default="", metavar="申报", help="只登记一名时：申报。")
@click.option("--text", default="", metavar="意见", help="只登记一名时：意见。")
def meeting_opinion(
    experts: tuple[str, ...], group: int | None, sheet: Path | None, application: str, text: str
) -> Stated:
    """每名申报人一份书面意见；意见存入数据库，不进入流程引擎。"""
    rows = counting_sheets.opinions(sheet) if sheet else []
    if application:
        rows.append({"application": application, "text": text})
    return {"experts": experts, "group": group, "opinions": rows}


@meeting_act(meeting, "ballot", "enter_ballots", "录入计票结果（须由两人分别录入）。")
@click.option(
    "--file",
    "sheet",
    type=SHEET,
    metavar="文件",
    help="计票表（xlsx 或 CSV）：申报或受理号、同意、反对、弃权。",
)
@click.option(
    "--votes",
    multiple=True,
    metavar="申报=同意:反对:弃权",
    help="直接写票数，如 186da963=7:2:0；可写多次。",
)
def meeting_ballot(sheet: Path | None, votes: tuple[str, ...]) -> Stated:
    """只记总数，不记谁投了什么；第二人录入的与第一人一致的才生效。"""
    rows = counting_sheets.ballots(sheet) if sheet else []
    return {"tallies": rows + [_tally(item) for item in votes]}


@meeting_act(meeting, "defer", "defer_candidate", "暂缓评审一名申报人。")
@click.argument("application", metavar="申报")
@reason
def meeting_defer(application: str, reason: str) -> Stated:
    """写明理由；该申报人等待另一次评审会。"""
    return {"application": application, "reason": reason}


@meeting_act(meeting, "sign", "sign", "主任委员签字，评审结果成立。")
@click.option("--chair", metavar="专家编号", help="签字的主任委员或副主任委员。")
@click.option("--ended-on", type=options.DAY, metavar="日期", help="评审会最后一日。")
def meeting_sign(chair: str | None, ended_on: date | None) -> Stated:
    """每名申报人都有票数和意见以后才能签字；五个工作日自评审会最后一日起算。"""
    return {"chair": chair, "ended_on": ended_on}


@meeting_act(meeting, "cancel", "cancel_meeting", "取消或中止评审会。")
@reason
def meeting_cancel(reason: str) -> Stated:
    """写明理由；尚未签字的都可以办，申报人等待另一次评审会。"""
    return {"reason": reason}


@meeting.command("act", short_help="按事项名称办理任何一个事项。")
@click.argument("meeting", metavar="评审会")
@click.argument("action", metavar="事项")
@with_stated
@options.acting_as()
@options.at
@options.request_id
@options.as_json
@answering
async def meeting_any(
    meeting: str,
    action: str,
    stated: str,
    who: tuple[str, str],
    acted_at: datetime | None,
    request_id: str,
    as_json: bool,
) -> None:
    """与各命令办理的相同；全部事项见 zhiping meeting acts，运维的 nudge、resume 也由此办理。"""
    if action not in catalogue.MEETING_CATALOGUE or action == "plan":
        raise _unknown(action)
    body = payloads.stated_in(stated)
    await meeting_desk.carry_out(meeting, action, who, body, acted_at, request_id, as_json=as_json)


@meeting.command("acts", short_help="列出或说明评审会的事项。")
@click.argument("action", required=False, metavar="[事项]")
@options.as_json
@answering
def meeting_acts(action: str | None, as_json: bool) -> None:
    """列出评审会和批次的全部事项；写明事项时说明谁可以办、何时可办、填什么，并给出示例。"""
    known = {row.name: row for row in meeting_help.rows()}
    if action is None:
        shown = map(meeting_help.explained, known.values())
        acts.print_all("评审会的事项", shown, as_json=as_json)
    elif action in known:
        acts.print_one(meeting_help.explained(known[action]), as_json=as_json)
    else:
        raise _unknown(action)


@meeting.command("list", short_help="列出评审会。")
@click.option("--open", "open_only", is_flag=True, help="只列没有办结、没有取消的。")
@options.page
@options.realm
@options.acting_as(options.OPERATOR)
@options.as_json
@answering
async def meeting_list(
    open_only: bool, limit: int, after: str, realm: str, who: tuple[str, str], as_json: bool
) -> None:
    """一个域的评审会，日期近的在前：编号、日期、现状、人数和最近的期限。"""
    async with session.office(realm) as opened:
        wanted = meeting_views.MeetingFilter(
            realm=realm, only_open=open_only, limit=limit, after=after
        )
        await opened.check_sees(seeing.Section.MEETINGS, who, realm, seeing.Circle())
        found, following = await opened.reading.meetings(wanted)
        short = await opened.reading.short_ids(item.meeting for item in found)
    if as_json:
        print_json({"next": following, "meetings": found})
    else:
        tables.show(meeting_pages.meeting_list(found, short), *options.next_page(following))


@meeting.command("show", short_help="一个评审会现在的情况。")
@click.argument("meeting", metavar="评审会")
@click.option("--candidates", is_flag=True, help="列出评审名册和票数；只给本评委会办公室的人员。")
@options.page
@click.option("--experts", is_flag=True, help="列出专家姓名；只给本评委会办公室的人员。")
@options.acting_as("anyone")
@options.as_json
@answering
async def meeting_show(
    meeting: str,
    candidates: bool,
    experts: bool,
    limit: int,
    after: str,
    who: tuple[str, str],
    as_json: bool,
) -> None:
    """日期、名册、专家人数、各批次的期限和告知进度、可以办理的事项；专家姓名只给本办公室。"""
    async with session.office() as opened:
        found = await acting.meeting_of(opened, meeting)
        page = await meeting_page.page_of(opened, found)
        entitled = experts and await meeting_pages.may_see(opened, found, who, seeing.Section.SEATS)
        listed_here = candidates and await meeting_pages.may_see(
            opened, found, who, seeing.Section.VOTES
        )
        seats = await opened.reading.seats(found.meeting) if entitled else ()
        rows: tuple[CandidateView, ...] = ()
        following = ""
        if listed_here:
            rows, following = await opened.reading.candidates(
                found.meeting, limit=limit, after=after
            )
        short = await opened.reading.short_ids(row.application for row in rows)
    if as_json:
        shown = {"experts": seats} if entitled else {}
        listed = {"candidates": rows, "next": following} if listed_here else {}
        print_json({**meeting_pages.page_json(page), **listed, **shown})
        return
    tables.show(*meeting_pages.page_parts(page))
    if listed_here:
        tables.show(meeting_pages.candidate_table(rows, short), *options.next_page(following))
    elif candidates:
        click.echo(meeting_pages.LIST_CLOSED)
    if entitled:
        tables.show(meeting_pages.seat_table(seats))
    elif experts:
        click.echo(meeting_pages.CLOSED)


def _unknown(action: str) -> Exception:
    return refused(
        "unknown_action",
        f"没有事项“{action}”。",
        next_step="全部事项：zhiping meeting acts；排定评审会：zhiping meeting plan",
    )


def _tally(stated: str) -> dict[str, Any]:
    """`申报=同意:反对:弃权:未投`, the last ones left out where they are nought."""
    named, _, counts = stated.partition("=")
    parts = counts.replace("：", ":").split(":")
    keys = ("yes", "no", "abstain", "uncast")
    if not (named and counts and len(parts) <= len(keys) and all(p.isdigit() for p in parts)):
        raise click.UsageError(f"--votes {stated} 应写作 申报=同意:反对:弃权。")
    return {"application": named, **dict(zip(keys, map(int, parts), strict=False))}


commands: list[click.Command] = [meeting]
