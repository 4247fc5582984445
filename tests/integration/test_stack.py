"""The embedded stack as real processes: start, kill -9, start again, refuse, stop."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import smtplib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import psutil
import pytest
from temporalio.client import Client

from activities.database import APPLICATION_ROLE
from activities.migrations import missing
from config.settings import Settings
from config.temporal import connect
from workers.stack import (
    RunningStack,
    StackOptions,
    StackRefusedError,
    down,
    running,
    status,
)
from workers.stack.folder import StackFolder
from workers.stack.postgres import owner, owner_url
from workers.stack.temporal_server import RETENTION

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[2]
BARE = ["--no-workers", "--no-interface", "--no-console"]


async def command(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers.stack", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )


async def started(folder: Path, *options: str) -> asyncio.subprocess.Process:
    """Start ``up`` as a process of its own and wait until it says it is ready."""
    process = await command("up", "--folder", str(folder), "--json", *options)
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), 300)
    assert json.loads(line)["ready"], line
    return process


async def killed(process: asyncio.subprocess.Process) -> None:
    process.kill()
    await process.communicate()


async def stands(folder: Path, stage: str) -> None:
    """Wait until a stack stands so."""
    for _ in range(3000):
        if status(folder).stage == stage:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(status(folder).stage)


def children_of(folder: Path) -> list[psutil.Process]:
    return [psutil.Process(pid) for pid in status(folder).children.values() if pid is not None]


@asynccontextmanager
async def database(folder: Path) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """The record of a stack as its owner."""
    password = StackFolder.at(folder).keys()["ZHIPING_POSTGRES_PASSWORD"]
    port = status(folder).ports["postgres"]
    connection = await asyncpg.connect(owner_url(port, password))
    try:
        yield connection
    finally:
        await connection.close()


async def a_waiting_workflow(client: Client, name: str) -> None:
    await client.start_workflow("Nothing", id=name, task_queue="nobody")


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStack]:
    """One stack without workers for the tests that only look at it."""
    folder = tmp_path_factory.mktemp("stack")
    async with running(folder, options=StackOptions(with_workers=False)) as ready:
        yield ready


async def test_after_kill_9_everything_is_still_there(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    first = await started(folder, *BARE)
    async with database(folder) as connection:
        await connection.execute("CREATE TABLE something (what text)")
        await connection.execute("INSERT INTO something VALUES ('一')")
    await a_waiting_workflow(await connect(Settings.for_stack(folder)), "kept")
    await killed(first)
    assert status(folder).stage == "killed"

    second = await started(folder, *BARE)

    async with database(folder) as connection:
        assert await connection.fetchval("SELECT what FROM something") == "一"
    client = await connect(Settings.for_stack(folder))
    description = await client.get_workflow_handle("kept").describe()
    assert description.workflow_type == "Nothing"
    await killed(second)


async def test_the_settings_know_the_application_and_not_the_owner(stack: RunningStack) -> None:
    password = stack.folder.keys()["ZHIPING_POSTGRES_PASSWORD"]
    assert password not in stack.folder.settings_file.read_text()
    assert stack.settings.owner_database_url is None
    connection = await asyncpg.connect(stack.settings.database_url.get_secret_value())
    try:
        assert await connection.fetchval("SELECT current_user") == APPLICATION_ROLE
        assert await missing(stack.settings.database_url.get_secret_value()) == []
    finally:
        await connection.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's word, and Linux's alone")
@pytest.mark.parametrize("detached", [False, True])
async def test_a_stack_dies_with_whoever_started_it_unless_it_is_detached(
    tmp_path: Path, detached: bool
) -> None:
    """Three servers and three databases stayed after a run of the tests was killed."""
    folder = tmp_path / "s"
    words = ["up", "--folder", str(folder), *BARE, *(["--detached"] if detached else [])]
    starting = (
        "import subprocess, sys, time;"
        f"subprocess.Popen([sys.executable, '-m', 'workers.stack', *{words!r}]);"
        "time.sleep(3600)"
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", starting, cwd=ROOT)
    try:
        await stands(folder, "ready")
    finally:
        await killed(parent)

    if detached:
        await asyncio.sleep(1)
        assert status(folder).stage == "ready"
        assert await down(folder)
        return
    await stands(folder, "stopped")
    assert not children_of(folder)


async def test_kill_9_leaves_no_process_behind_for_long(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    process = await started(folder, *BARE)
    children = children_of(folder)
    assert len(children) == 2

    await killed(process)

    _, alive = await asyncio.to_thread(psutil.wait_procs, children, 75)
    assert alive == []


async def test_a_left_over_postgres_is_ended_before_a_new_one_starts(tmp_path: Path) -> None:
    """What happens where the kernel does not end children with their parent."""
    folder = tmp_path / "s"
    process = await started(folder, *BARE)
    children = children_of(folder)
    for child in children:
        child.suspend()  # so that it misses its parent's end
    await killed(process)
    await asyncio.sleep(0.2)
    for child in children:
        child.resume()

    second = await started(folder, *BARE)

    assert {child.pid for child in children_of(folder)}.isdisjoint(c.pid for c in children)
    await killed(second)


async def test_a_second_up_says_so_and_leaves_with_3(stack: RunningStack) -> None:
    process = await command("up", "--folder", str(stack.folder.root))

    _, told = await process.communicate()

    assert process.returncode == 3
    assert "已在运行" in told.decode()


async def test_down_stops_it_and_the_settings_go(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    process = await started(folder, *BARE)

    assert await down(folder) is True

    await process.communicate()
    assert process.returncode == 0
    assert status(folder).stage == "stopped"
    assert not (folder / "stack.env").exists()
    assert await down(folder) is False


async def test_a_part_that_dies_is_started_again(tmp_path: Path) -> None:
    async with running(tmp_path / "s", options=StackOptions(with_workers=False)) as ready:
        before = ready.children["postgres"].pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        for _ in range(600):
            await asyncio.sleep(0.1)
            try:
                async with database(ready.folder.root):
                    break
            except (OSError, asyncpg.PostgresError):
                continue

        async with database(ready.folder.root) as connection:
            assert await connection.fetchval("SELECT 1") == 1
        assert ready.children["postgres"].pid != before


async def test_nothing_outside_the_folder_changes_its_mode(tmp_path: Path) -> None:
    """As root the usual ways open every folder above; a private HOME must stay private."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    watched = [home, Path.home(), ROOT, Path(sys.prefix), tmp_path]
    before = [path.stat().st_mode for path in watched]
    accounts = Path("/etc/passwd").read_bytes()

    async with running(home / "s", options=StackOptions(with_workers=False)):
        pass

    assert [path.stat().st_mode for path in watched] == before
    assert Path("/etc/passwd").read_bytes() == accounts


async def test_data_without_its_keys_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s" / "postgres").mkdir(parents=True)

    with pytest.raises(StackRefusedError) as refused:
        async with running(tmp_path / "s"):
            pass

    assert refused.value.code == "keys_missing"
    assert not (tmp_path / "s" / "keys.env").exists()


async def test_a_fixed_port_in_use_is_refused(stack: RunningStack, tmp_path: Path) -> None:
    taken = StackOptions(ports={"temporal": stack.ports["temporal"]}, with_workers=False)

    with pytest.raises(StackRefusedError) as refused:
        async with running(tmp_path / "s", options=taken):
            pass

    assert refused.value.code == "port_taken"


async def test_files_with_secrets_are_private(stack: RunningStack) -> None:
    modes = [f.stat().st_mode & 0o777 for f in (stack.folder.keys_file, stack.folder.settings_file)]

    assert modes == [0o600, 0o600]
    assert stack.folder.root.stat().st_mode & 0o077 == 0


async def test_postgres_does_not_run_as_root(stack: RunningStack) -> None:
    process = psutil.Process(stack.children["postgres"].pid)

    assert process.uids().effective != 0
    assert owner(stack.folder.postgres).uid in (-1, process.uids().effective)


async def test_histories_are_kept_for_ten_years(stack: RunningStack) -> None:
    from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest

    client = await connect(stack.settings)
    found = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )

    assert found.config.workflow_execution_retention_ttl.ToTimedelta() == RETENTION


async def test_an_open_case_the_code_does_not_know_stops_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    async with running(folder, options=StackOptions(with_workers=False)) as bare:
        await a_waiting_workflow(await connect(bare.settings), "application-lost")

    with pytest.raises(StackRefusedError, match="application-lost") as refused:
        async with running(folder):
            pass

    assert refused.value.code == "replay_broken"


async def test_a_stack_with_workers_is_ready_in_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    async with (
        running(folder) as ready,
        aiohttp.ClientSession() as http,
        http.get(f"http://127.0.0.1:{ready.ports['health']}/readyz") as answer,
    ):
        found = await answer.json()
        assert (found["temporal"], found["postgres"]) == ("ok", "ok")
        assert found["subjects"] in ("ok", "not looked yet")


async def test_the_console_is_a_part_of_the_stack_where_it_is_asked_for(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    asked = StackOptions(with_workers=False, with_interface=False, with_console=True)
    async with running(folder, options=asked) as ready, aiohttp.ClientSession() as http:
        address = status(folder).addresses["console"]
        assert ready.settings.console_url == address
        async with http.get(f"{address}/", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["location"]) == (303, "/denglu")
        async with http.get(f"{address}/denglu") as answer:
            assert answer.status == 200
            assert "server" not in answer.headers
            assert "登录" in await answer.text()


def a_message() -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "补正通知", "a@b.cn", "c@d.cn"
    message.set_content("请于三个工作日内补正。")
    return message


def send(stack: RunningStack, to: str = "c@d.cn") -> None:
    with smtplib.SMTP("127.0.0.1", stack.ports["smtp"]) as client:
        client.sendmail("a@b.cn", [to], a_message().as_bytes())


async def test_the_mail_sink_keeps_every_message(stack: RunningStack) -> None:
    before = set(stack.folder.mail.glob("*.eml"))

    await asyncio.to_thread(send, stack)

    [kept] = set(stack.folder.mail.glob("*.eml")) - before
    assert b"X-Envelope-To: c@d.cn" in kept.read_bytes()


@pytest.mark.parametrize("code", [451, 550])
async def test_the_mail_sink_refuses_by_rule(stack: RunningStack, code: int) -> None:
    rules = stack.folder.mail / "rules.json"
    rules.write_text(json.dumps({"bad@d.cn": {"code": code}}))

    with pytest.raises(smtplib.SMTPDataError) as refused:
        await asyncio.to_thread(send, stack, "bad@d.cn")

    assert refused.value.smtp_code == code


async def test_the_mail_sink_can_hang_up_after_data(stack: RunningStack) -> None:
    rules = stack.folder.mail / "rules.json"
    rules.write_text(json.dumps({"lost@d.cn": {"drop_after_data": True}}))
    before = len(list(stack.folder.mail.glob("*.eml")))

    with pytest.raises(smtplib.SMTPServerDisconnected):
        await asyncio.to_thread(send, stack, "lost@d.cn")

    assert len(list(stack.folder.mail.glob("*.eml"))) == before + 1


async def ask(stack: RunningStack, check: str, **question: Any) -> tuple[int, dict[str, Any]]:
    url = f"{stack.settings.verification_url}/v1/checks/{check}"
    async with aiohttp.ClientSession() as http, http.post(url, json=question) as answer:
        return answer.status, await answer.json()


async def test_a_person_not_on_record_is_verified_as_stated(stack: RunningStack) -> None:
    answer = await ask(stack, "degree", person="p-1", id_hash="h", stated={"degree": "硕士"})

    assert answer == (200, {"result": "verified", "found": {"degree": "硕士"}})


async def test_another_fact_on_record_is_a_mismatch(stack: RunningStack) -> None:
    record = {"p-2": {"social_insurance_unit": {"unit": "甲厂"}}}
    (stack.folder.data_sharing / "people.json").write_text(json.dumps(record))

    answer = await ask(stack, "social_insurance_unit", person="p-2", stated={"unit": "乙厂"})

    assert answer == (200, {"result": "mismatch", "found": {"unit": "甲厂"}})


async def test_an_override_makes_the_gateway_fail(stack: RunningStack) -> None:
    overrides = {"p-3": {"*": {"status": 503}}, "p-4": {"degree": {"result": "unknown"}}}
    (stack.folder.data_sharing / "overrides.json").write_text(json.dumps(overrides))

    assert (await ask(stack, "degree", person="p-3"))[0] == 503
    assert (await ask(stack, "degree", person="p-4"))[1]["result"] == "unknown"


async def test_an_unknown_check_and_a_malformed_question_are_told(stack: RunningStack) -> None:
    assert (await ask(stack, "astrology", person="p"))[0] == 404
    assert (await ask(stack, "degree"))[0] == 400
