"""One case as whoever is signed in may see it: the same nothing for what is not there and not theirs."""

from __future__ import annotations

from starter.console.pages import Visit
from starter.desk.case_page import CasePage, page_of
from workflows.rules.refusals import Refused


async def seen_case(visit: Visit, part: str) -> CasePage:
    """The case that the address names, the look at it written down.

    Args:
        part: the page's own word, as it stands in `viewing`.

    Raises:
        HTTPException: 404 where there is none in this realm, or it is not for this visitor.
    """
    me, office = visit.me, visit.house.office
    named = str(visit.request.path_params["case"])
    case = await office.reading.case(named, me.realm.id)
    if case is None:
        visit.nothing()
    try:
        page = await page_of(office, case, me.who, own_acts=True)
    except Refused:
        visit.nothing()
    await visit.viewing(case.application, part)
    return page
