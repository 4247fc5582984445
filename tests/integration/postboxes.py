"""A mail server that a test tells how to behave, and what became of the letters sent to it."""

from __future__ import annotations

import asyncio
from email import message_from_bytes
from email.message import Message as Mail
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from activities.database import Pool
from activities.letters.rhythms import rhythms

EACH_AT_ONCE = rhythms().model_copy(update={"kinds": frozenset()})
"""No letter is collected: a test is about one."""


class Server(SMTP):
    """aiosmtpd that answers in bytes: a lone surrogate is the byte that it stands for."""

    async def push(self, status: str | bytes) -> None:
        said = status if isinstance(status, bytes) else status.encode("utf-8", "surrogateescape")
        await super().push(said)


class Postbox:
    """A mail server whose answer to the text of a message a test chooses, one after the other."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.answers: list[str] = []
        self.to_sender = "250 OK"
        self.refused: set[str] = set()
        self.busy: set[str] = set()
        self.slow: dict[str, float] = {}
        self.sessions = 0
        self.reached = asyncio.Event()
        self.hold: asyncio.Event | None = None

    async def handle_EHLO(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, said: list[str]
    ) -> list[str]:
        self.sessions += 1
        session.host_name = hostname
        return said

    async def handle_MAIL(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.to_sender

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return f"550 <{address}> unknown"
        if address in self.busy:
            return f"450 <{address}> busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.reached.set()
        await asyncio.sleep(max(self.slow.get(address, 0) for address in envelope.rcpt_tos))
        if self.hold is not None:
            await self.hold.wait()
        answer = self.answers.pop(0) if self.answers else "250 taken as 1"
        if answer in ("drop", "mute") or answer.startswith("2"):
            self.mails.append(envelope)
        if answer == "drop":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        if answer == "mute":
            await asyncio.sleep(2)
        return answer

    def mail(self, index: int = 0) -> Mail:
        content = self.mails[index].content
        assert isinstance(content, bytes)
        return message_from_bytes(content)


async def row(pool: Pool, letter: str) -> dict[str, Any]:
    found = await pool.fetchrow("SELECT * FROM letter WHERE id = $1", letter)
    assert found is not None
    return dict(found)


async def open_tasks(pool: Pool) -> list[dict[str, Any]]:
    found = await pool.fetch(
        "SELECT * FROM task WHERE key LIKE 'letter:%' AND closed_at IS NULL ORDER BY id"
    )
    return [dict(task) for task in found]


def plain(mail: Mail) -> str:
    """A letter's plain text."""
    part = mail.get_payload(0)
    assert isinstance(part, Mail)
    body = part.get_payload(decode=True)
    assert isinstance(body, bytes)
    return body.decode()
