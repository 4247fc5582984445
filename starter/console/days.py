"""A day as it is stated in a form: three fields 年 月 日, in whatever digits they were typed."""

from __future__ import annotations

from datetime import date

from starter.console.pages import Problem, Visit
from workflows.rules.days import is_of_a_calendar

PARTS = ("year", "month", "day")
Parts = tuple[str, str, str]
NO_DAY: Parts = ("", "", "")


class DayWrongError(Exception):
    """What was stated is no day; with the problem that says so at its field."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.words)
        self.problem = problem


def stated_day(visit: Visit, name: str, label: str) -> date | None:
    """A day field of a form; None where nothing was stated in it.

    Args:
        label: what the day is called on the page.

    Raises:
        DayWrongError: it is no day.
    """
    parts = stated_parts(visit, name)
    if not any(parts):
        return None
    for part, called in zip(parts, "年月日", strict=True):
        if not part.isdecimal():
            raise DayWrongError(Problem(f"{label}的“{called}”请填数字。", name))
    try:
        found = date(*map(int, parts))
    except (ValueError, OverflowError):
        raise DayWrongError(Problem(f"{label}没有这一天，请核对年、月、日。", name)) from None
    if not is_of_a_calendar(found):
        raise DayWrongError(Problem(f"{label}的年份不能采用，请核对。", name))
    return found


def stated_parts(visit: Visit, name: str) -> Parts:
    """The three fields as they were stated, to be shown again."""
    year, month, day = (visit.value(f"{name}-{part}") for part in PARTS)
    return year, month, day


def parts_of(day: date | None) -> Parts:
    """A day as its three fields show it."""
    return (str(day.year), str(day.month), str(day.day)) if day else NO_DAY
