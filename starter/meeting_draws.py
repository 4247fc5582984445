"""`zhiping meeting`: the draw of the experts by two offices, its record, and the draw made again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import not_found, refused
from starter.later import later
from starter.meeting_desk import meeting_act, reason
from starter.private_files import is_file

with later():
    from activities import seeing
    from config import reading
    from starter import draw_values, meeting_pages, session, tables
    from starter.desk import acting
    from workflows.rules import draw

if TYPE_CHECKING:
    from starter.desk.acting import Stated

draws = click.Group("draws")
"""Its commands are those of `zhiping meeting`."""


@meeting_act(draws, "draw", "draw", "随机抽取评审专家。")
@click.option(
    "--profession", "professions", multiple=True, metavar="专业", help="要求有代表的专业。"
)
@reason
def meeting_draw(professions: tuple[str, ...], reason: str) -> Stated:
    """锁定专家库并取得系统随机数；职改办揭示随机值后产生专家和备选专家，可用 verify-draw 核验。"""
    return {"professions": professions, "reason": reason}


@meeting_act(draws, "commit-draw", "commit_draw", "职改办承诺抽取用的随机值。")
@click.option(
    "--value-file",
    type=options.Out(),
    metavar="文件",
    help="保存随机值的文件；没有的，生成一个随机值并写入（仅本人可读），揭示时再用。",
)
@click.option("--commitment", metavar="摘要", help="已经另行生成的：随机值的 SHA-256 摘要。")
@reason
def meeting_commit_draw(value_file: Path | None, commitment: str | None, reason: str) -> Stated:
    """只登记随机值的摘要，随机值自行保存；放弃尚未揭示的抽取、另作承诺的，写明理由。"""
    if (value_file is None) == (commitment is None):
        raise click.UsageError("请写明 --value-file 或者 --commitment 其中之一。")
    if value_file is not None:
        commitment = draw.commitment_to(draw_values.kept_value(value_file, new=True))
    return {"commitment": commitment, "reason": reason}


@meeting_act(draws, "reveal-draw", "reveal_draw", "职改办揭示随机值，产生评审专家。")
@click.option(
    "--value-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="文件",
    help="承诺时保存随机值的文件。",
)
@click.option("--value", metavar="随机值", help="另行生成的：随机值本身，64 位十六进制。")
def meeting_reveal_draw(value_file: Path | None, value: str | None) -> Stated:
    """揭示抽取以前承诺的随机值，由它和系统随机数产生种子，抽取评审专家和备选专家。"""
    if (value_file is None) == (value is None):
        raise click.UsageError("请写明 --value-file 或者 --value 其中之一。")
    return {"value": value if value_file is None else draw_values.kept_value(value_file)}


@meeting_act(draws, "request-redraw", "request_redraw", "申请重新抽取评审专家。")
@reason
def meeting_request_redraw(reason: str) -> Stated:
    """写明理由；由办公室另一人在规定时间内用 draw 办理，次数有上限。"""
    return {"reason": reason}


@draws.command("draw-record", short_help="公布用的抽取记录，任何人可以凭以核验。")
@click.argument("meeting", metavar="评审会")
@click.option("--draw", "number", type=options.NUMBER, metavar="第几次", help="不写则最后一次。")
@click.option(
    "--out",
    type=options.Out(),
    metavar="文件",
    help="写入这个文件；不写则显示。",
)
@options.acting_as("anyone")
@options.as_json
@answering
async def meeting_draw_record(
    meeting: str, number: int | None, out: Path | None, who: tuple[str, str], as_json: bool
) -> None:
    """一次抽取的承诺、系统随机数、揭示的随机值、种子、专家库指纹和结果，只有专家编号，没有姓名和单位。

    结果签字以前只给本评委会办公室的人员（40号令 第24条），签字以后任何人可以取得。核验：verify-draw 文件。
    """
    records = await _of_meeting(meeting, who)
    wanted = [item for item in records if number in (None, item.drawn.number)]
    if not wanted:
        raise not_found("没有这次抽取，或者随机值还没有揭示。", f"zhiping meeting show {meeting}")
    if out is None or as_json:
        print_json(wanted[-1])
    if out is None:
        return
    shown = json.dumps(wanted[-1].model_dump(mode="json"), ensure_ascii=False, indent=2)
    _keep(out, shown)
    if not as_json:
        click.echo(f"抽取记录已写入 {out}。")


@draws.command("verify-draw", short_help="重新抽取并核对：凭公布的记录，或者凭系统中的记录。")
@click.argument("meeting", metavar="记录文件|评审会")
@options.acting_as("anyone")
@options.as_json
@answering
async def meeting_verify_draw(meeting: str, who: tuple[str, str], as_json: bool) -> None:
    """凭 draw-record 公布的文件离线核验：不连接系统，不需要专家姓名。写评审会的，核验系统记录的每一次抽取。

    核对承诺的摘要、种子的产生、抽取开始时的专家库指纹，并按种子重新抽取，看是不是同样的专家；不显示专家。
    结果签字以前，系统中的记录只给本评委会办公室的人员核验。
    """
    record = _in_file(Path(meeting))
    records = [record] if record else await _of_meeting(meeting, who)
    found = [(record, draw.faults_of(record)) for record in records]
    if as_json:
        print_json(
            [
                {"draw": record.drawn, "faults": faults, "agrees": not faults}
                for record, faults in found
            ]
        )
    else:
        tables.show(meeting_pages.draw_table(found))
    if any(faults for _, faults in found):
        raise refused(
            "draw_disagrees",
            "抽取记录核对不符。",
            "40号令 第11条",
            "请向职改办反映，并保留记录。",
        )


async def _of_meeting(reference: str, who: tuple[str, str]) -> Sequence[draw.DrawRecord]:
    """A meeting's draws, for whoever they are: its office, and anybody once it is signed.

    Raises:
        NoAnswer: no such meeting; `not_entitled`.
    """
    async with session.office() as opened:
        found = await acting.meeting_of(opened, reference)
        if found.signed_on is None and not await meeting_pages.may_see(
            opened, found, who, seeing.Section.SEATS
        ):
            raise refused("not_entitled", meeting_pages.DRAW_CLOSED, "40号令 第24条")
        return await opened.reading.draws(found.meeting)


def _in_file(path: Path) -> draw.DrawRecord | None:
    """The published record in a file; None where there is no such file."""
    if not is_file(path):
        return None
    text = reading.read_text(path)
    try:
        return draw.DrawRecord.model_validate_json(text)
    except ValueError:
        raise refused(
            "record_unreadable",
            f"文件“{path.name}”不是抽取记录。",
            next_step="请重新取得：zhiping meeting draw-record。",
        ) from None


def _keep(path: Path, shown: str) -> None:
    path.write_text(shown + "\n", encoding="utf-8")
