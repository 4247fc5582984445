"""The mail client: kept connections, and for each message an answer that says exactly what is known.

A reply is bytes: its code decides, and its words, in whatever encoding, are made fit to be kept and
read. Only a no to a recipient or to the text is about the letter; a no before (to the connection,
the login, the sender) is about the way there, and is waited out.
"""

from __future__ import annotations

import asyncio
import re
from base64 import encodebytes
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from functools import cached_property, lru_cache
from pathlib import Path
from uuid import uuid4

import aiosmtplib

from activities import tls
from workflows.rules.text import shown_line

_MAILBOX = re.compile(r"[^\s<>:,;@]+@")
_ENCODINGS = ("utf-8", "gb18030")
"""Of a server's words: most are ASCII; QQ, NetEase and older Exchange servers answer in GBK."""
TRANSIENT = 400
PERMANENT = 500
PER_SESSION = 100
"""Messages on one connection; more than that some servers do not like."""
FAREWELL = 2.0
"""Seconds that a QUIT may take."""


@dataclass(frozen=True)
class MailServer:
    """Where mail goes out; the same names as in the process's settings."""

    host: str
    port: int = 25
    sender: str = "zhiping@localhost"
    """`名称 <address>` or an address; also the domain of every Message-ID."""
    user: str | None = None
    password: str | None = None
    tls: str = "none"
    """`starttls`, `implicit`, or `none`."""
    ca: Path | None = None
    """The root that its certificate is of; the system's where none is named."""
    timeout: float = 8.0
    """Of one command."""
    session: float = 22.0
    """Of one message, from the first word to the answer."""

    @cached_property
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
    later: Mapping[str, str] = field(default_factory=dict)
    """Address that it may take later (4xx) → its words."""


class MailError(Exception):
    """The message was not, or perhaps not, taken over; the text is the server's answer.

    Mailboxes in it are masked: it goes into the record, and a retryable one into Temporal.
    """

    def __init__(self, answer: str) -> None:
        super().__init__(_told(answer))


class TryLaterError(MailError):
    """For certain not sent: a 4xx before or after the text, or the connection lost before it."""


class AwayError(TryLaterError):
    """No letter gets through now: no connection, or a no to the login or the sender."""


class NotTrustedError(AwayError):
    """The server's certificate is not believed, or it does not believe ours: no letter gets through."""

    def __init__(self, refused: tls.NotTrustedError) -> None:
        super().__init__(str(refused))
        self.code, self.told, self.mend = refused.code, refused.told, refused.mend


class RefusedError(MailError):
    """For certain not sent, and trying again will not help: 5xx to a recipient or to the text, or a
    message that cannot be put on the wire."""


class AnswerLostError(MailError):
    """The text was on its way when the answer was lost: nobody knows whether it was sent."""


class Sender:
    """Composes messages, and opens connections to the server they go out by."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self._from = _address(*parseaddr(server.sender))

    def carrier(self) -> Carrier:
        """A connection of one's own, not yet open."""
        return Carrier(self.server)

    def compose(
        self,
        *,
        to: Iterable[tuple[str, str]],
        subject: str,
        text: str,
        html: str,
        message_id: str,
        sent_at: datetime,
    ) -> bytes:
        """Write the message down; its date is the one given, so rehearsal mail bears its own day.

        Args:
            to: name and address of each recipient, the address as `rules.addresses` reads it.
        """
        between = f"=_{uuid4().hex}"  # in no base64, whatever the letter says
        headers = (
            ("From", self._from),
            ("To", ",\r\n ".join(_address(name, address) for name, address in to)),
            ("Subject", _encoded(_words(subject), "Subject")),
            ("Message-ID", message_id),
            ("Date", format_datetime(sent_at)),
            # Keeps answering machines from answering a machine (RFC 3834).
            ("Auto-Submitted", "auto-generated"),
            ("MIME-Version", "1.0"),
            ("Content-Type", f'multipart/alternative;\r\n boundary="{between}"'),
        )
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        parts = (_part("plain", text), _part("html", html))
        body = "".join(f"\r\n--{between}\r\n{part}" for part in parts)
        return f"{head}{body}\r\n--{between}--\r\n".encode("ascii")


class Carrier:
    """Hands over one message after the other on a connection that is kept."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._client: aiosmtplib.SMTP | None = None
        self._carried = 0

    async def open(self) -> aiosmtplib.SMTP:
        """Connect and log in, unless that is done.

        Raises:
            AwayError: the server is not to be reached, or does not want us.
        """
        client = self._client
        if client is not None and client.is_connected and self._carried < PER_SESSION:
            return client
        await self.close()
        server = self._server
        try:
            self._client = client = aiosmtplib.SMTP(
                hostname=server.host,
                port=server.port,
                timeout=server.timeout,
                use_tls=server.tls == "implicit",
                start_tls=server.tls == "starttls",
                tls_context=tls.context(server.ca, tls.MAIL) if server.tls != "none" else None,
                username=server.user,
                password=server.password,
            )
            async with asyncio.timeout(server.session):
                with tls.trusting(tls.MAIL):
                    await client.connect()
        except tls.NotTrustedError as err:
            self._drop()
            raise NotTrustedError(err) from err
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as err:
            self._drop()
            raise AwayError(_words_of(err)) from err
        return client

    async def send(self, content: bytes, recipients: Sequence[str]) -> Accepted:
        """Hand a message over.

        Raises:
            AwayError: not sent, and neither would another be.
            TryLaterError: not sent; later it may work.
            RefusedError: not sent; it will never work.
            AnswerLostError: nobody knows.
        """
        client = await self._begin()
        letter = _Handover(client)
        try:
            async with asyncio.timeout(self._server.session):
                accepted = await letter.deliver(content, recipients)
        except aiosmtplib.SMTPResponseException as err:
            await self._reset(client)
            answer = f"{err.code} {err.message}"
            if letter.in_data and err.code < TRANSIENT:
                raise AnswerLostError(answer) from err  # no answer that means anything
            raise (RefusedError if err.code >= PERMANENT else TryLaterError)(answer) from err
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as err:
            self._drop()
            # Only after DATA began may the server have the message; before, it cannot.
            lost = f"{type(err).__name__}: {err}"
            if letter.in_data:
                raise AnswerLostError(f"正文发出后没有收到答复（{lost}）") from err
            raise TryLaterError(f"与邮件服务器的连接中断（{lost}）") from err
        except Exception as err:
            self._drop()
            # What nobody foresaw is an answer too: a letter never waits without an attempt.
            unforeseen = f"发信程序不能发送这封邮件（{type(err).__name__}）"
            raise (AnswerLostError if letter.in_data else RefusedError)(unforeseen) from err
        except BaseException:
            self._drop()
            raise
        self._carried += 1
        return accepted

    async def close(self) -> None:
        """Take leave, where there is somebody to take leave of."""
        client, self._client, self._carried = self._client, None, 0
        if client is None:
            return
        if client.is_connected:
            with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await client.quit(timeout=FAREWELL)
        client.close()

    async def _begin(self) -> aiosmtplib.SMTP:
        """Say who sends; a connection that died while it was kept is opened once more.

        Raises:
            AwayError: the server does not take letters of this sender, or none at all.
        """
        kept = self._carried > 0
        client = await self.open()
        try:
            async with asyncio.timeout(self._server.session):
                await client.mail(self._server.address)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as err:
            self._drop()
            # Nothing of the letter was said yet, so that saying it again sends it once.
            if kept:
                return await self._begin()
            raise AwayError(_words_of(err)) from err
        return client

    async def _reset(self, client: aiosmtplib.SMTP) -> None:
        """Ready for the next letter after a no to this one; else the next opens a new connection."""
        try:
            await client.rset()
            self._carried += 1
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            self._drop()

    def _drop(self) -> None:
        # No QUIT: its own failure must not shadow the answer that counts.
        if self._client is not None:
            self._client.close()
        self._client, self._carried = None, 0


class _Handover:
    """One message on its way: whom it is to, and then its text."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self._client = client
        self.in_data = False

    async def deliver(self, content: bytes, recipients: Sequence[str]) -> Accepted:
        noes = await self._name(recipients)
        self.in_data = True
        answer = await self._client.data(content)
        self.in_data = False
        told = {err.recipient: _told(f"{err.code} {err.message}") for err in noes}
        for_good = {err.recipient for err in noes if err.code >= PERMANENT}
        return Accepted(
            _told(f"{answer.code} {answer.message}"),
            {who: words for who, words in told.items() if who in for_good},
            {who: words for who, words in told.items() if who not in for_good},
        )

    async def _name(self, recipients: Sequence[str]) -> list[aiosmtplib.SMTPRecipientRefused]:
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
        return refused


def _words_of(err: Exception) -> str:
    if isinstance(err, aiosmtplib.SMTPResponseException):
        return f"{err.code} {err.message}"
    return f"与邮件服务器的连接中断（{type(err).__name__}: {err}）"


@lru_cache(maxsize=256)
def _address(name: str, address: str) -> str:
    """An address with its name, which is encoded in pieces where it is long."""
    words = _words(name)
    if words.isascii():
        return formataddr((words, address))
    return f"{_encoded(words, 'To')}\r\n <{address}>"


def _encoded(words: str, header: str) -> str:
    """The words of a header, in lines that are no longer than a mail server bears."""
    return Header(words, "utf-8", header_name=header).encode(linesep="\r\n")


def _part(kind: str, text: str) -> str:
    """One form of a letter as it goes over the wire."""
    lines = encodebytes(text.encode("utf-8", "replace")).decode("ascii").replace("\n", "\r\n")
    return (
        f'Content-Type: text/{kind}; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{lines}"
    )


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
