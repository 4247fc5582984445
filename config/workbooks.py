"""xlsx workbooks as rows of text, by openpyxl, with bounds on what a hostile one may cost.

A workbook is a zip of XML. What it unpacks to is bounded before anything is parsed, and zipfile reads
no member beyond its stated size; entities are refused by defusedxml, which openpyxl uses where it is
installed. Sizes that a sheet states of itself are not believed: some exports state one cell.
"""

from __future__ import annotations

import io
import math
import warnings
import zipfile
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

from config.reading import FileError

MOST_UNPACKED = 64 * 1024 * 1024
MOST_MEMBERS = 1_000
LAST_ROW = 1_048_576
"""Excel's own last row."""
MOST_COLUMNS = 500

NumberedRow = tuple[int, tuple[str, ...]]


def read(content: bytes, name: Path | str, most: int) -> list[tuple[str, list[NumberedRow]]]:
    """The sheets with their rows that have something, each with its number in the sheet.

    Args:
        most: rows that have something, of one sheet.

    Raises:
        FileError: it is no workbook, has a password, or is larger than any that is exported.
    """
    _check_zip(content, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions it does not know are no values
            book = openpyxl.load_workbook(
                io.BytesIO(content), read_only=True, data_only=True, keep_links=False
            )
            try:
                return [(sheet.title, _rows(sheet, name, most)) for sheet in book.worksheets]
            finally:
                book.close()
    except FileError:
        raise
    except Exception:  # whatever a parser makes of hostile bytes
        raise FileError(name, ["不是完整的 Excel 工作簿，请重新导出，或者另存为 CSV"]) from None


def text_of(value: object) -> str:
    """A cell's value as it would be typed: a number without an exponent, a day in ISO form."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, (date, time, timedelta)):
        return _moment(value)
    # A carriage return in a cell is written out so, before its line feed.
    return "" if value is None else str(value).replace("_x000D_", "")


def _moment(value: date | time | timedelta) -> str:
    if isinstance(value, datetime):
        return f"{_second(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return value.isoformat() if isinstance(value, date) else f"{value:%H:%M:%S}"


def _number(value: float) -> str:
    """Excel keeps 15 digits; what a float has beyond them is chance."""
    if not math.isfinite(value):
        return str(value)
    return f"{Decimal(format(value, '.15g')):f}"


def _second(moment: datetime) -> datetime:
    """Excel keeps a time as a part of a day, a hair beside the second that was meant."""
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)


def _rows(sheet: Any, name: Path | str, most: int) -> list[NumberedRow]:
    # A read-only sheet: the stubs give `iter_rows` of another class to it.
    sheet.reset_dimensions()
    found: list[NumberedRow] = []
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > LAST_ROW or len(cells) > MOST_COLUMNS or len(found) > most:
            raise FileError(name, [f"工作表超过 {most} 行或者 {MOST_COLUMNS} 栏，请分成几个文件"])
        written = tuple(text_of(value) for value in cells)
        if any(written):
            found.append((number, written))
    return found


def _check_zip(content: bytes, name: Path | str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise FileError(name, ["不是完整的 Excel 工作簿，请重新导出，或者另存为 CSV"]) from None
    if "xl/workbook.xml" not in {member.filename for member in members}:
        raise FileError(name, ["是压缩文件，但不是 Excel 工作簿（.xlsx），请解压后导入其中的表格"])
    if any(member.flag_bits & 1 for member in members):
        raise FileError(name, ["工作簿有密码，请去掉密码后再导入"])
    if len(members) > MOST_MEMBERS or sum(part.file_size for part in members) > MOST_UNPACKED:
        raise FileError(
            name,
            [
                f"工作簿展开后超过 {MOST_UNPACKED // 1024 // 1024} MB，请分成几个文件，或者另存为 CSV"
            ],
        )
