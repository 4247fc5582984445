"""`zhiping integrity`: 影响期, and the record of what was obtained by fraud (A56, BD 五)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import not_found
from starter.later import later

with later():
    from activities import integrity as activities_integrity
    from activities import seeing
    from config import integrity_terms
    from starter import integrity_tables, session, tables
    from starter.desk import whom
    from workflows.rules import message

if TYPE_CHECKING:
    from activities.integrity import Register
    from starter.desk.office import Office

F = TypeVar("F", bound=Callable[..., Any])
ASK = "-"
SUBJECTS = ("applicant", "unit_staff", "expert", "office_staff")
CONDUCTS = [
    "title_by_fraud",
    "application_fraud",
    "false_certificate",
    "review_breach",
    "duty_breach",
]


def _whom(function: F) -> F:
    """Who is meant: by an application, by a member of the directory, or by ID number."""
    for option in (
        click.option(
            "--id-number",
            is_flag=False,
            flag_value=ASK,
            default="",
            metavar="[身份证件号]",
            help="身份证件号；不写值时从键盘或标准输入读取，不回显、不输出。",
        ),
        click.option("--person", default="", metavar="人员", help="名录中的人员编号。"),
        click.option("--application", default="", metavar="申报", help="这件申报的申报人。"),
    ):
        function = option(function)
    return function


def _reason(function: F) -> F:
    return click.option("--reason", required=True, metavar="理由", help="事实和理由，加密保存。")(
        function
    )


@click.group("integrity")
def integrity() -> None:
    """影响期（不得申报）和诚信档案记录（保存三年、不自动限制申报）是两件事。

    都只由人依据决定登记，不会自动产生；登记错了写明理由更正或解除，原登记仍可查。
    """


@integrity.command("bar", short_help="登记影响期。")
@_whom
@click.option("--from", "starts_on", type=options.DAY, metavar="日期", help="起始日；默认当日。")
@click.option(
    "--to", "ends_on", type=options.DAY, metavar="日期", help="最后一日；次日起可以申报。"
)
@click.option("--years", type=click.IntRange(1, 30), metavar="年", help="不写最后一日时：几年。")
@click.option("--document", required=True, metavar="文号", help="决定书的文号。")
@click.option("--decided-by", default="", metavar="机构", help="作出决定的机构；默认经办人的机构。")
@_reason
@options.acting_as()
@options.realm
@options.request_id
@options.as_json
@answering
async def integrity_bar(
    application: str,
    person: str,
    id_number: str,
    starts_on: date | None,
    ends_on: date | None,
    years: int | None,
    document: str,
    decided_by: str,
    reason: str,
    who: tuple[str, str],
    realm: str,
    request_id: str,
    as_json: bool,
) -> None:
    """登记一人的影响期。在办的申报受理前、评审前会查到，由评委会办公室写明理由作出决定。"""
    if (ends_on is None) is (years is None):
        raise click.UsageError("请写明 --to 最后一日 或者 --years 年数（两者选一）。")
    stated: dict[str, Any] = {"document": document, "decided_by": decided_by, "reason": reason}
    stated |= {"starts_on": starts_on, "ends_on": ends_on, "years": years}
    async with session.office(realm) as opened:
        stated |= await _stated_person(opened, realm, application, person, id_number)
        outcome = await opened.operate("enter_bar", who, _given(stated), realm, request_id)
    if as_json:
        print_json(outcome)
        return
    number, ends = outcome.params["bar"], outcome.params["ends_on"]
    click.echo(f"已登记影响期第 {number} 号，到 {ends} 止，不顺延，次日起可以申报。")


@integrity.command("lift", short_help="解除影响期。")
@click.argument("number", type=options.NUMBER, required=False, metavar="[编号]")
@_whom
@_reason
@options.acting_as()
@options.realm
@options.request_id
@options.as_json
@answering
async def integrity_lift(
    number: int | None,
    application: str,
    person: str,
    id_number: str,
    reason: str,
    who: tuple[str, str],
    realm: str,
    request_id: str,
    as_json: bool,
) -> None:
    """解除一个编号的影响期，或者一人的全部影响期；原登记和理由仍可查。"""
    stated: dict[str, Any] = {"number": number, "reason": reason}
    async with session.office(realm) as opened:
        if number is None:
            stated |= await _stated_person(opened, realm, application, person, id_number)
        outcome = await opened.operate("lift_bar", who, _given(stated), realm, request_id)
    if as_json:
        print_json(outcome)
    else:
        click.echo(f"已解除影响期 {outcome.count} 项。")


@integrity.command("record", short_help="登记诚信档案记录。")
@_whom
@click.option("--subject", type=click.Choice(SUBJECTS), required=True, help="哪一类人员。")
@click.option(
    "--conduct", type=click.Choice(CONDUCTS), default=CONDUCTS[0], show_default=True, help="行为。"
)
@click.option("--organisation", default="", metavar="机构", help="行为发生时所在的机构。")
@click.option("--document", required=True, metavar="文号", help="决定书的文号。")
@click.option("--decided-by", required=True, metavar="机构", help="作出决定的机构。")
@click.option("--decided-on", type=options.DAY, required=True, metavar="日期", help="决定日期。")
@click.option("--keep-until", type=options.DAY, metavar="日期", help="保存到；默认三年（数据）。")
@_reason
@options.acting_as()
@options.realm
@options.request_id
@options.as_json
@answering
async def integrity_record(
    application: str,
    person: str,
    id_number: str,
    keep_until: date | None,
    who: tuple[str, str],
    realm: str,
    request_id: str,
    as_json: bool,
    **stated: Any,
) -> None:
    """登记一条诚信档案记录。记录本身不限制申报；要限制申报另行登记影响期。"""
    term = (
        {"keep_until": keep_until}
        if keep_until
        else {"years": integrity_terms.read_terms().record.years}
    )
    async with session.office(realm) as opened:
        meant = await _stated_person(opened, realm, application, person, id_number)
        if application:
            meant["application"] = (await opened.case(application, realm)).application
        outcome = await opened.operate(
            "record_integrity", who, _given({**stated, **term, **meant}), realm, request_id
        )
    if as_json:
        print_json(outcome)
        return
    number, until = outcome.params["record"], outcome.params["keep_until"]
    click.echo(f"已登记诚信档案第 {number} 号，保存到 {until}。")


@integrity.command("correct", short_help="更正或撤回一项登记。")
@click.argument("what", type=click.Choice(("bar", "record")), metavar="bar|record")
@click.argument("number", type=options.NUMBER, metavar="编号")
@click.option("--withdraw", "withdrawn", is_flag=True, help="整项撤回，不另登记。")
@click.option("--from", "starts_on", type=options.DAY, metavar="日期", help="影响期起始日。")
@click.option("--to", "ends_on", type=options.DAY, metavar="日期", help="影响期最后一日。")
@click.option("--subject", type=click.Choice(SUBJECTS), help="哪一类人员。")
@click.option("--conduct", type=click.Choice(CONDUCTS), help="行为。")
@click.option("--organisation", metavar="机构", help="行为发生时所在的机构。")
@click.option("--document", metavar="文号", help="决定书的文号。")
@click.option("--decided-by", metavar="机构", help="作出决定的机构。")
@click.option("--decided-on", type=options.DAY, metavar="日期", help="决定日期。")
@click.option("--keep-until", type=options.DAY, metavar="日期", help="保存到。")
@_reason
@options.acting_as()
@options.realm
@options.request_id
@options.as_json
@answering
async def integrity_correct(
    who: tuple[str, str], realm: str, request_id: str, as_json: bool, **stated: Any
) -> None:
    """写明理由，以一项新的登记更正原登记；没有写的照旧，原登记仍可查。"""
    async with session.office(realm) as opened:
        outcome = await opened.operate("correct_integrity", who, _given(stated), realm, request_id)
    if as_json:
        print_json(outcome)
        return
    number = outcome.params.get(stated["what"])
    click.echo(f"已更正，新的登记是第 {number} 号。" if number else "已撤回。")


@integrity.command("show", short_help="一人的影响期和记录。")
@_whom
@options.acting_as()
@options.realm
@options.as_json
@answering
async def integrity_show(
    application: str,
    person: str,
    id_number: str,
    who: tuple[str, str],
    realm: str,
    as_json: bool,
) -> None:
    """一人的全部登记，已解除、已更正和已过期的也列出；只给评委会办公室、职改办和运维看。"""
    async with session.office(realm) as opened:
        await opened.check_sees(
            seeing.Section.REGISTER, who, realm, await opened.keepers(who, realm)
        )
        stated = await _stated_person(opened, realm, application, person, id_number)
        reading = _reading(opened)
        id_hash = await reading.id_hash(realm=realm, **stated)
        if id_hash is None:
            raise not_found("没有这个人。", "人员编号：zhiping directory show 机构")
        found = await reading.of_person(realm, id_hash=id_hash, person=stated.get("person", ""))
    _answer(found, as_json=as_json)


@integrity.command("list", short_help="列出影响期和记录。")
@click.option("--all", "every", is_flag=True, help="已解除、已更正和已过期的也列出。")
@options.page
@options.acting_as()
@options.realm
@options.as_json
@answering
async def integrity_list(
    every: bool, limit: int, after: str, who: tuple[str, str], realm: str, as_json: bool
) -> None:
    """仍在影响期内的人，和仍在保存期内的记录；只给评委会办公室、职改办和运维看。"""
    async with session.office(realm) as opened:
        await opened.check_sees(
            seeing.Section.REGISTER, who, realm, await opened.keepers(who, realm)
        )
        today = message.local_date(await opened.time_in(await opened.realm(realm)))
        found = await _reading(opened).page(
            realm, on=None if every else today, limit=limit, after=after
        )
    _answer(found, as_json=as_json)


def _reading(opened: Office) -> activities_integrity.IntegrityReading:
    return activities_integrity.IntegrityReading(opened.pool, opened.identity)


async def _stated_person(
    opened: Office, realm: str, application: str, person: str, id_number: str
) -> dict[str, str]:
    """Who is meant, for an operation; an ID number that is asked for is never shown."""
    if sum(map(bool, (application, person, id_number))) != 1:
        raise click.UsageError("请用 --application、--person、--id-number 之一写明是谁。")
    stated = (_asked() if id_number == ASK else id_number).strip()
    if id_number and not stated:
        raise click.UsageError("没有读到身份证件号。")
    return await whom.person_meant(
        opened, realm, application=application, person=person, id_number=stated
    )


def _asked() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("身份证件号", hide_input=True, err=True))
    return sys.stdin.readline()


def _given(stated: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in stated.items() if value not in (None, "", False)}


def _answer(found: Register, *, as_json: bool) -> None:
    if as_json:
        told = {"bars": found.bars, "records": found.records}
        print_json({"next": found.following, **told})
    elif found.bars or found.records:
        tables.show(
            *integrity_tables.listings(found.bars, found.records),
            *options.next_page(found.following),
        )
    else:
        click.echo("没有登记。")


commands: list[click.Command] = [integrity]
