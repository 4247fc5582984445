"""A new version of the workers beside the old one, by `zhiping deploy`, on a real engine and database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from temporalio.client import Client

from config.campaign_files import CAMPAIGNS
from config.deployments import count_on, deployment, queues_of
from config.directory_files import DIRECTORY
from config.settings import Settings
from config.signing_keys import new_signing_key
from config.temporal import connect
from tests.integration.command_line import Said, called
from workers.serving import serve
from workers.stack import RunningStack, StackOptions, running
from workers.stack.options import reserved_ports

pytestmark = pytest.mark.integration

UNIT = "liu@liangjiang-data-group"
POSTED = '{"place": "一楼大厅", "contacts": ["023-00000005"]}'
QUEUES = {"cases", "records", "letters"}
PUBLISH = (
    *("install", "publish", "--directory", str(DIRECTORY / "chongqing.toml")),
    *("--campaign", str(CAMPAIGNS / "bd-2023.toml")),
)


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStack]:
    options = StackOptions(with_workers=False, with_interface=False, with_console=False)
    async with running(tmp_path_factory.mktemp("deploying"), options=options) as ready:
        yield ready


@pytest.fixture(scope="module")
async def client(stack: RunningStack) -> Client:
    return await connect(stack.settings)


async def zhiping(stack: RunningStack, *arguments: str, build: str, code: int = 0) -> Said:
    """One command in the image of a build."""
    folder = str(stack.folder.root)
    return await called(*arguments, code=code, ZHIPING_STACK=folder, ZHIPING_BUILD_ID=build)


@asynccontextmanager
async def fleet(stack: RunningStack, build: str) -> AsyncIterator[None]:
    """All roles of one version, until the block ends."""
    with reserved_ports({}, {}) as ports:
        own = {"health_port": str(ports["health"]), "metrics_port": str(ports["metrics"])}
        # Workers vouch with a key of their own, as `python -m workers --stack` does.
        given = Settings.for_workers_of(stack.folder.root)
        assert given.vouching_key is not None
        key = given.vouching_key.get_secret_value()
        settings = Settings.for_stack(stack.folder.root, build_id=build, vouching_key=key, **own)
        stop = asyncio.Event()
        task = asyncio.create_task(serve(settings, stop=stop))
        try:
            yield
        finally:
            stop.set()
            assert await task == 0


async def eventually(asked: Callable[[], Awaitable[bool]]) -> None:
    """Ask until the answer is yes; the test's own limit ends it."""
    for _ in range(1200):
        if await asked():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("never")


async def lines(stack: RunningStack, **settings: str) -> dict[str, dict[str, str]]:
    """What `install check` says, by what it is about."""
    folder = str(stack.folder.root)
    given = {f"ZHIPING_{name.upper()}": value for name, value in settings.items()}
    said = await called("install", "check", "--json", code=3, ZHIPING_STACK=folder, **given)
    return {line["about"]: line for line in said.json()["lines"]}


async def test_what_is_missing_is_said_with_the_command_that_mends_it(
    stack: RunningStack,
) -> None:
    """All at once, whatever is away: nobody installs by one error a day."""
    found = await lines(stack, build_id="one")

    fine = {about for about, line in found.items() if line["state"] == "fine"}
    assert fine >= {"设置", "密钥", "文件存放", "数据库", "数据库结构", "时钟", "命名空间", "邮件"}
    wrong = {about: line["mend"] for about, line in found.items() if line["state"] == "wrong"}
    assert wrong["现行版本"] == "zhiping deploy first"
    assert "docker compose -p zhiping-one" in wrong["工作进程"]
    assert "max_connections" in wrong["连接数"]  # the embedded server takes 120
    assert "up -d archive" in wrong["归档"]  # nor does it wait for one
    assert {"工作日历", "名录", "通知"} <= wrong.keys()
    assert all(wrong.values())


@pytest.mark.parametrize(
    ("settings", "about", "rest"),
    [
        ({"database_url": "postgresql://zhiping_application@127.0.0.1:1/no"}, "数据库", "连接数"),
        ({"temporal_address": "127.0.0.1:1"}, "Temporal", "现行版本"),
        ({"temporal_namespace": "nobodys"}, "命名空间", ""),
        ({"smtp_port": "1"}, "邮件", ""),
        ({"documents_dir": "/nowhere"}, "文件存放", ""),
        ({"seal_password": "wrong"}, "电子印章", ""),
        ({"console_url": "http://zc.example.test"}, "网址", ""),
        ({"vouching_key": new_signing_key("g1")}, "密钥", ""),
        ({"codec_keys": "none"}, "设置", ""),
    ],
)
async def test_each_line_can_say_no_and_what_cannot_be_asked_is_no_yes(
    stack: RunningStack, settings: dict[str, str], about: str, rest: str
) -> None:
    found = await lines(stack, **settings)

    assert found[about]["state"] == "wrong"
    assert found[about]["mend"]
    assert not rest or found[rest]["state"] == "unseen"


async def test_a_version_is_replaced_while_cases_are_open_and_put_back(
    stack: RunningStack, client: Client
) -> None:
    async def known(build: str) -> bool:
        return await queues_of(client, "zhiping", build) == QUEUES

    async def only_on(build: str, other: str) -> bool:
        there = await count_on(client, "zhiping", build)
        return there > 0 and await count_on(client, "zhiping", other) == 0

    async with AsyncExitStack() as fleets:
        await fleets.enter_async_context(fleet(stack, "one"))
        told = await zhiping(stack, "deploy", "first", build="one")
        assert "one" in told.out
        assert "未作改变" in (await zhiping(stack, "deploy", "first", build="one")).out

        cases = [await opened(stack, realm) for realm in ("alpha", "beta")]
        await eventually(lambda: only_on("one", "two"))

        # Nobody serves the new version yet; and nothing is changed by asking.
        no = await zhiping(stack, "deploy", "start", build="two", code=3)
        assert "docker compose -p zhiping-two" in no.err
        assert (await deployment(client, "zhiping")).current == "one"

        await fleets.enter_async_context(fleet(stack, "two"))
        await eventually(lambda: known("two"))
        started = (await zhiping(stack, "deploy", "start", "--json", build="two")).json()
        assert started["replayed"] >= len(cases)  # a mailroom may be awake
        assert (started["broken"], started["deadlines"]) == ({}, [])

        await zhiping(stack, "deploy", "ramp", "10", build="two")
        ramping = await deployment(client, "zhiping")
        assert (ramping.current, ramping.ramping) == ("one", "two")

        await zhiping(stack, "deploy", "ramp", "100", build="two")
        still = await zhiping(stack, "deploy", "finish", "one", build="two", code=3)
        assert all(case in still.err for case in cases)

        moved = (await zhiping(stack, "deploy", "move", "--json", build="two")).json()
        assert moved["left"] == []
        # One bulk a realm, in the register like any other: paused, resumed and tried again as such.
        assert len(moved["bulks"]) == len(cases)
        for bulk, realm in zip(moved["bulks"], ("alpha", "beta"), strict=True):
            shown = await zhiping(
                stack, "bulk", "show", bulk, "--realm", realm, "--json", build="two"
            )
            assert (shown.json()["state"], shown.json()["tally"]) == ("done", {"done": 1})
        await eventually(lambda: only_on("two", "one"))
        status = (await zhiping(stack, "deploy", "status", "--json", build="two")).json()
        running_on = {
            item["build"]: item["running"].get("Application", 0) for item in status["versions"]
        }
        assert running_on == {"one": 0, "two": 2}
        stop = (await zhiping(stack, "deploy", "finish", "one", "--json", build="two")).json()
        assert stop["stop"] == "docker compose -p zhiping-one -f docker-compose.workers.yml down"

        # An open case goes on, on the new version.
        receipt = await zhiping(
            stack, "act", cases[0], "start_publicity", "--as", UNIT, "--with", POSTED, "--json",
            build="two",
        )  # fmt: skip
        assert receipt.json()["stage"] == "unit_publicity"

        back = (await zhiping(stack, "deploy", "back", "one", "--json", build="two")).json()
        assert back["left"] == []
        await eventually(lambda: only_on("one", "two"))
        assert (await deployment(client, "zhiping")).current == "one"


async def opened(stack: RunningStack, realm: str) -> str:
    """A case of a rehearsal: those are moved like all others."""
    material = stack.folder.root / "application.toml"
    if not material.exists():
        published = await zhiping(stack, *PUBLISH, build="one")
        assert published.out.count("已办") == 3
        sample = ("schema", "application", "--sample", "city_unit", "--toml")
        material.write_text((await zhiping(stack, *sample, build="one")).out, encoding="utf-8")
    said = await zhiping(
        stack, "submit", str(material), "--campaign", "bd-2023", "--realm", realm,
        "--at", "2023-10-09T10:00", "--request-id", f"submit-{realm}", "--json", build="one",
    )  # fmt: skip
    return str(said.json()["application"])
