"""`zhiping payments`: fees from a bank's file, and what a person has to look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from starter import options
from starter.answers import Exit, answering, print_json
from starter.later import later

with later():
    from activities import payments as activities_payments
    from activities import seeing, wording
    from config import payment_files, payment_profiles
    from starter import session, tables
    from starter.desk import payment_words
    from starter.desk import payments_import as desk_payments_import


if TYPE_CHECKING:
    from activities.payments import BankLineView
    from starter.desk.payments_import import ImportReport


@click.group("payments")
def payments() -> None:
    """银行收款文件逐行登记、告知各件申报；不足额、重复、逾期和对不上的，列出由人处理。"""


@payments.command("import", short_help="导入银行收款文件。")
@click.argument(
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=False,
    metavar="[文件]",
)
@options.acting_as()
@click.option("--campaign", default="", metavar="通知", help="只对应这一申报通知的申报。")
@click.option(
    "--profile",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="文件",
    help="该银行的列名对照，默认 config/payments/default.toml。",
)
@click.option("--resume", "resuming", is_flag=True, help="不读文件，只对还没有答复的再问一次。")
@options.realm
@options.as_json
@answering
async def payments_import(
    file: Path | None,
    who: tuple[str, str],
    campaign: str,
    profile: Path | None,
    resuming: bool,
    realm: str,
    as_json: bool,
) -> None:
    """读入银行导出的 xlsx、CSV 或者制表符文本（UTF-8、GB18030、UTF-16），逐笔登记并告知相应的申报。

    同一流水号只算一次，同一文件再导入不会重复；有一行读不懂，或者文件写明的合计、笔数与各行不符，整个文件都不导入。
    支出、退款等不是收款的行略过，逐行列出。
    """
    if (file is None) is not resuming:
        raise click.UsageError("请写明文件，或者用 --resume 对还没有答复的再问一次（两者选一）。")
    stated = (
        payment_files.read(file, payment_profiles.read_profile(profile or payment_profiles.DEFAULT))
        if file
        else None
    )
    async with session.office(realm) as opened:
        desk = await desk_payments_import.desk_of(opened, who, realm)
        if stated is None:
            report = await desk_payments_import.resume(desk)
        else:
            lines = [line.model_dump(mode="json") for line in stated.lines]
            report = await desk_payments_import.import_lines(desk, lines, campaign=campaign)
            report.passed_over, report.warnings = stated.passed_over, stated.warnings
    if as_json:
        print_json(report.as_json())
    else:
        print_report(report)
    if report.unanswered:
        raise click.exceptions.Exit(int(Exit.UNAVAILABLE))


@payments.command("list", short_help="列出收款。")
@click.option("--open", "open_only", is_flag=True, help="只列须人工处理的。")
@options.page
@options.acting_as()
@options.realm
@options.as_json
@answering
async def payments_list(
    open_only: bool, limit: int, after: str, who: tuple[str, str], realm: str, as_json: bool
) -> None:
    """本评委会办公室每一笔收款对应的申报和结果：已入账、不足额、重复、超额、逾期、查无此号等。"""
    async with session.office(realm) as opened:
        await opened.check_sees(seeing.Section.MONEY, who, realm, await opened.keepers(who, realm))
        ledger = activities_payments.PaymentReading(opened.pool, opened.identity)
        found, following = await ledger.page(
            realm, office=who[1], open_only=open_only, limit=limit, after=after
        )
    if as_json:
        print_json({"next": following, "lines": found})
    elif not found:
        click.echo("没有须人工处理的收款。" if open_only else "还没有导入收款。")
    else:
        title = "须人工处理的收款" if open_only else "收款"
        tables.show(_table(title, found), *options.next_page(following))


@payments.command("resolve", short_help="处理一笔收款。")
@click.argument("transaction", metavar="流水号")
@click.option("--to", "application", metavar="申报", help="这笔钱属于哪件申报。")
@click.option(
    "--account", default="", metavar="账号", help="本机构有几个收款账号、流水号相同时写明。"
)
@click.option("--dismiss", is_flag=True, help="已另行处理（如已退款、不属评审费）。")
@click.option("--reason", required=True, metavar="理由", help="为什么这样处理。")
@options.acting_as()
@options.realm
@options.as_json
@answering
async def payments_resolve(
    transaction: str,
    account: str,
    application: str | None,
    dismiss: bool,
    reason: str,
    who: tuple[str, str],
    realm: str,
    as_json: bool,
) -> None:
    """写明理由，把一笔收款归到一件申报，或者注明已另行处理；处理后不再列为待办。"""
    if dismiss is (application is not None):
        raise click.UsageError("请写明 --to 申报 或者 --dismiss（两者选一）。")
    async with session.office(realm) as opened:
        stated: dict[str, Any] = {
            "transaction": transaction,
            "account": account,
            "reason": reason,
        }
        if application is not None:
            stated["application"] = (await opened.case(application, realm)).application
        else:
            stated["dismiss"] = True
        desk = await desk_payments_import.desk_of(opened, who, realm)
        await desk.operate("resolve_payment", stated)
        found = await desk_payments_import.resume_one(desk, transaction, account)
    if as_json:
        print_json(found)
    else:
        _print_one(found)
    if found.outcome == "open":
        raise click.exceptions.Exit(int(Exit.UNAVAILABLE))


def _table(title: str, lines: tuple[BankLineView, ...]) -> Any:
    return tables.listing(
        title,
        ("流水号", "金额", "缴费时间", "申报", "结果", "说明"),
        (
            (
                line.transaction,
                line.yuan,
                tables.brief(line.paid_at),
                line.acceptance_number or line.application,
                wording.label("payment_outcomes", line.outcome),
                payment_words.why(line),
            )
            for line in lines
        ),
    )


def print_report(report: ImportReport) -> None:
    """What an import did, for the desk: stored, passed over, told, and what a person looks at."""
    if report.new or report.known:
        known = f"，{report.known} 笔此前已登记、未重复" if report.known else ""
        click.echo(f"新登记 {report.new} 笔{known}。")
    if report.passed_over:
        click.echo(f"不是收款、略过 {len(report.passed_over)} 行：")
        for item in report.passed_over:
            click.echo(f"  {item.sentence()}")
    for warning in report.warnings:
        click.echo(f"请核对：{warning}。", err=True)
    told = "，".join(
        f"{wording.label('payment_outcomes', name)} {count} 笔"
        for name, count in report.outcomes.items()
    )
    click.echo(f"本次告知申报 {report.told} 笔。" + (f"目前：{told}。" if told else ""))
    if report.for_a_person:
        tables.show(_table("须人工处理", report.for_a_person))
    if report.unanswered:
        click.echo(
            f"还有 {report.unanswered} 笔没有得到答复，可能已办，也可能未办；"
            "请稍后执行 zhiping payments import --resume，不会重复。",
            err=True,
        )


def _print_one(line: BankLineView) -> None:
    tables.show(_table("已处理", (line,)))


commands: list[click.Command] = [payments]
