"""舰队：工作进程各版、队列、数据库结构、待发的通知、停住的申报；给运行人员，没有任何人的材料。"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from activities.seeing import Circle, Section
from activities.standstills import PARKED
from activities.views import InboxFilter, TaskView
from activities.wording import label
from starter.console import looks
from starter.console.next_task import inbox_path, subject_path
from starter.console.pages import Page, Visit
from starter.console.sections import check_section
from starter.desk.fleet import QUEUES, VERSIONS, Fleet, fleet_of
from starter.desk.standing_still import KINDS
from starter.desk.steps import task_line, task_subject
from workflows.rules.names import OPERATIONS_BODY

PATH = "/jiandui"
LINES = 10
"""Of what stands still; the rest is in 待办."""
A_MINUTE = 60


async def fleet(visit: Visit) -> Response:
    """一切在不在运行。"""
    check_section(visit, Section.FLEET, Circle())
    found = await fleet_of(visit.house.office)
    versions = found.versions
    return visit.page(
        "fleet.html",
        versions=[*versions.version_rows(looks.moment)] if versions else None,
        version_heads=VERSIONS,
        current=versions.deployment.current if versions else "",
        idle=versions.idle if versions else (),
        queues=[*versions.queue_rows(looks.moment)] if versions else None,
        queue_heads=QUEUES,
        missing=found.schema.missing,
        facts=_facts(found),
        still=[row for kind in KINDS for row in await _still(visit, kind)],
        every=[(inbox_path(None, kind), label("tasks", kind)) for kind in KINDS],
    )


def _facts(found: Fleet) -> list[tuple[str, Any]]:
    schema, letters = found.schema, found.measures
    lacking = f"，比程序旧，缺少 {len(schema.missing)} 项更新" if schema.missing else "，与程序相符"
    late = letters.latest_clock
    return [
        ("数据库结构", f"{schema.version}{lacking}"),
        (
            "待发的通知",
            f"{letters.letters_waiting} 份，最早的已等 {letters.oldest_letter:.0f} 秒"
            if letters.letters_waiting
            else "没有",
        ),
        (
            "须人工处理的通知",
            "、".join(
                f"{label('letter_states', state)} {count} 份"
                for state, count in letters.unsettled.items()
                if count
            )
            or "没有",
        ),
        (
            "停住的",
            "、".join(f"{_why_zh(why)} {count} 件" for why, count in found.still.items() if count)
            or "没有",
        ),
        ("届满而没有办的期限", f"最久 {late / A_MINUTE:.0f} 分钟" if late else "没有"),
    ]


def _why_zh(why: str) -> str:
    return label("tasks", PARKED) if why == "parked" else label("standstills", why)


async def _still(visit: Visit, kind: str) -> list[tuple[str, tuple[str, ...]]]:
    """Operations' tasks of a kind in this realm, with where each is looked at."""
    wanted = InboxFilter(
        organisation=OPERATIONS_BODY,
        realm=visit.me.realm.id,
        as_of=visit.me.at,
        kind=kind,
        limit=LINES,
    )
    page = await visit.house.office.reading.inbox(wanted)
    return [(subject_path(task, None, kind), _row(task)) for task in page.tasks]


def _row(task: TaskView) -> tuple[str, ...]:
    called = task.acceptance_number or task.application or task_subject(task)
    return called, task_line(task), looks.moment(task.opened_at)


PAGES = (Page(PATH, fleet),)
