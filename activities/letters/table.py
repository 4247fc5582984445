"""A collected letter: one table of what is overdue, falls due today, is new or is coming, by case.

Pure. What was told in letters of its own stands below the table in their words, so that nothing that
one of them would have said is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby

from activities import wording
from activities.letters.layout import environment, tidy
from activities.letters.writing import Written
from workflows.rules.message import local, local_date
from workflows.rules.text import shown_line, shown_prose

NUMERALS = "一二三四"


class Band(StrEnum):
    """Where a line stands, in the order of the table."""

    OVERDUE = "overdue"
    TODAY = "today"
    NEW = "new"
    COMING = "coming"


@dataclass(frozen=True)
class Line:
    """One thing to be done about one case or meeting."""

    subject: str
    """The case's or the meeting's id: never shown."""
    case: str
    """Its number as people quote it."""
    whose: str
    work: str
    doer: str = ""
    """Who has to do it; empty where that is the reader."""
    ends_on: date | None = None
    ends_at: datetime | None = None
    fresh: bool = False
    """The work has come since the last letter."""
    urged: bool = False
    """The applicant asked to hurry."""
    told: tuple[tuple[str, str], ...] = ()
    """Heading and body of each letter that it stands for."""

    @property
    def day(self) -> str:
        """The last day, in full."""
        return wording.last_moment_zh(self.ends_on, self.ends_at) if self.ends_on else ""

    def band(self, as_of: datetime) -> Band:
        """Where it stands at an instant."""
        today = local_date(as_of)
        if self.ends_on is not None and self.ends_on <= today:
            over = self.ends_on < today or (self.ends_at is not None and self.ends_at <= as_of)
            return Band.OVERDUE if over else Band.TODAY
        return Band.NEW if self.fresh else Band.COMING


@dataclass(frozen=True)
class Head:
    """What surrounds the table."""

    letter: str
    name: str
    as_of: datetime
    rehearsal: bool
    rows: int
    details: int
    link: str = ""
    """Where the same stands in the console; empty where there is none."""


def by_case(lines: Iterable[Line]) -> tuple[Line, ...]:
    """One line for what is the same work: what is new of it, its reminders and who urged it."""
    found: dict[tuple[str, date | None, str], Line] = {}
    for line in lines:
        key = (line.subject, line.ends_on, line.doer if line.ends_on else line.work)
        known = found.get(key)
        found[key] = line if known is None else _joined(known, line)
    return tuple(found.values())


def write_collected(head: Head, lines: Sequence[Line]) -> Written:
    """Write the letter; the most pressing first, and of too many only so many rows."""
    banded = sorted(((line.band(head.as_of), line) for line in lines), key=_order)
    shown = banded[: head.rows]
    counts = {band: sum(1 for found, _ in banded if found is band) for band in Band}
    numbered = list(enumerate(shown, 1))
    bands = [
        {
            "title": wording.label("bands_of_letters", band),
            "numeral": NUMERALS[index],
            "count": counts[band],
            "lines": [{"number": number, "line": line} for number, (_, line) in rows],
        }
        for index, (band, rows) in enumerate(
            (band, list(rows)) for band, rows in groupby(numbered, lambda item: item[1][0])
        )
    ]
    details = [
        {"number": number, "line": line, "words": words, "body": body}
        for number, (_, line) in numbered
        for words, body in line.told
    ][: head.details]
    values = {
        "name": head.name,
        "letter": head.letter,
        "as_of": head.as_of,
        "at": f"{wording.date_zh(local_date(head.as_of))}{local(head.as_of):%H:%M}",
        "rehearsal": head.rehearsal,
        "bands": bands,
        "total": len(lines),
        "counts": "，".join(
            f"{wording.label('bands_of_letters', band)}{counts[band]}件"
            for band in Band
            if counts[band]
        ),
        "pressing": bool(counts[Band.OVERDUE] or counts[Band.TODAY]),
        "left_out": len(banded) - len(shown),
        "details": details,
        "link": head.link,
    }
    subject = shown_line(_subject(head, counts, len(lines)))
    text = environment().get_template("_collected.txt.j2").render(values)
    html = environment().get_template("_collected.html.j2").render(values | {"subject": subject})
    return Written(subject, shown_prose(tidy(text)) + "\n", html)


def _joined(one: Line, other: Line) -> Line:
    """The work's own words, and what each of both says besides."""
    first, second = (other, one) if other.fresh and not one.fresh else (one, other)
    return replace(
        first,
        fresh=one.fresh or other.fresh,
        urged=one.urged or other.urged,
        ends_at=first.ends_at or second.ends_at,
        told=first.told + second.told,
    )


def _order(item: tuple[Band, Line]) -> tuple[int, date, str, str]:
    band, line = item
    return list(Band).index(band), line.ends_on or date.max, line.case, line.work


def _subject(head: Head, counts: dict[Band, int], total: int) -> str:
    """Begins with what is pressing, as the subject of each letter does."""
    today = local_date(head.as_of)
    pressing = "、".join(
        f"{wording.label('bands_of_letters', band)}{counts[band]}件"
        for band in (Band.OVERDUE, Band.TODAY)
        if counts[band]
    )
    day = f"{today.month}月{today.day}日"
    return f"{'【演练】' if head.rehearsal else ''}{pressing}【职评】{day}待办汇总（共{total}件）"
