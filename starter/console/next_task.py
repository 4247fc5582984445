"""下一件: from what was done to the next of the list one came from, its filters kept in the address.

A link of 待办 says with which filters the list was looked at and where in it this task stands. The
pages of a case carry that along, and what comes after that place is the next one, whatever became of
this one meanwhile. Nothing is kept of it, so that two windows go two ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, cast
from urllib.parse import urlencode

from activities.views import BANDS, Band, InboxFilter, TaskView
from starter.console.pages import Visit
from starter.desk.steps import task_line, task_subject
from workflows.rules.names import OPERATIONS_BODY
from workflows.rules.refusals import Refused

INBOX = "/daiban"
BAND, KIND = "qixian", "shixiang"
FROM, WITHIN, ONLY = "xia", "xiaq", "xias"
"""Where in the list one was, and its filters; not the inbox's own words, which a page of acts may have."""
OPERATIONS = "operations"


class Next(NamedTuple):
    """The next task: where it is looked at, and in words; without one, only the way back to the list."""

    path: str
    words: str
    inbox: str


def whose(visit: Visit) -> dict[str, str]:
    """Whose tasks: the organisation's of the hat, or one's own."""
    me = visit.me
    if me.hat is None:
        return {"person": me.person}
    body = OPERATIONS_BODY if me.hat.role == OPERATIONS else me.hat.organisation
    return {"organisation": body}


def subject_path(task: TaskView, band: Band | None, kind: str) -> str:
    """Where the task's case, meeting or letter is looked at, with the way on from there."""
    if task.application:
        query = _query({FROM: task.mark, WITHIN: band or "", ONLY: kind})
        return f"/anjuan/{task.application}{query}"
    if task.meeting:
        return f"/pingshenhui/{task.meeting}"
    letter = task.params.get("letter", "")
    return f"/youjian/{letter}" if letter else ""


def inbox_path(band: Band | None, kind: str, after: str = "") -> str:
    """The list with these filters."""
    return INBOX + _query({BAND: band or "", KIND: kind, "hou": after})


def carried(visit: Visit) -> str:
    """What an address of a case carries on: empty, or a query of its own."""
    return _query({name: visit.asked(name) for name in (FROM, WITHIN, ONLY)})


async def next_task(visit: Visit) -> Next | None:
    """What comes after the task of this address; None for who did not come from the list."""
    mark, kind = visit.asked(FROM), visit.asked(ONLY)
    if not mark:
        return None
    band = cast("Band | None", visit.asked(WITHIN) if visit.asked(WITHIN) in BANDS else None)
    me = visit.me
    wanted = InboxFilter.model_validate(
        whose(visit)
        | {"realm": me.realm.id, "as_of": me.at, "band": band, "kind": kind}
        | {"limit": 5, "after": mark}
    )
    back = inbox_path(band, kind)
    try:
        page = await visit.house.office.lists.inbox(wanted)
    except Refused:  # the address was bent
        return Next("", "", back)
    here = str(visit.request.path_params.get("case", ""))
    for task in page.tasks:
        if (path := subject_path(task, band, kind)) and task.application != here:
            said = task.applicant or task_subject(task)
            return Next(path, f"{said}：{task_line(task)}", back)
    return Next("", "", back)


def _query(said: Mapping[str, str]) -> str:
    query = urlencode({name: value for name, value in said.items() if value})
    return f"?{query}" if query else ""
