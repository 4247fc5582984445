"""邮件：须人工处理的通知（退回、无地址、是否送达不明），一份通知，重发；给运行人员。"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from activities.paging import STREAMED
from activities.references import AmbiguousReferenceError
from activities.seeing import Circle, Section
from activities.views import LetterView
from activities.wording import label
from starter.console import looks
from starter.console.operated import REQUEST, carried_out, request_of
from starter.console.pages import Page, Problem, Visit
from starter.console.sections import check_section
from starter.console.sheets import Sheet, taken, wants_sheet
from workflows.operation.messages import OperationOutcome
from workflows.rules.refusals import Refused

PATH = "/youjian"
HEADINGS = ("种类", "收件", "申报或者评审会", "状态", "说明", "生成时间")
LINES = 25


async def letters(visit: Visit) -> Response:
    """须人工处理的通知，最早的在前。"""
    check_section(visit, Section.LETTERS, Circle())
    reading, realm = visit.house.office.reading, visit.me.realm.id
    after = visit.asked("hou")
    try:
        if wants_sheet(visit):
            every, following = await reading.unsettled_letters(realm, limit=STREAMED)
            while following:
                more, following = await reading.unsettled_letters(
                    realm, limit=STREAMED, after=following
                )
                every += more
            return await taken(visit, Sheet("未送达的通知", HEADINGS, await _rows(visit, every)))
        found, following = await reading.unsettled_letters(realm, limit=LINES, after=after)
    except Refused:
        visit.nothing()
    rows = await _rows(visit, found)
    return visit.page(
        "letters.html",
        rows=[(f"{PATH}/{one.id}", row) for one, row in zip(found, rows, strict=True)],
        headings=HEADINGS,
        first=PATH if after else "",
        next=f"{PATH}?hou={following}" if following else "",
    )


async def letter(visit: Visit) -> Response:
    """一份通知。"""
    return await _page(visit, await _letter(visit))


async def resend(visit: Visit) -> Response:
    """Send it again as another letter; the first stays as it is."""
    found = await _letter(visit)

    async def form(*problems: Problem) -> Response:
        return await _page(visit, found, *problems)

    async def told(_outcome: OperationOutcome) -> str:
        return "已重发，原来的一份保持原状。"

    return await carried_out(
        visit, "resend_letter", {"letter": found.id}, form=form, to=PATH, told=told
    )


async def _page(visit: Visit, found: LetterView, *problems: Problem) -> Response:
    (row,) = await _rows(visit, (found,))
    facts = [
        *zip(HEADINGS, row, strict=True),
        ("送出次数", str(found.attempts)),
        ("送出时间", looks.moment(found.settled_at) if found.settled_at else ""),
        ("邮件编号", found.message_id),
        ("重发自", found.resend_of),
        ("随汇总通知", "、".join(found.carried_by)),
    ]
    return visit.page(
        "letter.html",
        status=422 if problems else 200,
        problems=problems,
        facts=[(name, value) for name, value in facts if value],
        path=f"{PATH}/{found.id}",
        organisation=found.organisation,
        field=REQUEST,
        request=request_of(visit),
    )


async def _letter(visit: Visit) -> LetterView:
    """The letter of the address, in this realm, by its whole id."""
    check_section(visit, Section.LETTERS, Circle())
    name = str(visit.request.path_params["letter"])
    try:
        found = await visit.house.office.reading.letter(name)
    except AmbiguousReferenceError:  # a part of an id is no address
        found = None
    if found is None or found.id != name or found.realm != visit.me.realm.id:
        visit.nothing()
    return found


async def _rows(visit: Visit, found: tuple[LetterView, ...]) -> list[tuple[Any, ...]]:
    reading, realm = visit.house.office.reading, visit.me.realm.id
    names = await reading.organisation_names({one.organisation for one in found}, realm)
    numbers = await reading.short_ids(one.application for one in found if one.application)
    people = await reading.names_of({one.person for one in found}, realm)
    return [
        (
            label("letters", one.kind),
            names.get(one.organisation, one.organisation)
            or people.get(one.person, one.person)
            or label("parties", one.party),
            numbers.get(one.application, one.application) or one.meeting_number,
            label("letter_states", one.state),
            one.error,
            looks.moment(one.ordered_at),
        )
        for one in found
    ]


PAGES = (
    Page(PATH, letters),
    Page(f"{PATH}/{{letter}}", letter),
    Page(f"{PATH}/{{letter}}", resend, ("POST",)),
)
