"""`zhiping committee`: committees with their filing, their pools of experts, and draws repeated."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import not_found, refused
from starter.later import later

with later():
    from activities import seeing, wording
    from config import committee_files, directory_files
    from starter import committee_pages, session, tables
    from starter.desk import pool_numbers
    from workflows.rules import draw as rules_draw


if TYPE_CHECKING:
    from workflows.rules.committee import Expert, Seat

CLOSED = "专家名单不对外公布：本评委会办公室、职改办和运维以外，只见人数。"


@click.group("committee")
def committee() -> None:
    """评委会的备案和评审专家库；抽取评审专家可以凭种子由任何人重新核验。"""


@committee.command("lint", short_help="核对一个评委会文件。")
@options.file_argument
@click.option("--on", "meets_on", type=options.DAY, metavar="日期", help="另按这一天开会核对。")
@click.option(
    "--directory",
    "directory_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="文件",
    help="名录文件；不写则用 config/directory/ 中有该评委会办公室的一份。",
)
@options.as_json
@answering
def committee_lint(
    file: Path, meets_on: date | None, directory_file: Path | None, as_json: bool
) -> None:
    """核对单数、人数、备案有效期、任期、专业范围、主任委员、一人一库、所在单位；不需要内置环境。"""
    office = committee_files.read(file).committee.office
    found = directory_file or directory_files.holding(office)
    if found is None:
        raise refused(
            "not_found",
            f"没有一份名录有机构 {office}，无法核对评委会办公室和专家的单位。",
            next_step="请用 --directory 写明名录文件；编号写错的，请改正 committee.office。",
        )
    committee_files.read_sound(file, directory_files.read(found), meets_on)
    if as_json:
        print_json({"sound": True})
    else:
        click.echo(f"{file.name}：可以导入。")


@committee.command("import", short_help="导入评委会文件。")
@options.file_argument
@options.acting_as(options.OPERATOR)
@options.realm
@options.request_id
@options.as_json
@answering
async def committee_import(
    file: Path, who: tuple[str, str], realm: str, request_id: str, as_json: bool
) -> None:
    """导入或更新评委会及其专家库；文件中没有的专家自即日起退出专家库，已开的评审会不受影响。"""
    stated = committee_files.read_sound(file)
    async with session.office(realm) as opened:
        body = stated.model_dump(mode="json")
        outcome = await opened.operate("import_committee", who, body, realm, request_id)
    if as_json:
        print_json(outcome)
        return
    retired = int(outcome.params.get("retired", "0"))
    click.echo(f"已导入评委会 {stated.committee.id}，专家 {outcome.count} 人。")
    if retired:
        click.echo(f"文件中没有的 {retired} 人已退出专家库。")


@committee.command("retire", short_help="专家退出专家库。")
@click.argument("expert", metavar="专家编号")
@click.option("--to", "last_day", type=options.DAY, metavar="日期", help="最后一日；不填即日退出。")
@click.option("--reason", default="", metavar="理由", help="退出的理由，必填。")
@options.acting_as(options.OPERATOR)
@options.realm
@options.request_id
@options.as_json
@answering
async def committee_retire(
    expert: str,
    last_day: date | None,
    reason: str,
    who: tuple[str, str],
    realm: str,
    request_id: str,
    as_json: bool,
) -> None:
    """提前结束一名专家的任期；已抽取的评审会不受影响，须另办递补。"""
    stated: dict[str, Any] = {"expert": expert, "reason": reason}
    stated |= {"to": last_day.isoformat()} if last_day else {}
    async with session.office(realm) as opened:
        outcome = await opened.operate("retire_expert", who, stated, realm, request_id)
    if as_json:
        print_json(outcome)
    elif outcome.count:
        click.echo(f"专家 {expert} 的任期到 {outcome.params['to']} 止。")
    else:
        click.echo(f"专家 {expert} 的任期原定到 {outcome.params['to']} 止，未作变动。")


@committee.command("list", short_help="列出评委会。")
@options.realm
@options.as_json
@answering
async def committee_list(realm: str, as_json: bool) -> None:
    """全部评委会：备案文号、有效期和组成人数。"""
    async with session.office(realm) as opened:
        found = await opened.reading.committees(realm)
    if as_json:
        print_json(found)
        return
    headings = ("编号", "名称", "备案", "有效期至", "组成", "最高级别")
    rows = (
        (
            item.id,
            item.name,
            item.filing,
            tables.day(item.valid_until),
            str(item.seats),
            wording.label("levels", item.max_level),
        )
        for item in found
    )
    tables.show(tables.listing("评委会", headings, rows))


@committee.command("show", short_help="一个评委会及其专家库。")
@click.argument("name", metavar="评委会")
@click.option("--pool", "with_pool", is_flag=True, help="列出专家库；姓名只给有权查看的。")
@options.acting_as("anyone")
@options.realm
@options.as_json
@answering
async def committee_show(
    name: str, with_pool: bool, who: tuple[str, str], realm: str, as_json: bool
) -> None:
    """备案、组成和专家库人数；--pool 对本评委会办公室、职改办和运维列出专家。"""
    async with session.office(realm) as opened:
        found = await opened.reading.filed_committee(name, realm)
        if found is None:
            raise not_found(f"没有评委会“{name}”。", "zhiping committee list")
        at = await opened.time_in(await opened.realm(realm))
        pool = await opened.reading.pool(name, realm)
        circle = seeing.Circle(office=found.office, city_office=found.city_office)
        actor = await opened.actor(who, realm, at)
        entitled = with_pool and seeing.sees(seeing.Section.POOL, actor, circle)
        known = [item.id for item in pool] if entitled else []
        contacts = await opened.reading.expert_contacts(known, realm)
    counts = pool_numbers.counted(pool, at.date())
    if as_json:
        shown = {"experts": committee_pages.entries(pool, contacts)} if entitled else {}
        print_json({"committee": found, "pool": counts, **shown})
        return
    tables.show(committee_pages.page(found, counts))
    if entitled:
        tables.show(committee_pages.pool_table(pool, contacts))
    elif with_pool:
        click.echo(CLOSED)


@committee.command("verify-draw", short_help="凭种子重新核验一次抽取。")
@click.option("--seed", required=True, metavar="种子", help="抽取时记录的种子。")
@click.option(
    "--pool",
    "pool_file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="文件",
    help="抽取时的专家库：评委会文件，或 committee show --pool --json 的输出。",
)
@click.option(
    "--on", "meets_on", required=True, type=options.DAY, metavar="日期", help="评审会日期。"
)
@click.option("--seats", type=click.IntRange(1, 99), metavar="人数", help="正选；不写用文件所载。")
@click.option("--spares", type=click.IntRange(0, 99), metavar="人数", help="备选；不写用文件所载。")
@click.option(
    "--profession", "professions", multiple=True, metavar="专业", help="要求有代表的专业。"
)
@click.option("--barred", multiple=True, metavar="专家编号", help="抽取时不得抽取的专家。")
@click.option(
    "--drawn", metavar="编号,编号…", help="当时抽取的专家，按顺序，正选在前；写明时作比对。"
)
@options.as_json
@answering
def committee_verify_draw(
    seed: str,
    pool_file: Path,
    meets_on: date,
    seats: int | None,
    spares: int | None,
    professions: tuple[str, ...],
    barred: tuple[str, ...],
    drawn: str | None,
    as_json: bool,
) -> None:
    """用同一种子对同一专家库重新抽取；不需要内置环境，也不需要专家姓名。"""
    stated = committee_files.read_pool(pool_file)
    pool = stated.pool()
    _check_professions(pool, professions)
    found = rules_draw.draw(
        pool,
        seed=seed,
        seats=stated.committee.seats if seats is None else seats,
        spares=stated.committee.spares if spares is None else spares,
        on=meets_on,
        barred=barred,
        professions=professions,
    )
    if drawn is not None:
        _compare(found, drawn)
    print_of_pool = rules_draw.fingerprint(pool, barred)
    if as_json:
        seated = [item.model_dump(exclude={"person", "standing"}) for item in found]
        agrees = {} if drawn is None else {"agrees": True}
        print_json({"seats": seated, "pool": print_of_pool, **agrees})
        return
    tables.show(committee_pages.draw_table(found), f"专家库指纹：{print_of_pool}")
    if drawn is not None:
        click.echo("与记录的抽取结果一致。")


def _check_professions(pool: Iterable[Expert], asked: Iterable[str]) -> None:
    """Raises `NoAnswer` for a profession that no expert has: it would change nothing, and say nothing."""
    known = {name for item in pool for name in item.professions}
    strange = sorted(set(asked) - known)
    if strange:
        raise not_found(
            f"专家库中没有专业“{'、'.join(strange)}”。",
            f"现有：{'、'.join(sorted(known))}；抽取时写的是哪一个，以抽取记录为准。",
        )


def _compare(found: Iterable[Seat], drawn: str) -> None:
    stated = [name.strip() for name in drawn.replace("，", ",").split(",") if name.strip()]
    repeated = [item.expert for item in found]
    if stated != repeated:
        raise refused(
            "draw_disagrees",
            "重新抽取的结果与所写的不一致：应为 " + "、".join(repeated) + "。",
            "40号令 第11条",
            "请核对种子、评审会日期和抽取时的专家库；均无误的，请向职改办反映。",
        )


commands: list[click.Command] = [committee]
