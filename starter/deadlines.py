"""`zhiping deadline`: 期限计算书, from the files alone or from what is published."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from starter import options
from starter.answers import answering, in_a_loop, print_json
from starter.desk.refusing import not_found, refused
from starter.later import later
from starter.private_files import is_file

with later():
    from activities import wording
    from config import calendar_files, campaign_files
    from starter import tables
    from starter.desk import deadline_sheet
    from workflows.rules import deadlines, names, readings


if TYPE_CHECKING:
    from workflows.rules.calendar import Calendar
    from workflows.rules.deadlines import Deadline
    from workflows.rules.policy import Policy


@click.command("deadline")
@click.argument("rule", metavar="期限")
@click.option(
    "--campaign", required=True, metavar="通知", help="通知编号，如 bd-2023，或通知文件。"
)
@click.option(
    "--from",
    "starts_on",
    required=True,
    type=options.DAY,
    metavar="日期",
    help="起始日（当日不计）。",
)
@click.option("--days", type=options.TERM, metavar="天数", help="期限长度；不填用通知规定的长度。")
@click.option("--published", is_flag=True, help="用运行环境中已公布的规则和日历，而不是文件。")
@options.realm
@options.as_json
@answering
def deadline(
    rule: str,
    campaign: str,
    starts_on: date,
    days: int | None,
    published: bool,
    realm: str,
    as_json: bool,
) -> None:
    """计算一个期限，逐日列明计入与不计入的原因、依据条款和工作日历版本。

    期限写规则名，如 committee_correction、unit_publicity、recheck；写错时会列出全部。
    无需启动环境：默认读取 config/ 中的通知与日历文件。没有公布日历的年份不作推算。
    """
    policy, calendar = (
        in_a_loop(_published(campaign, realm)) if published else _from_files(campaign)
    )
    found = _calculated(rule, policy, calendar, starts_on, days)
    if as_json:
        print_json(deadline_sheet.deadline_json(found))
        return
    parts = [tables.deadline_facts(found)]
    tables.show(*parts, *([tables.derivation(found)] if found.counted or found.skipped else []))


def campaign_path(campaign: str) -> Path:
    """The file of a campaign: by its id in `config/campaigns`, or a path.

    Raises:
        NoAnswer: there is none.
    """
    path = (
        Path(campaign)
        if campaign.endswith(".toml")
        else campaign_files.CAMPAIGNS / f"{campaign}.toml"
    )
    if not is_file(path):
        known = "、".join(sorted(item.stem for item in campaign_files.CAMPAIGNS.glob("*.toml")))
        raise not_found(f"没有通知“{campaign}”。", f"现有：{known}；也可写通知文件的路径。")
    return path


def _from_files(campaign: str) -> tuple[Policy, Calendar]:
    return campaign_files.load(campaign_path(campaign)).policy, calendar_files.published_calendar()


async def _published(campaign: str, realm: str) -> tuple[Policy, Calendar]:
    from starter.session import office  # noqa: PLC0415 - the files alone need no database

    async with office(realm) as opened:
        policy = await opened.reading.policy(campaign, realm=realm)
        calendar = await opened.reading.calendar(realm=realm)
    if policy is None or calendar is None:
        what = f"通知“{campaign}”" if policy is None else "工作日历"
        raise not_found(
            f"{what}尚未公布。", "请先执行 zhiping campaign publish 或 zhiping calendar load。"
        )
    return policy, calendar


def _calculated(
    rule: str, policy: Policy, calendar: Calendar, starts_on: date, days: int | None
) -> Deadline:
    if rule not in list(names.RuleName):
        known = "，".join(f"{name} {words}" for name, words in wording.labels("rules").items())
        raise not_found(f"没有期限“{rule}”。", f"可用：{known}")
    _check_year(starts_on, calendar)
    name = names.RuleName(rule)
    terms = policy.terms(name)
    windows = {
        names.RuleName.APPLICATION_WINDOW: policy.windows.application,
        names.RuleName.REVIEW_WINDOW: policy.windows.review,
        names.RuleName.PAYMENT_WINDOW: policy.windows.payment,
    }
    if name in windows:
        return deadlines.window_deadline(name, terms, calendar, windows[name])
    if name is names.RuleName.CHAIN_CUTOFF:
        cutoff = policy.chain_cutoff
        return deadlines.fixed(
            name,
            terms,
            calendar,
            starts_on=min(starts_on, cutoff.ends_on),
            ends_on=cutoff.ends_on,
            closes_at=cutoff.closes_at,
            clause=cutoff.source,
        )
    if terms.length is None and days is None:
        raise refused(
            "term_out_of_range",
            "通知没有规定这一期限的长度。",
            wording.ground_zh(terms.source, policy.document),
            "请用 --days 写明长度。",
        )
    return deadlines.compute(name, terms, calendar, starts_on, length=days)


def _check_year(starts_on: date, calendar: Calendar) -> None:
    """Raises `NoAnswer` for a day before the first calendar: none will be published for it."""
    first = min(calendar.years, default=starts_on.year)
    if starts_on.year < first:
        raise refused(
            "calendar_missing",
            f"系统的工作日历自 {first} 年起，{starts_on.year} 年的期限不作推算。",
            wording.ground_zh(readings.Reading.WORKING_DAYS),
            "请核对起始日的年份。",
        )


commands: list[click.Command] = [deadline]
