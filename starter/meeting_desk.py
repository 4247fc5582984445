"""One act on a meeting from the command line: who and when, what is stated, and the receipt.

A command says what its act states and is wrapped by `meeting_act`, which brings the options that
all of them share; `--with` states the same as JSON, for sheets too long to type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from starter import options
from starter.answers import answering, print_json
from starter.later import later

with later():
    from activities import wording
    from starter import payloads, session, tables
    from starter.desk import acting
    from workflows.meeting import catalogue
    from workflows.meeting import payloads as meeting_payloads
    from workflows.writer import payloads as writer_payloads

if TYPE_CHECKING:
    from starter.desk.acting import Stated
    from starter.desk.office import Who
    from workflows.meeting.messages import MeetingReceipt
    from workflows.writer.payloads import Payload

IN_SHEETS = {"tallies": "--file 或 --votes", "opinions": "--file 或 --application 和 --text"}
"""How the options state what a sheet has."""

of_meeting = click.argument("meeting", metavar="评审会")
reason = click.option("--reason", default="", metavar="理由", help="理由。")
batch = click.option(
    "--batch",
    type=options.NUMBER,
    default=1,
    show_default=True,
    metavar="批次",
    help="第几批；补充批次从 2 起。",
)


def with_stated(function: options.F) -> options.F:
    """`--with`: what the act states as JSON, laid over the other options."""
    return click.option(
        "--with",
        "stated",
        default="{}",
        metavar="JSON|@文件",
        help="办理内容，与其他选项合并；申报写编号的一部分或受理号。",
    )(function)


def meeting_act(
    group: click.Group, name: str, action: str, short: str, *, with_payload: bool = True
) -> Callable[[Callable[..., Stated]], click.Command]:
    """Make a command of a function that turns its options into what the act states."""

    def made(states: Callable[..., Stated]) -> click.Command:
        @wraps(states)
        async def command(
            meeting: str,
            who: Who,
            acted_at: datetime | None,
            request_id: str,
            as_json: bool,
            stated: str = "{}",
            **given: Any,
        ) -> None:
            body = {**stated_of(states(**given)), **payloads.stated_in(stated)}
            await carry_out(meeting, action, who, body, acted_at, request_id, as_json=as_json)

        shared = answering(command)
        for option in (options.as_json, options.request_id, options.at, options.acting_as()):
            shared = option(shared)
        if with_payload:
            shared = with_stated(shared)
        return group.command(name, short_help=short)(of_meeting(shared))

    return made


def stated_of(given: Mapping[str, Any]) -> Stated:
    """What was stated, days as ISO; what was left out is not stated."""
    return {
        key: value.isoformat() if hasattr(value, "isoformat") else value
        for key, value in given.items()
        if value not in (None, "", (), [])
    }


async def carry_out(
    reference: str,
    action: str,
    who: Who,
    body: Stated,
    acted_at: datetime | None,
    request_id: str,
    *,
    as_json: bool,
) -> None:
    """Check, stamp and send one act on a meeting, and print its receipt."""
    row = catalogue.MEETING_CATALOGUE[action]
    async with session.office() as opened:
        found = await acting.meeting_of(opened, reference)
        stated = payloads.plain(
            row.payload, await acting.resolved(opened, found.realm, body), _as_options()
        )
        _check_rows(row.payload, stated)
        realm = await opened.realm(found.realm)
        act = await acting.meant(
            opened, realm, who, stated, acted_at=acted_at, request_id=request_id
        )
        act = await acting.kept(opened, row.payload, act)
        receipt = await acting.sent_to_meeting(opened, found, action, act)
    told(receipt, as_json=as_json)


def _check_rows(model: type[Payload], stated: Mapping[str, Any]) -> None:
    """Raises `click.UsageError` for an act on candidates that names none."""
    if (
        issubclass(model, writer_payloads.Sheet)
        and not stated.get(model.ROWS)
        and not stated.get("sheet")
    ):
        raise click.UsageError(f"还须写明：{IN_SHEETS[model.ROWS]}。")


async def plan(
    realm: str,
    who: Who,
    body: Stated,
    acted_at: datetime | None,
    request_id: str,
    *,
    as_json: bool,
) -> None:
    """Start a meeting with its plan; the same request is the same meeting."""
    # Where no notice is stated either, that alone is what is missing.
    body = {"committee": body.get("campaign", "-"), **body}
    async with session.office(realm) as opened:
        found = await opened.realm(realm)
        checked = payloads.plain(
            meeting_payloads.PlanMeeting, await acting.resolved(opened, realm, body), _as_options()
        )
        act = await acting.meant(
            opened, found, who, checked, acted_at=acted_at, request_id=request_id
        )
        receipt = await acting.planned(
            opened, found, await acting.kept(opened, meeting_payloads.PlanMeeting, act)
        )
    told(receipt, as_json=as_json)


def _as_options() -> dict[str, str]:
    """What each field is called by whoever typed the command: an option, an argument, a sheet's column."""
    command = click.get_current_context().command
    return {
        str(item.name): item.opts[0] if isinstance(item, click.Option) else str(item.metavar)
        for item in command.params
    }


def told(receipt: MeetingReceipt, *, as_json: bool) -> None:
    """Print a receipt, for a person or a program."""
    if as_json:
        print_json(receipt)
        return
    again = "（此前已办，未重复）" if receipt.repeated else ""
    lines = f"正在告知 {receipt.lines} 件申报" if receipt.lines else ""
    tables.show(
        tables.facts(
            f"已办{again}",
            (
                ("评审会", receipt.meeting),
                ("事项", wording.label("acts", receipt.action)),
                ("记录序号", str(receipt.seq)),
                ("记录时间", tables.moment(receipt.recorded_at)),
                ("现状", wording.label("phases", receipt.phase) if receipt.phase else ""),
                ("涉及人数", str(receipt.counted) if receipt.counted else ""),
                ("告知", lines),
                ("期限", tables.deadline_line(receipt.deadline) if receipt.deadline else ""),
            ),
        )
    )
