"""The State Council's arrangements as files: `config/calendars/<year>.toml` → `Calendar`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from config.reading import FileError, parse, read_table
from workflows.rules.calendar import SATURDAY, Calendar, CalendarYear
from workflows.rules.days import Day
from workflows.rules.text import Line

CALENDARS = Path(__file__).parent / "calendars"
LONGEST = 31
"""Days of the longest holiday span taken for true; more is a mistyped month."""

Words = Annotated[Line, Field(min_length=1)]


class Span(BaseModel):
    """One holiday as the arrangement prints it: its first and last day off, both inclusive."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    name: Words
    first: Day = Field(alias="from")
    last: Day = Field(alias="to")

    def days(self) -> tuple[date, ...]:
        """Every day of the span, weekends included."""
        length = (self.last - self.first).days + 1
        return tuple(self.first + timedelta(days=step) for step in range(length))


class YearFile(BaseModel):
    """A year's file; `source` names the arrangement, without which no year is loaded (A5)."""

    model_config = ConfigDict(frozen=True)

    year: int
    source: Words
    holidays: tuple[Span, ...]
    workdays: tuple[Day, ...] = ()


def load_year(path: Path) -> CalendarYear:
    """Read one year.

    Raises:
        FileError: in Chinese, naming each key that is missing, unknown, wrong or contradictory.
    """
    written = parse(YearFile, read_table(path), path)
    problems = list(_contradictions(written))
    if problems:
        raise FileError(path, problems)
    return CalendarYear(
        year=written.year,
        source=written.source,
        holidays={day: span.name for span in written.holidays for day in span.days()},
        workdays=tuple(sorted(written.workdays)),
    )


def published_calendar(paths: Path | Iterable[Path] = CALENDARS) -> Calendar:
    """All published years, of a folder or of given files, under one version.

    The version names the years and a digest of what they say (`cn-2021-2026-1a2b3c4d`), so two
    calendars with one version are the same calendar.

    Raises:
        FileError: as `load_year`; also for no file at all or a year given twice.
    """
    found = sorted(paths.glob("*.toml")) if isinstance(paths, Path) else list(paths)
    if not found:
        where = paths if isinstance(paths, Path) else "日历"
        raise FileError(where, ["没有任何年份的日历文件"])
    years: dict[int, CalendarYear] = {}
    for path in found:
        loaded = load_year(path)
        if loaded.year in years:
            raise FileError(path, [f"year：{loaded.year} 年已由另一个文件给出"])
        years[loaded.year] = loaded
    ordered = {year: years[year] for year in sorted(years)}
    return Calendar(version=version_of(ordered), years=ordered)


def version_of(years: dict[int, CalendarYear]) -> str:
    """The version name of these years: first, last, and a digest of their content."""
    content = "\n".join(years[year].model_dump_json() for year in sorted(years))
    digest = sha256(content.encode()).hexdigest()[:8]
    return f"cn-{min(years)}-{max(years)}-{digest}"


def since(calendar: Calendar, year: int) -> Calendar:
    """The same calendar without the years before `year`, which no clock of a case reaches.

    The version stays: what is left out does not change what is left.
    """
    kept = {key: value for key, value in calendar.years.items() if key >= year}
    return calendar.model_copy(update={"years": kept})


def _contradictions(written: YearFile) -> Iterable[str]:
    seen: set[date] = set()
    for index, span in enumerate(written.holidays):
        key = f"holidays[{index}]"
        if span.last < span.first:
            yield f"{key}：{span.name}的最后一天 {span.last} 早于第一天 {span.first}"
            continue
        if span.last - span.first >= timedelta(days=LONGEST):
            yield f"{key}：{span.name}超过 {LONGEST} 天，请核对月份"
            continue
        days = span.days()
        if any(day.year != written.year for day in days):
            yield f"{key}：{span.name}有不在 {written.year} 年的日期，应写入该年的文件"
        if not seen.isdisjoint(days):
            yield f"{key}：{span.name}与另一节假日重叠"
        seen.update(days)
    for index, day in enumerate(written.workdays):
        key = f"workdays[{index}]"
        if day.year != written.year:
            yield f"{key}：{day} 不在 {written.year} 年"
        if day.weekday() < SATURDAY:
            yield f"{key}：{day} 不是周六或周日，无需写为上班日"
        if day in seen:
            yield f"{key}：{day} 同时写为放假和上班"
