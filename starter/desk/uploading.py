"""Files that come in with an act: what is taken, whose it is, and which of a case are for somebody."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import structlog

from activities.file_types import TAKEN_ZH, FileType, type_of
from activities.intake import IntakeError
from activities.scanning import Scanner, ScannerAwayError
from activities.texts import marked
from activities.views import DocumentView, TimelineEntry
from starter.desk.case_page import CasePage
from starter.desk.office import Office
from starter.desk.refusing import refused, unavailable
from starter.desk.stating import StatedError
from workflows.application.catalogue import CATALOGUE
from workflows.rules.text import shown_line
from workflows.writer.messages import Act
from workflows.writer.payloads import UPLOAD, Payload

MEGABYTE = 1024 * 1024
OFFERED = 100
"""Of somebody's own uploads, the last ones, a form offers so many."""
A_DAY = 300
"""Uploads of one person in twenty-four hours."""
LONGEST_NAME = 120
PREFIX = "upload-"

logger = structlog.get_logger(__name__)


async def received(
    office: Office, person: str, realm: str, content: bytes, name: str, kind: str = ""
) -> DocumentView:
    """Take in a file as somebody hands it in: looked at, sealed, under a title of that person's own.

    Args:
        name: what it is called where it comes from; its folders and its ending do not count.

    Raises:
        NoAnswer: it is empty, too large, of no type that is taken, or not clean; too many came
            today; or nobody could look at it.
    """
    title = title_of(name)
    check_size(office, len(content), title)
    found = type_of(content)
    if found is None:
        raise refused(
            "file_type_refused",
            f"“{title}”不是可以上传的文件。",
            next_step=f"可以上传{TAKEN_ZH}；其他格式请先转换为 PDF。",
        )
    if await office.reading.uploads_since_yesterday(person, realm) >= A_DAY:
        raise refused(
            "too_many_files",
            f"一天之内上传的文件不能超过 {A_DAY} 个。",
            next_step="请选用此前上传的文件，或者明天再上传。",
        )
    await _check_clean(office, content, title)
    try:
        return await office.intake.store_file(
            person, content, kind, f"{title}.{found.ending}", realm=realm
        )
    except IntakeError as err:
        raise refused(err.code, f"“{title}”：{err}", next_step="请另选一个文件。") from None


def check_size(office: Office, size: int, title: str) -> None:
    """Whether a file of a size is taken.

    Raises:
        NoAnswer: `file_empty`, `file_too_large`.
    """
    if size == 0:
        raise refused("file_empty", f"“{title}”是空的。", next_step="请核对后重新选择。")
    if size > most_of(office):
        raise refused(
            "file_too_large",
            f"“{title}”超过 {office.settings.upload_megabytes} MB。",
            next_step="请压缩或者分成几个文件后再上传。",
        )


def most_of(office: Office) -> int:
    """How many bytes a file may have."""
    return office.settings.upload_megabytes * MEGABYTE


def title_of(name: str) -> str:
    """What a file is called, as it may be shown and printed; without folders and ending."""
    plain = shown_line(PurePath(name.replace("\\", "/")).name)
    return (PurePath(plain).stem or "文件")[:LONGEST_NAME]


async def own_uploads(office: Office, person: str, realm: str) -> tuple[DocumentView, ...]:
    """The last files of somebody's own, the last first."""
    return await office.reading.uploads_of(person, realm, OFFERED)


def named_zh(found: DocumentView) -> str:
    """A file as a form names it."""
    return f"{found.title or '文件'}（{size_zh(found.size)}）"


def size_zh(size: int) -> str:
    """A size as people read it."""
    return f"{size / MEGABYTE:.1f} MB" if size >= MEGABYTE else f"{max(1, size // 1024)} KB"


async def check_own(office: Office, model: type[Payload], act: Act) -> None:
    """An act brings files of its own actor's and nobody else's: who may see a case may fetch them.

    Raises:
        StatedError: naming the first that is none.
    """
    wanted = uploads_in(model, act.payload)
    if not wanted:
        return
    own = {
        item.id
        for item in await office.reading.documents(wanted)
        if item.person == act.actor.person
    }
    for upload in wanted:
        if upload not in own:
            raise StatedError([f"没有文件“{upload}”，或者不是您本人上传的，请重新上传"])


def uploads_in(model: type[Payload], stated: Mapping[str, Any]) -> tuple[str, ...]:
    """The uploads that a payload names, each once; what a rehearsal calls a file is none."""
    found = marked(model, stated, UPLOAD)
    return tuple(dict.fromkeys(item for item in found if item.startswith(PREFIX)))


def stated_uploads(page: CasePage) -> dict[str, TimelineEntry]:
    """The uploads that the steps somebody may see brought into a case, with the step of each.

    Another's upload that a step names is not among what is given out: see `file_of`.
    """
    found: dict[str, TimelineEntry] = {}
    for entry in page.entries:
        row = CATALOGUE.get(entry.name)
        if entry.source != "act" or row is None:
            continue
        for upload in uploads_in(row.payload, entry.payload):
            found.setdefault(upload, entry)
    return found


async def files_of(office: Office, page: CasePage) -> list[tuple[DocumentView, TimelineEntry]]:
    """The files of a case that are for whoever looks at it, with the step that brought each."""
    stated = stated_uploads(page)
    found = {item.id: item for item in await office.reading.documents(stated)}
    return [
        (found[upload], entry)
        for upload, entry in stated.items()
        if upload in found and found[upload].person == entry.actor
    ]


def type_and_name(found: DocumentView, content: bytes) -> tuple[FileType | None, str]:
    """How a file leaves the house: its type as it is now, under its title."""
    return type_of(content), found.title or "文件"


async def _check_clean(office: Office, content: bytes, title: str) -> None:
    address = office.settings.scanner_address
    if not address:
        return
    try:
        finding = await Scanner(address).finding(content)
    except ScannerAwayError as err:
        logger.warning("scanner_away", why=str(err))
        raise unavailable(
            f"“{title}”没有上传：暂时不能检查文件是否安全。", "请稍后再上传；其他内容不受影响。"
        ) from None
    if finding:
        logger.warning("file_infected", finding=finding)
        raise refused(
            "file_infected",
            f"“{title}”没有通过安全检查。",
            next_step="请用杀毒软件检查电脑后，另选一个文件。",
        )
