"""`zhiping paper`: make a paper, list what was made, and fetch it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import not_found, refused
from starter.later import later
from starter.private_files import why_zh, write_private

with later():
    from activities import wording
    from activities.papers import store
    from starter import session, tables
    from starter.desk import acting
    from starter.desk import papers as desk_papers
    from workflows.rules import papers as rules_papers


if TYPE_CHECKING:
    from activities.papers.store import PaperView
    from starter.desk.office import Office, Who

SELF = "self"


def _out(function: options.F) -> options.F:
    return click.option(
        "--out",
        type=options.Out(folders=True),
        metavar="文件",
        help="写到这个文件；写文件夹则在其中以文书名称为文件名。",
    )(function)


def _of_meeting(function: options.F) -> options.F:
    return click.option("--meeting", default="", metavar="会议", help="评审会的编号。")(function)


@click.group("paper")
def paper() -> None:
    """公示表、告知书、评审表、证书、结果公示、确认通知等文书（PDF）。

    每份文书按记录出具一次，需要盖章的加盖电子印章；再次出具即取回原件。
    """


@paper.command("render", short_help="出具一份文书。")
@click.argument("kind", metavar="种类")
@click.argument("application", required=False, metavar="[申报]")
@_of_meeting
@click.option(
    "--batch", type=options.NUMBER, default=1, show_default=True, metavar="批次", help="第几批。"
)
@click.option(
    "--seq",
    type=options.NUMBER,
    metavar="序号",
    help="所属的记录序号（批次文书：第几次）；不写为最近一次。",
)
@click.option(
    "--detail", default="", metavar="内容", help="期限计算书：只算这一期限；函复：委托单位编号。"
)
@options.acting_as()
@_out
@options.request_id
@options.as_json
@answering
async def paper_render(
    kind: str,
    application: str | None,
    meeting: str,
    batch: int,
    seq: int | None,
    detail: str,
    who: tuple[str, str],
    out: Path | None,
    request_id: str,
    as_json: bool,
) -> None:
    """出具一件申报或者一批评审结果的文书；种类写错时列出全部。"""
    _known(kind)
    if bool(application) == bool(meeting):
        raise click.UsageError("请写明一件申报，或者用 --meeting 写明评审会，二者选一。")
    async with session.office() as opened:
        about, who, realm = await _about(opened, application, meeting, batch, who)
        params = {"kind": kind, **about, "detail": detail}
        if seq is not None:
            params["seq"] = str(seq)
        outcome = await opened.operate("render_paper", who, {}, realm, request_id, params)
        made = await store.PaperReading(opened.pool).paper(outcome.params["paper"])
        if made is None:
            raise not_found("文书已出具，但没有找到。", "请用同一请求号再试。")
        content = await desk_papers.stored_content(opened, made.sha256) if out else b""
        written = _write(content, made, out) if out else None
    if as_json:
        print_json(_as_json(made, written) | {"made": bool(outcome.count)})
    else:
        _show(made, written, "已出具" if outcome.count else "此前已出具，取回原件")


@paper.command("list", short_help="列出已出具的文书。")
@click.argument("application", required=False, metavar="[申报]")
@_of_meeting
@click.option("--batch", type=options.NUMBER, metavar="批次", help="只列第几批。")
@options.acting_as(options.OPERATOR)
@options.as_json
@answering
async def paper_list(
    application: str | None, meeting: str, batch: int | None, who: Who, as_json: bool
) -> None:
    """一件申报或者一次评审会已经出具的文书中可以查阅的，按所属步骤排列。"""
    if bool(application) == bool(meeting):
        raise click.UsageError("请写明一件申报，或者用 --meeting 写明评审会，二者选一。")
    async with session.office() as opened:
        papers = store.PaperReading(opened.pool)
        if application:
            found = await desk_papers.of_case(opened, await opened.case(application), who)
        else:
            every = await papers.of_meeting(
                (await acting.meeting_of(opened, meeting)).meeting, batch
            )
            found = tuple(
                [item for item in every if await desk_papers.may_open(opened, papers, item, who)]
            )
        short = await papers.short_ids(item.id for item in found)
    if as_json:
        print_json(found)
    else:
        _list(found, short)


@paper.command("open", short_help="取用一份已出具的文书。")
@click.argument("reference", metavar="文书")
@options.acting_as()
@_out
@options.as_json
@answering
async def paper_open(reference: str, who: tuple[str, str], out: Path | None, as_json: bool) -> None:
    """把一份已出具的文书写到文件；只提供给有权查阅的人，公示类文书任何人都可取用。"""
    async with session.office() as opened:
        papers = store.PaperReading(opened.pool)
        found = await papers.paper(reference)
        if found is None:
            raise not_found(f"没有文书“{reference}”。", "zhiping paper list 申报")
        await desk_papers.check_opens(opened, papers, found, who)
        written = _write(
            await desk_papers.stored_content(opened, found.sha256), found, out or Path()
        )
    if as_json:
        print_json(_as_json(found, written))
    else:
        _show(found, written, "文书")


async def _about(
    opened: Office, application: str | None, meeting: str, batch: int, who: Who
) -> tuple[dict[str, str], Who, str]:
    """What the paper is of; an applicant becomes the person of that case."""
    if not application:
        found = await acting.meeting_of(opened, meeting)
        return {"meeting": found.meeting, "batch": str(batch)}, who, found.realm
    case = await opened.case(application)
    if who == ("applicant", SELF):
        who = (case.person, SELF)
    return {"application": case.application}, who, case.realm


def _known(kind: str) -> None:
    if kind not in list(rules_papers.PaperKind):
        known = "，".join(f"{name} {words}" for name, words in wording.labels("papers").items())
        raise not_found(f"没有文书种类“{kind}”。", f"可用：{known}")


def _write(content: bytes, found: PaperView, out: Path) -> Path:
    """Write a paper where it is wanted, readable by whoever asked alone.

    Raises:
        NoAnswer: `file_unavailable`.
    """
    place = out / desk_papers.file_name(found) if out.is_dir() else out
    try:
        write_private(place, content)
    except OSError as err:
        raise refused(
            "file_unavailable",
            f"文书已经出具，但不能写入 {place}（{why_zh(err)}）。",
            next_step=f"换一个位置取用：zhiping paper open {found.id} --as … --out 文件",
        ) from None
    return place


def _show(found: PaperView, written: Path | None, title: str) -> None:
    tables.show(
        tables.facts(
            title,
            (
                ("文书", wording.label("papers", found.kind)),
                ("编号", found.id),
                ("申报", found.application),
                ("评审会", found.meeting),
                ("批次", str(found.batch) if found.batch is not None else ""),
                ("所属步骤", str(found.seq) if found.application else ""),
                ("电子印章", "、".join(found.seals)),
                ("出具时间", tables.moment(found.made_at)),
                ("内容摘要", f"SHA-256 {found.sha256}"),
                ("文件", str(written) if written else ""),
            ),
        )
    )


def _list(found: Sequence[PaperView], short: Mapping[str, str]) -> None:
    rows = (
        (
            item.id,
            wording.label("papers", item.kind),
            str(item.batch if item.batch is not None else item.seq),
            "、".join(item.seals),
            tables.brief(item.made_at),
            f"{max(1, item.size // 1024)} KB",
        )
        for item in found
    )
    heads = ("编号", "文书", "步骤或批次", "电子印章", "出具时间", "大小")
    title = f"文书（{len(found)} 份）"
    tables.show(tables.listing(title, heads, rows, spare=("大小", "电子印章"), short=short))


def _as_json(found: PaperView, written: Path | None) -> dict[str, Any]:
    return {**found.model_dump(mode="json"), "file": str(written) if written else None}


commands: list[click.Command] = [paper]
