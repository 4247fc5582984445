"""What is said of a meeting in a line, the same in every face."""

from __future__ import annotations

from collections.abc import Mapping

from activities.meeting_views import MeetingDeadline, MeetingView, SeatView
from activities.wording import date_zh, label
from workflows.rules.ballot import Totals
from workflows.rules.message import local_date


def telling_line(meeting: MeetingView) -> str:
    """How far the last word to the cases is."""
    if not meeting.tellings:
        return ""
    last = meeting.tellings[0]
    named = f"“{label('acts', last.action)}”"
    if last.open:
        return f"正在把{named}告知 {last.lines} 件申报，还有 {last.open} 件未答复"
    refused = f"，{last.refused} 件不能办" if last.refused else ""
    gone = f"，{last.gone} 件已终止" if last.gone else ""
    return f"{named}已告知 {last.lines} 件申报：{last.done} 件办成{refused}{gone}"


def kept_line(item: MeetingDeadline) -> str:
    """Whether a duty was kept, and when it was done; a floor only runs out."""
    if item.closed_at is None and item.struck_at is None:
        return "在计"
    if item.deadline.kind == "floor":
        return "已满" if item.struck_at else "已重新起算"
    if item.kept is None:
        return "在计" if item.closed_at is None else "不再需要"
    done = f"（{date_zh(local_date(item.done_at))}）" if item.done_at else ""
    return label("duties", "kept" if item.kept else "missed") + done


def seat_row(seat: SeatView) -> tuple[str, ...]:
    """An expert who was drawn: number, name, unit, office, first or spare, present."""
    return (
        seat.expert,
        seat.name,
        seat.unit_name or seat.unit,
        label("chairs", seat.chair) if seat.chair else "",
        "不能到会" if seat.declined else "备选" if seat.spare else "正选",
        "到会" if seat.present else "",
    )


def votes_line(totals: Totals | None) -> str:
    """The agreed votes: for, against, abstaining; the votes not cast where there are any."""
    if totals is None:
        return ""
    votes = [totals.yes, totals.no, totals.abstain, *[totals.uncast] * bool(totals.uncast)]
    return ":".join(str(number) for number in votes)


def counted(group: str, counts: Mapping[str, int]) -> str:
    """How many of each, in words."""
    return "，".join(f"{label(group, key)} {number}" for key, number in counts.items() if key)
