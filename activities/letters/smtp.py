"""The mail client: one message per session, and an answer that says exactly what is known.

A reply is bytes: its code decides, and its words, in whatever encoding, are made fit to be kept and
read. Only a no to a recipient or to the text is about the letter; a no before (to the connection,
the login, the sender) is about the way there, and is waited out.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

import aiosmtplib

from workflows.rules.text import shown_line

_MAILBOX = re.compile(r"[^\s<>:,;@]+@")
_ENCODINGS = ("utf-8", "gb18030")
"""Of a server's words: most are ASCII; QQ, NetEase and older Exchange servers answer in GBK."""
TRANSIENT = 400
PERMANENT = 500


@dataclass(frozen=True)
class MailServer:
    """Where mail goes out; the same names as in the process's settings."""

    host: str
    port: int = 25
    sender: str = "zhiping@localhost"
    """`名称 <address>` or an address; also the domain of every Message-ID."""
    user: str | None = None
    password: str | None = None
    starttls: bool = False
    timeout: float = 8.0
    """Of one command."""
    session: float = 22.0
    """Of everything together; below the activity's 30 seconds."""

    @property
    def address(self) -> str:
        """The bare sender address."""
        return parseaddr(self.sender)[1]

    def message_id(self, letter: str) -> str:
        """The stable Message-ID of a letter: the same on every attempt."""
        return f"<{letter}@{self.address.rpartition('@')[2] or 'localhost'}>"


@dataclass(frozen=True)
class Accepted:
    """The server took the message over, but for the addresses that it `refused`."""

    reply: str
    refused: Mapping[str, str] = field(default_factory=dict)
    """Address → its words."""


class MailError(Exception):
    """The message was not, or perhaps not, taken over; the text is the server's answer.

    Mailboxes in it are masked: it goes into the record, and a retryable one into Temporal.
    """

    def __init__(self, answer: str) -> None:
        super().__init__(_told(answer))


class TryLaterError(MailError):
    """For certain not sent: no connection, no session, or a 4xx before or after the text."""


class RefusedError(MailError):
    """For certain not sent, and trying again will not help: 5xx to a recipient or to the text, or a
    message that cannot be put on the wire."""


class AnswerLostError(MailError):
    """The text was on its way when the answer was lost: nobody knows whether it was sent."""


class Sender:
    """Sends one message per session."""

    def __init__(self, server: MailServer) -> None:
        self.server = server

    def compose(
        self,
        *,
        to: Iterable[tuple[str, str]],
        subject: str,
        text: str,
        html: str,
        message_id: str,
        sent_at: datetime,
    ) -> EmailMessage:
        """Build the message; its date is the one given, so rehearsal mail bears its own day.

        Args:
            to: name and address of each recipient, the address as `rules.addresses` reads it.
        """
        message = EmailMessage(policy=SMTP)
        name, address = parseaddr(self.server.sender)
        message["From"] = _address(name, address)
        message["To"] = [_address(name, address) for name, address in to]
        message["Subject"] = _words(subject)
        message["Message-ID"] = message_id
        message["Date"] = format_datetime(sent_at)
        # Keeps answering machines from answering a machine (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text, cte="base64")
        message.add_alternative(html, subtype="html", cte="base64")
        return message

    async def send(self, message: EmailMessage, recipients: Sequence[str]) -> Accepted:
        """Hand the message over.

        Raises:
            TryLaterError: not sent; later it may work.
            RefusedError: not sent; it will never work.
            AnswerLostError: nobody knows.
        """
        session = _Session(self.server)
        try:
            async with asyncio.timeout(self.server.session):
                return await session.deliver(message.as_bytes(), recipients)
        except aiosmtplib.SMTPResponseException as err:
            answer = f"{err.code} {err.message}"
            if session.in_data and err.code < TRANSIENT:
                raise AnswerLostError(answer) from err  # no answer that means anything
            if err.code >= PERMANENT and session.in_letter:
                raise RefusedError(answer) from err
            raise TryLaterError(answer) from err
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as err:
            # Only after DATA began may the server have the message; before, it cannot.
            lost = f"{type(err).__name__}: {err}"
            if session.in_data:
                raise AnswerLostError(f"正文发出后没有收到答复（{lost}）") from err
            raise TryLaterError(f"与邮件服务器的连接中断（{lost}）") from err
        except Exception as err:
            # What nobody foresaw is an answer too: a letter never waits without an attempt.
            unforeseen = f"发信程序不能发送这封邮件（{type(err).__name__}）"
            raise (AnswerLostError if session.in_data else RefusedError)(unforeseen) from err
        finally:
            session.close()


class _Session:
    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            timeout=server.timeout,
            start_tls=server.starttls,
            username=server.user,
            password=server.password,
        )
        self.in_letter = False
        """The session stands: what is said from here on is about this letter."""
        self.in_data = False

    async def deliver(self, content: bytes, recipients: Sequence[str]) -> Accepted:
        client = self._client
        await client.connect()
        await client.mail(self._server.address)
        self.in_letter = True
        refused = await self._name(recipients)
        self.in_data = True
        answer = await client.data(content)
        self.in_data = False
        return Accepted(_told(f"{answer.code} {answer.message}"), refused)

    async def _name(self, recipients: Sequence[str]) -> dict[str, str]:
        """Name the recipients; some may be refused, but not all."""
        refused: list[aiosmtplib.SMTPRecipientRefused] = []
        for recipient in recipients:
            try:
                await self._client.rcpt(recipient)
            except aiosmtplib.SMTPRecipientRefused as err:
                refused.append(err)
        if len(refused) == len(recipients):
            # One that may work later keeps the message alive.
            raise min(refused, key=lambda err: err.code)
        return {err.recipient: _told(f"{err.code} {err.message}") for err in refused}

    def close(self) -> None:
        # No QUIT: the answer that counts is in hand, and its own failure must not shadow it.
        self._client.close()


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(display_name=_words(name), username=local, domain=domain)


def _words(text: str) -> str:
    """Words as a header bears them: one line, and nothing in them that reads as encoded already."""
    return shown_line(text).replace("=?", "= ?")


def _told(answer: str) -> str:
    """A server's words as they can be kept: one line, readable, no mailbox in them."""
    return _MAILBOX.sub("…@", shown_line(" ".join(_decoded(answer).split())))


def _decoded(answer: str) -> str:
    """The words in the encoding they were sent in; aiosmtplib hands on what is no UTF-8 escaped."""
    raw = answer.encode("utf-8", "surrogateescape")
    for encoding in _ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode(_ENCODINGS[-1], "replace")
