"""`zhiping act` and `zhiping acts`: every act of the catalogue, explained and carried out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import refused, told_no
from starter.later import later

with later():
    from activities import wording
    from starter import action_help, payloads, session, tables
    from starter.desk import acting, bulk_words, bulks, previewing, stating
    from workflows.application import catalogue


if TYPE_CHECKING:
    from activities.views import CaseView
    from starter.action_help import Explained
    from starter.desk.office import Office
    from starter.desk.previewing import Consequences
    from starter.tables import Part
    from workflows.application.act import Action
    from workflows.application.case import Receipt
    from workflows.application.messages import Preview


class ActCommand(click.Command):
    """`act`, whose help lists every act, and with an act named explains that one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """With `--help` beside an act's name, explain the act and leave."""
        if "--help" in args:
            named = next((item for item in args if item in catalogue.CATALOGUE), None)
            if named:
                click.echo("\n".join(action_help.explained(catalogue.CATALOGUE[named]).lines()))
                ctx.exit()
        return super().parse_args(ctx, args)

    def format_epilog(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """List every act with its plain sentence."""
        with formatter.section("全部事项（说明与示例见 zhiping acts 事项）"):
            formatter.write_dl(
                [(name, f"{title}：{what}") for name, title, what in action_help.overview()]
            )


@click.command("act", cls=ActCommand)
@click.argument("application", metavar="申报")
@click.argument("action", metavar="事项")
@options.acting_as()
@click.option(
    "--with", "stated", default="{}", metavar="JSON|@文件", help="办理内容；免填的可省去。"
)
@options.at
@options.request_id
@click.option("--signal", "by_signal", is_flag=True, help="只送达，不等答复；未办成的另行通知。")
@click.option("--preview", "only_shown", is_flag=True, help="只看办了会怎样，不办理，不留记录。")
@options.as_json
@answering
async def act(
    application: str,
    action: str,
    who: tuple[str, str],
    stated: str,
    acted_at: datetime | None,
    request_id: str,
    by_signal: bool,
    only_shown: bool,
    as_json: bool,
) -> None:
    """以某人的身份对一件申报办理一个事项，当场答复办成与否。

    申报写编号、编号的一部分或受理号。自由文字（理由、意见等）先存入数据库，不进入流程引擎。
    """
    row = row_of(action)
    await carry_out(
        application,
        row,
        who,
        stated,
        acted_at,
        request_id,
        by_signal=by_signal,
        only_shown=only_shown,
        as_json=as_json,
    )


@click.command("acts")
@click.argument("action", required=False, metavar="[事项]")
@options.as_json
@answering
def acts(action: str | None, as_json: bool) -> None:
    """列出全部事项；写明事项时说明谁可以办、何时可办、填什么，并给出示例。"""
    if action is not None:
        print_one(action_help.explained(row_of(action)), as_json=as_json)
    else:
        print_all("事项", map(action_help.explained, catalogue.CATALOGUE.values()), as_json=as_json)


def print_one(act: Explained, *, as_json: bool) -> None:
    """Explain one act, on a case or a meeting."""
    if as_json:
        print_json(act.as_json())
    else:
        click.echo("\n".join(act.lines()))


def print_all(title: str, acts: Iterable[Explained], *, as_json: bool) -> None:
    """List acts, on a case or a meeting."""
    if as_json:
        print_json([act.as_json() for act in acts])
    else:
        rows = (act.row() for act in acts)
        tables.show(tables.listing(title, ("事项", "名称", "谁", "何时"), rows))


@click.command("nudge")
@click.argument("application", required=False, metavar="[申报]")
@click.option("--all", "everything", is_flag=True, help="唤醒全部在办申报和评审会，等到办完。")
@click.option("--campaign", default="", metavar="通知", help="与 --all 同用：只唤醒该通知的。")
@options.acting_as(options.OPERATOR)
@options.realm
@options.request_id
@options.as_json
@answering
async def nudge(
    application: str | None,
    everything: bool,
    campaign: str,
    who: tuple[str, str],
    realm: str,
    request_id: str,
    as_json: bool,
) -> None:
    """唤醒一件申报或全部在办申报，使其换用现行程序版本；不改变任何事项。

    全部唤醒是一次批量办理（zhiping bulk）：中途离开，照样办完；用同一请求号再问，是同一次。
    """
    if everything == (application is not None):
        raise click.UsageError("请写明一件申报，或者用 --all 唤醒全部在办申报。")
    if application is not None:
        await carry_out(application, row_of("nudge"), who, "{}", None, request_id, as_json=as_json)
        return
    async with session.office(realm) as opened:
        name = await bulks.woken(opened, await opened.realm(realm), who, campaign, request_id)
        click.echo(f"正在唤醒。进度：zhiping bulk show {name}", err=True)
        done = await bulks.rested(opened, who, name, realm)
    if as_json:
        print_json({"bulk": done.id, "state": done.state, "tally": done.tally})
        return
    click.echo(f"{bulk_words.counts_zh(done)}。")
    if done.number("unanswered"):
        click.echo(
            f"没有答复的多半停住了（zhiping inbox operations）；排除后：zhiping bulk retry {done.id}"
        )


@click.command("resume")
@click.argument("application", metavar="申报")
@options.acting_as(options.OPERATOR)
@options.request_id
@options.as_json
@answering
async def resume(application: str, who: tuple[str, str], request_id: str, as_json: bool) -> None:
    """运维人员排除故障后，让停住等待的申报继续办理；引擎已不再办理的，按记录重新开始。"""
    await carry_out(application, row_of("resume"), who, "{}", None, request_id, as_json=as_json)


async def carry_out(
    application: str,
    row: Action[Any],
    who: tuple[str, str],
    stated: str,
    acted_at: datetime | None,
    request_id: str,
    *,
    by_signal: bool = False,
    only_shown: bool = False,
    as_json: bool,
) -> None:
    """Check, stamp and send one act, and print its receipt; or only show what it would do."""
    payload = stating.checked(row.payload, payloads.stated_in(stated))
    async with session.office() as opened:
        case = await opened.case(application)
        realm = await opened.realm(case.realm)
        act = await acting.meant(
            opened, realm, who, payload, case=case, acted_at=acted_at, request_id=request_id
        )
        if only_shown:
            shown = await acting.previewed(opened, case, row.name, act)
            await _print_preview(opened, case, row.name, shown, as_json=as_json)
            return
        act = await acting.kept(opened, row.payload, act)
        if by_signal:
            await acting.signalled(opened, case, row.name, act)
            _print_handed_over(case.application, row.name, as_json)
            return
        receipt = await acting.sent(opened, case, row.name, act)
    if as_json:
        print_json(receipt)
    else:
        tables.show(receipt_table(receipt))


async def _print_preview(
    office: Office, case: CaseView, action: str, shown: Preview, *, as_json: bool
) -> None:
    if as_json:
        print_json(shown)
    elif shown.refusals:
        reasons = await office.reasons(shown.refusals, case.realm)
        raise told_no(reasons)
    else:
        tables.show(
            *_preview_parts(action, await previewing.consequences(office, shown, case.realm))
        )


def _preview_parts(action: str, told: Consequences) -> list[Part]:
    """What an act would do, for a person."""
    heading = (
        ("现在", told.before),
        ("办理之后", told.after),
        *(("请注意", caution) for caution in told.cautions),
    )
    found: list[Part] = [
        tables.facts(f"预览：{wording.label('acts', action)}（尚未办理）", heading)
    ]
    if told.clocks:
        found.append(tables.listing("期限", ("期限", "现在", "办理之后"), told.clocks))
    if told.letters:
        found.append(
            tables.listing("将发出的通知", ("通知", "发给", "写明的最后一日"), told.letters)
        )
    return found


def receipt_table(receipt: Receipt) -> Any:
    """A receipt for a person."""
    standing = (
        wording.label("ends", receipt.end)
        if receipt.end
        else wording.label("stages", receipt.stage)
        if receipt.stage
        else ""
    )
    return tables.facts(
        "已办" + ("（此前已办，未重复）" if receipt.repeated else ""),
        (
            ("申报", receipt.application),
            ("事项", wording.label("acts", receipt.action)),
            ("记录序号", str(receipt.seq)),
            ("记录时间", tables.moment(receipt.recorded_at)),
            ("现状", standing),
            ("期限", tables.deadline_line(receipt.deadline) if receipt.deadline else ""),
            *(("请注意", wording.caution_zh(item)) for item in receipt.warnings),
        ),
    )


def row_of(action: str) -> Action[Any]:
    """The act of a name, as the command line takes it.

    Raises:
        NoAnswer: there is none; or a submission, which has a command of its own.
    """
    row = catalogue.CATALOGUE.get(action)
    if row is None:
        raise _unknown(action)
    if action == "submit":
        raise refused(
            "unknown_action", "提交申报须先存入材料。", next_step="请用 zhiping submit 文件。"
        )
    return row


def _unknown(action: str) -> Exception:
    near = difflib.get_close_matches(action, catalogue.CATALOGUE, n=3)
    hint = f"是否应为 {'、'.join(near)}？" if near else ""
    return refused(
        "unknown_action", f"没有事项“{action}”。{hint}", next_step="全部事项：zhiping acts"
    )


def _print_handed_over(application: str, action: str, as_json: bool) -> None:
    if as_json:
        print_json({"application": application, "action": action, "handed_over": True})
        return
    click.echo("已送达，尚未答复；办成与否请看 zhiping show，未办成的另行通知办理人。")


commands: list[click.Command] = [act, acts, nudge, resume]
