"""The calendar files say what the State Council printed, and refuse what cannot be."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import holidays
import pytest

from config.calendar_files import CALENDARS, load_year, published_calendar, since
from config.reading import FileError
from workflows.rules.calendar import Calendar
from workflows.rules.refusals import Code, Refused

YEARS = range(2021, 2027)
ORACLE = holidays.country_holidays("CN", years=range(2004, 2028))


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return published_calendar()


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=step) for step in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", YEARS)
def test_every_day_agrees_with_two_independent_calendars(calendar: Calendar, year: int) -> None:
    for day in days_of(year):
        working = calendar.is_working_day(day)

        assert working == chinese_calendar.is_workday(day), day
        assert working == ORACLE.is_working_day(day), day


def test_the_oracles_differ_on_one_day_only() -> None:
    """2005-12-31; were there more, their agreement above would prove little."""
    differing = [
        day
        for year in range(2005, 2027)
        for day in days_of(year)
        if chinese_calendar.is_workday(day) != ORACLE.is_working_day(day)
    ]

    assert differing == [date(2005, 12, 31)]


@pytest.mark.parametrize("year", YEARS)
def test_each_year_names_its_arrangement(year: int) -> None:
    loaded = load_year(CALENDARS / f"{year}.toml")

    assert loaded.year == year
    assert f"国务院办公厅关于{year}年部分节假日安排的通知" in loaded.source
    assert f"国办发明电〔{year - 1}〕" in loaded.source


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2023, 10, 7), None),
        (date(2023, 10, 8), None),
        (date(2024, 10, 12), None),
        (date(2024, 2, 9), None),
        (date(2024, 2, 18), None),
        (date(2022, 12, 31), "元旦"),
        (date(2023, 9, 29), "中秋节、国庆节"),
        (date(2023, 10, 9), None),
        (date(2023, 10, 14), "周六"),
        (date(2023, 10, 15), "周日"),
    ],
)
def test_why_a_day_does_not_count(calendar: Calendar, day: date, why: str | None) -> None:
    assert calendar.why_rest(day) == why


def test_a_year_that_is_not_published_is_never_guessed(calendar: Calendar) -> None:
    with pytest.raises(Refused) as refused:
        calendar.add_working_days(date(2026, 12, 30), 5)

    assert refused.value.first.code is Code.CALENDAR_MISSING
    assert refused.value.first.params == {"year": "2027"}


def test_the_version_names_the_years_and_changes_with_a_day(tmp_path: Path) -> None:
    whole = published_calendar()
    for path in CALENDARS.glob("*.toml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    again = published_calendar(tmp_path)
    changed_file = tmp_path / "2024.toml"
    text = changed_file.read_text(encoding="utf-8")
    changed_file.write_text(text.replace("2024-10-12]", "2024-10-19]"), encoding="utf-8")
    changed = published_calendar(tmp_path)

    assert whole.version.startswith("cn-2021-2026-")
    assert again == whole
    assert changed.version != whole.version


def test_a_case_carries_only_the_years_it_can_reach(calendar: Calendar) -> None:
    carried = since(calendar, 2024)

    assert sorted(carried.years) == [2024, 2025, 2026]
    assert carried.version == calendar.version


@pytest.mark.parametrize(
    ("day", "length", "expected"),
    [
        (date(2023, 11, 15), -1, date(2023, 11, 14)),
        (date(2023, 10, 9), -1, date(2023, 10, 8)),
        (date(2023, 10, 7), -1, date(2023, 9, 28)),
        (date(2023, 10, 31), 0, date(2023, 10, 31)),
        (date(2023, 9, 28), 1, date(2023, 10, 7)),
    ],
)
def test_working_days_are_added_and_taken_back(
    calendar: Calendar, day: date, length: int, expected: date
) -> None:
    assert calendar.add_working_days(day, length) == expected


SOUND = """year = 2027
source = "某号"
workdays = [2027-10-09]

[[holidays]]
name = "国庆节"
from = 2027-10-01
to = 2027-10-07
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('source = "某号"', "", "source：缺少这一项"),
        ('source = "某号"', 'source = ""', "source：不能为空"),
        ("workdays", "workday", "workday：没有这个键，是否应为 workdays"),
        ("2027-10-09]", "2027-10-11]", "不是周六或周日"),
        ("2027-10-09]", "2027-10-02]", "同时写为放假和上班"),
        ("2027-10-09]", "2026-10-10]", "不在 2027 年"),
        ("to = 2027-10-07", "to = 2027-09-07", "早于第一天"),
        ("to = 2027-10-07", "to = 2027-12-07", "超过 31 天"),
        ("from = 2027-10-01", "from = 2026-12-31", "超过 31 天"),
        ("to = 2027-10-07", 'to = "十月"', "holidays[0].to：不是日期"),
        ("year = 2027", "year = ", "不是正确的 TOML"),
    ],
)
def test_a_wrong_year_file_is_refused_by_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "2027.toml"
    path.write_text(SOUND.replace(old, new), encoding="utf-8")

    with pytest.raises(FileError, match="2027") as refused:
        load_year(path)

    assert any(said in problem for problem in refused.value.problems), refused.value.problems


def test_a_folder_needs_years_and_each_once(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="没有任何年份"):
        published_calendar(tmp_path)
    for name in ("2027.toml", "again.toml"):
        (tmp_path / name).write_text(SOUND, encoding="utf-8")

    with pytest.raises(FileError, match="2027 年已由另一个文件给出"):
        published_calendar(tmp_path)
