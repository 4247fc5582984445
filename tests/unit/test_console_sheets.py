"""Lists taken along: what a spreadsheet makes of each value is what the page showed, never a formula."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import openpyxl
import pytest

from starter.console.sheets import Sheet, as_csv, as_workbook
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
