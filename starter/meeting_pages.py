"""How `zhiping meeting` and `zhiping batch` show a meeting: for a person, and for a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from activities.meeting_views import (
    BatchCounts,
    CandidateView,
    MeetingDeadline,
    MeetingSummary,
    MeetingView,
    SeatView,
)
from activities.seeing import Section, sees
from activities.views import TaskView
from activities.wording import help_text, label
from starter import tables
from starter.desk.meeting_page import MeetingPage, circle_of
from starter.desk.meeting_words import counted, kept_line, seat_row, telling_line, votes_line
from starter.layout import Listing
from starter.tables import Part
from workflows.meeting.meeting import Draw
from workflows.rules.ballot import quorum
from workflows.rules.draw import DrawFault, DrawRecord

if TYPE_CHECKING:
    from starter.desk.office import Office, Who

CLOSED = "评审专家名单不对外公布：本评委会办公室以外，只见人数（40号令 第24条）。"
DRAW_CLOSED = "评审结果签字以前，抽取记录不对外公布：只给本评委会办公室的人员。"
LIST_CLOSED = "评审名册和票数在公示以前不对外公布：只给本评委会办公室的人员。"
RUNNING = ("running", "overdue")


async def may_see(office: Office, meeting: MeetingView, who: Who, section: Section) -> bool:
    """Whether somebody may see a section of a meeting, on this day."""
    at = await office.time_in(await office.realm(meeting.realm))
    return sees(section, await office.actor(who, meeting.realm, at), circle_of(meeting))


def page_json(page: MeetingPage) -> dict[str, Any]:
    """The page for a program: numbers, clocks and acts."""
    meeting = page.meeting
    return {
        **meeting.model_dump(mode="json"),
        "quorum": quorum(meeting.seats),
        "telling": page.telling,
        "needs_operator": page.standstill,
        "actions": page.acts,
    }


def page_parts(page: MeetingPage) -> list[Part]:
    """The page for a person."""
    meeting = page.meeting
    parts: list[Part] = [
        tables.facts(f"评审会 {meeting.number}", _heading(page)),
    ]
    if meeting.batches:
        parts.append(batch_table(meeting.batches))
    if meeting.deadlines:
        parts.append(deadline_table(meeting.deadlines))
    if meeting.tasks:
        rows = (
            (label("tasks", item.kind), _body(meeting, item), tables.brief_day(item.due_on))
            for item in meeting.tasks
        )
        parts.append(tables.listing("待办", ("事项", "由谁", "截止"), rows))
    if page.acts:
        acts = ((name, label("acts", name), help_text("acts", name)) for name in page.acts)
        parts.append(tables.listing("现在可办", ("事项", "名称", "说明"), acts))
    return parts


def _heading(page: MeetingPage) -> list[tuple[str, str]]:
    meeting, committee = page.meeting, page.committee
    states = "，".join(f"{label('candidate_states', k)} {n} 人" for k, n in meeting.states.items())
    outcomes = "，".join(f"{label('results', k)} {n} 人" for k, n in meeting.outcomes.items())
    seats = f"抽取 {meeting.seats} 人，须到会 {quorum(meeting.seats)} 人" if meeting.seats else ""
    filing = ""
    if committee is not None:
        filing = f"{committee.filing}，有效期至{tables.day(committee.valid_until)}"
    return [
        ("编号（id）", meeting.meeting),
        ("域", "" if meeting.realm == "live" else f"{meeting.realm}（演练）"),
        ("通知", meeting.campaign),
        ("评委会", meeting.committee_name or meeting.committee),
        ("备案", filing),
        ("办公室", meeting.office_name or meeting.office),
        ("日期", "、".join(tables.day(item) for item in meeting.days)),
        ("地点", meeting.place),
        ("现状", label("phases", meeting.phase)),
        ("评审专家", seats),
        ("抽取", "\n".join(_draw_line(item) for item in meeting.draws)),
        ("到会", f"{meeting.present} 人" if meeting.present else ""),
        ("名册", states),
        ("评审结果", outcomes),
        ("签字", tables.day(meeting.signed_on)),
        ("告知进度", telling_line(meeting)),
        ("需运维处理", page.standstill),
    ]


def _body(meeting: MeetingView, task: TaskView) -> str:
    names = {meeting.office: meeting.office_name, meeting.city_office: meeting.city_office_name}
    return names.get(task.organisation) or task.organisation


def batch_table(batches: Iterable[BatchCounts]) -> Listing:
    """The batches of results, each with its way so far."""
    return tables.listing(
        "评审结果各批次",
        ("批次", "人数", "结果", "现状", "经过", "各在何处"),
        (_batch_row(item) for item in batches),
    )


def _batch_row(item: BatchCounts) -> tuple[str, ...]:
    batch = item.batch
    way = (
        ("报送", batch.reported_on),
        ("公示", batch.posted_on),
        ("报代拟", batch.sent_on),
        ("确认", batch.issued_on),
        ("函复", batch.replied_on),
        ("备案", batch.filed_on),
    )
    return (
        f"第{batch.number}批" + ("（补充）" if batch.supplementary else ""),
        str(item.size),
        counted("results", item.outcomes),
        label("batch_phases", batch.phase),
        "\n".join(f"{name} {day}" for name, day in way if day),
        counted("standings", item.standings),
    )


def deadline_table(deadlines: Sequence[MeetingDeadline]) -> Listing:
    """The clocks of the batches, and whether a duty was kept."""
    return tables.listing(
        "各批次的期限",
        ("期限", "批次", "最后一日", "由谁", "办理"),
        (
            (
                label("rules", item.deadline.rule),
                f"第{item.batch}批" if item.batch else "",
                tables.brief_day(item.deadline.ends_on),
                item.holder_name or item.holder,
                kept_line(item),
            )
            for item in deadlines
        ),
    )


def candidate_table(candidates: Iterable[CandidateView], short: Mapping[str, str]) -> Listing:
    """The list of a meeting, ballots in totals."""
    return tables.listing(
        "评审名册",
        ("申报", "申报人", "单位", "方式", "名册", "同意:反对:弃权", "结果", "批次", "现在"),
        (
            (
                item.acceptance_number or item.application,
                item.applicant,
                item.unit_name or item.unit,
                label("tracks", item.track),
                label("candidate_states", item.state),
                votes_line(item.totals),
                label("results", item.outcome) if item.outcome else "",
                str(item.batch or ""),
                label("standings", item.standing) if item.standing else "",
            )
            for item in candidates
        ),
        spare=("方式", "单位", "批次", "名册"),
        short=short,
    )


def vote_table(candidates: Iterable[CandidateView]) -> Listing:
    """How the ballots went, in totals and without names: so many candidates with these votes."""
    counted = Counter(
        (votes_line(item.totals), item.outcome or "", item.recused)
        for item in candidates
        if item.totals is not None
    )
    return tables.listing(
        "表决（各按可表决人数的三分之二）",
        ("同意:反对:弃权", "回避专家", "结果", "人数"),
        (
            (votes, f"{recused} 人" if recused else "", label("results", outcome), str(number))
            for (votes, outcome, recused), number in sorted(counted.items(), reverse=True)
        ),
    )


def seat_table(seats: Iterable[SeatView]) -> Listing:
    """Who was drawn; for the committee's own office alone."""
    return tables.listing(
        "评审专家（不得外传）",
        ("专家编号", "姓名", "单位", "职务", "正选或备选", "到会"),
        map(seat_row, seats),
    )


def meeting_list(meetings: Iterable[MeetingSummary], short: Mapping[str, str]) -> Listing:
    """Meetings, the latest first."""
    return tables.listing(
        "评审会",
        ("编号", "id", "通知", "评委会", "日期", "现状", "人数", "最近的期限"),
        (
            (
                item.number,
                item.meeting,
                item.campaign,
                item.committee_name or item.committee,
                "、".join(str(day) for day in item.days),
                label("phases", item.phase),
                str(item.candidates),
                f"{label('rules', item.due_rule)} {_brief(item.due_on)}" if item.due_on else "",
            )
            for item in meetings
        ),
        spare=("通知", "人数", "评委会"),
        short=short,
    )


def _brief(value: Any) -> str:
    return str(value) if value else ""


def draw_table(found: Iterable[tuple[DrawRecord, tuple[DrawFault, ...]]]) -> Listing:
    """Draws with what making them again showed; no expert is named."""
    rows = [
        (
            str(record.drawn.number),
            tables.day(record.drawn.on),
            f"{record.drawn.seats}＋{record.drawn.spares}",
            record.drawn.seed,
            record.drawn.pool[:16],
            "、".join(label("draw_faults", fault.value) for fault in faults) or "一致",
        )
        for record, faults in found
    ]
    heads = ("次", "评审会日期", "正选＋备选", "种子", "专家库指纹", "重新抽取")
    return tables.listing("专家抽取的核验", heads, rows)


def _draw_line(draw: Draw) -> str:
    """One draw on a meeting's page."""
    told = f"第{draw.number}次，{tables.day(draw.on)}"
    if draw.given_up:
        return f"{told}，已放弃"
    seed = draw.made.seed if draw.made else ""
    return f"{told}，种子 {seed}" if seed else f"{told}，等待职改办揭示随机值"
