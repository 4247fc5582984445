"""A list as people take it along: the same lines as on the page, as a workbook or as CSV.

`?xiazai=xlsx` or `?xiazai=csv` on the list's own address, with its filters: whoever may see the page may
take it, and nobody else. A text is a text in either: nothing in it is carried out when it is opened.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from urllib.parse import quote

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.workbook.child import INVALID_TITLE_REGEX
from starlette.responses import Response

from activities.paging import every
from starter.console.pages import Visit
from starter.desk.refusing import refused
from workflows.rules.message import local
from workflows.rules.text import shown_line, shown_prose

TAKE = "xiazai"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ACTIVE = tuple("=+-@＝＋－＠\t\r")
"""What a spreadsheet takes for the beginning of something to be carried out, wide signs included."""
WIDEST, NARROWEST = 60, 8
"""Characters of a column."""

MOST = 20_000
"""Lines of what is taken along at once: it is whole in memory."""

T = TypeVar("T")
Value = str | int | date | datetime | None


@dataclass(frozen=True)
class Sheet:
    """A list with its name; each row has as many values as there are headings."""

    title: str
    headings: tuple[str, ...]
    rows: Sequence[Sequence[Value]]


async def whole(page: Callable[[str], Awaitable[tuple[Sequence[T], str]]]) -> list[T]:
    """All lines of a list, page after page; of one that nobody reads through, none.

    Args:
        page: as `every` takes it.

    Raises:
        NoAnswer: `list_too_long`.
    """
    found: list[T] = []
    async for line in every(page):
        found.append(line)
        if len(found) > MOST:
            raise refused(
                "list_too_long",
                f"这份清单超过 {MOST} 行，没有下载。",
                next_step="请先用筛选缩小范围，再下载。",
            )
    return found


def wants_sheet(visit: Visit) -> bool:
    """Whether the list is to be taken along whole, and not shown a page of."""
    return visit.asked(TAKE) in _MADE


async def taken(visit: Visit, sheet: Sheet) -> Response:
    """The list in the form that was asked for."""
    form = visit.asked(TAKE)
    make, kind = _MADE[form]
    made = await asyncio.to_thread(make, sheet)
    name = quote(f"{sheet.title}-{visit.me.at:%Y%m%d}.{form}")
    return Response(
        made,
        media_type=kind,
        headers={"content-disposition": f"attachment; filename*=UTF-8''{name}"},
    )


def as_csv(sheet: Sheet) -> bytes:
    """With what an office's spreadsheet needs to read it as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in (sheet.headings, *sheet.rows):
        writer.writerow(
            [_inert(_text(value)) if _is_text(value) else _text(value) for value in row]
        )
    return out.getvalue().encode("utf-8-sig")


HEADINGS = 1
"""Rows that stay in sight."""


def as_workbook(sheet: Sheet) -> bytes:
    """Written row by row: each cell is a number, or a text by its type and never a formula."""
    book = Workbook(write_only=True)
    page = book.create_sheet(_sheet_name(sheet.title))
    page.freeze_panes = f"{_letter(0)}{HEADINGS + 1}"
    for place, width in enumerate(_widths(sheet)):
        page.column_dimensions[_letter(place)].width = width
    for row in (sheet.headings, *sheet.rows):
        cells = []
        for value in row:
            cell = WriteOnlyCell(page, value if isinstance(value, int) else "")
            if not isinstance(value, int):
                cell.value, cell.data_type = _text(value), "s"
            cells.append(cell)
        page.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_MADE = {"xlsx": (as_workbook, XLSX), "csv": (as_csv, "text/csv; charset=utf-8")}


def _is_text(value: Value) -> bool:
    return isinstance(value, str)


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{local(value):%Y-%m-%d %H:%M}"
    return shown_prose(str(value))


def _inert(text: str) -> str:
    """A text that begins like a formula, so that it begins like none: also behind blanks."""
    return (
        f"'{text}"
        if text.lstrip(" \u3000\ufeff").startswith(ACTIVE) or text[:1] in ACTIVE
        else text
    )


def _widths(sheet: Sheet) -> list[int]:
    """Of each column what its heading and first hundred values need; a Chinese character is two wide."""
    found = []
    for place, heading in enumerate(sheet.headings):
        shown = [heading, *(_text(row[place]) for row in sheet.rows[:100])]
        widest = max(sum(1 + (ord(sign) > 255) for sign in text) for text in shown)  # noqa: PLR2004
        found.append(min(max(widest + 2, NARROWEST), WIDEST))
    return found


def _letter(place: int) -> str:
    return chr(ord("A") + place)


def _sheet_name(title: str) -> str:
    """What a workbook takes for a sheet's name: not every sign, and not all of a long one."""
    return INVALID_TITLE_REGEX.sub(" ", shown_line(title))[:31].strip() or "清单"
