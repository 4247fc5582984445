"""Where the next step of a no is taken, as addresses of the console: what a door means on a page."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote

from starter.desk.refusing import Door, Reason


class Way(NamedTuple):
    """A link: its address, and what it is called."""

    path: str
    name: str


WAYS: Mapping[Door, Way] = MappingProxyType(
    {
        Door.CASES: Way("/anjuan", "案件查询"),
        Door.BULKS: Way("/piliang", "批量办理"),
        Door.CASE: Way("/anjuan", "案件查询"),
        Door.DIRECTORY: Way("/minglu/{subject}", "名录"),
        Door.IMPORT_DIRECTORY: Way("/minglu", "名录"),
        Door.GRANT: Way("/minglu", "名录"),
        Door.POOL: Way("/zhuanjia", "专家库"),
        Door.IMPORT_COMMITTEE: Way("/zhuanjia", "专家库"),
        Door.MEETINGS: Way("/pingshenhui", "评审会"),
        Door.MEETING: Way("/pingshenhui", "评审会"),
        Door.REQUEST_REDRAW: Way("/pingshenhui", "评审会"),
        Door.COMMIT_DRAW: Way("/pingshenhui", "评审会"),
        Door.REVEAL_DRAW: Way("/pingshenhui", "评审会"),
        Door.REPLACE_EXPERT: Way("/pingshenhui", "评审会"),
        Door.PENDING: Way("/daiqueren", "待确认"),
        Door.OPERATORS_INBOX: Way("/daiban", "待办"),
    }
)
"""The doors that have a page here; what only operations do is done at the command line."""


def way_of(reason: Reason) -> Way | None:
    """The link to where the next step is taken; None where no page of ours is that place."""
    found = WAYS.get(reason.door) if reason.door else None
    if found is None or ("{subject}" in found.path and not reason.subject):
        return None
    return Way(found.path.format(subject=quote(reason.subject, safe="")), found.name)
