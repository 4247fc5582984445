"""`zhiping notices`: what was told to whom, whether it arrived, and sending it again."""

from __future__ import annotations

from typing import Any

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import not_found
from starter.later import later
from starter.operating import operated, operation
from workflows.rules.names import Rhythm

with later():
    from activities import database, seeing, wording
    from starter import session, tables
    from starter.desk import eyes as desk_eyes


@click.group("notices")
def letters() -> None:
    """每一份通知、送达情况，以及未送达时的处理。"""


@letters.command("list", short_help="列出通知。")
@click.argument("application", required=False, metavar="[申报]")
@options.page
@options.acting_as(options.OPERATOR)
@options.realm
@options.as_json
@answering
async def notices_list(
    application: str | None,
    who: tuple[str, str],
    realm: str,
    limit: int,
    after: str,
    as_json: bool,
) -> None:
    """一件申报的全部通知；不写申报时列出须人工处理的（退回、无地址、是否送达不明）。"""
    following = ""
    async with session.office(realm) as opened:
        if application is None:
            await opened.check_sees(seeing.Section.LETTERS, who, realm, seeing.Circle())
            found, following = await opened.reading.unsettled_letters(
                realm, limit=limit, after=after
            )
        else:
            case = await opened.case(application)
            eyes = await desk_eyes.eyes_of(opened, who, case)
            found = eyes.letters(await opened.reading.letters(case.application))
        short = await opened.reading.short_letters(letter.id for letter in found)
    if as_json:
        print_json(found)
    else:
        tables.show(tables.letter_list(found, short), *options.next_page(following))


@letters.command("show", short_help="一份通知。")
@click.argument("letter", metavar="通知编号")
@options.acting_as(options.OPERATOR)
@options.as_json
@answering
async def notices_show(letter: str, who: tuple[str, str], as_json: bool) -> None:
    """一份通知的种类、收件人、内容要素和送达情况。"""
    async with session.office() as opened:
        found = await opened.reading.letter(letter)
        if found is None:
            raise not_found(f"没有通知“{letter}”。", "zhiping notices list 申报")
        if found.application:
            eyes = await desk_eyes.eyes_of(opened, who, await opened.case(found.application))
            (found,) = eyes.letters([found])
        else:
            meeting = await opened.reading.meeting(found.meeting) if found.meeting else None
            realm = meeting.realm if meeting else database.LIVE
            circle = (
                seeing.Circle(office=meeting.office, city_office=meeting.city_office)
                if meeting
                else seeing.Circle()
            )
            await opened.check_sees(seeing.Section.LETTERS, who, realm, circle)
    if as_json:
        print_json(found)
        return
    rows = [
        ("种类", wording.label("letters", found.kind)),
        ("申报", found.application or (f"评审会 {found.meeting_number}" if found.meeting else "")),
        ("收件", found.organisation or found.person or wording.label("parties", found.party)),
        ("状态", wording.label("letter_states", found.state)),
        ("送出次数", str(found.attempts)),
        ("说明", found.error),
        ("生成时间", tables.moment(found.ordered_at)),
        ("送出时间", tables.moment(found.settled_at)),
        ("邮件编号", found.message_id),
        ("重发自", found.resend_of),
        ("随汇总通知", "、".join(found.carried_by)),
        ("写明的最后一日", found.params.get("deadline_on", "")),
    ]
    tables.show(tables.facts(f"通知 {found.id}", rows))


@letters.command("resend", short_help="重发一份通知。")
@click.argument("letter", metavar="通知编号")
@operation(options.OPERATOR)
@answering
async def notices_resend(letter: str, **call: Any) -> None:
    """另发一份相同的通知；原来的一份保持原状。"""
    async with session.office() as opened:
        found = await opened.reading.letter(letter)
    await operated(
        "resend_letter",
        {"letter": found.id if found else letter},
        lambda done: f"已重发，新的通知编号 {done.params.get('letter', '')}。",
        **call,
    )


@letters.command("change-address", short_help="更改一人或一个机构的联系方式。")
@click.option("--person", default="", metavar="人员", help="人员编号。")
@click.option("--organisation", default="", metavar="机构", help="机构编号。")
@click.option("--email", default="", metavar="邮箱", help="新的电子邮箱。")
@click.option("--phone", default="", metavar="电话", help="新的电话。")
@click.option("--address", default="", metavar="地址", help="新的通讯地址。")
@click.option("--source", default="", metavar="依据", help="不是本人更改的：从何得知，加密保存。")
@operation(options.OPERATOR)
@answering
async def notices_change_address(
    person: str,
    organisation: str,
    email: str,
    phone: str,
    address: str,
    source: str,
    **call: Any,
) -> None:
    """更改联系方式；没有写的保持不变。此后的通知发往新地址，已退回的须另行重发。

    更改他人的联系方式，须写明依据，并由另一人确认。
    """
    if bool(person) == bool(organisation):
        raise click.UsageError("--person 与 --organisation 须写明其中一个。")
    stated = {"email": email, "phone": phone, "address": address}
    if not any(stated.values()):
        raise click.UsageError("--email、--phone、--address 至少写一项。")
    stated |= {"person": person, "organisation": organisation, "source": source}
    await operated("change_address", stated, "已更改。", **call)


@letters.command("choose", short_help="选择待办通知的接收方式。")
@click.option("--person", default="", metavar="人员", help="人员编号：本人作为各机构经办人时。")
@click.option("--organisation", default="", metavar="机构", help="机构编号。")
@click.option(
    "--how",
    "rhythm",
    required=True,
    type=click.Choice([*Rhythm, "usual"]),
    help="随到随发、每日汇总、每周汇总；usual 为撤回选择。",
)
@operation(options.OPERATOR)
@answering
async def notices_choose(person: str, organisation: str, rhythm: str, **call: Any) -> None:
    """选择机构的待办、提醒和催办怎样告知；有法律效力的和发给申报人的通知始终随到随发。

    机构的选择由本机构经办人作出，个人的由本人作出。原来等待汇总的立即发出，此后按新的方式。
    """
    if bool(person) == bool(organisation):
        raise click.UsageError("--person 与 --organisation 须写明其中一个。")
    stated = {"person": person, "organisation": organisation, "rhythm": rhythm}
    chosen = f"已改为{wording.label('rhythms', rhythm)}。" if rhythm != "usual" else "已撤回选择。"
    await operated("choose_letters", stated, chosen, **call)


commands: list[click.Command] = [letters]
