"""What the activities need from outside, opened once per process and closed at its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import asyncpg
from temporalio.client import Client

from activities.content_keys import opened_identity
from activities.identity import Identity
from activities.letters.rhythms import Rhythms, rhythms
from activities.papers.authority import SealRegister, seal_register
from activities.papers.fonts import Fonts
from activities.papers.seals import Seals
from activities.tls import trusting_database
from config.gateway.cases import CaseGateway
from config.gateway.meetings import MeetingGateway
from config.settings import Settings
from workers.case_teller import GatewayTeller
from workers.engine_view import Engine

HTTP_TOTAL_SECONDS = 5.0  # "a gateway away ≤ 5 s in all" (lifecycle T5)
STATEMENT_SECONDS = 10.0  # below the activities' start-to-close of 30 s


@dataclass(frozen=True)
class MailAccount:
    """How to reach the mail server; the SMTP client itself lives in `activities`."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: str = "none"
    ca: Path | None = None


@dataclass(frozen=True, kw_only=True)
class RecordResources:
    """What writing and reading the record of a case takes, beside no seal and no mail server.

    Attributes:
        database: pool of connections to the record.
        temporal: to wake mailrooms after a commit.
        identity: what personal data is sealed, opened and hashed by.
    """

    database: asyncpg.Pool[asyncpg.Record]
    temporal: Client
    identity: Identity = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Resources(RecordResources):
    """Handed to ``activities.registry.build_activities``; plain values, no settings object.

    Attributes:
        http: session for the data-sharing gateways, 5 s in all per request.
        verification_url: base address of the gateways, no slash at the end.
        mail: the mail server.
        letter_rhythms: which letters are collected, and when those go out.
        console_url: scheme and host of the console, for links in letters; empty for none.
        documents_dir: folder of files named by hash; exists.
        seals: the electronic seals of papers; none where none is configured.
        fonts: what papers are set in.
        teller: carries a meeting's words to its cases.
        engine: how the engine is asked of what it runs.
        settle_seconds: how long a lapse waits for an act that is on its way.
    """

    http: aiohttp.ClientSession
    verification_url: str
    mail: MailAccount
    letter_rhythms: Rhythms
    console_url: str
    documents_dir: Path
    seals: Seals
    seal_register: SealRegister
    fonts: Fonts
    teller: GatewayTeller
    engine: Engine
    settle_seconds: int


@asynccontextmanager
async def open_record(settings: Settings, temporal: Client) -> AsyncIterator[RecordResources]:
    """Open the pool alone; connections come with the first that is needed, so that a worker that only
    decides starts without a database and lets the records' workers wait for it."""
    async with (
        _pool(settings, least=0) as pool,
        opened_identity(pool, settings.identity_keys(), waits=True) as identity,
    ):
        yield RecordResources(database=pool, temporal=temporal, identity=identity)


@asynccontextmanager
async def _pool(settings: Settings, *, least: int) -> AsyncIterator[asyncpg.Pool[asyncpg.Record]]:
    url = settings.database_url.get_secret_value()
    pool = asyncpg.create_pool(
        url,
        min_size=least,
        max_size=settings.database_pool,
        command_timeout=STATEMENT_SECONDS,
        server_settings={"application_name": "zhiping-worker"},
    )
    async with AsyncExitStack() as stack:
        with trusting_database(url):
            await stack.enter_async_context(pool)
        yield pool


@asynccontextmanager
async def open_resources(settings: Settings, temporal: Client) -> AsyncIterator[Resources]:
    """Open the pool and the HTTP session; close both at the end."""
    settings.documents_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    password = settings.seal_password
    # At the start: a worker that could not seal would be found out by the first applicant.
    seals = Seals.load(settings.seal_store, password.get_secret_value() if password else None)
    async with (
        _pool(settings, least=2) as pool,
        opened_identity(pool, settings.identity_keys()) as identity,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=HTTP_TOTAL_SECONDS)) as http,
    ):
        yield Resources(
            database=pool,
            temporal=temporal,
            http=http,
            verification_url=settings.verification_url.rstrip("/"),
            mail=_mail_account(settings),
            letter_rhythms=rhythms(settings.letter_rhythms),
            console_url=settings.console_url or "",
            documents_dir=settings.documents_dir,
            identity=identity,
            seals=seals,
            seal_register=seal_register(settings.seal_register),
            fonts=Fonts(settings.paper_fonts),
            teller=GatewayTeller(
                CaseGateway(temporal, settings), MeetingGateway(temporal, settings)
            ),
            engine=Engine(temporal, settings),
            settle_seconds=settings.settle_seconds,
        )


def _mail_account(settings: Settings) -> MailAccount:
    password = settings.smtp_password
    return MailAccount(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_sender,
        user=settings.smtp_user,
        password=password.get_secret_value() if password else None,
        tls=settings.smtp_tls,
        ca=settings.smtp_ca,
    )
