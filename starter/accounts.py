"""`zhiping account`: who may sign in to the console, and the links by which passwords are set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import WaitsForSecond
from starter.later import later
from starter.operating import operated, operation

with later():
    from activities import seeing
    from activities.accounts import logins, store
    from starter import session, tables

LINK = "/yaoqing/"


@click.group("account")
def account() -> None:
    """登录网页的账户：邀请、重置、停用、查看。账户不带权限，能办什么看名录中的授权。"""


@account.command("invite", short_help="邀请一个人开通账户。")
@click.argument("person", metavar="人员")
@click.option("--login", metavar="登录名", help="不写则与人员编号相同；全系统不能重复。")
@operation()
@answering
async def invite(person: str, login: str | None, **call: Any) -> None:
    """邀请一个人开通账户，给出设置密码的链接；停用的账户由此重新启用。

    链接请当面或者用可靠的方式交给本人：七天内有效，只能用一次。有负责人或者运行人员权限的人，须另一人确认后链接才有效。
    """
    await _with_link("invite_account", {"person": person, "login": login or person}, call)


@account.command("reset", short_help="重置一个账户。")
@click.argument("person", metavar="人员")
@operation()
@answering
async def reset(person: str, **call: Any) -> None:
    """忘记密码、丢失验证器时用：原来的密码和验证器作废，已登录的全部退出，给出重新设置密码的链接。"""
    await _with_link("reset_account", {"person": person}, call)


@account.command("disable", short_help="停用一个账户。")
@click.argument("person", metavar="人员")
@operation()
@answering
async def disable(person: str, **call: Any) -> None:
    """立即停用：不能再登录，已登录的全部退出。办理过的事项不受影响；重新启用用 invite。"""
    await operated("disable_account", {"person": person}, "账户已停用。", **call)


@account.command("list", short_help="列出账户。")
@options.acting_as(options.OPERATOR)
@options.realm
@options.as_json
@answering
async def list_accounts(who: tuple[str, str], realm: str, as_json: bool) -> None:
    """谁有账户、是否设置了密码和验证器、最近何时使用。"""
    async with session.office(realm) as opened:
        await opened.check_sees(seeing.Section.ACCOUNTS, who, realm, seeing.Circle())
        found = await store.Accounts(opened.pool, opened.identity).lines(realm)
    if as_json:
        print_json(found)
        return
    headings = ("人员", "登录名", "状态", "验证器", "最近使用", "邀请人")
    rows = [
        (
            line.person,
            line.login,
            "已停用" if line.disabled else "可以登录" if line.has_password else "待设置密码",
            "已绑定" if line.has_second else "",
            tables.moment(line.seen_at) if line.seen_at else "",
            line.created_by,
        )
        for line in found
    ]
    tables.show(tables.listing(f"账户 {len(rows)} 个", headings, rows))


async def _with_link(kind: str, stated: Mapping[str, str], call: dict[str, Any]) -> None:
    """Ask for the operation and give out the link, which nobody but whoever asks ever has.

    Raises:
        WaitsForSecond: the link counts once another human has confirmed it.
    """
    token = logins.new_token()
    who, realm, as_json = call["who"], call["realm"], call["as_json"]
    whole = {**stated, "token_hash": logins.token_hash(token).hex()}
    async with session.office(realm) as opened:
        link = (opened.settings.console_url or "") + LINK + token
        try:
            outcome = await opened.operate(kind, who, whole, realm, call["request_id"])
        except WaitsForSecond:
            click.echo(f"链接（确认后有效）：{link}", err=as_json)
            raise
    if as_json:
        print_json({**outcome.model_dump(mode="json"), "link": link})
    else:
        click.echo(f"已办理。请把链接交给本人，七天内有效，只能用一次：\n  {link}")


commands: list[click.Command] = [account]
