"""Files within a form: taken in as they come, kept with what is typed, and given out to who may."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from starter.console.pages import Page, Problem, Visit
from starter.console.seen_case import seen_case
from starter.desk.act_form import FILES, Field, Option, flat
from starter.desk.papers import stored_content
from starter.desk.refusing import NoAnswer
from starter.desk.uploading import (
    check_size,
    files_of,
    most_of,
    named_zh,
    own_uploads,
    received,
    title_of,
    type_and_name,
)

PATH = "/anjuan/{case}/wenjian/{upload}"
UPLOAD, REMOVE = "shangchuan", "shanchu"
"""The buttons that only bring the chosen files, and that take one out of the form."""
UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class TakenIn:
    """A form with its files by their ids, and what was wrong with those that were not taken."""

    form: FormData
    problems: tuple[Problem, ...] = ()


async def taken_in(visit: Visit, fields: Sequence[Field]) -> TakenIn:
    """Take in the files that a form brings; those it brought before stay, one may be taken out.

    A file that is not the visitor's own stays in no form.
    """
    keys = {field.key for field in flat(fields) if field.widget in FILES}
    if not keys:
        return TakenIn(visit.form)
    own = {option.value for option in await options(visit)}
    out = visit.value(REMOVE)
    items: list[tuple[str, UploadFile | str]] = []
    problems: list[Problem] = []
    for name, value in visit.form.multi_items():
        if _key(name) not in keys:
            if isinstance(value, str):
                items.append((name, value))
        elif isinstance(value, UploadFile):
            if value.filename:
                try:
                    items.append((name, await _received(visit, value)))
                except NoAnswer as no:
                    problems.append(_problem(no, name))
        elif value in own and f"{name}={value}" != out:
            items.append((name, value))
    return TakenIn(FormData(items), tuple(problems))


async def options(visit: Visit) -> tuple[Option, ...]:
    """The visitor's own files, as a form names them."""
    me = visit.me
    found = await own_uploads(visit.house.office, me.actor.person, me.realm.id)
    return tuple(Option(item.id, named_zh(item)) for item in found)


async def give(visit: Visit) -> Response:
    """One file of a case, to keep; nothing for whoever may not see the step that brought it."""
    page = await seen_case(visit, "cailiao")
    office, wanted = visit.house.office, str(visit.request.path_params["upload"])
    found = next((item for item, _ in await files_of(office, page) if item.id == wanted), None)
    if found is None:
        visit.nothing()
    content = await stored_content(office, found.sha256)
    kind, name = type_and_name(found, content)
    return visit.file(content, name, kind.media if kind else UNKNOWN_TYPE)


async def _received(visit: Visit, file: UploadFile) -> str:
    me, office, name = visit.me, visit.house.office, file.filename or ""
    check_size(office, file.size or 0, title_of(name))
    # One at a time of the whole console: a file is whole in memory while it is sealed.
    async with visit.house.receiving:
        content = await file.read(most_of(office) + 1)
        found = await received(office, me.actor.person, me.realm.id, content, name)
    return found.id


def _problem(no: NoAnswer, name: str) -> Problem:
    reason = no.reasons[0]
    return Problem(f"{reason.message}{reason.next}", name.partition(".")[0])


def _key(name: str) -> str:
    """`files.0.file` is the field `files.file`."""
    return re.sub(r"\.\d+\.", ".", name)


PAGES = (Page(PATH, give),)
