"""A mail server that keeps every message as a file and can be told to misbehave."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

MAX_BYTES = 20 * 1024 * 1024


class MailSink:
    """Writes each message to ``<folder>/<UTC time>-<random>.eml``, complete from its first moment.

    ``<folder>/rules.json`` maps a recipient, or ``*``, to what goes wrong:
    ``{"code": 451}`` refuses (4xx come back, 5xx for good), ``{"delay_seconds": 3}`` is slow,
    ``{"drop_after_data": true}`` keeps the message and hangs up without an answer, so that the
    sender cannot know. Read again for each message.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Take one message in (the name is aiosmtpd's)."""
        rule = self._rule_for(envelope.rcpt_tos)
        await asyncio.sleep(float(rule.get("delay_seconds", 0)))
        if "code" in rule:
            return f"{int(rule['code'])} refused by rule"
        self._keep(envelope.mail_from, envelope.rcpt_tos, envelope.original_content)
        if rule.get("drop_after_data"):
            server.transport.abort()
        return "250 OK"

    def _keep(self, sender: str, recipients: list[str], content: bytes) -> None:
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        target = self._folder / f"{now}-{uuid.uuid4().hex[:8]}.eml"
        envelope = f"X-Envelope-From: {sender}\r\nX-Envelope-To: {', '.join(recipients)}\r\n"
        fresh = target.with_suffix(".new")
        fresh.write_bytes(envelope.encode() + content)
        fresh.replace(target)

    def _rule_for(self, recipients: list[str]) -> dict[str, Any]:
        try:
            rules = json.loads((self._folder / "rules.json").read_text(encoding="utf-8"))
        except (OSError, json.JSONDecodeError):
            return {}
        named = (rules[who] for who in (*recipients, "*") if who in rules)
        found: dict[str, Any] = next(named, {})
        return found


@asynccontextmanager
async def serve_mail_sink(
    folder: Path, port: int, *, host: str = "127.0.0.1"
) -> AsyncIterator[int]:
    """Serve until the end; yields the port."""
    sink = MailSink(folder)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(sink, hostname="localhost", enable_SMTPUTF8=True, data_size_limit=MAX_BYTES),
        host,
        port,
    )
    async with server:
        yield int(server.sockets[0].getsockname()[1])
