"""Lists taken along: what a spreadsheet makes of each value is what the page showed, never a formula."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from datetime import date, datetime

import openpyxl
import pytest

from starter.console.looks import looks
from starter.console.sheets import Sheet, as_csv, as_workbook, whole
from starter.desk.refusing import NoAnswer
from workflows.rules.text import shown_prose

HOSTILE = (
    "=1+1",
    '=HYPERLINK("http://x","看")',
    "+86 23",
    "-1",
    "@SUM(A1)",
    "\t=1",
    " =1",
    "　＝1",
    "张三，=1",
    "一\n二",
    "\u202e反\x07",
)


def _sheet(*values: str | int | date | datetime | None) -> Sheet:
    return Sheet("收款", ("值", "旁"), [(value, "旁") for value in values])


@pytest.mark.parametrize("value", HOSTILE)
def test_no_text_is_a_formula_in_a_workbook(value: str) -> None:
    page = openpyxl.load_workbook(io.BytesIO(as_workbook(_sheet(value)))).active
    assert page is not None
    cell = page["A2"]
    assert cell.data_type in ("s", "inlineStr")
    assert (
        str(cell.value).strip()
        == "".join("\ufffd" if sign in "\u202e\x07" else sign for sign in value).strip()
    )


@pytest.mark.parametrize("value", HOSTILE[:8])
def test_no_text_begins_like_a_formula_in_csv(value: str) -> None:
    rows = list(csv.reader(io.StringIO(as_csv(_sheet(value)).decode("utf-8-sig"))))
    assert rows[1][0] == "'" + shown_prose(value)


def test_numbers_stay_numbers_and_days_are_days_of_beijing() -> None:
    values = (-3, 12, date(2023, 10, 12), datetime.fromisoformat("2023-10-12T16:30:00+00:00"), None)
    page = openpyxl.load_workbook(io.BytesIO(as_workbook(_sheet(*values)))).active
    assert page is not None
    assert [row[0].value for row in page.iter_rows(min_row=2)] == [
        -3, 12, "2023-10-12", "2023-10-13 00:30", None,
    ]  # fmt: skip
    text = as_csv(_sheet(*values)).decode("utf-8-sig")
    assert [line.split(",")[0] for line in text.splitlines()] == [
        "值", "-3", "12", "2023-10-12", "2023-10-13 00:30", "",
    ]  # fmt: skip


LISTING = re.compile(r"<table|parts\.(?:table|linked)\(")
NOT_TAKEN = {
    "parts.html": "the parts themselves",
    "act_check.html": "what one act would do",
    "publish_check.html": "what a publication would do",
    "bulk_choose.html": "cases to choose from: 案件查询 has the list",
    "case_clock.html": "the account of a deadline, which is a paper: 期限计算书",
    "case_papers.html": "each is a file itself",
    "clock.html": "of a rehearsal",
    "fleet.html": "the machinery as it is this moment",
    "meeting.html": "an overview: 名册, 专家 and 办理记录 are its lists",
    "own_account.html": "one's own devices",
    "payments_file.html": "what came of a file: 缴费 has the lines",
}
"""Pages with a table that nobody takes along, and why."""


def test_every_page_with_a_list_lets_it_be_taken_along() -> None:
    found = looks()
    assert found.loader is not None
    lists = {}
    for name in found.list_templates():
        source = found.loader.get_source(found, name)[0]
        if LISTING.search(source):
            lists[name] = "parts.take(" in source
    assert {name for name, taken in lists.items() if not taken} == set(NOT_TAKEN)


def test_a_list_that_nobody_reads_through_is_refused_with_what_to_do() -> None:
    async def page(after: str) -> tuple[list[int], str]:
        return [0] * 5_000, "more"

    with pytest.raises(NoAnswer) as refused:
        asyncio.run(whole(page))
    [reason] = refused.value.reasons
    assert (reason.code, "筛选" in reason.next) == ("list_too_long", True)


def test_a_list_is_whole_over_its_pages() -> None:
    pages = {"": ([1, 2], "b"), "b": ([3], "")}

    async def page(after: str) -> tuple[list[int], str]:
        return pages[after]

    assert asyncio.run(whole(page)) == [1, 2, 3]


@pytest.mark.parametrize("title", ["甲/乙：[办公室]*?\\\\的代理", "名" * 40, ":", ""])
def test_a_list_is_called_by_whatever_a_workbook_takes(title: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_workbook(Sheet(title, ("列",), [("值",)]))))

    [page] = book.worksheets
    assert 0 < len(page.title) <= 31
    assert page["A2"].value == "值"
