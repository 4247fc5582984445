"""待办：现在的身份手上要办的事，分已逾期、今天、七日内、以后。"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from starlette.responses import Response

from activities.inboxes import SOON
from activities.paging import Count
from activities.views import BANDS, Band, InboxFilter, TaskView
from activities.wording import label
from starter.console.pages import Page, Visit
from starter.desk.steps import task_line, task_subject
from workflows.rules.message import local_date
from workflows.rules.names import OPERATIONS_BODY

PATH = "/daiban"
LINES = 25
BAND_NAMES: Mapping[Band, str] = {
    "overdue": "已逾期",
    "today": "今天到期",
    "soon": "七日内到期",
    "later": "以后到期或者没有期限",
}
BAND, KIND, AFTER = "qixian", "shixiang", "hou"
OPERATIONS = "operations"


async def inbox(visit: Visit) -> Response:
    """待办。"""
    me, reading = visit.me, visit.house.office.reading
    band = next((item for item in BANDS if item == visit.asked(BAND)), None)
    kind = visit.asked(KIND)
    wanted = InboxFilter.model_validate(
        whose(visit)
        | {
            "realm": me.realm.id,
            "as_of": me.at,
            "band": band,
            "kind": kind,
            "limit": LINES,
            "after": visit.asked(AFTER),
        }
    )
    page = await reading.inbox(wanted)
    today = local_date(me.at)
    return visit.page(
        "inbox.html",
        bands=[
            (
                _address(item, kind),
                BAND_NAMES[item],
                counted(page.bands.get(item, Count(number=0))),
                item == band,
            )
            for item in BANDS
        ],
        every=_address(None, kind),
        band=band,
        band_name=BAND_NAMES[band] if band else "",
        kind=kind,
        kind_name=label("tasks", kind) if kind else "",
        without_kind=_address(band, ""),
        total=_total(page.bands, band),
        tasks=[_line(task, today, band) for task in page.tasks],
        first=_address(band, kind) if wanted.after else "",
        next=_address(band, kind, page.following) if page.following else "",
    )


def whose(visit: Visit) -> dict[str, str]:
    """Whose tasks: the organisation's of the hat, or one's own."""
    me = visit.me
    if me.hat is None:
        return {"person": me.person}
    body = OPERATIONS_BODY if me.hat.role == OPERATIONS else me.hat.organisation
    return {"organisation": body}


def counted(count: Count) -> str:
    """How many, or that there are more."""
    return f"超过 {count.number}" if count.more else str(count.number)


def _total(bands: Mapping[Band, Count], band: Band | None) -> str:
    found = [bands[item] for item in bands if band is None or item == band]
    number = sum(item.number for item in found)
    return counted(Count(number=number, more=any(item.more for item in found)))


def _address(band: Band | None, kind: str, after: str = "") -> str:
    said = {BAND: band or "", KIND: kind, AFTER: after}
    query = urlencode({name: value for name, value in said.items() if value})
    return f"{PATH}?{query}" if query else PATH


def _line(task: TaskView, today: date, band: Band | None) -> dict[str, object]:
    return {
        "path": _subject_path(task),
        "subject": task.applicant or ("" if task.application else task_subject(task)),
        "what": task_line(task),
        "kind_path": _address(band, task.kind),
        "level": label("levels", task.level) if task.level else "",
        "number": task.acceptance_number,
        "due": task.due_on,
        "near": _near(task.due_on, today),
        "late": task.overdue,
    }


def _subject_path(task: TaskView) -> str:
    """Where the task's case or meeting is looked at."""
    if task.application:
        return f"/anjuan/{task.application}"
    return f"/pingshenhui/{task.meeting}" if task.meeting else ""


def _near(due: date | None, today: date) -> str:
    """How near a day is, in the words of its band; empty for one that is far off."""
    if due is None or due > today + SOON:
        return ""
    return "已逾期" if due < today else "今天到期" if due == today else "七日内到期"


PAGES = (Page(PATH, inbox),)
