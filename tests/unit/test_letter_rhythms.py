"""When what an organisation has to do is told; the hours are those that are shipped."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from activities.letters.rhythms import Rhythms, rhythms
from workflows.rules.message import BEIJING, end_of, local
from workflows.rules.names import Rhythm

SHIPPED = rhythms()
HOLIDAYS = {date(2023, 9, 29), *(date(2023, 10, day) for day in range(1, 7))}
WORKED = {date(2023, 10, 7), date(2023, 10, 8)}


def works(day: date) -> bool:
    """China's days around the National Day of 2023."""
    return day in WORKED or (day.weekday() < 5 and day not in HOLIDAYS)


def at(moment: str) -> datetime:
    return local(datetime.fromisoformat(moment))


@pytest.mark.parametrize(
    ("rhythm", "since", "last", "told"),
    [
        ("daily", "2023-10-11T10:00", None, "2023-10-12T09:00"),
        ("daily", "2023-10-12T08:59:59", None, "2023-10-12T09:00"),
        # Reminders come at nine: the letter waits five minutes for them.
        ("daily", "2023-10-12T09:04:59", None, "2023-10-12T09:00"),
        ("daily", "2023-10-12T09:05", None, "2023-10-13T09:00"),
        ("daily", "2023-10-12T09:00", "2023-10-12", "2023-10-12T09:00"),
        # Over a weekend, and over the holidays to the Saturday that is worked.
        ("daily", "2023-10-13T17:00", None, "2023-10-16T09:00"),
        ("daily", "2023-09-28T17:00", None, "2023-10-07T09:00"),
        # What falls due today is told today, as long as an hour of today is left.
        ("daily", "2023-10-12T10:00", "2023-10-12", "2023-10-12T14:00"),
        ("daily", "2023-10-12T08:00", "2023-10-12", "2023-10-12T09:00"),
        ("daily", "2023-10-12T14:00", "2023-10-12", "2023-10-12T14:00"),
        ("daily", "2023-10-12T14:05", "2023-10-12", None),
        ("daily", "2023-10-12T10:00", "2023-10-12T13:00", None),
        # Due on a Sunday: told on that day before it is over, not on Monday.
        ("daily", "2023-10-13T17:00", "2023-10-15", "2023-10-15T14:00"),
        ("daily", "2023-10-12T10:00", "2023-10-13T09:00", None),
        ("daily", "2023-10-12T10:00", "2023-10-13T09:06", "2023-10-13T09:00"),
        ("daily", "2023-10-12T10:00", "2023-10-13T09:04", None),
        # What is overdue waits like all else.
        ("daily", "2023-10-12T10:00", "2023-10-11", "2023-10-13T09:00"),
        ("weekly", "2023-10-11T10:00", None, "2023-10-16T09:00"),
        ("weekly", "2023-10-16T08:00", None, "2023-10-16T09:00"),
        # The Monday is a holiday, and the first day that is worked is the Saturday.
        ("weekly", "2023-09-26T10:00", None, "2023-10-07T09:00"),
        ("weekly", "2023-10-11T10:00", "2023-10-17", "2023-10-16T09:00"),
        ("weekly", "2023-10-11T10:00", "2023-10-16", "2023-10-12T09:00"),
        ("weekly", "2023-10-11T10:00", "2023-10-11", "2023-10-11T14:00"),
        ("at_once", "2023-10-11T10:00", None, None),
    ],
)
def test_the_hour(rhythm: str, since: str, last: str | None, told: str | None) -> None:
    ends = None
    if last is not None:
        ends = at(last) if "T" in last else end_of(date.fromisoformat(last))

    assert SHIPPED.hour(Rhythm(rhythm), at(since), ends, works) == (told and at(told))


def test_nothing_waits_beyond_its_last_moment() -> None:
    """Whatever the minute of a fortnight, the day it is due and the rhythm."""
    for day in range(1, 15):
        for hour in range(0, 24, 3):
            since = datetime(2023, 10, day, hour, 30, tzinfo=BEIJING)
            for due in range(day, 20):
                last = end_of(date(2023, 10, due))
                for rhythm in Rhythm:
                    told = SHIPPED.hour(rhythm, since, last, works)
                    sent = told and told + SHIPPED.waiting
                    assert sent is None or since < sent < last


def test_hours_are_data() -> None:
    """Twice a day, and weekly on Thursdays; nothing of its own for what falls due today."""
    own = Rhythms(
        kinds=frozenset(), waits=0, daily=(time(16), time(8)), weekly_from=4, weekly=time(10)
    )

    assert own.hour(Rhythm.DAILY, at("2023-10-11T10:00"), None, works) == at("2023-10-11T16:00")
    assert own.hour(Rhythm.WEEKLY, at("2023-10-11T10:00"), None, works) == at("2023-10-12T10:00")
    assert own.hour(Rhythm.WEEKLY, at("2023-10-12T10:00"), None, works) == at("2023-10-19T10:00")
    assert own.hour(Rhythm.DAILY, at("2023-10-11T17:00"), end_of(date(2023, 10, 11)), works) is None


def test_a_calendar_without_a_working_day_still_has_hours() -> None:
    for rhythm in (Rhythm.DAILY, Rhythm.WEEKLY):
        assert SHIPPED.hour(rhythm, at("2023-10-11T10:00"), None, lambda _: False) is not None
