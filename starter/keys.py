"""`zhiping keys`: the identity key is changed while everybody goes on (docs/production.md)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import refused
from starter.later import later

with later():
    from activities import content_keys
    from config import keys as key_text
    from starter import session
    from workflows.rules import message

if TYPE_CHECKING:
    from activities.content_keys import ContentKeys
    from starter.desk.office import Office

    Who = tuple[str, str]


@click.group("keys")
def keys() -> None:
    """身份密钥封存记录自己的各把内容密钥，内容密钥封存姓名、证件号和文字。更换身份密钥时各项办理照常。

    次序：new 生成一把，写在 ZHIPING_IDENTITY_KEY 旧的一把之前（逗号分隔），逐一重启各进程；rotate；finish；
    再从设置中去掉旧的一把；最后 begin，此后的内容用新的内容密钥。办法见 docs/production.md。
    """


@keys.command("new", short_help="生成一把身份密钥。")
@answering
def new() -> None:
    """输出一把新的身份密钥；不改变任何设置。"""
    click.echo(key_text.new_key())


@keys.command("status", short_help="各把内容密钥在哪一把身份密钥之下。")
@options.acting_as()
@options.as_json
@answering
async def status(who: Who, as_json: bool) -> None:
    """身份密钥以八位代号显示，由代号推不出密钥。"""
    async with session.office() as opened:
        store = await _of_operations(opened, who)
        found = await store.all()
    lines = [
        {"number": item.number, "begins_at": item.begins_at, "under": sorted(item.under)}
        for item in found
    ]
    if as_json:
        print_json({"active": store.active, "keys": lines})
        return
    click.echo(f"现用身份密钥：{store.active}")
    for item in found:
        begins = f"{message.local(item.begins_at):%Y-%m-%d %H:%M} 起"
        click.echo(f"  内容密钥 {item.number}，{begins}，在 {'、'.join(sorted(item.under))} 之下")


@keys.command("rotate", short_help="把各把内容密钥另封一份于新的身份密钥之下。")
@options.acting_as()
@options.as_json
@answering
async def rotate(who: Who, as_json: bool) -> None:
    """分批进行，可以中断，再执行一次即接着办；旧的一份都留着，任何进程都照常读出。"""
    done = 0
    async with session.office() as opened:
        store = await _of_operations(opened, who)
        async for count in store.rewrap(datetime.now(UTC)):
            done += count
            if not as_json:
                click.echo(f"已另封 {done} 把。")
    if as_json:
        print_json({"active": store.active, "rewrapped": done})
    else:
        click.echo("全部内容密钥都在现用身份密钥之下。\n   下一步：zhiping keys finish --as …")


@keys.command("finish", short_help="去掉旧身份密钥之下的各份。")
@options.acting_as()
@options.as_json
@answering
async def finish(who: Who, as_json: bool) -> None:
    """此后旧的身份密钥不能再读出任何内容。须先确认所有进程都已带着新的一把重启。"""
    async with session.office() as opened:
        store = await _of_operations(opened, who)
        try:
            gone = await store.finish()
        except content_keys.KeysUnfinishedError as err:
            raise refused(
                "keys_unfinished",
                f"还有 {err.left} 把内容密钥不在现用身份密钥之下，没有改动。",
                next_step="请先执行 zhiping keys rotate --as …。",
            ) from None
    if as_json:
        print_json({"active": store.active, "gone": gone})
    else:
        click.echo(f"已去掉 {'、'.join(gone) or '零把'} 之下的各份，现用 {store.active}。")
        click.echo("   下一步：从 ZHIPING_IDENTITY_KEY 中去掉旧的一把；zhiping keys begin --as …")


@keys.command("begin", short_help="起用一把新的内容密钥。")
@options.acting_as()
@options.as_json
@answering
async def begin(who: Who, as_json: bool) -> None:
    """十分钟后起，新的内容以新的内容密钥封存；以前的仍以原来的读出。每年和每次更换身份密钥后办一次。

    上一版程序的工作进程不认得新的内容密钥：须在它们都停了以后办理。
    """
    async with session.office() as opened:
        store = await _of_operations(opened, who)
        number, begins = await store.begin(datetime.now(UTC))
    if as_json:
        print_json({"number": number, "begins_at": begins})
    else:
        click.echo(f"内容密钥 {number}，{message.local(begins):%Y-%m-%d %H:%M} 起用。")


async def _of_operations(opened: Office, who: Who) -> ContentKeys:
    """The record's keys, for operations alone. Raises `NoAnswer` `not_entitled` for anybody else."""
    await opened.check_operates(who, "更换身份密钥由运维人员办理。")
    return content_keys.ContentKeys(opened.pool, opened.settings.identity_keys())


commands: list[click.Command] = [keys]
