"""From the signed results to their effect: what the cases answered goes to their rows."""

from __future__ import annotations

from activities.meetings.working import ROWS_SECONDS, Changed, Working, rows_changed
from activities.statements import statements
from workflows.meeting.messages import CollectSupplement, SettleTelling
from workflows.rules.message import local_date
from workflows.rules.refusals import Code, refuse

SQL = statements("tellings")

MOVES: dict[str, tuple[tuple[str, ...], str]] = {
    "send_for_confirmation": (("posted",), "drafted"),
    "send_back": (("drafted",), "posted"),
    "confirm": (("posted", "drafted", "held", "released"), "confirmed"),
    "reply_to_entrusting_unit": (("posted", "held", "released"), "replied"),
    "file_for_record": (("posted", "held", "released"), "filed"),
}
"""A word that was carried out → from which standings to which. What a case has confirmed is
confirmed, though it was held or released meanwhile."""

EFFECTS = ("confirm", "reply_to_entrusting_unit", "file_for_record")


async def collect_supplement(work: Working, change: CollectSupplement) -> Changed:
    """Those released from an inquiry, and told their result, become a batch of their own (A9).

    Whose result was never posted comes in a batch apart, which is posted first.

    Raises:
        Refused: `not_found` where there is nobody.
    """
    collected = await work.change("collect_supplement", change.batch, change.posted)
    if not collected:
        raise refuse(Code.NOT_FOUND, work.step.clause, what="released")
    return Changed(counted=collected)


async def settle_telling(work: Working, change: SettleTelling) -> Changed:
    """What the cases answered to a word goes to their rows; who had not answered stays."""
    settle = _Settling(work, change)
    day, again = local_date(work.step.acted_at), (work.sent, work.unposted)
    match change.action:
        case "assign_to_meeting":
            await settle("assign_to_meeting")
        case "open_review":
            await settle("open_review")
            await settle("review_refused")
        case "leave_meeting":
            await settle("leave_meeting")
            return Changed(counted=settle.counted)
        case "record_result":
            await settle("record_result", day, *again)
            await settle("held_by_refusal", ["collected"], False, *again)
        case "post_results":
            await settle("post_results")
            await settle("held_by_refusal", ["collected"], True, *again)
            await settle("released_by_refusal", ["collected"], day, *again)
        case "send_for_confirmation":
            await settle("move_on", *_move(change.action))
            await settle("held_by_refusal", ["posted"], True, *again)
            await settle("released_by_refusal", ["posted"], day, *again)
        case "send_back":
            await settle("move_on", *_move(change.action))
        case action if action in EFFECTS:
            await settle("move_on", *_move(action))
            await settle("held_by_refusal", ["posted", "drafted"], True, *again)
            await settle("refused_as_it_stands")
        case _:  # report_results, restart_publicity: nothing stands otherwise than before
            return Changed()
    await settle("settle_gone")
    return Changed(counted=settle.counted)


class _Settling:
    """Carries out statements on the answers of one telling, and counts the rows."""

    def __init__(self, work: Working, change: SettleTelling) -> None:
        self._work = work
        self._change = change
        self.counted = 0

    async def __call__(self, statement: str, *values: object) -> None:
        status: str = await self._work.connection.execute(
            SQL[statement],
            self._change.telling,
            self._work.meeting,
            *values,
            timeout=ROWS_SECONDS,
        )
        self.counted += rows_changed(status)


def _move(action: str) -> tuple[list[str], str]:
    before, after = MOVES[action]
    return list(before), after
