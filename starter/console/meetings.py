"""评审会 and its 批次: the list, one meeting, its candidates, and who sits in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.responses import Response

from activities.meeting_views import MeetingFilter
from activities.seeing import Section
from activities.wording import label
from starter.console.pages import Page, Visit
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
    found, following = await visit.house.office.reading.meetings(asked)
    plans = me.hat is not None and me.hat.kind == OFFICE_KIND
    return visit.page(
        "meetings.html",
        found=found,
        label=label,
        chosen={"weiban": only_open, "benji": own},
        following=following,
        plans=plans,
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
    rows, following = await visit.house.office.reading.candidates(
        page.meeting.meeting,
        batch=batch,
        in_batches=not votes,
        after=visit.asked("after"),
    )
    return visit.page(
        "candidates.html",
        **around(page, "mingce"),
        page=page,
        meeting=page.meeting,
        label=label,
        words=meeting_words,
        rows=rows,
        following=following,
        batch=batch,
        votes=votes,
    )


async def experts(visit: Visit) -> Response:
    """Who was drawn and who does not judge whom: for the committee's own office alone (40号令 24)."""
    page = await seen_meeting(visit)
    if not page.sees(Section.SEATS):
        visit.nothing()
    reading = visit.house.office.reading
    return visit.page(
        "experts.html",
        **around(page, "zhuanjia"),
        page=page,
        meeting=page.meeting,
        label=label,
        seats=await reading.seats(page.meeting.meeting),
        recusals=await reading.recusals(page.meeting.meeting),
    )


async def history(visit: Visit) -> Response:
    """Every step, the newest first; experts as their ids."""
    page = await seen_meeting(visit)
    if not page.sees(Section.BATCHES):
        visit.nothing()
    steps = await visit.house.office.reading.meeting_steps(page.meeting.meeting)
    return visit.page(
        "meeting_history.html",
        **around(page, "jilu"),
        page=page,
        meeting=page.meeting,
        label=label,
        steps=tuple(reversed(steps)),
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
