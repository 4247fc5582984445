"""A real PostgreSQL for the session, and a database of its own for each test."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
from temporalio.testing import ActivityEnvironment

from activities.database import APPLICATION_ROLE, Pool, open_pool
from activities.identity import Identity
from activities.installation import install
from activities.intake import Intake
from activities.letters.smtp import MailServer
from activities.meeting_records import MeetingRecords
from activities.migrations import let_application_in, migrate
from activities.operations import Operations
from activities.reading import Reading
from activities.records import CaseRecords
from activities.submissions import Submissions
from config.calendar_files import CALENDARS
from config.campaign_files import CAMPAIGNS
from config.directory_files import DIRECTORY
from config.directory_files import read as read_directory
from tests.builders import BD, LC, SUBMITTED, a_policy
from tests.integration.command_line import CommandLine
from tests.integration.postboxes import Postbox, Server
from workers.stack import postgres as server_part
from workers.stack.folder import StackFolder
from workers.stack.options import reserved_ports
from workers.stack.processes import launch_command
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.operation.payloads import FirstOperator
from workflows.writer.messages import Actor

SECRET = bytes(range(32))
OPENED = datetime.fromisoformat("2023-10-01T09:00:00+08:00")
APPLICATION_PASSWORD = "application"
TEMPLATE, PUBLISHED = "zhiping_template", "zhiping_published"
COPIED = "STRATEGY file_copy"
"""As files, a third of the work of the default, which writes every page to the log as well."""
GAO = Actor(person="gao", organisation="zhiping-operations", role="operations")
GAO_ER = Actor(person="gao-er", organisation="zhiping-operations", role="operations")
FIRST = (
    FirstOperator(id="gao", name="高某", id_number="990000197101039037"),
    FirstOperator(id="gao-er", name="高二", id_number="990000197101049040"),
    # Whom the command line takes where nobody is named.
    FirstOperator(id="operations", name="值班", id_number="990000197101059054"),
)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server that lives as long as the session, run as the stack runs its own.

    So it takes what the stack takes: a folder of any path, any user, no socket, no shared memory.
    """
    folder = StackFolder.at(Path(tempfile.mkdtemp(prefix="zhiping-pg-")))
    folder.prepare()
    password = secrets.token_hex(16)
    asyncio.run(server_part.initialise(folder, password))
    with reserved_ports({}, {}) as ports:
        recipe = server_part.recipe(folder, ports["postgres"])
        with recipe.log.open("ab") as log:
            server = subprocess.Popen(  # noqa: S603 - our own program
                launch_command(recipe.argv, recipe.user), stdout=log, stderr=log
            )
        try:
            asyncio.run(server_part.wait_ready(ports["postgres"], password))
            yield server_part.owner_url(ports["postgres"], password, "postgres")
        finally:
            server.send_signal(recipe.stop_signal)
            server.wait()
            shutil.rmtree(folder.root, ignore_errors=True)


def database_of(server: str, name: str) -> str:
    """The address of another database of the same server, as its owner."""
    return server.replace("/postgres?", f"/{name}?")


def as_application(owner_url: str) -> str:
    """The same database as workers and command line have it."""
    owner = urlsplit(owner_url)
    login = f"{APPLICATION_ROLE}:{APPLICATION_PASSWORD}@"
    return owner._replace(netloc=login + owner.netloc.rpartition("@")[2]).geturl()


@pytest.fixture(scope="session")
async def template(postgres: str) -> str:
    """A migrated database that each test's own is copied from."""
    connection = await asyncpg.connect(postgres)
    # Nothing here outlives the session, so nothing waits for the disk.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        await connection.execute(f"ALTER SYSTEM SET {setting} = off")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.execute(f"CREATE DATABASE {TEMPLATE}")
    await connection.close()
    await migrate(database_of(postgres, TEMPLATE))
    await let_application_in(database_of(postgres, TEMPLATE), APPLICATION_PASSWORD)
    async with await open_pool(as_application(database_of(postgres, TEMPLATE))) as pool:
        await install(pool, Identity(SECRET), FIRST, OPENED)
    return TEMPLATE


@pytest.fixture(scope="session")
async def published_template(
    postgres: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A database with directory, calendar and both campaigns, loaded once."""
    connection = await asyncpg.connect(postgres)
    await connection.execute(f"CREATE DATABASE {PUBLISHED} TEMPLATE {template} {COPIED}")
    await connection.close()
    async with await open_pool(as_application(database_of(postgres, PUBLISHED))) as pool:
        identity = Identity(SECRET)
        intake = Intake(pool, identity, tmp_path_factory.mktemp("documents"))
        await publish(Office(Operations(pool, identity, Rung()), intake))
    return PUBLISHED


@pytest.fixture
async def owner_url(
    postgres: str, template: str, request: pytest.FixtureRequest
) -> AsyncIterator[str]:
    """A fresh, migrated database as its owner; with everything published where a test asks so."""
    wanted = "published_template" if "published" in request.fixturenames else "template"
    source = request.getfixturevalue(wanted)
    name = f"t{uuid4().hex}"
    connection = await asyncpg.connect(postgres)
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {source} {COPIED}")
    try:
        yield database_of(postgres, name)
    finally:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await connection.close()


@pytest.fixture
def database_url(owner_url: str) -> str:
    """The same as the application's role, which everything of ours works as."""
    return as_application(owner_url)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """A pool on the test's own database."""
    opened = await open_pool(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def owner(owner_url: str) -> AsyncIterator[Pool]:
    """The same as the database's owner: for what the application could not do."""
    opened = await open_pool(owner_url, 1)
    yield opened
    await opened.close()


@pytest.fixture
def identity() -> Identity:
    """The seal of the tests."""
    return Identity(SECRET)


@pytest.fixture
def intake(pool: Pool, identity: Identity, tmp_path: Path) -> Intake:
    """What people hand in."""
    return Intake(pool, identity, tmp_path / "documents")


@pytest.fixture
def reading(pool: Pool, identity: Identity) -> Reading:
    """The read side."""
    return Reading(pool, identity)


@pytest.fixture
def submissions(pool: Pool, identity: Identity) -> Submissions:
    """The activity that loads submissions."""
    return Submissions(pool, identity)


class Rung:
    """A fake of the mailrooms' bell: remembers where it was rung, and can be away."""

    def __init__(self) -> None:
        self.rooms: list[str] = []
        self.away = False

    async def __call__(self, room: str) -> None:
        """Note a ring."""
        if self.away:
            raise ConnectionError("temporal is away")
        self.rooms.append(room)


@pytest.fixture
def rung() -> Rung:
    """Where the bell rang."""
    return Rung()


@pytest.fixture
def records(pool: Pool, rung: Rung) -> CaseRecords:
    """The activity that writes steps."""
    return CaseRecords(pool, rung)


@pytest.fixture
def meetings(pool: Pool, identity: Identity, rung: Rung) -> MeetingRecords:
    """The activity that writes steps of meetings."""
    return MeetingRecords(pool, identity, rung)


class Office:
    """Carries out operations as the workflow would, each under an id of its own."""

    def __init__(self, operations: Operations, intake: Intake) -> None:
        self._operations = operations
        self._intake = intake

    async def __call__(
        self,
        kind: str,
        stated: object = None,
        *,
        realm: str = "live",
        at: datetime = OPENED,
        operation: str = "",
        actor: Actor = GAO,
        **params: str,
    ) -> OperationOutcome:
        """Store the input, then carry out the operation; `gao-er` confirms what `gao` asks."""
        reference = await self._intake.store_input(stated) if stated is not None else ""
        request = OperationRequest(
            kind=kind,
            realm=realm,
            actor=actor,
            as_of=at,
            reference=reference,
            params=params,
        )
        outcome = await self.carry_out(request, operation)
        if outcome.waits_until is None:
            return outcome
        return await self.confirm(outcome.operation, realm=realm, at=at)

    async def confirm(
        self, request: str, by: Actor = GAO_ER, *, realm: str = "live", at: datetime = OPENED
    ) -> OperationOutcome:
        """Somebody confirms what waits for a second person."""
        return await self.carry_out(
            OperationRequest(
                kind="confirm_request",
                realm=realm,
                actor=by,
                as_of=at,
                params={"request": request},
            )
        )

    async def carry_out(self, request: OperationRequest, operation: str = "") -> OperationOutcome:
        """Carry out one operation, or one asking of it."""
        asked = request.model_copy(update={"request_id": operation or str(uuid4())})
        outcome = await ActivityEnvironment().run(self._operations.carry_out_operation, asked)
        assert isinstance(outcome, OperationOutcome)
        return outcome


@pytest.fixture
def office(pool: Pool, identity: Identity, rung: Rung, intake: Intake) -> Office:
    """The office before anything is published."""
    return Office(Operations(pool, identity, rung), intake)


@pytest.fixture
def published(office: Office, published_template: str) -> Office:
    """The office with directory, calendar and both campaigns."""
    return office


@pytest.fixture(scope="session")
async def zhiping(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[CommandLine]:
    """The command line with one stack, for all files about it; each keeps to realms of its own."""
    run = CommandLine(tmp_path_factory.mktemp("cli") / "stack")
    await run("stack", "up", "--detach", "--no-interface", "--no-console")
    try:
        years = [str(CALENDARS / f"{year}.toml") for year in (2023, 2024, 2025)]
        await run("calendar", "load", *years)
        await run("directory", "import", str(DIRECTORY / "chongqing.toml"))
        await run("campaign", "publish", str(CAMPAIGNS / "bd-2023.toml"))
        yield run
    finally:
        await run("stack", "down")


@pytest.fixture(scope="session")
async def material(zhiping: CommandLine) -> str:
    """A sound application in a file."""
    sample = await zhiping("schema", "application", "--sample", "city_unit", "--toml")
    file = zhiping.folder.parent / "application.toml"
    await asyncio.to_thread(file.write_text, sample.out, encoding="utf-8")
    return str(file)


async def publish(office: Office) -> None:
    """Load the directory, a calendar without holidays, and both campaigns."""
    directory = read_directory(DIRECTORY / "chongqing.toml")
    await office("import_directory", directory.model_dump(mode="json"))
    years = [{"year": year, "source": "测试"} for year in range(2023, 2027)]
    await office("load_calendar", {"years": years})
    for campaign in (BD, LC):
        at = SUBMITTED[campaign]
        await office("publish_campaign", a_policy(campaign).model_dump(mode="json"), at=at)


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
async def server(postbox: Postbox) -> AsyncIterator[MailServer]:
    listening = await asyncio.get_running_loop().create_server(
        lambda: Server(postbox, hostname="sink"), "127.0.0.1", 0
    )
    port: int = listening.sockets[0].getsockname()[1]
    yield MailServer(
        host="127.0.0.1", port=port, sender="职评 <zhiping@example.test>", timeout=1, session=3
    )
    listening.close()
