"""Formats that are no xlsx and no text, at every door that takes a file (issue 9, point 7)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from config.directory_files import read as read_directory
from config.payment_files import understand
from config.payment_profiles import read_profile
from config.reading import FileError
from config.submission_files import read as read_submission
from starter.counting_sheets import ballots, opinions
from tests.edges.sheets import workbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SPREADSHEET_2003 = (
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet/></Workbook>'
)
TABLE = "<tr><td>交易流水号</td><td>交易金额</td></tr>"


def container(stream: str) -> bytes:
    """A container of Office 97 with one stream, as far as its directory says what it is."""
    return OLE + b"\0" * 504 + f"Root Entry\0{stream}\0".encode("utf-16-le") + b"\0" * 512


def archive(*members: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for member in members:
            file.writestr(member, "x")
    return made.getvalue()


KINDS: dict[str, tuple[bytes, str]] = {
    "Excel 97 .xls": (container("Workbook"), "旧式 .xls"),
    "Excel 95 .xls": (container("Book"), "旧式 .xls"),
    "Excel 4 without a container": (b"\x09\x04\x06\x00\0\0\x10\0", "旧式 .xls"),
    "xlsx with a password": (container("EncryptedPackage"), "打开密码"),
    "a container of something else": (container("Contents"), "旧式 .xls，或者加了打开密码"),
    "Word 97": (container("WordDocument"), "Word 文档"),
    "docx": (archive("[Content_Types].xml", "word/document.xml"), "Word 文档"),
    "ods": (archive("mimetype", "content.xml"), "OpenDocument"),
    "xlsb": (archive("xl/workbook.bin"), "二进制工作簿"),
    "numbers": (archive("Index/Document.iwa"), "Numbers"),
    "a zip": (archive("账单.csv"), "请解压"),
    "a bank's web page": (f"<html><body><table>{TABLE}</table></body>".encode("gbk"), "网页格式"),
    "a table alone": (f"\r\n  <TABLE>{TABLE}</TABLE>".encode(), "网页格式"),
    "a page with its encoding first": (b"<meta charset=gbk><table></table>", "网页格式"),
    "a page in UTF-16": (f"\ufeff<html>{TABLE}</html>".encode("utf-16-le"), "网页格式"),
    "XML of 2003": (SPREADSHEET_2003.encode(), "XML 表格"),
    "a page in one file": (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n",
        "单个文件网页",
    ),
    "SYLK": (b'ID;PWXL;N;E\r\nP;PGeneral\r\nC;Y1;X1;K"a"\r\n', "SYLK"),
    "a photograph": (b"\xff\xd8\xff\xe0\0\x10JFIF", "图片"),
    "a screenshot": (b"\x89PNG\r\n\x1a\n", "图片"),
}


def bank(path: Path) -> object:
    return understand(path.read_bytes(), path, read_profile())


DOORS: dict[str, Callable[[Path], object]] = {
    "payments": bank,
    "ballots": ballots,
    "opinions": opinions,
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("suffix", ["xls", "csv"])
def test_what_it_is_decides_and_what_to_do_is_said(
    tmp_path: Path, door: str, kind: str, suffix: str
) -> None:
    """A page in one file and XML were told "缺少列" or called a web page."""
    content, said = KINDS[kind]
    path = tmp_path / f"导出.{suffix}"
    path.write_bytes(content)
    with pytest.raises(FileError) as caught:
        DOORS[door](path)
    [problem] = caught.value.problems
    assert said in problem
    assert "请" in problem


@pytest.mark.parametrize("suffix", ["xls", "csv", "txt", "et"])
def test_a_table_is_taken_whatever_its_name_says(tmp_path: Path, suffix: str) -> None:
    """Text under the name of .xls, as many portals give it, and xlsx under the name of .csv."""
    rows: list[list[object]] = [["申报", "同意", "反对"], ["BD-0001", 7, 2]]
    text = "\n".join("\t".join(str(cell) for cell in row) for row in rows) + "\n"
    for content in (workbook(rows), text.encode("gb18030"), text.encode("utf-16")):
        path = tmp_path / f"a.{suffix}"
        path.write_bytes(content)
        assert [(one["application"], one["yes"]) for one in ballots(path)] == [("BD-0001", 7)]


@pytest.mark.parametrize("read", [read_submission, read_directory])
@pytest.mark.parametrize(
    "content",
    [
        workbook([["姓名"]]),
        container("Workbook"),
        container("EncryptedPackage"),
        archive("content.xml"),
    ],
    ids=["xlsx", "xls", "password", "ods"],
)
def test_a_workbook_where_a_text_is_wanted_is_called_so(
    tmp_path: Path, read: Callable[[Path], object], content: bytes
) -> None:
    """It was told to be no UTF-8 in its first line."""
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    with pytest.raises(FileError, match="是表格文件（工作簿），这里应为文本文件"):
        read(path)
