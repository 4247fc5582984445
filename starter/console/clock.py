"""演练时钟：演练现在几号，接着有什么到期，把时钟拨到哪一天。

Moved by the same hand as the command line's (`starter/rehearsal/by_hand.py`), as a job: the page says
how far it is and looks again by itself.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from starlette.responses import Response

from activities.realm_clock import next_due
from activities.wording import label
from starter.console import looks
from starter.console.days import NO_DAY, DayWrongError, stated_day, stated_parts
from starter.console.jobs import Progress
from starter.console.pages import Page, Problem, Visit
from starter.desk.refusing import NoAnswer
from starter.later import later
from workflows.rules.message import BEIJING, local_date

with later():  # who only looks needs no engine's library
    from starter.rehearsal import by_hand

PATH, MOVE = "/yanlian", "/yanlian/bo"
OPENS = time(9)
"""A day is moved to at nine: what ended with the day before has struck then."""
STEPS = ((1, "后一天"), (7, "后七天"), (30, "后三十天"))
LOOK_AGAIN = {"refresh": "2"}
DAY = "day"


async def clock(visit: Visit) -> Response:
    """演练时钟。"""
    _check(visit)
    return await _page(visit)


async def move(visit: Visit) -> Response:
    """Begin to move the clock to nine of a day; a way that nobody goes by mistake is asked about."""
    _check(visit)
    me, office = visit.me, visit.house.office
    try:
        day = stated_day(visit, DAY, "日期")
        if day is None:
            return await _page(visit, Problem("请填写要拨到的日期。", DAY))
        way = by_hand.way_to(
            me.realm.id, me.at, _nine_of(day), await office.reading.calendar(realm=me.realm.id)
        )
    except DayWrongError as err:
        return await _page(visit, err.problem)
    except NoAnswer as no:
        return await _page(visit, Problem(no.reasons[0].message, DAY))
    if way.is_long and not visit.value("sure"):
        return visit.page(
            "clock_sure.html", way=way, words=way.words(), parts=stated_parts(visit, DAY)
        )

    async def moved(progress: Progress) -> dict[str, Any]:
        def watch(moving: Any) -> None:
            progress.look = lambda: (moving.moving, moving.arrived)

        await by_hand.advance(
            office.settings, me.realm.id, to=way.goal, sure=lambda _: None, watch=watch
        )
        return {}

    await visit.house.jobs.start(*_subject(visit), work=moved, about=looks.moment(way.goal))
    return await visit.go(PATH)


async def _page(visit: Visit, *problems: Problem) -> Response:
    me = visit.me
    job = await visit.house.jobs.last(*_subject(visit))
    moving = job is not None and not job.is_over
    today = local_date(me.at)
    due = await next_due(visit.house.office.pool, me.realm.id, me.at)
    return visit.page(
        "clock.html",
        status=422 if problems else 200,
        headers=LOOK_AGAIN if moving else None,
        problems=problems,
        job=job,
        moving=moving,
        rows=[(looks.day(item.ends_on), label("rules", item.rule), item.count) for item in due],
        # The first day on which it is over, once for several clocks of one day.
        presets=[(today + timedelta(days=days), words) for days, words in STEPS]
        + [
            (day + timedelta(days=1), f"{day.month}月{day.day}日的期限届满之后")
            for day in sorted({item.ends_on for item in due})
        ],
        parts_of_day=stated_parts(visit, DAY) if visit.is_stated else NO_DAY,
    )


def _check(visit: Visit) -> None:
    """Only in a rehearsal of an embedded stack, and for whoever acts for an organisation in it."""
    me, settings = visit.me, visit.house.office.settings
    if not (me.is_rehearsing and me.hat is not None and settings.is_embedded):
        visit.nothing()


def _subject(visit: Visit) -> tuple[str, str]:
    return "clock", visit.me.realm.id


def _nine_of(day: date) -> datetime:
    return datetime.combine(day, OPENS, BEIJING)


PAGES = (Page(PATH, clock), Page(MOVE, move, ("POST",)))
