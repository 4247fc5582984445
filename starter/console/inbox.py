"""待办：现在的身份手上要办的事，分已逾期、今天、七日内、以后。"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from starlette.responses import Response

from activities.inboxes import SOON
from activities.paging import STREAMED, Count
from activities.views import BANDS, Band, InboxFilter, TaskView
from activities.wording import label
from starter.console import looks
from starter.console.next_task import BAND, INBOX, KIND, inbox_path, subject_path, whose
from starter.console.pages import Page, Visit
from starter.console.sheets import Sheet, taken, wants_sheet, whole
from starter.desk.steps import task_line, task_subject
from workflows.rules.message import local_date

LINES = 25
HEADINGS = ("申报", "要办的事", "期限", "紧急程度", "级别", "受理号")
BAND_NAMES: Mapping[Band, str] = {
    "overdue": "已逾期",
    "today": "今天到期",
    "soon": "七日内到期",
    "later": "以后到期或者没有期限",
}
AFTER = "hou"


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
    today = local_date(me.at)
    if wants_sheet(visit):

        async def lines(after: str) -> tuple[tuple[TaskView, ...], str]:
            found = await reading.inbox(
                wanted.model_copy(update={"limit": STREAMED, "after": after})
            )
            return found.tasks, found.following

        rows = [_row(_line(task, today, band, kind)) for task in await whole(lines)]
        return await taken(visit, Sheet("待办", HEADINGS, rows))
    page = await reading.inbox(wanted)
    return visit.page(
        "inbox.html",
        bands=[
            (
                inbox_path(item, kind),
                BAND_NAMES[item],
                counted(page.bands.get(item, Count(number=0))),
                item == band,
            )
            for item in BANDS
        ],
        every=inbox_path(None, kind),
        band=band,
        band_name=BAND_NAMES[band] if band else "",
        kind=kind,
        kind_name=label("tasks", kind) if kind else "",
        without_kind=inbox_path(band, ""),
        total=_total(page.bands, band),
        tasks=[_line(task, today, band, kind) for task in page.tasks],
        first=inbox_path(band, kind) if wanted.after else "",
        next=inbox_path(band, kind, page.following) if page.following else "",
    )


def counted(count: Count) -> str:
    """How many, or that there are more."""
    return f"超过 {count.number}" if count.more else str(count.number)


def _total(bands: Mapping[Band, Count], band: Band | None) -> str:
    found = [bands[item] for item in bands if band is None or item == band]
    number = sum(item.number for item in found)
    return counted(Count(number=number, more=any(item.more for item in found)))


def _line(task: TaskView, today: date, band: Band | None, kind: str) -> dict[str, object]:
    return {
        "path": subject_path(task, band, kind),
        "subject": task.applicant or ("" if task.application else task_subject(task)),
        "what": task_line(task),
        "kind_path": inbox_path(band, task.kind),
        "level": label("levels", task.level) if task.level else "",
        "number": task.acceptance_number,
        "due": task.due_on,
        "near": _near(task.due_on, today),
        "late": task.overdue,
    }


def _row(line: dict[str, object]) -> tuple[str, ...]:
    due = line["due"]
    until = f"{looks.day(due)} 24:00" if isinstance(due, date) else ""
    words = (line["subject"], line["what"], until, line["near"], line["level"], line["number"])
    return tuple(map(str, words))


def _near(due: date | None, today: date) -> str:
    """How near a day is, in the words of its band; empty for one that is far off."""
    if due is None or due > today + SOON:
        return ""
    return "已逾期" if due < today else "今天到期" if due == today else "七日内到期"


PAGES = (Page(INBOX, inbox),)
