"""A rehearsal and the standing of one act on many cases, in words, for every face."""

from __future__ import annotations

from collections.abc import Iterable

from activities.bulks.reading import FAILED, WAITS, BulkView
from activities.wording import datetime_zh, label, labels
from starter.desk.bulks import Rehearsal
from starter.desk.office import Office
from workflows.rules.message import local
from workflows.rules.refusals import Refusal


def courses_zh(rehearsal: Rehearsal) -> tuple[tuple[str, str, int], ...]:
    """Where cases stand, where they will stand, and how many: the most first."""
    return tuple(
        (standing_zh(before), standing_zh(after), number)
        for (before, after), number in rehearsal.courses.most_common()
    )


def letters_zh(rehearsal: Rehearsal) -> tuple[tuple[str, str, int], ...]:
    """Which letters go to whom, and how many."""
    return tuple(
        (label("letters", kind), label("parties", to), number)
        for (kind, to), number in rehearsal.letters.most_common()
    )


def standing_zh(stage_or_end: str) -> str:
    """A stage or an end by its label."""
    if not stage_or_end:
        return "—"
    return label("stages" if stage_or_end in labels("stages") else "ends", stage_or_end)


async def why_not(office: Office, refusals: Iterable[Refusal], realm: str) -> str:
    """Why an act was not, or would not be, done on one case, in one line."""
    return "".join(reason.message for reason in await office.reasons(refusals, realm))


async def reason_of(office: Office, bulk: BulkView) -> str:
    """What whoever declined it gave as the reason; empty for none."""
    return (await office.reading.texts([bulk.reason])).get(bulk.reason, "") if bulk.reason else ""


def why_zh(bulk: BulkView, reason: str = "") -> str:
    """Why it stopped by itself, or was not confirmed; empty where neither.

    Args:
        reason: of who would not confirm it, opened.
    """
    if bulk.why == "failures":
        return f"未办成的达到 {bulk.stop_after} 件，已经停下，其余的没有办理"
    if bulk.why == "not_entitled":
        return "办理人现在没有提出时的管理权限，已经停下，其余的没有办理"
    if bulk.why == "expired":
        until = datetime_zh(local(bulk.confirm_until)) if bulk.confirm_until else "规定的时间"
        missed = "没有另一人确认" if bulk.weighty else "没有开始"
        return f"到 {until} {missed}，已经过期，一件都没有办理；仍要办理的，请重新选定后再提出"
    if bulk.state == "not_confirmed":
        by, at = bulk.changed_by, datetime_zh(local(bulk.changed_at)) if bulk.changed_at else ""
        said = "不同意" if bulk.why == "declined" else "收回"
        return f"{by} 于 {at} {said}，一件都没有办理" + (f"；理由：{reason}" if reason else "")
    return ""


def counts_zh(bulk: BulkView) -> str:
    """How far it came, in one sentence."""
    told = [f"共 {bulk.asked} 件", f"已办 {bulk.number('done')} 件"]
    for states, words in (
        (FAILED, "未办成"),
        (WAITS, "尚未办理"),
        (("recalled",), "已撤回"),
        (("left_out",), "不能办理、未列入"),
    ):
        if number := bulk.number(*states):
            told.append(f"{words} {number} 件")
    return "，".join(told)
