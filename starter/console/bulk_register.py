"""批量办理的登记：本机构的、进度、各件结果，暂停、继续、撤回、重办。"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.responses import Response

from activities.bulks.reading import FAILED, BulkLineView, BulkReading, BulkView, LineState
from activities.paging import STREAMED
from activities.wording import label
from starter.console import cases as lists
from starter.console import looks
from starter.console.operated import carried_out, new_request
from starter.console.pages import Page, Problem, Visit
from starter.console.sheets import Sheet, taken, wants_sheet, whole
from starter.desk.bulk_words import counts_zh, reason_of, why_not, why_zh

PATH = "/piliang"
AFTER, WHICH = "hou", "zt"
LINES, LISTED = 50, 100
HEADINGS = ("事项", "提出时间", "现状", "件数")
LINE_HEADINGS = ("申报人", "受理号", "结果", "原因")
LOOK_AGAIN = {"refresh": "3"}
UNFINISHED = "wei"


async def bulks(visit: Visit) -> Response:
    """批量办理：本机构的，最近的在前。"""
    for_an_organisation(visit)
    me = visit.me
    whose = "" if me.actor.role == "operations" else me.organisation
    register = BulkReading(visit.house.office.pool, visit.house.office.identity)
    if wants_sheet(visit):
        every = await whole(
            lambda after: register.bulks(
                me.realm.id, organisation=whose, limit=STREAMED, after=after
            )
        )
        return await taken(visit, Sheet("批量办理", HEADINGS, [_summary(item) for item in every]))
    found, following = await register.bulks(
        me.realm.id, organisation=whose, limit=LINES, after=visit.asked(AFTER)
    )
    return visit.page(
        "bulks.html",
        headings=HEADINGS,
        rows=[(f"{PATH}/{item.id}", _summary(item)) for item in found],
        first=PATH if visit.asked(AFTER) else "",
        next=list_address(PATH, {AFTER: following}) if following else "",
    )


async def bulk(visit: Visit) -> Response:
    """进度：办到哪里，各件结果，能做什么。"""
    return await _bulk_page(visit)


async def _bulk_page(visit: Visit, *problems: Problem) -> Response:
    found = await _found(visit)
    me, office = visit.me, visit.house.office
    states: tuple[LineState, ...] = FAILED if visit.asked(WHICH) == UNFINISHED else ()
    register = BulkReading(office.pool, office.identity)
    if wants_sheet(visit) and not problems:
        every = await whole(
            lambda after: register.lines(found.id, *states, limit=STREAMED, after=after)
        )
        named = f"批量办理 {label('acts', found.action)}"
        rows = [await _line(visit, line) for line in every]
        return await taken(visit, Sheet(named, LINE_HEADINGS, rows))
    lines, following = await register.lines(
        found.id, *states, limit=LISTED, after=visit.asked(AFTER)
    )
    here = f"{PATH}/{found.id}"
    kept = {WHICH: UNFINISHED} if states else {}
    people = await office.reading.people_of(found.organisation, me.at, me.realm.id)
    names = {item.person: item.name for item in people}
    return visit.page(
        "bulk.html",
        status=422 if problems else 200,
        problems=problems,
        headers=LOOK_AGAIN if found.state == "running" and not problems else None,
        act=label("acts", found.action),
        bulk=found,
        by=names.get(found.person, found.person),
        state=label("bulk_states", found.state),
        why=why_zh(found, await reason_of(office, found)),
        counts=counts_zh(found),
        done=found.number("done"),
        here_path=here,
        request=new_request(),
        can=_can(found, own=(me.person, me.organisation) == (found.person, found.organisation)),
        kinds=[
            (here, "全部", not states),
            (f"{here}?{urlencode({WHICH: UNFINISHED})}", "只看未办成的", bool(states)),
        ],
        headings=LINE_HEADINGS,
        lines=[(f"{lists.PATH}/{line.subject}", await _line(visit, line)) for line in lines],
        first=list_address(here, kept) if visit.asked(AFTER) else "",
        next=list_address(here, kept | {AFTER: following}) if following else "",
    )


async def _line(visit: Visit, line: BulkLineView) -> tuple[str, ...]:
    return (
        line.applicant or "打开",
        line.acceptance_number,
        label("bulk_line_states", line.state),
        await why_not(visit.house.office, line.refusals, visit.me.realm.id),
    )


CHANGES: Mapping[str, tuple[str, str, str]] = {
    "zanting": ("pause_bulk", "暂停", "已暂停：没有问到的等候继续。"),
    "jixu": ("resume_bulk", "继续", "已继续。"),
    "chehui": ("recall_bulk", "撤回尚未办理的", "已撤回尚未办理的；已经办理的不变。"),
    "chongban": ("retry_bulk", "只重办未办成的", "正在重办未办成的。"),
}
"""The word of the address → the operation, its button, and what is said when it is done."""
PROVEN = frozenset({"jixu", "chongban"})
"""What lets weighty acts go on: the password is asked again."""


def _can(found: BulkView, *, own: bool) -> list[tuple[str, str]]:
    """What can be done with a bulk now, by whom it is or by another of the house."""
    failed, waits = found.number(*FAILED), found.number("open")
    words = {
        "zanting": found.state == "running",
        "jixu": own and found.state in ("paused", "stopped") and waits > 0,
        "chongban": own and found.state in ("paused", "stopped", "done") and failed > 0,
        "chehui": found.state in ("running", "paused", "stopped", "prepared") and waits > 0,
    }
    return [(word, CHANGES[word][1]) for word, now in words.items() if now]


async def change(visit: Visit) -> Response:
    """Pause it, let it go on, take back what waits, or try again what failed."""
    found = await _found(visit)
    word = str(visit.request.path_params["word"])
    if word not in CHANGES:
        visit.nothing()
    kind, _, told = CHANGES[word]
    here = f"{PATH}/{found.id}"
    if found.weighty and word in PROVEN:
        visit.need_proof(here)

    async def again(*problems: Problem) -> Response:
        return await _bulk_page(visit, *problems)

    return await carried_out(visit, kind, {"bulk": found.id}, form=again, to=here, told=told)


def _summary(found: BulkView) -> tuple[str, ...]:
    return (
        label("acts", found.action),
        looks.moment(found.prepared_at),
        label("bulk_states", found.state),
        counts_zh(found),
    )


def for_an_organisation(visit: Visit) -> None:
    """Nobody acts on many cases for himself or herself.

    Raises:
        HTTPException: 404.
    """
    if visit.me.hat is None:
        visit.nothing()


async def _found(visit: Visit) -> BulkView:
    """The bulk of the address, for whoever is of its organisation, or operates.

    Raises:
        HTTPException: 404.
    """
    for_an_organisation(visit)
    me, office = visit.me, visit.house.office
    named = str(visit.request.path_params["bulk"])
    found = await BulkReading(office.pool, office.identity).bulk(named)
    mine = found is not None and (
        me.actor.role == "operations" or me.organisation == found.organisation
    )
    if found is None or found.realm != me.realm.id or not mine:
        visit.nothing()
    return found


def list_address(path: str, asked: Mapping[str, str]) -> str:
    """A list's address with what is asked of it."""
    query = urlencode({word: value for word, value in asked.items() if value})
    return f"{path}?{query}" if query else path


PAGES = (
    Page(PATH, bulks),
    Page(f"{PATH}/{{bulk}}", bulk),
    Page(f"{PATH}/{{bulk}}/{{word}}", change, ("POST",)),
)
