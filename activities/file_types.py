"""What a file that people hand in is, by what it holds: its name and its browser's word say nothing."""

from __future__ import annotations

import io
import zipfile
from typing import NamedTuple


class FileType(NamedTuple):
    """A type that is taken: what people call it, the ending of its name, its media type."""

    name: str
    ending: str
    media: str


PDF = FileType("PDF", "pdf", "application/pdf")
JPEG = FileType("JPEG 图片", "jpg", "image/jpeg")
PNG = FileType("PNG 图片", "png", "image/png")
OFD = FileType("OFD", "ofd", "application/ofd")
TYPES = (PDF, JPEG, PNG, OFD)
ACCEPTED = ".pdf,.jpg,.jpeg,.png,.ofd"
"""For a browser's own choice; what is handed in is looked at all the same."""
TAKEN_ZH = "PDF、JPEG 或 PNG 图片、OFD"

_SIGNATURES = ((b"%PDF-", PDF), (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG))
_ZIP, _OFD_ROOT = b"PK\x03\x04", "OFD.xml"


def type_of(content: bytes) -> FileType | None:
    """The type of a file by its first bytes, an OFD by what its container has (GB/T 33190)."""
    for signature, found in _SIGNATURES:
        if content.startswith(signature):
            return found
    return OFD if content.startswith(_ZIP) and _OFD_ROOT in _members(content) else None


def _members(content: bytes) -> frozenset[str]:
    """Names alone: nothing of a container is unpacked here."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return frozenset(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return frozenset()
