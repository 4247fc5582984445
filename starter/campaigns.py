"""`zhiping campaign` and `zhiping calendar`: notices and working days as published versions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import No, NoAnswer, Reason, not_found
from starter.later import later

with later():
    from activities import wording
    from config import calendar_files, campaign_files, campaign_findings
    from starter import deadlines, session, tables
    from starter.desk import amendments, bulk_words, campaign_differences, publishing


if TYPE_CHECKING:
    from activities.views import RealmView
    from starter.desk.amendments import Amendment
    from starter.desk.office import Office, Who
    from workflows.operation.messages import OperationOutcome

REASON = click.option("--reason", required=True, metavar="理由", help="为什么修改；记入档案。")


@click.group("campaign")
def campaign() -> None:
    """一份通知就是一个文件；公布后成为一个版本，申报各按自己的版本办理。"""


@campaign.command("lint", short_help="核对一个通知文件。")
@options.file_argument
@options.as_json
@answering
def campaign_lint(file: Path, as_json: bool) -> None:
    """核对通知文件是否完整、自洽，每一个值与所引条款的原文是否一致；不启动环境也能用。"""
    report = campaign_files.lint(file, calendar_files.published_calendar())
    warnings = [item._asdict() for item in report.warnings]
    assumed = [item._asdict() for item in report.assumed]
    if report.errors:
        reasons = [
            Reason(
                "malformed_file",
                f"{file.name}：{item.told}。",
                item.clause,
                item.todo or campaign_findings.CORRECT_IT,
            )
            for item in report.errors
        ]
        raise NoAnswer(No.REFUSED, *reasons, warnings=warnings, assumed=assumed)
    if as_json:
        print_json({"sound": True, "warnings": warnings, "assumed": assumed})
        return
    click.echo(f"{file.name}：可以公布。")
    for item in report.warnings:
        click.echo(f"  请留意：{item.told}。{item.todo}")
    click.echo(
        f"  通知未作规定、按办理口径办理的有 {len(report.assumed)} 项（--json 全部列出；口径见 zhiping readings）。"
    )


@campaign.command("publish", short_help="公布一个通知文件。")
@options.file_argument
@options.acting_as(options.OPERATOR)
@options.realm
@options.request_id
@options.as_json
@answering
async def campaign_publish(
    file: Path, who: tuple[str, str], realm: str, request_id: str, as_json: bool
) -> None:
    """公布一份新通知；内容相同的再次公布不会产生新版本。"""
    stated = _stated(file)
    outcome = await _operate("publish_campaign", who, stated, realm, request_id)
    _told(outcome, f"已公布 {file.stem}，第 {outcome.version} 版。", as_json)


@campaign.command("amend", short_help="修改已公布的通知。")
@options.file_argument
@REASON
@options.acting_as(options.OPERATOR)
@options.realm
@options.request_id
@options.as_json
@answering
async def campaign_amend(
    file: Path, reason: str, who: tuple[str, str], realm: str, request_id: str, as_json: bool
) -> None:
    """公布修改后的版本，并通知在办的申报重新计算期限：只会不变或推后。"""
    outcome = await _operate("amend_campaign", who, _stated(file), realm, request_id, reason)
    told = f"已公布第 {outcome.version} 版，涉及在办申报 {outcome.affected.count if outcome.affected else 0} 件。"
    _told(outcome, told, as_json)


@campaign.command("show", short_help="已公布的版本。")
@click.argument("campaign_id", required=False, metavar="[通知]")
@click.option("--version", type=options.NUMBER, metavar="版本", help="第几版；不填为最新。")
@options.realm
@options.as_json
@answering
async def campaign_show(
    campaign_id: str | None, version: int | None, realm: str, as_json: bool
) -> None:
    """列出已公布的通知；写明通知时给出其窗口、期限和依据。"""
    async with session.office(realm) as opened:
        if campaign_id is None:
            views = await opened.reading.campaigns(realm)
            if as_json:
                print_json(views)
                return
            rows = (
                (
                    view.campaign,
                    str(view.version),
                    tables.moment(view.published_at),
                    view.published_by_name,
                )
                for view in views
            )
            tables.show(tables.listing("通知", ("通知", "版本", "公布时间", "由谁"), rows))
            return
        policy = await opened.reading.policy(campaign_id, version, realm)
    if policy is None:
        raise not_found(f"通知“{campaign_id}”没有公布过这一版。", "zhiping campaign show")
    if as_json:
        print_json(policy)
    else:
        tables.show(*_policy_parts(policy))


@campaign.command("diff", short_help="比较两份通知。")
@click.argument("one", metavar="通知甲")
@click.argument("other", metavar="通知乙")
@options.as_json
@answering
def campaign_diff(one: str, other: str, as_json: bool) -> None:
    """逐句说明两份通知文件（写编号或文件路径）的不同：由甲到乙改了什么，各依据哪一条。"""
    left, right = (
        campaign_files.load(deadlines.campaign_path(one)),
        campaign_files.load(deadlines.campaign_path(other)),
    )
    found = campaign_files.diff(left, right)
    if as_json:
        names = [campaign_differences.name_of(item.key, left, right) for item in found]
        rows = zip(names, found, strict=True)
        print_json([{"name": name, **item._asdict()} for name, item in rows])
        return
    click.echo(
        f"{left.notice.document}（甲）与 {right.notice.document}（乙）有 {len(found)} 项不同："
    )
    for number, sentence in enumerate(campaign_differences.sentences(left, right, found), start=1):
        click.echo(f"{number}. {sentence}")


@click.group("calendar")
def calendar() -> None:
    """国务院办公厅公布的节假日安排；没有公布的年份不作推算。"""


@calendar.command("load", short_help="载入公布的年份。")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="文件…",
)
@options.acting_as(options.OPERATOR)
@options.realm
@options.request_id
@options.as_json
@answering
async def calendar_load(
    files: tuple[Path, ...], who: tuple[str, str], realm: str, request_id: str, as_json: bool
) -> None:
    """载入公布的节假日安排，一年一个文件；已有的年份须用 amend 修改。"""
    stated = {"years": [_year(file) for file in files]}
    outcome = await _operate("load_calendar", who, stated, realm, request_id)
    _told(outcome, f"已载入，日历版本 {outcome.version}。", as_json)


@calendar.command("amend", short_help="修改已载入的年份。")
@options.file_argument
@REASON
@options.acting_as(options.OPERATOR)
@options.realm
@options.request_id
@options.as_json
@answering
async def calendar_amend(
    file: Path, reason: str, who: tuple[str, str], realm: str, request_id: str, as_json: bool
) -> None:
    """改用新的安排，并通知在办的申报重新计算期限：只会不变或推后。"""
    outcome = await _operate("amend_calendar", who, _year(file), realm, request_id, reason)
    told = f"日历版本 {outcome.version}，涉及在办申报 {outcome.affected.count if outcome.affected else 0} 件。"
    _told(outcome, told, as_json)


@calendar.command("show", short_help="一年的节假日和调休。")
@click.argument("year", type=options.YEAR, metavar="年份")
@click.option("--published", is_flag=True, help="看已载入的版本，而不是文件。")
@options.realm
@options.as_json
@answering
async def calendar_show(year: int, published: bool, realm: str, as_json: bool) -> None:
    """一年的节假日、调休上班日和出处。"""
    if published:
        async with session.office(realm) as opened:
            loaded = await opened.reading.calendar(realm=realm)
    else:
        loaded = calendar_files.published_calendar()
    found = loaded.years.get(year) if loaded else None
    if loaded is None or found is None:
        raise NoAnswer(
            No.REFUSED,
            Reason(
                "calendar_missing",
                f"没有 {year} 年的节假日安排，不作推算。",
                next=f"国务院办公厅公布后，写成 config/calendars/{year}.toml 再载入。",
            ),
        )
    if as_json:
        print_json({"version": loaded.version, **found.model_dump(mode="json")})
        return
    arranged = {**found.holidays, **dict.fromkeys(found.workdays, "调休上班")}
    rows = ((tables.day(item), arranged[item]) for item in sorted(arranged))
    tables.show(
        tables.listing(f"{year} 年", ("日期", "安排"), rows),
        f"出处：{found.source}",
        f"日历版本：{loaded.version}",
    )


async def _print_amendment(opened: Office, realm: str, found: Amendment, *, as_json: bool) -> None:
    if as_json:
        cases = [
            {
                "application": item.application,
                "clocks": [clock.model_dump(mode="json") for clock in item.moved],
                "letters": item.letters,
                "refusals": [no.model_dump(mode="json") for no in item.refusals],
            }
            for item in found.followed
        ]
        print_json({"open": found.open, "cases": cases})
        return
    tables.show(
        tables.facts(
            "排练（尚未公布）",
            (("在办", f"{found.open} 件"), ("有变动", f"{len(found.followed)} 件")),
        ),
        tables.listing("变动的期限", amendments.MOVED, found.moved_rows),
        tables.listing("将发出的通知", amendments.LETTERS, found.letter_rows),
    )
    if found.refused:
        rows = [
            (item.application, await bulk_words.why_not(opened, item.refusals, realm))
            for item in found.refused
        ]
        tables.show(tables.listing("不能采用的", ("申报", "原因"), rows))


def _stated(file: Path) -> dict[str, Any]:
    """A campaign file as it is published."""
    return publishing.campaign_stated(campaign_files.load(file))


def _year(file: Path) -> dict[str, Any]:
    return calendar_files.load_year(file).model_dump(mode="json")


async def _operate(
    kind: str,
    who: tuple[str, str],
    stated: dict[str, Any],
    realm: str,
    request_id: str,
    reason: str = "",
) -> OperationOutcome:
    """Carry out an operation; its reason goes on to the cases it touches."""
    told = {"reason": reason} if reason else {}
    async with session.office(realm) as opened:
        return await opened.operate(kind, who, stated | told, realm, request_id)


def _told(outcome: OperationOutcome, sentence: str, as_json: bool) -> None:
    if as_json:
        print_json(outcome)
    else:
        click.echo(sentence)


def _policy_parts(policy: Any) -> list[Any]:
    windows = policy.windows
    spans = (("申报", windows.application), ("审核", windows.review), ("缴费", windows.payment))
    heading = [("文号", policy.document), ("版本", str(policy.version))]
    heading += [
        (
            f"{name}时间",
            f"{tables.day(span.starts_on)} 至 {wording.last_moment_zh(span.ends_on, span.hour)}，{wording.clause_zh(span.source, policy.document)}",
        )
        for name, span in spans
    ]
    cutoff = policy.chain_cutoff
    heading.append(("逐级报送截止", wording.last_moment_zh(cutoff.ends_on, cutoff.hour)))
    rows = (
        (
            rule.value,
            wording.label("rules", rule),
            wording.label("deadline_kinds", terms.kind),
            wording.length_zh(terms.length, terms.unit),
            wording.clause_zh(terms.source, policy.document),
        )
        for rule, terms in policy.rules.items()
    )
    return [
        tables.facts(f"通知 {policy.campaign}", heading),
        tables.listing("期限", ("期限", "名称", "性质", "长度", "依据"), rows),
    ]


Rehearse = Callable[["Office", "RealmView", "Who", Mapping[str, Any]], Awaitable["Amendment"]]


def _rehearsing(
    group: click.Group, read: Callable[[Path], dict[str, Any]], rehearse: Callable[[], Rehearse]
) -> None:
    """What an amendment of notices, or of working days, would do: the same command of both.

    Args:
        read: what a file states.
        rehearse: whose answer it is, asked for when the command runs.
    """

    @group.command("rehearse", short_help="修改以前：在办的申报会怎样。")
    @options.file_argument
    @options.acting_as(options.OPERATOR)
    @options.realm
    @options.as_json
    @answering
    async def _(file: Path, who: Who, realm: str, as_json: bool) -> None:
        """逐件推算改后的期限和通知，不公布，不留记录；公布用 amend。"""
        async with session.office(realm) as opened:
            view = await opened.realm(realm)
            found = await rehearse()(opened, view, who, read(file))
            await _print_amendment(opened, realm, found, as_json=as_json)


_rehearsing(campaign, _stated, lambda: amendments.campaign_rehearsed)
_rehearsing(calendar, _year, lambda: amendments.calendar_rehearsed)


commands: list[click.Command] = [campaign, calendar]
