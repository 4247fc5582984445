"""What a file is by its first bytes, whatever its name says: banks' portals and office software give
web pages, XML and text the suffix .xls, and people hand in what they have at hand.

Old and foreign formats are named and refused, not read: a reader of `.xls` that is kept takes what a
sheet claims of itself for true (decision 0017), and to save as .xlsx is one step for whoever has the
file open.
"""

from __future__ import annotations

import io
import zipfile

SAVE_AS = "请用 Excel 或者 WPS 打开后另存为 .xlsx（Excel 工作簿），再导入另存的文件"
_BOMS = b"\xef\xbb\xbf\xff\xfe\0\r\n\t "
_OLE, _ZIP = b"\xd0\xcf\x11\xe0", b"PK"
_BARE_SHEETS = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00")
"""A worksheet of Excel 2 to 5 without a container: the record BOF and its length."""

_OTHERS = {
    b"%PDF": "是 PDF，不是表格，请从银行或者办公软件导出 xlsx 或者 CSV",
    b"Rar!": "是压缩文件，请解压后导入其中的表格",
    b"\x1f\x8b": "是压缩文件，请解压后导入其中的表格",
    b"7z\xbc\xaf": "是压缩文件，请解压后导入其中的表格",
    b"\xff\xd8\xff": "是图片，不是表格，请导出 xlsx 或者 CSV",
    b"\x89PNG": "是图片，不是表格，请导出 xlsx 或者 CSV",
}
_STREAMS = {
    "EncryptedPackage": f"工作簿有打开密码，请去掉密码后再导入；{SAVE_AS}",
    "Workbook": f"是旧式 .xls 工作簿，{SAVE_AS}；有打开密码的先去掉密码",
    "Book": f"是旧式 .xls 工作簿，{SAVE_AS}；有打开密码的先去掉密码",
    "WordDocument": "是 Word 文档，不是表格，请导出 xlsx 或者 CSV",
}
"""What a container of the old format has inside, by the name of its stream."""

_MEMBERS = {
    "content.xml": f"是 OpenDocument 表格（.ods），{SAVE_AS}",
    "xl/workbook.bin": f"是二进制工作簿（.xlsb），{SAVE_AS}",
    "word/document.xml": "是 Word 文档，不是表格，请导出 xlsx 或者 CSV",
    "Index/Document.iwa": "是 Numbers 表格，请导出为 .xlsx（Excel 工作簿）后再导入",
}
WORKBOOK = "xl/workbook.xml"
_WEB = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head", b"<style")


def refusal(content: bytes) -> str:
    """Why a file is no table that is read, and what to do; empty for xlsx and for text."""
    start = content.lstrip(_BOMS)[:4096]
    for magic, sentence in _OTHERS.items():
        if content.startswith(magic):
            return sentence
    if content.startswith(_OLE):
        return _of_a_container(content)
    if content.startswith(_BARE_SHEETS):
        return _STREAMS["Book"]
    if content.startswith(_ZIP):
        return _of_an_archive(content)
    return _of_markup(start.replace(b"\0", b"").lower())


def is_workbook(content: bytes) -> bool:
    """Whether it is a workbook of Excel or of what stands in for it, of any age."""
    if content.startswith((_OLE, *_BARE_SHEETS)):
        return True
    return content.startswith(_ZIP) and (WORKBOOK in _members(content) or bool(refusal(content)))


def _of_a_container(content: bytes) -> str:
    for stream, sentence in _STREAMS.items():
        if f"{stream}\0".encode("utf-16-le") in content:
            return sentence
    return f"是旧式 .xls，或者加了打开密码的工作簿，请先去掉密码；{SAVE_AS}"


def _of_an_archive(content: bytes) -> str:
    members = _members(content)
    if WORKBOOK in members:
        return ""
    return next((told for name, told in _MEMBERS.items() if name in members), "")


def _members(content: bytes) -> frozenset[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return frozenset(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return frozenset()


def _of_markup(start: bytes) -> str:
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start and start.startswith(b"<?xml"):
        return f"是 XML 表格（.xls 只是后缀），{SAVE_AS}"
    if start.startswith(_WEB):
        return f"是网页格式（.xls 只是后缀），{SAVE_AS}"
    if start.startswith(b"mime-version:") or b"content-type: multipart/related" in start:
        return f"是单个文件网页（.xls 只是后缀），{SAVE_AS}"
    if start.startswith(b"id;p") and b"\nc;" in start:
        return f"是 SYLK 表格（.xls 只是后缀），{SAVE_AS}"
    return ""
