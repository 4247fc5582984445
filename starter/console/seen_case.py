"""One case as whoever is signed in may see it: the same nothing for what is not there and not theirs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from activities.accounts.viewing import looking_now
from starter.console.pages import Visit
from starter.desk.case_page import CasePage, page_of
from workflows.rules.refusals import Refused

A_MOMENT = timedelta(minutes=10)
"""How long ago a look still counts as looking."""
PARTS = {
    "anjuan": "案卷",
    "cailiao": "材料",
    "qixian": "期限",
    "tongzhi": "通知",
    "wenshu": "文书",
    "ban": "办理",
}
"""What a part of a case is called, by its word in `viewing`."""


async def seen_case(visit: Visit, part: str, *, trail: bool = True) -> CasePage:
    """The case that the address names, the look at it written down.

    Args:
        part: the page's own word, as it stands in `viewing`.
        trail: with its steps.

    Raises:
        HTTPException: 404 where there is none in this realm, or it is not for this visitor.
    """
    me, office = visit.me, visit.house.office
    named = str(visit.request.path_params["case"])
    case = await office.reading.case(named, me.realm.id)
    if case is None:
        visit.nothing()
    try:
        # Who comes and when was asked of the directory for this request already.
        page = await page_of(office, case, me.actor, at=me.at, own_acts=True, trail=trail)
    except Refused:
        visit.nothing()
    await visit.viewing(case.application, part)
    if visit.request.method == "GET":  # whoever sends something looked at it before
        visit.looking = await _colleagues(visit, case.application)
    return page


async def _colleagues(visit: Visit, application: str) -> tuple[str, ...]:
    """Colleagues who opened it a moment ago: nobody else's looks are told to anybody here."""
    me, office = visit.me, visit.house.office
    found = await looking_now(
        office.pool, me.actor, realm=me.realm.id, application=application, within=A_MOMENT
    )
    names = await office.reading.names_of({item.person for item in found}, me.realm.id)
    now = datetime.now(UTC)
    return tuple(
        f"{names.get(item.person, '同事')}（{_ago(now - item.at)}打开“{PARTS.get(item.part, '案卷')}”）"
        for item in sorted(found, key=lambda item: item.at, reverse=True)
    )


def _ago(since: timedelta) -> str:
    minutes = int(since.total_seconds() // 60)
    return f"{minutes} 分钟前" if minutes else "刚才"
