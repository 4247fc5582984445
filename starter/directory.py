"""`zhiping directory`: organisations, members and their rights from day to day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import not_found, refused
from starter.later import later
from starter.operating import operated, operation

with later():
    from activities import covers, seeing, wording
    from config import directory_files
    from starter import session, tables
    from starter.desk import standing_in
    from workflows.rules import covering


if TYPE_CHECKING:
    from activities.views import OrganisationView
    from starter.desk.office import Office, Who


@click.group("directory")
def directory() -> None:
    """机构及其联系人（附件2）、经办人员，以及谁从哪天起到哪天止可以代表哪个机构。"""


@directory.command("lint", short_help="核对一个名录文件。")
@options.file_argument
@options.as_json
@answering
def directory_lint(file: Path, as_json: bool) -> None:
    """核对名录文件：上级、区县职改办、联系电话、授权是否齐全。"""
    directory_files.read_sound(file)
    if as_json:
        print_json({"sound": True})
    else:
        click.echo(f"{file.name}：可以导入。")


@directory.command("import", short_help="导入名录文件。")
@options.file_argument
@operation(options.OPERATOR)
@answering
async def directory_import(file: Path, **call: Any) -> None:
    """导入或更新机构与人员；文件中没有的不会删除。违反管理员规定的授权整体不予导入。"""
    stated = directory_files.read(file).model_dump(mode="json", by_alias=True)
    await operated(
        "import_directory", stated, lambda done: f"已导入机构和人员共 {done.count} 条。", **call
    )


@directory.command("grant", short_help="授予管理权限。")
@click.argument("member", type=options.WHO, metavar="人员@机构")
@click.option(
    "--from", "starts_on", type=options.DAY, metavar="日期", help="起始日；不填即时生效。"
)
@click.option("--to", "ends_on", type=options.DAY, metavar="日期", help="最后一日；不填为长期。")
@click.option("--supervisor", is_flag=True, help="负责人：可特批退回，可作第二经办人。")
@operation(options.OPERATOR)
@answering
async def directory_grant(
    member: tuple[str, str],
    starts_on: date | None,
    ends_on: date | None,
    supervisor: bool,
    **call: Any,
) -> None:
    """授予一人对一个机构的职称管理权限；与其在办申报相冲突的不予授予。"""
    stated: dict[str, object] = {"person": member[0], "organisation": member[1]}
    stated |= {"from": starts_on} if starts_on else {}
    stated |= {"to": ends_on} if ends_on else {}
    stated |= {"supervisor": True} if supervisor else {}
    await operated(
        "grant",
        stated,
        lambda done: "已授权。" if done.count else "已有同样的授权，未重复。",
        **call,
    )


@directory.command("revoke", short_help="收回管理权限。")
@click.argument("member", type=options.WHO, metavar="人员@机构")
@click.option("--to", "ends_on", type=options.DAY, metavar="日期", help="最后一日；不填即时收回。")
@operation(options.OPERATOR)
@answering
async def directory_revoke(
    member: tuple[str, str],
    ends_on: date | None,
    **call: Any,
) -> None:
    """收回一人对一个机构的职称管理权限；过往的权限仍可查。"""
    stated = {"person": member[0], "organisation": member[1]}
    stated |= {"to": ends_on.isoformat()} if ends_on else {}
    await operated("revoke_grant", stated, lambda done: f"已收回 {done.count} 项权限。", **call)


@directory.group("deputy", short_help="负责人不在岗时的代理。")
def deputy() -> None:
    """负责人不在岗时，由本机构一名经办人代理：指定、终止、查看。

    代理人以自己的名义办理，记录、通知和文书同时写明两人；两人按一人计，不得互为复核。
    """


@deputy.command("name", short_help="指定代理人。")
@click.argument("member", type=options.WHO, metavar="代理人@机构")
@click.option("--for", "principal", default="", metavar="负责人", help="不填为本人。")
@click.option(
    "--from", "starts_on", type=options.DAY, required=True, metavar="日期", help="起始日。"
)
@click.option("--to", "ends_on", type=options.DAY, required=True, metavar="日期", help="最后一日。")
@click.option(
    "--act", "acts", multiple=True, metavar="事项", help="代理的事项，可以写多次；不填为全部。"
)
@click.option("--reason", required=True, metavar="理由", help="为何不在岗，加密保存。")
@operation()
@answering
async def deputy_name(
    member: tuple[str, str],
    principal: str,
    starts_on: date,
    ends_on: date,
    acts: tuple[str, ...],
    reason: str,
    **call: Any,
) -> None:
    """由负责人本人、上级或者运行人员提出，另一人确认后生效；代理人不得提出也不得确认。"""
    if unknown := set(acts) - set(covering.LENDABLE):
        raise click.UsageError(
            f"不能代理：{'、'.join(sorted(unknown))}。可以代理的有：{'、'.join(covering.LENDABLE)}。"
        )
    stated = {
        "organisation": member[1],
        "principal": principal,
        "deputy": member[0],
        "from": starts_on.isoformat(),
        "to": ends_on.isoformat(),
        "acts": acts,
        "reason": reason,
    }
    await operated("name_deputy", stated, "已指定代理人。", **call)


@deputy.command("end", short_help="终止代理。")
@click.argument("cover", metavar="编号")
@operation()
@answering
async def deputy_end(cover: str, **call: Any) -> None:
    """由负责人、代理人、上级或者运行人员随时终止，即时生效。"""
    await operated("end_deputy", {"cover": cover}, "代理已终止。", **call)


@deputy.command("list", short_help="查看一个机构的代理。")
@click.argument("organisation", metavar="机构")
@options.page
@options.realm
@options.acting_as(options.OPERATOR)
@options.as_json
@answering
async def deputy_list(
    organisation: str, realm: str, who: Who, limit: int, after: str, as_json: bool
) -> None:
    """现在的和以往的，后指定的在前；只给本机构、其上级、职改办和运维人员查看。"""
    async with session.office(realm) as opened:
        at = await opened.time_in(await opened.realm(realm))
        one = await opened.reading.organisation(organisation, realm)
        if one is None:
            raise not_found(f"名录中没有机构“{organisation}”。", "zhiping directory show")
        actor = await opened.actor(who, realm, at)
        circle = await _circle(opened, one, who, realm)
        if not seeing.sees(seeing.Section.GRANTS, actor, circle):
            raise refused("not_entitled", "代理名单只给本机构、其上级、职改办和运维人员查看。")
        found, following = await covers.covers_of(
            opened.pool, organisation, at, realm, limit=limit, after=after
        )
        names = await opened.reading.names_of(standing_in.people_in(found), realm)
    found = standing_in.named(found, names)
    if as_json:
        print_json(found)
        return
    rows = (
        (
            item.id,
            f"{item.principal_name}（{item.principal}）",
            f"{item.deputy_name}（{item.deputy}）",
            *standing_in.told(item, at),
        )
        for item in found
    )
    headings = ("编号", "负责人", "代理人", "日期", "事项", "现状")
    tables.show(tables.listing("代理", headings, rows), *options.next_page(following))


@directory.command("change-person", short_help="更改一人的姓名，或者登记其新的工作单位。")
@click.argument("person", metavar="人员")
@click.option("--name", default="", metavar="姓名", help="新的姓名。")
@click.option(
    "--employer", default="", metavar="单位", help="新的工作单位；已提交的申报仍按原渠道办理。"
)
@click.option("--source", required=True, metavar="依据", help="所核对的证明材料，加密保存。")
@operation()
@answering
async def directory_change_person(
    person: str,
    name: str,
    employer: str,
    source: str,
    **call: Any,
) -> None:
    """由办公室或者运行人员凭证明材料提出，另一人确认后生效；原来的姓名仍在记录中。"""
    if not (name or employer):
        raise click.UsageError("--name、--employer 至少写一项。")
    stated = {"person": person, "name": name, "employer": employer, "source": source}
    await operated("change_person", stated, "已更改。", **call)


@directory.command("show", short_help="查看机构和有权限的人。")
@click.argument("organisation", required=False, metavar="[机构]")
@options.page
@options.realm
@options.acting_as(options.OPERATOR)
@options.as_json
@answering
async def directory_show(
    organisation: str | None, realm: str, who: Who, limit: int, after: str, as_json: bool
) -> None:
    """按编号列出机构；写明机构时给出其联系人，以及现在可以代表它的人：只给本机构、其上级、职改办和运维人员。

    --after 写上一页最后的编号。
    """
    async with session.office(realm) as opened:
        at = await opened.time_in(await opened.realm(realm))
        actor = await opened.actor(who, realm, at)
        if organisation is None:
            known = await opened.reading.organisations(realm, after=after, limit=limit + 1)
            found = known[:limit]
            following = found[-1].id if len(known) > limit else ""
            if as_json:
                print_json(found)
                return
            rows = (
                (
                    item.id,
                    item.name,
                    wording.label("organisations", item.kind),
                    item.superior,
                    item.phone,
                )
                for item in found
            )
            headings = ("编号", "名称", "类别", "上级", "电话")
            tables.show(tables.listing("机构", headings, rows), *options.next_page(following))
            return
        one = await opened.reading.organisation(organisation, realm)
        if one is None:
            raise not_found(f"名录中没有机构“{organisation}”。", "zhiping directory show")
        shown = seeing.sees(seeing.Section.GRANTS, actor, await _circle(opened, one, who, realm))
        people = await opened.reading.people_of(organisation, at, realm) if shown else ()
    if as_json:
        print_json({"organisation": one} | ({"people": people} if shown else {}))
        return
    rows_of_one = (
        ("名称", one.name),
        ("类别", wording.label("organisations", one.kind)),
        ("上级", one.superior),
        ("联系人", f"{one.contact} {one.phone} {one.email}".strip()),
    )
    grants = (
        (
            grant.person,
            grant.name,
            wording.label("roles", grant.role),
            tables.moment(grant.starts_at),
            tables.moment(grant.ends_at) or "长期",
        )
        for grant in people
    )
    tables.show(tables.facts(f"机构 {one.id}", rows_of_one))
    if shown:
        tables.show(tables.listing("可以代表它的人", ("编号", "姓名", "身份", "自", "至"), grants))
    else:
        click.echo("可以代表它的人：只给本机构、其上级、职改办和运维人员查看。")


async def _circle(opened: Office, one: OrganisationView, who: Who, realm: str) -> seeing.Circle:
    """Whom an organisation's rights concern: itself, and who is above it."""
    above = await opened.reading.above((one.superior, one.agency), realm)
    keepers = await opened.keepers(who, realm)
    return seeing.Circle(own=(one.id,), chain=above, city_office=keepers.city_office)


commands: list[click.Command] = [directory]
