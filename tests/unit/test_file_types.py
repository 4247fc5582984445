"""What a file is by what it holds."""

from __future__ import annotations

import io
import zipfile

import pytest

from activities.file_types import JPEG, OFD, PDF, PNG, FileType, type_of
from starter.desk.uploading import LONGEST_NAME, title_of


def archive(*names: str) -> bytes:
    """A container with these members."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"%PDF-1.7\n%%EOF", PDF),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", JPEG),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", PNG),
        (archive("OFD.xml", "Doc_0/Document.xml"), OFD),
        (archive("xl/workbook.xml"), None),
        (archive("Doc_0/OFD.xml"), None),
        (b"PK\x03\x04OFD.xml", None),
        (b"\n%PDF-1.7", None),
        (b"<html>%PDF-1.7", None),
        (b"GIF89a", None),
        (b"MZ\x90", None),
        (b"\x89PNG", None),
        (b"", None),
    ],
)
def test_a_type_is_what_the_bytes_say(content: bytes, found: FileType | None) -> None:
    assert type_of(content) == found


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("合同.pdf", "合同"),
        ("../../etc/passwd", "passwd"),
        ("C:\\材料\\合同.PDF", "合同"),
        (".pdf", ".pdf"),
        ("", "文件"),
        ("a\u202egnp.exe", "a\ufffdgnp"),
        ("合\n同.pdf", "合\ufffd同"),
        ("长" * 300 + ".pdf", "长" * LONGEST_NAME),
    ],
)
def test_a_name_keeps_no_folder_no_ending_and_nothing_that_cannot_be_shown(
    name: str, title: str
) -> None:
    assert title_of(name) == title
