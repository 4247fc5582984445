"""`zhiping submit`, `check` and `schema`: the way from a file to a case, and its rehearsal on paper."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import No, NoAnswer, refused
from starter.later import later

with later():
    from activities import wording as activities_wording
    from config import calendar_files, campaign_files, directory_files, settings, submission_files
    from starter import acts, deadlines, session, tables, toml_text
    from starter.desk import office as desk_office
    from starter.desk import submitting, wording
    from workflows.rules import eligibility, facts, message, routes
    from workflows.rules import findings as rules_findings


if TYPE_CHECKING:
    from config.submission_files import ApplicationFile
    from workflows.rules.findings import Findings

CAMPAIGN = click.option(
    "--campaign", required=True, metavar="通知", help="申报所依的通知编号，如 bd-2023。"
)


@click.command("submit")
@options.file_argument
@CAMPAIGN
@click.option(
    "--as", "who", type=options.WHO, default="applicant", metavar="申报人",
    help="以谁的身份提交；只能是材料中的申报人本人。",
)  # fmt: skip
@options.at
@options.realm
@options.request_id
@options.as_json
@answering
async def submit(
    file: Path,
    campaign: str,
    who: tuple[str, str],
    acted_at: datetime | None,
    realm: str,
    request_id: str,
    as_json: bool,
) -> None:
    """提交一份申报材料（TOML 或 JSON）：办成给出回执，不符合条件给出全部原因。

    材料先存入数据库，流程引擎中只有编号和判断规则所需的事实。用 --realm 写一个新名称并给出 --at，
    即从该时间新开一个演练。
    """
    if who[1] != desk_office.SELF:
        raise refused("not_entitled", "申报须由申报人本人提交。", next_step="请去掉 --as。")
    document = submission_files.read(file, campaign)
    async with session.office(realm) as opened:
        view = await submitting.realm_for(opened, realm, acted_at)
        receipt = await submitting.submitted(opened, document, campaign, view, acted_at, request_id)
    if as_json:
        print_json(receipt)
    else:
        tables.show(acts.receipt_table(receipt))


@click.command("check")
@options.file_argument
@CAMPAIGN
@options.at
@options.realm
@click.option("--offline", is_flag=True, help="只用文件核对，不查数据库中的当年申报、影响期等。")
@options.as_json
@answering
async def check(
    file: Path,
    campaign: str,
    acted_at: datetime | None,
    realm: str,
    offline: bool,
    as_json: bool,
) -> None:
    """核对申报材料：列出全部不符合之处和提交后须人工核对的事项，不提交。

    环境在运行时按数据库中的名录、当年申报和影响期核对；否则只按 config/ 中的文件核对，并说明。
    """
    document = submission_files.read(file, campaign)
    alone = offline
    findings = None
    if not offline:
        try:
            async with session.office(realm) as opened:
                findings = await submitting.examined(opened, document, campaign, realm, acted_at)
        except settings.SettingsError:
            alone = True
        except NoAnswer as err:
            if err.kind is not No.UNAVAILABLE:
                raise
            alone = True
    if findings is None:
        findings = _examined_from_files(document, campaign, acted_at)
    _tell(findings, alone=alone, as_json=as_json)


@click.command("schema")
@click.argument(
    "what", type=click.Choice(["application"]), metavar="application", expose_value=False
)
@click.option("--sample", metavar="路线", help="给出该路线的一份完整示例，如 city_unit。")
@click.option(
    "--campaign", default="bd-2023", show_default=True, metavar="通知", help="示例所依的通知。"
)
@click.option("--toml", "as_toml", is_flag=True, help="示例用 TOML 写出。")
@answering
def schema(sample: str | None, campaign: str, as_toml: bool) -> None:
    """给出申报材料（application）的 JSON Schema，或一条路线的完整示例。"""
    if sample is None:
        print_json(submission_files.json_schema())
        return
    table = submission_files.sample(sample, campaign).model_dump(mode="json", exclude_defaults=True)
    if as_toml:
        click.echo(toml_text.written(table), nl=False)
    else:
        print_json(table)


def _examined_from_files(
    document: ApplicationFile, campaign: str, acted_at: datetime | None
) -> Findings:
    policy = campaign_files.load(deadlines.campaign_path(campaign)).policy
    organisations = {}
    for path in sorted(directory_files.DIRECTORY.glob("*.toml")):
        organisations.update(directory_files.read(path).references())
    places, problems = routes.places_of(document.facts, policy, organisations)
    at = acted_at or message.local(datetime.now(UTC))
    findings = eligibility.examine(
        document.facts, facts.Standing(), places, policy, calendar_files.published_calendar(), at
    )
    return rules_findings.together((rules_findings.refused(*problems), findings))


def _tell(findings: Findings, *, alone: bool, as_json: bool) -> None:
    checks = [check.model_dump() for check in findings.checks]
    if findings.refusals:
        reasons = [wording.reason_of(refusal) for refusal in findings.refusals]
        raise submitting.not_eligible(reasons, checks=checks, offline=alone)
    if as_json:
        print_json({"sound": True, "reasons": [], "checks": checks, "offline": alone})
        return
    click.echo("材料符合申报条件。")
    for check in findings.checks:
        click.echo(f"  提交后须人工核对：{activities_wording.label('checks', check.key)}")
    if alone:
        click.echo("（只按文件核对，未查当年申报、影响期和管理权限。）")


commands: list[click.Command] = [submit, check, schema]
