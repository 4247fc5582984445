"""`zhiping bulk`: one act on many cases: rehearsed, begun, watched, stopped, tried again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import refused
from starter.later import later
from starter.operating import operation

with later():
    from activities import seeing, views, wording
    from activities.bulks import reading
    from starter import acts, payloads, session, tables
    from starter.desk import bulk_words, bulks, stating

if TYPE_CHECKING:
    from activities.bulks.reading import BulkLineView, BulkView
    from activities.views import RealmView
    from starter.desk.bulks import Chosen, Rehearsal
    from starter.desk.office import Office, Who
    from starter.tables import Part

F = TypeVar("F", bound=Callable[..., Any])


@click.group("bulk")
def bulk() -> None:
    """对多件申报办理同一事项：先排练，看清件数、结果、通知和不能办理的；再开始，可以暂停、撤回、重办。

    每一件都以办理人自己的权限逐件办理，以实际办到该件的时间为准；结束他人申报的，须由另一人确认后才开始。
    """


def choosing(function: F) -> F:
    """Which cases: named one by one, or all of a list."""
    chosen = (
        click.option("--case", "named", multiple=True, metavar="申报", help="选这一件；可以写多次。"),
        click.option("--campaign", default="", metavar="通知", help="选该通知的。"),
        click.option("--stage", default="", metavar="环节", help="选处于该环节的。"),
        click.option("--holder", default="", metavar="机构", help="选由该机构办理的。"),
        click.option("--meeting", default="", metavar="评审会", help="选该评审会的。"),
        click.option("--due-before", "due_by", type=options.DAY, metavar="日期", help="选在该日及以前到期的。"),
        click.option("--with", "stated", default="{}", metavar="JSON|@文件", help="办理内容，各件相同。"),
    )  # fmt: skip
    for option in reversed(chosen):
        function = option(function)
    return function


@bulk.command("rehearse", short_help="排练：看每一件办了会怎样，不办理，不留记录。")
@click.argument("action", metavar="事项")
@choosing
@options.acting_as()
@options.realm
@options.as_json
@answering
async def rehearse(action: str, who: Who, realm: str, as_json: bool, **chosen: Any) -> None:
    """列出能办理的件数、办理后各处于什么环节、发出哪些通知，以及不能办理的每一件和原因。"""
    async with session.office(realm) as opened:
        view = await opened.realm(realm)
        rehearsal = await _rehearsed(opened, view, who, action, chosen)
        await _show_rehearsal(opened, view, rehearsal, as_json=as_json)


@bulk.command("start", short_help="开始：对选中的申报逐件办理。")
@click.argument("action", metavar="事项")
@choosing
@click.option("--leave-out", is_flag=True, help="有不能办理的，不列入，其余照办；不写则都不办。")
@click.option(
    "--stop-after",
    type=options.COUNT,
    metavar="件数",
    help="未办成的达到几件就停下；不写为 5 件。",
)
@operation()
@answering
async def start(
    action: str,
    leave_out: bool,
    stop_after: int | None,
    who: Who,
    realm: str,
    request_id: str,
    as_json: bool,
    **chosen: Any,
) -> None:
    """先排练，再把能办理的逐件办理。用同一请求号再问，是同一次批量办理。"""
    async with session.office(realm) as opened:
        view = await opened.realm(realm)
        known = await bulks.prepared_before(opened, view, who, request_id)
        if known is not None:
            outcome = await bulks.started(opened, who, known, request_id)
        else:
            rehearsal = await _rehearsed(opened, view, who, action, chosen)
            if rehearsal.exceptions and not leave_out:
                raise refused(
                    "ineligible",
                    f"选中的申报中有 {len(rehearsal.exceptions)} 件不能办理这一事项，都没有办理。",
                    next_step="请先用 zhiping bulk rehearse 查看原因；要办理其余的，请加 --leave-out。",
                )
            outcome = await bulks.begun(
                opened, view, who, rehearsal, stop_after=stop_after, request_id=request_id
            )
    name = outcome.params["bulk"]
    if as_json:
        print_json({"bulk": name, "count": outcome.count})
    else:
        click.echo(f"已开始，共 {outcome.count} 件。进度：zhiping bulk show {name}")


@bulk.command("show", short_help="进度和每一件的结果。")
@click.argument("reference", metavar="编号")
@click.option("--failed", is_flag=True, help="只列未办成和没有答复的。")
@click.option("--wait", is_flag=True, help="等到办完、停下或者暂停再显示。")
@options.page
@options.acting_as(options.OPERATOR)
@options.realm
@options.as_json
@answering
async def show(
    reference: str,
    failed: bool,
    wait: bool,
    limit: int,
    after: str,
    who: Who,
    realm: str,
    as_json: bool,
) -> None:
    """办到哪里、为什么停下、每一件办成没有；只给办理人所在机构的人员和运维看。"""
    async with session.office(realm) as opened:
        found = await bulks.bulk_of(opened, who, reference, realm)
        if wait:
            found = await bulks.rested(opened, who, found.id, realm)
        register = reading.BulkReading(opened.pool, opened.identity)
        states = reading.FAILED if failed else ()
        lines, following = await register.lines(found.id, *states, limit=limit, after=after)
        if as_json:
            print_json({**_as_json(found), "lines": lines, "next": following})
            return
        short = await opened.reading.short_ids(line.subject for line in lines)
        rows = [await _row(opened, line, short, realm) for line in lines]
        why = bulk_words.why_zh(found, await bulk_words.reason_of(opened, found))
    headings = ("申报", "申报人", "结果", "原因")
    tables.show(
        tables.facts(f"批量办理：{wording.label('acts', found.action)}", _facts(found, why)),
        tables.listing("各件", headings, rows),
        *options.next_page(following),
    )


@bulk.command("list", short_help="本机构的批量办理。")
@options.page
@options.acting_as(options.OPERATOR)
@options.realm
@options.as_json
@answering
async def bulk_list(limit: int, after: str, who: Who, realm: str, as_json: bool) -> None:
    """最近的在前；运维看到全部机构的。"""
    async with session.office(realm) as opened:
        actor = await opened.actor(who, realm, await opened.time_in(await opened.realm(realm)))
        whose = "" if actor.role == "operations" else actor.organisation
        if not (whose or actor.role == "operations"):
            raise refused("not_entitled", "批量办理只给单位、办公室和运维人员查看。")
        register = reading.BulkReading(opened.pool, opened.identity)
        found, following = await register.bulks(realm, organisation=whose, limit=limit, after=after)
    if as_json:
        print_json({"bulks": [_as_json(item) for item in found], "next": following})
        return
    rows = [
        (
            item.id,
            wording.label("acts", item.action),
            f"{item.person}@{item.organisation}",
            tables.moment(item.prepared_at),
            wording.label("bulk_states", item.state),
            bulk_words.counts_zh(item),
        )
        for item in found
    ]
    headings = ("编号", "事项", "办理人", "提出时间", "现状", "件数")
    tables.show(tables.listing("批量办理", headings, rows), *options.next_page(following))


def _changing(name: str, kind: str, short: str, told: str) -> None:
    """One way to let a bulk go on, or to stop it."""

    @bulk.command(name, short_help=short, help=short)
    @click.argument("reference", metavar="编号")
    @operation()
    @answering
    async def change(reference: str, who: Who, realm: str, request_id: str, as_json: bool) -> None:
        async with session.office(realm) as opened:
            found = await bulks.bulk_of(opened, who, reference, realm)
            outcome = await opened.operate(kind, who, {"bulk": found.id}, realm, request_id)
        if as_json:
            print_json({"bulk": found.id, "count": outcome.count})
        else:
            click.echo(told.format(count=outcome.count))


_changing("pause", "pause_bulk", "暂停：已经问到的办完，其余的等候。", "已暂停。")
_changing("resume", "resume_bulk", "继续：接着办理尚未办理的；未办成的不重办。", "已继续。")
_changing("recall", "recall_bulk", "撤回尚未办理的；已经办理的不变。", "已撤回 {count} 件。")
_changing("retry", "retry_bulk", "只重办未办成和没有答复的。", "正在重办 {count} 件。")


async def _rehearsed(
    opened: Office, realm: RealmView, who: Who, action: str, chosen: dict[str, Any]
) -> Rehearsal:
    row = acts.row_of(action)
    stated = stating.checked(row.payload, payloads.stated_in(chosen.pop("stated")))
    cases = await _chosen(opened, realm, who, chosen)
    return await bulks.rehearsed(opened, realm, who, row, stated, cases)


async def _chosen(
    opened: Office, realm: RealmView, who: Who, chosen: dict[str, Any]
) -> Sequence[Chosen]:
    """Those that are named; else all of a list, for which something of it has to be said."""
    named = chosen.pop("named")
    if named:
        if any(chosen.values()):
            raise click.UsageError("写了 --case 的，不再写其他条件。")
        found = [await opened.case(reference, realm.id) for reference in named]
        return [
            bulks.Chosen(case.application, case.applicant, case.acceptance_number)
            for case in {case.application: case for case in found}.values()
        ]
    if not any(chosen.values()):
        raise click.UsageError("请用 --case 写明各件，或者用 --stage 等条件选定。")
    actor = await opened.actor(who, realm.id, await opened.time_in(realm))
    wanted = views.CaseFilter(
        **chosen, realm=realm.id, only_open=True, whose=seeing.concerning(actor)
    )
    return await bulks.listed(opened, wanted)


async def _show_rehearsal(
    opened: Office, realm: RealmView, rehearsal: Rehearsal, *, as_json: bool
) -> None:
    if as_json:
        print_json(
            {
                "action": rehearsal.action.name,
                "count": len(rehearsal.fit),
                "weighty": rehearsal.weighty,
                "cases": [
                    {"application": item.case.application, **item.shown.model_dump(mode="json")}
                    for item in rehearsal.foreseen
                ],
            }
        )
        return
    short = await opened.reading.short_ids(item.case.application for item in rehearsal.exceptions)
    parts: list[Part] = [
        tables.facts(
            f"排练：{wording.label('acts', rehearsal.action.name)}（尚未办理）",
            (
                ("能办理", f"{len(rehearsal.fit)} 件"),
                ("不能办理", f"{len(rehearsal.exceptions)} 件"),
                *((("须另一人确认", "是"),) if rehearsal.weighty else ()),
                *(
                    ("请注意", f"{said}（{number} 件）")
                    for said, number in rehearsal.cautions.items()
                ),
            ),
        ),
        tables.listing(
            "办理之后",
            ("现在", "办理之后", "件数"),
            [
                (before, after, str(number))
                for before, after, number in bulk_words.courses_zh(rehearsal)
            ],
        ),
        tables.listing(
            "将发出的通知",
            ("通知", "发给", "件数"),
            [(kind, to, str(number)) for kind, to, number in bulk_words.letters_zh(rehearsal)],
        ),
    ]
    if rehearsal.exceptions:
        rows = [
            (
                short.get(item.case.application, item.case.application),
                item.case.applicant,
                await bulk_words.why_not(opened, item.shown.refusals, realm.id),
            )
            for item in rehearsal.exceptions
        ]
        parts.append(tables.listing("不能办理的", ("申报", "申报人", "原因"), rows))
    tables.show(*parts)


def _facts(found: BulkView, why: str) -> Sequence[tuple[str, str]]:
    return (
        ("编号", found.id),
        ("办理人", f"{found.person}@{found.organisation}"),
        ("提出时间", tables.moment(found.prepared_at)),
        ("现状", wording.label("bulk_states", found.state) + (f"：{why}" if why else "")),
        ("件数", bulk_words.counts_zh(found)),
    )


async def _row(
    opened: Office, line: BulkLineView, short: dict[str, str], realm: str
) -> tuple[str, ...]:
    return (
        line.acceptance_number or short.get(line.subject, line.subject),
        line.applicant,
        wording.label("bulk_line_states", line.state),
        await bulk_words.why_not(opened, line.refusals, realm),
    )


def _as_json(found: BulkView) -> dict[str, Any]:
    return {**found.model_dump(mode="json", exclude={"payload", "digest"}), "asked": found.asked}


commands: list[click.Command] = [bulk]
