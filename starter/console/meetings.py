"""评审会 and its 批次: the list, one meeting, its candidates, and who sits in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.responses import Response

from activities.meeting_views import (
    CandidateView,
    MeetingFilter,
    MeetingStepEntry,
    MeetingSummary,
    RecusalView,
)
from activities.paging import LINES, STREAMED
from activities.seeing import Section
from activities.wording import label
from starter.console import looks
from starter.console.pages import Page, Visit
from starter.console.sheets import Sheet, taken, wants_sheet, whole
from starter.desk import meeting_words
from starter.desk.meeting_page import OVER, MeetingPage, page_of
from starter.desk.onward import is_onward
from starter.desk.refusing import Reason
from workflows.rules.ballot import quorum
from workflows.rules.refusals import Code

LIST, ONE = "/pingshenhui", "/pingshenhui/{meeting}"
CANDIDATES, EXPERTS, HISTORY = f"{ONE}/mingce", f"{ONE}/zhuanjia", f"{ONE}/jilu"
OFFICE_KIND = "committee_office"
NOT_HERE = frozenset({Code.WRONG_STAGE, Code.ALREADY_DECIDED, Code.NOT_ENTITLED})
"""What says no more of an act than that it is another time's or another's."""
MEETINGS = ("编号", "评委会", "日期", "现状", "人数", "最近的期限")
CANDIDATE = (
    *("申报人", "受理号", "单位", "名册", "同意:反对:弃权", "意见"),
    *("结果", "批次", "现在"),
)
OF_VOTES = frozenset({"同意:反对:弃权", "意见"})
SEATS = ("编号", "姓名", "单位", "职务", "正选或备选", "到会")
RECUSALS = ("申报人", "专家", "情形", "理由", "登记人", "登记时间")
STEPS = ("序号", "时间", "事项", "由谁", "理由", "涉及")
WHICH = "biao"
"""Which of two lists of a page is taken along."""


async def meetings(visit: Visit) -> Response:
    """The meetings of the realm, the latest first; what is in them is not said here."""
    me = visit.me
    only_open, own = visit.asked("weiban") == "1", visit.asked("benji") == "1"
    asked = MeetingFilter(
        realm=me.realm.id,
        only_open=only_open,
        office=me.organisation if own else "",
        after=visit.asked("after"),
    )
    reading = visit.house.office.reading
    if wants_sheet(visit):
        many = asked.model_copy(update={"limit": STREAMED})
        every = await whole(
            lambda after: reading.meetings(many.model_copy(update={"after": after}))
        )
        return await taken(visit, Sheet("评审会", MEETINGS, [_meeting_row(item) for item in every]))
    found, following = await reading.meetings(asked)
    plans = me.hat is not None and me.hat.kind == OFFICE_KIND
    return visit.page(
        "meetings.html",
        headings=MEETINGS,
        rows=[(f"{LIST}/{item.meeting}", _meeting_row(item)) for item in found],
        chosen={"weiban": only_open, "benji": own},
        following=following,
        plans=plans,
    )


def _meeting_row(item: MeetingSummary) -> tuple[str, ...]:
    due = label("rules", item.due_rule) if item.due_rule else ""
    return (
        item.number or "未编号",
        item.committee_name or item.committee,
        "、".join(looks.day(on) for on in item.days),
        label("phases", item.phase),
        str(item.candidates),
        f"{due}，{looks.day(item.due_on)}" if due and item.due_on else due,
    )


async def meeting(visit: Visit) -> Response:
    """One meeting: what is to be done next, what runs until when, and how far each batch is."""
    page = await seen_meeting(visit)
    found = page.meeting
    held_back = {
        view.action: view.refusal
        for view in page.actions
        if view.refusal is not None and view.refusal.code not in NOT_HERE
    }
    reasons = await visit.house.office.reasons(held_back.values(), found.realm)
    policy = await visit.house.office.reading.policy(found.campaign, realm=found.realm)
    return visit.page(
        "meeting.html",
        **around(page, ""),
        page=page,
        meeting=found,
        label=label,
        words=meeting_words,
        sections=Section,
        needed=quorum(found.seats) if found.seats else 0,
        names={found.office: found.office_name, found.city_office: found.city_office_name},
        held_back=_by_reason(zip(held_back, reasons, strict=True)),
        is_onward=is_onward,
        notice=policy.document if policy else found.campaign,
        over=found.phase in OVER,
    )


def _by_reason(held_back: Iterable[tuple[str, Reason]]) -> list[tuple[str, str]]:
    """Acts and why not: those that one and the same reason keeps back, together."""
    found: dict[str, list[str]] = {}
    for act, reason in held_back:
        found.setdefault(f"{reason.message}{reason.next}", []).append(label("acts", act))
    return [("、".join(acts), why) for why, acts in found.items()]


async def candidates(visit: Visit) -> Response:
    """The list with its votes, for the office; in batches with their standing, for who confirms."""
    page = await seen_meeting(visit)
    votes, batches = page.sees(Section.VOTES), page.sees(Section.BATCHES)
    if not (votes or batches):
        visit.nothing()
    batch = visit.asked_number("pici")

    async def lines(after: str, limit: int = LINES) -> tuple[tuple[CandidateView, ...], str]:
        return await visit.house.office.reading.candidates(
            page.meeting.meeting, batch=batch, in_batches=not votes, limit=limit, after=after
        )

    headings = tuple(name for name in CANDIDATE if votes or name not in OF_VOTES)
    if wants_sheet(visit):
        every = await whole(lambda after: lines(after, STREAMED))
        told = [_candidate_row(item, votes=votes) for item in every]
        return await taken(visit, Sheet(f"名册 {page.meeting.number}", headings, told))
    rows, following = await lines(visit.asked("after"))
    return visit.page(
        "candidates.html",
        **around(page, "mingce"),
        page=page,
        meeting=page.meeting,
        headings=headings,
        rows=[(f"/anjuan/{item.application}", _candidate_row(item, votes=votes)) for item in rows],
        following=following,
        batch=batch,
        votes=votes,
    )


def _candidate_row(item: CandidateView, *, votes: bool) -> tuple[str, ...]:
    counts = (
        "已录入一次，等第二人录入" if item.counted_once else meeting_words.votes_line(item.totals)
    )
    recused = f"（{item.recused} 名专家回避）" if item.recused else ""
    shown = (f"{counts}{recused}", "已登记" if item.opinion else "") if votes else ()
    return (
        item.applicant or "打开",
        item.acceptance_number,
        item.unit_name or item.unit,
        label("candidate_states", item.state),
        *shown,
        label("results", item.outcome) if item.outcome else "",
        str(item.batch or ""),
        label("standings", item.standing) if item.standing else "",
    )


async def experts(visit: Visit) -> Response:
    """Who was drawn and who does not judge whom: for the committee's own office alone (40号令 24)."""
    page = await seen_meeting(visit)
    if not page.sees(Section.SEATS):
        visit.nothing()
    reading, found = visit.house.office.reading, page.meeting
    seats = [meeting_words.seat_row(item) for item in await reading.seats(found.meeting)]
    recused = await reading.recusals(found.meeting)
    recusals = [_recusal_row(item) for item in recused]
    if wants_sheet(visit):
        sheet = (
            Sheet(f"回避 {found.number}", RECUSALS, recusals)
            if visit.asked(WHICH) == "huibi"
            else Sheet(f"评审专家 {found.number}", SEATS, seats)
        )
        return await taken(visit, sheet)
    return visit.page(
        "experts.html",
        **around(page, "zhuanjia"),
        page=page,
        meeting=found,
        seat_headings=SEATS,
        seats=seats,
        recusal_headings=RECUSALS,
        recusals=[
            (f"/anjuan/{item.application}", row)
            for item, row in zip(recused, recusals, strict=True)
        ],
    )


def _recusal_row(item: RecusalView) -> tuple[str, ...]:
    return (
        item.applicant or "打开",
        item.expert_name or item.expert,
        label("recusal_grounds", item.ground),
        item.reason,
        item.entered_by_name or "系统",
        looks.moment(item.entered_at),
    )


async def history(visit: Visit) -> Response:
    """Every step, the newest first; experts as their ids."""
    page = await seen_meeting(visit)
    if not page.sees(Section.BATCHES):
        visit.nothing()
    steps = await visit.house.office.reading.meeting_steps(page.meeting.meeting)
    rows = [_step_row(step) for step in reversed(steps)]
    if wants_sheet(visit):
        return await taken(visit, Sheet(f"办理记录 {page.meeting.number}", STEPS, rows))
    return visit.page(
        "meeting_history.html",
        **around(page, "jilu"),
        page=page,
        meeting=page.meeting,
        headings=STEPS,
        rows=rows,
    )


def _step_row(step: MeetingStepEntry) -> tuple[str, ...]:
    """A step; under absence cover its actor's name has the supervisor's with it."""
    rule = step.name.partition(":")[0]
    what = label("acts", step.name, "") or label("rules", rule)
    concerned = f"{step.lines} 件申报" if step.lines else f"{step.counted} 人"
    return (
        str(step.seq),
        looks.moment(step.acted_at),
        f"{what}（没有办理）" if step.source == "refusal" else what,
        f"{step.organisation_name} {step.actor_name}".strip() or "系统",
        step.reason,
        concerned if step.lines or step.counted else "",
    )


async def seen_meeting(visit: Visit) -> MeetingPage:
    """The meeting of the address, by its whole id alone, in the realm of who is signed in.

    Raises:
        HTTPException: 404.
    """
    asked = str(visit.request.path_params["meeting"])
    found = await visit.house.office.reading.meeting(asked, visit.me.realm.id)
    if found is None:
        visit.nothing()
    return await page_of(visit.house.office, found, visit.me.who)


def around(page: MeetingPage, here: str) -> dict[str, Any]:
    """What every page of a meeting has: which it is, and the way to its other parts."""
    found = page.meeting
    path = f"{LIST}/{found.meeting}"
    shown = (
        ("", "评审会", True),
        ("mingce", "名册", page.sees(Section.VOTES) or page.sees(Section.BATCHES)),
        ("zhuanjia", "专家和回避", page.sees(Section.SEATS)),
        ("jilu", "办理记录", page.sees(Section.BATCHES)),
    )
    return {
        "title": f"评审会 {found.number}",
        "standing": label("phases", found.phase),
        "subject_path": path,
        "parts_of_meeting": [
            (f"{path}/{word}" if word else path, name, word == here)
            for word, name, may in shown
            if may
        ],
    }


PAGES = (
    Page(LIST, meetings),
    Page(ONE, meeting),
    Page(CANDIDATES, candidates),
    Page(EXPERTS, experts),
    Page(HISTORY, history),
)
