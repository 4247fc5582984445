"""待确认：一人提出、须由另一人确认的事项；确认的人以自己的账户登录。"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.responses import Response

from activities.covers import both_names
from activities.paging import STREAMED
from activities.pending import PendingReading
from activities.second_person import RequestForSecond
from activities.wording import label
from starter.console import looks
from starter.console.operated import WAITING, carried_out, new_request
from starter.console.pages import Page, Problem, Visit
from starter.console.sheets import Sheet, taken, wants_sheet, whole
from starter.desk.pending_words import ended_zh, facts_of, people_in
from starter.desk.publishing import PUBLISHED, says_again
from starter.desk.translating import translated
from workflows.rules.refusals import Refused

LINES = 25
HEADINGS = ("事项", "提出人", "机构", "提出时间", "确认截止", "内容")
ENDED = 20
REASON = "reason"
ANSWERS = {
    "queren": ("confirm_request", "已确认，事项已办理。"),
    "butongyi": ("decline_request", "已注明不同意，不予办理。"),
    "shouhui": ("withdraw_request", "已收回。"),
}


class Waiting(NamedTuple):
    """One request as the page shows it."""

    id: str
    what: str
    by: str
    organisation: str
    asked: RequestForSecond
    own: bool
    """Whoever looks has asked for it, and can only take it back."""
    facts: tuple[tuple[str, str], ...]
    says: list[str]
    """What it changes, a sentence each, of what is published from a file."""
    key: str
    """The request id under which the answer is sent."""


async def pending(visit: Visit) -> Response:
    """待确认。"""
    if wants_sheet(visit):
        every = await whole(lambda after: _waiting(visit, after, STREAMED))
        return await taken(visit, Sheet("待确认", HEADINGS, [_row(item) for item in every]))
    return await _page(visit)


def _row(item: Waiting) -> tuple[str, ...]:
    stated = "；".join(f"{name}：{value}" for name, value in item.facts)
    return (
        item.what,
        item.by,
        item.organisation,
        looks.moment(item.asked.asked_at),
        looks.moment(item.asked.expires_at),
        stated,
    )


async def answer(visit: Visit) -> Response:
    """Confirm, decline, or take back."""
    said = ANSWERS.get(str(visit.request.path_params["answer"]))
    if said is None:
        visit.nothing()
    kind, told = said
    visit.need_proof(WAITING)

    async def again(*problems: Problem) -> Response:
        return await _page(visit, *problems)

    stated = {"request": visit.value("request")}
    if kind != "confirm_request":
        stated["reason"] = visit.value(REASON)
    return await carried_out(visit, kind, stated, form=again, to=WAITING, told=told)


async def _page(visit: Visit, *problems: Problem) -> Response:
    shown, following = await _waiting(visit, visit.asked("after"), LINES)
    following = f"{WAITING}?after={following}" if following else ""
    return visit.page(
        "pending.html",
        status=422 if problems else 200,
        waiting=shown,
        typed={visit.value("request"): visit.value(REASON)} if problems else {},
        ended=await _ended(visit),
        next=following,
        problems=problems,
    )


async def _waiting(visit: Visit, after: str, limit: int) -> tuple[list[Waiting], str]:
    me, office = visit.me, visit.house.office
    reading = PendingReading(office.pool, office.identity)
    try:
        found, following = await reading.for_actor(
            me.actor, me.realm.id, me.at, limit=limit, after=after
        )
    except Refused as err:
        raise translated(err) from None
    named = {item.by.person for item in found} | {item.by.principal for item in found} - {""}
    named = named.union(*(people_in(_stated(item)) for item in found))
    names = await office.reading.names_of(named, me.realm.id)
    organisations = await office.reading.organisation_names(
        {item.by.organisation for item in found}, me.realm.id
    )
    shown = [
        Waiting(
            item.id,
            label("operations", item.what),
            both_names(
                names.get(item.by.person, item.by.person),
                names.get(item.by.principal, item.by.principal),
            ),
            organisations.get(item.by.organisation, item.by.organisation),
            item,
            item.by.person == me.person,
            tuple(facts_of(_plain(item), names)),
            await _says(visit, item),
            new_request(),
        )
        for item in found
    ]
    return shown, following


async def _ended(visit: Visit) -> list[tuple[str, str, str]]:
    """What became of what this person asked for: what it was, when it was asked, and the answer."""
    me, office = visit.me, visit.house.office
    reading = PendingReading(office.pool, office.identity)
    found = await reading.ended_of(me.actor, me.realm.id, me.at, limit=ENDED)
    names = await office.reading.names_of(
        {item.answered_by for item in found if item.answered_by}, me.realm.id
    )
    reasons = await office.reading.texts([item.reason for item in found if item.reason])
    return [
        (
            label("operations", item.what),
            looks.moment(item.asked_at),
            ended_zh(
                item,
                names.get(item.answered_by or "", item.answered_by or ""),
                reasons.get(item.reason, ""),
            ),
        )
        for item in found
    ]


async def _says(visit: Visit, item: RequestForSecond) -> list[str]:
    return await says_again(visit.house.office, item.realm, item.what, _stated(item))


def _plain(item: RequestForSecond) -> Mapping[str, Any]:
    """What is stated but for a file's own content, which is told by what it changes."""
    stated = _stated(item)
    return {"reason": stated.get("reason", "")} if item.what in PUBLISHED else stated


def _stated(item: RequestForSecond) -> Mapping[str, Any]:
    stated: Mapping[str, Any] = item.payload.get("stated", {})
    return stated


PAGES = (
    Page(WAITING, pending),
    Page(WAITING + "/{answer}", answer, ("POST",)),
)
