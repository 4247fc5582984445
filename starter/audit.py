"""`zhiping audit`: whether the record is as it was written, here or offline from an export."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import No, NoAnswer, Reason, refused
from starter.later import later
from starter.private_files import PRIVATE_FILE, why_zh

with later():
    from activities import wording
    from activities.audit import anchors, export, lines, verifying
    from starter import session


if TYPE_CHECKING:
    from activities.audit.verifying import AnyLine, Verified
    from starter.desk.office import Office, Who

SHOWN = 20
"""Findings that are listed; `--json` has them all."""
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("audit")
def audit() -> None:
    """每一条应当保存的记录，写入时都在其所属事项的写入凭据（散列链）中留下一环。

    每天对全部凭据作一次封签（签名）；改动、删除、调换任何一条记录，核验时都会发现。
    """


@audit.command("verify", short_help="核验记录，或者离线核验一份导出文件。")
@click.argument("file", required=False, type=FILE, metavar="[导出文件]")
@click.option(
    "--key", default="", metavar="公钥", help="封签的公钥（audit anchor 给出），由核验人另行取得。"
)
@click.option(
    "--earlier", type=FILE, metavar="导出文件", help="较早的一份导出：其中的封签必须都还在。"
)
@click.option(
    "--as",
    "who",
    type=options.WHO,
    metavar="人员@机构",
    help="运维人员，写作 姓名@zhiping；只在核验本系统的数据库时需要。",
)
@options.as_json
@answering
async def audit_verify(
    file: Path | None, key: str, earlier: Path | None, who: Who | None, as_json: bool
) -> None:
    """不写文件时由运维人员核验本系统的数据库；写文件时不需要任何系统，只读这个文件。

    没有发现问题为 0；发现问题的，逐条列出，退出码为 3。
    """
    roots = verifying.verified(_lines(earlier)).roots if earlier else {}
    if file is not None:
        found = verifying.verified(_lines(file), _public_key(key), roots)
    else:
        if who is None:
            options.check_may_be_nobody()
        async with session.office() as opened:
            await _operations_only(opened, who or options.OPERATOR_HERE)
            # Whoever has the identity key need not believe what the database says of it.
            verifier = verifying.Verifier(
                _public_key(key) or opened.identity.verification_key.hex()
            )
            async for line in export.exported(opened.pool, opened.identity):
                verifier.take(line)
        found = verifier.result(roots)
    _tell(found, offline=file is not None and not key, as_json=as_json)


@audit.command("export", short_help="封签，并导出全部凭据和记录。")
@click.option(
    "--to",
    "file",
    required=True,
    metavar="文件",
    type=options.Out(anew=True),
    help="写到哪个文件；已有的不覆盖。",
)
@options.acting_as()
@options.as_json
@answering
async def audit_export(file: Path, who: Who, as_json: bool) -> None:
    """先作一次封签，再导出；个人信息和文字仍是密文。请存放在本系统之外。"""
    async with session.office() as opened:
        await _operations_only(opened, who)
        anchor = await anchors.Anchors(opened.pool, opened.identity).make()
        count = 0
        with os.fdopen(_created(file), "w", encoding="utf-8") as target:
            async for line in export.exported(opened.pool, opened.identity):
                target.write(line.model_dump_json() + "\n")
                count += 1
    if as_json:
        print_json({"file": str(file), "lines": count, "anchor": anchor})
    else:
        click.echo(f"已作第 {anchor.number} 次封签，导出 {count} 行：{file}")


@audit.command("anchor", short_help="立即封签，给出公钥。")
@options.acting_as()
@options.as_json
@answering
async def audit_anchor(who: Who, as_json: bool) -> None:
    """平时每天自动封签一次。封签的根值和公钥可以公布或者另行保存，供日后核对。"""
    async with session.office() as opened:
        await _operations_only(opened, who)
        anchor = await anchors.Anchors(opened.pool, opened.identity).make()
        key = opened.identity.verification_key.hex()
    if as_json:
        print_json({"anchor": anchor, "public_key": key})
        return
    click.echo(f"已作第 {anchor.number} 次封签，涉及 {anchor.chains} 条凭据链。")
    click.echo(f"根值：{anchor.root}\n公钥：{key}")


async def _operations_only(opened: Office, who: Who) -> None:
    """Raises `NoAnswer` `not_entitled` for anybody but operations."""
    await opened.check_operates(who, "封签、导出和核验数据库由运维人员办理。")


def _created(file: Path) -> int:
    """A new file that its owner alone may read."""
    try:
        return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    except FileExistsError:
        raise refused(
            "already_exists", f"文件已存在：{file}。", next_step="请换一个文件名。"
        ) from None
    except OSError as err:
        raise refused("unwritable", f"文件不能写入：{file}（{why_zh(err)}）。") from None


def _public_key(stated: str) -> str:
    """Raises `click.UsageError` for what is no key."""
    try:
        if not stated or len(bytes.fromhex(stated)) == 32:  # noqa: PLR2004 - Ed25519
            return stated
    except ValueError:
        pass
    raise click.UsageError("公钥应为64位十六进制数。")


def _lines(file: Path) -> Iterator[AnyLine]:
    """The lines of an export.

    Raises:
        NoAnswer: `unreadable`.
    """
    try:
        with file.open(encoding="utf-8") as source:
            for line in source:
                yield lines.LINE.validate_json(line)
    except (ValueError, OSError):
        raise refused("unreadable", f"不是导出文件，或者已损坏：{file}。") from None


def _tell(found: Verified, *, offline: bool, as_json: bool) -> None:
    """Print what was seen; raises `NoAnswer` where anything is wrong."""
    seen = {
        "rows": found.rows,
        "entries": found.entries,
        "chains": found.chains,
        "anchors": len(found.roots),
        "last_anchor_at": found.last_anchor_at,
        "after_anchor": found.after_anchor,
        "public_key": found.public_key,
        "key_checked": not offline,
    }
    if as_json and found.sound:
        print_json({"sound": True, **seen})
        return
    if not as_json:
        click.echo(
            f"记录 {found.rows} 条，凭据 {found.entries} 环、{found.chains} 条链，"
            f"封签 {len(found.roots)} 次；最后一次封签之后又有 {found.after_anchor} 环。"
        )
        if offline:
            click.echo(f"封签的公钥取自文件本身，请与公布的核对：{found.public_key}")
    if found.sound:
        click.echo("没有发现问题。")
        return
    if not as_json:
        for item in found.findings[:SHOWN]:
            place = " ".join(filter(None, (item.subject, item.source, item.key)))
            click.echo(f"  {wording.label('audit_faults', item.fault)}：{place}")
    findings = [item.model_dump(mode="json") for item in found.findings]
    more: dict[str, Any] = {"findings": findings, **seen} if as_json else {}
    raise NoAnswer(
        No.REFUSED,
        Reason(
            "record_not_sound",
            f"发现 {len(findings)} 处问题，记录不是写入时的样子。",
            next="请保全数据库和日志，勿作改动，按运维手册处理。",
        ),
        **more,
    )


commands: list[click.Command] = [audit]
