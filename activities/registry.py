"""All activities by task queue, wired to what they need from outside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import aiohttp
from temporalio.client import Client

from activities.amending import Amending, SubjectSignaller
from activities.bulks.carrying import BulkCarrying, VouchedCarrier
from activities.bulks.waking import Bells
from activities.case_loading import CaseLoading
from activities.database import Pool
from activities.documents import Documents
from activities.identity import Identity
from activities.letters.mailroom import Mailroom
from activities.letters.rhythms import Rhythms
from activities.letters.smtp import MailServer, Sender
from activities.letters.waking import MailroomBell
from activities.meeting_records import MeetingRecords
from activities.operations import Operations
from activities.papers.authority import SealRegister
from activities.papers.fonts import Fonts
from activities.papers.making import KIND as RENDER_PAPER
from activities.papers.making import WITHDRAWALS, PaperMaking
from activities.papers.seals import Seals
from activities.published_versions import PublishedVersions
from activities.reading import Reading
from activities.records import CaseRecords
from activities.sentinel.looking import EngineView
from activities.sentinel.proving import Proving
from activities.standstills import Standstills
from activities.stored_cases import StoredCases
from activities.submissions import Submissions
from activities.telling import CaseTeller, Telling
from activities.verification import Verification
from workflows.ports import CASES, LETTERS, RECORDS

AnyActivity = Callable[..., Any]


class MailAccount(Protocol):
    """How to reach the mail server."""

    @property
    def host(self) -> str:
        """Its name."""

    @property
    def port(self) -> int:
        """Its port."""

    @property
    def sender(self) -> str:
        """Who writes: `name <address>` or an address."""

    @property
    def user(self) -> str | None:
        """The account, where it wants one."""

    @property
    def password(self) -> str | None:
        """The account's password."""

    @property
    def tls(self) -> str:
        """How the session is encrypted: `none`, `starttls`, `implicit`."""

    @property
    def ca(self) -> Path | None:
        """The root that the server's certificate is of, where it is none of the system's."""


class Teller(CaseTeller, SubjectSignaller, VouchedCarrier, Protocol):
    """The ways to a case: with its answer, without, and in the name of who vouched elsewhere."""


class RecordResources(Protocol):
    """What the record of a case takes (`workers.resources.RecordResources`)."""

    @property
    def database(self) -> Pool:
        """The pool on the record."""

    @property
    def temporal(self) -> Client:
        """The client that wakes mailrooms."""

    @property
    def identity(self) -> Identity:
        """What personal data is sealed, opened and hashed by."""


class Resources(RecordResources, Protocol):
    """What the composition root hands over (`workers.resources.Resources`); all of it open."""

    @property
    def http(self) -> aiohttp.ClientSession:
        """The session for the gateways."""

    @property
    def verification_url(self) -> str:
        """The gateways' base address."""

    @property
    def mail(self) -> MailAccount:
        """The mail server."""

    @property
    def letter_rhythms(self) -> Rhythms:
        """Which letters are collected, and when those go out."""

    @property
    def console_url(self) -> str:
        """Scheme and host of the console, for links in letters; empty where there is none."""

    @property
    def documents_dir(self) -> Path:
        """The folder of stored files."""

    @property
    def seals(self) -> Seals:
        """The electronic seals of papers."""

    @property
    def seal_register(self) -> SealRegister:
        """Which of them may certify what."""

    @property
    def fonts(self) -> Fonts:
        """What papers are set in."""

    @property
    def teller(self) -> Teller:
        """What carries a meeting's words to its cases, and an operation's to whatever is open."""

    @property
    def engine(self) -> EngineView:
        """How the engine is asked of what it runs."""

    @property
    def settle_seconds(self) -> int:
        """How long a lapse waits for an act that is on its way."""


def recording(resources: RecordResources) -> list[AnyActivity]:
    """Return what a case asks of its record: within its workflow task, or of the records' workers."""
    pool, identity = resources.database, resources.identity
    versions = PublishedVersions(pool)
    submissions = Submissions(pool, identity, versions)
    loading = CaseLoading(StoredCases(pool, versions))
    return [
        CaseRecords(pool, MailroomBell(pool, resources.temporal)).record_step,
        loading.load_case,
        loading.last_step,
        submissions.load_submission,
        submissions.load_published,
    ]


def build_activities(resources: Resources) -> dict[str, list[AnyActivity]]:
    """Return every activity under its task queue."""
    pool, identity = resources.database, resources.identity
    bell = MailroomBell(pool, resources.temporal)
    meetings = MeetingRecords(pool, identity, bell)
    telling = Telling(pool, resources.teller)
    verification = Verification(pool, resources.http, resources.verification_url)
    papers = PaperMaking(
        Documents(resources.documents_dir, identity),
        resources.seals,
        resources.seal_register,
        resources.fonts,
    )
    operations = Operations(
        pool,
        identity,
        Bells(bell, resources.temporal),
        {RENDER_PAPER: papers.render_paper, WITHDRAWALS: papers.seal_withdrawals},
    )
    mailroom = Mailroom(
        pool,
        Reading(pool, identity),
        Sender(_server(resources.mail)),
        resources.letter_rhythms,
        console=resources.console_url,
    )
    of_cases = recording(resources)
    return {
        CASES: of_cases,
        RECORDS: [
            *of_cases,
            Standstills(pool).note_standstill,
            meetings.load_meeting_basis,
            meetings.load_meeting,
            meetings.record_meeting_step,
            telling.tell_cases,
            Amending(pool, resources.teller).amend_open,
            BulkCarrying(pool, resources.teller).carry_on_bulk,
            Proving(pool, identity, resources.engine, resources.settle_seconds).prove_subjects,
            verification.verify_submission,
            operations.carry_out_operation,
        ],
        LETTERS: [mailroom.work_mailroom],
    }


def _server(mail: MailAccount) -> MailServer:
    return MailServer(
        host=mail.host,
        port=mail.port,
        sender=mail.sender,
        user=mail.user,
        password=mail.password,
        tls=mail.tls,
        ca=mail.ca,
    )
