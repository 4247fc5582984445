"""`zhiping upload`: a file handed in for an act, by its own id."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from starter import options
from starter.answers import answering, print_json
from starter.later import later

with later():
    from starter import session, tables
    from starter.desk import uploading


@click.command("upload")
@click.argument("application", metavar="申报")
@click.argument("file", type=click.Path(path_type=Path), metavar="文件")
@options.acting_as()
@options.as_json
@answering
async def upload(application: str, file: Path, who: tuple[str, str], as_json: bool) -> None:
    """上传办理一件申报要用的文件，得到编号；办理时在写文件的地方写这个编号。

    只能用本人上传的文件。可以上传 PDF、JPEG 或 PNG 图片、OFD。
    """
    async with session.office() as opened:
        case = await opened.case(application)
        at = await opened.time_in(await opened.realm(case.realm))
        actor = await opened.actor(who, case.realm, at, case)
        content = await asyncio.to_thread(file.read_bytes)
        found = await uploading.received(opened, actor.person, case.realm, content, file.name)
    if as_json:
        print_json(found)
    else:
        rows = (("编号", found.id), ("名称", found.title), ("大小", uploading.size_zh(found.size)))
        tables.show(tables.facts("已上传", rows))


commands: list[click.Command] = [upload]
