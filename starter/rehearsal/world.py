"""What a rehearsal works with: a running stack seen from outside, and a realm of its own in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from activities.content_keys import opened_identity
from activities.database import Pool, open_pool
from activities.identity import Identity
from activities.intake import Intake
from activities.letters.rehearsing import RehearsalHours
from activities.letters.rhythms import rhythms
from activities.letters.waking import MailroomBell
from activities.reading import Reading
from config.gateway.cases import CaseGateway
from config.gateway.meetings import MeetingGateway
from config.gateway.operations import OperationGateway
from config.settings import Settings, SettingsError
from config.temporal import connect
from starter.rehearsal.mailbox import Mailbox

SKIPS = 1_000_000
"""Skips a fast-forward may take; the server's own default is 200 a session."""

POOL = 6
PATIENCE = timedelta(seconds=120)
"""For one answer: no person waits at a screen, and sixteen rehearsals may share two processors."""


class NotARehearsalStageError(SettingsError):
    """These settings are of an office in real work; the message (Chinese) says what to do."""


@dataclass(frozen=True)
class World:
    """The connections of one process to one stack."""

    settings: Settings
    client: Client
    skipper: TimeSkipper
    pool: Pool
    identity: Identity
    intake: Intake
    reading: Reading
    gateway: CaseGateway
    operations: OperationGateway
    meetings: MeetingGateway
    mailbox: Mailbox
    hours: RehearsalHours


@asynccontextmanager
async def entered(settings: Settings) -> AsyncIterator[World]:
    """Connect to a running stack, and leave it again.

    Raises:
        NotARehearsalStageError: it is no embedded stack. A rehearsal publishes samples, plays every
            person and skips time: none of it belongs where real people apply.
        TemporalUnavailableError, OSError: it does not run.
    """
    if not settings.is_embedded:
        raise NotARehearsalStageError(
            "演练只在内置环境中进行：这里的设置指向正式环境，演练会在其中发布样例、代各方办理，所以没有连接，"
            "什么都没有做。请用 --stack 指明内置环境的文件夹，或清除 ZHIPING_ 开头的环境变量后再试。"
        )
    client = await connect(settings)
    pool = await open_pool(settings.database_url.get_secret_value(), POOL)
    try:
        async with opened_identity(pool, settings.identity_keys()) as identity:
            yield World(
                settings=settings,
                client=client,
                # Cases run on the server's clock until somebody moves them; nothing skips by itself.
                skipper=TimeSkipper(
                    client, config=TimeSkippingConfig(enabled=False, max_session_skip_count=SKIPS)
                ),
                pool=pool,
                identity=identity,
                intake=Intake(pool, identity, settings.documents_dir),
                reading=Reading(pool, identity),
                gateway=CaseGateway(client, settings, patience=PATIENCE),
                operations=OperationGateway(client, settings, patience=PATIENCE),
                meetings=MeetingGateway(client, settings, patience=PATIENCE),
                mailbox=Mailbox(settings.mail_dir),
                hours=RehearsalHours(
                    pool, MailroomBell(pool, client), rhythms(settings.letter_rhythms)
                ),
            )
    finally:
        await pool.close()
