"""What comes in before there is a case: drafts, texts, files, inputs of operations, realms."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, model_validator

from activities.database import LIVE, Pool, scope
from activities.documents import Documents
from activities.identity import Identity
from activities.people import person_id_for
from activities.statements import statements
from activities.texts import USE as TEXT_USE
from activities.texts import reference_of
from activities.views import DocumentView
from workflows.rules.addresses import MaybeEmail
from workflows.rules.facts import Facts
from workflows.rules.message import Message
from workflows.rules.people import IdNumber, PersonName, Phone, need_born_before
from workflows.rules.text import Line

SQL = statements("intake")
INPUT_USE = "stored_input.body"
MAX_FILE_BYTES = 50 * 1024 * 1024


class IntakeError(Exception):
    """Something cannot be taken in; `code` is stable, the message never repeats personal data."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class StatedIdentity(BaseModel):
    """The person behind an application, as the file states it (checked where it was read)."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    name: PersonName = Field(min_length=1)
    id_number: IdNumber = Field(min_length=1)
    phone: Phone = ""
    email: MaybeEmail = ""
    address: Line = ""


class StatedApplication(BaseModel):
    """A submission document: `config.submission_files.ApplicationFile` as it is stored."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    identity: StatedIdentity
    facts: Facts
    achievement_titles: dict[Line, Line] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _born_before(self) -> Self:
        need_born_before(self.identity.id_number, *self.facts.grown_up_on())
        return self


class Duplicate(Message):
    """An open application of the same person."""

    application: str
    campaign: str
    channel: str
    stage: str | None = None
    submitted_at: datetime | None = None


class Intake:
    """Writes what a person hands in before any workflow hears of it (design.md 11)."""

    def __init__(self, pool: Pool, identity: Identity, documents_dir: Path) -> None:
        self._pool = pool
        self._identity = identity
        self.documents = Documents(documents_dir, identity)

    async def store_draft(self, realm: str, campaign: str, application: Mapping[str, Any]) -> str:
        """Store a submission document and return the draft's id; the same document is one draft.

        What it states of the applicant stays with the draft and is the case's; what is kept of the
        person, perhaps a member of staff, is not touched.

        Args:
            application: `identity`, `facts` and `achievement_titles` as JSON values.

        Raises:
            IntakeError: `realm_closed` where the realm is unknown or closed.
            pydantic.ValidationError: the document is not one; its input is not shown.
        """
        stated = StatedApplication.model_validate(dict(application))
        await self._need_open(realm)
        identity, kept_under = self._identity, scope(realm)
        content = identity.content_hash(f"{campaign}\n{_canonical(stated)}")
        async with self._pool.acquire() as connection, connection.transaction():
            id_hash = identity.id_hash(stated.identity.id_number)
            person = await person_id_for(connection, id_hash, kept_under)
            name = identity.seal(stated.identity.name, "person.name")
            name_hash = identity.name_hash(stated.identity.name)
            number = identity.seal(stated.identity.id_number, "person.id_number")
            await connection.execute(
                SQL["know_person"], person, kept_under, name, name_hash, number, id_hash
            )
            titles = json.dumps(stated.achievement_titles, ensure_ascii=False)
            draft = await connection.fetchval(
                SQL["keep_draft"],
                f"draft-{uuid4()}",
                realm,
                person,
                campaign,
                stated.facts.model_dump_json(),
                identity.seal(titles, "draft.titles"),
                content,
                name,
                name_hash,
                identity.seal_optional(stated.identity.phone, "person.phone"),
                identity.seal_optional(stated.identity.email, "person.email"),
                identity.seal_optional(stated.identity.address, "person.address"),
            )
            found: str = draft or await connection.fetchval(SQL["draft_by_content"], realm, content)
        return found

    async def duplicates(self, realm: str, id_number: str) -> tuple[Duplicate, ...]:
        """Open applications of whoever has this ID number, for a warning before submission."""
        rows = await self._pool.fetch(SQL["duplicates"], realm, self._identity.id_hash(id_number))
        return tuple(Duplicate.model_validate(dict(row)) for row in rows)

    async def store_text(self, text: str) -> str:
        """Store a free text and return its reference (`text-…`).

        The same text has the same reference, so that a request asked again is the same request.

        Raises:
            IntakeError: `unsafe_text`.
        """
        _check_keepable(text)
        reference = reference_of(self._identity.content_hash(text))
        await self._pool.execute(SQL["add_text"], reference, self._identity.seal(text, TEXT_USE))
        return reference

    async def store_input(self, value: Any) -> str:
        """Store the input of an operation (a JSON value) and return its id.

        Raises:
            IntakeError: `unsafe_text`.
        """
        reference = f"input-{uuid4()}"
        body = json.dumps(value, ensure_ascii=False, default=str)
        _check_keepable(body)
        await self._pool.execute(SQL["add_input"], reference, self._identity.seal(body, INPUT_USE))
        return reference

    async def store_file(
        self,
        person: str,
        source: bytes | Path,
        kind: str = "",
        title: str = "",
        *,
        realm: str = LIVE,
    ) -> DocumentView:
        """Store a file as somebody hands it in; the same again is the same upload.

        The same bytes of another person, or under another kind or title, are another upload of the
        same file.

        Raises:
            IntakeError: `file_too_large`, `file_empty`, `unsafe_text`.
        """
        _check_keepable(kind + title)
        content = source if isinstance(source, bytes) else await asyncio.to_thread(_read, source)
        _check_size(len(content))
        identity = self._identity
        async with self._pool.acquire() as connection, connection.transaction():
            digest = await self.documents.keep(connection, content)
            about = identity.content_hash(json.dumps([digest, kind, title]))
            added = await connection.fetchval(
                SQL["add_upload"],
                f"upload-{uuid4()}",
                realm,
                person,
                digest,
                kind,
                identity.seal_optional(title, "upload.title"),
                about,
            )
            found = added or await connection.fetchval(SQL["upload_once"], realm, person, about)
        return DocumentView(
            id=found, person=person, sha256=digest, size=len(content), kind=kind, title=title
        )

    async def open_realm(
        self, realm: str, opens_at: datetime, *, title: str = "", now: datetime | None = None
    ) -> float:
        """Open a rehearsal whose local time begins at `opens_at`; return its shift in seconds.

        Raises:
            IntakeError: `realm_exists`, or `realm_name` for a name that is the live office's.
        """
        if not realm or realm == "live":
            raise IntakeError("realm_name", "演练须有自己的名称，不能是 live。")
        shift = (opens_at - (now or datetime.now(UTC))).total_seconds()
        made = await self._pool.fetchval(
            SQL["add_realm"], realm, "rehearsal", title, opens_at, shift
        )
        if made is None:
            raise IntakeError("realm_exists", f"演练 {realm} 已存在，请换一个名称。")
        return shift

    async def _need_open(self, realm: str) -> None:
        if not await self._pool.fetchval(SQL["realm_open"], realm):
            raise IntakeError("realm_closed", f"办理空间 {realm} 不存在或已关闭。")


def _canonical(stated: StatedApplication) -> str:
    return json.dumps(stated.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)


def _check_keepable(text: str) -> None:
    """A lone surrogate is no text: a terminal hands one on for each byte that is not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise IntakeError(
            "unsafe_text", "提交的文字中含有残缺的字符，请删去这些字符后重新提交。"
        ) from None


def _check_size(size: int) -> None:
    if size == 0:
        raise IntakeError("file_empty", "文件是空的。")
    if size > MAX_FILE_BYTES:
        raise IntakeError("file_too_large", f"文件超过 {MAX_FILE_BYTES // 1024 // 1024} MB。")


def _read(path: Path) -> bytes:
    _check_size(path.stat().st_size)
    return path.read_bytes()
