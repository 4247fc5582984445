"""`zhiping pending`: what waits for a second person, and that person's word."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from starter import options
from starter.answers import answering, print_json
from starter.later import later
from starter.operating import operated, operation

with later():
    from activities import covers, wording
    from activities import pending as activities_pending
    from starter import session, tables
    from starter.desk import pending_words


if TYPE_CHECKING:
    from datetime import datetime

    from activities.second_person import RequestForSecond
    from starter.desk.office import Office
    from workflows.writer.messages import Actor


@click.group("pending")
def pending() -> None:
    """重要事项由一人提出、另一人在规定时间内用自己的账号确认后才办理；两个账号登记同一身份证号码的是同一个人。"""


@pending.command("list", short_help="列出您可以确认的事项。")
@click.option("--ended", is_flag=True, help="改列您提出的、近三十天有了结果的，连同结果和理由。")
@options.page
@options.acting_as()
@options.realm
@options.as_json
@answering
async def pending_list(
    ended: bool, limit: int, after: str, who: tuple[str, str], realm: str, as_json: bool
) -> None:
    """等待确认、而您有权确认（或者由您提出）的事项，连同所提出的内容。"""
    async with session.office(realm) as opened:
        at = await opened.time_in(await opened.realm(realm))
        actor = await opened.actor(who, realm, at)
        if ended:
            await _show_ended(opened, actor, realm, at, limit, as_json=as_json)
            return
        found, following = await activities_pending.PendingReading(
            opened.pool, opened.identity
        ).for_actor(actor, realm, at, limit=limit, after=after)
    if as_json:
        print_json({"next": following, "requests": [_as_json(item) for item in found]})
    elif not found:
        click.echo("没有等待确认的事项。")
    else:
        headings = ("编号", "事项", "提出人", "提出时间", "确认截止", "内容")
        waiting = tables.listing("待另一人确认", headings, [_row(item) for item in found])
        tables.show(waiting, *options.next_page(following))


async def _show_ended(
    opened: Office, actor: Actor, realm: str, at: datetime, limit: int, *, as_json: bool
) -> None:
    reading = activities_pending.PendingReading(opened.pool, opened.identity)
    found = await reading.ended_of(actor, realm, at, limit=limit)
    reasons = await opened.reading.texts([item.reason for item in found if item.reason])
    if as_json:
        print_json(
            {
                "requests": [
                    _as_json(item)
                    | {
                        "answer": item.answer,
                        "answered_by": item.answered_by,
                        "answered_at": item.answered_at,
                        "reason": reasons.get(item.reason, ""),
                    }
                    for item in found
                ]
            }
        )
    elif not found:
        click.echo("近三十天没有有了结果的事项。")
    else:
        rows = [
            (
                item.id,
                wording.label("operations", item.what),
                tables.moment(item.asked_at),
                pending_words.ended_zh(item, item.answered_by or "", reasons.get(item.reason, "")),
            )
            for item in found
        ]
        tables.show(tables.listing("有了结果的", ("编号", "事项", "提出时间", "结果"), rows))


def _answering_command(name: str, kind: str, short: str, told: str) -> click.Command:
    """One way to answer a request."""

    @pending.command(name, short_help=short, help=short)
    @click.argument("request", metavar="编号")
    @click.option(
        "--reason", default="", metavar="理由", help="不同意、收回的原因；可以不写，加密保存。"
    )
    @operation()
    @answering
    async def answer(request: str, reason: str, **call: Any) -> None:
        await operated(kind, {"request": request, "reason": reason}, told, **call)

    return answer


_answering_command("confirm", "confirm_request", "确认并办理一项。", "已确认，事项已办理。")
_answering_command(
    "decline", "decline_request", "不同意一项，不予办理。", "已注明不同意，不予办理。"
)
_answering_command("withdraw", "withdraw_request", "收回自己提出的一项。", "已收回。")


def _as_json(item: RequestForSecond) -> dict[str, Any]:
    return {
        "id": item.id,
        "what": item.what,
        "by": f"{item.by.person}@{item.by.organisation}",
        "principal": item.by.principal,
        "asked_at": item.asked_at,
        "expires_at": item.expires_at,
        "stated": pending_words.without_numbers(item.payload.get("stated", item.payload)),
    }


def _row(item: RequestForSecond) -> tuple[str, ...]:
    said = pending_words.without_numbers(item.payload.get("stated", item.payload))
    stated = json.dumps(said, ensure_ascii=False)
    return (
        item.id,
        wording.label("operations", item.what),
        covers.both_names(f"{item.by.person}@{item.by.organisation}", item.by.principal),
        tables.moment(item.asked_at),
        tables.moment(item.expires_at),
        stated if len(stated) <= SHOWN else f"{stated[:SHOWN]}……（--json 看全部）",
    )


SHOWN = 200
commands: list[click.Command] = [pending]
